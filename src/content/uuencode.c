#include "config.h"
#include "content/uuencode.h"
#include "content/line-style.h"
#include <string.h>

#define FULL_LINE 45
/* A data line of 63 bytes has 85 characters; programs add a checksum or a blank. */
#define MAX_LINE 90

static gsize
next_line (const char *raw, gsize size, gsize at)
{
  const char *end = memchr (raw + at, '\n', size - at);
  return end != NULL ? (gsize) (end - raw) + 1 : size;
}

static gsize
without_break (const char *raw, gsize start, gsize end)
{
  while (end > start && (raw[end - 1] == '\n' || raw[end - 1] == '\r'))
    end--;
  return end;
}

static gboolean
is_end_line (const char *line, gsize size)
{
  while (size > 3 && (line[size - 1] == ' ' || line[size - 1] == '\t'))
    size--;
  return size == 3 && memcmp (line, "end", 3) == 0;
}

static gboolean
is_frame_line (const char *line, gsize size)
{
  return (size >= 6 && memcmp (line, "begin ", 6) == 0) || is_end_line (line, size);
}

/* ---- blocks in plain text ---- */

/* "begin", a mode of three or four octal digits, a name. */
static gboolean
parse_begin (const char *raw, gsize start, gsize end, DsSpan *filename)
{
  gsize at = start + 6, digits = 0;
  end = without_break (raw, start, end);
  if (end - start < 11 || memcmp (raw + start, "begin ", 6) != 0)
    return FALSE;
  for (; at < end && raw[at] >= '0' && raw[at] <= '7'; at++)
    digits++;
  if (digits < 3 || digits > 4 || at >= end || raw[at] != ' ')
    return FALSE;
  while (at < end && raw[at] == ' ')
    at++;
  *filename = (DsSpan){ at, end };
  return at < end;
}

/* Trailing blanks, which are zeros, get lost on the way; a checksum character may follow. */
static gboolean
is_data_line (const char *line, gsize size)
{
  if (size == 0 || size > MAX_LINE || line[0] < ' ' || line[0] > '`')
    return FALSE;
  gsize bytes = (gsize) (line[0] - ' ') & 63, need = (bytes + 2) / 3 * 4;
  if (size - 1 > need + 2)
    return FALSE;
  for (gsize i = 1; i < size; i++)
    if (line[i] < ' ' || line[i] > '`')
      return FALSE;
  return size - 1 + 2 >= need || line[size - 1] != ' ';
}

gboolean
ds_uu_block_at (const char *raw, gsize at, gsize size, DsUuBlock *block)
{
  if (size - at < 11 || memcmp (raw + at, "begin ", 6) != 0)
    return FALSE;
  gsize next = next_line (raw, MIN (size, at + 1024), at);
  guint full = 0;
  if (!parse_begin (raw, at, next, &block->filename))
    return FALSE;
  block->begin = (DsSpan){ at, next };
  block->data = (DsSpan){ next, next };
  for (gsize line = next; line < size; line = next)
    {
      next = next_line (raw, MIN (size, line + MAX_LINE + 2), line);
      gsize length = without_break (raw, line, next) - line;
      block->end = (DsSpan){ line, line };
      if (is_end_line (raw + line, length))
        {
          block->end.end = next;
          return line > block->begin.end;
        }
      if (!is_data_line (raw + line, length))
        break;
      full += raw[line] == 'M' && length >= 59;
      block->data.end = block->end.start = block->end.end = next;
    }
  return full >= 3; /* cut off */
}

gboolean
ds_uu_may_begin_at (const char *raw, gsize at, gsize size)
{
  DsSpan filename;
  if (size - at < 11 || memcmp (raw + at, "begin ", 6) != 0)
    return FALSE;
  gsize next = next_line (raw, MIN (size, at + 1024), at);
  if (!parse_begin (raw, at, next, &filename))
    return FALSE;
  while (next < size && strchr ("> \t\r\n", raw[next]) != NULL && raw[next] != '\0')
    next++;
  gsize end = next_line (raw, MIN (size, next + MAX_LINE + 2), next);
  gsize length = without_break (raw, next, end) - next;
  return length >= 5 && is_data_line (raw + next, length);
}

gboolean
ds_uu_is_whole (const char *raw, gsize size)
{
  for (gsize at = 0, next; at < size; at = next)
    {
      next = next_line (raw, size, at);
      gsize length = without_break (raw, at, next) - at;
      if (length > 0 && !is_frame_line (raw + at, length) && !is_data_line (raw + at, length))
        return FALSE;
    }
  return TRUE;
}

/* ---- decoding and encoding ---- */

/* More zeros than this are made up, and say nothing: lines that promise bytes and have none. */
#define MOST_PADDING (4u << 20)

static void
decode_line (const char *line, gsize size, gsize *padding, GByteArray *out)
{
  gsize want = (gsize) (line[0] - ' ') & 63;
  for (gsize i = 1; i < size && want > 0; i += 4)
    {
      guint8 v[4] = { 0, 0, 0, 0 };
      for (gsize k = 0; k < 4 && i + k < size; k++)
        v[k] = (guint8) ((line[i + k] - ' ') & 63);
      guint8 three[3] = { (guint8) (v[0] << 2 | v[1] >> 4), (guint8) (v[1] << 4 | v[2] >> 2), (guint8) (v[2] << 6 | v[3]) };
      gsize n = MIN (want, 3);
      g_byte_array_append (out, three, (guint) n);
      want -= n;
    }
  /* The blanks that a transport took off the line's end were zeros. */
  static const guint8 zeros[63];
  want = MIN (want, MOST_PADDING - *padding);
  *padding += want;
  g_byte_array_append (out, zeros, (guint) want);
}

/* Where the data lines begin and end; decodes them into out, if given. */
static DsSpan
walk_data (const char *raw, gsize size, GByteArray *out)
{
  DsSpan data = { size, 0 };
  gsize padding = 0;
  for (gsize at = 0, next; at < size; at = next)
    {
      next = next_line (raw, size, at);
      gsize end = without_break (raw, at, next);
      if (end == at || is_frame_line (raw + at, end - at))
        continue;
      data.start = MIN (data.start, at);
      data.end = next;
      if (out != NULL)
        decode_line (raw + at, end - at, &padding, out);
    }
  return data.start > data.end ? (DsSpan){ size, size } : data;
}

GBytes *
ds_uu_decode (const char *raw, gsize size)
{
  GByteArray *out = g_byte_array_new ();
  walk_data (raw, size, out);
  return g_byte_array_free_to_bytes (out);
}

/* Zeros are blanks by the letter, and grave accents to survive the mail: whichever raw has. */
static gboolean
uses_blanks (const char *raw, gsize size)
{
  return memchr (raw, '`', size) == NULL && memchr (raw, ' ', size) != NULL;
}

static char
uu_char (guint value, char zero)
{
  return value == 0 ? zero : (char) (value + ' ');
}

static void
encode_line (const guint8 *data, gsize n, char zero, GString *out)
{
  g_string_append_c (out, uu_char ((guint) n, zero));
  for (gsize i = 0; i < n; i += 3)
    {
      guint8 a = data[i], b = i + 1 < n ? data[i + 1] : 0, c = i + 2 < n ? data[i + 2] : 0;
      char four[4] = { uu_char (a >> 2, zero), uu_char ((a << 4 | b >> 4) & 63, zero), uu_char ((b << 2 | c >> 6) & 63, zero),
                       uu_char (c & 63, zero) };
      g_string_append_len (out, four, 4);
    }
}

/* The start of a last line that stands for no bytes, or data.end. */
static gsize
closing_line (const char *raw, DsSpan data)
{
  gsize at = without_break (raw, data.start, data.end);
  while (at > data.start && raw[at - 1] != '\n')
    at--;
  return at < data.end && (raw[at] == '`' || raw[at] == ' ') ? at : data.end;
}

GBytes *
ds_uu_encode (const char *raw, gsize size, const char *eol, const guint8 *data, gsize data_size)
{
  DsSpan old = walk_data (raw, size, NULL);
  gsize close = closing_line (raw, old);
  DsLineStyle style = ds_line_style (raw, size, old.start, eol);
  gsize width = close > old.start ? (gsize) (raw[old.start] - ' ') & 63 : 0;
  /* A single short line says nothing about where lines break. */
  if (width == 0 || old.start + style.length + strlen (style.eol) >= close)
    width = MAX (width, FULL_LINE);
  char zero = uses_blanks (raw + old.start, old.end - old.start) ? ' ' : '`';
  GString *out = g_string_new_len (raw, (gssize) old.start);
  for (gsize at = 0; at < data_size; at += width)
    {
      encode_line (data + at, MIN (width, data_size - at), zero, out);
      g_string_append (out, style.eol);
    }
  if (close == old.end && old.end == size && old.end > old.start && raw[old.end - 1] != '\n' && data_size > 0)
    g_string_truncate (out, out->len - strlen (style.eol)); /* the last line had no break of its own */
  g_string_append_len (out, raw + close, (gssize) (size - close));
  return g_string_free_to_bytes (out);
}
