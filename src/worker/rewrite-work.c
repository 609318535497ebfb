/* New bytes for a blob, and the proof that they are what was asked for: parsed again, same tree, untouched leaves the
 * same, nothing of the targeted values left in the places asked for. */
#include "config.h"
#include "worker/blob-work.h"
#include "content/reading.h"
#include <string.h>

typedef struct
{
  const DsWorkSetup *setup;
  const DsValueSet *set;
  DsTree *before;
  DsTree *after;
  GArray *edits;           /* of DsTextEdit */
  GPtrArray *replacements; /* of DsReplacement */
  GHashTable *numbers;     /* theirs; borrowed strings */
  const char *const *where;
  guint spared; /* copies left on purpose */
} Rewrite;

static void
replacement_clear (gpointer data)
{
  DsReplacement *replacement = data;
  g_free (replacement->number);
  g_free (replacement->fields);
  g_free (replacement->text);
  g_free (replacement);
}

static void
edit_clear (gpointer data)
{
  g_free (((DsTextEdit *) data)->replacement);
}

static GArray *
read_edits (GVariant *list)
{
  GArray *edits = g_array_new (FALSE, FALSE, sizeof (DsTextEdit));
  g_array_set_clear_func (edits, edit_clear);
  GVariantIter iter;
  guint32 leaf, text;
  guint64 start, end;
  const char *replacement;
  g_variant_iter_init (&iter, list);
  while (g_variant_iter_next (&iter, "(uutt&s)", &leaf, &text, &start, &end, &replacement))
    {
      DsTextEdit edit = { leaf, text, { start, end }, g_strdup (replacement) };
      g_array_append_val (edits, edit);
    }
  return edits;
}

static GPtrArray *
read_replacements (GVariant *list)
{
  GPtrArray *replacements = g_ptr_array_new_with_free_func (replacement_clear);
  GVariantIter iter;
  char *number, *fields, *text;
  g_variant_iter_init (&iter, list);
  while (g_variant_iter_next (&iter, "(sss)", &number, &fields, &text))
    {
      DsReplacement *replacement = g_new0 (DsReplacement, 1);
      *replacement = (DsReplacement){ number, fields, text };
      g_ptr_array_add (replacements, replacement);
    }
  return replacements;
}

/* The entities that are replaced: for each number what ds_tree_find would find, but all in one pass. */
static GHashTable *
replaced_entities (const Rewrite *r, DsTree *tree)
{
  GPtrArray *leaves = ds_tree_leaves (tree);
  g_autoptr (GHashTable) by_number = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < leaves->len; i++)
    {
      DsPart *leaf = g_ptr_array_index (leaves, i);
      if (!g_hash_table_contains (r->numbers, leaf->number))
        continue;
      if (leaf->role == DS_PART_HEADER || (leaf->role == DS_PART_BODY && !g_hash_table_contains (by_number, leaf->number)))
        g_hash_table_insert (by_number, leaf->number, ds_part_entity (leaf));
    }
  GHashTable *entities = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer entity;
  g_hash_table_iter_init (&iter, by_number);
  while (g_hash_table_iter_next (&iter, NULL, &entity))
    g_hash_table_add (entities, entity);
  return entities;
}

static gboolean
is_replaced (const Rewrite *r, GHashTable *entities, const DsPart *leaf)
{
  /* The only part of a message shares its entity, and so its header, with the message itself. */
  if (g_hash_table_contains (entities, leaf->parent))
    return TRUE;
  g_autofree char *number = g_strdup (leaf->number);
  for (char *end = number + strlen (number); end != NULL; end = strrchr (number, '.'))
    {
      *end = '\0';
      if (g_hash_table_contains (r->numbers, number))
        return TRUE;
    }
  return FALSE;
}

/* Which leaves may differ: the edited ones, and all that contain them or a replaced part. */
static GArray *
touched_leaves (const Rewrite *r)
{
  GPtrArray *leaves = ds_tree_leaves (r->before);
  GArray *touched = g_array_sized_new (FALSE, TRUE, sizeof (gboolean), leaves->len);
  g_array_set_size (touched, leaves->len);
  for (guint i = 0; i < r->edits->len; i++)
    for (const DsPart *at = g_ptr_array_index (leaves, g_array_index (r->edits, DsTextEdit, i).leaf); at != NULL; at = at->frame->container)
      g_array_index (touched, gboolean, at->index) = TRUE;
  for (guint i = 0; i < leaves->len; i++)
    if (((const DsPart *) g_ptr_array_index (leaves, i))->inner != NULL && r->replacements->len > 0)
      g_array_index (touched, gboolean, i) = TRUE;
  return touched;
}

static gboolean
same_bytes (const DsPart *one, const DsPart *two)
{
  return one->end - one->start == two->end - two->start
         && memcmp (one->frame->data + one->start, two->frame->data + two->start, one->end - one->start) == 0;
}

/* The leaves that stay, in order: those of replaced parts are left out on both sides. */
static GPtrArray *
kept_leaves (const Rewrite *r, DsTree *tree)
{
  GPtrArray *kept = g_ptr_array_new ();
  GPtrArray *leaves = ds_tree_leaves (tree);
  g_autoptr (GHashTable) entities = replaced_entities (r, tree);
  for (guint i = 0; i < leaves->len; i++)
    if (!is_replaced (r, entities, g_ptr_array_index (leaves, i)))
      g_ptr_array_add (kept, g_ptr_array_index (leaves, i));
  return kept;
}

static const char *
compare_trees (const Rewrite *r)
{
  g_autoptr (GPtrArray) before = kept_leaves (r, r->before), after = kept_leaves (r, r->after);
  g_autoptr (GArray) touched = touched_leaves (r);
  if (before->len != after->len)
    return "the new message would have another structure";
  for (guint i = 0; i < before->len; i++)
    {
      const DsPart *one = g_ptr_array_index (before, i), *two = g_ptr_array_index (after, i);
      if (one->role != two->role || !g_str_equal (one->number, two->number)
          || !g_str_equal (one->parent->media_type, two->parent->media_type))
        return "the new message would have another structure";
      if (!g_array_index (touched, gboolean, one->index) && !same_bytes (one, two))
        return "a part that nobody asked to change would change";
    }
  return NULL;
}

/* How many copies of the set values the leaf still has, inside and outside the places asked for. */
static void
count_left (const Rewrite *r, DsPart *leaf, guint *inside, guint *outside)
{
  g_autoptr (DsReading) reading = ds_reading_new (r->after, leaf);
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (DsValueHit));
  for (guint i = 0; i < reading->texts->len; i++)
    {
      const DsText *text = g_ptr_array_index (reading->texts, i);
      g_autoptr (DsFolded) folded = ds_fold (text->utf8, text->size, text->flowed, text->delsp);
      g_array_set_size (hits, 0);
      ds_value_set_find (r->set, folded, hits);
      gboolean asked = g_strv_contains (r->where, ds_text_where (leaf, text)) && ds_span_map_output_size (text->map) > 0;
      for (guint k = 0; k < hits->len; k++)
        {
          const DsValueHit *hit = &g_array_index (hits, DsValueHit, k);
          DsSpan span = ds_span_map_hull (folded->map, hit->start, hit->end);
          DsSpan source = ds_span_map_hull (text->map, span.start, span.end);
          *(asked && source.end > source.start ? inside : outside) += 1;
        }
    }
}

static DsRewriteReply *
failed (const char *why, char *part)
{
  DsRewriteReply *reply = g_new0 (DsRewriteReply, 1);
  reply->error = g_strdup (why);
  reply->part = part;
  return reply;
}

static DsRewriteReply *
rewrite (Rewrite *r, gboolean is_file, const char *filename, const char *media_type)
{
  char *part = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = ds_tree_rewrite (r->before, r->edits, r->replacements, &part, &error);
  if (bytes == NULL)
    return failed (error->message, part);
  g_autoptr (DsTree) after = ds_work_open (r->setup, bytes, is_file, filename, media_type);
  r->after = after;
  const char *wrong = compare_trees (r);
  if (wrong != NULL)
    return failed (wrong, NULL);
  guint inside = 0, outside = 0;
  GPtrArray *leaves = ds_tree_leaves (after);
  for (guint i = 0; r->set != NULL && i < leaves->len; i++)
    count_left (r, g_ptr_array_index (leaves, i), &inside, &outside);
  if (inside > r->spared)
    return failed ("a targeted value would be left", NULL);
  DsRewriteReply *reply = g_new0 (DsRewriteReply, 1);
  reply->bytes = g_steal_pointer (&bytes);
  reply->left = inside + outside;
  return reply;
}

DsRewriteReply *
ds_work_rewrite (const DsWorkSetup *setup, const DsValueSet *set, GBytes *blob, GVariant *request)
{
  gboolean is_file = FALSE;
  const char *filename = NULL, *media_type = NULL;
  g_autoptr (GVariant) edit_list = NULL, replacement_list = NULL;
  g_autofree const char **where = NULL;
  guint32 spared = 0;
  g_variant_get (request, "(bm&sm&s@a(uutts)@a(sss)^a&su)", &is_file, &filename, &media_type, &edit_list, &replacement_list, &where,
                 &spared);
  g_autoptr (GArray) edits = read_edits (edit_list);
  g_autoptr (GPtrArray) replacements = read_replacements (replacement_list);
  g_autoptr (DsTree) before = ds_work_open (setup, blob, is_file, filename, media_type);
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < replacements->len; i++)
    g_hash_table_add (numbers, ((const DsReplacement *) g_ptr_array_index (replacements, i))->number);
  Rewrite r = { setup, set, before, NULL, edits, replacements, numbers, where, spared };
  return rewrite (&r, is_file, filename, media_type);
}
