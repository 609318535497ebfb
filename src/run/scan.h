/* run/scan: findings; changes nothing in the store. */
#pragma once
#include "run/listing.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 messages, blobs, parts, texts, bytes, text_bytes;
  guint64 findings;
  guint64 by_kind[DS_N_KINDS];
  GHashTable *not_looked_at; /* reason -> count (gsize in the pointer) */
  guint64 excluded;          /* messages in queues that are never read, as far as the store lists them at all */
  GPtrArray *excluded_queues; /* of char *, borrowed: queues that it would have looked at, if they were not never_read */
  guint64 dismissed;         /* findings that are not shown since they were dismissed */
  guint64 population;        /* of a sample: how many messages there are in all */
  guint64 expected;          /* messages that will be looked at; 0 if not known, or nobody asks for progress */
  double seconds;
} DsScanTotals;

void ds_scan_totals_clear (DsScanTotals *totals);

/* What a scan tells as it goes; all borrowed.  path: for --show-values. */
typedef struct
{
  gboolean (*finding) (const DsStoreItem *item, const char *ticket, const DsFinding *finding, gpointer data, GError **error);
  gboolean (*not_looked_at) (const DsStoreItem *item, const char *ticket, const char *part, const char *reason, gpointer data,
                             GError **error);
  void (*progress) (const DsScanTotals *totals, gpointer data); /* or NULL; else the store is listed once more, to count */
  gpointer data;
} DsScanVisitor;

/* keep_values: findings hold their values.  The state's open findings and the job table are brought up to date; for a
 * configured store the ledger (when open) gets a scan entry. */
gboolean ds_scan (DsSession *session, const DsSelection *selection, gboolean keep_values, const DsScanVisitor *visitor,
                  DsScanTotals *totals, GError **error);

G_END_DECLS
