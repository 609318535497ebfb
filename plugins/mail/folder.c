/* Any file, or a folder of files: what a bare PATH is when it is no mailbox. */
#include "config.h"
#include "file.h"
#include "folder-walk.h"
#include "mail-store.h"
#include "place.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  DsStore base;
  const DsSiteKey *key;
  char *path; /* as resolved */
  char *root_path;
  char *only; /* path is a single file: its base name, and root_path its folder */
  int root;
  gboolean in_place;
  gint64 since, until;
  DsWalk *walk;   /* the listing */
  DsWalk *search; /* where the last search by key stopped */
} Folder;

static void
folder_close (DsStore *store)
{
  Folder *folder = (Folder *) store;
  ds_walk_free (folder->walk);
  ds_walk_free (folder->search);
  if (folder->root >= 0)
    close (folder->root);
  g_free (folder->path);
  g_free (folder->root_path);
  g_free (folder->only);
  g_free (folder->base.name);
  g_free (folder);
}

static gboolean
folder_list (DsStore *store, const DsSelect *select, GError **error)
{
  Folder *folder = (Folder *) store;
  g_clear_pointer (&folder->walk, ds_walk_free);
  folder->walk = ds_walk_new (folder->key, folder->root, folder->root_path, folder->only);
  folder->since = select != NULL ? select->since : 0;
  folder->until = select != NULL ? select->until : 0;
  return ds_store_has_one_queue (store, select, error);
}

static DsStoreItem *
item_of_entry (Folder *folder, DsWalkEntry *entry)
{
  DsStoreItem *item
      = ds_file_item (folder->key, entry->relative, entry->kind, entry->problem == NULL ? &entry->status : NULL);
  item->problem = g_steal_pointer (&entry->problem);
  item->hides = entry->is_folder ? g_strdup ("") : NULL;
  return item;
}

static DsStoreItem *
folder_next (DsStore *store, GError **error G_GNUC_UNUSED)
{
  Folder *folder = (Folder *) store;
  while (folder->walk != NULL)
    {
      g_autoptr (DsWalkEntry) entry = ds_walk_next (folder->walk);
      if (entry == NULL)
        break;
      gint64 date = entry->status.st_mtim.tv_sec;
      gboolean early = folder->since != 0 && date < folder->since, late = folder->until != 0 && date >= folder->until;
      if (entry->problem != NULL || (!early && !late))
        return item_of_entry (folder, entry);
    }
  g_clear_pointer (&folder->walk, ds_walk_free);
  return NULL;
}

/* Goes on from where the last search stopped, and once around: keys asked for in listing order cost one walk in all, and
 * no list of all paths is kept. */
static char *
search_path (Folder *folder, const char *message, gboolean *hidden_r)
{
  *hidden_r = FALSE;
  for (guint round = 0; round < 2; round++)
    {
      if (folder->search == NULL)
        folder->search = ds_walk_new (folder->key, folder->root, folder->root_path, folder->only);
      for (;;)
        {
          g_autoptr (DsWalkEntry) entry = ds_walk_next (folder->search);
          if (entry == NULL)
            break;
          *hidden_r = *hidden_r || entry->is_folder;
          g_autofree char *key = ds_file_key (folder->key, entry->relative);
          if (g_str_equal (key, message))
            return g_steal_pointer (&entry->relative);
        }
      g_clear_pointer (&folder->search, ds_walk_free);
    }
  return NULL;
}

/* The path of a key, new string: the locator if it has that key, which is a digest of the path. */
static char *
path_of_key (Folder *folder, const char *message, const char *locator, GError **error)
{
  g_autofree char *key = locator != NULL ? ds_file_key (folder->key, locator) : NULL;
  if (key != NULL && g_str_equal (key, message))
    return g_strdup (locator);
  gboolean hidden = FALSE;
  char *relative = search_path (folder, message, &hidden);
  if (relative == NULL && hidden)
    g_set_error (error, DS_ERROR, DS_ERROR_ITEM, "message %s: it may be in a folder that cannot be looked into", message);
  else if (relative == NULL)
    {
      errno = ENOENT;
      ds_place_set_error (error, message);
    }
  return relative;
}

static DsStoreItem *
folder_find (DsStore *store, const char *message, const char *locator, GError **error)
{
  Folder *folder = (Folder *) store;
  struct stat status;
  g_autofree char *relative = path_of_key (folder, message, locator, error);
  if (relative == NULL || !ds_file_status (folder->root, relative, message, &status, error))
    return NULL;
  return ds_file_item (folder->key, relative, ds_walk_kind (folder->root, relative), &status);
}

static GBytes *
folder_read (DsStore *store, const DsStoreItem *item, guint blob G_GNUC_UNUSED, guint64 limit, GError **error)
{
  if (item->problem == NULL)
    return ds_file_read (((Folder *) store)->root, item, limit, error);
  g_propagate_error (error, g_error_copy (item->problem));
  return NULL;
}

static char *
folder_place (DsStore *store, const DsChange *change, GError **error)
{
  return path_of_key ((Folder *) store, change->message, change->locator, error);
}

static gboolean
folder_prepare (DsStore *store, DsChange **changes G_GNUC_UNUSED, guint n G_GNUC_UNUSED, GError **error)
{
  const Folder *folder = (const Folder *) store;
  return ds_place_may_be_written (folder->root, folder->path, error);
}

static gboolean
folder_put (DsStore *store, DsChange **changes, guint n, GError **error)
{
  Folder *folder = (Folder *) store;
  if (folder->in_place && ds_file_put (store, folder->key, folder->root, folder_place, changes, n, error))
    return TRUE;
  if (folder->in_place)
    g_prefix_error (error, "%s: ", folder->path);
  else
    g_set_error (error, DS_ERROR, DS_ERROR_REFUSED, "%s: not a mailbox; changing files in it needs --in-place", folder->path);
  return FALSE;
}

static gboolean
folder_settle (DsStore *store, DsChange *change, DsSettled *settled_r, GError **error)
{
  Folder *folder = (Folder *) store;
  return ds_file_settle (store, folder->key, folder->root, folder_place, change, settled_r, error);
}

static char *
folder_incarnation (DsStore *store, GError **error)
{
  Folder *folder = (Folder *) store;
  struct stat status;
  g_autofree char *digest = ds_file_key (folder->key, folder->path);
  if (fstat (folder->root, &status) == 0)
    return g_strdup_printf ("folder:%" G_GINT64_MODIFIER "x:%" G_GINT64_MODIFIER "x:%s", (guint64) status.st_dev,
                            (guint64) status.st_ino, digest);
  g_set_error (error, DS_ERROR, DS_ERROR_STORE, "%s: %s", folder->path, g_strerror (errno));
  return NULL;
}

static GPtrArray *
folder_check (DsStore *store)
{
  Folder *folder = (Folder *) store;
  GPtrArray *facts = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_store_fact_free);
  g_ptr_array_add (facts, ds_store_fact_new (DS_FACT_GOOD,
                                             g_strdup_printf ("%s: a %s", folder->path, folder->only != NULL ? "file" : "folder"),
                                             NULL));
  ds_place_check_access (facts, folder->path);
  ds_place_check_exchange (facts, folder->path);
  ds_place_check_links (facts, folder->path);
  return facts;
}

static gboolean
folder_is_path (const char *path G_GNUC_UNUSED)
{
  return TRUE; /* also for a path that is not there, so that open can say so */
}

/* The path is checked here, so that a mistyped one is wrong usage and not an empty, clean folder. */
static Folder *
folder_new (const char *given, char *path, GError **error)
{
  struct stat status = { 0 };
  gboolean single = stat (path, &status) == 0 && S_ISREG (status.st_mode);
  g_autofree char *root_path = single ? g_path_get_dirname (path) : g_strdup (path);
  int root = single || S_ISDIR (status.st_mode) ? open (root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  if (root < 0 || faccessat (AT_FDCWD, path, R_OK, AT_EACCESS) != 0)
    {
      gboolean special = !single && !S_ISDIR (status.st_mode);
      g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s: %s", given, special ? "neither a file nor a folder" : g_strerror (errno));
      if (root >= 0)
        close (root);
      g_free (path);
      return NULL;
    }
  Folder *folder = g_new0 (Folder, 1);
  folder->path = path;
  folder->only = single ? g_path_get_basename (path) : NULL;
  folder->root_path = g_steal_pointer (&root_path);
  folder->root = root;
  return folder;
}

static DsStore *
folder_open (const DsStoreOptions *options, GError **error)
{
  const char *given = ds_mail_path (options, error);
  char *path = given != NULL ? ds_place_resolve (given, error) : NULL;
  Folder *folder = path != NULL ? folder_new (given, path, error) : NULL;
  if (folder == NULL)
    return NULL;
  folder->base.ops = &ds_folder_store_ops;
  folder->base.flags = DS_STORE_NEEDS_IN_PLACE | DS_STORE_NAMED_LOCATORS;
  folder->base.name = g_strdup (options->name);
  folder->key = options->key;
  folder->in_place = options->in_place;
  return &folder->base;
}

const DsStoreOps ds_folder_store_ops = {
  .name = "folder",
  .summary = "any file, or a folder of files; changes need --in-place",
  .is_path = folder_is_path,
  .open = folder_open,
  .close = folder_close,
  .list = folder_list,
  .next = folder_next,
  .find = folder_find,
  .read = folder_read,
  .prepare = folder_prepare,
  .put = folder_put,
  .settle = folder_settle,
  .incarnation = folder_incarnation,
  .check = folder_check,
};
