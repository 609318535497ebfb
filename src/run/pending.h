/* run/pending: one message's change, from its new bytes to its outcome in the ledger.
 *
 * A batch may hold tens of thousands of them: new bytes, ledger entries and what will no longer be open lie in the batch's
 * spool, and a few hundred bytes each stay in memory. */
#pragma once
#include "run/intent.h"
#include "store/spool.h"

G_BEGIN_DECLS

typedef struct
{
  DsChange change; /* its strings are those below */
  char *message, *locator, *before, *after, *action;
  char *ticket;
  guint edits, shreds;
  guint64 size_before, size_after;
  guint64 facts; /* place in the spool */
  gboolean is_signed;
  gboolean unsettled; /* made, and could not be read again: its intent stays open, and the next run settles it */
} DsPending;

/* entries: of DsEntry, intents.  bytes: the new ones; a store without a spool of its own keeps them in memory.  NULL with
 * DS_ERROR_STORE if the spool fails. */
DsPending *ds_pending_new (const DsExaminedTicket *ticket, const DsExaminedBlob *blob, const char *action, const char *after, GBytes *bytes,
                           const GPtrArray *entries, DsSpool *spool, GError **error);
void ds_pending_free (DsPending *pending);

/* What the spool keeps of a change. */
typedef struct
{
  GPtrArray *entries; /* of DsEntry: intents */
  GArray *removed;    /* of DsRemoved; its texts lie in bytes */
  GBytes *bytes;
} DsPendingFacts;

DsPendingFacts *ds_pending_facts (const DsPending *pending, const DsSpool *spool, GError **error);
void ds_pending_facts_free (DsPendingFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsPendingFacts, ds_pending_facts_free)

G_END_DECLS
