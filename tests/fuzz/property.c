#include "config.h"
#include "property.h"
#include "content/reading.h"
#include <stdlib.h>
#include <string.h>

void
fuzz_require_utf8 (const char *utf8, gsize size)
{
  fuzz_require (utf8[size] == '\0', "a text of %zu bytes is not ended", size);
  for (gsize at = 0; at < size;)
    {
      const char *end = NULL;
      if (utf8[at] == '\0')
        {
          at++;
          continue;
        }
      gsize run = strlen (utf8 + at);
      fuzz_require (at + run <= size, "a text of %zu bytes goes on behind its end", size);
      fuzz_require (g_utf8_validate_len (utf8 + at, run, &end), "no UTF-8 at %zu", (gsize) (end - utf8));
      at += run;
    }
}

void
fuzz_require_map (const DsSpanMap *map, gsize size, gsize first, gsize end)
{
  fuzz_require (ds_span_map_output_size (map) == size, "a map of %zu bytes for a text of %zu", ds_span_map_output_size (map), size);
  if (size == 0)
    return;
  g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (DsSpan));
  ds_span_map_pieces (map, 0, size, pieces);
  for (guint i = 0; i < pieces->len; i++)
    {
      const DsSpan *piece = &g_array_index (pieces, DsSpan, i);
      fuzz_require (piece->start < piece->end, "an empty piece at %zu", piece->start);
      fuzz_require (piece->start >= first && piece->end <= end, "[%zu, %zu) is not within [%zu, %zu)", piece->start, piece->end, first, end);
    }
}

void
fuzz_require_text (const DsText *text, gsize first, gsize end)
{
  fuzz_require_utf8 (text->utf8, text->size);
  fuzz_require_map (text->map, text->size, first, end);
  for (guint i = 0; text->quotings != NULL && i < text->quotings->len; i++)
    {
      const DsSpan *span = &g_array_index (text->quotings, DsQuotedSpan, i).span;
      fuzz_require (span->start <= span->end && span->end <= text->size, "a quoting beyond the text");
    }
  for (guint i = 0; text->runs != NULL && i < text->runs->len; i++)
    {
      const DsEncodedRun *run = &g_array_index (text->runs, DsEncodedRun, i);
      fuzz_require (run->span.start <= run->span.end && run->span.end <= text->size, "an encoded run beyond the text");
      for (guint k = 0; k < run->raw->len; k++)
        {
          const DsSpan *raw = &g_array_index (run->raw, DsSpan, k);
          fuzz_require (raw->start <= raw->end && raw->start >= first && raw->end <= end, "an encoded run beyond its header");
        }
    }
}

void
fuzz_require_tiled (DsTree *tree)
{
  g_autoptr (GHashTable) reached = g_hash_table_new (NULL, NULL); /* frame -> where its last leaf ended */
  GPtrArray *leaves = ds_tree_leaves (tree);
  for (guint i = 0; i < leaves->len; i++)
    {
      const DsPart *leaf = g_ptr_array_index (leaves, i);
      gsize at = GPOINTER_TO_SIZE (g_hash_table_lookup (reached, leaf->frame));
      fuzz_require (leaf->index == i, "leaf %u says it is leaf %u", i, leaf->index);
      fuzz_require (leaf->start == at, "leaf %u (%s) begins at %zu, the one before ends at %zu", i, leaf->number, leaf->start, at);
      fuzz_require (leaf->end >= leaf->start && leaf->end <= leaf->frame->size, "leaf %u ends at %zu", i, leaf->end);
      g_hash_table_insert (reached, leaf->frame, GSIZE_TO_POINTER (leaf->end));
    }
  fuzz_require (ds_tree_frame (tree)->size == 0 || g_hash_table_contains (reached, ds_tree_frame (tree)), "no leaf at all");
  GHashTableIter iter;
  gpointer frame, end;
  g_hash_table_iter_init (&iter, reached);
  while (g_hash_table_iter_next (&iter, &frame, &end))
    fuzz_require (((DsFrame *) frame)->size == GPOINTER_TO_SIZE (end), "%zu of %zu bytes are in leaves", GPOINTER_TO_SIZE (end),
                  ((DsFrame *) frame)->size);
}

void
fuzz_require_readings (DsTree *tree)
{
  GPtrArray *leaves = ds_tree_leaves (tree);
  for (guint i = 0; i < leaves->len; i++)
    {
      DsPart *leaf = g_ptr_array_index (leaves, i);
      g_autoptr (DsReading) reading = ds_reading_new (tree, leaf);
      if (reading->decoded != NULL)
        {
          fuzz_require_utf8 (reading->decoded->utf8, reading->decoded->size);
          fuzz_require_map (reading->decoded->map, reading->decoded->size, 0, g_bytes_get_size (reading->transfer->bytes));
        }
      for (guint k = 0; k < reading->texts->len; k++)
        {
          const DsText *text = g_ptr_array_index (reading->texts, k);
          g_autofree char *label = ds_text_label (text);
          fuzz_require (label != NULL && ds_text_where (leaf, text) != NULL, "a text without a place");
          if (reading->decoded != NULL)
            fuzz_require_text (text, 0, reading->decoded->size);
          else if (leaf->role == DS_PART_HEADER)
            fuzz_require_text (text, leaf->start, leaf->end);
          else
            fuzz_require_utf8 (text->utf8, text->size);
        }
    }
}

GRand *
fuzz_choices (const uint8_t *data, size_t size)
{
  guint32 hash = 2166136261u; /* FNV-1a */
  for (size_t i = 0; i < size; i++)
    hash = (hash ^ data[i]) * 16777619u;
  return g_rand_new_with_seed (hash);
}
