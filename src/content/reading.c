#include "config.h"
#include "content/reading.h"
#include "base/error.h"
#include "content/header.h"
#include "content/sniff.h"
#include "content/unread.h"
#include <string.h>

/* In text of a charset unlike ASCII, no more of its bytes in a row look like plain text. */
#define PLAIN_RUN 8
#define DIGIT_RUN 4

/* The decoded bytes; of none, GBytes gives no address. */
static const char *
bytes_of (const DsReading *reading, gsize *size)
{
  const char *data = g_bytes_get_data (reading->transfer->bytes, size);
  return data != NULL ? data : "";
}

/* A media type that has no text in it, whatever its bytes look like. */
static gboolean
is_binary_type (const char *type)
{
  return g_str_has_prefix (type, "image/") || g_str_has_prefix (type, "audio/") || g_str_has_prefix (type, "video/")
         || g_str_has_prefix (type, "font/");
}

static gboolean
is_encrypted_type (const DsPart *entity)
{
  g_autofree char *value = NULL;
  if (g_str_equal (entity->media_type, "application/pgp-encrypted"))
    return TRUE;
  if (g_str_equal (entity->media_type, "application/pkcs7-mime")
      || g_str_equal (entity->media_type, "application/x-pkcs7-mime"))
    {
      const DsField *field = ds_part_field (entity, "Content-Type");
      value = field != NULL ? ds_field_value (entity->frame, field) : NULL;
      return value == NULL || strstr (value, "signed-data") == NULL;
    }
  return FALSE;
}

static gboolean
is_unopened_mail (const DsPart *entity, const char *extension)
{
  static const char *const extensions[] = { "eml", "mbox", "mbx", "mht", "mhtml", "msg", "nws", NULL };
  return g_str_has_prefix (entity->media_type, "message/")
         || (extension != NULL && g_strv_contains (extensions, extension));
}

/* A file that holds mail after mail: what is encoded within is not seen, whatever it is called. */
static gboolean
is_mailbox (const DsPart *entity, const char *data, gsize size)
{
  return entity->parent == NULL && !entity->is_message && size > 5 && memcmp (data, "From ", 5) == 0;
}

/* Text with marks of its own, which may stand within a value: read as it is, for want of a reader. */
static gboolean
is_marked_text (const char *type)
{
  static const char *const types[] = { "text/rtf", "text/enriched", "text/richtext", NULL };
  return g_strv_contains (types, type);
}

static DsReader
reader_of (DsTree *tree, const DsPart *leaf, const char *data, gsize size)
{
  const DsPart *entity = leaf->parent;
  if (is_encrypted_type (entity))
    {
      ds_tree_add_problem (tree, leaf, DS_REASON_ENCRYPTED);
      return NULL;
    }
  if (g_str_has_prefix (entity->media_type, "multipart/") || g_str_equal (entity->media_type, "message/rfc822"))
    return ds_read_plain; /* its structure could not be read: its bytes can */
  if (is_mailbox (entity, data, size) || (is_marked_text (entity->media_type) && size > 0))
    ds_tree_add_problem (tree, leaf, DS_REASON_OPAQUE);
  g_autofree char *extension = ds_extension (entity->filename);
  DsReader reader = ds_reader_for (entity->media_type, extension);
  /* A reader that only the name speaks for would find nothing in a picture. */
  gboolean sure = reader != ds_read_plain && reader == ds_reader_for (entity->media_type, NULL);
  if (reader != NULL && (sure || entity->is_message || !entity->attachment || ds_sniff_is_text (data, size)))
    return reader;
  if (size == 0)
    return NULL;
  if (reader == NULL && !is_binary_type (entity->media_type) && ds_sniff_is_text (data, size))
    {
      if (is_unopened_mail (entity, extension))
        ds_tree_add_problem (tree, leaf, DS_REASON_OPAQUE); /* what is encoded within is not seen */
      return ds_read_plain;
    }
  gboolean image = g_str_has_prefix (entity->media_type, "image/");
  ds_tree_add_problem (tree, leaf, image ? DS_REASON_IMAGE : DS_REASON_OPAQUE);
  return NULL;
}

/* The reading of a body's or gap's decoded bytes. */
static void
read_decoded (DsTree *tree, DsReading *reading, DsReader read, const char *charset)
{
  gsize size = 0;
  const char *data = bytes_of (reading, &size);
  reading->decoded = ds_charset_decode (charset, read == ds_read_html, data, size);
  if (reading->decoded->unknown)
    ds_tree_add_problem (tree, reading->leaf, DS_REASON_CHARSET);
  else if (reading->decoded->invalid > 0)
    ds_tree_add_problem (tree, reading->leaf, DS_REASON_DAMAGED_TEXT);
  read (reading->decoded->utf8, reading->decoded->size, reading->texts);
  ds_unread_note (tree, reading->leaf, reading->decoded, reading->texts);
}

/* A text in which nothing can be edited: what it shows has bytes that are read in another way, too.  Takes utf8 over. */
static void
add_second_reading (DsReading *reading, char *utf8, gsize size)
{
  DsSpanMap *map = ds_span_map_new ();
  ds_span_map_gap (map, size);
  g_ptr_array_add (reading->texts, ds_text_new (DS_TEXT_METADATA, NULL, utf8, size, map));
}

static gboolean
is_plain (char c)
{
  return g_ascii_isprint (c) || c == '\t';
}

/* Charsets in which plain bytes may be other characters than ASCII's. */
static gboolean
is_unlike_ascii (const DsDecoded *decoded)
{
  static const char *const names[] = { "utf-16", "utf-32", "utf-7", "iso-2022-", "hz-", "ibm037", "ibm273", "ibm500", "ibm1047", "ibm114" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_has_prefix (decoded->name, names[i]))
      return TRUE;
  return FALSE;
}

/* For each byte whether the decoded text has it as the ASCII character that it looks like. */
static guint8 *
bytes_in_text (const DsDecoded *decoded, const char *data, gsize size)
{
  guint8 *same = g_new0 (guint8, size + 1);
  for (gsize i = 0; i < decoded->size; i++)
    {
      char c = decoded->utf8[i];
      DsSpan unit = is_plain (c) ? ds_span_map_hull (decoded->map, i, i + 1) : (DsSpan){ 0, 0 };
      for (gsize at = unit.start; at < MIN (unit.end, unit.start + 4); at++)
        same[at] |= data[at] == c;
    }
  return same;
}

/* The end of the run of plain bytes at start: NULs may stand in it, a line's end or an escape sequence (ECMA-35, 13.1) ends
 * it.  *other_r: whether many of them are something else in the text, with no two between that are not. */
static gsize
plain_run (const char *data, gsize size, gsize start, const guint8 *same, gboolean *other_r)
{
  gsize at = start, row = 0, kept = 0;
  *other_r = FALSE;
  for (; at < size && (is_plain (data[at]) || data[at] == '\0'); at++)
    {
      if (data[at] == '\0')
        continue;
      kept = same[at] ? kept + 1 : 0;
      row = kept > 1 ? 0 : row + (kept == 0);
      *other_r |= row >= PLAIN_RUN;
    }
  return at;
}

/* The same in UTF-7, whose honest base64 stands within words: it has not so many digits in a row. */
static gsize
plain_line (const char *data, gsize size, gsize start, const guint8 *same, gboolean *other_r)
{
  gsize at = start, row = 0;
  *other_r = FALSE;
  for (; at < size && is_plain (data[at]); at++)
    {
      row = g_ascii_isdigit (data[at]) && !same[at] ? row + 1 : 0;
      *other_r |= row >= DIGIT_RUN;
    }
  return at;
}

/* Behind the byte at at, which is not plain; an escape sequence is passed over as a whole. */
static gsize
skip_other (const char *data, gsize size, gsize at)
{
  gboolean escape = data[at++] == '\x1b';
  while (escape && at < size && data[at] >= ' ' && data[at] <= '/')
    at++;
  return escape && at < size && is_plain (data[at]) ? at + 1 : at;
}

/* Plain text among bytes that are in another charset only by a wrong declaration, or because of some NULs or an escape sequence:
 * mail programs that do not know the charset, or do not guess it, show it. */
static void
read_plain_runs (DsTree *tree, DsReading *reading)
{
  const DsDecoded *decoded = reading->decoded;
  if (decoded == NULL || !is_unlike_ascii (decoded))
    return;
  gsize size = 0;
  const char *data = bytes_of (reading, &size);
  g_autofree guint8 *same = bytes_in_text (decoded, data, size);
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean utf7 = g_str_equal (decoded->name, "utf-7"), other = FALSE;
  for (gsize at = 0, end; at < size; at = end < size ? skip_other (data, size, end) : end)
    {
      end = (utf7 ? plain_line : plain_run) (data, size, at, same, &other);
      if (!other)
        continue;
      for (gsize i = at; i < end; i++)
        if (data[i] != '\0')
          g_string_append_c (text, data[i]);
      g_string_append_c (text, DS_TEXT_SEPARATOR);
    }
  gsize length = text->len;
  if (length == 0)
    return;
  /* Markup is not read as markup in these runs. */
  if (decoded->guessed && decoded->declared)
    ds_tree_add_problem (tree, reading->leaf, DS_REASON_DISAGREE);
  add_second_reading (reading, g_string_free (g_steal_pointer (&text), FALSE), length);
}

/* Other readings of the same bytes: nothing can be edited in them. */
static void
read_other (DsReading *reading)
{
  const DsPart *leaf = reading->leaf;
  for (guint i = 0; leaf->other != NULL && i < leaf->other->len; i++)
    {
      const DsOtherReading *other = &g_array_index (leaf->other, DsOtherReading, i);
      const char *raw = leaf->frame->data + other->start;
      g_autoptr (DsTransfer) transfer = ds_transfer_decode (other->encoding, raw, other->end - other->start);
      gsize size = 0;
      const char *data = g_bytes_get_data (transfer->bytes, &size);
      g_autoptr (DsDecoded) decoded = ds_charset_decode (leaf->parent->charset, FALSE, data, size);
      if (decoded->size > 0)
        add_second_reading (reading, g_steal_pointer (&decoded->utf8), decoded->size);
    }
}

static void
read_body (DsTree *tree, DsReading *reading)
{
  DsPart *leaf = reading->leaf;
  const DsPart *entity = leaf->parent;
  reading->transfer = ds_transfer_decode (entity->encoding, leaf->frame->data + leaf->start, leaf->end - leaf->start);
  if (reading->transfer->damaged)
    ds_tree_add_problem (tree, leaf, DS_REASON_DAMAGED_ENCODING);
  if (leaf->inner != NULL)
    return;
  gsize size = 0;
  const char *data = bytes_of (reading, &size);
  DsReader reader = reader_of (tree, leaf, data, size);
  if (reader == NULL)
    return;
  read_decoded (tree, reading, reader, entity->charset);
  if (entity->flowed && reading->texts->len > 0)
    {
      DsText *text = g_ptr_array_index (reading->texts, 0);
      text->flowed = TRUE;
      text->delsp = entity->delsp;
    }
}

static void
read_metadata (DsTree *tree, DsReading *reading)
{
  DsPart *leaf = reading->leaf;
  reading->transfer = ds_transfer_decode (DS_ENCODING_IDENTITY, leaf->frame->data + leaf->start, leaf->end - leaf->start);
  read_decoded (tree, reading, ds_read_plain, NULL);
  for (guint i = 0; i < reading->texts->len; i++)
    ((DsText *) g_ptr_array_index (reading->texts, i))->kind = DS_TEXT_METADATA;
}

/* The name of a file blob is a text without bytes of its own in the blob: it is found, but changed by nobody here. */
static void
read_file_name (DsReading *reading)
{
  const DsPart *entity = reading->leaf->parent;
  if (entity->parent != NULL || entity->is_message || entity->filename == NULL || entity->frame->container != NULL)
    return;
  DsSpanMap *map = ds_span_map_new ();
  gsize size = strlen (entity->filename);
  ds_span_map_gap (map, size);
  g_ptr_array_add (reading->texts, ds_text_new (DS_TEXT_FILENAME, NULL, g_strdup (entity->filename), size, map));
}

DsReading *
ds_reading_new (DsTree *tree, DsPart *leaf)
{
  DsReading *reading = g_new0 (DsReading, 1);
  reading->leaf = leaf;
  reading->texts = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_text_free);
  switch (leaf->role)
    {
    case DS_PART_HEADER:
      ds_header_texts (leaf, reading->texts);
      break;
    case DS_PART_BODY:
      read_body (tree, reading);
      read_plain_runs (tree, reading);
      read_other (reading);
      read_file_name (reading);
      break;
    case DS_PART_PREAMBLE:
    case DS_PART_EPILOGUE:
    case DS_PART_GAP:
      read_metadata (tree, reading);
      read_plain_runs (tree, reading);
      break;
    case DS_PART_DELIMITER:
    case DS_PART_ENTITY:
      break;
    }
  return reading;
}

void
ds_reading_drop_bytes (DsReading *reading)
{
  gboolean shared = FALSE;
  for (guint i = 0; i < reading->texts->len; i++)
    shared |= ((const DsText *) g_ptr_array_index (reading->texts, i))->owned == NULL;
  g_clear_pointer (&reading->transfer, ds_transfer_free);
  if (!shared)
    g_clear_pointer (&reading->decoded, ds_decoded_free);
}

void
ds_reading_free (DsReading *reading)
{
  if (reading == NULL)
    return;
  g_ptr_array_unref (reading->texts);
  ds_decoded_free (reading->decoded);
  ds_transfer_free (reading->transfer);
  g_free (reading);
}

/* A header sent in a bounce is what the bounce has attached: its fields are content. */
static gboolean
is_attached_header (const DsPart *part)
{
  for (; part != NULL; part = part->parent != NULL ? part->parent : part->frame->container)
    if (part->role == DS_PART_ENTITY && g_str_equal (part->media_type, "text/rfc822-headers"))
      return TRUE;
  return FALSE;
}

const char *
ds_text_where (const DsPart *leaf, const DsText *text)
{
  if (leaf->role == DS_PART_HEADER && text->kind != DS_TEXT_FILENAME && is_attached_header (leaf->parent->parent))
    return "attachment";
  switch (text->kind)
    {
    case DS_TEXT_FILENAME:
      return "filename";
    case DS_TEXT_METADATA:
      return leaf->role == DS_PART_HEADER ? "metadata" : "body";
    case DS_TEXT_HEADER:
      return text->name != NULL && g_ascii_strcasecmp (text->name, "Subject") == 0 ? "subject" : "headers";
    case DS_TEXT_VISIBLE:
    case DS_TEXT_ATTRIBUTE:
    case DS_TEXT_COMMENT:
      break;
    }
  return is_attached_header (leaf->parent) || (leaf->parent->attachment && !leaf->parent->is_message) ? "attachment" : "body";
}

static int
by_start (gconstpointer a, gconstpointer b)
{
  const DsEdit *one = a, *two = b;
  return one->span.start < two->span.start ? -1 : one->span.start > two->span.start;
}

void
ds_edits_sort (GArray *edits)
{
  g_array_sort (edits, by_start);
  guint kept = 0;
  for (guint i = 0; i < edits->len; i++)
    {
      DsEdit *edit = &g_array_index (edits, DsEdit, i);
      DsEdit *last = kept > 0 ? &g_array_index (edits, DsEdit, kept - 1) : NULL;
      if (last != NULL && edit->span.start < last->span.end)
        {
          last->span.end = MAX (last->span.end, edit->span.end);
          g_clear_pointer (&edit->replacement, g_free);
          continue;
        }
      if (kept != i)
        {
          g_array_index (edits, DsEdit, kept) = *edit;
          edit->replacement = NULL;
        }
      kept++;
    }
  g_array_set_size (edits, kept);
}

/* A text's edits as edits of the part's UTF-8: the first piece takes the replacement, what lies between stays. */
static void
edits_in_utf8 (const DsText *text, const GArray *edits, GArray *out)
{
  g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (DsSpan));
  for (guint i = 0; i < edits->len; i++)
    {
      const DsEdit *edit = &g_array_index (edits, DsEdit, i);
      g_array_set_size (pieces, 0);
      ds_span_map_pieces (text->map, edit->span.start, edit->span.end, pieces);
      for (guint k = 0; k < pieces->len; k++)
        {
          const DsSpan *piece = &g_array_index (pieces, DsSpan, k);
          ds_edits_add (out, piece->start, piece->end, k == 0 ? edit->replacement : "");
        }
    }
}

static void
shift (const GArray *edits, gsize by, GArray *out)
{
  for (guint i = 0; i < edits->len; i++)
    {
      const DsEdit *edit = &g_array_index (edits, DsEdit, i);
      ds_edits_add_bytes (out, edit->span.start + by, edit->span.end + by, edit->replacement, edit->size);
    }
}

/* A line break is more than a byte there. */
static gboolean
is_wide (const DsDecoded *decoded)
{
  return g_ascii_strncasecmp (decoded->name, "utf-16", 6) == 0 || g_ascii_strncasecmp (decoded->name, "utf-32", 6) == 0;
}

gboolean
ds_reading_edits (const DsReading *reading, GPtrArray *edits_by_text, GArray *out, GError **error)
{
  const DsPart *leaf = reading->leaf;
  g_autoptr (GArray) utf8_edits = ds_edits_new ();
  for (guint i = 0; i < edits_by_text->len; i++)
    {
      const GArray *edits = g_ptr_array_index (edits_by_text, i);
      const DsText *text = edits != NULL ? g_ptr_array_index (reading->texts, i) : NULL;
      if (edits == NULL)
        continue;
      if (leaf->role == DS_PART_HEADER)
        ds_header_edits (leaf, text, edits, out);
      else
        edits_in_utf8 (text, edits, utf8_edits);
    }
  if (leaf->role == DS_PART_HEADER)
    {
      ds_edits_sort (out);
      return TRUE;
    }
  if (utf8_edits->len == 0)
    return TRUE;
  ds_edits_sort (utf8_edits);
  gsize size = 0;
  const char *data = bytes_of (reading, &size);
  g_autoptr (GArray) decoded_edits = ds_charset_edits (reading->decoded, data, size, utf8_edits, error);
  if (decoded_edits == NULL)
    return FALSE;
  gboolean followed = ds_part_is_followed (leaf);
  if (followed && reading->transfer->encoding == DS_ENCODING_BASE64 && is_wide (reading->decoded))
    {
      g_set_error_literal (error, DS_ERROR, DS_ERROR_ITEM, "text stands behind a body of this charset");
      return FALSE;
    }
  const char *raw = leaf->frame->data + leaf->start;
  gsize raw_size = leaf->end - leaf->start;
  g_autoptr (GArray) raw_edits = ds_transfer_edits (reading->transfer, raw, raw_size, leaf->frame->eol, followed, decoded_edits, error);
  if (raw_edits == NULL)
    return FALSE;
  g_autoptr (GArray) framed = ds_edits_new ();
  shift (raw_edits, leaf->start, framed);
  if (leaf->frame->root->is_message)
    ds_transfer_guard_from (reading->transfer->encoding, leaf->frame->data, leaf->start, leaf->end, framed);
  shift (framed, 0, out);
  return TRUE;
}
