#include "config.h"
#include "content/reading.h"
#include "content/header.h"
#include "content/sniff.h"
#include <string.h>

/* A media type that has no text in it, whatever its bytes look like. */
/* The decoded bytes; of none, GBytes gives no address. */
static const char *
bytes_of (const DsReading *reading, gsize *size)
{
  const char *data = g_bytes_get_data (reading->transfer->bytes, size);
  return data != NULL ? data : "";
}

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

/* Whether word stands at the start of a line. */
static gboolean
has_line (const DsDecoded *decoded, const char *word)
{
  const char *at = decoded->utf8, *end = decoded->utf8 + decoded->size;
  for (; (at = memmem (at, (gsize) (end - at), word, strlen (word))) != NULL; at++)
    if (at == decoded->utf8 || at[-1] == '\n' || at[-1] == '\r')
      return TRUE;
  return FALSE;
}

/* What plain text can hold that is not read. */
static void
note_opaque_blocks (DsTree *tree, const DsReading *reading)
{
  if (has_line (reading->decoded, "-----BEGIN PGP MESSAGE-----"))
    ds_tree_add_problem (tree, reading->leaf, DS_REASON_ENCRYPTED);
  if (has_line (reading->decoded, "=ybegin ") || has_line (reading->decoded, "(This file must be converted with BinHex"))
    ds_tree_add_problem (tree, reading->leaf, DS_REASON_OPAQUE);
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
  note_opaque_blocks (tree, reading);
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
      if (decoded->size == 0)
        continue;
      DsSpanMap *map = ds_span_map_new ();
      ds_span_map_gap (map, decoded->size);
      char *utf8 = g_steal_pointer (&decoded->utf8);
      g_ptr_array_add (reading->texts, ds_text_new (DS_TEXT_METADATA, NULL, utf8, decoded->size, map));
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
      read_other (reading);
      read_file_name (reading);
      break;
    case DS_PART_PREAMBLE:
    case DS_PART_EPILOGUE:
    case DS_PART_GAP:
      read_metadata (tree, reading);
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
  const char *raw = leaf->frame->data + leaf->start;
  gsize raw_size = leaf->end - leaf->start;
  g_autoptr (GArray) raw_edits = ds_transfer_edits (reading->transfer, raw, raw_size, leaf->frame->eol, decoded_edits);
  g_autoptr (GArray) framed = ds_edits_new ();
  shift (raw_edits, leaf->start, framed);
  if (leaf->frame->root->is_message)
    ds_transfer_guard_from (reading->transfer->encoding, leaf->frame->data, leaf->start, leaf->end, framed);
  shift (framed, 0, out);
  return TRUE;
}
