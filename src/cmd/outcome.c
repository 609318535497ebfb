#include "config.h"
#include "cmd/outcome.h"
#include "run/perform.h"

static void
add_left (GString *text, guint n, const char *where)
{
  if (n > 0)
    g_string_append_printf (text, "%s%u in %s", text->len > 0 ? ", " : "", n, where);
}

/* "3 values, 23 places: 20 removed, 3 left in headers (setting)". */
static char *
sentence (const DsChangeTotals *totals)
{
  guint left = totals->left_headers + totals->left_metadata + totals->left_elsewhere + totals->left_unchanged;
  g_autoptr (GString) where = g_string_new (NULL);
  add_left (where, totals->left_headers, "headers (setting)");
  add_left (where, totals->left_metadata, "metadata (setting)");
  add_left (where, totals->left_elsewhere, "other places");
  add_left (where, totals->left_unchanged, "messages not changed");
  GString *text = g_string_new (NULL);
  gboolean nothing = totals->edits + totals->shreds + left == 0 && totals->already_done > 0;
  if ((totals->edits + left > 0 || totals->shreds == 0) && !nothing)
    g_string_append_printf (text, "%u value%s, %u place%s: %u removed, %u left%s%s%s.", totals->values, totals->values == 1 ? "" : "s",
                          totals->edits + left, totals->edits + left == 1 ? "" : "s", totals->edits, left, left > 0 ? " (" : "",
                          where->str, left > 0 ? ")" : "");
  if (totals->shreds > 0)
    g_string_append_printf (text, "%s%u attachment%s shredded.", text->len > 0 ? " " : "", totals->shreds, totals->shreds == 1 ? "" : "s");
  if (totals->already_done > 0)
    g_string_append_printf (text, "%sAlready done: %u.", text->len > 0 ? " " : "", totals->already_done);
  return g_string_free (text, FALSE);
}

static char *
number (guint64 n)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, n);
}

static void
write_row (DsWriter *writer, const DsChangeTotals *totals)
{
  static const DsColumn columns[] = {
    { "tickets", "Tickets", 0, DS_COLUMN_NUMBER },        { "messages", "Messages", 0, DS_COLUMN_NUMBER },
    { "removed", "Removed", 0, DS_COLUMN_NUMBER },        { "shredded", "Shredded", 0, DS_COLUMN_NUMBER },
    { "values", "Values", 0, DS_COLUMN_NUMBER },          { "left_headers", "Left in headers", 15, DS_COLUMN_NUMBER | DS_COLUMN_MACHINE },
    { "left_metadata", "", 0, DS_COLUMN_NUMBER | DS_COLUMN_MACHINE }, { "left_elsewhere", "", 0, DS_COLUMN_NUMBER | DS_COLUMN_MACHINE },
    { "left_unchanged", "", 0, DS_COLUMN_NUMBER | DS_COLUMN_MACHINE },
    { "failed", "Failed", 0, DS_COLUMN_NUMBER },          { "refused", "Refused", 0, DS_COLUMN_NUMBER },
    { "not_looked_at", "Not looked at", 13, DS_COLUMN_NUMBER },
    { "residual_links", "", 0, DS_COLUMN_NUMBER | DS_COLUMN_MACHINE }, { "already_done", "", 0, DS_COLUMN_NUMBER | DS_COLUMN_MACHINE },
    { "given_missing", "", 0, DS_COLUMN_NUMBER | DS_COLUMN_MACHINE },
  };
  g_autofree char *tickets = number (totals->tickets);
  g_autofree char *messages = number (totals->messages);
  g_autofree char *edits = number (totals->edits);
  g_autofree char *shreds = number (totals->shreds);
  g_autofree char *values = number (totals->values);
  g_autofree char *headers = number (totals->left_headers);
  g_autofree char *metadata = number (totals->left_metadata);
  g_autofree char *elsewhere = number (totals->left_elsewhere);
  g_autofree char *unchanged = number (totals->left_unchanged);
  g_autofree char *failed = number (totals->failed);
  g_autofree char *refused = number (totals->changed_by_another + totals->refused);
  g_autofree char *blind = number (totals->not_looked_at);
  g_autofree char *links = number (totals->residual_links);
  g_autofree char *done = number (totals->already_done);
  g_autofree char *missing = number (totals->given_missing);
  const char *row[] = { tickets, messages, edits, shreds, values, headers, metadata, elsewhere, unchanged, failed, refused, blind, links, done,
                        missing };
  ds_writer_section (writer, "outcome", NULL, columns, G_N_ELEMENTS (columns));
  ds_writer_row (writer, row);
}

static gboolean
write_outcome (DsOutput *output, const DsSession *session, const DsChangeTotals *totals, GError **error)
{
  DsWriter *writer = ds_output_writer (output);
  const char *facts[] = { "store", session->store_name, "run", session->run, NULL };
  ds_writer_begin (writer, ds_output_format (output) == DS_FORMAT_HTML ? "What was changed" : NULL,
                   ds_output_format (output) == DS_FORMAT_TEXT ? NULL : facts);
  write_row (writer, totals);
  g_autofree char *text = sentence (totals);
  ds_writer_note (writer, text);
  if (session->options->verbose)
    {
      g_autofree char *run = g_strdup_printf ("Run %s; bytes of the changed messages: %" G_GUINT64_FORMAT " before, %" G_GUINT64_FORMAT " after.",
                                              session->run, totals->bytes_before, totals->bytes_after);
      ds_writer_note (writer, run);
    }
  if (totals->signatures_broken > 0)
    ds_writer_note (writer, "A signed message was changed: its signature no longer holds.");
  if (totals->residual_links > 0)
    ds_writer_note (writer, "Some messages have further hard links: those still hold the old content.");
  for (guint i = 0; i < totals->problems->len; i++)
    ds_writer_note (writer, g_ptr_array_index (totals->problems, i));
  return ds_output_close (output, error);
}

int
ds_outcome_finish (DsOutput *output, const DsSession *session, DsChangeTotals *totals, gboolean ok, gboolean strict, GError **error)
{
  gboolean written = TRUE;
  if (ok)
    written = write_outcome (output, session, totals, error);
  else if (totals->messages > 0)
    write_outcome (output, session, totals, NULL); /* the error that stopped the run counts */
  int status = ds_change_totals_status (totals, strict);
  ds_change_totals_clear (totals);
  return ok && written ? status : -1;
}
