#include "config.h"
#include "base/span-map.h"

static void
assert_pieces (const DsSpanMap *map, gsize start, gsize end, const char *expected)
{
  g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (DsSpan));
  ds_span_map_pieces (map, start, end, pieces);
  g_autoptr (GString) got = g_string_new (NULL);
  for (guint i = 0; i < pieces->len; i++)
    {
      const DsSpan *piece = &g_array_index (pieces, DsSpan, i);
      g_string_append_printf (got, "%s%zu-%zu", i > 0 ? " " : "", piece->start, piece->end);
    }
  g_assert_cmpstr (got->str, ==, expected);
}

static void
assert_span (DsSpan span, gsize start, gsize end)
{
  g_assert_cmpuint (span.start, ==, start);
  g_assert_cmpuint (span.end, ==, end);
}

static void
test_identity (void)
{
  g_autoptr (DsSpanMap) map = ds_span_map_new_identity (10);
  g_assert_true (ds_span_map_is_identity (map));
  assert_pieces (map, 2, 5, "2-5");
  assert_span (ds_span_map_hull (map, 2, 5), 2, 5);
  assert_span (ds_span_map_forward (map, 2, 20), 2, 10);
}

/* "ab<b>cd&amp;e" -> "abcd&e" */
static void
test_linear_and_atom (void)
{
  g_autoptr (DsSpanMap) map = ds_span_map_new ();
  ds_span_map_linear (map, 0, 2);
  ds_span_map_linear (map, 5, 2);
  ds_span_map_atom (map, 7, 5, 1);
  ds_span_map_linear (map, 12, 1);
  g_assert_cmpuint (ds_span_map_output_size (map), ==, 6);
  assert_pieces (map, 0, 6, "0-2 5-13");
  assert_pieces (map, 1, 3, "1-2 5-6");
  assert_pieces (map, 4, 5, "7-12");
  assert_span (ds_span_map_hull (map, 1, 5), 1, 12);
  assert_span (ds_span_map_forward (map, 8, 9), 4, 5);
  assert_span (ds_span_map_forward (map, 2, 5), 0, 0);
  assert_span (ds_span_map_forward (map, 1, 6), 1, 3);
}

/* Two-byte characters that become three: one run, and still each a unit. */
static void
test_units (void)
{
  g_autoptr (DsSpanMap) map = ds_span_map_new ();
  for (gsize i = 0; i < 4; i++)
    ds_span_map_atom (map, 10 + 2 * i, 2, 3);
  assert_pieces (map, 3, 6, "12-14");
  assert_pieces (map, 4, 5, "12-14");
  assert_pieces (map, 5, 7, "12-16");
  assert_pieces (map, 0, 12, "10-18");
  assert_span (ds_span_map_forward (map, 13, 14), 3, 6);
  assert_span (ds_span_map_forward (map, 13, 15), 3, 9);
}

static void
test_gap (void)
{
  g_autoptr (DsSpanMap) map = ds_span_map_new ();
  ds_span_map_linear (map, 0, 2);
  ds_span_map_gap (map, 1);
  ds_span_map_gap (map, 1);
  ds_span_map_linear (map, 2, 2);
  ds_span_map_gap (map, 1);
  assert_pieces (map, 0, 7, "0-4");
  assert_pieces (map, 1, 5, "1-3");
  assert_pieces (map, 2, 4, "");
  assert_span (ds_span_map_hull (map, 2, 3), 0, 0);
  assert_span (ds_span_map_hull (map, 1, 3), 1, 2);
  assert_span (ds_span_map_forward (map, 0, 10), 0, 6);
}

/* Several outputs of one input count once. */
static void
test_same_input (void)
{
  g_autoptr (DsSpanMap) map = ds_span_map_new ();
  ds_span_map_atom (map, 3, 2, 1);
  ds_span_map_atom (map, 3, 2, 1);
  assert_pieces (map, 0, 2, "3-5");
}

/* Inputs in another order than the outputs. */
static void
test_backwards (void)
{
  g_autoptr (DsSpanMap) map = ds_span_map_new ();
  for (gsize i = 0; i < 100; i++)
    ds_span_map_linear (map, 1000 - 10 * i, 3);
  assert_pieces (map, 2, 7, "1002-1003 990-993 980-981");
  assert_pieces (map, 298, 300, "11-13");
  assert_pieces (map, 0, 1, "1000-1001");
  assert_span (ds_span_map_forward (map, 500, 502), 150, 152);
}

static void
test_large_offsets (void)
{
  gsize far = (gsize) 5 << 32;
  g_autoptr (DsSpanMap) map = ds_span_map_new ();
  ds_span_map_linear (map, far, 8);
  ds_span_map_atom (map, far + 100, G_MAXUINT32, 2);
  assert_span (ds_span_map_hull (map, 7, 9), far + 7, far + 100 + G_MAXUINT32);
}

/* What the map says of a random span of its output, against owner. */
static void
assert_as_owned (const DsSpanMap *map, const GArray *owner, gsize input)
{
  gsize start = (gsize) g_test_rand_int_range (0, (gint32) owner->len);
  gsize end = (gsize) g_test_rand_int_range ((gint32) start + 1, (gint32) owner->len + 1);
  if (g_test_rand_bit ())
    end = MIN (end, start + 5);
  g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (DsSpan));
  ds_span_map_pieces (map, start, end, pieces);
  g_autofree guint8 *touched = g_new0 (guint8, input + 1);
  for (gsize i = start; i < end; i++)
    for (gsize byte = g_array_index (owner, DsSpan, i).start; byte < g_array_index (owner, DsSpan, i).end; byte++)
      touched[byte] = 1;
  for (guint i = 0; i < pieces->len; i++)
    for (gsize byte = g_array_index (pieces, DsSpan, i).start; byte < g_array_index (pieces, DsSpan, i).end; byte++)
      {
        g_assert_cmpuint (touched[byte], ==, 1);
        touched[byte] = 2;
      }
  for (gsize byte = 0; byte < input; byte++)
    g_assert_cmpuint (touched[byte], !=, 1);
}

/* Against a map kept byte by byte; looked up while it is built, too. */
static void
test_random (void)
{
  for (guint round = 0; round < 300; round++)
    {
      g_autoptr (DsSpanMap) map = ds_span_map_new ();
      g_autoptr (GArray) owner = g_array_new (FALSE, FALSE, sizeof (DsSpan)); /* of each output byte; empty for a gap */
      gsize input = 0;
      guint steps = round % 3 == 0 ? 1000 : 40; /* so that there are many blocks, or one that is not full */
      for (guint step = 0; step < steps; step++)
        {
          guint kind = (guint) g_test_rand_int_range (0, 4);
          gsize in = kind == 0 ? 1 : (gsize) g_test_rand_int_range (1, 4), out = (gsize) g_test_rand_int_range (1, 4);
          input += kind == 3 ? in : 0;
          if (kind == 0)
            ds_span_map_linear (map, input, out);
          else if (kind < 3)
            ds_span_map_atom (map, input, in, out);
          else
            ds_span_map_gap (map, out);
          for (gsize i = 0; i < out; i++)
            {
              DsSpan span = kind == 0  ? (DsSpan){ input + i, input + i + 1 }
                            : kind < 3 ? (DsSpan){ input, input + in }
                                       : (DsSpan){ 0, 0 };
              g_array_append_val (owner, span);
            }
          input += kind == 0 ? out : kind < 3 ? in : 0;
          if (step % 16 == 0)
            assert_as_owned (map, owner, input);
        }
      g_assert_cmpuint (ds_span_map_output_size (map), ==, owner->len);
      for (guint look = 0; look < 50; look++)
        assert_as_owned (map, owner, input);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/span-map/identity", test_identity);
  g_test_add_func ("/span-map/linear-and-atom", test_linear_and_atom);
  g_test_add_func ("/span-map/units", test_units);
  g_test_add_func ("/span-map/gap", test_gap);
  g_test_add_func ("/span-map/same-input", test_same_input);
  g_test_add_func ("/span-map/backwards", test_backwards);
  g_test_add_func ("/span-map/large-offsets", test_large_offsets);
  g_test_add_func ("/span-map/random", test_random);
  return g_test_run ();
}
