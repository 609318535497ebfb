/* Finds boundaries and tiles the frame with them (RFC 2046, section 5.1.1).  One pass, line by line; the stack of open
 * boundaries decides where an entity ends. */
#include "config.h"
#include "content/scan-private.h"
#include <string.h>

/* A guessed boundary is no longer than this; RFC 2046 allows 70. */
#define GUESS_BYTES 200

gsize
ds_scan_line_end (const DsScanner *s, gsize at, gsize limit)
{
  const char *end = memchr (s->data + at, s->eol, limit - at);
  return end != NULL ? (gsize) (end - s->data) + 1 : limit;
}

gsize
ds_scan_trimmed_end (const DsScanner *s, gsize start, gsize end)
{
  while (end > start && strchr ("\r\n \t", s->data[end - 1]) != NULL && s->data[end - 1] != '\0')
    end--;
  return end;
}

static guint32
hash_of (const char *text, gsize length)
{
  guint32 hash = 2166136261u; /* FNV-1a */
  for (gsize i = 0; i < length; i++)
    hash = (hash ^ (guint8) text[i]) * 16777619u;
  return hash;
}

static guint64
length_bit (gsize length)
{
  return G_GUINT64_CONSTANT (1) << length % 64;
}

/* The innermost open boundary that is text, or -1. */
static int
find_boundary (const DsScanner *s, const char *text, gsize length)
{
  if (length == 0 || (s->lengths & length_bit (length)) == 0)
    return -1;
  guint32 hash = hash_of (text, length);
  for (int i = (int) s->boundaries->len - 1; i >= 0; i--)
    {
      const DsBoundary *boundary = &g_array_index (s->boundaries, DsBoundary, i);
      if (boundary->length == length && boundary->hash == hash && memcmp (text, boundary->text, length) == 0)
        return i;
    }
  return -1;
}

/* Does the line at start delimit an open multipart?  The innermost one counts; boundaries are compared whole, since one
 * may be the beginning of another. */
static gboolean
is_delimiter (const DsScanner *s, gsize start, gsize end, int *boundary_r, gboolean *closing_r)
{
  if (s->boundaries->len == 0 || end - start < 3 || s->data[start] != '-' || s->data[start + 1] != '-')
    return FALSE;
  gsize last = ds_scan_trimmed_end (s, start, end);
  if (last <= start + 2)
    return FALSE;
  const char *text = s->data + start + 2;
  gsize have = last - start - 2;
  gboolean dashes = have > 2 && memcmp (text + have - 2, "--", 2) == 0;
  int open = find_boundary (s, text, have), close = dashes ? find_boundary (s, text, have - 2) : -1;
  *boundary_r = MAX (open, close);
  *closing_r = close > open;
  return *boundary_r >= 0;
}

static void
set_stop (DsScanner *s, gsize from, gsize line, gsize end, int boundary, gboolean closing)
{
  gsize content_end = line;
  if (boundary >= 0 && content_end > from && s->data[content_end - 1] == s->eol)
    {
      content_end--;
      if (s->eol == '\n' && content_end > from && s->data[content_end - 1] == '\r')
        content_end--;
    }
  s->stop = (DsStop){ content_end, end, boundary, closing };
}

gboolean
ds_scan_stops_at (DsScanner *s, gsize from, gsize start, gsize end)
{
  int boundary = -1;
  gboolean closing = FALSE;
  if (!is_delimiter (s, start, end, &boundary, &closing))
    return FALSE;
  set_stop (s, from, start, end, boundary, closing);
  return TRUE;
}

/* Sets s->stop to the first delimiter of an open multipart at or after from. */
static void
find_stop (DsScanner *s, gsize from)
{
  for (gsize at = from, end; at < s->size && s->boundaries->len > 0; at = end)
    {
      end = ds_scan_line_end (s, at, s->size);
      if (ds_scan_stops_at (s, from, at, end))
        return;
    }
  set_stop (s, from, s->size, s->size, -1, FALSE);
}

static void scan_entity (DsScanner *s, DsPart *parent, gsize start, const char *number, const char *default_type,
                         gboolean message, guint depth);

/* The number of the i-th child (from 1) of a multipart. */
static char *
child_number (const DsPart *entity, guint i)
{
  if (entity->is_message && g_str_equal (entity->number, "0"))
    return g_strdup_printf ("%u", i);
  if (entity->is_message) /* "2.0" -> "2.1" */
    return g_strdup_printf ("%.*s%u", (int) strlen (entity->number) - 1, entity->number, i);
  return g_strdup_printf ("%s.%u", entity->number, i);
}

/* ---- multiparts ---- */

static int
open_boundary (DsScanner *s, const char *text)
{
  gsize length = strlen (text);
  DsBoundary boundary = { text, length, hash_of (text, length) };
  s->lengths |= length_bit (length);
  g_array_append_val (s->boundaries, boundary);
  return (int) s->boundaries->len - 1;
}

static void
close_boundary (DsScanner *s, int own)
{
  if ((int) s->boundaries->len > own)
    g_array_set_size (s->boundaries, (guint) own);
}

/* The boundary of a multipart that names none or another: the first line "--text" with a MIME header field behind it. */
static char *
guess_boundary (DsScanner *s, gsize start)
{
  find_stop (s, start);
  gsize limit = s->stop.content_end;
  for (gsize at = start, end; at < limit; at = end)
    {
      end = ds_scan_line_end (s, at, limit);
      gsize last = ds_scan_trimmed_end (s, at, end);
      if (last - at < 3 || last - at > GUESS_BYTES || memcmp (s->data + at, "--", 2) != 0)
        continue;
      if (limit - end > 8 && g_ascii_strncasecmp (s->data + end, "Content-", 8) == 0 && ds_scan_is_field (s, end, limit, TRUE))
        return g_strndup (s->data + at + 2, last - at - 2);
    }
  return NULL;
}

/* Opens the multipart's boundary and finds its first delimiter; -1 if it has none. */
static int
find_first_delimiter (DsScanner *s, DsPart *entity, gsize start, const char *number)
{
  for (guint attempt = 0; attempt < 2; attempt++)
    {
      int own = entity->boundary != NULL ? open_boundary (s, entity->boundary) : -1;
      find_stop (s, start);
      if (own >= 0 && s->stop.boundary == own && !s->stop.closing)
        return own;
      if (own >= 0)
        close_boundary (s, own);
      find_stop (s, start);
      if (attempt > 0 || ds_scan_trimmed_end (s, start, s->stop.content_end) == start)
        break;
      DsPart named = { .number = (char *) number };
      ds_tree_add_problem (s->tree, &named, DS_REASON_STRUCTURE);
      g_free (entity->boundary);
      entity->boundary = guess_boundary (s, start);
    }
  return -1;
}

static void
scan_parts (DsScanner *s, DsPart *entity, int own, guint depth)
{
  const char *child_type = g_str_equal (entity->media_type, "multipart/digest") ? "message/rfc822" : NULL;
  for (guint i = 1; s->stop.boundary == own; i++)
    {
      DsStop stop = s->stop;
      ds_part_new (s->frame, entity, DS_PART_DELIMITER, stop.content_end, stop.line_end, entity->number);
      if (stop.closing)
        {
          close_boundary (s, own);
          find_stop (s, stop.line_end);
          ds_part_new (s->frame, entity, DS_PART_EPILOGUE, stop.line_end, s->stop.content_end, entity->number);
          return;
        }
      g_autofree char *number = child_number (entity, i);
      scan_entity (s, entity, stop.line_end, number, child_type, FALSE, depth + 1);
    }
  close_boundary (s, own);
}

/* FALSE where its delimiter never comes. */
static gboolean
scan_multipart (DsScanner *s, DsPart *entity, gsize start, const char *number, guint depth)
{
  int own = find_first_delimiter (s, entity, start, number);
  if (own < 0)
    return FALSE;
  /* RFC 2045, 6.4: composite types have no encoding of their own; mail that says otherwise is sent unencoded. */
  entity->encoding = DS_ENCODING_IDENTITY;
  ds_part_new (s->frame, entity, DS_PART_PREAMBLE, start, s->stop.content_end, entity->number);
  scan_parts (s, entity, own, depth);
  return TRUE;
}

/* ---- entities ---- */

static gboolean
holds_message (const DsPart *entity)
{
  return entity->holds_message || ds_media_type_is_message (entity->media_type) || g_str_equal (entity->media_type, "text/rfc822-headers");
}

/* Mail programs that declare a forwarded message as base64, and send it plain, are as common as those that encode it:
 * base64 has no colon. */
static gboolean
is_plain_message (const DsScanner *s, const DsPart *entity, gsize start)
{
  return entity->encoding == DS_ENCODING_IDENTITY
         || (entity->encoding == DS_ENCODING_BASE64 && ds_scan_is_field (s, start, s->size, FALSE));
}

/* Scans what a body holds, if it can be opened; TRUE if it was. */
static gboolean
scan_nested (DsScanner *s, DsPart *entity, gsize start, const char *number, guint depth)
{
  gboolean multipart = g_str_has_prefix (entity->media_type, "multipart/");
  if (!multipart && !(holds_message (entity) && is_plain_message (s, entity, start)))
    return FALSE;
  if (depth >= s->tree->limits.depth || s->tree->n_entities >= s->tree->limits.parts)
    {
      DsPart named = { .number = (char *) number };
      ds_tree_add_problem (s->tree, &named, depth >= s->tree->limits.depth ? DS_REASON_DEPTH : DS_REASON_PARTS);
      return FALSE;
    }
  if (multipart)
    return scan_multipart (s, entity, start, number, depth);
  /* Who believes the declaration sees what is base64 among it, and nothing else. */
  if (entity->encoding != DS_ENCODING_IDENTITY)
    ds_tree_add_problem (s->tree, entity, DS_REASON_DAMAGED_ENCODING);
  entity->encoding = DS_ENCODING_IDENTITY;
  g_autofree char *inner = g_strconcat (number, ".0", NULL);
  scan_entity (s, entity, start, inner, NULL, TRUE, depth + 1);
  return TRUE;
}

static void
scan_body (DsScanner *s, DsPart *entity, gsize start, guint depth)
{
  g_autofree char *number = entity->is_message ? child_number (entity, 1) : g_strdup (entity->number);
  if (ds_media_is_message_file (entity))
    {
      find_stop (s, start);
      entity->holds_message = ds_scan_begins_message (s, entity, start, s->stop.content_end);
    }
  if (scan_nested (s, entity, start, number, depth))
    return;
  find_stop (s, start);
  ds_scan_leaf (s, entity, start, s->stop.content_end, number);
}

/* Too many parts: the rest of the multipart is one body of plain text, in linear time and memory. */
static void
scan_rest (DsScanner *s, DsPart *entity, gsize start)
{
  ds_tree_add_problem (s->tree, entity, DS_REASON_PARTS);
  entity->media_type = g_strdup ("text/plain");
  g_array_set_size (s->boundaries, 0);
  find_stop (s, start);
  ds_part_new (s->frame, entity, DS_PART_BODY, start, s->stop.content_end, entity->number);
}

static void
scan_entity (DsScanner *s, DsPart *parent, gsize start, const char *number, const char *default_type, gboolean message,
             guint depth)
{
  DsPart *entity = ds_part_new (s->frame, parent, DS_PART_ENTITY, start, start, number);
  if (parent == NULL)
    s->frame->root = entity;
  entity->is_message = message;
  s->tree->n_entities++;
  if (s->tree->n_entities > s->tree->limits.parts)
    {
      scan_rest (s, entity, start);
      entity->end = s->stop.content_end;
      return;
    }
  gsize body = start;
  gboolean cut = ds_scan_header (s, entity, start, &body);
  const char *problem = ds_meaning_of_entity (entity, default_type);
  if (problem != NULL)
    ds_tree_add_problem (s->tree, entity, problem);
  if (cut)
    ds_part_new (s->frame, entity, DS_PART_BODY, body, body, number);
  else
    scan_body (s, entity, body, depth);
  entity->end = s->stop.content_end;
}

void
ds_scan_message (DsTree *tree, DsFrame *frame, const char *number, guint depth)
{
  g_autoptr (GArray) boundaries = g_array_new (FALSE, FALSE, sizeof (DsBoundary));
  DsScanner s = { tree, frame, frame->data, frame->size, g_str_equal (frame->eol, "\r") ? '\r' : '\n', boundaries, 0,
                  { frame->size, frame->size, -1, FALSE } };
  scan_entity (&s, NULL, 0, number, NULL, TRUE, depth);
}
