#include "config.h"
#include "content/quoted-printable.h"
#include <string.h>

#define LINE_LENGTH 76

/* The length of a soft line break at raw[at] == '=', or 0. */
static gsize
soft_break (const char *raw, gsize size, gsize at)
{
  gsize i = at + 1;
  while (i < size && (raw[i] == ' ' || raw[i] == '\t'))
    i++;
  if (i == size)
    return i - at;
  if (raw[i] == '\r' && i + 1 < size && raw[i + 1] == '\n')
    i++;
  return raw[i] == '\n' || raw[i] == '\r' ? i + 1 - at : 0;
}

/* The byte that "=XX" at raw[at] stands for, or -1. */
static int
escaped (const char *raw, gsize size, gsize at)
{
  int high = at + 2 < size ? g_ascii_xdigit_value (raw[at + 1]) : -1;
  int low = high >= 0 ? g_ascii_xdigit_value (raw[at + 2]) : -1;
  return low >= 0 ? high << 4 | low : -1;
}

GBytes *
ds_qp_decode (const char *raw, gsize size, DsSpanMap **map_r, gboolean *damaged)
{
  GByteArray *out = g_byte_array_sized_new ((guint) MIN (size, G_MAXUINT / 2));
  DsSpanMap *map = ds_span_map_new ();
  for (gsize at = 0; at < size;)
    {
      const char *equals = memchr (raw + at, '=', size - at);
      gsize plain = (equals != NULL ? (gsize) (equals - raw) : size) - at;
      g_byte_array_append (out, (const guint8 *) raw + at, (guint) plain);
      ds_span_map_linear (map, at, plain);
      at += plain;
      if (at >= size)
        break;
      int value = escaped (raw, size, at);
      gsize broken = value < 0 ? soft_break (raw, size, at) : 0;
      if (broken > 0)
        {
          at += broken;
          continue;
        }
      guint8 byte = value >= 0 ? (guint8) value : '=';
      gsize used = value >= 0 ? 3 : 1;
      *damaged |= value < 0;
      g_byte_array_append (out, &byte, 1);
      ds_span_map_atom (map, at, used, 1);
      at += used;
    }
  *map_r = map;
  return g_byte_array_free_to_bytes (out);
}

/* ---- edits ---- */

typedef struct
{
  const char *raw;
  gsize size;
  const char *eol;
  gsize done;   /* raw before it is accounted for */
  gsize column; /* in the new line, at done */
} Writer;

static gboolean
is_break (char c)
{
  return c == '\n' || c == '\r';
}

/* Goes over raw that stays, up to at: only the last line's length counts, and only whether it is past the limit. */
static void
keep_to (Writer *w, gsize at)
{
  gsize start = at;
  while (start > w->done && at - start <= LINE_LENGTH && !is_break (w->raw[start - 1]))
    start--;
  gboolean same_line = start == w->done;
  w->column = same_line ? w->column + (at - start) : at - start;
  w->done = at;
}

static void
break_softly (Writer *w, GString *out)
{
  g_string_append_c (out, '=');
  g_string_append (out, w->eol);
  w->column = 0;
}

/* One byte of a replacement; last: a line break follows it, so that a blank has to be encoded. */
static void
put_byte (Writer *w, guchar c, gboolean last, GString *out)
{
  char unit[4] = { (char) c, '\0' };
  if (is_break ((char) c))
    {
      g_string_append_c (out, (char) c);
      w->column = 0;
      return;
    }
  if (c == '=' || c >= 127 || (c < 32 && c != '\t') || (last && (c == ' ' || c == '\t')))
    g_snprintf (unit, sizeof unit, "=%02X", c);
  gsize length = strlen (unit);
  if (w->column > 0 && w->column + length > LINE_LENGTH - 1)
    break_softly (w, out);
  g_string_append (out, unit);
  w->column += length;
}

/* How many characters of the line stay behind at, counted no further than the limit and the next edit. */
static gsize
rest_of_line (const Writer *w, gsize at, gsize next)
{
  gsize end = at;
  while (end < next && end - at <= LINE_LENGTH && !is_break (w->raw[end]))
    end++;
  return end - at;
}

static void
write_edit (Writer *w, const DsEdit *edit, DsSpan span, gsize next, GArray *out)
{
  g_autoptr (GString) text = g_string_new (NULL);
  keep_to (w, span.start);
  gsize rest = rest_of_line (w, span.end, next), used = 0;
  gboolean line_ends = span.end >= w->size || is_break (w->raw[span.end]);
  /* A word that would be cut by a soft break begins a line instead, if that is of use. */
  if (edit->size > 0 && edit->size < LINE_LENGTH - 1 && w->column > 0 && w->column + edit->size > LINE_LENGTH - 1)
    break_softly (w, text);
  for (; used < edit->size; used++)
    {
      gboolean last = used + 1 < edit->size ? is_break (edit->replacement[used + 1]) : line_ends;
      put_byte (w, (guchar) edit->replacement[used], last, text);
    }
  gsize limit = next < w->size ? LINE_LENGTH - 1 : LINE_LENGTH;
  if (w->column > 0 && rest > 0 && w->column + rest > limit)
    break_softly (w, text);
  ds_edits_add_bytes (out, span.start, span.end, text->str, text->len);
  w->done = span.end;
}

/* An edit's place in raw; an empty one (an insertion) lies before the byte that it precedes. */
static DsSpan
raw_span (const DsSpanMap *map, gsize size, const DsEdit *edit)
{
  DsSpan span = edit->span;
  if (span.start < span.end)
    return ds_span_map_hull (map, span.start, span.end);
  gsize at = span.start < ds_span_map_output_size (map) ? ds_span_map_hull (map, span.start, span.start + 1).start : size;
  return (DsSpan){ at, at };
}

GArray *
ds_qp_edits (const DsSpanMap *map, const char *raw, gsize size, const char *eol, const GArray *edits)
{
  GArray *out = ds_edits_new ();
  Writer w = { raw, size, eol, 0, 0 };
  for (guint i = 0; i < edits->len; i++)
    {
      const DsEdit *edit = &g_array_index (edits, DsEdit, i);
      const DsEdit *following = i + 1 < edits->len ? &g_array_index (edits, DsEdit, i + 1) : NULL;
      DsSpan span = raw_span (map, size, edit);
      gsize next = following != NULL ? raw_span (map, size, following).start : size;
      write_edit (&w, edit, span, next, out);
    }
  return out;
}
