#include "config.h"
#include "run/ticket-locks.h"
#include "base/error.h"
#include "run/locks.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* The kernel goes through all locks of a file to find one: several files keep the lists short. */
#define FILES 64
#define PAUSE_MICROSECONDS 50000

struct _DsTicketLocks
{
  const char *folder;
  const char *store;
  const DsSiteKey *key;
  int fds[FILES];   /* -1: not opened yet */
  GHashTable *held; /* ticket -> gint64: its place */
};

DsTicketLocks *
ds_ticket_locks_new (const char *folder, const char *store, const DsSiteKey *key)
{
  DsTicketLocks *locks = g_new0 (DsTicketLocks, 1);
  locks->folder = folder;
  locks->store = store;
  locks->key = key;
  memset (locks->fds, -1, sizeof locks->fds);
  locks->held = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return locks;
}

void
ds_ticket_locks_free (DsTicketLocks *locks)
{
  if (locks == NULL)
    return;
  for (guint i = 0; i < FILES; i++)
    if (locks->fds[i] >= 0)
      close (locks->fds[i]);
  g_hash_table_unref (locks->held);
  g_free (locks);
}

/* The file's number and the byte in it. */
static gint64
place_of (const DsTicketLocks *locks, const char *ticket, guint *file_r)
{
  g_autofree char *digest = ds_site_key_digest (locks->key, "lock", ticket, strlen (ticket), 16);
  guint64 number = g_ascii_strtoull (digest, NULL, 16);
  *file_r = (guint) (number % FILES);
  return (gint64) (number >> 6);
}

/* Never removed: who removes a lock file may take it from under another that just opened it. */
static int
open_file (const DsTicketLocks *locks, const char *name)
{
  g_autofree char *path = g_build_filename (locks->folder, name, NULL);
  if (g_mkdir_with_parents (locks->folder, 0700) != 0)
    return -1;
  return open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static int
descriptor (DsTicketLocks *locks, guint file)
{
  g_autofree char *name = g_strdup_printf ("tickets-%s-%x", locks->store, file);
  if (locks->fds[file] < 0)
    locks->fds[file] = open_file (locks, name);
  return locks->fds[file];
}

static gboolean
set_lock (int fd, short type, gint64 place)
{
  struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t) place, .l_len = 1 };
  return fcntl (fd, F_OFD_SETLK, &lock) == 0;
}

/* 1 had, 0 held by another, -1 error. */
static int
try_ticket (DsTicketLocks *locks, const char *ticket)
{
  guint file = 0;
  gint64 place = place_of (locks, ticket, &file);
  int fd = descriptor (locks, file);
  if (fd < 0)
    return -1;
  if (!set_lock (fd, F_WRLCK, place))
    return errno == EAGAIN || errno == EACCES ? 0 : -1;
  g_hash_table_insert (locks->held, g_strdup (ticket), g_memdup2 (&place, sizeof place));
  return 1;
}

static char *
wanted_name (const DsTicketLocks *locks)
{
  return g_strconcat ("wanted-", locks->store, NULL);
}

static int
wait_for_ticket (DsTicketLocks *locks, const char *ticket, guint seconds)
{
  g_autofree char *name = wanted_name (locks);
  gint64 deadline = g_get_monotonic_time () + (gint64) seconds * G_USEC_PER_SEC;
  int code = 0, wanted = open_file (locks, name);
  if (wanted >= 0)
    flock (wanted, LOCK_SH);
  while ((code = try_ticket (locks, ticket)) == 0 && g_get_monotonic_time () < deadline)
    g_usleep (PAUSE_MICROSECONDS);
  int kept = errno;
  if (wanted >= 0)
    close (wanted);
  errno = kept;
  return code;
}

gboolean
ds_ticket_locks_take (DsTicketLocks *locks, const char *ticket, const char *what, guint seconds, GError **error)
{
  int code = try_ticket (locks, ticket);
  if (code == 0 && seconds > 0)
    code = wait_for_ticket (locks, ticket, seconds);
  if (code == 0)
    g_set_error (error, DS_ERROR, DS_ERROR_LOCKED, "%s is locked by another run (waited %u s)", what, seconds);
  else if (code < 0)
    g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: tickets cannot be locked: %s", locks->folder, g_strerror (errno));
  return code == 1;
}

gboolean
ds_ticket_locks_hold (const DsTicketLocks *locks, const char *ticket)
{
  return g_hash_table_contains (locks->held, ticket);
}

void
ds_ticket_locks_let_go (DsTicketLocks *locks, const char *ticket)
{
  guint file = 0;
  gint64 place = place_of (locks, ticket, &file);
  g_hash_table_remove (locks->held, ticket);
  if (locks->fds[file] >= 0)
    set_lock (locks->fds[file], F_UNLCK, place);
}

void
ds_ticket_locks_let_go_all (DsTicketLocks *locks)
{
  struct flock whole = { .l_type = F_UNLCK, .l_whence = SEEK_SET };
  g_hash_table_remove_all (locks->held);
  for (guint i = 0; i < FILES; i++)
    if (locks->fds[i] >= 0)
      fcntl (locks->fds[i], F_OFD_SETLK, &whole);
}

gboolean
ds_ticket_locks_are_wanted (const DsTicketLocks *locks)
{
  g_autofree char *name = wanted_name (locks);
  return !ds_lock_is_free (locks->folder, name);
}
