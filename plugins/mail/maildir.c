#include "config.h"
#include "maildir.h"
#include "place.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void
end_listing (DsMaildir *maildir)
{
  g_clear_pointer (&maildir->names, ds_maildir_names_free);
  g_clear_pointer (&maildir->wanted, g_ptr_array_unref);
  g_clear_pointer (&maildir->listed, g_ptr_array_unref);
}

static void
maildir_close (DsStore *store)
{
  DsMaildir *maildir = (DsMaildir *) store;
  end_listing (maildir);
  ds_maildir_names_free (maildir->searched);
  g_clear_pointer (&maildir->folders, g_ptr_array_unref);
  g_strfreev (maildir->never_read);
  if (maildir->root >= 0)
    close (maildir->root);
  g_free (maildir->searched_folder);
  g_free (maildir->path);
  g_free (maildir->base.name);
  g_free (maildir);
}

static gboolean
never_read (DsMaildir *maildir, const DsMaildirFolder *folder)
{
  for (guint i = 0; maildir->never_read != NULL && maildir->never_read[i] != NULL; i++)
    if (ds_queue_is_within (folder->queue, maildir->never_read[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_wanted (DsMaildir *maildir, const DsMaildirFolder *folder, const DsSelect *select)
{
  if (never_read (maildir, folder))
    return FALSE;
  if (select == NULL || select->queues == NULL || g_strv_contains (select->queues, "*"))
    return TRUE;
  return g_strv_contains (select->queues, ds_queue_name (folder->queue));
}

/* The first name that is no folder's, or NULL. */
static const char *
unknown_queue (GPtrArray *folders, const char *const *names)
{
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      gboolean known = g_str_equal (names[i], "*");
      for (guint k = 0; k < folders->len && !known; k++)
        known = ds_queue_is_within (((const DsMaildirFolder *) g_ptr_array_index (folders, k))->queue, names[i]);
      if (!known)
        return names[i];
    }
  return NULL;
}

/* A name that was mistyped, or of a folder that was renamed, must not be taken for a queue that has nothing in it, nor for
 * one that is kept closed. */
static gboolean
check_queues (DsMaildir *maildir, const DsSelect *select, GError **error)
{
  const char *closed = unknown_queue (maildir->listed, (const char *const *) maildir->never_read);
  const char *wanted = select != NULL ? unknown_queue (maildir->listed, select->queues) : NULL;
  if (closed != NULL)
    g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s: never_read: there is no queue \"%s\"", maildir->path, closed);
  else if (wanted != NULL)
    g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s: there is no queue \"%s\"", maildir->path, wanted);
  return closed == NULL && wanted == NULL;
}

static gboolean
set_store_error (DsMaildir *maildir, GError **error)
{
  g_set_error (error, DS_ERROR, DS_ERROR_STORE, "%s: %s", maildir->path, g_strerror (errno));
  return FALSE;
}

static gboolean
maildir_list (DsStore *store, const DsSelect *select, GError **error)
{
  DsMaildir *maildir = (DsMaildir *) store;
  end_listing (maildir);
  maildir->listed = ds_maildir_folders (maildir->root, maildir->key);
  if (maildir->listed == NULL)
    return set_store_error (maildir, error);
  if (!check_queues (maildir, select, error))
    return FALSE;
  maildir->wanted = g_ptr_array_new ();
  for (guint i = 0; i < maildir->listed->len; i++)
    if (is_wanted (maildir, g_ptr_array_index (maildir->listed, i), select))
      g_ptr_array_add (maildir->wanted, g_ptr_array_index (maildir->listed, i));
  maildir->folder = 0;
  maildir->since = select != NULL ? select->since : 0;
  maildir->until = select != NULL ? select->until : 0;
  return TRUE;
}

static GPtrArray *
one_blob (guint64 size)
{
  GPtrArray *blobs = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_blob_free);
  g_ptr_array_add (blobs, ds_blob_new (DS_BLOB_MAIL, NULL, NULL, size));
  return blobs;
}

static DsStoreItem *
item_new (const DsMaildirFolder *folder, const char *message, const char *path, const struct stat *status)
{
  const char *locator = ds_maildir_name_is_plain (path + 4) ? path : NULL;
  DsStoreItem *item = ds_store_item_new (message, locator, folder->queue, ds_maildir_date (path + 4, status->st_mtim.tv_sec),
                                         one_blob ((guint64) status->st_size));
  item->path = ds_place_join (folder->relative, path);
  return item;
}

/* An entry that is no file, or can't be looked at. */
static DsStoreItem *
problem_item (const DsMaildirFolder *folder, const char *name)
{
  int kept = errno;
  g_autofree char *message = g_strconcat (folder->prefix, name, NULL);
  DsStoreItem *item = ds_store_item_new (message, NULL, folder->queue, 0, one_blob (0));
  errno = kept;
  ds_place_set_error (&item->problem, message);
  return item;
}

/* A folder that can't be looked into.  problem NULL: errno's. */
static DsStoreItem *
folder_item (const DsMaildirFolder *folder)
{
  DsStoreItem *item = problem_item (folder, "cur");
  /* What is below it is not among the folders that are known. */
  item->hides = g_strdup (folder->problem != NULL ? "" : folder->prefix);
  if (folder->problem == NULL)
    return item;
  g_clear_error (&item->problem);
  item->problem = g_error_new (DS_ERROR, DS_ERROR_ITEM, "message %s: the folder is not looked into: %s", item->message, folder->problem);
  return item;
}

/* status of "cur/NAME" in a folder; errno ELOOP or EINVAL if it is not a regular file. */
static gboolean
status_of (DsMaildir *maildir, const DsMaildirFolder *folder, const char *path, struct stat *status_r)
{
  g_autofree char *whole = ds_place_join (folder->relative, path);
  g_autofree char *parent = g_path_get_dirname (whole);
  int fd = ds_place_folder (maildir->root, parent);
  if (fd < 0)
    return FALSE;
  int code = fstatat (fd, path + 4, status_r, AT_SYMLINK_NOFOLLOW);
  int kept = errno;
  close (fd);
  errno = kept;
  if (code == 0 && S_ISREG (status_r->st_mode))
    return TRUE;
  if (code == 0)
    errno = S_ISLNK (status_r->st_mode) ? ELOOP : EINVAL;
  return FALSE;
}

/* The next folder's names; an item if they can't be had. */
static DsStoreItem *
open_folder (DsMaildir *maildir, const DsMaildirFolder *folder)
{
  maildir->at = 0;
  if (folder->problem != NULL)
    return folder_item (folder);
  int fd = ds_place_folder (maildir->root, folder->relative);
  maildir->names = fd >= 0 ? ds_maildir_names_load (fd, maildir->key) : NULL;
  int kept = errno;
  if (fd >= 0)
    close (fd);
  errno = kept;
  if (maildir->names != NULL || errno == ENOENT)
    return NULL;
  return folder_item (folder);
}

static DsStoreItem *
next_in_folder (DsMaildir *maildir, const DsMaildirFolder *folder)
{
  while (maildir->at < maildir->names->paths->len)
    {
      guint i = maildir->at++;
      const char *path = g_ptr_array_index (maildir->names->paths, i);
      g_autofree char *name = ds_maildir_names_key (maildir->names, i);
      g_autofree char *message = g_strconcat (folder->prefix, name, NULL);
      g_autofree char *now = NULL;
      struct stat status;
      gboolean there = status_of (maildir, folder, path, &status);
      if (!there && errno == ENOENT) /* renamed since the folder was read, or deleted */
        {
          now = ds_maildir_locate (maildir, folder, message, NULL, &status, NULL);
          if (now == NULL)
            continue;
          there = TRUE;
        }
      if (!there && errno == EINVAL)
        continue; /* a folder, pipe or device is no message */
      if (!there)
        return problem_item (folder, name);
      gint64 date = ds_maildir_date (path + 4, status.st_mtim.tv_sec);
      if ((maildir->since == 0 || date >= maildir->since) && (maildir->until == 0 || date < maildir->until))
        return item_new (folder, message, now != NULL ? now : path, &status);
    }
  return NULL;
}

static DsStoreItem *
maildir_next (DsStore *store, GError **error G_GNUC_UNUSED)
{
  DsMaildir *maildir = (DsMaildir *) store;
  while (maildir->wanted != NULL && maildir->folder < maildir->wanted->len)
    {
      const DsMaildirFolder *folder = g_ptr_array_index (maildir->wanted, maildir->folder);
      DsStoreItem *item = NULL;
      if (maildir->names == NULL)
        item = open_folder (maildir, folder);
      if (item == NULL && maildir->names != NULL)
        {
          item = next_in_folder (maildir, folder);
          if (item != NULL)
            return item;
        }
      g_clear_pointer (&maildir->names, ds_maildir_names_free);
      maildir->folder++;
      if (item != NULL)
        return item;
    }
  end_listing (maildir);
  return NULL;
}

static void
set_gone (const char *message, GError **error)
{
  errno = ENOENT;
  ds_place_set_error (error, message);
}

static gboolean
has_problems (const GPtrArray *folders)
{
  for (guint i = 0; i < folders->len; i++)
    if (((const DsMaildirFolder *) g_ptr_array_index (folders, i))->problem != NULL)
      return TRUE;
  return FALSE;
}

const DsMaildirFolder *
ds_maildir_folder (DsMaildir *maildir, const char *message, GError **error)
{
  const DsMaildirFolder *folder = maildir->folders != NULL ? ds_maildir_folder_of (maildir->folders, message) : NULL;
  if (folder == NULL)
    {
      g_autoptr (GPtrArray) folders = ds_maildir_folders (maildir->root, maildir->key);
      if (folders == NULL)
        {
          set_store_error (maildir, error);
          return NULL;
        }
      g_clear_pointer (&maildir->folders, g_ptr_array_unref);
      maildir->folders = g_steal_pointer (&folders);
      folder = ds_maildir_folder_of (maildir->folders, message);
    }
  if (folder == NULL && has_problems (maildir->folders))
    g_set_error (error, DS_ERROR, DS_ERROR_ITEM, "message %s: its folder may be one that cannot be looked into", message);
  else if (folder == NULL)
    set_gone (message, error);
  else if (folder->problem != NULL)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_ITEM, "message %s: the folder is not looked into: %s", message, folder->problem);
      return NULL;
    }
  else if (never_read (maildir, folder))
    {
      g_set_error (error, DS_ERROR, DS_ERROR_REFUSED, "message %s: it is in a queue that is never read", message);
      return NULL;
    }
  return folder;
}

/* A locator is "cur/NAME" or "new/NAME" in the message's folder.  FALSE for one that doesn't fit the message, or could mean
 * another file of the same name. */
static gboolean
locator_fits (DsMaildir *maildir, const DsMaildirFolder *folder, const char *message, const char *locator)
{
  if (locator == NULL || (!g_str_has_prefix (locator, "cur/") && !g_str_has_prefix (locator, "new/"))
      || locator[4] == '\0' || strchr (locator + 4, '/') != NULL)
    return FALSE;
  g_autofree char *key = ds_maildir_key (maildir->key, locator + 4);
  return g_str_equal (key, message + strlen (folder->prefix));
}

static gboolean
load_searched (DsMaildir *maildir, const DsMaildirFolder *folder)
{
  g_clear_pointer (&maildir->searched, ds_maildir_names_free);
  g_clear_pointer (&maildir->searched_folder, g_free);
  int fd = ds_place_folder (maildir->root, folder->relative);
  if (fd < 0)
    return FALSE;
  maildir->searched = ds_maildir_names_load (fd, maildir->key);
  int kept = errno;
  close (fd);
  errno = kept;
  maildir->searched_folder = g_strdup (folder->relative);
  return maildir->searched != NULL;
}

char *
ds_maildir_locate (DsMaildir *maildir, const DsMaildirFolder *folder, const char *message, const char *locator,
                   struct stat *status_r, GError **error)
{
  if (locator_fits (maildir, folder, message, locator) && status_of (maildir, folder, locator, status_r))
    return g_strdup (locator);
  const char *key = message + strlen (folder->prefix);
  /* First in the folder as it was last read, then in the folder as it is. */
  for (guint round = 0; round < 2; round++)
    {
      gboolean known = maildir->searched != NULL && g_str_equal (maildir->searched_folder, folder->relative);
      if ((round == 1 || !known) && !load_searched (maildir, folder))
        {
          ds_place_set_error (error, message); /* gone only if the folder is */
          return NULL;
        }
      gint i = ds_maildir_names_find (maildir->searched, key);
      const char *path = i >= 0 ? g_ptr_array_index (maildir->searched->paths, (guint) i) : NULL;
      if (path != NULL && status_of (maildir, folder, path, status_r))
        return g_strdup (path);
      if (path != NULL && errno != ENOENT)
        {
          ds_place_set_error (error, message);
          return NULL;
        }
    }
  set_gone (message, error);
  return NULL;
}

static DsStoreItem *
maildir_find (DsStore *store, const char *message, const char *locator, GError **error)
{
  DsMaildir *maildir = (DsMaildir *) store;
  const DsMaildirFolder *folder = ds_maildir_folder (maildir, message, error);
  struct stat status;
  g_autofree char *path = folder != NULL ? ds_maildir_locate (maildir, folder, message, locator, &status, error) : NULL;
  return path != NULL ? item_new (folder, message, path, &status) : NULL;
}

static GBytes *
maildir_read (DsStore *store, const DsStoreItem *item, guint blob G_GNUC_UNUSED, guint64 limit, GError **error)
{
  DsMaildir *maildir = (DsMaildir *) store;
  if (item->problem != NULL)
    {
      g_propagate_error (error, g_error_copy (item->problem));
      return NULL;
    }
  const DsMaildirFolder *folder = ds_maildir_folder (maildir, item->message, error);
  struct stat status;
  g_autofree char *path
      = folder != NULL ? ds_maildir_locate (maildir, folder, item->message, item->locator, &status, error) : NULL;
  if (path == NULL)
    return NULL;
  g_autofree char *whole = ds_place_join (folder->relative, path);
  int fd = ds_place_open_path (maildir->root, whole, &status);
  if (fd < 0)
    {
      ds_place_set_error (error, item->message);
      return NULL;
    }
  GBytes *bytes = ds_place_read (fd, limit, item->message, error);
  close (fd);
  return bytes;
}

static char *
maildir_incarnation (DsStore *store, GError **error)
{
  DsMaildir *maildir = (DsMaildir *) store;
  struct stat status;
  if (fstat (maildir->root, &status) == 0)
    return g_strdup_printf ("maildir:%" G_GINT64_MODIFIER "x:%" G_GINT64_MODIFIER "x", (guint64) status.st_dev,
                            (guint64) status.st_ino);
  set_store_error (maildir, error);
  return NULL;
}

static void
check_companions (DsMaildir *maildir, GPtrArray *facts)
{
  static const char *const marks[] = { "dovecot.index.cache", "dovecot.index", "dovecot-uidlist", "fts-flatcurve",
                                       "lucene-indexes", "xapian-indexes", "maildirsize", "courierimapuiddb" };
  g_autoptr (GString) found = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    if (faccessat (maildir->root, marks[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
      g_string_append_printf (found, "%s%s", found->len > 0 ? ", " : "", marks[i]);
  if (found->len == 0)
    return;
  g_ptr_array_add (facts, ds_store_fact_new (DS_FACT_NOTE,
                                             g_strdup_printf ("a mail server keeps its own copies here: %s", found->str),
                                             g_strdup ("after a change let it build them anew; plugins/mail/README.md says how")));
}

static GPtrArray *
maildir_check (DsStore *store)
{
  DsMaildir *maildir = (DsMaildir *) store;
  GPtrArray *facts = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_store_fact_free);
  g_autoptr (GPtrArray) folders = ds_maildir_folders (maildir->root, maildir->key);
  g_ptr_array_add (facts, ds_store_fact_new (DS_FACT_GOOD,
                                             g_strdup_printf ("%s: a Maildir; folders: %u", maildir->path,
                                                              folders != NULL ? folders->len : 0),
                                             NULL));
  const char *closed = folders != NULL ? unknown_queue (folders, (const char *const *) maildir->never_read) : NULL;
  if (closed != NULL)
    g_ptr_array_add (facts, ds_store_fact_new (DS_FACT_BAD, g_strdup_printf ("never_read names no queue: %s", closed),
                                               g_strdup ("without it the store is not scanned")));
  g_autofree char *temporary = g_build_filename (maildir->path, "tmp", NULL);
  ds_place_check_access (facts, maildir->path);
  ds_place_check_access (facts, temporary);
  ds_place_check_exchange (facts, temporary);
  check_companions (maildir, facts);
  return facts;
}

static const DsStoreOps maildir_ops = {
  .name = "mail",
  .summary = "a Maildir",
  .close = maildir_close,
  .list = maildir_list,
  .next = maildir_next,
  .find = maildir_find,
  .read = maildir_read,
  .prepare = ds_maildir_prepare,
  .put = ds_maildir_put,
  .settle = ds_maildir_settle,
  .incarnation = maildir_incarnation,
  .check = maildir_check,
};

DsStore *
ds_maildir_open (const DsStoreOptions *options, const char *path, GError **error)
{
  g_auto (GStrv) never = NULL;
  if (options->conf != NULL && !ds_conf_strings (options->conf, "never_read", &never, error))
    return NULL;
  int root = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root < 0)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s: %s", path, g_strerror (errno));
      return NULL;
    }
  DsMaildir *maildir = g_new0 (DsMaildir, 1);
  maildir->base.ops = &maildir_ops;
  maildir->base.name = g_strdup (options->name);
  maildir->key = options->key;
  maildir->path = g_strdup (path);
  maildir->root = root;
  maildir->never_read = g_steal_pointer (&never);
  return &maildir->base;
}
