#include "config.h"
#include "mbox-lock.h"
#include "base/atomic-file.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_MILLISECONDS 30 /* deliverers ask as often: who asks seldom comes last */
#define STALE_SECONDS 30 /* another program's lock file younger than this is never taken for left over */

struct _DsMboxLock
{
  int folder; /* borrowed */
  int fd;
  char *name; /* of the lock file; NULL until it is ours */
};

/* Open file description locks: they meet those of lockf(3) and fcntl(2) of other programs, but closing some other
 * descriptor of the file, as read does, doesn't drop them. */
gboolean
ds_mbox_lock_descriptor_now (int fd)
{
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  if (fcntl (fd, F_OFD_SETLK, &whole) == 0)
    return TRUE;
  if (errno == EINVAL)
    return fcntl (fd, F_SETLK, &whole) == 0;
  return FALSE;
}

#define OWN_MARK ":deskshred"
#define MARK_ENDING ".deskshred"

/* "PID:HOST", as Dovecot writes it, since when the host is up, and who we are; new string. */
static char *
own_mark (void)
{
  char host[256] = "", boot[64] = "";
  gethostname (host, sizeof host - 1);
  int fd = open ("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (fd >= 0)
    {
      ds_read_all (fd, boot, sizeof boot - 1);
      close (fd);
    }
  return g_strdup_printf ("%ld:%s:%s" OWN_MARK, (long) getpid (), host, g_strchomp (boot));
}

/* TRUE if a lock file is of a process of this host that is no more.  Only files that say so are judged: an empty one, or
 * one with a bare number, may be from another host.  Our own need no age: who made one also held the fcntl lock, which
 * is ours now; and after a reboot no process either, whose number may be another's by then. */
static gboolean
is_stale (int folder, const char *name)
{
  struct stat status;
  char text[400] = "";
  int fd = openat (folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  gboolean good = fd >= 0 && fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && ds_read_all (fd, text, sizeof text - 1) > 0;
  if (fd >= 0)
    close (fd);
  if (!good)
    return FALSE;
  g_autofree char *mark = own_mark ();
  char *own_host = strchr (mark, ':'), *own_boot = strchr (own_host + 1, ':'), *host = NULL;
  gsize length = (gsize) (own_boot - own_host);
  long pid = strtol (text, &host, 10);
  g_strchomp (host);
  gboolean here = strncmp (host, own_host, length) == 0;
  gboolean own = here && host[length] == ':' && g_str_has_suffix (host, OWN_MARK);
  gboolean old = here && host[length] == '\0' && time (NULL) - status.st_mtim.tv_sec >= STALE_SECONDS;
  gboolean before_boot = own && !g_str_equal (host + length, own_boot);
  return pid > 1 && (before_boot || ((own || old) && kill ((pid_t) pid, 0) != 0 && errno == ESRCH));
}

/* A lock file that stays keeps mail from being delivered: more than one try to be rid of it. */
static void
take_away (int folder, const char *name)
{
  enum { TRIES = 3 };
  for (guint i = 0; i < TRIES && unlinkat (folder, name, 0) != 0 && errno != ENOENT; i++)
    ;
}

/* The lock file's content under another name first, so that a lock file is never there empty, and unjudgeable, if we are
 * killed.  The name is ours alone: we hold the fcntl lock. */
static gboolean
write_mark (int folder, const char *name)
{
  unlinkat (folder, name, 0);
  int fd = openat (folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0)
    return FALSE;
  g_autofree char *mark = own_mark ();
  /* Synced: after a power cut an empty file under the lock's name would keep mail from being delivered for ever. */
  gboolean written = ds_write_all (fd, mark, strlen (mark)) && fsync (fd) == 0;
  int kept = errno;
  close (fd);
  errno = kept;
  return written;
}

/* link(2), as it is atomic on NFS too; where there are no hard links, a rename that replaces nothing. */
static gboolean
give_name (int folder, const char *mark_name, const char *name)
{
  if (linkat (folder, mark_name, folder, name, 0) == 0)
    return TRUE;
  return (errno == EPERM || errno == EOPNOTSUPP) && renameat2 (folder, mark_name, folder, name, RENAME_NOREPLACE) == 0;
}

/* 1: made; 0: another holds it; -1: it can't be made. */
static int
make_lock_file (int folder, const char *name)
{
  g_autofree char *mark_name = g_strconcat (name, MARK_ENDING, NULL);
  gboolean made = write_mark (folder, mark_name) && give_name (folder, mark_name, name);
  int kept = errno;
  /* The other's file may go while it is looked at: then it was not stale, and the next try may have it. */
  if (!made && kept == EEXIST && is_stale (folder, name) && unlinkat (folder, name, 0) == 0)
    {
      made = give_name (folder, mark_name, name);
      kept = errno;
    }
  take_away (folder, mark_name);
  errno = kept;
  return made ? 1 : kept == EEXIST ? 0 : -1;
}

gboolean
ds_mbox_lock_is_left_over (int folder, const char *name)
{
  g_autofree char *lock_name = g_strconcat (name, ".lock", NULL);
  g_autofree char *mark_name = g_strconcat (lock_name, MARK_ENDING, NULL);
  return is_stale (folder, lock_name) || faccessat (folder, mark_name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The name may stand for another file by the time that we have the lock of the old one. */
static gboolean
still_named (int folder, const char *name, int fd)
{
  struct stat own, named;
  return fstat (fd, &own) == 0 && fstatat (folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && own.st_dev == named.st_dev
         && own.st_ino == named.st_ino;
}

/* 1, 0 or -1 as above. */
static int
try_once (DsMboxLock *lock, const char *name, const char *lock_name)
{
  lock->fd = openat (lock->folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (lock->fd < 0)
    return -1;
  if (!ds_mbox_lock_descriptor_now (lock->fd))
    return errno == EAGAIN || errno == EACCES ? 0 : -1;
  int made = make_lock_file (lock->folder, lock_name);
  if (made != 1)
    return made;
  lock->name = g_strdup (lock_name);
  return still_named (lock->folder, name, lock->fd) ? 1 : 0;
}

void
ds_mbox_lock_release (DsMboxLock *lock)
{
  int kept = errno;
  if (lock->name != NULL)
    take_away (lock->folder, lock->name);
  g_clear_pointer (&lock->name, g_free);
  if (lock->fd >= 0)
    close (lock->fd);
  lock->fd = -1;
  errno = kept;
}

DsMboxLock *
ds_mbox_lock_new (int folder, const char *name, const char *path, guint wait_seconds, GError **error)
{
  g_autoptr (DsMboxLock) lock = g_new0 (DsMboxLock, 1);
  lock->folder = folder;
  lock->fd = -1;
  g_autofree char *lock_name = g_strconcat (name, ".lock", NULL);
  gint64 deadline = g_get_monotonic_time () + (gint64) wait_seconds * G_USEC_PER_SEC;
  for (;;)
    {
      int code = try_once (lock, name, lock_name);
      if (code == 1)
        return g_steal_pointer (&lock);
      ds_mbox_lock_release (lock);
      if (code < 0)
        {
          g_set_error (error, DS_ERROR, DS_ERROR_STORE, "%s: it cannot be locked: %s", path, g_strerror (errno));
          return NULL;
        }
      if (g_get_monotonic_time () >= deadline)
        {
          g_set_error (error, DS_ERROR, DS_ERROR_LOCKED, "%s: another program has it locked (fcntl, or %s.lock; waited %u s)", path, path,
                       wait_seconds);
          return NULL;
        }
      g_usleep (PAUSE_MILLISECONDS * 1000 + (gulong) g_random_int_range (0, PAUSE_MILLISECONDS * 1000));
    }
}

int
ds_mbox_lock_descriptor (const DsMboxLock *lock)
{
  return lock->fd;
}

void
ds_mbox_lock_free (DsMboxLock *lock)
{
  if (lock == NULL)
    return;
  ds_mbox_lock_release (lock);
  g_free (lock);
}
