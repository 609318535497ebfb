/* run/change: examined tickets become changed ones: new bytes proved, intents durable, store put, read back, done.
 *
 * Changes are gathered into batches over tickets (batch.h), so that an mbox is rewritten once per batch.  The locks of a
 * batch's tickets are held until it is through. */
#pragma once
#include "run/intent.h"
#include "run/recovery.h"

G_BEGIN_DECLS

typedef struct
{
  guint tickets, messages; /* changed */
  guint edits, shreds;
  guint values;
  guint64 bytes_before, bytes_after;
  guint left_headers, left_metadata, left_elsewhere;
  guint left_unchanged; /* places that were to be changed, in messages that then were not */
  guint given_missing; /* given values that were found nowhere */
  guint tombstones; /* parts named to be shredded that are tombstones already */
  guint failed, changed_by_another, refused, not_looked_at, residual_links;
  guint already_done; /* lines of a plan that were carried out before */
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
/* Tells of interrupted changes that could not be settled. */
void ds_change_totals_recovered (DsChangeTotals *totals, const DsRecovered *recovered);
/* Counts the messages of which nobody knows the ticket: they were not looked at, and a change of all that there is failed in them. */
void ds_change_totals_unindexed (DsChangeTotals *totals, const DsSession *session);
/* Notes for people that something went wrong with a message, or (NULL) with a ticket. */
void ds_change_totals_problem (DsChangeTotals *totals, const DsSession *session, const char *ticket, const char *message, const char *why);

G_END_DECLS
