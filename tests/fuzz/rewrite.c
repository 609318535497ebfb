/* Random spans of random texts of a mail are replaced, and sometimes a whole part: nothing before the first touched leaf
 * and behind the last one changes, all leaves between that nobody touched are still there in order, and the result is
 * tiled again and can be edited again. */
#include "config.h"
#include "property.h"
#include "action/replacement.h"
#include "content/preload.h"
#include "content/reading.h"
#include "content/rewrite.h"
#include <stdlib.h>
#include <string.h>

#define MOST_EDITS 6

typedef struct
{
  GArray *edits;           /* of DsTextEdit */
  GPtrArray *replacements; /* of DsReplacement */
  GHashTable *touched;     /* set of leaves of the outermost frame */
} Order;

static void
edit_clear (gpointer edit)
{
  g_free (((DsTextEdit *) edit)->replacement);
}

static void
order_init (Order *order)
{
  order->edits = g_array_new (FALSE, FALSE, sizeof (DsTextEdit));
  g_array_set_clear_func (order->edits, edit_clear);
  order->replacements = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_replacement_free);
  order->touched = g_hash_table_new (NULL, NULL);
}

static void
order_clear (Order *order)
{
  g_array_unref (order->edits);
  g_ptr_array_unref (order->replacements);
  g_hash_table_unref (order->touched);
}

/* The leaf, or the one of the outermost frame that contains it. */
static const DsPart *
outermost (const DsPart *leaf)
{
  while (leaf->frame->container != NULL)
    leaf = leaf->frame->container;
  return leaf;
}

static void
touch_entity (DsTree *tree, const DsPart *entity, GHashTable *touched)
{
  GPtrArray *leaves = ds_tree_leaves (tree);
  for (guint i = 0; i < leaves->len; i++)
    {
      const DsPart *leaf = g_ptr_array_index (leaves, i);
      for (const DsPart *at = leaf; at != NULL; at = at->parent != NULL ? at->parent : at->frame->container)
        if (at == entity)
          g_hash_table_add (touched, (gpointer) outermost (leaf));
    }
}

static void
choose_edit (DsTree *tree, GRand *choices, Order *order)
{
  static const char *const labels[] = { "[credit-card removed]", "[value removed]", "", "x", "[email removed]" };
  GPtrArray *leaves = ds_tree_leaves (tree);
  guint index = (guint) g_rand_int_range (choices, 0, (gint32) leaves->len);
  DsPart *leaf = g_ptr_array_index (leaves, index);
  g_autoptr (DsReading) reading = ds_reading_new (tree, leaf);
  if (reading->texts->len == 0)
    return;
  guint which = (guint) g_rand_int_range (choices, 0, (gint32) reading->texts->len);
  const DsText *text = g_ptr_array_index (reading->texts, which);
  if (text->size == 0)
    return;
  gsize start = g_rand_int (choices) % text->size, length = 1 + g_rand_int (choices) % 40;
  gsize end = MIN (text->size, start + length);
  while (start > 0 && ((guchar) text->utf8[start] & 0xc0) == 0x80)
    start--;
  while (end < text->size && ((guchar) text->utf8[end] & 0xc0) == 0x80)
    end++;
  DsTextEdit edit = { index, which, { start, end }, g_strdup (labels[g_rand_int (choices) % G_N_ELEMENTS (labels)]) };
  g_array_append_val (order->edits, edit);
  g_hash_table_add (order->touched, (gpointer) outermost (leaf));
}

static void
choose_replacement (DsTree *tree, GRand *choices, Order *order)
{
  GPtrArray *leaves = ds_tree_leaves (tree);
  const DsPart *leaf = g_ptr_array_index (leaves, g_rand_int (choices) % leaves->len);
  const DsTombstone stone = { "aaaaaaaaaaaa", NULL, leaf->parent->media_type, leaf->end - leaf->start, "2024-05-01T12:00:00Z",
                              "the help desk", "verified", NULL };
  if (leaf->role != DS_PART_BODY || ds_tree_find (tree, leaf->number) == NULL)
    return;
  g_ptr_array_add (order->replacements, ds_tombstone_write (leaf->number, &stone));
  touch_entity (tree, ds_tree_find (tree, leaf->number), order->touched);
}

static void
require_untouched (DsTree *tree, const Order *order, GBytes *after)
{
  const DsFrame *frame = ds_tree_frame (tree);
  gsize size = 0;
  const char *bytes = g_bytes_get_data (after, &size), *at = bytes, *end = bytes + size;
  GPtrArray *leaves = ds_tree_leaves (tree);
  gboolean shifted = FALSE;
  gsize behind = 0; /* bytes behind the last touched leaf */
  for (guint i = 0; i < leaves->len; i++)
    {
      const DsPart *leaf = g_ptr_array_index (leaves, i);
      gsize length = leaf->end - leaf->start;
      if (leaf->frame != frame)
        continue;
      if (g_hash_table_contains (order->touched, leaf))
        {
          shifted = TRUE;
          behind = 0;
          continue;
        }
      behind += length;
      const char *there = shifted ? memmem (at, (gsize) (end - at), frame->data + leaf->start, length) : at;
      fuzz_require (there != NULL && (gsize) (end - there) >= length && (length == 0 || memcmp (there, frame->data + leaf->start, length) == 0),
                    "leaf %u (%s), which nobody edited, changed", i, leaf->number);
      at = there + length;
    }
  fuzz_require (size >= behind && (behind == 0 || memcmp (end - behind, frame->data + frame->size - behind, behind) == 0),
                "the last %zu bytes, which nobody edited, changed", behind);
  fuzz_require (shifted || size == frame->size, "without an edit %zu bytes became %zu", frame->size, size);
}

/* New bytes, or NULL if some part could not be edited. */
static GBytes *
edit_once (GBytes *bytes, GRand *choices)
{
  const DsLimits limits = DS_LIMITS_DEFAULT;
  g_autoptr (DsTree) tree = ds_tree_open_mail (bytes, &limits);
  fuzz_require_tiled (tree);
  Order order;
  order_init (&order);
  guint edits = g_rand_int (choices) % (MOST_EDITS + 1);
  for (guint i = 0; i < edits && ds_tree_leaves (tree)->len > 0; i++)
    choose_edit (tree, choices, &order);
  if (g_rand_int (choices) % 4 == 0 && ds_tree_leaves (tree)->len > 0)
    choose_replacement (tree, choices, &order);
  g_autofree char *failed = NULL;
  g_autoptr (GError) error = NULL;
  GBytes *after = ds_tree_rewrite (tree, order.edits, order.replacements, &failed, &error);
  fuzz_require (after != NULL || error != NULL, "no bytes and no error");
  if (after != NULL)
    require_untouched (tree, &order, after);
  order_clear (&order);
  return after;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static gsize ready;
  if (g_once_init_enter (&ready))
    {
      ds_content_preload ();
      g_once_init_leave (&ready, 1);
    }
  if (size == 0)
    return 0;
  GRand *choices = fuzz_choices (data, size);
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  for (guint i = 0; i < 3; i++)
    {
      GBytes *after = edit_once (bytes, choices);
      if (after == NULL)
        break;
      g_bytes_unref (bytes);
      bytes = after;
    }
  const DsLimits limits = DS_LIMITS_DEFAULT;
  g_autoptr (DsTree) tree = ds_tree_open_mail (bytes, &limits);
  fuzz_require_tiled (tree);
  fuzz_require_readings (tree);
  g_rand_free (choices);
  return 0;
}
