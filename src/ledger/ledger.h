/* ledger: the append-only, hash-chained record of every change and every scan of a configured store (DESIGN 4.4).
 *
 * Knows no mail.  An entry holds no content: names are codes, masks, counts, keyed digests.  A change of state is a new
 * entry with the same action id.  Times are UTC.  Errors are DS_ERROR_LEDGER unless said otherwise.
 *
 * The file is an SQLite database with application_id 0x64736c47 ("dslG"), user_version 1, and one table, entries, with
 * one column a field.  Absent is NULL, also for a size of -1.  Triggers refuse UPDATE and DELETE, and an INSERT that does
 * not follow the last entry.
 *
 * The chain, so that anyone can check it: an entry's hash is the SHA-256 (FIPS 180-4), in lower-case hexadecimal, of
 *
 *   deskshred-ledger-1\n          1 is the entry's column "version"
 *   sequence:LENGTH:VALUE\n
 *   state:LENGTH:VALUE\n
 *   size:LENGTH:VALUE\n
 *   time:LENGTH:VALUE\n           and so on through the strings of DsEntry below, in that order, up to spans
 *   previous:64:HASH\n            the hash of the entry before; of entry 1: 64 zeros
 *
 * where \n is one line feed, VALUE the UTF-8 text (numbers in decimal) and LENGTH its length in bytes, in decimal.  NULL is
 * "NAME:-\n", an empty text "NAME:0:\n".  What the chain alone can't show, since everything in the file could be written
 * anew, a head kept elsewhere shows (ds_ledger_head, ds_ledger_verify). */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  DS_STATE_INTENT,
  DS_STATE_DONE,
  DS_STATE_FAILED,
  DS_STATE_ABANDONED,
  DS_STATE_SCAN,
  DS_STATE_POLICY_CONFIRMED,
} DsEntryState;

const char *ds_entry_state_name (DsEntryState state); /* "intent", "done", ... */
/* FALSE if there is no such state. */
gboolean ds_entry_state_from_name (const char *name, DsEntryState *state_r);

/* One entry.  Strings may be NULL (absent); all are owned by the entry. */
typedef struct
{
  gint64 sequence; /* 1, 2, 3, ...: given by append */
  char *time;      /* "2026-11-22T10:00:00.123Z": given by append */
  DsEntryState state;
  char *run;         /* random id of the run */
  char *action_id;   /* random id of the action; it stands in tombstones */
  char *system_user; /* who ran the program */
  char *actor;       /* whom a hook claims to act for */
  char *command;     /* "redact", "apply", ... */
  char *store;
  char *incarnation;
  char *ticket;
  char *message;
  char *part;
  char *queue;
  char *extension;
  char *media_type;
  gint64 size;   /* bytes of the part, or before; -1 if unknown */
  char *action;  /* redact, shred, ... */
  char *kinds;   /* "email=2 iban=1", sorted; scan: found by kind */
  char *detail;  /* scan: not looked at by reason, "not-looked-at-encrypted=2", messages=, parts=, and how many queues
                    are never read, excluded-queues=;
                    change: "removed=20 left=3"; policy-confirmed: "digest=DIGEST" of the policy */
  char *rules;   /* "email@global/1#1a2b3c4d ...": rule, pack, version, digest of the rule */
  char *policy;
  char *reason;  /* code */
  char *case_reference;
  char *ground;
  char *legal_basis;
  char *key_id;
  char *digest_before; /* keyed */
  char *digest_after;
  char *spans; /* redact: "1.2 visible 10-26 credit-card FINGERPRINT;..." so that it can be done again */
  char *hash;  /* 64 hexadecimal digits: given by append */
} DsEntry;

/* size is -1, everything else absent. */
DsEntry *ds_entry_new (DsEntryState state);
void ds_entry_free (DsEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsEntry, ds_entry_free)

typedef struct _DsLedger DsLedger;

/* Opens for appending, making it when create.  A ledger of a newer version, a file that is no ledger, and one that
 * group or others may write are refused, and left as they are. */
DsLedger *ds_ledger_open (const char *path, gboolean create, GError **error);
/* Opens for reading only.  SQLite needs path-wal and path-shm beside it, or a folder where it may make them. */
DsLedger *ds_ledger_open_read (const char *path, GError **error);
void ds_ledger_close (DsLedger *ledger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsLedger, ds_ledger_close)

/* Appends all entries (GPtrArray of DsEntry) in one durable transaction, filling in sequence, time and hash.  After TRUE
 * they survive a power cut; after FALSE none is there.  Serialised against other processes by SQLite's write lock.
 * time is never before that of the entry before, even if the clock was set back.  Refused: a text that is not UTF-8, an
 * intent without an action id, a size below -1. */
gboolean ds_ledger_append (DsLedger *ledger, GPtrArray *entries, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What to read; NULL or 0 means no restriction. */
typedef struct
{
  const char *store, *ticket, *message, *action_id, *run, *actor;
  const char *since, *until; /* time texts, [since, until) */
  const char *state;         /* a name, as ds_entry_state_name gives it */
  gint64 from_sequence;
  guint limit;
} DsEntryFilter;

/* Calls visit for each entry in order, one at a time in memory; the entry is borrowed.  Stops when visit returns FALSE:
 * with an error, that is each's result; without one, each returns TRUE.  All entries are of one state of the ledger,
 * whatever is appended meanwhile; visit itself must not append.  A malformed entry is an error; the chain is not checked. */
typedef gboolean (*DsEntryVisit) (const DsEntry *entry, gpointer data, GError **error);
gboolean ds_ledger_each (DsLedger *ledger, const DsEntryFilter *filter, DsEntryVisit visit, gpointer data, GError **error);

/* Intents of no finished action: no later entry of their action id has another state.  One action may have several.  In
 * order; store may be NULL (all).  GPtrArray of DsEntry, with a free function. */
GPtrArray *ds_ledger_open_intents (DsLedger *ledger, const char *store, GError **error);
/* The same of entries after a sequence, so many at most (0: all), but an action's intents that follow each other come
 * together. */
GPtrArray *ds_ledger_open_intents_after (DsLedger *ledger, const char *store, gint64 after, guint limit, GError **error);

/* The chain's head as "SEQUENCE:HASH" (new string); "0:" and 64 zeros when empty. */
char *ds_ledger_head (DsLedger *ledger, GError **error);
/* The id of the site key that the last entry with one was written with (new string); *key_id_r NULL if there is none. */
gboolean ds_ledger_key_id (DsLedger *ledger, char **key_id_r, GError **error);
/* The head as it was when the entry of that sequence was the last; NULL without error if there is none. */
char *ds_ledger_head_at (DsLedger *ledger, gint64 sequence, GError **error);

/* Checks everything: the schema and its triggers are exactly ours, sequences have no gap, every hash follows from its
 * fields and the one before, no field is malformed, times never go back, and SQLite finds the file sound.  head: one kept
 * elsewhere ("SEQUENCE:HASH", or NULL): the ledger must contain it, which alone shows a cut tail or a chain made anew;
 * DS_ERROR_USAGE if it is no head.  FALSE with an error that names the first entry at fault ("PATH: entry 17: ...").
 * *entries_r (or NULL): how many were found good. */
gboolean ds_ledger_verify (DsLedger *ledger, const char *head, gint64 *entries_r, GError **error);

/* The text fields of an entry in their canonical order, for writers and the encoding: a table of names and offsets, from
 * time to hash.  sequence, state and size, which are no texts, come before them and are not in it. */
typedef struct
{
  const char *name; /* column name, JSON key */
  gsize offset;     /* of the char * in DsEntry */
} DsEntryField;
extern const DsEntryField ds_entry_fields[];
extern const guint ds_entry_n_fields;
/* Where the i-th of them stands in an entry. */
char **ds_entry_field (const DsEntry *entry, guint i);

G_END_DECLS
