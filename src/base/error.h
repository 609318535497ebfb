/* base/error: the one error domain, and how grave each error is.
 *
 * Errors are graded (DESIGN: item, store, run): an item error is counted and the run goes on, a store error stops that
 * store, a ledger error stops everything.  Only main.c prints an error and turns its code into an exit status.
 * No message of this domain may hold a ticket's content, a value, or a file name taken from a ticket. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define DS_ERROR (ds_error_quark ())

typedef enum
{
  DS_ERROR_USAGE,   /* the command line is wrong (exit 2) */
  DS_ERROR_CONFIG,  /* configuration, pack, plan or key file is wrong; the message names file and line (exit 2) */
  DS_ERROR_LOCKED,  /* a lock was not had in time (exit 75, EX_TEMPFAIL) */
  DS_ERROR_STORE,   /* the store failed: this store stops (exit 3) */
  DS_ERROR_LEDGER,  /* ledger or state failed, or the disk: the run stops (exit 3) */
  DS_ERROR_REFUSED, /* refused by a rule of ours: permission, brake, another store's plan (exit 4) */
  DS_ERROR_CHANGED, /* item: the content is not what was expected (changed by another) */
  DS_ERROR_GONE,    /* item: the message is no longer there */
  DS_ERROR_LIMIT,   /* item: larger than a limit allows */
  DS_ERROR_ITEM,    /* item: anything else that concerns one message only (exit 1) */
  DS_ERROR_READER,  /* who read our output went away, as `head` does: nothing is said (exit 141, as of one whom SIGPIPE ended) */
} DsErrorCode;

GQuark ds_error_quark (void);

/* The exit status that an error leads to, DESIGN 4.1.  Foreign domains (GOption: 2; all others: 3). */
int ds_error_exit_status (const GError *error);

/* TRUE if the error concerns one message only, so that the run may go on. */
gboolean ds_error_is_item (const GError *error);
/* TRUE if it concerns one message that may be there as it was, for all that is known: it was not seen to be changed or gone. */
gboolean ds_error_is_unsure (const GError *error);

/* Sets that the output cannot be written, for this errno: DS_ERROR_READER for a closed pipe, else DS_ERROR_LEDGER. */
void ds_error_set_output (GError **error, int code);

G_END_DECLS
