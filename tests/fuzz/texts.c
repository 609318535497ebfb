/* One part of any type, charset and encoding: read and folded, each map leads back in order; spans of its texts are replaced,
 * and the part then reads as before with the labels in their places.
 * Input: three lines (media type, charset, transfer encoding), then the part's bytes as they stand in a mail. */
#include "config.h"
#include "edits.h"
#include "content/base64.h"
#include "content/preload.h"
#include "content/reading.h"
#include "detect/fold.h"
#include <stdlib.h>
#include <string.h>

#define MOST_EDITS 4

/* What three lines say, as a header: they may hold nothing that makes further fields. */
static char *
next_line (const char **at, const char *end)
{
  const char *line = memchr (*at, '\n', (gsize) (end - *at));
  if (line == NULL || line - *at > 60)
    return NULL;
  char *text = g_strndup (*at, (gsize) (line - *at));
  for (char *c = text; *c != '\0'; c++)
    if (!g_ascii_isprint (*c) || *c == '"' || *c == ';')
      *c = '-';
  *at = line + 1;
  return text;
}

static GBytes *
as_mail (const char *data, gsize size)
{
  const char *at = data, *end = data + size;
  g_autofree char *type = next_line (&at, end);
  g_autofree char *charset = type != NULL ? next_line (&at, end) : NULL;
  g_autofree char *encoding = charset != NULL ? next_line (&at, end) : NULL;
  if (encoding == NULL)
    return NULL;
  GString *mail = g_string_new (NULL);
  g_string_append_printf (mail, "Content-Type: %s; charset=\"%s\"%s\nContent-Transfer-Encoding: %s\n\n", type, charset,
                          size % 4 == 0 ? "; format=flowed" : "", encoding);
  g_string_append_len (mail, at, (gssize) (end - at));
  return g_string_free_to_bytes (mail);
}

/* From the folded text through the text to the part's UTF-8: a span of the one has its place in the other. */
static void
require_folded (const DsText *text, GRand *choices)
{
  g_autoptr (DsFolded) folded = ds_fold (text->utf8, text->size, text->flowed, text->delsp);
  fuzz_require_utf8 (folded->bytes, folded->size);
  fuzz_require_map (folded->map, folded->size, 0, text->size);
  fuzz_require (folded->size <= text->size, "%zu bytes became %zu", text->size, folded->size);
  for (guint i = 0; i < 4 && folded->size > 0; i++)
    {
      gsize start = g_rand_int (choices) % folded->size, end = start + 1 + g_rand_int (choices) % (folded->size - start);
      DsSpan span = ds_span_map_hull (folded->map, start, end);
      fuzz_require (span.start < span.end && span.end <= text->size, "[%zu, %zu) of the folded text comes from nothing", start, end);
      DsSpan there = ds_span_map_forward (folded->map, span.start, span.end);
      fuzz_require (there.start <= start && there.end >= end, "[%zu, %zu) does not lead to itself and back", start, end);
    }
}

/* Base64 with something else in it is not edited, nor, in some charsets, one that a footer follows. */
static gboolean
may_be_let_alone (DsTree *tree)
{
  GPtrArray *leaves = ds_tree_leaves (tree);
  for (guint i = 0; i < leaves->len; i++)
    {
      const DsPart *leaf = g_ptr_array_index (leaves, i);
      if (leaf->role == DS_PART_BODY && leaf->parent->encoding == DS_ENCODING_BASE64
          && (ds_part_is_followed (leaf) || !ds_base64_is_one_run (leaf->frame->data + leaf->start, leaf->end - leaf->start)))
        return TRUE;
    }
  return FALSE;
}

static void
edit (DsTree *tree, GRand *choices)
{
  g_auto (FuzzOrder) order;
  fuzz_order_init (&order);
  fuzz_order_choose_edits (&order, tree, choices, 1 + g_rand_int (choices) % MOST_EDITS);
  g_autofree char *failed = NULL;
  g_autoptr (GHashTable) meant = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) after = ds_tree_rewrite (tree, order.edits, order.replacements, &meant, &failed, &error);
  fuzz_require (after != NULL || may_be_let_alone (tree), "a label cannot be written: %s", error != NULL ? error->message : "no error");
  if (after == NULL)
    return;
  const DsLimits limits = DS_LIMITS_DEFAULT;
  g_autoptr (DsTree) again = ds_tree_open_mail (after, &limits);
  fuzz_require_tiled (again);
  if (fuzz_would_be_taken (tree, &order, meant, again))
    fuzz_require_edited (tree, &order, again);
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
  g_autoptr (GBytes) mail = as_mail ((const char *) data, size);
  if (mail == NULL)
    return 0;
  const DsLimits limits = DS_LIMITS_DEFAULT;
  g_autoptr (DsTree) tree = ds_tree_open_mail (mail, &limits);
  fuzz_require_tiled (tree);
  fuzz_require_readings (tree);
  GRand *choices = fuzz_choices (data, size);
  GPtrArray *leaves = ds_tree_leaves (tree);
  for (guint i = 0; i < leaves->len; i++)
    {
      g_autoptr (DsReading) reading = ds_reading_new (tree, g_ptr_array_index (leaves, i));
      for (guint k = 0; k < reading->texts->len; k++)
        require_folded (g_ptr_array_index (reading->texts, k), choices);
    }
  for (guint i = 0; i < 2; i++)
    edit (tree, choices);
  g_rand_free (choices);
  return 0;
}
