#include "config.h"
#include "base/atomic-file.h"
#include "detect/database-cache.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#define MAGIC "deskshred-databases-1\n"
#define PREFIX "rules-"
#define MOST_BYTES (256u << 20)
#define KEPT_SECONDS (30 * 24 * 3600)

/* The file: magic and key, a checksum of all that follows, then for each database its size and its bytes. */
typedef guint64 Size;
typedef guint32 Sum;

static Sum
sum_of (Sum before, gconstpointer bytes, gsize size)
{
  return (Sum) crc32_z (before, bytes, size);
}

char *
ds_database_cache_platform (void)
{
  hs_platform_info_t platform;
  memset (&platform, 0, sizeof platform);
  hs_populate_platform (&platform);
  return g_strdup_printf ("%s tune %u features %llx", hs_version (), platform.tune, platform.cpu_features);
}

static char *
path_of (const char *folder, const char *key)
{
  g_autofree char *name = g_strdup_printf (PREFIX "%.32s", key);
  return g_build_filename (folder, name, NULL);
}

/* The whole file, if it is ours alone; *size_r is its size. */
static char *
read_own (const char *path, gsize *size_r)
{
  struct stat status;
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return NULL;
  g_autofree char *bytes = NULL;
  gboolean good = fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && status.st_uid == geteuid ()
                  && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0 && status.st_size > 0 && status.st_size < MOST_BYTES;
  if (good)
    {
      bytes = g_malloc ((gsize) status.st_size);
      good = ds_read_all (fd, bytes, (gsize) status.st_size) == status.st_size;
      *size_r = (gsize) status.st_size;
    }
  close (fd);
  return good ? g_steal_pointer (&bytes) : NULL;
}

static gboolean
take (const char **at, gsize *left, gpointer out, gsize size)
{
  if (*left < size)
    return FALSE;
  memcpy (out, *at, size);
  *at += size;
  *left -= size;
  return TRUE;
}

static gboolean
read_databases (const char *at, gsize left, hs_database_t **databases, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      Size size = 0;
      if (!take (&at, &left, &size, sizeof size) || size > left)
        return FALSE;
      if (size > 0 && hs_deserialize_database (at, size, &databases[i]) != HS_SUCCESS)
        return FALSE;
      at += size;
      left -= size;
    }
  return left == 0;
}

gboolean
ds_database_cache_load (const char *folder, const char *key, hs_database_t **databases, guint n)
{
  g_autofree char *path = path_of (folder, key), *head = g_strconcat (MAGIC, key, "\n", NULL);
  gsize size = 0, head_size = strlen (head);
  memset (databases, 0, n * sizeof *databases);
  g_autofree char *bytes = read_own (path, &size);
  if (bytes == NULL || size < head_size || memcmp (bytes, head, head_size) != 0)
    return FALSE;
  const char *at = bytes + head_size;
  gsize left = size - head_size;
  Sum sum = 0;
  if (take (&at, &left, &sum, sizeof sum) && sum == sum_of (0, at, left) && read_databases (at, left, databases, n))
    return TRUE;
  for (guint i = 0; i < n; i++)
    {
      hs_free_database (databases[i]);
      databases[i] = NULL;
    }
  return FALSE;
}

static void
remove_old (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; dir != NULL && (name = g_dir_read_name (dir)) != NULL;)
    {
      GStatBuf status;
      g_autofree char *path = g_build_filename (folder, name, NULL);
      if (g_str_has_prefix (name, PREFIX) && g_lstat (path, &status) == 0 && status.st_mtime < time (NULL) - KEPT_SECONDS)
        g_unlink (path);
    }
}

static gboolean
append_database (GByteArray *all, const hs_database_t *database)
{
  char *bytes = NULL;
  size_t length = 0;
  if (database != NULL && hs_serialize_database (database, &bytes, &length) != HS_SUCCESS)
    return FALSE;
  Size size = length;
  g_byte_array_append (all, (const guint8 *) &size, sizeof size);
  g_byte_array_append (all, (const guint8 *) bytes, (guint) length);
  free (bytes);
  return TRUE;
}

void
ds_database_cache_save (const char *folder, const char *key, hs_database_t *const *databases, guint n)
{
  g_autofree char *path = path_of (folder, key), *head = g_strconcat (MAGIC, key, "\n", NULL);
  g_autoptr (GByteArray) all = g_byte_array_new ();
  for (guint i = 0; i < n; i++)
    if (!append_database (all, databases[i]))
      return;
  Sum sum = sum_of (0, all->data, all->len);
  g_mkdir_with_parents (folder, 0700);
  g_autoptr (DsAtomicFile) file = ds_atomic_file_open (path, 0600, NULL);
  if (file != NULL && ds_atomic_file_write (file, head, strlen (head), NULL) && ds_atomic_file_write (file, &sum, sizeof sum, NULL)
      && ds_atomic_file_write (file, all->data, all->len, NULL) && ds_atomic_file_commit (file, NULL))
    remove_old (folder);
}
