#include "config.h"
#include "report/writer-private.h"
#include <string.h>

/* A table that is too wide for the terminal is laid in lanes: each row takes a line per lane, the later ones indented, so
 * that every column stays readable.  Elsewhere there is one lane. */

#define GAP 2        /* spaces between columns */
#define INDENT 4     /* of the second and later lanes */
#define LEAST_WIDE 16 /* a WIDE column is not made narrower than this */

typedef struct
{
  guint start; /* where on its line the column begins, in character cells */
  guint width;
  gboolean lane; /* the first one of a lane */
  gboolean wide;
  gboolean number;
} Field;

/* What of a WIDE cell stands on further lines. */
typedef struct
{
  const char *at; /* in the cell; borrowed */
  guint start, room;
} Rest;

typedef enum
{
  BLOCK_NONE,
  BLOCK_FIGURE,
  BLOCK_OTHER,
} Block;

typedef struct
{
  GString *line;
  GArray *fields;   /* Field */
  GPtrArray *cells; /* GString: the row's cells, made visible */
  GArray *widths;   /* guint: their widths */
  GArray *rests;    /* Rest: of the lane that is written */
  guint columns;    /* of the terminal; 0: none */
  const char *bold;
  const char *plain;
  Block last; /* what was written last */
} Text;

static void
string_free (gpointer string)
{
  g_string_free (string, TRUE);
}

static gpointer
state_new (DsWriter *writer)
{
  Text *text = g_new0 (Text, 1);
  text->line = g_string_new (NULL);
  text->fields = g_array_new (FALSE, TRUE, sizeof (Field));
  text->cells = g_ptr_array_new_with_free_func (string_free);
  text->widths = g_array_new (FALSE, TRUE, sizeof (guint));
  text->rests = g_array_new (FALSE, FALSE, sizeof (Rest));
  text->columns = writer->columns;
  text->bold = writer->colour ? "\033[1m" : "";
  text->plain = writer->colour ? "\033[0m" : "";
  return text;
}

static void
state_free (gpointer state)
{
  Text *text = state;
  g_string_free (text->line, TRUE);
  g_array_unref (text->fields);
  g_ptr_array_unref (text->cells);
  g_array_unref (text->widths);
  g_array_unref (text->rests);
  g_free (text);
}

static guint
character_width (gunichar c)
{
  if (c < 0x300) /* below the first combining mark nothing but the soft hyphen is in doubt */
    return 1;
  return g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
}

static guint
display_width (const char *visible)
{
  guint width = 0;
  for (const char *at = visible; *at != '\0'; at = g_utf8_next_char (at))
    width += character_width (g_utf8_get_char (at));
  return width;
}

/* The bytes of a visible text that stand on one line of room, and their width: up to a blank, if one is in reach. */
static gsize
line_bytes (const char *visible, guint room, guint *width_r)
{
  const char *at = visible, *blank = NULL;
  guint width = 0, blank_width = 0;
  while (*at != '\0')
    {
      if (*at == ' ' && at > visible)
        {
          blank = at;
          blank_width = width;
        }
      guint more = character_width (g_utf8_get_char (at));
      if (width + more > room && at > visible)
        break;
      width += more;
      at = g_utf8_next_char (at);
    }
  gboolean whole = *at == '\0';
  *width_r = whole || blank == NULL ? width : blank_width;
  return (gsize) ((whole || blank == NULL ? at : blank) - visible);
}

static void
pad (GString *line, guint n)
{
  for (; n > 0; n--)
    g_string_append_c (line, ' ');
}

static void
put_line (DsWriter *writer, GString *line)
{
  gsize length = line->len;
  while (length > 0 && line->str[length - 1] == ' ')
    length--;
  g_string_truncate (line, length);
  g_string_append_c (line, '\n');
  ds_writer_put (writer, line);
  g_string_truncate (line, 0);
}

/* An empty line between blocks; figures stand together. */
static void
begin_block (DsWriter *writer, Block block)
{
  Text *text = writer->state;
  if (text->last != BLOCK_NONE && (block == BLOCK_OTHER || text->last != block))
    fputc ('\n', writer->out);
  text->last = block;
}

static void
put_heading (DsWriter *writer, const char *title, char underline)
{
  Text *text = writer->state;
  g_autoptr (GString) visible = g_string_new (NULL);
  ds_writer_append_visible (visible, title, "");
  g_string_append_printf (text->line, "%s%s%s", text->bold, visible->str, text->plain);
  put_line (writer, text->line);
  for (guint n = display_width (visible->str); n > 0; n--)
    g_string_append_c (text->line, underline);
  put_line (writer, text->line);
}

static guint
label_width (const char *const *facts)
{
  guint most = 0;
  g_autoptr (GString) label = g_string_new (NULL);
  for (; facts[0] != NULL; facts += 2)
    {
      g_string_truncate (label, 0);
      ds_writer_append_label (label, facts[0]);
      most = MAX (most, display_width (label->str));
    }
  return most;
}

static void
begin (DsWriter *writer, const char *title, const char *const *facts)
{
  Text *text = writer->state;
  if (title != NULL)
    {
      begin_block (writer, BLOCK_OTHER);
      put_heading (writer, title, '=');
    }
  if (facts[0] != NULL)
    begin_block (writer, BLOCK_OTHER);
  guint width = label_width (facts);
  for (; facts[0] != NULL; facts += 2)
    {
      ds_writer_append_label (text->line, facts[0]);
      pad (text->line, width + GAP - display_width (text->line->str));
      ds_writer_append_visible (text->line, facts[1], "");
      put_line (writer, text->line);
    }
}

static Field *
field_at (Text *text, guint i)
{
  return &g_array_index (text->fields, Field, i);
}

/* The end of the lane that begins at from. */
static guint
lane_end (Text *text, guint from)
{
  guint to = from + 1;
  while (to < text->fields->len && !field_at (text, to)->lane)
    to++;
  return to;
}

/* Gives the room that a lane leaves over to its WIDE columns, and sets where its columns begin. */
static void
lay_lane (Text *text, guint from, guint to, guint indent)
{
  guint used = indent, wide = 0;
  for (guint i = from; i < to; i++)
    {
      used += field_at (text, i)->width + (i > from ? GAP : 0);
      wide += field_at (text, i)->wide;
    }
  guint share = wide > 0 && text->columns > used ? (text->columns - used) / wide : 0;
  guint start = indent;
  for (guint i = from; i < to; i++)
    {
      Field *field = field_at (text, i);
      field->start = start;
      field->width += field->wide ? share : 0;
      start += field->width + GAP;
    }
}

static Field
make_field (Text *text, const DsColumn *column)
{
  Field field = { .wide = (column->flags & DS_COLUMN_WIDE) != 0, .number = (column->flags & DS_COLUMN_NUMBER) != 0 };
  guint usual = field.wide && text->columns > 0 ? MIN (column->width, LEAST_WIDE) : column->width;
  field.width = MAX (usual, display_width (column->title));
  return field;
}

static void
lay_out (DsWriter *writer)
{
  Text *text = writer->state;
  g_array_set_size (text->fields, 0);
  guint at = 0;
  for (guint i = 0; i < writer->shown->len; i++)
    {
      Field field = make_field (text, ds_writer_column (writer, i));
      guint end = at + GAP + field.width;
      field.lane = i == 0 || (text->columns > 0 && end > text->columns);
      at = i == 0 ? field.width : field.lane ? INDENT + field.width : end;
      g_array_append_val (text->fields, field);
    }
  for (guint from = 0, to; from < text->fields->len; from = to)
    {
      to = lane_end (text, from);
      lay_lane (text, from, to, from > 0 ? INDENT : 0);
    }
}

/* How far the cells [from, to) exceed their columns in all. */
static guint
excess (Text *text, guint from, guint to)
{
  guint sum = 0;
  for (guint i = from; i < to; i++)
    {
      guint width = g_array_index (text->widths, guint, i);
      guint room = field_at (text, i)->width;
      sum += !field_at (text, i)->wide && width > room ? width - room : 0;
    }
  return sum;
}

/* The further lines of a lane's WIDE cells, each below its first one. */
static void
put_rests (DsWriter *writer)
{
  Text *text = writer->state;
  while (text->rests->len > 0)
    {
      guint at = 0;
      for (guint i = 0; i < text->rests->len;)
        {
          Rest *rest = &g_array_index (text->rests, Rest, i);
          guint width = 0;
          rest->at += *rest->at == ' ';
          gsize bytes = line_bytes (rest->at, rest->room, &width);
          pad (text->line, rest->start - MIN (at, rest->start));
          g_string_append_len (text->line, rest->at, (gssize) bytes);
          at = rest->start + width;
          rest->at += bytes;
          if (*rest->at == '\0')
            g_array_remove_index (text->rests, i);
          else
            i++;
        }
      put_line (writer, text->line);
    }
}

/* A cell that is longer than its column pushes what follows, which falls back in line as soon as there is room; on a
 * terminal a WIDE cell gives up what the longer ones need, and goes on below. */
static void
put_lane (DsWriter *writer, guint from, guint to)
{
  Text *text = writer->state;
  guint at = 0, shift = 0;
  for (guint i = from; i < to; i++)
    {
      Field *field = field_at (text, i);
      const GString *cell = g_ptr_array_index (text->cells, i);
      guint width = g_array_index (text->widths, guint, i);
      gsize length = cell->len;
      guint end = field->start + field->width - shift;
      guint start = MAX (field->start - shift, i > from ? at + GAP : 0);
      if (field->wide && text->columns > 0)
        {
          guint later = excess (text, i + 1, to);
          guint asked = later > shift ? later - shift : 0; /* the rest an earlier WIDE cell gave already */
          guint least = MIN (field->width, LEAST_WIDE);
          guint room = end > start + asked + least ? end - start - asked : least;
          gsize bytes = line_bytes (cell->str, room, &width);
          const Rest rest = { cell->str + bytes, start, room };
          if (bytes < cell->len)
            g_array_append_val (text->rests, rest);
          length = bytes;
          shift += MIN (asked, field->width - least);
        }
      if (field->number && start + width < end)
        start = end - width;
      pad (text->line, start - at);
      g_string_append_len (text->line, cell->str, (gssize) length);
      at = start + width;
    }
  put_line (writer, text->line);
  put_rests (writer);
}

static void
set_cell (Text *text, guint i, const char *cell)
{
  while (text->cells->len <= i)
    g_ptr_array_add (text->cells, g_string_new (NULL));
  if (text->widths->len <= i)
    g_array_set_size (text->widths, i + 1);
  GString *visible = g_ptr_array_index (text->cells, i);
  g_string_truncate (visible, 0);
  ds_writer_append_visible (visible, cell != NULL ? cell : "", "");
  g_array_index (text->widths, guint, i) = display_width (visible->str);
}

static void
put_lanes (DsWriter *writer)
{
  Text *text = writer->state;
  for (guint from = 0, to; from < text->fields->len; from = to)
    {
      to = lane_end (text, from);
      put_lane (writer, from, to);
    }
}

static void
section (DsWriter *writer)
{
  lay_out (writer);
  if (writer->title == NULL)
    return;
  begin_block (writer, BLOCK_OTHER);
  put_heading (writer, writer->title, '-');
}

/* With the first row only: an empty table has no headings. */
static void
put_column_titles (DsWriter *writer)
{
  Text *text = writer->state;
  if (writer->title == NULL)
    begin_block (writer, BLOCK_OTHER);
  for (guint i = 0; i < writer->shown->len; i++)
    set_cell (text, i, ds_writer_column (writer, i)->title);
  fputs (text->bold, writer->out);
  put_lanes (writer);
  fputs (text->plain, writer->out);
}

static void
row (DsWriter *writer, const char *const *cells)
{
  if (writer->rows == 0)
    put_column_titles (writer);
  for (guint i = 0; i < writer->shown->len; i++)
    set_cell (writer->state, i, cells[i]);
  put_lanes (writer);
}

static void
section_end (DsWriter *writer)
{
  if (writer->rows == 0 && writer->title != NULL)
    fputs ("None.\n", writer->out);
}

/* One line of a note, its words wrapped on a terminal. */
static void
put_paragraph (DsWriter *writer, const char *paragraph)
{
  Text *text = writer->state;
  g_autoptr (GString) visible = g_string_new (NULL);
  ds_writer_append_visible (visible, paragraph, "");
  g_auto (GStrv) words = g_strsplit (visible->str, " ", -1);
  guint at = 0;
  for (guint i = 0; words[i] != NULL; i++)
    {
      guint width = display_width (words[i]);
      if (text->columns > 0 && at > 0 && at + 1 + width > text->columns)
        {
          put_line (writer, text->line);
          at = 0;
        }
      if (at > 0)
        g_string_append_c (text->line, ' ');
      g_string_append (text->line, words[i]);
      at += width + (at > 0);
    }
  put_line (writer, text->line);
}

static void
note (DsWriter *writer, const char *paragraphs)
{
  begin_block (writer, BLOCK_OTHER);
  g_auto (GStrv) lines = g_strsplit (paragraphs, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    put_paragraph (writer, lines[i]);
}

static void
figure (DsWriter *writer, const char *key G_GNUC_UNUSED, const char *label, const char *value)
{
  Text *text = writer->state;
  begin_block (writer, BLOCK_FIGURE);
  ds_writer_append_visible (text->line, label, "");
  g_string_append (text->line, ": ");
  ds_writer_append_visible (text->line, value, "");
  put_line (writer, text->line);
}

static void
end (DsWriter *writer G_GNUC_UNUSED)
{
}

const DsWriterFormat ds_writer_text = {
  .name = "text",
  .hidden = DS_COLUMN_MACHINE,
  .state_new = state_new,
  .state_free = state_free,
  .begin = begin,
  .section = section,
  .row = row,
  .section_end = section_end,
  .note = note,
  .figure = figure,
  .end = end,
};
