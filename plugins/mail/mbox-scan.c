#include "config.h"
#include "mbox-scan.h"
#include <string.h>

#define HEADER_SEEN (256u << 10) /* of a header block; a Message-ID further down is not used */
#define HEADER_FIRST (16u << 10) /* asked for at first: few are longer */
#define LINE_SEEN 1024u          /* of a From_ line, see mbox-from.c */
#define STEP_FIRST (16u << 10)   /* searched at a time: at least so much, then more */
#define STEP (512u << 10)

/* The value of a field that begins at data, without white space around; *next_r: where the next field begins. */
static void
field_value (const char *data, gsize size, gsize colon, gsize *value_r, gsize *end_r, gsize *next_r)
{
  gsize at = colon + 1;
  for (;;)
    {
      const char *line_end = memchr (data + at, '\n', size - at);
      at = line_end != NULL ? (gsize) (line_end - data) + 1 : size;
      if (at >= size || (data[at] != ' ' && data[at] != '\t'))
        break;
    }
  *next_r = at;
  gsize start = colon + 1, end = at;
  while (start < end && g_ascii_isspace (data[start]))
    start++;
  while (end > start && g_ascii_isspace (data[end - 1]))
    end--;
  *value_r = start;
  *end_r = end;
}

static gboolean
is_named (const char *data, gsize at, gsize colon, const char *name)
{
  while (colon > at && (data[colon - 1] == ' ' || data[colon - 1] == '\t'))
    colon--;
  return colon - at == strlen (name) && g_ascii_strncasecmp (data + at, name, colon - at) == 0;
}

/* An empty value counts too: it is where digits belong, see mbox-content.h. */
static void
note_length (const char *data, gsize size, gsize colon, gsize value, gsize end, DsMboxHeader *header)
{
  if (header->digits_end != 0 || end - value > 18)
    return;
  for (gsize i = value; i < end; i++)
    if (!g_ascii_isdigit (data[i]))
      return;
  if (value == end)
    for (value = end = colon + 1; end < size && (data[end] == ' ' || data[end] == '\t');)
      value = ++end;
  header->length = value < end ? g_ascii_strtoull (data + value, NULL, 10) : 0;
  header->digits = value;
  header->digits_end = end;
}

void
ds_mbox_header (const char *data, gsize size, DsMboxHeader *header_r)
{
  memset (header_r, 0, sizeof *header_r);
  for (gsize at = 0; at < size;)
    {
      gboolean bare = data[at] == '\n', crlf = data[at] == '\r' && at + 1 < size && data[at + 1] == '\n';
      if (bare || crlf)
        {
          header_r->body = at + (bare ? 1 : 2);
          return;
        }
      const char *line_end = memchr (data + at, '\n', size - at);
      gsize line = line_end != NULL ? (gsize) (line_end - data) - at : size - at;
      const char *colon = memchr (data + at, ':', line);
      gsize value = 0, end = 0, next = at + line + 1;
      if (colon != NULL)
        field_value (data, size, (gsize) (colon - data), &value, &end, &next);
      gsize mark = colon != NULL ? (gsize) (colon - data) : at;
      if (header_r->id_end == 0 && is_named (data, at, mark, "Message-ID"))
        header_r->id = value, header_r->id_end = end;
      else if (header_r->date_end == 0 && is_named (data, at, mark, "Date"))
        header_r->date = value, header_r->date_end = end;
      else if (is_named (data, at, mark, "Content-Length"))
        note_length (data, size, mark, value, end, header_r);
      at = next;
    }
  header_r->body = size;
}

/* TRUE if the line before data[at] is empty; nothing is known of what stands before data[0]. */
static gboolean
after_empty_line (const char *data, gsize at)
{
  if (at < 2 || data[at - 1] != '\n')
    return FALSE;
  gsize before = data[at - 2] == '\r' ? at - 2 : at - 1;
  return before >= 1 && data[before - 1] == '\n';
}

/* "Subject: ...": does the line behind the From_ line at data[at] look like a header's? */
static gboolean
before_field (const char *data, gsize size, gsize at)
{
  const char *end = memchr (data + at, '\n', size - at);
  gsize name = end != NULL ? (gsize) (end - data) + 1 : size, colon = name;
  while (colon < size && (g_ascii_isalnum (data[colon]) || data[colon] == '-'))
    colon++;
  return colon > name && colon < size && data[colon] == ':';
}

/* Some programs write no empty line between two messages: a From_ line that a header follows is one all the same. */
static gboolean
is_separator_at (const char *data, gsize size, gsize at, gboolean after_empty, gint64 *date_r)
{
  return (after_empty || after_empty_line (data, at) || before_field (data, size, at))
         && ds_mbox_is_separator (data + at, size - at, date_r);
}

gsize
ds_mbox_find_separator (const char *data, gsize size)
{
  for (const char *at = data; (at = memmem (at, size - (gsize) (at - data), "\nFrom ", 6)) != NULL; at++)
    {
      gsize place = (gsize) (at - data) + 1;
      gboolean second = place == 1 || (place == 2 && data[0] == '\r'); /* the first line is the empty one */
      if (is_separator_at (data, size, place, second, NULL))
        return place;
    }
  return size;
}

/* TRUE if a message begins at offset, or the file ends there. */
static gboolean
is_boundary (DsMboxSource *source, guint64 offset, gboolean *at_end_r, gint64 *date_r, GError **error)
{
  guint64 from = offset >= 3 ? offset - 3 : 0;
  gsize n = 0, skip = (gsize) (offset - from);
  const char *data = ds_mbox_source_peek (source, from, skip + LINE_SEEN, &n, error);
  *at_end_r = data != NULL && n <= skip;
  if (data == NULL || *at_end_r)
    return data != NULL;
  return is_separator_at (data, n, skip, offset == 0, date_r);
}

/* The next separator line at or after from, or the end of the file. */
static gboolean
search (DsMboxSource *source, guint64 from, guint64 *found_r, GError **error)
{
  gsize step = STEP_FIRST;
  for (guint64 at = from;; step = STEP)
    {
      gsize n = 0;
      const char *data = ds_mbox_source_peek (source, at, step, &n, error);
      if (data == NULL)
        return FALSE;
      const char *hit = n >= 6 ? memmem (data, n, "\nFrom ", 6) : NULL;
      if (hit == NULL && n < step)
        {
          *found_r = at + n;
          return TRUE;
        }
      if (hit == NULL)
        {
          at += n - 5; /* the six bytes may lie across */
          continue;
        }
      guint64 place = at + (gsize) (hit - data) + 1;
      gboolean at_end = FALSE;
      g_autoptr (GError) own = NULL;
      if (is_boundary (source, place, &at_end, NULL, &own))
        {
          *found_r = place;
          return TRUE;
        }
      if (own != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&own));
          return FALSE;
        }
      at = place;
    }
}

/* Content-Length is believed only where it leads to a message's beginning, with or without the empty line counted, or to
 * the end of the file. */
static gboolean
counted_end (DsMboxSource *source, guint64 body, guint64 length, guint64 *end_r, guint64 *next_r)
{
  static const guint skips[] = { 0, 1, 2 };
  if (ds_mbox_source_is_packed (source) || length > G_MAXINT64 - body)
    return FALSE;
  guint64 end = body + length;
  gsize n = 0;
  const char *data = ds_mbox_source_peek (source, end - 1, 4, &n, NULL);
  if (data == NULL || n == 0) /* the last byte must be there */
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (skips); i++)
    {
      data = ds_mbox_source_peek (source, end, 4, &n, NULL);
      gboolean gap = skips[i] == 0 || (skips[i] == 1 && n >= 1 && data[0] == '\n')
                     || (skips[i] == 2 && n >= 2 && data[0] == '\r' && data[1] == '\n');
      gboolean at_end = FALSE;
      if (data == NULL || !gap || !is_boundary (source, end + skips[i], &at_end, NULL, NULL))
        continue;
      *end_r = end;
      *next_r = end + skips[i];
      return TRUE;
    }
  return FALSE;
}

/* A message found by search ends before the empty line that stands between it and the next one. */
static guint64
without_empty_line (DsMboxSource *source, guint64 message, guint64 next)
{
  guint64 from = next >= 4 ? MAX (next - 4, message) : message;
  gsize n = 0, size = (gsize) (next - from);
  const char *data = ds_mbox_source_peek (source, from, MAX (size, 1), &n, NULL);
  if (data == NULL || n < size || size == 0 || data[size - 1] != '\n')
    return next;
  gsize line = size >= 2 && data[size - 2] == '\r' ? 2 : 1;
  gboolean alone = from + size - line == message || (size > line && data[size - line - 1] == '\n');
  return alone ? next - line : next;
}

static guint64
entry_digest (const DsSiteKey *key, const char *line, gsize line_size, const char *data, const DsMboxHeader *header)
{
  g_autoptr (GString) text = g_string_new (NULL);
  if (header->id_end > header->id)
    g_string_append_len (text, data + header->id, (gssize) (header->id_end - header->id));
  else
    {
      /* Lacking a Message-ID: the two dates.  The sender in the From_ line is left out; it is personal data, and a
       * digest of it would change with it. */
      gint64 date = 0;
      ds_mbox_is_separator (line, line_size, &date);
      g_string_append_printf (text, "%" G_GINT64_FORMAT "\n", date);
      g_string_append_len (text, data + header->date, (gssize) (header->date_end - header->date));
    }
  g_autofree char *digest = ds_site_key_digest (key, "message", text->str, text->len, 16);
  return g_ascii_strtoull (digest, NULL, 16);
}

/* From_ line and header block, of which no more than most bytes are seen; *whole_r: they end before that. */
static gboolean
read_head_of (DsMboxSource *source, const DsSiteKey *key, DsMboxEntry *entry, gsize most, gboolean *whole_r, GError **error)
{
  gsize n = 0;
  const char *data = ds_mbox_source_peek (source, entry->offset, most, &n, error);
  if (data == NULL)
    return FALSE;
  const char *line_end = memchr (data, '\n', n);
  gsize line = line_end != NULL ? (gsize) (line_end - data) + 1 : n;
  gsize seen = MIN (n, most) - MIN (line, most);
  entry->message = entry->offset + line;
  ds_mbox_header (data + line, seen, &entry->header);
  *whole_r = n < most || entry->header.body < seen;
  if (*whole_r || most == HEADER_SEEN)
    entry->digest = entry_digest (key, data, line, data + line, &entry->header);
  return TRUE;
}

/* Everything of the entry but its end. */
static gboolean
read_head (DsMboxSource *source, const DsSiteKey *key, DsMboxEntry *entry, GError **error)
{
  gboolean whole = FALSE;
  return read_head_of (source, key, entry, HEADER_FIRST, &whole, error)
         && (whole || read_head_of (source, key, entry, HEADER_SEEN, &whole, error));
}

gboolean
ds_mbox_entry (DsMboxSource *source, const DsSiteKey *key, guint64 offset, DsMboxEntry *entry_r, gboolean *at_end_r,
               GError **error)
{
  memset (entry_r, 0, sizeof *entry_r);
  entry_r->offset = offset;
  g_autoptr (GError) own = NULL;
  gboolean boundary = is_boundary (source, offset, at_end_r, &entry_r->date, &own);
  if (own != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&own));
      return FALSE;
    }
  if (!boundary || *at_end_r || !read_head (source, key, entry_r, error))
    return FALSE;
  guint64 body = entry_r->message + entry_r->header.body;
  entry_r->counted = entry_r->header.digits_end > entry_r->header.digits
                     && counted_end (source, body, entry_r->header.length, &entry_r->end, &entry_r->next);
  if (entry_r->counted)
    return TRUE;
  /* Two bytes back: the message may be empty, and the From_ line's own end stand before an empty line and the next. */
  if (!search (source, entry_r->message - 1, &entry_r->next, error))
    return FALSE;
  entry_r->end = without_empty_line (source, entry_r->message, entry_r->next);
  return TRUE;
}
