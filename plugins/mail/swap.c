#include "config.h"
#include "swap.h"
#include "place.h"
#include "base/atomic-file.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define TRIES 8 /* a reader that renames a message does so a few times, not for ever */

typedef enum
{
  SIDE_ABSENT,
  SIDE_BEFORE,
  SIDE_AFTER,
  SIDE_OTHER,
  SIDE_UNREADABLE,
} Side;

DsSwap *
ds_swap_new (const DsSiteKey *key, const char *message, int folder, const char *name, int temporary_folder,
             const char *prefix, const char *action)
{
  DsSwap *swap = g_new0 (DsSwap, 1);
  swap->key = key;
  swap->message = message;
  swap->folder = folder;
  swap->name = g_strdup (name);
  swap->temporary_folder = temporary_folder;
  swap->temporary = g_strconcat (prefix, action, NULL);
  return swap;
}

void
ds_swap_free (DsSwap *swap)
{
  if (swap == NULL)
    return;
  if (swap->folder >= 0)
    close (swap->folder);
  if (swap->temporary_folder >= 0)
    close (swap->temporary_folder);
  g_free (swap->name);
  g_free (swap->temporary);
  g_free (swap);
}

/* ACLs, labels and user attributes.  Only a lost ACL is fatal: it says who may read. */
static gboolean
copy_attributes (int from, int to)
{
  char names[4096];
  ssize_t size = flistxattr (from, names, sizeof names);
  for (const char *name = names; size > 0 && name < names + size; name += strlen (name) + 1)
    {
      char value[65536];
      ssize_t length = fgetxattr (from, name, value, sizeof value);
      if (length >= 0 && fsetxattr (to, name, value, (size_t) length, 0) != 0 && g_str_has_prefix (name, "system.posix_acl"))
        return FALSE;
    }
  return TRUE;
}

gboolean
ds_swap_copy_identity (int from, int to, const struct stat *status)
{
  struct stat own;
  if (fstat (to, &own) != 0)
    return FALSE;
  if ((own.st_uid != status->st_uid || own.st_gid != status->st_gid) && fchown (to, status->st_uid, status->st_gid) != 0)
    return FALSE;
  /* chmod after chown, which clears set-id bits. */
  const struct timespec times[2] = { status->st_atim, status->st_mtim };
  return fchmod (to, status->st_mode & 07777) == 0 && copy_attributes (from, to) && futimens (to, times) == 0;
}

static gboolean
digest_is (const DsSiteKey *key, GBytes *bytes, const char *digest)
{
  g_autofree char *own = ds_content_digest (key, bytes);
  return g_str_equal (own, digest);
}

/* What a name holds, told by its digest; why, if that cannot be read. */
static Side
side_of (DsSwap *swap, int folder, const char *name, const DsChange *change, GError **why)
{
  struct stat status;
  int fd = name == NULL ? -1 : ds_place_open (folder, name, &status);
  if (fd < 0 && (name == NULL || errno == ENOENT))
    return SIDE_ABSENT;
  if (fd < 0)
    {
      ds_place_set_error (why, swap->message);
      return SIDE_UNREADABLE;
    }
  g_autoptr (GBytes) bytes = ds_place_read (fd, 0, swap->message, why);
  close (fd);
  if (bytes == NULL)
    return SIDE_UNREADABLE;
  if (digest_is (swap->key, bytes, change->before))
    return SIDE_BEFORE;
  return digest_is (swap->key, bytes, change->after) ? SIDE_AFTER : SIDE_OTHER;
}

static gboolean
set_changed (DsSwap *swap, GError **error)
{
  g_set_error (error, DS_ERROR, DS_ERROR_CHANGED, "message %s: its content is not the one expected", swap->message);
  return FALSE;
}

/* A full disk or a failing one is the store's trouble; a message that may not be written is its own. */
static gboolean
set_write_error (DsSwap *swap, GError **error)
{
  if (errno == ENOSPC || errno == EDQUOT || errno == EIO || errno == EROFS)
    g_set_error (error, DS_ERROR, DS_ERROR_STORE, "the new content cannot be written: %s", g_strerror (errno));
  else if (errno == EEXIST)
    g_set_error (error, DS_ERROR, DS_ERROR_ITEM, "message %s: a temporary file of the same action is there; settle it first",
                 swap->message);
  else
    ds_place_set_error (error, swap->message);
  return FALSE;
}

static gboolean
fill (DsSwap *swap, int from, const struct stat *status, const char *part, GBytes *bytes)
{
  gsize size = 0;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  int fd = openat (swap->temporary_folder, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return FALSE;
  gboolean good = ds_write_all (fd, data, size) && ds_swap_copy_identity (from, fd, status) && fsync (fd) == 0;
  int kept = errno;
  close (fd);
  if (!good)
    unlinkat (swap->temporary_folder, part, 0);
  errno = kept;
  return good;
}

/* The whole new file under the temporary name. */
static gboolean
write_temporary (DsSwap *swap, int from, const struct stat *status, GBytes *bytes, GError **error)
{
  g_autofree char *part = g_strconcat (swap->temporary, ".part", NULL);
  if (faccessat (swap->temporary_folder, swap->temporary, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
    {
      errno = EEXIST;
      return set_write_error (swap, error);
    }
  if (!fill (swap, from, status, part, bytes))
    return set_write_error (swap, error);
  if (renameat2 (swap->temporary_folder, part, swap->temporary_folder, swap->temporary, RENAME_NOREPLACE) == 0)
    return TRUE;
  gboolean unsupported = errno == EINVAL || errno == ENOSYS;
  if (unsupported && renameat (swap->temporary_folder, part, swap->temporary_folder, swap->temporary) == 0)
    return TRUE; /* the exchange will say that the file system is the trouble */
  int kept = errno;
  unlinkat (swap->temporary_folder, part, 0);
  errno = kept;
  return set_write_error (swap, error);
}

static gboolean
prepare (DsSwap *swap, DsChange *change, GError **error)
{
  struct stat status;
  int fd = ds_place_open (swap->folder, swap->name, &status);
  for (guint i = 0; fd < 0 && errno == ENOENT && i < TRIES && swap->look_again != NULL; i++)
    {
      if (!swap->look_again (swap, swap->data))
        break;
      fd = ds_place_open (swap->folder, swap->name, &status);
    }
  if (fd < 0)
    {
      ds_place_set_error (error, swap->message);
      return FALSE;
    }
  g_autoptr (GBytes) present = ds_place_read (fd, 0, swap->message, error);
  gboolean good = present != NULL && (digest_is (swap->key, present, change->before) || set_changed (swap, error))
                  && write_temporary (swap, fd, &status, change->bytes, error);
  close (fd);
  change->residual_links = good ? (guint) status.st_nlink - 1 : 0;
  return good;
}

static int
exchange_once (DsSwap *swap)
{
  return renameat2 (swap->temporary_folder, swap->temporary, swap->folder, swap->name, RENAME_EXCHANGE);
}

static gboolean
exchange (DsSwap *swap, GError **error)
{
  int code = exchange_once (swap);
  for (guint i = 0; code != 0 && errno == ENOENT && i < TRIES && swap->look_again != NULL; i++)
    {
      if (!swap->look_again (swap, swap->data))
        {
          errno = ENOENT;
          break;
        }
      code = exchange_once (swap);
    }
  if (code == 0)
    return TRUE;
  int kept = errno, supports = 0;
  unlinkat (swap->temporary_folder, swap->temporary, 0);
  errno = kept;
  if (kept != EINVAL && kept != ENOSYS && kept != EOPNOTSUPP)
    return set_write_error (swap, error);
  g_set_error (error, DS_ERROR, DS_ERROR_STORE,
               "the file system (%s) cannot exchange two names in one step (RENAME_EXCHANGE), so nothing is changed there",
               ds_place_file_system (swap->folder, &supports));
  return FALSE;
}

/* Puts the displaced file, another's version, back in its place and removes ours.  FALSE with an error that says where
 * the other's version is if even that was interfered with. */
static gboolean
take_back (DsSwap *swap, const DsChange *change, GError **error)
{
  int code = exchange_once (swap);
  for (guint i = 0; code != 0 && errno == ENOENT && i < TRIES && swap->look_again != NULL; i++)
    code = swap->look_again (swap, swap->data) ? exchange_once (swap) : -1;
  if (code != 0 && renameat2 (swap->temporary_folder, swap->temporary, swap->folder, swap->name, RENAME_NOREPLACE) == 0)
    return TRUE; /* ours was deleted; theirs is there again */
  if (code == 0 && side_of (swap, swap->temporary_folder, swap->temporary, change, NULL) == SIDE_AFTER)
    {
      unlinkat (swap->temporary_folder, swap->temporary, 0);
      return TRUE;
    }
  g_set_error (error, DS_ERROR, DS_ERROR_ITEM,
               "message %s: another program changed it twice at the same moment; its other version is kept as %s",
               swap->message, swap->temporary);
  return FALSE;
}

gboolean
ds_swap_put (DsSwap *swap, DsChange *change, GError **error)
{
  if (!prepare (swap, change, error) || !exchange (swap, error))
    return FALSE;
  struct stat status;
  g_autoptr (GError) why = NULL;
  int fd = ds_place_open (swap->temporary_folder, swap->temporary, &status);
  gboolean written = fd >= 0 && ds_place_has_writers (fd) == 1;
  if (fd >= 0)
    close (fd);
  /* In this order: once nobody can write to it any more, what it holds is final. */
  if (!written && side_of (swap, swap->temporary_folder, swap->temporary, change, &why) == SIDE_BEFORE)
    return TRUE;
  change->residual_links = 0;
  if (!take_back (swap, change, error))
    return FALSE;
  if (why == NULL)
    return set_changed (swap, error);
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

gboolean
ds_swap_finish (DsSwap *swap, GError **error)
{
  /* The message's place first: were only the unlink to reach the disk, the change would be lost.  The temporary name's own
   * folder can wait: until it is synced too, either name leads to a whole file, and settle knows which. */
  if (fsync (swap->folder) == 0 && (unlinkat (swap->temporary_folder, swap->temporary, 0) == 0 || errno == ENOENT)
      && fsync (swap->temporary_folder) == 0)
    return TRUE;
  g_set_error (error, DS_ERROR, DS_ERROR_STORE, "message %s: the change cannot be made durable: %s", swap->message,
               g_strerror (errno));
  return FALSE;
}

/* Another's version stands under the temporary name, and nothing or something else at the message's place. */
static gboolean
rescue (DsSwap *swap, const DsChange *change, Side present, int home_folder, const char *home, GError **error)
{
  if (present == SIDE_AFTER)
    return take_back (swap, change, error);
  if (present == SIDE_ABSENT && home != NULL
      && renameat2 (swap->temporary_folder, swap->temporary, home_folder, home, RENAME_NOREPLACE) == 0)
    return TRUE;
  g_set_error (error, DS_ERROR, DS_ERROR_ITEM,
               "message %s: another program changed it during the interrupted change; its version is kept as %s",
               swap->message, swap->temporary);
  return FALSE;
}

static gboolean
sync_all (DsSwap *swap, int home_folder)
{
  return (home_folder < 0 || fsync (home_folder) == 0) && (swap->folder < 0 || fsync (swap->folder) == 0)
         && fsync (swap->temporary_folder) == 0;
}

gboolean
ds_swap_settle (DsSwap *swap, const DsChange *change, int home_folder, const char *home, DsSettled *settled_r,
                GError **error)
{
  static const DsSettled meaning[] = { [SIDE_ABSENT] = DS_SETTLED_GONE,
                                       [SIDE_BEFORE] = DS_SETTLED_NOT_DONE,
                                       [SIDE_AFTER] = DS_SETTLED_DONE,
                                       [SIDE_OTHER] = DS_SETTLED_CHANGED };
  g_autofree char *part = g_strconcat (swap->temporary, ".part", NULL);
  unlinkat (swap->temporary_folder, part, 0);
  Side present = side_of (swap, swap->folder, swap->name, change, NULL);
  Side displaced = side_of (swap, swap->temporary_folder, swap->temporary, change, NULL);
  if (present == SIDE_UNREADABLE || displaced == SIDE_UNREADABLE)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_ITEM, "message %s: it cannot be read, so its change is not settled", swap->message);
      return FALSE;
    }
  *settled_r = displaced == SIDE_OTHER ? DS_SETTLED_CHANGED : meaning[present];
  if (displaced == SIDE_OTHER && !rescue (swap, change, present, home_folder, home, error))
    return FALSE;
  if (displaced != SIDE_OTHER && swap->folder >= 0)
    return ds_swap_finish (swap, error);
  if (displaced != SIDE_OTHER && unlinkat (swap->temporary_folder, swap->temporary, 0) != 0 && errno != ENOENT)
    return set_write_error (swap, error);
  return sync_all (swap, home_folder) || set_write_error (swap, error);
}
