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
  guint64 excluded;          /* messages in queues that are never read */
  guint64 population;        /* of a sample: how many messages there are in all */
  double seconds;
} DsScanTotals;

void ds_scan_totals_clear (DsScanTotals *totals);

/* What a scan tells as it goes; all borrowed.  path: for --show-values. */
typedef struct
{
  gboolean (*finding) (const DsStoreItem *item, const char *ticket, const DsFinding *finding, gpointer data, GError **error);
  gboolean (*not_looked_at) (const DsStoreItem *item, const char *ticket, const char *part, const char *reason, gpointer data,
                             GError **error);
  void (*progress) (const DsScanTotals *totals, gpointer data); /* or NULL */
  gpointer data;
} DsScanVisitor;

/* keep_values: findings hold their values.  The state's open findings and the job table are brought up to date; for a
 * configured store the ledger (when open) gets a scan entry. */
gboolean ds_scan (DsSession *session, const DsSelection *selection, gboolean keep_values, const DsScanVisitor *visitor,
                  DsScanTotals *totals, GError **error);

G_END_DECLS
