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

/* Takes the fields away that describe the old content.  Returns where the header's last field ends. */
static gsize
drop_fields (const DsPart *header, GArray *edits)
{
  gsize end = header->start;
  for (guint i = 0; i < header->fields->len; i++)
    {
      const DsField *field = &g_array_index (header->fields, DsField, i);
      if (describes_content (header->frame, field))
        ds_edits_add (edits, field->start, field->end, "");
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

/* The new fields, the empty line and the text, for the place behind the header's last field. */
static GString *
new_content (const DsPart *entity, gsize fields_end, const DsReplacement *replacement)
{
  const DsFrame *frame = entity->frame;
  const char *eol = ds_part_eol (entity);
  GString *out = g_string_new (NULL);
  if (has_mime_header (entity))
    {
      if (fields_end > entity->start && strchr ("\r\n", frame->data[fields_end - 1]) == NULL)
        g_string_append (out, eol); /* the header was cut off within a line */
      if (entity->is_message && ds_part_field (entity, "MIME-Version") == NULL)
        g_string_append_printf (out, "MIME-Version: 1.0%s", eol);
      append_lines (out, replacement->fields, eol);
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
  gsize start = header->role == DS_PART_HEADER && header->fields->len > 0 ? drop_fields (header, edits) : entity->start;
  GString *bytes = new_content (entity, start, replacement);
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

/* ---- all of it ---- */

/* Frames from the innermost outwards: an inner frame's edits become edits of its container's encoded bytes. */
static void
climb (DsTree *tree, GHashTable *by_frame)
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
      g_autoptr (GArray) encoded = ds_transfer_edits (transfer, raw, size, leaf->frame->eol, inner);
      GArray *outer = edits_of (by_frame, leaf->frame);
      for (guint k = 0; k < encoded->len; k++)
        {
          const DsEdit *edit = &g_array_index (encoded, DsEdit, k);
          gsize start = edit->span.start + leaf->start, end = edit->span.end + leaf->start;
          ds_edits_add_bytes (outer, start, end, edit->replacement, edit->size);
        }
    }
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
ds_tree_rewrite (DsTree *tree, GArray *text_edits, GPtrArray *replacements, char **failed_r, GError **error)
{
  g_autoptr (GHashTable) by_frame = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  g_autoptr (GHashTable) replaced = find_replaced (tree, replacements, error);
  if (replaced == NULL || !edit_leaves (tree, text_edits, replaced, by_frame, failed_r, error))
    return NULL;
  replace_entities (replaced, by_frame);
  climb (tree, by_frame);
  DsFrame *frame = ds_tree_frame (tree);
  GArray *edits = edits_of (by_frame, frame);
  ds_edits_sort (edits);
  return ds_edits_apply (edits, frame->data, frame->size);
}
