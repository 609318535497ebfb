/* cmd/dismissal-table: dismissals as rows of a table: `dismiss --list` and the report. */
#pragma once
#include "report/writer.h"
#include "state/state.h"

G_BEGIN_DECLS

/* Begins a section of them; NULL for no title. */
void ds_dismissal_table_begin (DsWriter *writer, const char *title);
void ds_dismissal_table_row (DsWriter *writer, const DsDismissal *dismissal);

/* All dismissals of a store (NULL: of all) as rows; state may be NULL.  *count_r: how many. */
gboolean ds_dismissal_table_rows (DsWriter *writer, DsState *state, const char *store, guint *count_r, GError **error);

G_END_DECLS
