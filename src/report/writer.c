#include "config.h"
#include "report/writer-private.h"
#include "base/error.h"
#include <errno.h>
#include <string.h>

static const DsWriterFormat *const formats[] = {
  [DS_FORMAT_TEXT] = &ds_writer_text,
  [DS_FORMAT_CSV] = &ds_writer_csv,
  [DS_FORMAT_JSONL] = &ds_writer_jsonl,
  [DS_FORMAT_HTML] = &ds_writer_html,
};

gboolean
ds_format_from_name (const char *name, DsFormat *format_r)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (strcmp (name, formats[i]->name) == 0)
      {
        *format_r = (DsFormat) i;
        return TRUE;
      }
  return FALSE;
}

DsWriter *
ds_writer_new (DsFormat format, FILE *out, guint columns, gboolean colour)
{
  DsWriter *writer = g_new0 (DsWriter, 1);
  writer->format = formats[format];
  writer->out = out;
  writer->columns = columns;
  writer->colour = colour;
  writer->shown = g_array_new (FALSE, FALSE, sizeof (DsColumn));
  writer->indices = g_array_new (FALSE, FALSE, sizeof (guint));
  writer->cells = g_ptr_array_new ();
  writer->state = writer->format->state_new (writer);
  return writer;
}

void
ds_writer_free (DsWriter *writer)
{
  if (writer == NULL)
    return;
  writer->format->state_free (writer->state);
  g_ptr_array_unref (writer->cells);
  g_array_unref (writer->indices);
  g_array_unref (writer->shown);
  g_free (writer->title);
  g_free (writer->type);
  g_free (writer);
}

static void
close_section (DsWriter *writer)
{
  if (!writer->open)
    return;
  writer->format->section_end (writer);
  writer->open = FALSE;
}

void
ds_writer_begin (DsWriter *writer, const char *title, const char *const *facts)
{
  static const char *const none[] = { NULL };
  writer->format->begin (writer, title, facts != NULL ? facts : none);
  ds_writer_check (writer, writer->out);
}

static void
show_columns (DsWriter *writer, const DsColumn *columns, guint n)
{
  g_array_set_size (writer->shown, 0);
  g_array_set_size (writer->indices, 0);
  for (guint i = 0; i < n; i++)
    if ((columns[i].flags & writer->format->hidden) == 0)
      {
        g_array_append_val (writer->shown, columns[i]);
        g_array_append_val (writer->indices, i);
      }
}

void
ds_writer_section (DsWriter *writer, const char *type, const char *title, const DsColumn *columns, guint n)
{
  close_section (writer);
  g_free (writer->type);
  g_free (writer->title);
  writer->type = g_strdup (type);
  writer->title = g_strdup (title);
  writer->rows = 0;
  writer->open = TRUE;
  show_columns (writer, columns, n);
  writer->format->section (writer);
  ds_writer_check (writer, writer->out);
}

void
ds_writer_row (DsWriter *writer, const char *const *cells)
{
  g_return_if_fail (writer->open);
  g_ptr_array_set_size (writer->cells, 0);
  for (guint i = 0; i < writer->indices->len; i++)
    g_ptr_array_add (writer->cells, (gpointer) cells[g_array_index (writer->indices, guint, i)]);
  writer->format->row (writer, (const char *const *) writer->cells->pdata);
  writer->rows++;
  ds_writer_check (writer, writer->out);
}

void
ds_writer_note (DsWriter *writer, const char *text)
{
  close_section (writer);
  writer->format->note (writer, text);
  ds_writer_check (writer, writer->out);
}

void
ds_writer_figure (DsWriter *writer, const char *key, const char *label, const char *value)
{
  close_section (writer);
  writer->format->figure (writer, key, label, value);
  ds_writer_check (writer, writer->out);
}

gboolean
ds_writer_check_output (const DsWriter *writer, GError **error)
{
  if (writer->code == 0)
    return TRUE;
  ds_error_set_output (error, writer->code);
  return FALSE;
}

gboolean
ds_writer_end (DsWriter *writer, GError **error)
{
  close_section (writer);
  writer->format->end (writer);
  fflush (writer->out);
  ds_writer_check (writer, writer->out);
  return ds_writer_check_output (writer, error);
}

const DsColumn *
ds_writer_column (const DsWriter *writer, guint i)
{
  return &g_array_index (writer->shown, DsColumn, i);
}

void
ds_writer_put (DsWriter *writer, const GString *text)
{
  fwrite (text->str, 1, text->len, writer->out);
}

void
ds_writer_check (DsWriter *writer, FILE *stream)
{
  if (writer->code == 0 && ferror (stream))
    writer->code = errno != 0 ? errno : EIO;
}

gboolean
ds_writer_is_unsafe (gunichar c)
{
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

gboolean
ds_writer_next_character (const char **at, gunichar *c_r)
{
  gunichar c = g_utf8_get_char_validated (*at, -1);
  if (c >= (gunichar) -2)
    {
      *c_r = (guchar) *(*at)++;
      return FALSE;
    }
  *c_r = c;
  *at = g_utf8_next_char (*at);
  return TRUE;
}

void
ds_writer_append_visible (GString *out, const char *text, const char *keep)
{
  for (const char *at = text; *at != '\0';)
    {
      const char *start = at;
      while (*at >= ' ' && *at < 0x7F) /* most text is only this; bytes from 0x80 on end it, char signed or not */
        at++;
      g_string_append_len (out, start, at - start);
      if (*at == '\0')
        return;
      start = at;
      gunichar c;
      gboolean valid = ds_writer_next_character (&at, &c);
      gboolean kept = valid && (!ds_writer_is_unsafe (c) || (c < 0x80 && strchr (keep, (int) c) != NULL));
      if (kept)
        g_string_append_len (out, start, at - start);
      else if (c > 0xFF)
        g_string_append_printf (out, "\\u{%04X}", c);
      else
        g_string_append_printf (out, "\\x%02X", c);
    }
}

void
ds_writer_append_label (GString *out, const char *key)
{
  gsize start = out->len;
  ds_writer_append_visible (out, key, "");
  for (char *at = out->str + start; *at != '\0'; at++)
    if (*at == '_')
      *at = ' ';
  out->str[start] = g_ascii_toupper (out->str[start]);
}

static const char *
skip_digits (const char *at)
{
  while (g_ascii_isdigit (*at))
    at++;
  return at;
}

gboolean
ds_writer_is_number (const char *text)
{
  const char *digits = text + (*text == '-');
  const char *at = skip_digits (digits);
  if (at == digits || (*digits == '0' && at > digits + 1))
    return FALSE;
  if (*at == '.')
    {
      const char *fraction = at + 1;
      at = skip_digits (fraction);
      if (at == fraction)
        return FALSE;
    }
  if (*at == 'e' || *at == 'E')
    {
      const char *exponent = at + 1 + (at[1] == '+' || at[1] == '-');
      at = skip_digits (exponent);
      if (at == exponent)
        return FALSE;
    }
  return *at == '\0';
}
