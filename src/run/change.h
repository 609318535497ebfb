/* run/change: examined tickets become changed ones: new bytes proved, intents durable, store put, read back, done.
 *
 * Changes are gathered into batches over tickets, so that an mbox is rewritten once per batch.  The locks of a batch's
 * tickets are held until it is through. */
#pragma once
#include "run/intent.h"

G_BEGIN_DECLS

typedef struct
{
  guint tickets, messages; /* changed */
  guint edits, shreds;
  guint values;
  guint64 bytes_before, bytes_after;
  guint left_headers, left_metadata, left_elsewhere;
  guint tombstones; /* parts named to be shredded that are tombstones already */
  guint failed, changed_by_another, refused, not_looked_at, residual_links;
  guint signatures_broken;
  GPtrArray *problems;         /* of char *: "REF: why", for people */
  GHashTable *changed_tickets; /* names */
} DsChangeTotals;

typedef struct _DsChanger DsChanger;

/* From here on SIGINT and SIGTERM end the run between two tickets (DS_ERROR_LEDGER), with what was begun carried through. */
DsChanger *ds_changer_new (DsSession *session, const DsWarrant *warrant, DsChangeTotals *totals);
void ds_changer_free (DsChanger *changer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsChanger, ds_changer_free)

/* Locks the ticket, examines it under the lock, makes its new bytes; what fails costs its message only.  FALSE: the run
 * must stop. */
gboolean ds_changer_ticket (DsChanger *changer, const char *ticket, const DsOrder *order, GError **error);
/* Everything gathered goes into ledger and store now.  To be called at the end. */
gboolean ds_changer_flush (DsChanger *changer, GError **error);

void ds_change_totals_init (DsChangeTotals *totals);
void ds_change_totals_clear (DsChangeTotals *totals);

G_END_DECLS
