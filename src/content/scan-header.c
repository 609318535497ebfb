/* Header blocks (RFC 5322, section 2.2), also those that are none by the letter.  Where a line could end the header or be
 * a broken piece of it, the reading that finds more header fields counts, since a Content-Type among them decides whether
 * the body can be read at all. */
#include "config.h"
#include "content/scan-private.h"
#include <string.h>

/* How far behind a broken line known fields are looked for. */
#define AHEAD_LINES 20
#define AHEAD_BYTES 4096

/* Fields that begin real mail, or stand in it; "content-" and "x-" count as well. */
static const char *const known_fields[] = {
  "from",         "to",        "cc",         "bcc",           "subject",       "date",     "message-id",     "received",
  "return-path",  "reply-to",  "sender",     "mime-version",  "references",    "in-reply-to", "delivered-to", "user-agent",
  "dkim-signature", "received-spf", "authentication-results", "thread-topic", "thread-index", "list-id", "importance", NULL,
};

static gsize
skip_blank (const DsScanner *s, gsize at, gsize end)
{
  while (at < end && (s->data[at] == ' ' || s->data[at] == '\t'))
    at++;
  return at;
}

/* RFC 5322, section 3.6.8: a name is of printable characters but the colon; blanks before the colon are obsolete syntax. */
static gsize
field_colon (const DsScanner *s, gsize start, gsize end, gsize *name_end_r)
{
  gsize at = start;
  while (at < end && s->data[at] > 32 && s->data[at] < 127 && s->data[at] != ':')
    at++;
  *name_end_r = at;
  at = skip_blank (s, at, end);
  return at < end && s->data[at] == ':' && *name_end_r > start ? at : 0;
}

static gboolean
is_known_name (const char *name, gsize length)
{
  if (length > 40)
    return FALSE;
  g_autofree char *lower = g_ascii_strdown (name, (gssize) length);
  return g_str_has_prefix (lower, "content-") || g_str_has_prefix (lower, "x-") || g_strv_contains (known_fields, lower);
}

gboolean
ds_scan_is_field (const DsScanner *s, gsize at, gsize limit, gboolean known)
{
  gsize name_end = at;
  return at < limit && field_colon (s, at, limit, &name_end) != 0 && (!known || is_known_name (s->data + at, name_end - at));
}

static gboolean
is_from_line (const DsScanner *s, gsize at)
{
  return (s->size - at >= 5 && memcmp (s->data + at, "From ", 5) == 0)
         || (s->size - at >= 6 && memcmp (s->data + at, ">From ", 6) == 0);
}

/* The header's own boundary may be the first line of a body that no empty line parts from it. */
static gboolean
begins_part (const DsScanner *s, gsize at)
{
  return s->size - at >= 3 && memcmp (s->data + at, "--", 2) == 0;
}

/* A line of blanks may be a folded one (RFC 5322, 4.2) or the end of the header, as mail programs disagree: it is folded
 * where what follows can't be a body. */
static gboolean
blank_line_goes_on (const DsScanner *s, gsize start, gsize end)
{
  if (end >= s->size || (s->data[start] != ' ' && s->data[start] != '\t'))
    return FALSE;
  return ds_scan_is_field (s, end, MIN (s->size, end + AHEAD_BYTES), TRUE);
}

/* A line without a colon ends the header, unless the header plainly goes on behind it: with a field, or with one that
 * mail has before the next empty line (continuation lines that lost their blanks lie between). */
static gboolean
header_goes_on (const DsScanner *s, gsize at)
{
  gsize limit = MIN (s->size, at + AHEAD_BYTES);
  if (ds_scan_is_field (s, at, limit, FALSE))
    return TRUE;
  for (guint i = 0; i < AHEAD_LINES && at < limit; i++)
    {
      gsize end = ds_scan_line_end (s, at, limit);
      gboolean empty = ds_scan_trimmed_end (s, at, end) == at;
      if ((empty && !blank_line_goes_on (s, at, end)) || begins_part (s, at))
        return FALSE;
      if (ds_scan_is_field (s, at, end, TRUE))
        return TRUE;
      at = end;
    }
  return FALSE;
}

static gsize
field_end (const DsScanner *s, gsize end)
{
  while (end < s->size && (s->data[end] == ' ' || s->data[end] == '\t'))
    {
      gsize next = ds_scan_line_end (s, end, s->size);
      if (ds_scan_trimmed_end (s, end, next) == end)
        break;
      end = next;
    }
  return end;
}

static void
add_field (DsPart *header, const DsScanner *s, gsize start, gsize end, gsize name_end, gsize colon)
{
  gsize value_end = end;
  while (value_end > start && (s->data[value_end - 1] == '\n' || s->data[value_end - 1] == '\r'))
    value_end--;
  gsize value = name_end > start ? colon + 1 : start;
  DsField field = { start, end, name_end, MIN (value, value_end), value_end };
  g_array_append_val (header->fields, field);
}

/* The limit is struck by the field that would reach beyond it, however long: the rest is read as body, as plain text. */
static gboolean
has_room (DsScanner *s, const DsPart *header, gsize end)
{
  if (end - header->start + s->tree->header_bytes <= s->tree->limits.header_bytes)
    return TRUE;
  ds_tree_add_problem (s->tree, header, DS_REASON_HEADERS);
  s->tree->header_cut = TRUE;
  return FALSE;
}

/* One field, malformed line or leading "From " line at *at; FALSE where the body begins without an empty line. */
static gboolean
scan_field (DsScanner *s, DsPart *header, gsize *at)
{
  gsize end = ds_scan_line_end (s, *at, s->size), name_end = *at;
  gsize colon = field_colon (s, *at, end, &name_end);
  gboolean from_line = header->fields->len == 0 && is_from_line (s, *at);
  if (colon == 0 && !from_line && (begins_part (s, *at) || !header_goes_on (s, end)))
    return FALSE;
  if (colon == 0 || from_line)
    name_end = *at; /* malformed */
  else
    end = field_end (s, end);
  if (!has_room (s, header, end))
    return FALSE;
  add_field (header, s, *at, end, name_end, colon);
  *at = end;
  return TRUE;
}

/* Blank lines before a message's header, as some transports leave them: malformed lines of it, where a field follows
 * (behind a wholly empty line: one that mail has, since an empty line otherwise means an empty header). */
static gsize
skip_leading_blank (const DsScanner *s, DsPart *header, gsize start)
{
  gsize at = start, limit = MIN (s->size, start + AHEAD_BYTES);
  gboolean empty = FALSE;
  while (at < limit)
    {
      gsize end = ds_scan_line_end (s, at, limit);
      if (ds_scan_trimmed_end (s, at, end) != at)
        break;
      empty |= s->data[at] == '\r' || s->data[at] == '\n';
      at = end;
    }
  if (at == start || !ds_scan_is_field (s, at, MIN (s->size, at + AHEAD_BYTES), empty))
    return start;
  for (gsize line = start; line < at;)
    {
      gsize end = ds_scan_line_end (s, line, at);
      add_field (header, s, line, end, line, 0);
      line = end;
    }
  return at;
}

/* The line of blanks [start, end) ends the header, and its last field goes on behind it for who takes that line for folded. */
static gboolean
is_folded_on (const DsScanner *s, gsize start, gsize end)
{
  if ((s->data[start] != ' ' && s->data[start] != '\t') || end >= s->size || (s->data[end] != ' ' && s->data[end] != '\t'))
    return FALSE;
  gsize next = ds_scan_line_end (s, end, s->size);
  return ds_scan_trimmed_end (s, end, next) > end;
}

/* The line at *at; FALSE if the header ends before or behind it. */
static gboolean
scan_line (DsScanner *s, DsPart *header, gsize *at)
{
  gsize end = ds_scan_line_end (s, *at, s->size);
  if (ds_scan_trimmed_end (s, *at, end) == *at)
    {
      gboolean goes_on = blank_line_goes_on (s, *at, end);
      if (goes_on)
        add_field (header, s, *at, end, *at, 0);
      else if (header->fields->len > 0 && is_folded_on (s, *at, end))
        ds_tree_add_problem (s->tree, header, DS_REASON_STRUCTURE);
      *at = end;
      return goes_on;
    }
  return scan_field (s, header, at);
}

gboolean
ds_scan_header (DsScanner *s, DsPart *entity, gsize start, gsize *body_r)
{
  DsPart *header = ds_part_new (s->frame, entity, DS_PART_HEADER, start, start, entity->number);
  header->fields = g_array_new (FALSE, FALSE, sizeof (DsField));
  gboolean cut = FALSE;
  gsize at = entity->is_message ? skip_leading_blank (s, header, start) : start;
  while (at < s->size)
    {
      cut = ds_scan_stops_at (s, at, at, ds_scan_line_end (s, at, s->size));
      if (cut || !scan_line (s, header, &at))
        break;
    }
  header->end = at;
  s->tree->header_bytes += at - start;
  *body_r = at;
  return cut;
}
