/* cmd/outcome: what a change did, told to a person: redact, shred and apply end with it. */
#pragma once
#include "cmd/output.h"
#include "run/change.h"

G_BEGIN_DECLS

gboolean ds_outcome_write (DsOutput *output, const DsSession *session, const DsChangeTotals *totals, GError **error);

G_END_DECLS
