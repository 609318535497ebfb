/* Maildir, from outside: folders on disk in, folders on disk out. */
#include "config.h"
#include "store-fixture.h"

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

/* A file that no delivering program named may name a person: it is called by a digest, and found by it. */
static void
test_maildir_named (void)
{
  static const char *const named[] = { "Max Mustermann.eml", "1700000000.M1P2.host,max@example.org:2,S", "1700000000.Mustermann.host",
                                       "1700000000.M1P2.host,Max=1", "Mustermann" };
  char *root = make_maildir ();
  for (guint i = 0; i < G_N_ELEMENTS (named); i++)
    {
      g_autofree char *path = g_strconcat ("cur/", named[i], NULL);
      put_file (root, path, named[i]);
    }
  put_file (root, "new/Mustermann", "twin");
  g_autoptr (DsStore) store = open_store (root);
  g_autoptr (GPtrArray) items = list_all (store, NULL);
  g_assert_cmpuint (items->len, ==, G_N_ELEMENTS (named) + 1);
  for (guint i = 0; i < items->len; i++)
    {
      const char *message = nth (items, i)->message;
      g_assert_cmpuint (strlen (message), ==, strchr (message, '~') != NULL ? 19 : 17);
      g_assert_null (nth (items, i)->locator);
      g_assert_null (strcasestr (message, "max"));
      g_autoptr (DsStoreItem) found = store->ops->find (store, message, NULL, NULL);
      g_assert_cmpstr (found->message, ==, message);
    }
  const char *last = nth (items, items->len - 1)->message;
  g_assert_true (g_str_has_suffix (last, "~2"));
  assert_content (store, nth (items, items->len - 1), "twin");
  g_autoptr (Change) change = change_new (last, NULL, "twin", "gone");
  put (store, change);
  g_assert_no_error (change->change.error);
  assert_file (root, "new/Mustermann", "gone");
  remove_tree (root);
}

static void
test_maildir_plain (void)
{
  static const char *const plain[] = { "1700000000.M1P2.my-host.example.org,U=5,FMD5=7e33429f656f1e6e:2,S", "1700000000_1.123.host:2,",
                                       "1700000000.M12P34V0000000000000801I00000000000ABCDE_0.host,S=4,W=5:2,FRS", "1700000000000.eml",
                                       "1700000000.R987654321.host" };
  char *root = make_maildir ();
  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    {
      g_autofree char *path = g_strconcat ("cur/", plain[i], NULL);
      put_file (root, path, "x");
    }
  put_file (root, "cur/1800000000.M1P2.host:2,max", "x"); /* flags stand in order, words don't */
  g_autoptr (DsStore) store = open_store (root);
  g_autoptr (GPtrArray) items = list_all (store, NULL);
  g_assert_cmpuint (items->len, ==, G_N_ELEMENTS (plain) + 1);
  for (guint i = 0; i < items->len; i++)
    {
      g_assert_true (g_ascii_isdigit (nth (items, i)->message[0]));
      g_assert_true ((nth (items, i)->locator == NULL) == g_str_equal (nth (items, i)->message, "1800000000.M1P2.host"));
    }
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mail/maildir/lists", test_maildir_lists);
  g_test_add_func ("/mail/maildir/twins", test_maildir_twins);
  g_test_add_func ("/mail/maildir/named", test_maildir_named);
  g_test_add_func ("/mail/maildir/plain", test_maildir_plain);
  g_test_add_func ("/mail/maildir/put", test_maildir_put);
  g_test_add_func ("/mail/maildir/races", test_maildir_races);
  g_test_add_func ("/mail/maildir/open-writer", test_maildir_open_writer);
  g_test_add_func ("/mail/maildir/links", test_maildir_links);
  g_test_add_func ("/mail/maildir/settle", test_maildir_settle);
  g_test_add_func ("/mail/maildir/settle-hard", test_maildir_settle_hard);
  return run_tests ();
}
