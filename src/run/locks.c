#include "config.h"
#include "run/locks.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct _DsLock
{
  int fd;
  char *path;
};

/* TRUE if the file that fd has open still stands at path: a holder removes the file before it lets go. */
static gboolean
is_current (int fd, const char *path)
{
  struct stat held, there;
  return fstat (fd, &held) == 0 && stat (path, &there) == 0 && held.st_ino == there.st_ino && held.st_dev == there.st_dev;
}

/* 1 had, 0 held by another, -1 error. */
static int
try_lock (const char *path, int *fd_r)
{
  for (;;)
    {
      int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
      if (fd < 0)
        return -1;
      if (flock (fd, LOCK_EX | LOCK_NB) != 0)
        {
          close (fd);
          return errno == EWOULDBLOCK ? 0 : -1;
        }
      if (is_current (fd, path))
        {
          *fd_r = fd;
          return 1;
        }
      close (fd);
    }
}

DsLock *
ds_lock_take (const char *folder, const char *name, const char *what, guint seconds, GError **error)
{
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: cannot be made: %s", folder, g_strerror (errno));
      return NULL;
    }
  g_autofree char *path = g_build_filename (folder, name, NULL);
  gint64 deadline = g_get_monotonic_time () + (gint64) seconds * G_USEC_PER_SEC;
  int fd = -1, code = 0;
  for (guint tries = 0; (code = try_lock (path, &fd)) == 0 && (tries < 2 || g_get_monotonic_time () < deadline); tries++)
    g_usleep (tries < 2 ? 10000 : 50000);
  if (code == 1)
    {
      DsLock *lock = g_new0 (DsLock, 1);
      lock->fd = fd;
      lock->path = g_steal_pointer (&path);
      return lock;
    }
  if (code == 0)
    g_set_error (error, DS_ERROR, DS_ERROR_LOCKED, "%s is locked by another run (waited %u s)", what, seconds);
  else
    g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: cannot be locked: %s", path, g_strerror (errno));
  return NULL;
}

void
ds_lock_free (DsLock *lock)
{
  if (lock == NULL)
    return;
  unlink (lock->path);
  close (lock->fd);
  g_free (lock->path);
  g_free (lock);
}

gboolean
ds_lock_is_free (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int fd = open (path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    return TRUE;
  gboolean is_free = flock (fd, LOCK_EX | LOCK_NB) == 0;
  close (fd);
  return is_free;
}

GPtrArray *
ds_locks_left (const char *folder, const char *prefix)
{
  GPtrArray *left = g_ptr_array_new_with_free_func (g_free);
  GDir *names = g_dir_open (folder, 0, NULL);
  for (const char *name; names != NULL && (name = g_dir_read_name (names)) != NULL;)
    if (g_str_has_prefix (name, prefix) && ds_lock_is_free (folder, name))
      g_ptr_array_add (left, g_strdup (name));
  if (names != NULL)
    g_dir_close (names);
  return left;
}

void
ds_lock_remove_left (const char *folder, const char *name)
{
  DsLock *lock = ds_lock_take (folder, name, name, 0, NULL);
  ds_lock_free (lock);
}
