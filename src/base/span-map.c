#include "config.h"
#include "base/span-map.h"
#include "base/flat.h"

/* count units of input_unit bytes each made units of output_unit bytes each.  A linear run has units of one byte, an atom is a
 * run of one unit, a gap has an input unit of 0. */
typedef struct
{
  gsize output;
  gsize input;
  gsize count;
  guint32 input_unit;
  guint32 output_unit;
} Run;

/* A large part has a run for every tag, entity and foreign character, so a run is kept by what differs from the one before it:
 * as numbers of base/flat, two to five bytes.  Every so many runs a block begins, at which reading can begin, too. */
#define RUNS_A_BLOCK 32

typedef struct
{
  gsize output;
  gsize input;
  gsize at; /* in the code */
} Block;

typedef enum
{
  CODE_LINEAR,
  CODE_GAP,
  CODE_UNITS,      /* whose sizes follow */
  CODE_SAME_UNITS, /* of the sizes that were read last */
  CODE_BITS = 2,
} Code;

/* Where the last coded run's input ended, and the last sizes of units: what the next is told by. */
typedef struct
{
  gsize input;
  guint32 input_unit, output_unit;
} Place;

/* Reads run after run. */
typedef struct
{
  const DsSpanMap *map;
  gsize block;
  gsize at;  /* in the code: the next run */
  gsize end; /* of the runs' output so far */
  Place place;
  Run run;
} Cursor;

struct _DsSpanMap
{
  GArray *blocks;   /* of Block; with code and recent made when there is a second run, since most maps have one */
  GByteArray *code; /* of all runs but the last */
  Place place;      /* at its end */
  Run last;         /* of count 0: there is none yet */
  gsize size;       /* output bytes */
  Cursor *recent;   /* where something was looked up last: what is looked up next is often near; run.count 0: nowhere */
  guint32 in_block; /* runs in the last block */
  gboolean identity;
};

DsSpanMap *
ds_span_map_new (void)
{
  return g_new0 (DsSpanMap, 1);
}

DsSpanMap *
ds_span_map_new_identity (gsize size)
{
  DsSpanMap *map = g_new0 (DsSpanMap, 1);
  map->identity = TRUE;
  map->size = size;
  return map;
}

void
ds_span_map_free (DsSpanMap *map)
{
  if (map == NULL)
    return;
  g_clear_pointer (&map->blocks, g_array_unref);
  g_clear_pointer (&map->code, g_byte_array_unref);
  g_free (map->recent);
  g_free (map);
}

gboolean
ds_span_map_is_identity (const DsSpanMap *map)
{
  return map->identity;
}

gsize
ds_span_map_output_size (const DsSpanMap *map)
{
  return map->size;
}

/* ---- building ---- */

static void
begin_block (DsSpanMap *map)
{
  if (map->blocks == NULL)
    {
      map->blocks = g_array_new (FALSE, FALSE, sizeof (Block));
      map->code = g_byte_array_new ();
      map->recent = g_new0 (Cursor, 1);
    }
  map->in_block = 0;
  map->place.input_unit = map->place.output_unit = 0; /* so that the first units tell their sizes */
  Block block = { map->last.output, map->place.input, map->code->len };
  g_array_append_val (map->blocks, block);
}

/* A run begins before or behind the end of the one before it: even numbers lead forward, odd ones back. */
static guint64
distance_to (gsize from, gsize to)
{
  return to >= from ? (guint64) (to - from) << 1 : (guint64) (from - to) << 1 | 1;
}

static gsize
at_distance (gsize from, guint64 distance)
{
  return (distance & 1) == 0 ? from + (gsize) (distance >> 1) : from - (gsize) (distance >> 1);
}

/* How the last run is told: its code, and how far it begins from where the one before it ended; perhaps the sizes of its units. */
static guint
encode_start (const DsSpanMap *map, guint8 *bytes)
{
  const Run *run = &map->last;
  const Place *place = &map->place;
  guint64 distance = distance_to (place->input, run->input) << CODE_BITS;
  if (run->input_unit == 0)
    return ds_flat_write_number (bytes, CODE_GAP);
  if (run->input_unit == 1 && run->output_unit == 1)
    return ds_flat_write_number (bytes, distance | CODE_LINEAR);
  if (run->input_unit == place->input_unit && run->output_unit == place->output_unit)
    return ds_flat_write_number (bytes, distance | CODE_SAME_UNITS);
  guint n = ds_flat_write_number (bytes, distance | CODE_UNITS);
  n += ds_flat_write_number (bytes + n, run->input_unit);
  return n + ds_flat_write_number (bytes + n, run->output_unit);
}

static void
encode_last (DsSpanMap *map)
{
  const Run *run = &map->last;
  if (map->blocks == NULL || map->in_block == RUNS_A_BLOCK)
    begin_block (map);
  map->in_block++;
  guint8 bytes[4 * DS_FLAT_MOST_BYTES];
  guint n = encode_start (map, bytes);
  n += ds_flat_write_number (bytes + n, run->count);
  g_byte_array_append (map->code, bytes, n);
  if (run->input_unit != 0)
    map->place.input = run->input + run->count * run->input_unit;
  if (run->input_unit != 0 && !(run->input_unit == 1 && run->output_unit == 1))
    {
      map->place.input_unit = run->input_unit;
      map->place.output_unit = run->output_unit;
    }
}

/* Whether units of these sizes at input go on with the last run. */
static gboolean
goes_on (const DsSpanMap *map, gsize input, gsize input_unit, gsize output_unit)
{
  const Run *last = &map->last;
  if (last->count == 0 || last->input_unit != input_unit || last->output_unit != output_unit)
    return FALSE;
  return input_unit == 0 || last->input + last->count * input_unit == input;
}

static void
append (DsSpanMap *map, gsize input, gsize input_unit, gsize output_unit, gsize count)
{
  g_assert (!map->identity);
  if (goes_on (map, input, input_unit, output_unit))
    map->last.count += count;
  else
    {
      if (input >> 40 != 0 || map->size >> 40 != 0 || input_unit > G_MAXUINT32 || output_unit > G_MAXUINT16)
        g_error ("span map: offset or size out of range");
      if (map->last.count > 0)
        encode_last (map);
      map->last = (Run){ map->size, input, count, (guint32) input_unit, (guint32) output_unit };
    }
  map->size += count * output_unit;
  if (map->recent != NULL)
    map->recent->run.count = 0;
}

void
ds_span_map_linear (DsSpanMap *map, gsize input, gsize size)
{
  if (size > 0)
    append (map, input, 1, 1, size);
}

void
ds_span_map_atom (DsSpanMap *map, gsize input, gsize input_size, gsize output_size)
{
  g_assert (input_size > 0);
  if (output_size > 0)
    append (map, input, input_size, output_size, 1);
}

void
ds_span_map_gap (DsSpanMap *map, gsize output_size)
{
  if (output_size > 0)
    append (map, 0, 0, 1, output_size);
}

/* ---- reading ---- */

static inline gsize
run_end (const Run *run)
{
  return run->output + run->count * run->output_unit;
}

/* Before the first run of a block. */
static Cursor
cursor_at_block (const DsSpanMap *map, gsize block)
{
  Block begin = { 0, 0, 0 };
  if (map->blocks != NULL)
    begin = g_array_index (map->blocks, Block, block);
  return (Cursor){ map, block, begin.at, begin.output, { begin.input, 0, 0 }, { 0 } };
}

static void
decode_run (Cursor *cursor)
{
  Place *place = &cursor->place;
  const guint8 *code = cursor->map->code->data;
  DsFlatReader reader = { code + cursor->at, code + cursor->map->code->len, FALSE };
  guint64 start = ds_flat_number (&reader);
  Code kind = (Code) (start & ((1u << CODE_BITS) - 1));
  if (kind == CODE_UNITS)
    {
      place->input_unit = (guint32) ds_flat_number (&reader);
      place->output_unit = (guint32) ds_flat_number (&reader);
    }
  gboolean units = kind == CODE_UNITS || kind == CODE_SAME_UNITS;
  Run *run = &cursor->run;
  *run = (Run){ cursor->end, at_distance (place->input, start >> CODE_BITS), (gsize) ds_flat_number (&reader),
                units ? place->input_unit : kind == CODE_LINEAR, units ? place->output_unit : 1 };
  cursor->at = (gsize) (reader.at - code);
  cursor->end = run_end (run);
  if (run->input_unit != 0)
    place->input = run->input + run->count * run->input_unit;
}

/* The next run, or FALSE behind the last. */
static gboolean
next_run (Cursor *cursor)
{
  const DsSpanMap *map = cursor->map;
  if (map->code != NULL && cursor->at < map->code->len)
    decode_run (cursor);
  else if (cursor->end < map->size)
    {
      cursor->run = map->last;
      cursor->end = map->size;
    }
  else
    return FALSE;
  return TRUE;
}

/* The block in which output offset at lies. */
static gsize
find_block (const DsSpanMap *map, gsize at)
{
  gsize low = 0, high = map->blocks->len;
  while (high > low + 1)
    {
      gsize middle = low + (high - low) / 2;
      if (g_array_index (map->blocks, Block, middle).output <= at)
        low = middle;
      else
        high = middle;
    }
  return low;
}

/* At the run that holds output offset at. */
static Cursor
cursor_at (const DsSpanMap *map, gsize at)
{
  if (map->recent == NULL)
    return (Cursor){ map, 0, 0, map->size, { 0, 0, 0 }, map->last };
  gsize block = find_block (map, at);
  Cursor cursor = *map->recent;
  if (cursor.run.count == 0 || cursor.block != block || cursor.run.output > at)
    {
      cursor = cursor_at_block (map, block);
      next_run (&cursor);
    }
  while (run_end (&cursor.run) <= at && next_run (&cursor))
    ;
  *map->recent = cursor;
  return cursor;
}

/* The input of a run as far as it made output [start, end): of each unit that is touched, all. */
static DsSpan
input_of (const Run *run, gsize start, gsize end)
{
  gsize first = (MAX (start, run->output) - run->output) / run->output_unit;
  gsize last = (MIN (end, run_end (run)) - run->output - 1) / run->output_unit;
  return (DsSpan){ run->input + first * run->input_unit, run->input + (last + 1) * run->input_unit };
}

static void
add_piece (GArray *spans, guint first, DsSpan piece)
{
  DsSpan *last = spans->len > first ? &g_array_index (spans, DsSpan, spans->len - 1) : NULL;
  if (last != NULL && last->end == piece.start)
    last->end = piece.end;
  else if (last == NULL || last->start != piece.start || last->end != piece.end)
    g_array_append_val (spans, piece);
}

void
ds_span_map_pieces (const DsSpanMap *map, gsize start, gsize end, GArray *spans)
{
  g_assert (start < end && end <= map->size);
  if (map->identity)
    {
      DsSpan whole = { start, end };
      g_array_append_val (spans, whole);
      return;
    }
  guint first = spans->len;
  Cursor cursor = cursor_at (map, start);
  do
    if (cursor.run.input_unit != 0)
      add_piece (spans, first, input_of (&cursor.run, start, end));
  while (run_end (&cursor.run) < end && next_run (&cursor));
}

DsSpan
ds_span_map_hull (const DsSpanMap *map, gsize start, gsize end)
{
  g_assert (start < end && end <= map->size);
  if (map->identity)
    return (DsSpan){ start, end };
  DsSpan hull = { G_MAXSIZE, 0 };
  Cursor cursor = cursor_at (map, start);
  do
    {
      if (cursor.run.input_unit == 0)
        continue;
      DsSpan piece = input_of (&cursor.run, start, end);
      hull.start = MIN (hull.start, piece.start);
      hull.end = MAX (hull.end, piece.end);
    }
  while (run_end (&cursor.run) < end && next_run (&cursor));
  return hull.end > 0 ? hull : (DsSpan){ 0, 0 };
}

/* The output of a run as far as it was made from input [start, end); empty if none. */
static DsSpan
output_of (const Run *run, gsize start, gsize end)
{
  gsize unit = run->input_unit, input_end = run->input + run->count * unit;
  if (unit == 0 || input_end <= start || run->input >= end)
    return (DsSpan){ 0, 0 };
  gsize first = (MAX (start, run->input) - run->input) / unit;
  gsize last = (MIN (end, input_end) - run->input - 1) / unit;
  return (DsSpan){ run->output + first * run->output_unit, run->output + (last + 1) * run->output_unit };
}

DsSpan
ds_span_map_forward (const DsSpanMap *map, gsize start, gsize end)
{
  if (map->identity)
    return (DsSpan){ MIN (start, map->size), MIN (end, map->size) };
  DsSpan found = { 0, 0 };
  if (start >= end)
    return found;
  for (Cursor cursor = cursor_at_block (map, 0); next_run (&cursor);)
    {
      DsSpan part = output_of (&cursor.run, start, end);
      if (part.start == part.end)
        continue;
      found.start = found.end != 0 ? MIN (found.start, part.start) : part.start;
      found.end = MAX (found.end, part.end);
    }
  return found;
}
