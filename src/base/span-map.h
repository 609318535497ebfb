/* base/span-map: which input bytes each stretch of a derived text came from.
 *
 * Every step from raw bytes to folded text (transfer decoding, charset, markup, folding) makes an output from an input
 * and records, run by run, where each came from.  Offsets are bytes, spans half-open [start, end).
 *
 * A run is linear (n output bytes are the same n input bytes in order) or an atom (an unsplittable unit: one entity,
 * one =XX, one multi-byte character; a span that touches it takes it whole) or a gap (output made from nothing, such as
 * the line break that a block tag stands for: a span that touches it touches no input).  Input that yields no output (a
 * tag, a soft line break) is simply not in any run.  A map without runs that is marked as identity maps every offset to
 * itself.
 *
 * Memory: two to five bytes a run, and a little for every 32 runs; adjoining atoms of the same two sizes share a run, so that
 * text in a multi-byte charset costs little more than ASCII.  What is looked up behind the last look-up is found fastest.
 * Offsets are below 1 TiB, an atom below 4 GiB of input and 64 KiB of output. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gsize start;
  gsize end;
} DsSpan;

typedef struct _DsSpanMap DsSpanMap;

DsSpanMap *ds_span_map_new (void);
/* Output and input are the same bytes, size of them. */
DsSpanMap *ds_span_map_new_identity (gsize size);
void ds_span_map_free (DsSpanMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsSpanMap, ds_span_map_free)

gboolean ds_span_map_is_identity (const DsSpanMap *map);

/* The next size output bytes are input bytes [input, input + size) one to one.  Adjoining runs are merged. */
void ds_span_map_linear (DsSpanMap *map, gsize input, gsize size);
/* The next output_size bytes (may not be 0) are made from input [input, input + input_size) as one unit. */
void ds_span_map_atom (DsSpanMap *map, gsize input, gsize input_size, gsize output_size);
/* The next output_size bytes are made from nothing. */
void ds_span_map_gap (DsSpanMap *map, gsize output_size);

/* Appends to spans (GArray of DsSpan) the input that made output [start, end), in output order, adjoining spans merged.
 * start < end.  Nothing is appended for gaps.  Usually input order is output order too; a map may be built otherwise. */
void ds_span_map_pieces (const DsSpanMap *map, gsize start, gsize end, GArray *spans);
/* The least single input span that covers all pieces; { 0, 0 } if there are only gaps. */
DsSpan ds_span_map_hull (const DsSpanMap *map, gsize start, gsize end);
/* The output span made from input [start, end): for finding a text's place of a known input.  Empty if none. */
DsSpan ds_span_map_forward (const DsSpanMap *map, gsize start, gsize end);
/* Bytes of output described so far. */
gsize ds_span_map_output_size (const DsSpanMap *map);

G_END_DECLS
