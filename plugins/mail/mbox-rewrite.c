#include "config.h"
#include "mbox-rewrite.h"
#include "place.h"
#include "base/atomic-file.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE (1u << 20)
#define PAUSE_MILLISECONDS 20
#define PAUSES 500      /* with leases: until all writers are gone, at most; lockfile(1) sleeps 8 seconds between tries */
#define BLIND_PAUSES 15 /* without: how long a deliverer gets to write what it had begun */

char *
ds_mbox_temporary_name (const char *name, const char *action)
{
  return g_strconcat (name, ".deskshred.", action, NULL);
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

/* A program that is between looking the name up and having the file open is no writer yet: it takes two looks to find none. */
void
ds_mbox_wait_for_writers (int old)
{
  guint quiet = 0;
  for (guint i = 0; i < PAUSES; i++)
    {
      int writers = ds_place_has_writers (old);
      quiet = writers == 0 ? quiet + 1 : 0;
      if (quiet == 2 || (writers < 0 && i >= BLIND_PAUSES))
        return;
      g_usleep (PAUSE_MILLISECONDS * 1000);
    }
}
