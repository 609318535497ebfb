#include "config.h"
#include "base/atomic-file.h"
#include "base/error.h"
#include "base/site-key.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct _DsAtomicFile
{
  char *path;      /* where it will stand */
  char *temporary; /* its name until then; NULL while it has none (O_TMPFILE), and once it is in place */
  int fd;
  mode_t mode;
  gboolean is_stream;     /* a device or pipe, written as it comes */
  gboolean makes_folders; /* its folder was not there */
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

/* A file that nobody finds if we are killed.  -1 where that cannot be, or could not be given a name later. */
static int
open_nameless (const char *folder)
{
  int fd = open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  if (fd < 0 || access (path, F_OK) == 0)
    return fd;
  close (fd);
  return -1;
}

void
ds_sync_folders (const char *path)
{
  g_autofree char *folder = g_canonicalize_filename (path, NULL);
  ds_sync_folder (folder);
  while (strcmp (folder, "/") != 0)
    {
      char *parent = g_path_get_dirname (folder);
      g_free (folder);
      folder = parent;
      ds_sync_folder (folder);
    }
}

static gboolean
open_beside (DsAtomicFile *file, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (file->path);
  file->fd = open_nameless (folder);
  if (file->fd >= 0)
    return TRUE;
  file->temporary = g_strdup_printf ("%s.XXXXXX", file->path);
  file->fd = mkostemp (file->temporary, O_CLOEXEC);
  if (file->fd >= 0)
    return TRUE;
  g_clear_pointer (&file->temporary, g_free);
  return set_error (file->path, "written", error);
}

/* What is there already, if it is no regular file: a rename over /dev/null would take it away from the whole machine, and one
 * over a link would not go where the link leads. */
static gboolean
open_stream (DsAtomicFile *file, GError **error)
{
  file->fd = open (file->path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
  file->is_stream = TRUE;
  return file->fd >= 0 || set_error (file->path, "written", error);
}

DsAtomicFile *
ds_atomic_file_open (const char *path, mode_t mode, GError **error)
{
  g_autoptr (DsAtomicFile) file = g_new0 (DsAtomicFile, 1);
  struct stat itself, target;
  file->path = g_strdup (path);
  file->mode = mode;
  file->fd = -1;
  gboolean there = lstat (path, &itself) == 0;
  gboolean is_link = there && S_ISLNK (itself.st_mode);
  gboolean leads_to_stream = there && stat (path, &target) == 0 && !S_ISREG (target.st_mode) && !S_ISDIR (target.st_mode);
  if (is_link && !leads_to_stream)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: cannot be written: it is a symbolic link; name the file itself", path);
      return NULL;
    }
  gboolean ok = leads_to_stream ? open_stream (file, error) : open_beside (file, error);
  return ok ? g_steal_pointer (&file) : NULL;
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
give_name (DsAtomicFile *file, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", file->fd);
  if (file->temporary != NULL)
    return link (file->temporary, name) == 0;
  return linkat (AT_FDCWD, path, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

/* Over a file that is there only rename(2) goes, and that needs a name. */
static gboolean
put_over (DsAtomicFile *file)
{
  if (file->temporary == NULL)
    {
      g_autofree char *id = ds_random_id (6);
      g_autofree char *name = g_strdup_printf ("%s.%s", file->path, id);
      if (give_name (file, file->path))
        return TRUE;
      if (errno != EEXIST || !give_name (file, name))
        return FALSE;
      file->temporary = g_steal_pointer (&name);
    }
  if (rename (file->temporary, file->path) != 0)
    return FALSE;
  g_clear_pointer (&file->temporary, g_free);
  return TRUE;
}

static gboolean
finish (DsAtomicFile *file, gboolean replace, GError **error)
{
  if (file->is_stream)
    return TRUE;
  if (fchmod (file->fd, file->mode) != 0 || fsync (file->fd) != 0)
    return set_error (file->path, "written", error);
  if (replace ? !put_over (file) : !give_name (file, file->path) && errno != EEXIST)
    return set_error (file->path, "put in its place", error);
  if (file->temporary != NULL)
    unlink (file->temporary);
  g_clear_pointer (&file->temporary, g_free);
  g_autofree char *folder = g_path_get_dirname (file->path);
  g_autofree char *parent = g_path_get_dirname (folder);
  if (file->makes_folders)
    ds_sync_folders (parent);
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
  g_autofree char *folder = g_path_get_dirname (path);
  gboolean makes_folders = !g_file_test (folder, G_FILE_TEST_EXISTS);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    return set_error (folder, "made", error);
  g_autoptr (DsAtomicFile) file = ds_atomic_file_open (path, mode, error);
  if (file == NULL)
    return FALSE;
  file->makes_folders = makes_folders;
  return ds_atomic_file_write (file, bytes, size, error) && finish (file, FALSE, error);
}
