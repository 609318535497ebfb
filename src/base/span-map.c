#include "config.h"
#include "base/span-map.h"

/* units of input_unit bytes made units of output_unit bytes each; how many, the next run's output says.  A linear run has
 * units of one byte, an atom is a run of one unit, a gap has an input unit of 0.  Offsets are 40 bits, kept in two fields:
 * a large part has a run for every tag, entity and foreign character, so the size of a run is the memory of a map. */
typedef struct
{
  guint32 output_low;
  guint32 input_low;
  guint32 input_unit;
  guint8 output_high;
  guint8 input_high;
  guint16 output_unit;
} Run;

G_STATIC_ASSERT (sizeof (Run) == 16);

struct _DsSpanMap
{
  GArray *runs; /* of Run, by output; NULL for an identity */
  gsize size;   /* output bytes */
  gsize next;   /* the input offset at which the last run ends */
};

DsSpanMap *
ds_span_map_new (void)
{
  DsSpanMap *map = g_new0 (DsSpanMap, 1);
  map->runs = g_array_new (FALSE, FALSE, sizeof (Run));
  return map;
}

DsSpanMap *
ds_span_map_new_identity (gsize size)
{
  DsSpanMap *map = g_new0 (DsSpanMap, 1);
  map->size = size;
  return map;
}

void
ds_span_map_free (DsSpanMap *map)
{
  if (map == NULL)
    return;
  g_clear_pointer (&map->runs, g_array_unref);
  g_free (map);
}

gboolean
ds_span_map_is_identity (const DsSpanMap *map)
{
  return map->runs == NULL;
}

gsize
ds_span_map_output_size (const DsSpanMap *map)
{
  return map->size;
}

static inline const Run *
run_at (const DsSpanMap *map, guint i)
{
  return &g_array_index (map->runs, Run, i);
}

static inline gsize
run_output (const Run *run)
{
  return (gsize) run->output_high << 32 | run->output_low;
}

static inline gsize
run_input (const Run *run)
{
  return (gsize) run->input_high << 32 | run->input_low;
}

/* Whether units of these sizes at input go on with the last run. */
static gboolean
goes_on (const DsSpanMap *map, gsize input, gsize input_unit, gsize output_unit)
{
  if (map->runs->len == 0)
    return FALSE;
  const Run *last = run_at (map, map->runs->len - 1);
  if (last->input_unit != input_unit || last->output_unit != output_unit)
    return FALSE;
  return input_unit == 0 || map->next == input;
}

static void
append (DsSpanMap *map, gsize input, gsize input_unit, gsize output_unit, gsize count)
{
  g_assert (map->runs != NULL);
  if (!goes_on (map, input, input_unit, output_unit))
    {
      if (input >> 40 != 0 || map->size >> 40 != 0 || input_unit > G_MAXUINT32 || output_unit > G_MAXUINT16)
        g_error ("span map: offset or size out of range");
      Run run = { (guint32) map->size,         (guint32) input,         (guint32) input_unit,
                  (guint8) (map->size >> 32),  (guint8) (input >> 32), (guint16) output_unit };
      g_array_append_val (map->runs, run);
    }
  map->size += count * output_unit;
  map->next = input + count * input_unit;
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

static gsize
run_end (const DsSpanMap *map, guint i)
{
  return i + 1 < map->runs->len ? run_output (run_at (map, i + 1)) : map->size;
}

/* The run that holds output offset at. */
static guint
find_run (const DsSpanMap *map, gsize at)
{
  guint low = 0, high = map->runs->len;
  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;
      if (run_output (run_at (map, middle)) <= at)
        low = middle;
      else
        high = middle;
    }
  return low;
}

/* The input of run i as far as it made output [start, end): of each unit that is touched, all. */
static DsSpan
input_of (const DsSpanMap *map, guint i, gsize start, gsize end)
{
  const Run *run = run_at (map, i);
  gsize output = run_output (run), input = run_input (run);
  gsize first = (MAX (start, output) - output) / run->output_unit;
  gsize last = (MIN (end, run_end (map, i)) - output - 1) / run->output_unit;
  return (DsSpan){ input + first * run->input_unit, input + (last + 1) * run->input_unit };
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
  if (map->runs == NULL)
    {
      DsSpan whole = { start, end };
      g_array_append_val (spans, whole);
      return;
    }
  guint first = spans->len;
  for (guint i = find_run (map, start); i < map->runs->len && run_output (run_at (map, i)) < end; i++)
    if (run_at (map, i)->input_unit != 0)
      add_piece (spans, first, input_of (map, i, start, end));
}

DsSpan
ds_span_map_hull (const DsSpanMap *map, gsize start, gsize end)
{
  g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (DsSpan));
  ds_span_map_pieces (map, start, end, pieces);
  if (pieces->len == 0)
    return (DsSpan){ 0, 0 };
  DsSpan hull = g_array_index (pieces, DsSpan, 0);
  for (guint i = 1; i < pieces->len; i++)
    {
      const DsSpan *piece = &g_array_index (pieces, DsSpan, i);
      hull.start = MIN (hull.start, piece->start);
      hull.end = MAX (hull.end, piece->end);
    }
  return hull;
}

/* The output of run i as far as it was made from input [start, end); empty if none. */
static DsSpan
output_of (const DsSpanMap *map, guint i, gsize start, gsize end)
{
  const Run *run = run_at (map, i);
  gsize output = run_output (run), input = run_input (run), unit = run->input_unit;
  gsize input_end = input + (run_end (map, i) - output) / run->output_unit * unit;
  if (unit == 0 || input_end <= start || input >= end)
    return (DsSpan){ 0, 0 };
  gsize first = (MAX (start, input) - input) / unit;
  gsize last = (MIN (end, input_end) - input - 1) / unit;
  return (DsSpan){ output + first * run->output_unit, output + (last + 1) * run->output_unit };
}

DsSpan
ds_span_map_forward (const DsSpanMap *map, gsize start, gsize end)
{
  if (map->runs == NULL)
    return (DsSpan){ MIN (start, map->size), MIN (end, map->size) };
  DsSpan found = { 0, 0 };
  if (start >= end)
    return found;
  for (guint i = 0; i < map->runs->len; i++)
    {
      DsSpan part = output_of (map, i, start, end);
      if (part.start == part.end)
        continue;
      found.start = found.end != 0 ? MIN (found.start, part.start) : part.start;
      found.end = MAX (found.end, part.end);
    }
  return found;
}
