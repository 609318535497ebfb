/* Spools: what goes in comes out; nothing of it has a name. */
#include "config.h"
#include "cmd/kept-rows.h"
#include "store/spool.h"
#include "base/error.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static guint
count_names (const char *path)
{
  guint n = 0;
  GDir *names = g_dir_open (path, 0, NULL);
  while (g_dir_read_name (names) != NULL)
    n++;
  g_dir_close (names);
  return n;
}

static void
assert_keeps (DsSpool *spool)
{
  guint64 places[300];
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *text = g_strnfill (i * 7, (char) ('a' + i % 26));
      g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
      g_assert_true (ds_spool_add (spool, bytes, &places[i], NULL));
    }
  for (guint i = G_N_ELEMENTS (places); i-- > 0;)
    {
      g_autoptr (GBytes) bytes = ds_spool_get (spool, places[i], NULL);
      g_assert_cmpuint (g_bytes_get_size (bytes), ==, i * 7);
      g_assert_true (i == 0 || ((const char *) g_bytes_get_data (bytes, NULL))[i * 7 - 1] == (char) ('a' + i % 26));
    }
}

static void
test_memory (void)
{
  g_autoptr (DsSpool) spool = ds_spool_new_memory (1000);
  g_assert_false (ds_spool_is_full (spool));
  assert_keeps (spool);
  g_assert_true (ds_spool_is_full (spool));
  ds_spool_clear (spool);
  g_assert_false (ds_spool_is_full (spool));
  assert_keeps (spool);
}

static void
test_file (void)
{
  g_autofree char *path = g_dir_make_tmp ("test-spool-XXXXXX", NULL);
  int folder = open (path, O_RDONLY | O_DIRECTORY);
  g_autoptr (GError) error = NULL;
  g_autoptr (DsSpool) spool = ds_spool_new_file (folder, "box.spool", "/x/box", 1000, &error);
  g_assert_no_error (error);
  assert_keeps (spool);
  g_assert_cmpuint (count_names (path), ==, 0);
  g_assert_true (ds_spool_is_full (spool));
  ds_spool_clear (spool);
  assert_keeps (spool);
  close (folder);
  g_rmdir (path);
}

static void
test_no_place (void)
{
  g_autoptr (GError) error = NULL;
  int folder = open ("/proc", O_RDONLY | O_DIRECTORY);
  g_assert_null (ds_spool_new_file (folder, "box.spool", "/x/box", 1000, &error));
  g_assert_error (error, DS_ERROR, DS_ERROR_STORE);
  g_assert_true (g_str_has_prefix (error->message, "/x/box: "));
  close (folder);
}

typedef struct
{
  guint n;
  gboolean good;
} Seen;

static void
see_row (const char *ref, const char *reason, gpointer data)
{
  Seen *seen = data;
  g_autofree char *wanted = g_strdup_printf ("store:ticket/%u/1", seen->n++);
  seen->good &= g_str_equal (ref, wanted) && g_str_equal (reason, "encrypted");
}

static gint64
resident (void)
{
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  return g_ascii_strtoll (strchr (text, ' '), NULL, 10) * sysconf (_SC_PAGESIZE);
}

static void
test_kept_rows (void)
{
#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("the address sanitizer keeps freed memory");
  return;
#endif
  g_autoptr (DsKeptRows) rows = ds_kept_rows_new ();
  const guint n = 400000;
  gint64 before = resident ();
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *ref = g_strdup_printf ("store:ticket/%u/1", i);
      g_assert_true (ds_kept_rows_add (rows, ref, "encrypted", NULL));
    }
  g_assert_cmpint (resident () - before, <, 6 << 20);
  Seen seen = { 0, TRUE };
  g_assert_true (ds_kept_rows_each (rows, see_row, &seen, NULL));
  g_assert_cmpuint (seen.n, ==, n);
  g_assert_true (seen.good);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/spool/memory", test_memory);
  g_test_add_func ("/spool/file", test_file);
  g_test_add_func ("/spool/no-place", test_no_place);
  g_test_add_func ("/spool/kept-rows", test_kept_rows);
  return g_test_run ();
}
