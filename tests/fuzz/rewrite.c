/* Random spans of random texts of a mail are replaced, and sometimes a whole part.  Where the result has the structure of
 * before, and edited bodies their place in it (else the program refuses it), only that changed (edits.h).  The result is
 * tiled, and can be edited again. */
#include "config.h"
#include "edits.h"
#include "content/agreement.h"
#include "content/preload.h"
#include <stdlib.h>
#include <string.h>

#define MOST_EDITS 6

static DsTree *
open_mail (GBytes *bytes)
{
  const DsLimits limits = DS_LIMITS_DEFAULT;
  DsTree *tree = ds_tree_open_mail (bytes, &limits);
  ds_tree_check_agreement (tree);
  fuzz_require_tiled (tree);
  return tree;
}

/* Outside the touched leaves of the outermost frame nothing changes, whatever becomes of the structure. */
static void
require_ends (DsTree *tree, const FuzzOrder *order, GBytes *after)
{
  const DsFrame *frame = ds_tree_frame (tree);
  gsize size = 0, first = frame->size, last = 0;
  const char *data = g_bytes_get_data (after, &size);
  for (guint i = 0; i < order->edits->len; i++)
    {
      const DsPart *leaf = g_ptr_array_index (ds_tree_leaves (tree), g_array_index (order->edits, DsTextEdit, i).leaf);
      while (leaf->frame->container != NULL)
        leaf = leaf->frame->container;
      first = MIN (first, leaf->start);
      last = MAX (last, leaf->end);
    }
  last = MAX (first, last);
  fuzz_require (size >= first && memcmp (data, frame->data, first) == 0, "bytes before the first edited leaf, at %zu, changed", first);
  fuzz_require (size >= frame->size - last && memcmp (data + size - (frame->size - last), frame->data + last, frame->size - last) == 0,
                "bytes behind the last edited leaf, at %zu, changed", last);
  fuzz_require (order->edits->len > 0 || size == frame->size, "without an edit %zu bytes became %zu", frame->size, size);
}

/* New bytes, or NULL if some part could not be edited. */
static GBytes *
edit_once (GBytes *bytes, GRand *choices)
{
  g_autoptr (DsTree) tree = open_mail (bytes);
  g_auto (FuzzOrder) order;
  fuzz_order_init (&order);
  if (g_rand_int (choices) % 6 != 0 || !fuzz_order_choose_part (&order, tree, choices))
    fuzz_order_choose_edits (&order, tree, choices, g_rand_int (choices) % (MOST_EDITS + 1));
  g_autofree char *failed = NULL;
  g_autoptr (GHashTable) meant = NULL;
  g_autoptr (GError) error = NULL;
  GBytes *after = ds_tree_rewrite (tree, order.edits, order.replacements, &meant, &failed, &error);
  fuzz_require ((after == NULL) == (error != NULL), "an error or bytes, not both or neither");
  if (after == NULL)
    return NULL;
  g_autoptr (DsTree) again = open_mail (after);
  if (order.replacements->len > 0)
    return after; /* fuzz/work has the program's own proof in between */
  require_ends (tree, &order, after);
  if (fuzz_would_be_taken (tree, &order, meant, again))
    fuzz_require_edited (tree, &order, again);
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
  g_rand_free (choices);
  return 0;
}
