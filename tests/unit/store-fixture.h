/* What the tests of the mail stores share: things on disk, stores over them, changes of their messages. */
#pragma once
#include "base/atomic-file.h"
#include "base/error.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utime.h>
#include <zlib.h>

#define FROM "From alice@example.org Tue Sep  3 12:00:00 2024\n"
#define ACTION "abc234"

static DsSiteKey *key; /* of every store; run_tests makes and frees it */

/* --- things on disk --- */

G_GNUC_UNUSED static char *
scratch (void)
{
  g_autofree char *template = g_build_filename (g_get_tmp_dir (), "deskshred-test-XXXXXX", NULL);
  return g_strdup (g_mkdtemp (template));
}

G_GNUC_UNUSED static void
remove_tree (char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      char *child = g_build_filename (path, name, NULL);
      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_tree (child);
      else
        {
          g_unlink (child);
          g_free (child);
        }
    }
  g_rmdir (path);
  g_free (path);
}

G_GNUC_UNUSED static char *
write_file (const char *folder, const char *name, const char *text)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_mkdir_with_parents (parent, 0700);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

G_GNUC_UNUSED static void
put_file (const char *folder, const char *name, const char *text)
{
  g_free (write_file (folder, name, text));
}

G_GNUC_UNUSED static void
assert_file (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *content = NULL;
  g_file_get_contents (path, &content, NULL, NULL);
  g_assert_cmpstr (content, ==, text);
}

G_GNUC_UNUSED static gboolean
there (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

G_GNUC_UNUSED static guint
count_names (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;
  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

G_GNUC_UNUSED static char *
make_maildir (void)
{
  char *root = scratch ();
  static const char *const parts[] = { "cur", "new", "tmp" };
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *part = g_build_filename (root, parts[i], NULL);
      g_mkdir (part, 0700);
    }
  return root;
}

/* --- stores --- */

G_GNUC_UNUSED static DsStore *
open_with (const char *path, gboolean in_place, guint wait)
{
  DsStoreOptions options = { .name = "s", .path = path, .key = key, .wait_seconds = wait, .in_place = in_place };
  g_autoptr (GError) error = NULL;
  DsStore *store = ds_store_ops_for_path (path)->open (&options, &error);
  g_assert_no_error (error);
  return store;
}

G_GNUC_UNUSED static DsStore *
open_store (const char *path)
{
  return open_with (path, FALSE, 5);
}

G_GNUC_UNUSED static GPtrArray *
list_all (DsStore *store, const DsSelect *select)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *items = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_store_item_free);
  g_assert_true (store->ops->list (store, select, &error));
  DsStoreItem *item;
  while ((item = store->ops->next (store, &error)) != NULL)
    g_ptr_array_add (items, item);
  g_assert_no_error (error);
  return items;
}

G_GNUC_UNUSED static DsStoreItem *
nth (GPtrArray *items, guint i)
{
  g_assert_cmpuint (i, <, items->len);
  return g_ptr_array_index (items, i);
}

G_GNUC_UNUSED static void
assert_content (DsStore *store, const DsStoreItem *item, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = store->ops->read (store, item, 0, 0, &error);
  g_assert_no_error (error);
  g_autofree char *content = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_assert_cmpstr (content, ==, text);
}

typedef struct
{
  DsChange change;
  char *message, *locator, *before, *after;
} Change;

G_GNUC_UNUSED static char *
digest_of (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  return ds_content_digest (key, bytes);
}

G_GNUC_UNUSED static Change *
change_new (const char *message, const char *locator, const char *before, const char *after)
{
  Change *change = g_new0 (Change, 1);
  change->change.message = change->message = g_strdup (message);
  change->change.locator = change->locator = g_strdup (locator);
  change->change.before = change->before = digest_of (before);
  change->change.after = change->after = digest_of (after);
  change->change.bytes = g_bytes_new (after, strlen (after));
  change->change.action = ACTION;
  return change;
}

G_GNUC_UNUSED static void
change_free (Change *change)
{
  g_bytes_unref (change->change.bytes);
  g_clear_error (&change->change.error);
  g_free (change->change.new_locator);
  g_free (change->message);
  g_free (change->locator);
  g_free (change->before);
  g_free (change->after);
  g_free (change);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Change, change_free)

G_GNUC_UNUSED static void
put (DsStore *store, Change *change)
{
  g_autoptr (GError) error = NULL;
  DsChange *changes[] = { &change->change };
  g_assert_true (store->ops->put (store, changes, 1, &error));
  g_assert_no_error (error);
}

G_GNUC_UNUSED static void
assert_settles (DsStore *store, Change *change, DsSettled expected)
{
  g_autoptr (GError) error = NULL;
  DsSettled settled = DS_SETTLED_GONE;
  g_clear_pointer (&change->change.new_locator, g_free);
  g_assert_true (store->ops->settle (store, &change->change, &settled, &error));
  g_assert_no_error (error);
  g_assert_cmpint (settled, ==, expected);
}

G_GNUC_UNUSED static int
run_tests (void)
{
  key = ds_site_key_new_random ();
  int code = g_test_run ();
  ds_site_key_free (key);
  return code;
}
