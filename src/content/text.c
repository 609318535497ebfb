#include "config.h"
#include "content/text.h"
#include <string.h>

DsText *
ds_text_new (DsTextKind kind, const char *name, char *utf8, gsize size, DsSpanMap *map)
{
  DsText *text = g_new0 (DsText, 1);
  text->kind = kind;
  text->name = g_strdup (name);
  text->utf8 = text->owned = utf8;
  text->size = size;
  text->map = map;
  return text;
}

void
ds_text_free (DsText *text)
{
  if (text == NULL)
    return;
  g_free (text->name);
  g_free (text->owned);
  ds_span_map_free (text->map);
  g_clear_pointer (&text->quotings, g_array_unref);
  g_clear_pointer (&text->runs, g_array_unref);
  g_free (text);
}

static void
run_clear (gpointer data)
{
  DsEncodedRun *run = data;
  g_array_unref (run->raw);
  g_free (run->parameter);
}

void
ds_text_add_run (DsText *text, gsize start, gsize end, GArray *raw, char *parameter)
{
  if (text->runs == NULL)
    {
      text->runs = g_array_new (FALSE, FALSE, sizeof (DsEncodedRun));
      g_array_set_clear_func (text->runs, run_clear);
    }
  DsEncodedRun run = { { start, end }, raw, parameter };
  g_array_append_val (text->runs, run);
}

void
ds_text_add_quoting (DsText *text, gsize start, gsize end, DsQuoting quoting)
{
  if (text->quotings == NULL)
    text->quotings = g_array_new (FALSE, FALSE, sizeof (DsQuotedSpan));
  DsQuotedSpan quoted = { { start, end }, quoting };
  g_array_append_val (text->quotings, quoted);
}

const DsQuotedSpan *
ds_text_quoted_at (const DsText *text, gsize start)
{
  guint low = 0, high = text->quotings != NULL ? text->quotings->len : 0;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const DsQuotedSpan *quoted = &g_array_index (text->quotings, DsQuotedSpan, middle);
      if (start < quoted->span.start)
        high = middle;
      else if (start >= quoted->span.end)
        low = middle + 1;
      else
        return quoted;
    }
  return NULL;
}

DsQuoting
ds_text_quoting_at (const DsText *text, gsize start)
{
  const DsQuotedSpan *quoted = ds_text_quoted_at (text, start);
  return quoted != NULL ? quoted->quoting : DS_QUOTING_NONE;
}

char *
ds_text_label (const DsText *text)
{
  static const char *const names[] = { "visible", "attribute", "comment", "header", "filename", "metadata" };
  if (text->kind == DS_TEXT_HEADER && text->name != NULL)
    return g_strdup_printf ("header:%s", text->name);
  return g_strdup (names[text->kind]);
}

void
ds_read_plain (const char *utf8, gsize size, GPtrArray *texts)
{
  DsText *text = ds_text_new (DS_TEXT_VISIBLE, NULL, NULL, size, ds_span_map_new_identity (size));
  text->utf8 = utf8;
  g_ptr_array_add (texts, text);
}

/* Media type or extension -> reader; the first row that fits counts.  A new content handler is a file and a row. */
static const struct
{
  const char *media_type; /* a whole type, "major/" for all of it, "+suffix" (RFC 6838, 4.2.8), or NULL */
  const char *extension;  /* or NULL */
  DsReader read;
} readers[] = {
  { "text/html", "html", ds_read_html },
  { NULL, "htm", ds_read_html },
  { "application/xhtml+xml", "xhtml", ds_read_html },
  { "text/watch-html", NULL, ds_read_html },
  { "text/x-amp-html", NULL, ds_read_html },
  { "text/x-watch-html", NULL, ds_read_html },
  { "text/xml", "xml", ds_read_xml },
  { "application/xml", "svg", ds_read_xml },
  { "+xml", NULL, ds_read_xml },
  { "application/json", "json", ds_read_json },
  { "application/x-ndjson", "jsonl", ds_read_json },
  { "+json", NULL, ds_read_json },
  { "text/calendar", "ics", ds_read_calendar },
  { "text/x-vcalendar", "vcs", ds_read_calendar },
  { "application/ics", NULL, ds_read_calendar },
  { "text/vcard", "vcf", ds_read_calendar },
  { "text/x-vcard", NULL, ds_read_calendar },
  { "text/directory", NULL, ds_read_calendar },
  { "text/", NULL, ds_read_plain },
  { "message/delivery-status", NULL, ds_read_plain },
  { "message/disposition-notification", NULL, ds_read_plain },
  { "application/sql", "sql", ds_read_plain },
  { "application/javascript", "js", ds_read_plain },
  { "application/x-sh", "sh", ds_read_plain },
  { "application/pgp-keys", "asc", ds_read_plain },
  { "application/csv", "csv", ds_read_plain },
  { NULL, "tsv", ds_read_plain },
  { NULL, "txt", ds_read_plain },
  { NULL, "log", ds_read_plain },
  { NULL, "md", ds_read_plain },
  { NULL, "ini", ds_read_plain },
  { NULL, "conf", ds_read_plain },
  { NULL, "cfg", ds_read_plain },
  { NULL, "yaml", ds_read_plain },
  { NULL, "yml", ds_read_plain },
  { NULL, "ldif", ds_read_plain },
};

static gboolean
type_fits (const char *pattern, const char *media_type)
{
  if (pattern == NULL || media_type == NULL)
    return FALSE;
  if (pattern[0] == '+')
    return g_str_has_suffix (media_type, pattern);
  if (g_str_has_suffix (pattern, "/"))
    return g_str_has_prefix (media_type, pattern);
  return g_str_equal (pattern, media_type);
}

static DsReader
reader_of_extension (const char *extension)
{
  for (guint i = 0; extension != NULL && i < G_N_ELEMENTS (readers); i++)
    if (g_strcmp0 (readers[i].extension, extension) == 0)
      return readers[i].read;
  return NULL;
}

static DsReader
reader_of_type (const char *media_type)
{
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    if (type_fits (readers[i].media_type, media_type))
      return readers[i].read;
  return NULL;
}

/* The extension counts where the type has no reader, or says no more than that it is text: senders choose both, and who
 * opens the file goes by its name. */
DsReader
ds_reader_for (const char *media_type, const char *extension)
{
  DsReader by_type = reader_of_type (media_type);
  gboolean vague = by_type == NULL || g_str_equal (media_type, "text/plain");
  DsReader by_name = vague ? reader_of_extension (extension) : NULL;
  return by_name != NULL ? by_name : by_type;
}
