#include "config.h"
#include "report/writer-private.h"
#include <string.h>

/* json-glib is not used to write: its generator (1.6) emits U+001F raw, which no parser takes, emits C1 and bidirectional
 * controls raw, which drive a terminal, and costs a node a cell. */

typedef struct
{
  GString *line;
  GString *start;  /* {"type":"finding" */
  GPtrArray *keys; /* char *: ,"store": for each shown column */
} Jsonl;

static gpointer
state_new (DsWriter *writer G_GNUC_UNUSED)
{
  Jsonl *jsonl = g_new0 (Jsonl, 1);
  jsonl->line = g_string_new (NULL);
  jsonl->start = g_string_new (NULL);
  jsonl->keys = g_ptr_array_new_with_free_func (g_free);
  return jsonl;
}

static void
state_free (gpointer state)
{
  Jsonl *jsonl = state;
  g_string_free (jsonl->line, TRUE);
  g_string_free (jsonl->start, TRUE);
  g_ptr_array_unref (jsonl->keys);
  g_free (jsonl);
}

static void
append_escaped (GString *out, gunichar c)
{
  switch (c)
    {
    case '"':
      g_string_append (out, "\\\"");
      break;
    case '\\':
      g_string_append (out, "\\\\");
      break;
    case '\n':
      g_string_append (out, "\\n");
      break;
    case '\t':
      g_string_append (out, "\\t");
      break;
    default: /* all unsafe characters are in the basic plane: no surrogates */
      g_string_append_printf (out, "\\u%04x", c);
    }
}

/* RFC 8259, section 7. */
static void
append_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *at = text; *at != '\0';)
    {
      const char *start = at;
      while (*at >= ' ' && *at < 0x7F && *at != '"' && *at != '\\')
        at++;
      g_string_append_len (out, start, at - start);
      if (*at == '\0')
        break;
      start = at;
      gunichar c;
      if (!ds_writer_next_character (&at, &c))
        append_escaped (out, 0xFFFD);
      else if (c == '"' || c == '\\' || ds_writer_is_unsafe (c))
        append_escaped (out, c);
      else
        g_string_append_len (out, start, at - start);
    }
  g_string_append_c (out, '"');
}

static void
append_member (GString *out, const char *key, const char *value, gboolean number)
{
  g_string_append_c (out, ',');
  append_string (out, key);
  g_string_append_c (out, ':');
  if (number && ds_writer_is_number (value))
    g_string_append (out, value);
  else
    append_string (out, value);
}

/* "email 3, phone 1" as an object; a name may hold spaces, its number does not. */
static void
append_counts (GString *out, const char *text)
{
  g_auto (GStrv) counts = g_strsplit (text, ", ", -1);
  g_string_append_c (out, '{');
  for (guint i = 0; counts[i] != NULL; i++)
    {
      char *number = strrchr (counts[i], ' ');
      if (number == NULL || !ds_writer_is_number (number + 1))
        continue;
      *number = '\0';
      if (out->str[out->len - 1] != '{')
        g_string_append_c (out, ',');
      append_string (out, counts[i]);
      g_string_append_printf (out, ":%s", number + 1);
    }
  g_string_append_c (out, '}');
}

static void
append_cell (GString *out, const char *cell, DsColumnFlags flags)
{
  if ((flags & DS_COLUMN_COUNTS) != 0)
    append_counts (out, cell);
  else if ((flags & DS_COLUMN_NUMBER) != 0 && ds_writer_is_number (cell))
    g_string_append (out, cell);
  else
    append_string (out, cell);
}

static void
put_line (DsWriter *writer, GString *line)
{
  g_string_append (line, "}\n");
  ds_writer_put (writer, line);
  g_string_truncate (line, 0);
}

static void
begin (DsWriter *writer, const char *title, const char *const *facts)
{
  Jsonl *jsonl = writer->state;
  g_string_append (jsonl->line, "{\"type\":\"header\",\"version\":1");
  if (title != NULL)
    append_member (jsonl->line, "title", title, FALSE);
  for (; facts[0] != NULL; facts += 2)
    append_member (jsonl->line, facts[0], facts[1], FALSE);
  put_line (writer, jsonl->line);
}

static void
section (DsWriter *writer)
{
  Jsonl *jsonl = writer->state;
  g_string_assign (jsonl->start, "{\"type\":");
  append_string (jsonl->start, writer->type);
  g_ptr_array_set_size (jsonl->keys, 0);
  for (guint i = 0; i < writer->shown->len; i++)
    {
      GString *key = g_string_new (",");
      append_string (key, ds_writer_column (writer, i)->key);
      g_string_append_c (key, ':');
      g_ptr_array_add (jsonl->keys, g_string_free (key, FALSE));
    }
}

static void
row (DsWriter *writer, const char *const *cells)
{
  Jsonl *jsonl = writer->state;
  g_string_append_len (jsonl->line, jsonl->start->str, (gssize) jsonl->start->len);
  for (guint i = 0; i < writer->shown->len; i++)
    {
      if (cells[i] == NULL)
        continue;
      g_string_append (jsonl->line, g_ptr_array_index (jsonl->keys, i));
      append_cell (jsonl->line, cells[i], ds_writer_column (writer, i)->flags);
    }
  put_line (writer, jsonl->line);
}

static void
nothing (DsWriter *writer G_GNUC_UNUSED)
{
}

static void
note (DsWriter *writer, const char *text)
{
  Jsonl *jsonl = writer->state;
  g_string_append (jsonl->line, "{\"type\":\"note\"");
  append_member (jsonl->line, "text", text, FALSE);
  put_line (writer, jsonl->line);
}

static void
figure (DsWriter *writer, const char *key, const char *label, const char *value)
{
  Jsonl *jsonl = writer->state;
  g_string_append (jsonl->line, "{\"type\":\"figure\"");
  append_member (jsonl->line, "key", key, FALSE);
  append_member (jsonl->line, "label", label, FALSE);
  append_member (jsonl->line, "value", value, TRUE);
  put_line (writer, jsonl->line);
}

const DsWriterFormat ds_writer_jsonl = {
  .name = "jsonl",
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
