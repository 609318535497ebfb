#include "config.h"
#include "content/text-builder.h"
#include <string.h>

void
ds_text_builder_init (DsTextBuilder *builder, const char *source, gsize expected)
{
  builder->source = source;
  builder->utf8 = g_string_sized_new (expected);
  builder->map = ds_span_map_new ();
  builder->gap_end = 0;
}

void
ds_text_builder_clear (DsTextBuilder *builder)
{
  if (builder->utf8 != NULL)
    g_string_free (g_steal_pointer (&builder->utf8), TRUE);
  g_clear_pointer (&builder->map, ds_span_map_free);
}

/* As g_string_append_len, which is slow for a character. */
static inline void
append (GString *string, const char *bytes, gsize size)
{
  if (string->allocated_len - string->len <= size)
    {
      g_string_append_len (string, bytes, (gssize) size);
      return;
    }
  memcpy (string->str + string->len, bytes, size);
  string->len += size;
  string->str[string->len] = '\0';
}

void
ds_text_builder_copy (DsTextBuilder *builder, gsize start, gsize end)
{
  append (builder->utf8, builder->source + start, end - start);
  ds_span_map_linear (builder->map, start, end - start);
}

void
ds_text_builder_put (DsTextBuilder *builder, gsize start, gsize end, const char *utf8, gsize size)
{
  append (builder->utf8, utf8, size);
  ds_span_map_atom (builder->map, start, end - start, size);
}

void
ds_text_builder_put_char (DsTextBuilder *builder, gsize start, gsize end, gunichar character)
{
  char utf8[6];
  ds_text_builder_put (builder, start, end, utf8, (gsize) g_unichar_to_utf8 (character, utf8));
}

void
ds_text_builder_gap (DsTextBuilder *builder, char character)
{
  g_string_append_c (builder->utf8, character);
  ds_span_map_gap (builder->map, 1);
  builder->gap_end = builder->utf8->len;
}

void
ds_text_builder_separate (DsTextBuilder *builder)
{
  if (builder->utf8->len != builder->gap_end)
    ds_text_builder_gap (builder, DS_TEXT_SEPARATOR);
}

DsText *
ds_text_builder_end (DsTextBuilder *builder, DsTextKind kind)
{
  gsize size = builder->utf8->len;
  char *utf8 = g_string_free (g_steal_pointer (&builder->utf8), FALSE);
  return ds_text_new (kind, NULL, g_realloc (utf8, size + 1), size, g_steal_pointer (&builder->map));
}

void
ds_text_builder_end_into (DsTextBuilder *builder, DsTextKind kind, GPtrArray *texts)
{
  if (builder->utf8->len == 0)
    {
      ds_text_builder_clear (builder);
      return;
    }
  g_ptr_array_add (texts, ds_text_builder_end (builder, kind));
}

/* The map of a text that was made of another one, to the source of that, character by character. */
static DsSpanMap *
map_through (const DsText *text, const DsSpanMap *outer)
{
  DsSpanMap *map = ds_span_map_new ();
  for (gsize at = 0, size; at < text->size; at += size)
    {
      size = (gsize) g_utf8_skip[(guchar) text->utf8[at]];
      DsSpan inner = ds_span_map_hull (text->map, at, at + size);
      DsSpan source = inner.start < inner.end ? ds_span_map_hull (outer, inner.start, inner.end) : inner;
      if (source.start == source.end)
        ds_span_map_gap (map, size);
      else if (source.end - source.start == size)
        ds_span_map_linear (map, source.start, size);
      else
        ds_span_map_atom (map, source.start, source.end - source.start, size);
    }
  return map;
}

void
ds_text_builder_read_into (DsTextBuilder *builder, DsReader read, GPtrArray *texts)
{
  guint first = texts->len;
  if (builder->utf8->len > 0)
    read (builder->utf8->str, builder->utf8->len, texts);
  for (guint i = first; i < texts->len; i++)
    {
      DsText *text = g_ptr_array_index (texts, i);
      DsSpanMap *map = map_through (text, builder->map);
      ds_span_map_free (text->map);
      text->map = map;
    }
  ds_text_builder_clear (builder);
}
