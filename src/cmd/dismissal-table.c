#include "config.h"
#include "cmd/dismissal-table.h"
#include "run/reference.h"

/* The fingerprint is never cut: --undo takes it. */
static const DsColumn columns[] = {
  { "kind", "Kind", 15, 0 },
  { "masked", "Sample", 14, 0 },
  { "rule", "Rule", 14, 0 },
  { "time", "Time (UTC)", 20, 0 },
  { "who", "By", 12, DS_COLUMN_HUMAN },
  { "system_user", "System user", 0, DS_COLUMN_MACHINE },
  { "actor", "On behalf of", 0, DS_COLUMN_MACHINE },
  { "case", "Case", 14, 0 },
  { "ref", "Reference", 44, DS_COLUMN_CODE },
  { "fingerprint", "Fingerprint", 32, DS_COLUMN_CODE },
  { "store", "Store", 0, DS_COLUMN_MACHINE },
};

void
ds_dismissal_table_begin (DsWriter *writer, const char *title)
{
  ds_writer_section (writer, "dismissal", title, columns, G_N_ELEMENTS (columns));
}

void
ds_dismissal_table_row (DsWriter *writer, const DsDismissal *d)
{
  g_autofree char *ref = d->store != NULL && d->ticket != NULL ? ds_reference_write (d->store, d->ticket, d->message, d->part) : NULL;
  g_autofree char *who = d->actor != NULL ? g_strdup_printf ("%s (%s)", d->actor, d->who) : g_strdup (d->who);
  const char *cells[] = { d->kind, d->masked, d->rule, d->time, who, d->who, d->actor, d->case_reference, ref, d->fingerprint, d->store };
  ds_writer_row (writer, cells);
}

typedef struct
{
  DsWriter *writer;
  const char *store;
  guint count;
} Rows;

static gboolean
show_row (const DsDismissal *dismissal, gpointer data, GError **error G_GNUC_UNUSED)
{
  Rows *rows = data;
  if (rows->store != NULL && g_strcmp0 (rows->store, dismissal->store) != 0)
    return TRUE;
  ds_dismissal_table_row (rows->writer, dismissal);
  rows->count++;
  return TRUE;
}

gboolean
ds_dismissal_table_rows (DsWriter *writer, DsState *state, const char *store, guint *count_r, GError **error)
{
  Rows rows = { writer, store, 0 };
  gboolean ok = state == NULL || ds_state_each_dismissal (state, show_row, &rows, error);
  *count_r = rows.count;
  return ok;
}
