/* state: what is remembered between runs and can be rebuilt: the ticket index, open findings, what was not looked at,
 * dismissals, when each job last succeeded, names of stores given as a PATH.  One SQLite file, mode 0600.
 *
 * It holds no content of a ticket: message keys, keyed digests, masked samples, counts.  Errors are DS_ERROR_LEDGER.
 * A crash loses at most what can be found again.  Without begin, each call is a transaction of its own.  Functions that
 * return strings or containers return new ones.  A DsState is used by one thread; several processes may have the file
 * open. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _DsState DsState;

/* Made with its folder when absent.  A newer version's file is refused; an older one is brought up to date. */
DsState *ds_state_open (const char *path, GError **error);
void ds_state_close (DsState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsState, ds_state_close)

/* Between them writes are gathered: for speed, not to be undone together.  At times, between two calls, what was gathered
 * is committed and others are let in, so that a hook can write during a long scan; another's write waits for at most a
 * minute, so don't hold it while nothing is written.  After an error close the state. */
gboolean ds_state_begin (DsState *state, GError **error);
gboolean ds_state_commit (DsState *state, GError **error);

/* ---- stores given as a PATH: their REF name stands for the path later; path is sealed, being of a form that tells nothing ---- */
gboolean ds_state_remember_path (DsState *state, const char *store, const char *path, GError **error);
/* New string, or NULL without error if unknown. */
char *ds_state_path_of (DsState *state, const char *store, GError **error);

/* ---- the ticket index: which message belongs to which ticket ---- */

/* What a message says of its thread.  All digests are keyed; NULL-terminated arrays. */
typedef struct
{
  const char *own;               /* digest of its Message-ID, or NULL */
  const char *const *references; /* digests of References and In-Reply-To */
  const char *ticket;            /* what ticket_pattern found in its subject, or NULL */
} DsThread;

/* Enters a message (again: harmless) and tells its ticket (new string): the number in its subject, else that of a message
 * it refers to or that refers to it, else a new thread's: "t" and 12 hexadecimal digits derived from own, or from the
 * message's key (more digits in the rare case that another thread has these).  When threads prove to be one, the later name
 * becomes an alias of the earlier, and keeps working; a name from ticket_pattern wins over a thread's.
 *
 * A message is linked to one other, once: the nearest it refers to that is known, else the nearest, which is awaited.  So a
 * message that refers to two threads is in one of them and does not make them one; a parent that comes late brings its
 * answers with it.  Where every message's parent is in the store, the order in which they are entered does not matter to
 * who is together with whom.
 *
 * Two tickets with names from ticket_pattern never become one: a message that refers to both keeps its own number, or goes
 * to the nearest it refers to; a thread between them goes to the first that claims it.  Of more than 100 references the
 * first and the last 99 count.  locator: where it was seen; may be NULL. */
char *ds_state_index_message (DsState *state, const char *store, const char *message, const char *locator,
                              const DsThread *thread, GError **error);
/* The present ticket of an indexed message (aliases followed; new string); NULL without error if it is not indexed. */
char *ds_state_ticket_of (DsState *state, const char *store, const char *message, GError **error);
/* The name that a ticket's name stands for now (itself if no alias; new string). */
char *ds_state_resolve_ticket (DsState *state, const char *store, const char *ticket, GError **error);
/* For a locator that changed; nothing happens if the message is not indexed. */
gboolean ds_state_set_locator (DsState *state, const char *store, const char *message, const char *locator, GError **error);
/* Messages that are no longer in the store.  Between begin and end every message of the store must be shown to seen or
 * index_message: end drops all others that were indexed at the beginning, with their open findings and blind spots.  So
 * only a whole and faultless listing may be ended; without end nothing is dropped.  The names of tickets stay known.
 * seen: *known_r is FALSE if the message is not indexed yet; a new locator is noted. */
gboolean ds_state_begin_listing (DsState *state, const char *store, GError **error);
gboolean ds_state_seen (DsState *state, const char *store, const char *message, const char *locator, gboolean *known_r,
                        GError **error);
/* A folder that could not be listed: no message whose key begins so is dropped at the end. */
void ds_state_hidden (DsState *state, const char *store, const char *prefix);
gboolean ds_state_end_listing (DsState *state, const char *store, GError **error);

typedef struct
{
  char *message;
  char *locator;
} DsIndexed;
void ds_indexed_free (DsIndexed *indexed);
/* The messages of a ticket (under any of its names), in the order they were entered; empty if there are none.  GPtrArray of
 * DsIndexed. */
GPtrArray *ds_state_messages_of (DsState *state, const char *store, const char *ticket, GError **error);
/* Calls visit for each ticket of the store that has messages, under its present name, in the order of the names; FALSE from
 * visit stops with its error. */
typedef gboolean (*DsTicketVisit) (const char *ticket, gpointer data, GError **error);
gboolean ds_state_each_ticket (DsState *state, const char *store, DsTicketVisit visit, gpointer data, GError **error);

/* ---- open findings and blind spots, for the report ---- */

/* Strings may be NULL but for store and message (and reason).  The ticket shown to visit is the one that the message belongs
 * to now; those of dismissed fingerprints are not shown.  Strings given to visit last until it returns; it must not change
 * open findings.  The order is that in which messages, and the findings of each, were entered. */
typedef struct
{
  const char *store, *ticket, *message, *part, *text, *where, *rule, *kind, *masked, *fingerprint, *queue;
  guint score;
} DsOpenFinding;
typedef struct
{
  const char *store, *ticket, *message, *part, *reason;
} DsBlindSpot;

/* Forgets what was open in a message, before its new findings are entered (or when it was changed or is gone). */
gboolean ds_state_forget_message (DsState *state, const char *store, const char *message, GError **error);
/* One place of a value in one text of one part; or (text and fingerprint NULL) a whole part with all below it. */
typedef struct
{
  const char *part, *text, *fingerprint;
  guint score;
} DsRemoved;

/* Forgets what a change removed from a message: of a value as many places as are named, those with the score first.  removed is
 * sorted. */
gboolean ds_state_forget_removed (DsState *state, const char *store, const char *message, DsRemoved *removed, gsize n, GError **error);
gboolean ds_state_add_open (DsState *state, const DsOpenFinding *finding, GError **error);
gboolean ds_state_add_blind (DsState *state, const DsBlindSpot *spot, GError **error);
typedef gboolean (*DsOpenVisit) (const DsOpenFinding *finding, gpointer data, GError **error);
typedef gboolean (*DsBlindVisit) (const DsBlindSpot *spot, gpointer data, GError **error);
/* store may be NULL: all. */
gboolean ds_state_each_open (DsState *state, const char *store, DsOpenVisit visit, gpointer data, GError **error);
gboolean ds_state_each_blind (DsState *state, const char *store, DsBlindVisit visit, gpointer data, GError **error);

/* ---- dismissals: a false alarm stays dismissed; of the value only the keyed fingerprint and the masked sample are kept ---- */
typedef struct
{
  const char *fingerprint;
  /* What was dismissed, as it was found first: each may be NULL. */
  const char *rule, *kind, *masked, *store, *ticket, *message, *part;
  const char *who;   /* a system user */
  const char *actor; /* for whom, or NULL */
  const char *case_reference; /* or NULL */
  const char *time;  /* UTC: 2024-05-31T08:15:00Z; given by ds_state_dismiss */
} DsDismissal;
/* Again: the later one counts.  Outside begin/commit it is on the disk when it returns, as is its end. */
gboolean ds_state_dismiss (DsState *state, const DsDismissal *dismissal, GError **error);
/* The value is a finding again; nothing happens if it was not dismissed. */
gboolean ds_state_end_dismissal (DsState *state, const char *fingerprint, GError **error);
/* In the order of their times.  Strings given to visit last until it returns; it must not change dismissals. */
typedef gboolean (*DsDismissalVisit) (const DsDismissal *dismissal, gpointer data, GError **error);
gboolean ds_state_each_dismissal (DsState *state, DsDismissalVisit visit, gpointer data, GError **error);
/* All fingerprints, as keys of a set that owns them. */
GHashTable *ds_state_dismissed (DsState *state, GError **error);

/* ---- recovery: how far of the ledger nothing is open in a store ---- */
gboolean ds_state_settled (DsState *state, const char *store, const char *head, GError **error);
/* The ledger's head then (new string), or NULL without error if unknown. */
char *ds_state_settled_head (DsState *state, const char *store, GError **error);

/* ---- blobs that ended or overran their worker ---- */
/* One more try of a content, by its digest, with that reason.  program: what tried it; the tries of another are forgotten, and
 * those of more than 30 days ago. */
gboolean ds_state_add_poison (DsState *state, const char *digest, guint64 size, const char *program, const char *reason, GError **error);
/* Those of the last 30 days by the same program.  Strings given to visit last until it returns. */
typedef void (*DsPoisonVisit) (const char *digest, guint64 size, const char *reason, guint tries, gpointer data);
gboolean ds_state_each_poison (DsState *state, const char *program, DsPoisonVisit visit, gpointer data, GError **error);

/* ---- when each job last succeeded, for `status` ---- */
/* store may be NULL: the job concerns none, or all; each_job then gives "". */
gboolean ds_state_job_done (DsState *state, const char *command, const char *store, gboolean success, GError **error);
typedef struct
{
  const char *command, *store, *last_success, *last_attempt; /* UTC: 2024-05-31T08:15:00Z; last_success may be NULL */
} DsJob;
typedef gboolean (*DsJobVisit) (const DsJob *job, gpointer data, GError **error);
gboolean ds_state_each_job (DsState *state, DsJobVisit visit, gpointer data, GError **error);

G_END_DECLS
