/* mbox, from outside: files on disk in, files on disk out; locks, and others who write. */
#include "config.h"
#include "store-fixture.h"

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

/* Another's FILE.lock that goes in the moment that it is looked at is no failure. */
static void
test_mbox_fleeting_lock (void)
{
  char *root = scratch ();
  g_autofree char *path = write_file (root, "box", FROM "Message-ID: <a@b>\n\nx\n");
  g_autofree char *lock = g_strconcat (path, ".lock", NULL);
  g_autoptr (DsStore) store = open_with (path, FALSE, 0);
  pid_t pid = fork ();
  if (pid == 0)
    prctl (PR_SET_PDEATHSIG, SIGKILL);
  while (pid == 0)
    {
      int fd = open (lock, O_WRONLY | O_CREAT | O_EXCL, 0600);
      if (fd >= 0)
        {
          close (fd);
          unlink (lock);
        }
    }
  guint had = 0;
  for (guint i = 0; i < 3000; i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean good = store->ops->prepare (store, NULL, 0, &error);
      if (!good)
        g_assert_error (error, DS_ERROR, DS_ERROR_LOCKED);
      had += good;
    }
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  g_assert_cmpuint (had, >, 0);
  ds_store_close (g_steal_pointer (&store));
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

#define OTHER FROM "Message-ID: <other@b>\n\nanother deliverer's, who came after us\n\n"

/* Killed while late mail was carried over: its place had been named, and made or not, and filled or not, and others went on. */
static void
test_mbox_settle_late (void)
{
  static const char was[] = FROM "Message-ID: <a@b>\n\nsecret\n\n", is[] = FROM "Message-ID: <a@b>\n\n[x]\n\n";
  const struct
  {
    int filled;       /* bytes of the place that hold the late mail, the others NUL; -1: it was not made */
    const char *then; /* what another appended after that */
    gboolean anew;    /* and then the mbox was written anew by another */
    const char *result;
  } states[] = {
    { -1, "", FALSE, LATE },          { -1, OTHER, FALSE, OTHER LATE },
    { 0, "", FALSE, LATE },           { 0, OTHER, FALSE, LATE OTHER },
    { 10, OTHER, FALSE, LATE OTHER }, { sizeof LATE - 1, "", FALSE, LATE },
    { -1, OTHER, TRUE, OTHER LATE },  { sizeof LATE - 1, OTHER, TRUE, LATE OTHER },
  };
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      char *root = scratch ();
      g_autofree char *path = write_file (root, "box", was);
      g_autoptr (DsStore) store = open_store (path);
      g_autoptr (GPtrArray) items = list_all (store, NULL);
      g_autoptr (Change) change
          = change_new (nth (items, 0)->message, nth (items, 0)->locator, "Message-ID: <a@b>\n\nsecret\n", "Message-ID: <a@b>\n\n[x]\n");
      g_autoptr (GString) text = g_string_new (is);
      for (int at = 0; states[i].filled >= 0 && at < (int) sizeof LATE - 1; at++)
        g_string_append_c (text, at < states[i].filled ? LATE[at] : '\0');
      g_string_append (text, states[i].then);
      g_assert_true (g_file_set_contents (path, text->str, (gssize) text->len, NULL));
      struct stat status;
      g_assert_cmpint (stat (path, &status), ==, 0);
      g_autofree char *old_name = g_strdup_printf ("box.deskshred." ACTION ".old.%zu.at.%zu.%" G_GUINT64_FORMAT, strlen (was), strlen (is),
                                                   (guint64) status.st_ino + states[i].anew);
      put_file (root, old_name, FROM "Message-ID: <a@b>\n\nsecret\n\n" LATE);
      assert_settles (store, change, DS_SETTLED_DONE);
      g_autofree char *result = g_strconcat (is, states[i].result, NULL);
      assert_file (root, "box", result);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mail/mbox/splits", test_mbox_splits);
  g_test_add_func ("/mail/mbox/separators", test_mbox_separators);
  g_test_add_func ("/mail/mbox/content-length", test_mbox_content_length);
  g_test_add_func ("/mail/mbox/keys", test_mbox_keys);
  g_test_add_func ("/mail/mbox/put", test_mbox_put);
  g_test_add_func ("/mail/mbox/bounds", test_mbox_bounds);
  g_test_add_func ("/mail/mbox/locked", test_mbox_locked);
  g_test_add_func ("/mail/mbox/stale-lock", test_mbox_stale_lock);
  g_test_add_func ("/mail/mbox/fleeting-lock", test_mbox_fleeting_lock);
  g_test_add_func ("/mail/mbox/late-delivery", test_mbox_late_delivery);
  g_test_add_func ("/mail/mbox/settle-late", test_mbox_settle_late);
  g_test_add_func ("/mail/mbox/settle", test_mbox_settle);
  g_test_add_func ("/mail/mbox/packed", test_mbox_packed);
  g_test_add_func ("/mail/mbox/large", test_mbox_large);
  return run_tests ();
}
