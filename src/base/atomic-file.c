#include "config.h"
#include "base/atomic-file.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct _DsAtomicFile
{
  char *path;      /* where it will stand */
  char *temporary; /* where it is written; NULL once renamed */
  int fd;
  mode_t mode;
};

static gboolean
set_error (const char *path, const char *what, GError **error)
{
  int code = errno;
  g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: cannot be %s: %s", path, what, g_strerror (code));
  return FALSE;
}

gboolean
ds_write_all (int fd, gconstpointer bytes, gsize size)
{
  for (const char *at = bytes; size > 0;)
    {
      ssize_t n = write (fd, at, size);
      if (n < 0 && errno != EINTR)
        return FALSE;
      if (n > 0)
        {
          at += n;
          size -= (gsize) n;
        }
    }
  return TRUE;
}

gssize
ds_read_all (int fd, gpointer bytes, gsize size)
{
  gsize done = 0;
  while (done < size)
    {
      ssize_t n = read (fd, (char *) bytes + done, size - done);
      if (n == 0)
        break;
      if (n < 0 && errno != EINTR)
        return -1;
      if (n > 0)
        done += (gsize) n;
    }
  return (gssize) done;
}

gboolean
ds_sync_folder (const char *path)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return FALSE;
  int code = fsync (fd);
  int kept = errno;
  close (fd);
  errno = kept;
  return code == 0;
}

DsAtomicFile *
ds_atomic_file_open (const char *path, mode_t mode, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      set_error (folder, "made", error);
      return NULL;
    }
  g_autoptr (DsAtomicFile) file = g_new0 (DsAtomicFile, 1);
  file->path = g_strdup (path);
  file->mode = mode;
  file->temporary = g_strdup_printf ("%s.XXXXXX", path);
  file->fd = mkostemp (file->temporary, O_CLOEXEC);
  if (file->fd < 0)
    {
      g_clear_pointer (&file->temporary, g_free);
      set_error (path, "written", error);
      return NULL;
    }
  return g_steal_pointer (&file);
}

int
ds_atomic_file_descriptor (DsAtomicFile *file)
{
  return file->fd;
}

gboolean
ds_atomic_file_write (DsAtomicFile *file, gconstpointer bytes, gsize size, GError **error)
{
  return ds_write_all (file->fd, bytes, size) || set_error (file->path, "written", error);
}

static gboolean
finish (DsAtomicFile *file, gboolean replace, GError **error)
{
  if (fchmod (file->fd, file->mode) != 0 || fsync (file->fd) != 0)
    return set_error (file->path, "written", error);
  if (replace ? rename (file->temporary, file->path) != 0 : link (file->temporary, file->path) != 0 && errno != EEXIST)
    return set_error (file->path, "put in its place", error);
  if (!replace)
    unlink (file->temporary);
  g_clear_pointer (&file->temporary, g_free);
  g_autofree char *folder = g_path_get_dirname (file->path);
  return ds_sync_folder (folder) || set_error (folder, "synced", error);
}

gboolean
ds_atomic_file_commit (DsAtomicFile *file, GError **error)
{
  return finish (file, TRUE, error);
}

void
ds_atomic_file_free (DsAtomicFile *file)
{
  if (file == NULL)
    return;
  if (file->temporary != NULL)
    unlink (file->temporary);
  if (file->fd >= 0)
    close (file->fd);
  g_free (file->temporary);
  g_free (file->path);
  g_free (file);
}

gboolean
ds_atomic_file_create (const char *path, mode_t mode, gconstpointer bytes, gsize size, GError **error)
{
  g_autoptr (DsAtomicFile) file = ds_atomic_file_open (path, mode, error);
  return file != NULL && ds_atomic_file_write (file, bytes, size, error) && finish (file, FALSE, error);
}
