#include "config.h"
#include "mbox-rewrite.h"
#include "base/atomic-file.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE (1u << 20)
#define PAUSE_MILLISECONDS 20
#define PAUSES 100      /* with leases: until all writers are gone, at most */
#define BLIND_PAUSES 15 /* without: how long a deliverer gets to write what it had begun */

char *
ds_mbox_temporary_name (const char *name, const char *action)
{
  return g_strconcat (name, ".deskshred.", action, NULL);
}

char *
ds_mbox_old_name (const char *name, const char *action, guint64 size)
{
  return g_strdup_printf ("%s.deskshred.%s.old.%" G_GUINT64_FORMAT, name, action, size);
}

gboolean
ds_mbox_old_name_parse (const char *old_name, const char *name, const char *action, guint64 *size_r)
{
  g_autofree char *start = g_strdup_printf ("%s.deskshred.%s.old.", name, action);
  if (!g_str_has_prefix (old_name, start))
    return FALSE;
  return g_ascii_string_to_unsigned (old_name + strlen (start), 10, 0, G_MAXINT64, size_r, NULL);
}

/* Where copy_file_range(2) does not work (other file systems, old kernels). */
static gboolean
copy_by_hand (int from, guint64 offset, guint64 size, int to)
{
  g_autofree char *piece = g_malloc (PIECE);
  while (size > 0)
    {
      ssize_t n = pread (from, piece, MIN (size, PIECE), (off_t) offset);
      if (n < 0 && errno == EINTR)
        continue;
      if (n == 0)
        errno = ENODATA; /* the file was cut meanwhile */
      if (n <= 0 || !ds_write_all (to, piece, (gsize) n))
        return FALSE;
      offset += (guint64) n;
      size -= (guint64) n;
    }
  return TRUE;
}

gboolean
ds_mbox_copy_range (int from, guint64 offset, guint64 size, int to)
{
  while (size > 0)
    {
      off64_t at = (off64_t) offset;
      ssize_t n = copy_file_range (from, &at, to, NULL, MIN (size, 1u << 30), 0);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO))
        return FALSE;
      if (n <= 0)
        return copy_by_hand (from, offset, size, to);
      offset += (guint64) n;
      size -= (guint64) n;
    }
  return TRUE;
}

/* 1: a program has it open for writing; 0: none; -1: this file system, or not being its owner, forbids to ask.  A read
 * lease is granted only where nobody can write (fcntl(2)); SIGURG, as it is ignored by default. */
static int
has_writers (int old)
{
  if (fcntl (old, F_SETSIG, SIGURG) != 0)
    return -1;
  if (fcntl (old, F_SETLEASE, F_RDLCK) != 0)
    return errno == EAGAIN ? 1 : -1;
  fcntl (old, F_SETLEASE, F_UNLCK);
  return 0;
}

void
ds_mbox_wait_for_writers (int old)
{
  for (guint i = 0; i < PAUSES; i++)
    {
      int writers = has_writers (old);
      if (writers == 0 || (writers < 0 && i >= BLIND_PAUSES))
        return;
      g_usleep (PAUSE_MILLISECONDS * 1000);
    }
}

/* TRUE if fd ends with the size bytes of old from offset on: they were carried over before a crash. */
static gboolean
ends_with (int fd, int old, guint64 offset, guint64 size)
{
  struct stat status;
  if (fstat (fd, &status) != 0 || (guint64) status.st_size < size)
    return FALSE;
  guint64 at = (guint64) status.st_size - size;
  g_autofree char *left = g_malloc (PIECE), *right = g_malloc (PIECE);
  while (size > 0)
    {
      gsize piece = MIN (size, PIECE);
      if (pread (fd, left, piece, (off_t) at) != (ssize_t) piece || pread (old, right, piece, (off_t) offset) != (ssize_t) piece
          || memcmp (left, right, piece) != 0)
        return FALSE;
      at += piece;
      offset += piece;
      size -= piece;
    }
  return TRUE;
}

gboolean
ds_mbox_carry_over (int old, guint64 size, int fd)
{
  struct stat status;
  if (fstat (old, &status) != 0)
    return FALSE;
  guint64 grown = (guint64) status.st_size > size ? (guint64) status.st_size - size : 0;
  if (grown == 0 || ends_with (fd, old, size, grown))
    return TRUE;
  return lseek (fd, 0, SEEK_END) >= 0 && ds_mbox_copy_range (old, size, grown, fd) && fsync (fd) == 0;
}
