/* The mail stores and folders, from outside: mailboxes on disk in, mailboxes on disk out. */
#include "config.h"
#include "base/atomic-file.h"
#include "base/error.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utime.h>
#include <zlib.h>

#define FROM "From alice@example.org Tue Sep  3 12:00:00 2024\n"
#define ACTION "abc234"

static DsSiteKey *key;

/* --- things on disk --- */

static char *
scratch (void)
{
  g_autofree char *template = g_build_filename (g_get_tmp_dir (), "deskshred-test-XXXXXX", NULL);
  return g_strdup (g_mkdtemp (template));
}

static void
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

static char *
write_file (const char *folder, const char *name, const char *text)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_mkdir_with_parents (parent, 0700);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
put_file (const char *folder, const char *name, const char *text)
{
  g_free (write_file (folder, name, text));
}

static void
assert_file (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *content = NULL;
  g_file_get_contents (path, &content, NULL, NULL);
  g_assert_cmpstr (content, ==, text);
}

static gboolean
there (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static guint
count_names (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;
  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static char *
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

static DsStore *
open_with (const char *path, gboolean in_place, guint wait)
{
  DsStoreOptions options = { .name = "s", .path = path, .key = key, .wait_seconds = wait, .in_place = in_place };
  g_autoptr (GError) error = NULL;
  DsStore *store = ds_store_ops_for_path (path)->open (&options, &error);
  g_assert_no_error (error);
  return store;
}

static DsStore *
open_store (const char *path)
{
  return open_with (path, FALSE, 5);
}

static GPtrArray *
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

static DsStoreItem *
nth (GPtrArray *items, guint i)
{
  g_assert_cmpuint (i, <, items->len);
  return g_ptr_array_index (items, i);
}

static void
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

static char *
digest_of (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  return ds_content_digest (key, bytes);
}

static Change *
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

static void
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

static void
put (DsStore *store, Change *change)
{
  g_autoptr (GError) error = NULL;
  DsChange *changes[] = { &change->change };
  g_assert_true (store->ops->put (store, changes, 1, &error));
  g_assert_no_error (error);
}

static void
assert_settles (DsStore *store, Change *change, DsSettled expected)
{
  g_autoptr (GError) error = NULL;
  DsSettled settled = DS_SETTLED_GONE;
  g_clear_pointer (&change->change.new_locator, g_free);
  g_assert_true (store->ops->settle (store, &change->change, &settled, &error));
  g_assert_no_error (error);
  g_assert_cmpint (settled, ==, expected);
}

/* --- Maildir --- */

static void
test_maildir_lists (void)
{
  char *root = make_maildir ();
  put_file (root, "cur/1725364800.b.host:2,S", "B");
  put_file (root, "new/1725364700.a.host", "A");
  put_file (root, "cur/.hidden", "-");
  put_file (root, ".Sales.Max Mustermann/cur/1725364800.b.host:2,", "C");
  put_file (root, "Files/Old/cur/1725364900.c.host,S=1,W=1:2,", "D");
  put_file (root, "Files/Old/new/x", "E");
  g_autoptr (DsStore) store = open_store (root);
  g_autoptr (GPtrArray) items = list_all (store, NULL);
  g_assert_cmpuint (items->len, ==, 5);
  g_assert_cmpstr (nth (items, 0)->message, ==, "1725364700.a.host");
  g_assert_cmpint (nth (items, 0)->date, ==, 1725364700);
  g_assert_null (nth (items, 0)->queue);
  g_assert_cmpstr (nth (items, 1)->locator, ==, "cur/1725364800.b.host:2,S");
  g_assert_cmpstr (nth (items, 2)->queue, ==, "Files/Old");
  g_assert_true (g_str_has_suffix (nth (items, 2)->message, "/1725364900.c.host"));
  g_assert_cmpstr (nth (items, 4)->queue, ==, "Sales/Max Mustermann");
  g_assert_null (strstr (nth (items, 4)->message, "Mustermann"));
  g_assert_cmpstr (nth (items, 4)->message, !=, nth (items, 1)->message);
  assert_content (store, nth (items, 4), "C");
  for (guint i = 0; i < items->len; i++)
    {
      g_autoptr (DsStoreItem) found = store->ops->find (store, nth (items, i)->message, NULL, NULL);
      g_assert_nonnull (found);
      g_assert_cmpstr (found->locator, ==, nth (items, i)->locator);
    }
  const char *queues[] = { "Files/Old", NULL };
  DsSelect select = { .queues = queues, .until = 1725365000 };
  g_autoptr (GPtrArray) some = list_all (store, &select);
  g_assert_cmpuint (some->len, ==, 1);
  remove_tree (root);
}

static void
test_maildir_twins (void)
{
  char *root = make_maildir ();
  put_file (root, "new/7.a", "new");
  put_file (root, "cur/7.a:2,", "cur");
  put_file (root, "cur/7.a:2,S", "seen");
  g_autoptr (DsStore) store = open_store (root);
  g_autoptr (GPtrArray) items = list_all (store, NULL);
  g_assert_cmpuint (items->len, ==, 3);
  g_assert_cmpstr (nth (items, 0)->message, ==, "7.a");
  g_assert_cmpstr (nth (items, 2)->message, ==, "7.a~3");
  assert_content (store, nth (items, 0), "cur");
  assert_content (store, nth (items, 2), "new");
  remove_tree (root);
}

static void
test_maildir_put (void)
{
  char *root = make_maildir ();
  g_autofree char *path = write_file (root, "cur/9.x,S=11,W=12:2,S", "secret\nlong");
  g_assert_cmpint (chmod (path, 0640), ==, 0);
  struct utimbuf times = { 1000000000, 1100000000 };
  utime (path, &times);
  g_autoptr (DsStore) store = open_store (root);
  g_autoptr (Change) change = change_new ("9.x", "cur/9.x,S=11,W=12:2,S", "secret\nlong", "a\nb\n");
  put (store, change);
  g_assert_no_error (change->change.error);
  g_assert_cmpstr (change->change.new_locator, ==, "cur/9.x,S=4,W=6:2,S");
  g_assert_cmpuint (change->change.residual_links, ==, 0);
  g_assert_cmpuint (count_names (root, "cur"), ==, 1);
  g_assert_cmpuint (count_names (root, "tmp"), ==, 0);
  g_autofree char *moved = g_build_filename (root, "cur/9.x,S=4,W=6:2,S", NULL);
  struct stat status;
  g_assert_cmpint (stat (moved, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0640);
  g_assert_cmpint (status.st_mtime, ==, 1100000000);
  g_assert_cmpint (status.st_atime, ==, 1000000000);
  assert_file (root, "cur/9.x,S=4,W=6:2,S", "a\nb\n");
  assert_settles (store, change, DS_SETTLED_DONE);
  remove_tree (root);
}

static void
test_maildir_races (void)
{
  char *root = make_maildir ();
  put_file (root, "new/9.x", "secret");
  put_file (root, "cur/8.y:2,", "other");
  g_autoptr (DsStore) store = open_store (root);
  g_autoptr (GPtrArray) items = list_all (store, NULL);
  g_autofree char *from = g_build_filename (root, "new/9.x", NULL);
  g_autofree char *to = g_build_filename (root, "cur/9.x:2,RS", NULL);
  g_assert_cmpint (rename (from, to), ==, 0);
  assert_content (store, nth (items, 1), "secret");
  g_autoptr (Change) moved = change_new ("9.x", "new/9.x", "secret", "gone");
  put (store, moved);
  g_assert_no_error (moved->change.error);
  assert_file (root, "cur/9.x:2,RS", "gone");
  g_autoptr (Change) changed = change_new ("8.y", "cur/8.y:2,", "expected", "gone");
  put (store, changed);
  g_assert_error (changed->change.error, DS_ERROR, DS_ERROR_CHANGED);
  assert_file (root, "cur/8.y:2,", "other");
  g_autoptr (Change) lost = change_new ("7.z", NULL, "expected", "gone");
  put (store, lost);
  g_assert_error (lost->change.error, DS_ERROR, DS_ERROR_GONE);
  g_assert_cmpuint (count_names (root, "tmp"), ==, 0);
  remove_tree (root);
}

/* A program that has the message open for writing could write after the digest was taken. */
static void
test_maildir_open_writer (void)
{
  char *root = make_maildir ();
  g_autofree char *path = write_file (root, "cur/9.x", "secret");
  int fd = open (path, O_WRONLY | O_APPEND);
  g_autoptr (DsStore) store = open_store (root);
  g_autoptr (Change) change = change_new ("9.x", "cur/9.x", "secret", "gone");
  put (store, change);
  g_assert_error (change->change.error, DS_ERROR, DS_ERROR_CHANGED);
  close (fd);
  assert_file (root, "cur/9.x", "secret");
  g_assert_cmpuint (count_names (root, "tmp"), ==, 0);
  remove_tree (root);
}

static void
test_maildir_links (void)
{
  char *root = make_maildir ();
  g_autofree char *path = write_file (root, "cur/9.x", "secret");
  g_autofree char *other = g_build_filename (root, "elsewhere", NULL);
  g_autofree char *linked = g_build_filename (root, "cur/8.link", NULL);
  g_assert_cmpint (link (path, other), ==, 0);
  g_assert_cmpint (symlink ("/etc/passwd", linked), ==, 0);
  g_autoptr (DsStore) store = open_store (root);
  g_autoptr (GPtrArray) items = list_all (store, NULL);
  g_assert_cmpuint (items->len, ==, 2);
  g_assert_error (nth (items, 0)->problem, DS_ERROR, DS_ERROR_ITEM);
  g_autoptr (GError) error = NULL;
  g_assert_null (store->ops->read (store, nth (items, 0), 0, 0, &error));
  g_assert_true (ds_error_is_item (error));
  g_autoptr (Change) change = change_new ("9.x", "cur/9.x", "secret", "gone");
  put (store, change);
  g_assert_no_error (change->change.error);
  g_assert_cmpuint (change->change.residual_links, ==, 1);
  remove_tree (root);
}

/* The states that a crash can leave, each made by hand: what stands in cur, in tmp, and what settle makes of them. */
static void
test_maildir_settle (void)
{
  static const struct
  {
    const char *name, *present, *displaced, *part;
    DsSettled settled;
    const char *result;
  } states[] = {
    { "9.x:2,S", "secret", NULL, NULL, DS_SETTLED_NOT_DONE, "secret" },
    { "9.x:2,S", "secret", NULL, "go", DS_SETTLED_NOT_DONE, "secret" },
    { "9.x:2,S", "secret", "gone!", NULL, DS_SETTLED_NOT_DONE, "secret" },
    { "9.x:2,S", "gone!", "secret", NULL, DS_SETTLED_DONE, "gone!" },
    { "9.x:2,RS", "gone!", "secret", NULL, DS_SETTLED_DONE, "gone!" },
    { "9.x:2,S", "gone!", NULL, NULL, DS_SETTLED_DONE, "gone!" },
    { "9.x:2,S", "gone!", "theirs", NULL, DS_SETTLED_CHANGED, "theirs" },
    { "9.x:2,RS", "gone!", "theirs", NULL, DS_SETTLED_CHANGED, "theirs" },
    { "9.x:2,S", "theirs", "gone!", NULL, DS_SETTLED_CHANGED, "theirs" },
    { "9.x:2,S", "theirs", "secret", NULL, DS_SETTLED_CHANGED, "theirs" },
    { "9.x:2,S", "theirs", NULL, NULL, DS_SETTLED_CHANGED, "theirs" },
    { NULL, NULL, "gone!", NULL, DS_SETTLED_GONE, NULL },
    { NULL, NULL, "secret", NULL, DS_SETTLED_GONE, NULL },
    { NULL, NULL, NULL, NULL, DS_SETTLED_GONE, NULL },
    { NULL, NULL, "theirs", NULL, DS_SETTLED_CHANGED, "theirs" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      char *root = make_maildir ();
      g_autofree char *name = g_strconcat ("cur/", states[i].name, NULL);
      if (states[i].present != NULL)
        put_file (root, name, states[i].present);
      if (states[i].displaced != NULL)
        put_file (root, "tmp/deskshred." ACTION, states[i].displaced);
      if (states[i].part != NULL)
        put_file (root, "tmp/deskshred." ACTION ".part", states[i].part);
      g_autoptr (DsStore) store = open_store (root);
      g_autoptr (Change) change = change_new ("9.x", "cur/9.x:2,S", "secret", "gone!");
      assert_settles (store, change, states[i].settled);
      g_assert_cmpuint (count_names (root, "tmp"), ==, 0);
      if (states[i].result != NULL)
        assert_file (root, states[i].name != NULL ? name : "cur/9.x:2,S", states[i].result);
      g_assert_cmpuint (count_names (root, "cur"), ==, states[i].result != NULL ? 1 : 0);
      remove_tree (root);
    }
}

static void
test_maildir_settle_hard (void)
{
  char *root = make_maildir ();
  put_file (root, "cur/9.x,S=6:2,S", "gone"); /* exchanged, not yet renamed */
  put_file (root, "tmp/deskshred." ACTION, "secret");
  g_autoptr (DsStore) store = open_store (root);
  g_autoptr (Change) change = change_new ("9.x", "cur/9.x,S=6:2,S", "secret", "gone");
  assert_settles (store, change, DS_SETTLED_DONE);
  assert_file (root, "cur/9.x,S=4:2,S", "gone");
  /* two other programs at once: nobody's bytes are thrown away */
  put_file (root, "cur/9.x,S=4:2,S", "theirs");
  put_file (root, "tmp/deskshred." ACTION, "also theirs");
  DsSettled settled;
  g_autoptr (GError) error = NULL;
  g_assert_false (store->ops->settle (store, &change->change, &settled, &error));
  g_assert_error (error, DS_ERROR, DS_ERROR_ITEM);
  assert_file (root, "tmp/deskshred." ACTION, "also theirs");
  remove_tree (root);
}

/* --- mbox --- */

static void
assert_mbox (const char *text, const char *const *messages)
{
  char *root = scratch ();
  g_autofree char *path = write_file (root, "box.mbox", text);
  g_autoptr (DsStore) store = open_store (path);
  g_assert_cmpstr (store->ops->name, ==, "mail");
  g_autoptr (GPtrArray) items = list_all (store, NULL);
  g_assert_cmpuint (items->len, ==, g_strv_length ((char **) messages));
  for (guint i = 0; i < items->len; i++)
    assert_content (store, nth (items, i), messages[i]);
  for (guint i = items->len; i-- > 0;)
    {
      g_autoptr (DsStoreItem) found = store->ops->find (store, nth (items, i)->message, NULL, NULL);
      g_assert_nonnull (found);
      g_assert_cmpstr (found->locator, ==, nth (items, i)->locator);
    }
  remove_tree (root);
}

#define MESSAGES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
test_mbox_splits (void)
{
  assert_mbox ("", (const char *const[]){ NULL });
  assert_mbox (FROM "A: 1\n\none\n\n" FROM "A: 2\n\ntwo\n\n", MESSAGES ("A: 1\n\none\n", "A: 2\n\ntwo\n"));
  assert_mbox (FROM "A: 1\n\none\n\n" FROM "A: 2\n\ntwo", MESSAGES ("A: 1\n\none\n", "A: 2\n\ntwo"));
  assert_mbox (FROM "A: 1\n\none\n\nFrom here on we meet on Tue Sep  3 12:00:00 2024 at\n\nFrom Bob\n\n>From x\n",
               MESSAGES ("A: 1\n\none\n\nFrom here on we meet on Tue Sep  3 12:00:00 2024 at\n\nFrom Bob\n\n>From x\n"));
  assert_mbox (FROM "A: 1\n\none\n" FROM "x\n", MESSAGES ("A: 1\n\none\n" FROM "x\n"));
  assert_mbox ("From a@b.c Tue Sep  3 12:00:00 2024\r\nA: 1\r\n\r\none\r\n\r\nFrom - Tue Sep 03 12:00:00 2024\r\nA: 2\r\n\r\n",
               MESSAGES ("A: 1\r\n\r\none\r\n", "A: 2\r\n"));
  assert_mbox (FROM "\n" FROM "A: 2\n\n\n" FROM, MESSAGES ("", "A: 2\n\n", ""));
}

static void
test_mbox_separators (void)
{
  static const char *const good[]
      = { "From MAILER-DAEMON Tue Sep  3 12:00:00 2024",         "From a@b Tue Sep  3 12:00 2024",
          "From a@b Tue Sep  3 12:00:00 CEST 2024",              "From a@b Tue Sep  3 12:00:00 2024 +0200",
          "From \"John Doe\"@b Tue Sep  3 12:00:00 MET DST 2024", "From  Tue Sep  3 12:00:00 2024",
          "From a@b Tue, 03 Sep 2024 12:00:00 +0200",            "From a Tue Sep  3 12:00:00 2024 remote from host",
          "From a@b  Tue Sep 3 9:00:00 2024 (CEST)" };
  static const char *const bad[] = { "From a@b", "From a@b Tue Sep 3", "From a@b Tue Sep  3 25:00:00 2024",
                                     "From a@b Foo Sep  3 12:00:00 2024", "from a@b Tue Sep  3 12:00:00 2024", "From a@b Tue Sep  3 12:00:00 2024 we met all of them" };
  for (guint i = 0; i < G_N_ELEMENTS (good) + G_N_ELEMENTS (bad); i++)
    {
      gboolean is_good = i < G_N_ELEMENTS (good);
      const char *line = is_good ? good[i] : bad[i - G_N_ELEMENTS (good)];
      g_autofree char *one = g_strdup_printf ("A: 1\n\none\n\n%s\nA: 2\n", line);
      g_autofree char *text = g_strconcat (FROM, one, NULL);
      g_test_message ("%s", line);
      if (is_good)
        assert_mbox (text, MESSAGES ("A: 1\n\none\n", "A: 2\n"));
      else
        assert_mbox (text, MESSAGES (one));
    }
}

static void
test_mbox_content_length (void)
{
  /* "one\n\n" FROM "x\n" is 4 + 1 + 48 + 2 = 55 bytes: a mail in a mail, not quoted (mboxcl2) */
  assert_mbox (FROM "A: 1\nContent-Length: 55\nB: 2\n\none\n\n" FROM "x\n\n" FROM "A: 2\n\ntwo\n",
               MESSAGES ("A: 1\nContent-Length: \nB: 2\n\none\n\n" FROM "x\n", "A: 2\n\ntwo\n"));
  /* a length that leads nowhere is not believed */
  assert_mbox (FROM "A: 1\nContent-Length: 54\n\none\n\n" FROM "x\n\n" FROM "A: 2\n\ntwo\n",
               MESSAGES ("A: 1\nContent-Length: \n\none\n", "x\n", "A: 2\n\ntwo\n"));
  assert_mbox (FROM "Content-Length: 99999999999999999\n\none\n", MESSAGES ("Content-Length: \n\none\n"));
}

static void
test_mbox_keys (void)
{
  char *root = scratch ();
  g_autofree char *path = write_file (root, "box", FROM "Message-ID: <a@b>\n\n1\n\n" FROM "message-id:\n <a@b>\n\n2\n\n" FROM
                                                   "Message-ID: <c@d>\n\n3\n\n" FROM "Message-ID: <a@b>\n\n4\n");
  g_autoptr (DsStore) store = open_store (path);
  g_autoptr (GPtrArray) items = list_all (store, NULL);
  g_assert_cmpuint (items->len, ==, 4);
  g_autofree char *second = g_strconcat (nth (items, 0)->message, ".2", NULL);
  g_autofree char *third = g_strconcat (nth (items, 0)->message, ".3", NULL);
  g_assert_cmpuint (strlen (nth (items, 0)->message), ==, 17);
  g_assert_cmpstr (nth (items, 1)->message, ==, second);
  g_assert_cmpstr (nth (items, 3)->message, ==, third);
  g_assert_cmpint (nth (items, 0)->date, ==, 1725364800);
  /* the file shifts: locators are of no use any more */
  put_file (root, "box", FROM "Message-ID: <new@b>\n\n0\n\n" FROM "Message-ID: <a@b>\n\n1\n\n" FROM "message-id:\n <a@b>\n\n2\n\n" FROM
                              "Message-ID: <c@d>\n\n3\n\n" FROM "Message-ID: <a@b>\n\n4\n");
  assert_content (store, nth (items, 3), "Message-ID: <a@b>\n\n4\n");
  assert_content (store, nth (items, 0), "Message-ID: <a@b>\n\n1\n");
  g_autoptr (GError) error = NULL;
  g_assert_null (store->ops->find (store, "m0123456789abcdef", NULL, &error));
  g_assert_error (error, DS_ERROR, DS_ERROR_GONE);
  remove_tree (root);
}

static void
test_mbox_put (void)
{
  char *root = scratch ();
  g_autofree char *path
      = write_file (root, "box", FROM "Message-ID: <a@b>\n\nsecret\n\n" FROM "Message-ID: <c@d>\nContent-Length: 7\n\nsecret\n\n" FROM
                                 "Message-ID: <e@f>\n\n>From x\nsecret\n\n" FROM "Message-ID: <g@h>\n\nsecret");
  chmod (path, 0640);
  struct utimbuf times = { 1000000000, 1100000000 };
  utime (path, &times);
  g_autoptr (DsStore) store = open_store (path);
  g_autoptr (GPtrArray) items = list_all (store, NULL);
  static const char *const before[] = { "Message-ID: <a@b>\n\nsecret\n", "Message-ID: <c@d>\nContent-Length: \n\nsecret\n",
                                        "wrong", "Message-ID: <g@h>\n\nsecret" };
  static const char *const after[] = { "Message-ID: <a@b>\n\n[removed, and longer]\n", "Message-ID: <c@d>\nContent-Length: \n\n[x]\n",
                                       "wrong", "Message-ID: <g@h>\n\n[y]" };
  Change *all[4];
  DsChange *changes[4];
  for (guint i = 0; i < 4; i++)
    {
      all[i] = change_new (nth (items, i)->message, nth (items, i)->locator, before[i], after[i]);
      changes[i] = &all[i]->change;
    }
  g_autoptr (GError) error = NULL;
  g_assert_true (store->ops->put (store, changes, 4, &error));
  g_assert_no_error (error);
  g_assert_error (changes[2]->error, DS_ERROR, DS_ERROR_CHANGED);
  struct stat status;
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0640);
  g_assert_cmpint (status.st_mtime, ==, 1100000000);
  g_assert_cmpint (status.st_atime, ==, 1000000000);
  assert_file (root, "box", FROM "Message-ID: <a@b>\n\n[removed, and longer]\n\n" FROM "Message-ID: <c@d>\nContent-Length: 4\n\n[x]\n\n" FROM
                            "Message-ID: <e@f>\n\n>From x\nsecret\n\n" FROM "Message-ID: <g@h>\n\n[y]");
  g_assert_cmpuint (count_names (root, "."), ==, 1);
  for (guint i = 0; i < 4; i++)
    {
      if (i != 2)
        {
          g_autoptr (DsStoreItem) found = store->ops->find (store, all[i]->message, changes[i]->new_locator, &error);
          g_assert_no_error (error);
          g_assert_cmpstr (found->locator, ==, changes[i]->new_locator);
          assert_content (store, found, after[i]);
        }
      assert_settles (store, all[i], i == 2 ? DS_SETTLED_CHANGED : DS_SETTLED_DONE);
      change_free (all[i]);
    }
  remove_tree (root);
}

static void
test_mbox_bounds (void)
{
  char *root = scratch ();
  const char *text = FROM "Message-ID: <a@b>\n\nx\n\n" FROM "Message-ID: <c@d>\n\ny\n";
  g_autofree char *path = write_file (root, "box", text);
  static const char *const wrong[] = { "Message-ID: <a@b>\n\nx\n\n" FROM "z\n", "Message-ID: <a@b>\n\nx\nFrom z\n", "Message-ID: <a@b>\n\nx",
                                       "\n" FROM "z\n" };
  g_autoptr (DsStore) store = open_store (path);
  g_autoptr (GPtrArray) items = list_all (store, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (Change) change = change_new (nth (items, 0)->message, NULL, "Message-ID: <a@b>\n\nx\n", wrong[i]);
      put (store, change);
      g_assert_error (change->change.error, DS_ERROR, DS_ERROR_ITEM);
      assert_file (root, "box", text);
    }
  remove_tree (root);
}

/* Takes the locks in another process, as a deliverer does, and lets go when the parent closes the pipe. */
static pid_t
start_locker (const char *path, gboolean dot, int *release)
{
  int go[2], ready[2];
  char byte;
  g_assert_cmpint (pipe (go) | pipe (ready), ==, 0);
  pid_t pid = fork ();
  if (pid == 0)
    {
      close (go[1]);
      struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
      g_autofree char *name = g_strconcat (path, ".lock", NULL);
      int fd = open (path, O_RDWR | O_APPEND);
      if (dot)
        close (open (name, O_CREAT | O_EXCL | O_WRONLY, 0644));
      else if (fcntl (fd, F_SETLK, &lock) != 0)
        _exit (1);
      if (write (ready[1], "x", 1) != 1 || read (go[0], &byte, 1) != 0)
        _exit (2);
      unlink (name);
      _exit (0);
    }
  close (go[0]);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  close (ready[0]);
  close (ready[1]);
  *release = go[1];
  return pid;
}

static void
test_mbox_locked (void)
{
  for (guint dot = 0; dot < 2; dot++)
    {
      char *root = scratch ();
      g_autofree char *path = write_file (root, "box", FROM "Message-ID: <a@b>\n\nx\n");
      g_autoptr (DsStore) store = open_with (path, FALSE, 0);
      g_autoptr (GPtrArray) items = list_all (store, NULL);
      int release = -1;
      pid_t pid = start_locker (path, dot == 1, &release);
      g_autoptr (Change) change = change_new (nth (items, 0)->message, NULL, "Message-ID: <a@b>\n\nx\n", "Message-ID: <a@b>\n\ny\n");
      DsChange *changes[] = { &change->change };
      g_autoptr (GError) error = NULL;
      g_assert_false (store->ops->put (store, changes, 1, &error));
      g_assert_error (error, DS_ERROR, DS_ERROR_LOCKED);
      g_assert_nonnull (strstr (error->message, path));
      close (release);
      waitpid (pid, NULL, 0);
      put (store, change);
      g_assert_no_error (change->change.error);
      g_assert_cmpuint (count_names (root, "."), ==, 1);
      remove_tree (root);
    }
}

static void
test_mbox_stale_lock (void)
{
  char *root = scratch ();
  g_autofree char *path = write_file (root, "box", FROM "Message-ID: <a@b>\n\nx\n");
  char host[256] = "";
  gethostname (host, sizeof host - 1);
  pid_t pid = fork ();
  if (pid == 0)
    _exit (0);
  waitpid (pid, NULL, 0);
  g_autofree char *mark = g_strdup_printf ("%d:%s:deskshred", (int) pid, host);
  put_file (root, "box.lock", mark);
  g_autoptr (DsStore) store = open_with (path, FALSE, 0);
  g_autoptr (GPtrArray) items = list_all (store, NULL);
  g_autoptr (Change) change = change_new (nth (items, 0)->message, NULL, "Message-ID: <a@b>\n\nx\n", "Message-ID: <a@b>\n\ny\n");
  put (store, change);
  g_assert_no_error (change->change.error);
  g_assert_false (there (root, "box.lock"));
  remove_tree (root);
}

#define LATE FROM "Message-ID: <late@b>\n\nlate\n\n"

/* A deliverer that opened the old file before the rename, and got its lock after it. */
static void
test_mbox_late_delivery (void)
{
  char *root = scratch ();
  g_autofree char *path = write_file (root, "box", FROM "Message-ID: <a@b>\n\nx\n\n");
  g_autoptr (DsStore) store = open_store (path);
  g_autoptr (GPtrArray) items = list_all (store, NULL);
  int ready[2];
  char byte;
  g_assert_cmpint (pipe (ready), ==, 0);
  pid_t pid = fork ();
  if (pid == 0)
    {
      int fd = open (path, O_RDWR | O_APPEND);
      struct stat own, named;
      struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
      if (write (ready[1], "x", 1) != 1)
        _exit (1);
      do /* deliver only once the file has been renamed over: the worst case */
        g_usleep (1000);
      while (fstat (fd, &own) == 0 && stat (path, &named) == 0 && own.st_ino == named.st_ino);
      if (fcntl (fd, F_SETLKW, &lock) != 0 || !ds_write_all (fd, LATE, strlen (LATE)))
        _exit (2);
      _exit (0);
    }
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  g_autoptr (Change) change = change_new (nth (items, 0)->message, NULL, "Message-ID: <a@b>\n\nx\n", "Message-ID: <a@b>\n\ny\n");
  put (store, change);
  g_assert_no_error (change->change.error);
  int code = -1;
  waitpid (pid, &code, 0);
  g_assert_cmpint (code, ==, 0);
  assert_file (root, "box", FROM "Message-ID: <a@b>\n\ny\n\n" LATE);
  g_assert_cmpuint (count_names (root, "."), ==, 1);
  close (ready[0]);
  close (ready[1]);
  remove_tree (root);
}

static void
test_mbox_settle (void)
{
  static const char was[] = FROM "Message-ID: <a@b>\n\nsecret\n\n", is[] = FROM "Message-ID: <a@b>\n\n[x]\n\n";
  const struct
  {
    const char *present, *temporary, *old;
    gboolean linked; /* old is a second name of the present file */
    DsSettled settled;
    const char *result;
  } states[] = {
    { was, NULL, NULL, FALSE, DS_SETTLED_NOT_DONE, was },
    { was, FROM "Mess", NULL, FALSE, DS_SETTLED_NOT_DONE, was },
    { was, is, NULL, TRUE, DS_SETTLED_NOT_DONE, was },
    { is, NULL, was, FALSE, DS_SETTLED_DONE, is },
    { is, NULL, FROM "Message-ID: <a@b>\n\nsecret\n\n" LATE, FALSE, DS_SETTLED_DONE, FROM "Message-ID: <a@b>\n\n[x]\n\n" LATE },
    { FROM "Message-ID: <a@b>\n\n[x]\n\n" LATE, NULL, FROM "Message-ID: <a@b>\n\nsecret\n\n" LATE, FALSE, DS_SETTLED_DONE,
      FROM "Message-ID: <a@b>\n\n[x]\n\n" LATE },
    { LATE, NULL, NULL, FALSE, DS_SETTLED_GONE, LATE },
    { FROM "Message-ID: <a@b>\n\ntheirs\n", NULL, NULL, FALSE, DS_SETTLED_CHANGED, FROM "Message-ID: <a@b>\n\ntheirs\n" },
  };
  g_autofree char *old_name = g_strdup_printf ("box.deskshred." ACTION ".old.%zu", strlen (was));
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      char *root = scratch ();
      g_autofree char *first = write_file (root, "box", was);
      g_autoptr (DsStore) store = open_store (first);
      g_autoptr (GPtrArray) items = list_all (store, NULL);
      g_autoptr (Change) change
          = change_new (nth (items, 0)->message, nth (items, 0)->locator, "Message-ID: <a@b>\n\nsecret\n", "Message-ID: <a@b>\n\n[x]\n");
      put_file (root, "box", states[i].present);
      if (states[i].temporary != NULL)
        put_file (root, "box.deskshred." ACTION, states[i].temporary);
      if (states[i].old != NULL)
        put_file (root, old_name, states[i].old);
      g_autofree char *old = g_build_filename (root, old_name, NULL);
      if (states[i].linked)
        g_assert_cmpint (link (first, old), ==, 0);
      assert_settles (store, change, states[i].settled);
      assert_file (root, "box", states[i].result);
      g_assert_cmpuint (count_names (root, "."), ==, 1);
      remove_tree (root);
    }
}

static void
test_mbox_packed (void)
{
  char *root = scratch ();
  g_autofree char *path = g_build_filename (root, "box.gz", NULL);
  gzFile file = gzopen (path, "wb");
  g_autofree char *body = g_strnfill (40000, 'x');
  for (guint i = 0; i < 100; i++)
    gzprintf (file, FROM "Message-ID: <%u@b>\n\n%.4000s%u\n\n", i, body, i);
  gzclose (file);
  g_autoptr (DsStore) store = open_store (path);
  g_assert_true (store->flags & DS_STORE_READ_ONLY);
  g_autoptr (GPtrArray) items = list_all (store, NULL);
  g_assert_cmpuint (items->len, ==, 100);
  for (guint i = 0; i < 100; i += 33)
    {
      g_autofree char *text = g_strdup_printf ("Message-ID: <%u@b>\n\n%.4000s%u\n", i, body, i);
      assert_content (store, nth (items, i), text);
    }
  g_autoptr (Change) change = change_new (nth (items, 0)->message, NULL, "x", "y");
  DsChange *changes[] = { &change->change };
  g_autoptr (GError) error = NULL;
  g_assert_false (store->ops->put (store, changes, 1, &error));
  g_assert_error (error, DS_ERROR, DS_ERROR_REFUSED);
  remove_tree (root);
}

/* A listing of 200 MB, in a process of its own, which must not grow by more than 32 MB. */
static void
test_mbox_large (void)
{
#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("the address sanitizer keeps freed memory");
  return;
#endif
  char *root = scratch ();
  g_autofree char *path = g_build_filename (root, "box", NULL);
  FILE *file = fopen (path, "w");
  g_autofree char *body = g_strnfill (10000, 'x');
  for (gsize i = 79; i < 10000; i += 80)
    body[i] = '\n';
  for (guint i = 0; i < 20000; i++)
    fprintf (file, FROM "Message-ID: <%u@b>\n\n%s\n\n", i, body);
  fclose (file);
  pid_t pid = fork ();
  if (pid == 0)
    {
      struct rusage first, last;
      getrusage (RUSAGE_SELF, &first);
      DsStore *store = open_store (path);
      guint n = 0;
      store->ops->list (store, NULL, NULL);
      for (DsStoreItem *item; (item = store->ops->next (store, NULL)) != NULL; n++)
        ds_store_item_free (item);
      getrusage (RUSAGE_SELF, &last);
      _exit (n != 20000 ? 1 : last.ru_maxrss - first.ru_maxrss > 32 * 1024 ? 2 : 0);
    }
  int code = -1;
  waitpid (pid, &code, 0);
  g_assert_cmpint (code, ==, 0);
  remove_tree (root);
}

/* --- a single mail, files, folders --- */

static void
test_eml (void)
{
  char *root = scratch ();
  g_autofree char *path = write_file (root, "mustermann.eml", "Subject: x\n\nsecret\n");
  g_autofree char *plain = write_file (root, "mail", "Received: x\n y\nSubject: x\n\nsecret\n");
  g_autofree char *yaml = write_file (root, "conf", "name: x\nother: y\n");
  g_autoptr (DsStore) store = open_store (path);
  g_assert_cmpint (store->flags, ==, 0);
  g_autoptr (GPtrArray) items = list_all (store, NULL);
  g_assert_cmpuint (items->len, ==, 1);
  g_assert_cmpint (((DsBlob *) nth (items, 0)->blobs->pdata[0])->kind, ==, DS_BLOB_MAIL);
  g_autoptr (Change) change = change_new (nth (items, 0)->message, NULL, "Subject: x\n\nsecret\n", "Subject: x\n\n[x]\n");
  put (store, change);
  g_assert_no_error (change->change.error);
  assert_file (root, "mustermann.eml", "Subject: x\n\n[x]\n");
  g_assert_cmpuint (count_names (root, "."), ==, 3);
  put_file (root, "mustermann.eml", "theirs");
  put_file (root, ".deskshred." ACTION, "Subject: x\n\nsecret\n");
  assert_settles (store, change, DS_SETTLED_CHANGED);
  assert_file (root, "mustermann.eml", "theirs");
  g_assert_false (there (root, ".deskshred." ACTION));
  g_assert_cmpstr (ds_store_ops_for_path (plain)->name, ==, "mail");
  g_assert_cmpstr (ds_store_ops_for_path (yaml)->name, ==, "folder");
  remove_tree (root);
}

static void
test_folder_lists (void)
{
  char *root = scratch ();
  put_file (root, "b.txt", "text");
  put_file (root, "a/x.EML", "Subject: x\n\n");
  put_file (root, "a/.git/config", "hidden");
  put_file (root, "m/cur/1.a:2,S", "mail");
  put_file (root, "m/new/x", "mail");
  put_file (root, "m/tmp/x", "file");
  put_file (root, ".deskshred." ACTION, "ours");
  g_autofree char *fifo = g_build_filename (root, "fifo", NULL);
  g_autofree char *out = g_build_filename (root, "out", NULL);
  g_autofree char *in = g_build_filename (root, "in", NULL);
  g_assert_cmpint (mkfifo (fifo, 0600) | symlink ("/etc", out) | symlink ("b.txt", in), ==, 0);
  g_autoptr (DsStore) store = open_store (root);
  g_assert_cmpstr (store->ops->name, ==, "folder");
  g_autoptr (GPtrArray) items = list_all (store, NULL);
  static const char *const paths[] = { "a/.git/config", "a/x.EML", "b.txt", "m/cur/1.a:2,S", "m/new/x", "m/tmp/x", "out" };
  g_assert_cmpuint (items->len, ==, G_N_ELEMENTS (paths));
  for (guint i = 0; i < items->len; i++)
    {
      DsStoreItem *item = nth (items, i);
      DsBlob *blob = item->blobs->pdata[0];
      g_assert_cmpstr (item->locator, ==, paths[i]);
      g_assert_cmpuint (strlen (item->message), ==, 17);
      g_assert_true ((item->problem != NULL) == g_str_equal (paths[i], "out"));
      g_assert_true ((blob->kind == DS_BLOB_MAIL) == (i == 1 || i == 3 || i == 4));
      if (item->problem != NULL)
        continue;
      g_autoptr (DsStoreItem) found = store->ops->find (store, item->message, NULL, NULL);
      g_assert_cmpstr (found->locator, ==, paths[i]);
      g_assert_cmpint (((DsBlob *) found->blobs->pdata[0])->kind, ==, blob->kind);
    }
  remove_tree (root);
}

static void
test_folder_put (void)
{
  char *root = scratch ();
  g_autofree char *path = write_file (root, "sub/b.txt", "secret");
  g_autofree char *digest = ds_site_key_digest (key, "path", "sub/b.txt", 9, 16);
  g_autofree char *message = g_strconcat ("f", digest, NULL);
  g_autoptr (Change) change = change_new (message, NULL, "secret", "[x]");
  DsChange *changes[] = { &change->change };
  DsStore *store = open_with (root, FALSE, 0);
  g_autoptr (GError) error = NULL;
  g_assert_true (store->flags & DS_STORE_NEEDS_IN_PLACE);
  g_assert_false (store->ops->put (store, changes, 1, &error));
  g_assert_error (error, DS_ERROR, DS_ERROR_REFUSED);
  ds_store_close (store);
  store = open_with (root, TRUE, 0);
  put (store, change);
  g_assert_no_error (change->change.error);
  assert_file (root, "sub/b.txt", "[x]");
  g_assert_cmpuint (count_names (root, "sub"), ==, 1);
  ds_store_close (store);
  remove_tree (root);
}

static void
test_errors (void)
{
  DsStoreOptions options = { .name = "s", .path = "/nonexistent/x", .key = key };
  const DsStoreOps *ops = ds_store_ops_for_path (options.path);
  g_assert_nonnull (ops);
  g_autoptr (GError) error = NULL;
  g_assert_null (ops->open (&options, &error));
  g_assert_error (error, DS_ERROR, DS_ERROR_USAGE);
  g_assert_cmpstr (error->message, ==, "/nonexistent/x: no such file or folder");
  g_clear_error (&error);
  g_autoptr (DsConf) conf = ds_conf_parse ("name = \"s\"; plugin = \"mail\"; pathh = \"/tmp\";", "test", NULL);
  options = (DsStoreOptions){ .name = "s", .conf = ds_conf_root (conf), .key = key };
  g_assert_null (ds_store_ops_by_name ("mail")->open (&options, &error));
  g_assert_error (error, DS_ERROR, DS_ERROR_CONFIG);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  key = ds_site_key_new_random ();
  g_test_add_func ("/mail/maildir/lists", test_maildir_lists);
  g_test_add_func ("/mail/maildir/twins", test_maildir_twins);
  g_test_add_func ("/mail/maildir/put", test_maildir_put);
  g_test_add_func ("/mail/maildir/races", test_maildir_races);
  g_test_add_func ("/mail/maildir/open-writer", test_maildir_open_writer);
  g_test_add_func ("/mail/maildir/links", test_maildir_links);
  g_test_add_func ("/mail/maildir/settle", test_maildir_settle);
  g_test_add_func ("/mail/maildir/settle-hard", test_maildir_settle_hard);
  g_test_add_func ("/mail/mbox/splits", test_mbox_splits);
  g_test_add_func ("/mail/mbox/separators", test_mbox_separators);
  g_test_add_func ("/mail/mbox/content-length", test_mbox_content_length);
  g_test_add_func ("/mail/mbox/keys", test_mbox_keys);
  g_test_add_func ("/mail/mbox/put", test_mbox_put);
  g_test_add_func ("/mail/mbox/bounds", test_mbox_bounds);
  g_test_add_func ("/mail/mbox/locked", test_mbox_locked);
  g_test_add_func ("/mail/mbox/stale-lock", test_mbox_stale_lock);
  g_test_add_func ("/mail/mbox/late-delivery", test_mbox_late_delivery);
  g_test_add_func ("/mail/mbox/settle", test_mbox_settle);
  g_test_add_func ("/mail/mbox/packed", test_mbox_packed);
  g_test_add_func ("/mail/mbox/large", test_mbox_large);
  g_test_add_func ("/mail/eml", test_eml);
  g_test_add_func ("/mail/folder/lists", test_folder_lists);
  g_test_add_func ("/mail/folder/put", test_folder_put);
  g_test_add_func ("/mail/errors", test_errors);
  int code = g_test_run ();
  ds_site_key_free (key);
  return code;
}
