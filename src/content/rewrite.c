#include "config.h"
#include "content/rewrite.h"
#include "base/error.h"
#include "content/reading.h"
#include <string.h>

/* frame -> GArray of DsEdit on its bytes */
static GArray *
edits_of (GHashTable *by_frame, const DsFrame *frame)
{
  GArray *edits = g_hash_table_lookup (by_frame, frame);
  if (edits == NULL)
    {
      edits = ds_edits_new ();
      g_hash_table_insert (by_frame, (gpointer) frame, edits);
    }
  return edits;
}

static int
by_place (gconstpointer a, gconstpointer b)
{
  const DsTextEdit *one = a, *two = b;
  if (one->leaf != two->leaf)
    return one->leaf < two->leaf ? -1 : 1;
  if (one->text != two->text)
    return one->text < two->text ? -1 : 1;
  return one->span.start < two->span.start ? -1 : one->span.start > two->span.start;
}

static void
free_edits (gpointer edits)
{
  if (edits != NULL)
    g_array_unref (edits);
}

/* The edits text_edits[*i ...] of one leaf. */
static gboolean
edit_leaf (DsTree *tree, GArray *text_edits, guint *i, GHashTable *by_frame, GError **error)
{
  guint index = g_array_index (text_edits, DsTextEdit, *i).leaf;
  DsPart *leaf = g_ptr_array_index (ds_tree_leaves (tree), index);
  g_autoptr (DsReading) reading = ds_reading_new (tree, leaf);
  g_autoptr (GPtrArray) by_text = g_ptr_array_new_with_free_func (free_edits);
  g_ptr_array_set_size (by_text, (gint) reading->texts->len);
  for (; *i < text_edits->len && g_array_index (text_edits, DsTextEdit, *i).leaf == index; (*i)++)
    {
      const DsTextEdit *edit = &g_array_index (text_edits, DsTextEdit, *i);
      const DsText *text = edit->text < reading->texts->len ? g_ptr_array_index (reading->texts, edit->text) : NULL;
      if (text == NULL || edit->span.end > text->size || edit->span.start >= edit->span.end)
        {
          g_set_error_literal (error, DS_ERROR, DS_ERROR_ITEM, "an edit lies outside its text");
          return FALSE;
        }
      if (by_text->pdata[edit->text] == NULL)
        by_text->pdata[edit->text] = ds_edits_new ();
      ds_edits_add (by_text->pdata[edit->text], edit->span.start, edit->span.end, edit->replacement);
    }
  for (guint k = 0; k < by_text->len; k++)
    if (by_text->pdata[k] != NULL)
      ds_edits_sort (by_text->pdata[k]);
  return ds_reading_edits (reading, by_text, edits_of (by_frame, leaf->frame), error);
}

/* ---- replaced parts ---- */

/* Whether the leaf's content goes with a replaced entity (a set of DsPart).  The header of the entity itself stays. */
static gboolean
is_replaced (GHashTable *replaced, const DsPart *leaf)
{
  const DsPart *own = leaf->role == DS_PART_HEADER && leaf->fields->len > 0 ? leaf->parent : NULL;
  for (const DsPart *at = leaf; at != NULL; at = at->parent != NULL ? at->parent : at->frame->container)
    if (at != own && g_hash_table_contains (replaced, at))
      return TRUE;
  return FALSE;
}

/* Fields that describe the content that goes. */
static gboolean
describes_content (const DsFrame *frame, const DsField *field)
{
  static const char *const names[] = { "content-type", "content-transfer-encoding", "content-disposition",
                                       "content-description", "content-md5", "x-deskshred", "x-attachment-id",
                                       "content-location", NULL };
  g_autofree char *name = ds_field_name (frame, field);
  g_autofree char *lower = g_ascii_strdown (name, -1);
  return g_strv_contains (names, lower);
}

static void
append_lines (GString *out, const char *text, const char *eol)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *joined = g_strjoinv (eol, lines);
  g_string_append (out, joined);
}

/* A message's first field, if it goes: by the field that a file begins with it is known as a message (ds_scan_begins_message),
 * so that another has to take its place. */
static const DsField *
leading_field (const DsPart *header)
{
  for (guint i = 0; header->parent->is_message && header->fields != NULL && i < header->fields->len; i++)
    {
      const DsField *field = &g_array_index (header->fields, DsField, i);
      if (field->name_end > field->start)
        return describes_content (header->frame, field) ? field : NULL;
    }
  return NULL;
}

/* Takes the fields away that describe the old content; first (lines) stands where the leading one of them was.  Returns where
 * the header's last field ends. */
static gsize
drop_fields (const DsPart *header, const char *first, GArray *edits)
{
  gsize end = header->start;
  const DsField *leading = leading_field (header);
  for (guint i = 0; i < header->fields->len; i++)
    {
      const DsField *field = &g_array_index (header->fields, DsField, i);
      if (describes_content (header->frame, field))
        ds_edits_add (edits, field->start, field->end, field == leading ? first : "");
      end = field->end;
    }
  return end;
}

/* A uuencoded file has but its "begin" line, a tombstone in plain text has nothing. */
static gboolean
has_mime_header (const DsPart *entity)
{
  const DsPart *first = g_ptr_array_index (entity->children, 0);
  return first->role == DS_PART_HEADER && first->name_end == first->name_start;
}

/* Whether what stays of the header was cut off within a line. */
static gboolean
is_cut_off (const DsPart *header, gsize fields_end)
{
  if (header->fields == NULL || header->fields->len == 0)
    return FALSE;
  const DsField *last = &g_array_index (header->fields, DsField, header->fields->len - 1);
  return !describes_content (header->frame, last) && strchr ("\r\n", header->frame->data[fields_end - 1]) == NULL;
}

/* The new fields, the empty line and the text, for the place behind the header's last field. */
static GString *
new_content (const DsPart *entity, gsize fields_end, const char *fields, const DsReplacement *replacement)
{
  const DsFrame *frame = entity->frame;
  const char *eol = ds_part_eol (entity);
  GString *out = g_string_new (NULL);
  if (has_mime_header (entity))
    {
      if (is_cut_off (g_ptr_array_index (entity->children, 0), fields_end))
        g_string_append (out, eol);
      if (entity->is_message && ds_part_field (entity, "MIME-Version") == NULL)
        g_string_append_printf (out, "MIME-Version: 1.0%s", eol);
      append_lines (out, fields, eol);
      g_string_append (out, eol);
    }
  append_lines (out, replacement->text, eol);
  /* Inside a multipart the last line break belongs to the delimiter, if it has one. */
  gboolean broken = entity->end < frame->size && strchr ("\r\n", frame->data[entity->end]) != NULL;
  if (broken && g_str_has_suffix (out->str, eol))
    g_string_truncate (out, out->len - strlen (eol));
  return out;
}

static void
replace_entity (const DsPart *entity, const DsReplacement *replacement, GHashTable *by_frame)
{
  GArray *edits = edits_of (by_frame, entity->frame);
  const DsPart *header = g_ptr_array_index (entity->children, 0);
  const char *fields = replacement->fields;
  g_autoptr (GString) first = g_string_new (NULL);
  if (leading_field (header) != NULL)
    {
      const char *rest = strchr (fields, '\n') + 1;
      g_autofree char *line = g_strndup (fields, (gsize) (rest - fields));
      append_lines (first, line, ds_part_eol (entity));
      fields = rest;
    }
  gsize start = header->role == DS_PART_HEADER && header->fields->len > 0 ? drop_fields (header, first->str, edits) : entity->start;
  GString *bytes = new_content (entity, start, fields, replacement);
  ds_edits_add_bytes (edits, start, entity->end, bytes->str, bytes->len);
  g_string_free (bytes, TRUE);
}

/* The replaced entities: DsPart -> its DsReplacement; NULL where a number is nobody's. */
static GHashTable *
find_replaced (DsTree *tree, GPtrArray *replacements, GError **error)
{
  g_autoptr (GHashTable) replaced = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < replacements->len; i++)
    {
      DsReplacement *replacement = g_ptr_array_index (replacements, i);
      DsPart *entity = ds_tree_find (tree, replacement->number);
      if (entity == NULL)
        {
          g_set_error (error, DS_ERROR, DS_ERROR_ITEM, "there is no part %s", replacement->number);
          return NULL;
        }
      g_hash_table_insert (replaced, entity, replacement);
    }
  return g_steal_pointer (&replaced);
}

/* Whether a replaced entity lies inside another. */
static gboolean
is_nested (GHashTable *replaced, const DsPart *entity)
{
  const DsPart *outer = entity->parent != NULL ? entity->parent : entity->frame->container;
  return outer != NULL && is_replaced (replaced, outer);
}

static void
replace_entities (GHashTable *replaced, GHashTable *by_frame)
{
  GHashTableIter iter;
  gpointer entity, replacement;
  g_hash_table_iter_init (&iter, replaced);
  while (g_hash_table_iter_next (&iter, &entity, &replacement))
    if (!is_nested (replaced, entity))
      replace_entity (entity, replacement, by_frame);
}

/* ---- what the edited bodies are meant to be ---- */

char *
ds_rewrite_digest (const char *bytes, gsize size)
{
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) bytes, size);
}

/* The first of the edits (ascending) that begins at or behind a place. */
static guint
first_edit_from (const GArray *edits, gsize at)
{
  guint low = 0, high = edits->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (g_array_index (edits, DsEdit, middle).span.start < at)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
digest_bytes (GChecksum *digest, const char *bytes, gsize size)
{
  if (size > 0)
    g_checksum_update (digest, (const guchar *) bytes, (gssize) size);
}

/* The digest of a leaf's new bytes; NULL if nothing in it is edited.  edits: those of its frame, ascending. */
static char *
meant_of (const DsPart *leaf, const GArray *edits)
{
  g_autoptr (GChecksum) digest = g_checksum_new (G_CHECKSUM_SHA256);
  const char *data = leaf->frame->data;
  gsize at = leaf->start;
  guint first = first_edit_from (edits, leaf->start), i = first;
  for (; i < edits->len; i++)
    {
      const DsEdit *edit = &g_array_index (edits, DsEdit, i);
      if (edit->span.start >= leaf->end || edit->span.end > leaf->end)
        break;
      digest_bytes (digest, data + at, edit->span.start - at);
      digest_bytes (digest, edit->replacement, edit->size);
      at = edit->span.end;
    }
  if (i == first)
    return NULL;
  digest_bytes (digest, data + at, leaf->end - at);
  return g_strdup (g_checksum_get_string (digest));
}

static GHashTable *
meant_leaves (DsTree *tree, GHashTable *replaced, GHashTable *by_frame)
{
  GHashTable *meant = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  GPtrArray *leaves = ds_tree_leaves (tree);
  for (guint i = 0; i < leaves->len; i++)
    {
      DsPart *leaf = g_ptr_array_index (leaves, i);
      const GArray *edits = g_hash_table_lookup (by_frame, leaf->frame);
      char *digest = leaf->role != DS_PART_HEADER && edits != NULL && !is_replaced (replaced, leaf) ? meant_of (leaf, edits) : NULL;
      if (digest != NULL)
        g_hash_table_insert (meant, leaf, digest);
    }
  return meant;
}

/* ---- all of it ---- */

/* Frames from the innermost outwards: an inner frame's edits become edits of its container's encoded bytes. */
static gboolean
climb (DsTree *tree, GHashTable *by_frame, char **failed_r, GError **error)
{
  GPtrArray *leaves = ds_tree_leaves (tree);
  for (guint i = leaves->len; i-- > 0;)
    {
      const DsPart *leaf = g_ptr_array_index (leaves, i);
      GArray *inner = leaf->inner != NULL ? g_hash_table_lookup (by_frame, leaf->inner) : NULL;
      if (inner == NULL || inner->len == 0)
        continue;
      ds_edits_sort (inner);
      const char *raw = leaf->frame->data + leaf->start;
      gsize size = leaf->end - leaf->start;
      g_autoptr (DsTransfer) transfer = ds_transfer_decode (leaf->parent->encoding, raw, size);
      g_autoptr (GArray) encoded = ds_transfer_edits (transfer, raw, size, leaf->frame->eol, ds_part_is_followed (leaf), inner, error);
      if (encoded == NULL)
        {
          *failed_r = g_strdup (leaf->number);
          return FALSE;
        }
      GArray *outer = edits_of (by_frame, leaf->frame);
      for (guint k = 0; k < encoded->len; k++)
        {
          const DsEdit *edit = &g_array_index (encoded, DsEdit, k);
          gsize start = edit->span.start + leaf->start, end = edit->span.end + leaf->start;
          ds_edits_add_bytes (outer, start, end, edit->replacement, edit->size);
        }
    }
  return TRUE;
}

static gboolean
edit_leaves (DsTree *tree, GArray *text_edits, GHashTable *replaced, GHashTable *by_frame, char **failed_r, GError **error)
{
  GPtrArray *leaves = ds_tree_leaves (tree);
  g_array_sort (text_edits, by_place);
  for (guint i = 0; i < text_edits->len;)
    {
      guint index = g_array_index (text_edits, DsTextEdit, i).leaf;
      if (index >= leaves->len)
        {
          g_set_error_literal (error, DS_ERROR, DS_ERROR_ITEM, "an edit lies outside the message");
          return FALSE;
        }
      DsPart *leaf = g_ptr_array_index (leaves, index);
      if (is_replaced (replaced, leaf))
        i++;
      else if (!edit_leaf (tree, text_edits, &i, by_frame, error))
        {
          *failed_r = g_strdup (leaf->number);
          return FALSE;
        }
    }
  return TRUE;
}

GBytes *
ds_tree_rewrite (DsTree *tree, GArray *text_edits, GPtrArray *replacements, GHashTable **meant_r, char **failed_r, GError **error)
{
  g_autoptr (GHashTable) by_frame = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  g_autoptr (GHashTable) replaced = find_replaced (tree, replacements, error);
  if (replaced == NULL || !edit_leaves (tree, text_edits, replaced, by_frame, failed_r, error))
    return NULL;
  replace_entities (replaced, by_frame);
  if (!climb (tree, by_frame, failed_r, error))
    return NULL;
  DsFrame *frame = ds_tree_frame (tree);
  GArray *edits = edits_of (by_frame, frame);
  ds_edits_sort (edits);
  if (meant_r != NULL)
    *meant_r = meant_leaves (tree, replaced, by_frame);
  return ds_edits_apply (edits, frame->data, frame->size);
}
