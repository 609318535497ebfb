/* state/internal: what the files of state/ share.  Nobody else includes it. */
#pragma once
#include "base/database.h"
#include "state/state.h"

/* A prepared statement that the state keeps; leaving its scope resets it, so that it holds no read transaction open (a
 * later write would then fail as made on an old snapshot). */
typedef sqlite3_stmt DsKeptStatement;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsKeptStatement, sqlite3_reset)

struct _DsState
{
  sqlite3 *database;
  GHashTable *statements; /* address of an SQL literal -> sqlite3_stmt */
  GHashTable *listings;   /* store -> the listing that this process has begun (listing.c) */
  gboolean gathering;     /* between begin and commit */
  gint64 since;           /* when its present transaction began, monotonic microseconds */
  /* The message whose findings are being entered, so that it is not looked up for each of them.  Good for one transaction
   * only: between two, another process may forget it. */
  gint64 scanned; /* 0: none */
  gint64 next;    /* number of its next finding */
  char *scanned_store;
  char *scanned_message;
};

/* The kept statement for an SQL text, which must be a static array: its address is the key. */
DsKeptStatement *ds_state_statement (DsState *state, const char *sql, GError **error);

/* A transaction around several writes that belong together, unless the caller has one open; leave commits it, or rolls it
 * back when ok is FALSE, and gives ok back.  *mine_r goes from enter to leave. */
gboolean ds_state_enter (DsState *state, gboolean *mine_r, GError **error);
gboolean ds_state_leave (DsState *state, gboolean mine, gboolean ok, GError **error);
/* Lets others write if a gathering has held the file for long; between two operations only. */
gboolean ds_state_breathe (DsState *state, GError **error);
/* Forgets which message's findings are being entered. */
void ds_state_forget_scanned (DsState *state);

/* schema.c: makes a blank file ours, brings an older version up to date, refuses what is not ours. */
gboolean ds_state_schema (sqlite3 *database, GError **error);

/* tickets.c: tickets that proved to be one are a class, with one ticket as its root. */
typedef struct
{
  gint64 id;         /* of the root */
  gint64 size;       /* tickets in the class */
  gint64 shown;      /* the ticket whose name stands for all */
  gboolean numbered; /* that name came from ticket_pattern */
} DsTicketClass;

gboolean ds_ticket_class_of (DsState *state, gint64 ticket, DsTicketClass *class_r, GError **error);
/* *id_r is 0 if there is no ticket of that name. */
gboolean ds_ticket_by_name (DsState *state, const char *store, const char *name, gint64 *id_r, GError **error);
/* The name that stands for a class now; new string. */
char *ds_ticket_class_name (DsState *state, const DsTicketClass *class, GError **error);
/* The class with a name from ticket_pattern, made if need be. */
gboolean ds_ticket_class_numbered (DsState *state, const char *store, const char *name, DsTicketClass *class_r,
                                   GError **error);
/* A new thread, named after its first message's digest. */
gboolean ds_ticket_class_new (DsState *state, const char *store, const char *digest, DsTicketClass *class_r, GError **error);
/* Makes one of both, in *class, unless both have a name from ticket_pattern: such tickets stay apart. */
gboolean ds_ticket_class_join (DsState *state, DsTicketClass *class, const DsTicketClass *other, GError **error);

/* thread.c: the class that a message belongs to, by its subject's number and what it refers to; enters its digests. */
gboolean ds_thread_place (DsState *state, const char *store, const char *message, const DsThread *thread,
                          DsTicketClass *class_r, GError **error);

/* listing.c: notes that a message was seen, if this process is listing its store. */
void ds_listing_note (DsState *state, const char *store, gint64 sequence);
void ds_listing_free (gpointer listing);

/* messages.c: where a message stands in the index: its sequence (0: it is not there), ticket, locator (new string). */
typedef struct
{
  gint64 sequence;
  gint64 ticket;
  char *locator;
} DsIndexRow;
gboolean ds_index_row (DsState *state, const char *store, const char *message, DsIndexRow *row_r, GError **error);
