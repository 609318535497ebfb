/* worker/blob-work: the work itself, as it is done inside a worker: bytes in, findings or new bytes out. */
#pragma once
#include "base/site-key.h"
#include "content/limits.h"
#include "detect/matcher.h"
#include "detect/ticket-pattern.h"
#include "detect/value-set.h"
#include "worker/task.h"

G_BEGIN_DECLS

/* What a worker has before the first task.  All borrowed. */
typedef struct
{
  DsMatcher *matcher;
  const DsSiteKey *key;
  const DsTicketPattern *ticket_pattern; /* or NULL */
  DsLimits limits;
} DsWorkSetup;

/* The blob's tree, compared with GMime's view: the same for scan and rewrite, so that leaves and texts have the same
 * numbers in both. */
DsTree *ds_work_open (const DsWorkSetup *setup, GBytes *blob, const DsBlobForm *form);

/* values: GPtrArray of DsWantedValue, set their automaton; both NULL when none are set. */
DsScanReply *ds_work_scan (const DsWorkSetup *setup, GPtrArray *values, const DsValueSet *set, GBytes *blob,
                           const DsScanRequest *request);
DsRewriteReply *ds_work_rewrite (const DsWorkSetup *setup, const DsValueSet *set, GBytes *blob, const DsRewriteRequest *request);

G_END_DECLS
