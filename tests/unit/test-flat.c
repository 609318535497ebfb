/* Numbers and texts in a block of bytes: what is written is read; what is cut, or made up, is bad and not believed. */
#include "config.h"
#include "base/flat.h"

static const guint64 numbers[] = { 0, 1, 127, 128, 300, G_MAXUINT32, G_MAXUINT64 };
static const char *const texts[] = { NULL, "", "a", "längerer Text", NULL };

static GBytes *
write_all (void)
{
  GByteArray *flat = g_byte_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    ds_flat_put_number (flat, numbers[i]);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    ds_flat_put_text (flat, texts[i]);
  return g_byte_array_free_to_bytes (flat);
}

static void
test_round_trip (void)
{
  g_autoptr (GBytes) bytes = write_all ();
  DsFlatReader reader = ds_flat_reader (bytes);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_assert_cmpuint (ds_flat_number (&reader), ==, numbers[i]);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_cmpstr (ds_flat_text (&reader), ==, texts[i]);
  g_assert_true (ds_flat_is_done (&reader));
  g_assert_cmpuint (ds_flat_number (&reader), ==, 0);
  g_assert_false (ds_flat_is_done (&reader));
}

static void
test_cut (void)
{
  g_autoptr (GBytes) bytes = write_all ();
  for (gsize size = 0; size < g_bytes_get_size (bytes); size++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (bytes, 0, size);
      DsFlatReader reader = ds_flat_reader (cut);
      for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
        ds_flat_number (&reader);
      for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
        ds_flat_text (&reader);
      g_assert_true (reader.bad);
      g_assert_false (ds_flat_is_done (&reader));
    }
}

static gboolean
is_bad_text (const char *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  DsFlatReader reader = ds_flat_reader (bytes);
  return ds_flat_some_text (&reader) == NULL && reader.bad;
}

static void
test_made_up (void)
{
  g_assert_true (is_bad_text ("\0", 1));                 /* none, where one must be */
  g_assert_true (is_bad_text ("\3ab", 3));               /* without its NUL */
  g_assert_true (is_bad_text ("\4a\0b\0", 5));           /* a NUL within */
  g_assert_true (is_bad_text ("\xff\xff\xff\xff\x0f", 5)); /* longer than all there is */
  g_assert_true (is_bad_text ("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", 11));
  g_autoptr (GBytes) many = g_bytes_new_static ("\x7f\1\1", 3);
  DsFlatReader reader = ds_flat_reader (many);
  g_assert_cmpuint (ds_flat_count (&reader), ==, 0);
  g_assert_true (reader.bad);
  reader = ds_flat_reader (many);
  g_assert_cmpuint (ds_flat_number_to (&reader, 126), ==, 0);
  g_assert_true (reader.bad);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flat/round-trip", test_round_trip);
  g_test_add_func ("/flat/cut", test_cut);
  g_test_add_func ("/flat/made-up", test_made_up);
  return g_test_run ();
}
