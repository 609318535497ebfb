/* content/text-builder: a UTF-8 text under construction, with the map to what it is made from.
 *
 * The decoders and readers of this folder append to it from front to back.  What they append is valid UTF-8. */
#pragma once
#include "content/text.h"

G_BEGIN_DECLS

typedef struct
{
  const char *source; /* borrowed */
  GString *utf8;
  DsSpanMap *map; /* utf8 -> source */
  gsize gap_end;  /* where the last gap ends in utf8: if that is its size, the text ends in a gap */
} DsTextBuilder;

/* expected: a guess of the text's size. */
void ds_text_builder_init (DsTextBuilder *builder, const char *source, gsize expected);
void ds_text_builder_clear (DsTextBuilder *builder);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DsTextBuilder, ds_text_builder_clear)

/* source [start, end) as it is. */
void ds_text_builder_copy (DsTextBuilder *builder, gsize start, gsize end);
/* utf8 stands for source [start, end), as one unit. */
void ds_text_builder_put (DsTextBuilder *builder, gsize start, gsize end, const char *utf8, gsize size);
void ds_text_builder_put_char (DsTextBuilder *builder, gsize start, gsize end, gunichar character);
/* A character that nothing in the source stands for. */
void ds_text_builder_gap (DsTextBuilder *builder, char character);
/* A gap of DS_TEXT_SEPARATOR, unless the text is empty or ends in one. */
void ds_text_builder_separate (DsTextBuilder *builder);
/* Moves the text out as a DsText; the builder is left cleared. */
DsText *ds_text_builder_end (DsTextBuilder *builder, DsTextKind kind);
/* The same, appended to texts; an empty text is dropped. */
void ds_text_builder_end_into (DsTextBuilder *builder, DsTextKind kind, GPtrArray *texts);
/* The text as what it is itself, such as markup: what read makes of it, appended to texts with maps that go on to the source.
 * The builder is left cleared. */
void ds_text_builder_read_into (DsTextBuilder *builder, DsReader read, GPtrArray *texts);

G_END_DECLS
