#include "config.h"
#include "content/base64.h"
#include "content/line-style.h"
#include <string.h>

#define NOT_BASE64 0xff
#define PADDING 0xfe
#define LINE_LENGTH 76
/* A body of more junk runs than this is junk as a whole. */
#define MAX_JUNK 1000

static const guint8 *
base64_table (void)
{
  static guint8 table[256];
  static gboolean ready;
  if (!ready)
    {
      static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
      memset (table, NOT_BASE64, sizeof table);
      for (guint i = 0; i < 64; i++)
        table[(guint8) alphabet[i]] = (guint8) i;
      table['='] = PADDING;
      ready = TRUE;
    }
  return table;
}

/* What ends the lines of raw: a lone CR only where there is no LF at all. */
static char
line_break (const char *raw, gsize size)
{
  return memchr (raw, '\n', size) != NULL ? '\n' : '\r';
}

static gsize
next_line (const char *raw, gsize size, gsize at, char eol)
{
  const char *end = memchr (raw + at, eol, size - at);
  return end != NULL ? (gsize) (end - raw) + 1 : size;
}

static gsize
without_blanks (const char *line, gsize size)
{
  while (size > 0 && g_ascii_isspace (line[size - 1]))
    size--;
  return size;
}

/* An indented line is one: all programs pass over blanks. */
static gsize
leading_blanks (const char *line, gsize size)
{
  gsize n = 0;
  while (n < size && (line[n] == ' ' || line[n] == '\t'))
    n++;
  return n;
}

static gboolean
is_alphabet (const char *line, gsize size)
{
  const guint8 *table = base64_table ();
  for (gsize i = 0; i < size; i++)
    if (table[(guint8) line[i]] == NOT_BASE64 && line[i] != '\r')
      return FALSE;
  return TRUE;
}

/* A ruler, as stands before a footer.  One of "/" is a row of bytes 255, unless a padding has ended the base64. */
static gboolean
is_ruler (const char *line, gsize size, gboolean padded)
{
  const char *of = padded ? "=+/" : "=+";
  for (gsize i = 0; i < size; i++)
    if (strchr (of, line[i]) == NULL)
      return FALSE;
  return size > 2;
}

static void
add_junk (DsBase64Lines *lines, gsize start, gsize end)
{
  if (lines->junk == NULL)
    lines->junk = g_array_new (FALSE, FALSE, sizeof (DsSpan));
  DsSpan *last = lines->junk->len > 0 ? &g_array_index (lines->junk, DsSpan, lines->junk->len - 1) : NULL;
  DsSpan span = { start, end };
  if (last != NULL && (last->end == start || lines->junk->len >= MAX_JUNK))
    last->end = end;
  else
    g_array_append_val (lines->junk, span);
}

/* Junk behind the end is the footer's. */
static void
drop_junk_from (DsBase64Lines *lines, gsize end)
{
  while (lines->junk != NULL && lines->junk->len > 0 && g_array_index (lines->junk, DsSpan, lines->junk->len - 1).start >= end)
    g_array_set_size (lines->junk, lines->junk->len - 1);
  if (lines->junk != NULL && lines->junk->len == 0)
    g_clear_pointer (&lines->junk, g_array_unref);
}

void
ds_base64_lines (const char *raw, gsize size, DsBase64Lines *lines)
{
  *lines = (DsBase64Lines){ 0, 0, NULL };
  gboolean padded = FALSE, touching = TRUE;
  char eol = line_break (raw, size);
  for (gsize at = 0, next; at < size; at = next)
    {
      next = next_line (raw, size, at, eol);
      const char *line = raw + at + leading_blanks (raw + at, next - at);
      gsize length = without_blanks (line, (gsize) (raw + next - line));
      gboolean ruler = is_ruler (line, length, padded), alphabet = !ruler && is_alphabet (line, length);
      gboolean ends_padded = length > 0 && line[length - 1] == '=';
      /* Short words are of the alphabet, too: after a padding or a ruler only long lines count. */
      gboolean good = alphabet && length > 0 && (!padded || length >= 40 || ends_padded);
      padded |= (alphabet && ends_padded) || (ruler && lines->good > 0);
      if (good || (length == 0 && touching))
        lines->end = next;
      if (length > 0)
        touching = good;
      lines->good += good;
      if (length > 0 && !good)
        add_junk (lines, at, next);
    }
  if (lines->end == 0)
    lines->end = size; /* nothing of it is base64: it is all body, and damaged */
  drop_junk_from (lines, lines->end);
}

void
ds_base64_lines_clear (DsBase64Lines *lines)
{
  g_clear_pointer (&lines->junk, g_array_unref);
}

gboolean
ds_base64_in_plain_sight (const char *raw, gsize size)
{
  gsize width = 0, last = 0;
  guint n = 0;
  char eol = line_break (raw, size);
  for (gsize at = 0, next; at < size; at = next)
    {
      next = next_line (raw, size, at, eol);
      gsize length = without_blanks (raw + at, next - at);
      if (length == 0)
        continue;
      if (n == 0)
        width = length;
      if (width < 40 || width % 4 != 0 || length > width || (n > 0 && last < width) || !is_alphabet (raw + at, length))
        return FALSE;
      last = length;
      n++;
    }
  return n >= 3;
}

#define BLOCK_LINES 3
#define BLOCK_WIDTH 60
#define BLOCK_WIDEST 1000

/* Letters of both cases, as encoded bytes have, and digests have not. */
static gboolean
is_mixed (const char *line, gsize size)
{
  gboolean upper = FALSE, lower = FALSE;
  for (gsize i = 0; i < size; i++)
    {
      upper |= g_ascii_isupper (line[i]);
      lower |= g_ascii_islower (line[i]);
    }
  return upper && lower;
}

gboolean
ds_base64_block_begins (const char *raw, gsize size)
{
  const guint8 *table = base64_table ();
  gsize width = 0, at = 0;
  while (width < size && width <= BLOCK_WIDEST && table[(guint8) raw[width]] < 64)
    width++;
  if (width < BLOCK_WIDTH || width > BLOCK_WIDEST || width % 4 != 0)
    return FALSE;
  for (guint i = 0; i < BLOCK_LINES; i++)
    {
      if (at >= size)
        return FALSE;
      gsize next = next_line (raw, MIN (size, at + BLOCK_WIDEST + 2), at, '\n');
      gsize length = without_blanks (raw + at, next - at);
      if (length != width || !is_alphabet (raw + at, length) || !is_mixed (raw + at, length))
        return FALSE;
      at = next;
    }
  return TRUE;
}

static void
base64_quads (const guint8 *table, const guint8 *in, gsize size, gsize *at, guint8 **out)
{
  gsize i = *at;
  guint8 *o = *out;
  while (i + 4 <= size)
    {
      guint8 a = table[in[i]], b = table[in[i + 1]], c = table[in[i + 2]], d = table[in[i + 3]];
      if ((a | b | c | d) & 0xc0)
        break;
      guint32 v = (guint32) a << 18 | (guint32) b << 12 | (guint32) c << 6 | d;
      o[0] = (guint8) (v >> 16);
      o[1] = (guint8) (v >> 8);
      o[2] = (guint8) v;
      o += 3;
      i += 4;
    }
  *at = i;
  *out = o;
}

/* Characters that wait for their quad to be full. */
typedef struct
{
  guint32 bits;
  guint n;
} Held;

/* How many paddings end what is held: of one character no byte can be made. */
static int
paddings_due (const Held *held)
{
  return held->n >= 2 ? (int) (4 - held->n) : 0;
}

static void
flush_held (Held *held, guint8 **out)
{
  if (held->n >= 2)
    *(*out)++ = (guint8) (held->n == 2 ? held->bits >> 4 : held->bits >> 10);
  if (held->n == 3)
    *(*out)++ = (guint8) (held->bits >> 2);
  *held = (Held){ 0, 0 };
}

static void
hold (Held *held, guint8 value, guint8 **out)
{
  held->bits = held->bits << 6 | value;
  if (++held->n < 4)
    return;
  *(*out)++ = (guint8) (held->bits >> 16);
  *(*out)++ = (guint8) (held->bits >> 8);
  *(*out)++ = (guint8) held->bits;
  *held = (Held){ 0, 0 };
}

/* A padding ends a run, after which a further run may begin (mail programs that encode in pieces write such).  Behind one too
 * many or too few, mail programs do not agree. */
GBytes *
ds_base64_decode (const char *raw, gsize size, gboolean *damaged)
{
  const guint8 *table = base64_table (), *in = (const guint8 *) raw;
  guint8 *bytes = g_malloc (size / 4 * 3 + 4), *out = bytes;
  Held held = { 0, 0 };
  int due = 0; /* paddings that are still to come; less: there was one too many */
  for (gsize i = 0; i < size; i++)
    {
      if (held.n == 0 && due == 0)
        base64_quads (table, in, size, &i, &out);
      if (i >= size)
        break;
      guint8 value = table[in[i]];
      if (value < 64)
        {
          *damaged |= due != 0;
          due = 0;
          hold (&held, value, &out);
        }
      else if (value == PADDING)
        {
          due = (held.n > 0 ? paddings_due (&held) : due) - 1;
          if (held.n >= 2)
            flush_held (&held, &out);
        }
      else if (value == NOT_BASE64 && !g_ascii_isspace (in[i]))
        *damaged = TRUE;
    }
  flush_held (&held, &out); /* the padding is missing */
  return g_bytes_new_take (bytes, (gsize) (out - bytes));
}

gboolean
ds_base64_is_one_run (const char *raw, gsize size)
{
  const guint8 *table = base64_table ();
  gboolean padded = FALSE;
  gsize first = 0;
  while (first < size && table[(guint8) raw[first]] >= 64)
    first++;
  for (gsize i = first; i < size; i++)
    {
      guint8 value = table[(guint8) raw[i]];
      if ((value < 64 && padded) || (value == NOT_BASE64 && !g_ascii_isspace (raw[i])))
        return FALSE;
      padded |= value == PADDING;
    }
  return TRUE;
}

gboolean
ds_base64_is_padded (const char *raw, gsize size)
{
  size = without_blanks (raw, size);
  return size > 0 && raw[size - 1] == '=';
}

GBytes *
ds_base64_encode (const char *raw, gsize size, const char *eol, gconstpointer data, gsize data_size)
{
  const guint8 *table = base64_table ();
  gsize first = 0, last = size;
  while (first < size && table[(guint8) raw[first]] >= 64)
    first++;
  while (last > first && table[(guint8) raw[last - 1]] == NOT_BASE64)
    last--;
  DsLineStyle style = ds_line_style (raw, last, first, eol);
  gsize width = style.length & ~(gsize) 3;
  if (width == 0 || (!style.broken && width < LINE_LENGTH))
    width = LINE_LENGTH; /* a single line says nothing about where lines break */
  g_autofree char *flat = g_base64_encode (data, data_size);
  gsize length = strlen (flat);
  GString *out = g_string_new_len (raw, (gssize) first);
  for (gsize at = 0; at < length; at += width)
    {
      if (at > 0)
        g_string_append (out, style.eol);
      g_string_append_len (out, flat + at, (gssize) MIN (width, length - at));
    }
  g_string_append_len (out, raw + last, (gssize) (size - last));
  return g_string_free_to_bytes (out);
}
