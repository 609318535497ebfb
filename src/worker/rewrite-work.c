/* New bytes for a blob, and the proof that they are what was asked for: parsed again, same tree, untouched leaves the
 * same, edited bodies as they were meant, nothing of the targeted values left in the places asked for. */
#include "config.h"
#include "worker/blob-work.h"
#include "content/reading.h"
#include <string.h>

typedef struct
{
  const DsWorkSetup *setup;
  const DsValueSet *set;
  const DsRewriteRequest *request;
  DsTree *before;
  DsTree *after;
  GHashTable *numbers; /* of the replacements; borrowed strings */
  GHashTable *meant;   /* what the edited bodies have to be: DsPart of before -> digest */
} Rewrite;

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
  for (guint i = 0; i < r->request->edits->len; i++)
    for (const DsPart *at = g_ptr_array_index (leaves, g_array_index (r->request->edits, DsTextEdit, i).leaf); at != NULL; at = at->frame->container)
      g_array_index (touched, gboolean, at->index) = TRUE;
  for (guint i = 0; i < leaves->len; i++)
    if (((const DsPart *) g_ptr_array_index (leaves, i))->inner != NULL && r->request->replacements->len > 0)
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

/* The names of the fields of two headers, one by one: no line of a header may become another's, or the body's. */
static gboolean
same_fields (const DsPart *one, const DsPart *two)
{
  if (one->role != DS_PART_HEADER)
    return TRUE;
  if (one->fields->len != two->fields->len)
    return FALSE;
  for (guint i = 0; i < one->fields->len; i++)
    {
      const DsField *a = &g_array_index (one->fields, DsField, i), *b = &g_array_index (two->fields, DsField, i);
      gsize length = a->name_end - a->start;
      if (length != b->name_end - b->start || memcmp (one->frame->data + a->start, two->frame->data + b->start, length) != 0)
        return FALSE;
    }
  return TRUE;
}

/* What a leaf is, and how it is read, but for what is in it. */
static gboolean
same_place (const DsPart *one, const DsPart *two)
{
  return one->role == two->role && g_str_equal (one->number, two->number) && one->parent->encoding == two->parent->encoding
         && g_str_equal (one->parent->media_type, two->parent->media_type);
}

/* An edited body has the very bytes that were meant for it: they were cut out of the message where it begins and ends now. */
static gboolean
as_meant (const Rewrite *r, const DsPart *one, const DsPart *two)
{
  const char *meant = g_hash_table_lookup (r->meant, one);
  if (meant == NULL)
    return TRUE;
  g_autofree char *digest = ds_rewrite_digest (two->frame->data + two->start, two->end - two->start);
  return g_str_equal (digest, meant);
}

/* What was written in the place of each removed part is read as that. */
static gboolean
has_tombstones (const Rewrite *r)
{
  for (guint i = 0; i < r->request->replacements->len; i++)
    {
      const DsReplacement *replacement = g_ptr_array_index (r->request->replacements, i);
      const DsPart *part = ds_tree_find (r->after, replacement->number);
      if (part == NULL || !part->is_tombstone)
        return FALSE;
    }
  return TRUE;
}

static const char *
compare_trees (const Rewrite *r)
{
  if (!has_tombstones (r))
    return DS_REFUSAL_STRUCTURE;
  g_autoptr (GPtrArray) before = kept_leaves (r, r->before), after = kept_leaves (r, r->after);
  g_autoptr (GArray) touched = touched_leaves (r);
  if (before->len != after->len)
    return DS_REFUSAL_STRUCTURE;
  for (guint i = 0; i < before->len; i++)
    {
      const DsPart *one = g_ptr_array_index (before, i), *two = g_ptr_array_index (after, i);
      gboolean touched_here = g_array_index (touched, gboolean, one->index);
      if (!same_place (one, two) || (touched_here && !same_fields (one, two)))
        return DS_REFUSAL_STRUCTURE;
      if (!touched_here && !same_bytes (one, two))
        return DS_REFUSAL_UNASKED;
      if (!as_meant (r, one, two))
        return DS_REFUSAL_UNMEANT;
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
      gboolean asked = g_strv_contains ((const char *const *) r->request->where, ds_text_where (leaf, text)) && ds_span_map_output_size (text->map) > 0;
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
  reply->error = why;
  reply->part = part;
  return reply;
}

static DsRewriteReply *
rewrite (Rewrite *r)
{
  char *part = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) meant = NULL;
  g_autoptr (GBytes) bytes = ds_tree_rewrite (r->before, r->request->edits, r->request->replacements, &meant, &part, &error);
  if (bytes == NULL)
    return failed (DS_REFUSAL_PART, part);
  g_autoptr (DsTree) after = ds_work_open (r->setup, bytes, &r->request->form);
  r->after = after;
  r->meant = meant;
  const char *wrong = compare_trees (r);
  if (wrong != NULL)
    return failed (wrong, NULL);
  guint inside = 0, outside = 0;
  GPtrArray *leaves = ds_tree_leaves (after);
  for (guint i = 0; r->set != NULL && i < leaves->len; i++)
    count_left (r, g_ptr_array_index (leaves, i), &inside, &outside);
  if (inside > r->request->spared)
    return failed (DS_REFUSAL_LEFT, NULL);
  DsRewriteReply *reply = g_new0 (DsRewriteReply, 1);
  reply->bytes = g_steal_pointer (&bytes);
  reply->left = inside + outside;
  return reply;
}

DsRewriteReply *
ds_work_rewrite (const DsWorkSetup *setup, const DsValueSet *set, GBytes *blob, const DsRewriteRequest *request)
{
  g_autoptr (DsTree) before = ds_work_open (setup, blob, &request->form);
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < request->replacements->len; i++)
    g_hash_table_add (numbers, (gpointer) ((const DsReplacement *) g_ptr_array_index (request->replacements, i))->number);
  Rewrite r = { setup, set, request, before, NULL, numbers, NULL };
  return rewrite (&r);
}
