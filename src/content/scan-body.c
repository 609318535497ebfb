/* Bodies: encoded content in plain text (uuencoded files, base64 that nobody declared), and plain text in encoded content
 * (footers, junk, a wrong Content-Transfer-Encoding). */
#include "config.h"
#include "content/base64.h"
#include "content/scan-private.h"
#include "content/sniff.h"
#include "content/transfer.h"
#include "content/uuencode.h"
#include <string.h>

/* How much of a body is decoded to see whether it is what it says. */
#define SAMPLE_BYTES 12288
/* A tombstone is a short text. */
#define TOMBSTONE_BYTES 2048
#define TOMBSTONE_LINE_BYTES 400

static gboolean
decodes_to_content (const char *raw, gsize size)
{
  gboolean damaged = FALSE;
  g_autoptr (GBytes) sample = ds_base64_decode (raw, MIN (size, SAMPLE_BYTES), &damaged);
  gsize length = 0;
  const char *data = g_bytes_get_data (sample, &length);
  return length > 0 && (ds_sniff_is_text (data, length) || ds_sniff_is_known_file (data, length));
}

/* ---- messages as files ---- */

static gboolean
begins_with_field (const char *data, gsize size)
{
  /* Programs that save a message may leave the line of their folder before it. */
  const char *line = size > 5 && memcmp (data, "From ", 5) == 0 ? memchr (data, '\n', size) : NULL;
  gsize at = line != NULL ? (gsize) (line - data) + 1 : 0, name = at;
  while (at < size && at - name < 78 && data[at] > ' ' && data[at] < 127 && data[at] != ':')
    at++;
  return at > name && at < size && data[at] == ':' && memchr (data, '\n', size) != NULL;
}

gboolean
ds_scan_begins_message (DsScanner *s, const DsPart *entity, gsize start, gsize end)
{
  const char *raw = s->data + start;
  gsize size = MIN (end - start, SAMPLE_BYTES);
  if (entity->encoding != DS_ENCODING_BASE64)
    return entity->encoding != DS_ENCODING_UUENCODE && begins_with_field (raw, size);
  gboolean damaged = FALSE;
  g_autoptr (GBytes) sample = ds_base64_decode (raw, size, &damaged);
  gsize length = 0;
  const char *data = g_bytes_get_data (sample, &length);
  return begins_with_field (data, length);
}

/* ---- base64 ---- */

/* Text that is declared base64 and is none: the plain reading counts, unless decoding gives text after all.  A short text
 * may decode to something like text by chance: where not one line is base64, it is read as it stands first. */
static gboolean
is_no_base64 (const DsBase64Lines *lines, const char *raw, gsize size)
{
  if (lines->good == 0 && lines->junk != NULL)
    return TRUE;
  gsize junk_bytes = 0;
  for (guint i = 0; lines->junk != NULL && i < lines->junk->len; i++)
    junk_bytes += g_array_index (lines->junk, DsSpan, i).end - g_array_index (lines->junk, DsSpan, i).start;
  return junk_bytes > size / 2 && !decodes_to_content (raw, size);
}

/* Of base64. */
static gboolean
is_digit (char c)
{
  return g_ascii_isalnum (c) || c == '+' || c == '/';
}

/* A value that stands on both sides of where base64 ends for us is whole to who reads on: as many bytes of it are read once more. */
#define QUADS_BEFORE 64
#define LEAST_GOING_ON 8

/* Whether the line at at begins with base64: a footer begins with a word. */
static gboolean
goes_on (const char *raw, gsize at, gsize end)
{
  gboolean mixed = FALSE;
  while (at < end && (raw[at] == ' ' || raw[at] == '\t'))
    at++;
  gsize start = at;
  for (; at < end && is_digit (raw[at]); at++)
    mixed = mixed || !g_ascii_isalpha (raw[at]) || (g_ascii_isupper (raw[at]) && at > start && g_ascii_islower (raw[at - 1]));
  return mixed && at - start >= LEAST_GOING_ON;
}

/* A quad's beginning some way before the quad that begins at end. */
static gsize
quads_before (const char *raw, gsize start, gsize end)
{
  guint n = 0;
  while (end > start && n < QUADS_BEFORE * 4 && raw[end - 1] != '=')
    n += is_digit (raw[--end]);
  for (; n % 4 != 0; end++)
    n -= is_digit (raw[end]);
  return end;
}

/* Where the quad begins that the characters of raw [start, end) leave open, or end. */
static gsize
open_quad (const char *raw, gsize start, gsize end)
{
  gsize quad = end;
  guint n = 0;
  for (gsize at = start; at < end; at++)
    {
      gboolean digit = is_digit (raw[at]);
      if (digit && n == 0)
        quad = at;
      if (digit || raw[at] == '=')
        n = digit ? (n + 1) % 4 : 0;
    }
  return n == 0 ? end : quad;
}

static void
scan_base64 (DsScanner *s, DsPart *entity, gsize start, gsize end, const char *number)
{
  g_auto (DsBase64Lines) lines = { 0 };
  ds_base64_lines (s->data + start, end - start, &lines);
  gsize footer = start + lines.end;
  if (is_no_base64 (&lines, s->data + start, end - start))
    {
      entity->encoding = DS_ENCODING_IDENTITY;
      footer = end;
    }
  DsPart *body = ds_part_new (s->frame, entity, DS_PART_BODY, start, footer, number);
  if (entity->encoding == DS_ENCODING_IDENTITY)
    {
      ds_tree_add_problem (s->tree, body, DS_REASON_DAMAGED_ENCODING);
      if (decodes_to_content (s->data + start, end - start))
        ds_part_read_also (body, start, end, DS_ENCODING_BASE64);
    }
  else
    for (guint i = 0; lines.junk != NULL && i < lines.junk->len; i++)
      {
        const DsSpan *junk = &g_array_index (lines.junk, DsSpan, i);
        ds_part_read_also (body, start + junk->start, start + junk->end, DS_ENCODING_IDENTITY);
      }
  if (footer == end)
    return;
  /* What is no base64 for its junk is that to some mail programs. */
  gsize quad = open_quad (s->data, start, footer);
  ds_part_read_also (body, goes_on (s->data, footer, end) ? quads_before (s->data, start, quad) : quad, end, DS_ENCODING_BASE64);
  ds_part_new (s->frame, entity, DS_PART_GAP, footer, end, number);
}

/* Base64 without a Content-Transfer-Encoding that says so: decoded, and read as it stands as well. */
static gboolean
scan_undeclared_base64 (DsScanner *s, DsPart *entity, gsize start, gsize end, const char *number)
{
  const char *raw = s->data + start;
  if (end - start < 120 || !ds_base64_in_plain_sight (raw, end - start) || !decodes_to_content (raw, end - start))
    return FALSE;
  entity->encoding = DS_ENCODING_BASE64;
  DsPart *body = ds_part_new (s->frame, entity, DS_PART_BODY, start, end, number);
  ds_part_read_also (body, start, end, DS_ENCODING_IDENTITY);
  ds_tree_add_problem (s->tree, body, DS_REASON_UNKNOWN_ENCODING);
  return TRUE;
}

/* ---- files in plain text ---- */

/* A stretch of a text that is an entity of its own. */
typedef struct
{
  gsize start, end;
  gboolean is_tombstone;
  DsUuBlock uu;
} Block;

/* The lines of a tombstone, as ds_tombstone_write sets them, by their beginnings. */
static const char *const tombstone_lines[] = { DS_TOMBSTONE_FIRST, "", "What it was: ", "Type: ", "Removed: ", "Reason: ", "Case: ",
                                               DS_TOMBSTONE_LAST };
#define TOMBSTONE_CASE 6 /* it may be missing */

static gboolean
line_fits (const char *line, gsize length, guint which)
{
  const char *wanted = tombstone_lines[which];
  gsize size = strlen (wanted);
  if (length < size || memcmp (line, wanted, size) != 0)
    return FALSE;
  return which > 1 ? length > size && length < TOMBSTONE_LINE_BYTES : length == size;
}

/* A tombstone that stands for a uuencoded file: it keeps that file's number.  A sender can write its first line too: all
 * others must follow. */
static gboolean
tombstone_at (const DsScanner *s, gsize at, gsize end, Block *block)
{
  gsize line = at;
  for (guint i = 0; i < G_N_ELEMENTS (tombstone_lines); i++)
    {
      if (line >= end)
        return FALSE;
      gsize next = ds_scan_line_end (s, line, end);
      gsize length = ds_scan_trimmed_end (s, line, next) - line;
      if (line_fits (s->data + line, length, i))
        line = next;
      else if (i != TOMBSTONE_CASE)
        return FALSE;
    }
  *block = (Block){ .start = at, .end = line, .is_tombstone = TRUE };
  return TRUE;
}

static gboolean
block_at (const DsScanner *s, gsize at, gsize end, Block *block)
{
  *block = (Block){ .start = at };
  if (s->data[at] == '[')
    return tombstone_at (s, at, end, block);
  if (!ds_uu_block_at (s->data, at, end, &block->uu))
    return FALSE;
  block->end = block->uu.end.end;
  return TRUE;
}

/* The next place from at where word stands at the start of a line, or end. */
static gsize
find_at_line_start (const DsScanner *s, gsize start, gsize at, gsize end, const char *word)
{
  while (at < end)
    {
      const char *found = memmem (s->data + at, end - at, word, strlen (word));
      if (found == NULL)
        return end;
      at = (gsize) (found - s->data);
      if (at == start || s->data[at - 1] == '\n')
        return at;
      at++;
    }
  return end;
}

/* Where the next of either kind may begin; kept, so that each byte is looked at once. */
typedef struct
{
  gsize start, end; /* of the body */
  gsize uu, tombstone;
} Cursor;

static gboolean
next_block (const DsScanner *s, Cursor *c, Block *block)
{
  for (;;)
    {
      gsize at = MIN (c->uu, c->tombstone);
      if (at >= c->end)
        return FALSE;
      gboolean found = block_at (s, at, c->end, block);
      gsize next = found ? block->end : at + 1;
      if (c->uu < next)
        c->uu = find_at_line_start (s, c->start, next, c->end, "begin ");
      if (c->tombstone < next)
        c->tombstone = find_at_line_start (s, c->start, next, c->end, DS_TOMBSTONE_FIRST);
      if (found)
        return TRUE;
    }
}

static DsPart *
block_entity (DsScanner *s, DsPart *text, const Block *block, const char *number)
{
  DsPart *entity = ds_part_new (s->frame, text, DS_PART_ENTITY, block->start, block->end, number);
  s->tree->n_entities++;
  entity->is_tombstone = block->is_tombstone;
  if (block->is_tombstone)
    {
      entity->media_type = g_strdup ("text/plain");
      return entity;
    }
  g_autofree char *name = g_strndup (s->data + block->uu.filename.start, block->uu.filename.end - block->uu.filename.start);
  entity->filename = g_utf8_make_valid (name, -1);
  gboolean typed = text->encoding == DS_ENCODING_UUENCODE && !g_str_equal (text->media_type, "text/plain");
  entity->media_type = g_strdup (typed ? text->media_type : ds_media_type_of_file (entity->filename));
  entity->encoding = DS_ENCODING_UUENCODE;
  entity->attachment = TRUE;
  return entity;
}

static void
add_block (DsScanner *s, DsPart *text, const Block *block, const char *number)
{
  DsPart *entity = block_entity (s, text, block, number);
  if (block->is_tombstone)
    {
      ds_part_new (s->frame, entity, DS_PART_BODY, block->start, block->end, number);
      return;
    }
  const DsUuBlock *uu = &block->uu;
  DsPart *header = ds_part_new (s->frame, entity, DS_PART_HEADER, uu->begin.start, uu->begin.end, number);
  header->fields = g_array_new (FALSE, FALSE, sizeof (DsField));
  header->name_start = uu->filename.start;
  header->name_end = uu->filename.end;
  ds_part_new (s->frame, entity, DS_PART_BODY, uu->data.start, uu->data.end, number);
  if (uu->end.end > uu->end.start)
    ds_part_new (s->frame, entity, DS_PART_GAP, uu->end.start, uu->end.end, number);
}

/* FALSE where there are none. */
static gboolean
scan_blocks (DsScanner *s, DsPart *entity, gsize start, gsize end, const char *number)
{
  gsize from = start;
  guint n = 0;
  Block block;
  Cursor cursor = { start, end, find_at_line_start (s, start, start, end, "begin "),
                    find_at_line_start (s, start, start, end, DS_TOMBSTONE_FIRST) };
  while (next_block (s, &cursor, &block))
    {
      if (s->tree->n_entities >= s->tree->limits.parts)
        {
          DsPart named = { .number = (char *) number };
          ds_tree_add_problem (s->tree, &named, DS_REASON_PARTS);
          break;
        }
      if (block.start > from || n == 0)
        ds_part_new (s->frame, entity, DS_PART_BODY, from, block.start, number);
      g_autofree char *child = g_strdup_printf ("%s.%u", number, ++n);
      add_block (s, entity, &block, child);
      from = block.end;
    }
  if (n == 0)
    return FALSE;
  if (from < end)
    ds_part_new (s->frame, entity, DS_PART_BODY, from, end, number);
  entity->encoding = DS_ENCODING_IDENTITY;
  return TRUE;
}

static gboolean
may_hold_blocks (const DsPart *entity)
{
  return !entity->is_tombstone
         && (entity->encoding == DS_ENCODING_UUENCODE
             || (entity->encoding == DS_ENCODING_IDENTITY && g_str_equal (entity->media_type, "text/plain")));
}

/* Its header says so (ds_meaning_of_entity), and its text is nothing else. */
static gboolean
is_tombstone (const DsScanner *s, const DsPart *entity, gsize start, gsize end)
{
  Block block;
  return entity->is_tombstone && entity->encoding == DS_ENCODING_IDENTITY && end - start < TOMBSTONE_BYTES && end > start
         && tombstone_at (s, start, end, &block) && ds_scan_trimmed_end (s, block.end, end) == block.end;
}

void
ds_scan_leaf (DsScanner *s, DsPart *entity, gsize start, gsize end, const char *number)
{
  entity->is_tombstone = is_tombstone (s, entity, start, end);
  if (entity->encoding == DS_ENCODING_BASE64)
    {
      scan_base64 (s, entity, start, end, number);
      return;
    }
  if (may_hold_blocks (entity) && scan_blocks (s, entity, start, end, number))
    return;
  if (entity->encoding == DS_ENCODING_IDENTITY && scan_undeclared_base64 (s, entity, start, end, number))
    return;
  DsPart *body = ds_part_new (s->frame, entity, DS_PART_BODY, start, end, number);
  /* Without its frame, and with lines of another kind, it may be no uuencode at all. */
  if (entity->encoding == DS_ENCODING_UUENCODE && !ds_uu_is_whole (s->data + start, end - start))
    ds_part_read_also (body, start, end, DS_ENCODING_IDENTITY);
  if (entity->unknown_encoding)
    ds_tree_add_problem (s->tree, body, DS_REASON_UNKNOWN_ENCODING);
}
