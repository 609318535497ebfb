#include "config.h"
#include "store/spool.h"
#include "base/atomic-file.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct _DsSpool
{
  guint64 used, full;
  GPtrArray *kept; /* of GBytes; NULL: in the file */
  int fd;
  char *beside;
};

static DsSpool *
spool_new (guint64 full)
{
  DsSpool *spool = g_new0 (DsSpool, 1);
  spool->full = full;
  spool->fd = -1;
  return spool;
}

DsSpool *
ds_spool_new_memory (guint64 full)
{
  DsSpool *spool = spool_new (full);
  spool->kept = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return spool;
}

static int
open_nameless (int folder, const char *name)
{
  int fd = openat (folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL))
    return fd;
  if (unlinkat (folder, name, 0) != 0 && errno != ENOENT)
    return -1;
  fd = openat (folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0 || unlinkat (folder, name, 0) == 0)
    return fd;
  int kept = errno;
  close (fd);
  errno = kept;
  return -1;
}

static gboolean
set_error (const char *place, GError **error)
{
  g_set_error (error, DS_ERROR, DS_ERROR_STORE, "%s: new contents cannot be kept there until they are put: %s",
               place, g_strerror (errno));
  return FALSE;
}

DsSpool *
ds_spool_new_file (int folder, const char *name, const char *beside, guint64 full, GError **error)
{
  int fd = open_nameless (folder, name);
  if (fd < 0)
    {
      set_error (beside, error);
      return NULL;
    }
  DsSpool *spool = spool_new (full);
  spool->fd = fd;
  spool->beside = g_strdup (beside);
  return spool;
}

void
ds_spool_free (DsSpool *spool)
{
  if (spool == NULL)
    return;
  g_clear_pointer (&spool->kept, g_ptr_array_unref);
  if (spool->fd >= 0)
    close (spool->fd);
  g_free (spool->beside);
  g_free (spool);
}

gboolean
ds_spool_is_full (const DsSpool *spool)
{
  return spool->used >= spool->full;
}

gboolean
ds_spool_add (DsSpool *spool, GBytes *bytes, guint64 *place_r, GError **error)
{
  gsize size = 0;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  guint64 length = size;
  if (spool->kept != NULL)
    {
      *place_r = spool->kept->len;
      g_ptr_array_add (spool->kept, g_bytes_ref (bytes));
      spool->used += length;
      return TRUE;
    }
  *place_r = spool->used;
  /* A failure leaves a torn end, which the next one overwrites. */
  if (lseek (spool->fd, (off_t) spool->used, SEEK_SET) < 0 || !ds_write_all (spool->fd, &length, sizeof length)
      || !ds_write_all (spool->fd, data, size))
    return set_error (spool->beside, error);
  spool->used += sizeof length + length;
  return TRUE;
}

static gboolean
read_at (int fd, gpointer to, gsize size, guint64 offset)
{
  char *at = to;
  while (size > 0)
    {
      ssize_t n = pread (fd, at, size, (off_t) offset);
      if (n < 0 && errno == EINTR)
        continue;
      if (n == 0)
        errno = EIO;
      if (n <= 0)
        return FALSE;
      at += n;
      offset += (guint64) n;
      size -= (gsize) n;
    }
  return TRUE;
}

GBytes *
ds_spool_get (const DsSpool *spool, guint64 place, GError **error)
{
  guint64 length = 0;
  if (spool->kept != NULL)
    return g_bytes_ref (g_ptr_array_index (spool->kept, place));
  g_autofree char *data = NULL;
  if (read_at (spool->fd, &length, sizeof length, place))
    data = g_malloc (length + 1);
  if (data != NULL && read_at (spool->fd, data, length, place + sizeof length))
    return g_bytes_new_take (g_steal_pointer (&data), length);
  set_error (spool->beside, error);
  return NULL;
}

void
ds_spool_clear (DsSpool *spool)
{
  spool->used = 0;
  if (spool->kept != NULL)
    g_ptr_array_set_size (spool->kept, 0);
  else if (ftruncate (spool->fd, 0) != 0)
    g_debug ("a spool keeps its size");
}
