/* cmd/outcome: what a change did, told to a person: redact, shred and apply end with it. */
#pragma once
#include "cmd/output.h"
#include "run/change.h"

G_BEGIN_DECLS

/* Ends a change: tells what was done, also when the run had to stop (ok FALSE, *error set), and clears totals.  The exit
 * status, or -1 with the error. */
int ds_outcome_finish (DsOutput *output, const DsSession *session, DsChangeTotals *totals, gboolean ok, gboolean strict, GError **error);

G_END_DECLS
