/* run/batch: changes gathered until they are put together: intents durable, store put, each read back, outcomes recorded.
 *
 * A store that is rewritten whole by every put (ops->spool) gets as much in one as can be kept, so that the cost of a run
 * grows with the store and not with its square; any other gets some hundred messages. */
#pragma once
#include "run/change.h"

G_BEGIN_DECLS

typedef struct _DsBatch DsBatch;

/* Both borrowed. */
DsBatch *ds_batch_new (DsSession *session, DsChangeTotals *totals);
void ds_batch_free (DsBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsBatch, ds_batch_free)

/* after: the digest of bytes.  entries: of DsEntry, the change's intents. */
gboolean ds_batch_add (DsBatch *batch, const DsExaminedTicket *ticket, const DsExaminedBlob *blob, const char *action, const char *after,
                       GBytes *bytes, const GPtrArray *entries, GError **error);
guint ds_batch_size (const DsBatch *batch);
gboolean ds_batch_is_full (const DsBatch *batch);
/* TRUE when it has been gathered for so much longer than the last put took that a put now costs little in proportion. */
gboolean ds_batch_is_ripe (const DsBatch *batch);
/* Puts all of it, and is empty then.  What fails for one message costs that only.  FALSE: the run must stop. */
gboolean ds_batch_put (DsBatch *batch, GError **error);

G_END_DECLS
