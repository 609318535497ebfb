#include "config.h"
#include "report/writer-private.h"
#include <string.h>

typedef struct
{
  GString *line;
  GString *field;
  gboolean any; /* a section was written */
} Csv;

static gpointer
state_new (DsWriter *writer G_GNUC_UNUSED)
{
  Csv *csv = g_new0 (Csv, 1);
  csv->line = g_string_new (NULL);
  csv->field = g_string_new (NULL);
  return csv;
}

static void
state_free (gpointer state)
{
  Csv *csv = state;
  g_string_free (csv->line, TRUE);
  g_string_free (csv->field, TRUE);
  g_free (csv);
}

/* A spreadsheet takes such a cell for a formula, which can send the sheet's content elsewhere; some take the full-width
 * forms U+FF0B, U+FF0D, U+FF1D, U+FF20 for the same. */
static gboolean
is_formula (const char *text)
{
  if (*text == '\0' || ds_writer_is_number (text))
    return FALSE;
  return strchr ("=+-@\t\r\n", *text) != NULL || g_str_has_prefix (text, "\uFF0B") || g_str_has_prefix (text, "\uFF0D")
         || g_str_has_prefix (text, "\uFF1D") || g_str_has_prefix (text, "\uFF20");
}

/* RFC 4180 asks for quotes around commas, quotes and line breaks; some spreadsheets split at semicolons and tabs, and
 * trim spaces. */
static gboolean
needs_quotes (const char *text)
{
  gsize size = strlen (text);
  return size > 0 && (strpbrk (text, ",;\"\t\r\n") != NULL || *text == ' ' || text[size - 1] == ' ');
}

static void
append_field (Csv *csv, const char *text)
{
  g_string_truncate (csv->field, 0);
  if (is_formula (text))
    g_string_append_c (csv->field, '\'');
  ds_writer_append_visible (csv->field, text, "\t\r\n");
  if (!needs_quotes (csv->field->str))
    {
      g_string_append_len (csv->line, csv->field->str, (gssize) csv->field->len);
      return;
    }
  g_string_append_c (csv->line, '"');
  for (const char *at = csv->field->str; *at != '\0'; at++)
    {
      if (*at == '"')
        g_string_append_c (csv->line, '"');
      g_string_append_c (csv->line, *at);
    }
  g_string_append_c (csv->line, '"');
}

static void
put_line (DsWriter *writer, GString *line)
{
  if (line->len == 0) /* a single empty cell: an empty line would read as the end of the section */
    g_string_append (line, "\"\"");
  g_string_append (line, "\r\n");
  ds_writer_put (writer, line);
  g_string_truncate (line, 0);
}

static void
begin (DsWriter *writer G_GNUC_UNUSED, const char *title G_GNUC_UNUSED, const char *const *facts G_GNUC_UNUSED)
{
}

static void
section (DsWriter *writer)
{
  Csv *csv = writer->state;
  if (csv->any)
    fputs ("\r\n", writer->out);
  csv->any = TRUE;
  for (guint i = 0; i < writer->shown->len; i++)
    {
      if (i > 0)
        g_string_append_c (csv->line, ',');
      append_field (csv, ds_writer_column (writer, i)->key);
    }
  put_line (writer, csv->line);
}

static void
row (DsWriter *writer, const char *const *cells)
{
  Csv *csv = writer->state;
  for (guint i = 0; i < writer->shown->len; i++)
    {
      if (i > 0)
        g_string_append_c (csv->line, ',');
      if (cells[i] != NULL)
        append_field (csv, cells[i]);
    }
  put_line (writer, csv->line);
}

static void
nothing (DsWriter *writer G_GNUC_UNUSED)
{
}

static void
note (DsWriter *writer G_GNUC_UNUSED, const char *text G_GNUC_UNUSED)
{
}

static void
figure (DsWriter *writer G_GNUC_UNUSED, const char *key G_GNUC_UNUSED, const char *label G_GNUC_UNUSED,
        const char *value G_GNUC_UNUSED)
{
}

const DsWriterFormat ds_writer_csv = {
  .name = "csv",
  .hidden = DS_COLUMN_HUMAN,
  .state_new = state_new,
  .state_free = state_free,
  .begin = begin,
  .section = section,
  .row = row,
  .section_end = nothing,
  .note = note,
  .figure = figure,
  .end = nothing,
};
