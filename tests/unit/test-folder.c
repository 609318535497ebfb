/* A single mail, and a folder of files. */
#include "config.h"
#include "store-fixture.h"

static void
test_eml (void)
{
  char *root = scratch ();
  g_autofree char *path = write_file (root, "mustermann.eml", "Subject: x\n\nsecret\n");
  g_autofree char *plain = write_file (root, "mail", "Received: x\n y\nSubject: x\n\nsecret\n");
  g_autofree char *yaml = write_file (root, "conf", "name: x\nother: y\n");
  g_autoptr (DsStore) store = open_store (path);
  g_assert_cmpint (store->flags, ==, DS_STORE_NAMED_LOCATORS);
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
  /* What a change left behind, and what leads elsewhere, can't be looked at, and is told. */
  static const char *const paths[] = { (".deskshred." ACTION), "a/.git/config", "a/x.EML", "b.txt", "m/cur/1.a:2,S", "m/new/x", "m/tmp/x", "out" };
  g_assert_cmpuint (items->len, ==, G_N_ELEMENTS (paths));
  for (guint i = 0; i < items->len; i++)
    {
      DsStoreItem *item = nth (items, i);
      DsBlob *blob = item->blobs->pdata[0];
      g_assert_cmpstr (item->locator, ==, paths[i]);
      g_assert_cmpuint (strlen (item->message), ==, 17);
      g_assert_true ((item->problem != NULL) == (i == 0 || i == 7));
      g_assert_true ((blob->kind == DS_BLOB_MAIL) == (i == 2 || i == 4 || i == 5));
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
  g_free (write_file (root, "sub/b.txt", "secret"));
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
  g_test_add_func ("/mail/eml", test_eml);
  g_test_add_func ("/mail/folder/lists", test_folder_lists);
  g_test_add_func ("/mail/folder/put", test_folder_put);
  g_test_add_func ("/mail/errors", test_errors);
  return run_tests ();
}
