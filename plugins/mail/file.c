#include "config.h"
#include "file.h"
#include "place.h"
#include "swap.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define TEMPORARY_PREFIX ".deskshred."

char *
ds_file_key (const DsSiteKey *key, const char *relative)
{
  g_autofree char *digest = ds_site_key_digest (key, "path", relative, strlen (relative), 16);
  return g_strconcat ("f", digest, NULL);
}

gboolean
ds_file_is_temporary (const char *name)
{
  if (!g_str_has_prefix (name, TEMPORARY_PREFIX))
    return FALSE;
  const char *action = name + strlen (TEMPORARY_PREFIX);
  gsize length = strspn (action, "abcdefghijklmnopqrstuvwxyz0123456789_");
  return length > 0 && (action[length] == '\0' || g_str_equal (action + length, ".part"));
}

DsStoreItem *
ds_file_item (const DsSiteKey *key, const char *relative, DsBlobKind kind, const struct stat *status)
{
  g_autofree char *message = ds_file_key (key, relative);
  g_autofree char *name = kind == DS_BLOB_FILE ? g_path_get_basename (relative) : NULL;
  GPtrArray *blobs = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_blob_free);
  g_ptr_array_add (blobs, ds_blob_new (kind, name, NULL, status != NULL ? (guint64) status->st_size : 0));
  return ds_store_item_new (message, relative, NULL, status != NULL ? status->st_mtim.tv_sec : 0, blobs);
}

gboolean
ds_file_status (int root, const char *relative, const char *message, struct stat *status_r, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (relative);
  g_autofree char *name = g_path_get_basename (relative);
  int folder = ds_place_folder (root, parent);
  int code = folder >= 0 ? fstatat (folder, name, status_r, AT_SYMLINK_NOFOLLOW) : -1;
  int kept = errno;
  if (folder >= 0)
    close (folder);
  errno = code != 0 ? kept : S_ISREG (status_r->st_mode) ? 0 : S_ISLNK (status_r->st_mode) ? ELOOP : ENOENT;
  if (errno == 0)
    return TRUE;
  ds_place_set_error (error, message);
  return FALSE;
}

GBytes *
ds_file_read (int root, const DsStoreItem *item, guint64 limit, GError **error)
{
  struct stat status;
  int fd = ds_place_open_path (root, item->locator, &status);
  if (fd < 0)
    {
      ds_place_set_error (error, item->message);
      return NULL;
    }
  GBytes *bytes = ds_place_read (fd, limit, item->message, error);
  close (fd);
  return bytes;
}

static DsSwap *
swap_open (const DsSiteKey *key, int root, const char *relative, const DsChange *change, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (relative);
  g_autofree char *name = g_path_get_basename (relative);
  int folder = ds_place_folder (root, parent);
  int beside = folder >= 0 ? fcntl (folder, F_DUPFD_CLOEXEC, 3) : -1;
  if (beside >= 0)
    return ds_swap_new (key, change->message, folder, name, beside, TEMPORARY_PREFIX, change->action);
  ds_place_set_error (error, change->message);
  if (folder >= 0)
    close (folder);
  return NULL;
}

static gboolean
put_one (DsStore *store, const DsSiteKey *key, int root, DsFilePlace place, DsChange *change, GError **error)
{
  g_autofree char *relative = place (store, change, error);
  g_autoptr (DsSwap) swap = relative != NULL ? swap_open (key, root, relative, change, error) : NULL;
  if (swap == NULL || !ds_swap_put (swap, change, error) || !ds_swap_finish (swap, error))
    return FALSE;
  change->new_locator = g_steal_pointer (&relative);
  return TRUE;
}

gboolean
ds_file_put (DsStore *store, const DsSiteKey *key, int root, DsFilePlace place, DsChange **changes, guint n, GError **error)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) own = NULL;
      if (put_one (store, key, root, place, changes[i], &own))
        continue;
      if (!ds_error_is_item (own))
        {
          g_propagate_error (error, g_steal_pointer (&own));
          return FALSE;
        }
      changes[i]->error = g_steal_pointer (&own);
    }
  return TRUE;
}

gboolean
ds_file_settle (DsStore *store, const DsSiteKey *key, int root, DsFilePlace place, const DsChange *change,
                DsSettled *settled_r, GError **error)
{
  g_autoptr (GError) own = NULL;
  g_autofree char *relative = place (store, change, &own);
  g_autoptr (DsSwap) swap = relative != NULL ? swap_open (key, root, relative, change, &own) : NULL;
  if (swap != NULL)
    return ds_swap_settle (swap, change, swap->folder, swap->name, settled_r, error);
  if (g_error_matches (own, DS_ERROR, DS_ERROR_GONE))
    {
      *settled_r = DS_SETTLED_GONE; /* its folder is gone, and with it anything of ours */
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&own));
  return FALSE;
}
