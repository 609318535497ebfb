#include "config.h"
#include "place.h"
#include "base/atomic-file.h"
#include "base/error.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

char *
ds_place_resolve (const char *path, GError **error)
{
  char *resolved = realpath (path, NULL);
  if (resolved == NULL)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s: %s", path,
                   errno == ENOENT ? "no such file or folder" : g_strerror (errno));
      return NULL;
    }
  char *copy = g_strdup (resolved); /* realpath's memory is malloc's, which need not be g_free's */
  free (resolved);
  return copy;
}

/* O_NOATIME is for the owner and root only; others get EPERM and the usual relatime. */
static int
open_quietly (int folder, const char *name, int flags)
{
  int fd = openat (folder, name, flags | O_NOATIME);
  return fd < 0 && errno == EPERM ? openat (folder, name, flags) : fd;
}

int
ds_place_folder (int root, const char *relative)
{
  int at = openat (root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_auto (GStrv) parts = g_strsplit (relative, "/", -1);
  for (guint i = 0; at >= 0 && parts[i] != NULL; i++)
    {
      if (parts[i][0] == '\0' || g_str_equal (parts[i], "."))
        continue;
      if (g_str_equal (parts[i], ".."))
        {
          close (at);
          errno = ENOENT;
          return -1;
        }
      int next = openat (at, parts[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      int kept = errno;
      close (at);
      errno = kept;
      at = next;
    }
  return at;
}

int
ds_place_open (int folder, const char *name, struct stat *status_r)
{
  struct stat status;
  /* Looked at before it is opened: opening a device or a tape may do things. */
  if (fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return -1;
  if (!S_ISREG (status.st_mode))
    {
      errno = S_ISLNK (status.st_mode) ? ELOOP : EINVAL;
      return -1;
    }
  int fd = open_quietly (folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  if (fstat (fd, status_r) != 0 || !S_ISREG (status_r->st_mode))
    {
      close (fd);
      errno = EINVAL;
      return -1;
    }
  return fd;
}

int
ds_place_open_path (int root, const char *relative, struct stat *status_r)
{
  g_autofree char *parent = g_path_get_dirname (relative);
  g_autofree char *name = g_path_get_basename (relative);
  int folder = ds_place_folder (root, parent);
  if (folder < 0)
    return -1;
  int fd = ds_place_open (folder, name, status_r);
  int kept = errno;
  close (folder);
  errno = kept;
  return fd;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

GPtrArray *
ds_place_names (int folder)
{
  int own = openat (folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = own >= 0 ? fdopendir (own) : NULL;
  if (dir == NULL)
    {
      if (own >= 0)
        close (own);
      return NULL;
    }
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  struct dirent *entry;
  for (errno = 0; (entry = readdir (dir)) != NULL; errno = 0)
    if (!g_str_equal (entry->d_name, ".") && !g_str_equal (entry->d_name, ".."))
      g_ptr_array_add (names, g_strdup (entry->d_name));
  int kept = errno;
  closedir (dir);
  errno = kept;
  if (kept != 0)
    return NULL; /* half a folder read is not a folder without the other half */
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

gboolean
ds_place_link_leads_out (const char *root, const char *relative)
{
  g_autofree char *path = g_build_filename (root, relative, NULL);
  char *target = realpath (path, NULL);
  if (target == NULL)
    return errno != ENOENT; /* a dangling link hides nothing */
  gsize length = strlen (root);
  gboolean inside = strncmp (target, root, length) == 0 && (target[length] == '/' || target[length] == '\0');
  free (target);
  return !inside;
}

void
ds_place_set_error (GError **error, const char *message)
{
  if (errno == ENOENT || errno == ESTALE)
    g_set_error (error, DS_ERROR, DS_ERROR_GONE, "message %s: it is no longer there", message);
  else if (errno == ELOOP)
    g_set_error (error, DS_ERROR, DS_ERROR_ITEM, "message %s: a symbolic link, not followed", message);
  else
    g_set_error (error, DS_ERROR, DS_ERROR_ITEM, "message %s: %s", message, g_strerror (errno));
}

static gboolean
too_large (guint64 size, guint64 limit, const char *message, GError **error)
{
  if (limit == 0 || size <= limit)
    return FALSE;
  g_set_error (error, DS_ERROR, DS_ERROR_LIMIT, "message %s: larger than the limit of %" G_GUINT64_FORMAT " bytes", message, limit);
  return TRUE;
}

GBytes *
ds_place_read (int fd, guint64 limit, const char *message, GError **error)
{
  struct stat status;
  if (fstat (fd, &status) != 0)
    {
      ds_place_set_error (error, message);
      return NULL;
    }
  if (too_large ((guint64) status.st_size, limit, message, error))
    return NULL;
  gsize size = (gsize) status.st_size;
  char *data = g_try_malloc (size + 1);
  gssize n = data == NULL ? -1 : ds_read_all (fd, data, size);
  if (n < 0)
    {
      if (data == NULL)
        errno = ENOMEM;
      ds_place_set_error (error, message);
      g_free (data);
      return NULL;
    }
  return g_bytes_new_take (data, (gsize) n);
}

gboolean
ds_place_may_be_written (int folder, const char *path, GError **error)
{
  struct statvfs status;
  if (fstatvfs (folder, &status) != 0 || (status.f_flag & ST_RDONLY) == 0)
    return TRUE;
  g_set_error (error, DS_ERROR, DS_ERROR_STORE, "%s: it cannot be changed: %s", path, g_strerror (EROFS));
  return FALSE;
}

char *
ds_place_join (const char *folder, const char *name)
{
  return folder[0] == '\0' || g_str_equal (folder, ".") ? g_strdup (name) : g_strconcat (folder, "/", name, NULL);
}

const char *
ds_place_file_system (int fd, int *supports_r)
{
  /* renameat2(2): which file systems know RENAME_EXCHANGE.  Asked by type, since trying it would write. */
  static const struct
  {
    guint32 type;
    const char *name;
    int supports;
  } known[] = {
    { 0xEF53, "ext4", 1 },        { 0x58465342, "xfs", 1 },     { 0x9123683E, "btrfs", 1 },   { 0x01021994, "tmpfs", 1 },
    { 0xF2F52010, "f2fs", 1 },    { 0x794C7630, "overlay", 1 }, { 0xCA451A4E, "bcachefs", 1 }, { 0x24051905, "ubifs", 1 },
    { 0x6969, "nfs", 0 },         { 0xFF534D42, "cifs", 0 },    { 0xFE534D42, "smb", 0 },     { 0x4D44, "vfat", -1 },
    { 0x65735546, "fuse", -1 },   { 0x2FC12FC1, "zfs", -1 },    { 0x01161970, "gfs2", 0 },    { 0x00C36400, "ceph", 0 },
  };
  struct statfs status;
  *supports_r = -1;
  if (fstatfs (fd, &status) == 0)
    for (guint i = 0; i < G_N_ELEMENTS (known); i++)
      if ((guint32) status.f_type == known[i].type)
        {
          *supports_r = known[i].supports;
          return known[i].name;
        }
  return "of an unknown type";
}

void
ds_place_check_access (GPtrArray *facts, const char *path)
{
  gboolean readable = faccessat (AT_FDCWD, path, R_OK, AT_EACCESS) == 0;
  gboolean writable = faccessat (AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
  g_ptr_array_add (facts, ds_store_fact_new (readable ? DS_FACT_GOOD : DS_FACT_BAD,
                                             g_strdup_printf ("%s: %s", path, readable ? "readable" : "not readable"),
                                             readable ? NULL : g_strdup ("run as its owner, or as root")));
  g_ptr_array_add (facts, ds_store_fact_new (writable ? DS_FACT_GOOD : DS_FACT_NOTE,
                                             g_strdup_printf ("%s: %s", path, writable ? "writable" : "not writable"),
                                             writable ? NULL : g_strdup ("scans work; for changes run as its owner, or as root")));
}

void
ds_place_check_exchange (GPtrArray *facts, const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return;
  int supports = -1;
  const char *name = ds_place_file_system (fd, &supports);
  close (fd);
  static const char *const says[] = { "may or may not exchange two names in one step (RENAME_EXCHANGE)",
                                      "cannot exchange two names in one step (RENAME_EXCHANGE)",
                                      "exchanges two names in one step (RENAME_EXCHANGE)" };
  static const int levels[] = { DS_FACT_NOTE, DS_FACT_BAD, DS_FACT_GOOD };
  g_ptr_array_add (facts, ds_store_fact_new (levels[supports + 1],
                                             g_strdup_printf ("the file system (%s) %s", name, says[supports + 1]),
                                             supports == 1 ? NULL : g_strdup ("where it cannot, changes are refused; scans work. "
                                                                              "Run deskshred on the file server itself")));
}

void
ds_place_check_links (GPtrArray *facts, const char *path)
{
  struct stat status;
  if (lstat (path, &status) == 0 && S_ISREG (status.st_mode) && status.st_nlink > 1)
    g_ptr_array_add (facts, ds_store_fact_new (DS_FACT_NOTE,
                                               g_strdup_printf ("%s has %lu names (hard links)", path, (gulong) status.st_nlink),
                                               g_strdup ("a change leaves the old bytes under the other names")));
}

/* A read lease is granted only where nobody can write (fcntl(2), F_SETLEASE).  SIGURG instead of SIGIO, which would end the
 * process if the lease were broken in the instant that we hold it. */
int
ds_place_has_writers (int fd)
{
  if (fcntl (fd, F_SETSIG, SIGURG) != 0)
    return -1;
  if (fcntl (fd, F_SETLEASE, F_RDLCK) != 0)
    return errno == EAGAIN ? 1 : -1;
  fcntl (fd, F_SETLEASE, F_UNLCK);
  return 0;
}
