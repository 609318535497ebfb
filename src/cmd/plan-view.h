/* cmd/plan-view: a plan as a person reads it: its totals, when it was made or again from its file, and its lines. */
#pragma once
#include "cmd/output.h"
#include "run/plan.h"

G_BEGIN_DECLS

/* The totals as tables and a sentence.  of_store: what is left and was not looked at is known too (a plan's file says only
 * what would be done). */
void ds_plan_view_totals (DsWriter *writer, const DsConfiguration *configuration, const DsPlanTotals *totals, gboolean of_store);

/* Every line of a plan's file, and the totals of those that are in it. */
gboolean ds_plan_view (const DsSession *session, FILE *in, const char *path, DsOutput *output, GError **error);

G_END_DECLS
