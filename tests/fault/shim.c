/* tests/fault/shim: preloaded into deskshred, it stands between the program and the file system.
 *
 * It watches one folder and all below it, in the process that it was loaded into; forked workers are left alone.  Every call
 * that changes something there, or makes it durable, is
 *   written down   in the order of the calls, with all bytes, so that recording.py can rebuild what a power cut leaves;
 *   or disturbed   the n-th call of a kind fails, is cut short, or is where the process is killed or stopped.
 *
 *   FAULT_ROOT     the watched folder, without symbolic links
 *   FAULT_LOG      where records are appended; not below the watched folder
 *   FAULT_AT       "KIND N WHAT [sticky]": KIND of kind_names or "any"; WHAT an error's name, "short", "kill" or "stop" (until
 *                  SIGCONT; then it is made); with sticky all later calls of the kind fail too, as on a full disk
 *   FAULT_READS    a file or folder: only its reads are counted (all below the watched folder)
 *   FAULT_NO_SYNC  if set, fsync and fdatasync do nothing, and are not written down
 *
 * System calls are made directly, so nothing depends on how libc's own functions call each other.  64-bit Linux only. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utime.h>

#define LOG_DESCRIPTOR 900 /* far from those that the program counts on */

typedef enum
{
  KIND_OPEN, /* for writing, or to make a file */
  KIND_WRITE,
  KIND_TRUNCATE,
  KIND_RENAME,
  KIND_LINK,
  KIND_UNLINK,
  KIND_MKDIR,
  KIND_META, /* mode, owner, times */
  KIND_SYNC,
  KIND_COPY, /* copy_file_range, sendfile */
  KIND_READ, /* changes nothing, is not in "any", and is not written down */
  KINDS,
} Kind;

static const char *const kind_names[KINDS]
  = { "open", "write", "truncate", "rename", "link", "unlink", "mkdir", "meta", "sync", "copy", "read" };

/* What a record tells of; recording.py has the same list. */
typedef enum
{
  TOLD_START, /* a process began */
  TOLD_CREATE, /* without a name: only the file */
  TOLD_MKDIR,
  TOLD_WRITE,
  TOLD_TRUNCATE,
  TOLD_LINK,
  TOLD_UNLINK, /* or rmdir */
  TOLD_RENAME,
  TOLD_SYMLINK,
  TOLD_MODE,
  TOLD_SYNC,
  TOLD_FIRED, /* the fault that was ordered came about */
  TOLD_END,   /* a process ended; data: how many calls of each kind it made */
  TOLD_TIMES,
} Told;

typedef struct
{
  uint32_t size; /* of this, the names and the data */
  uint32_t told;
  uint64_t folder, folder2; /* inode numbers */
  uint64_t inode;
  uint64_t offset; /* or mode, size, seconds */
  uint64_t length; /* of the data, which comes last; or nanoseconds */
  uint64_t site;   /* of a sync: where in its object it was called from */
  uint16_t name_size, name2_size;
  uint32_t flags;
} Record;

/* A name in a watched folder. */
typedef struct
{
  uint64_t folder;
  char name[256];
} Spot;

static struct
{
  bool active, no_sync, sticky, has_fired;
  char root[4096], reads[4096];
  size_t root_size, reads_size;
  int at_kind; /* KINDS: any */
  uint32_t at, total;
  int code; /* errno; 0: kill; -1: short; -2: stop */
  uint32_t counts[KINDS];
} state = { .at_kind = -1 };

/* ---- records ---- */

static void
tell_data (Record *record, const char *name, const char *name2, const void *data, size_t size)
{
  record->name_size = (uint16_t) strlen (name);
  record->name2_size = (uint16_t) strlen (name2);
  record->length = size > 0 ? size : record->length;
  record->size = (uint32_t) (sizeof *record + record->name_size + record->name2_size + size);
  struct iovec pieces[] = { { record, sizeof *record },
                            { (void *) name, record->name_size },
                            { (void *) name2, record->name2_size },
                            { (void *) data, size } };
  int kept = errno;
  if (syscall (SYS_writev, LOG_DESCRIPTOR, pieces, 4) != (long) record->size)
    {
      static const char text[] = "fault shim: a record could not be written\n";
      syscall (SYS_write, 2, text, sizeof text - 1);
      syscall (SYS_kill, getpid (), SIGABRT);
    }
  errno = kept;
}

static void
tell (Record *record, const char *name, const char *name2)
{
  tell_data (record, name, name2, NULL, 0);
}

/* ---- what is watched ---- */

static bool
is_below (int fd, const char *folder, size_t folder_size)
{
  char link[64], path[4096];
  if (!state.active || fd < 0 || fd == LOG_DESCRIPTOR)
    return false;
  int kept = errno;
  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = syscall (SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  errno = kept;
  if (size < (ssize_t) folder_size || memcmp (path, folder, folder_size) != 0)
    return false;
  return size == (ssize_t) folder_size || path[folder_size] == '/';
}

static bool
is_watched (int fd)
{
  return is_below (fd, state.root, state.root_size);
}

static bool
is_read_watched (int fd)
{
  return state.at_kind == KIND_READ && is_below (fd, state.reads, state.reads_size);
}

static uint64_t
inode_of (int fd)
{
  struct stat status;
  int kept = errno;
  uint64_t inode = fstat (fd, &status) == 0 ? status.st_ino : 0;
  errno = kept;
  return inode;
}

/* The folder and last name of a path; false if that is not below the watched folder. */
static bool
find_spot (int at, const char *path, Spot *spot)
{
  if (!state.active || path == NULL)
    return false;
  char parent[4096];
  size_t size = strlen (path);
  while (size > 1 && path[size - 1] == '/')
    size--;
  size_t start = size;
  while (start > 0 && path[start - 1] != '/')
    start--;
  if (size == start || size - start >= sizeof spot->name || start >= sizeof parent)
    return false;
  memcpy (spot->name, path + start, size - start);
  spot->name[size - start] = '\0';
  memcpy (parent, start > 0 ? path : ".", start > 0 ? start : 1);
  parent[start > 0 ? start : 1] = '\0';
  int kept = errno;
  int fd = (int) syscall (SYS_openat, at, parent, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  bool watched = is_watched (fd);
  spot->folder = watched ? inode_of (fd) : 0;
  if (fd >= 0)
    syscall (SYS_close, fd);
  errno = kept;
  return watched;
}

/* ---- disturbing ---- */

static const struct
{
  const char *name;
  int code;
} errors[] = { { "ENOSPC", ENOSPC }, { "EIO", EIO }, { "EINTR", EINTR }, { "EDQUOT", EDQUOT },
               { "EROFS", EROFS },   { "EPERM", EPERM }, { "short", -1 }, { "kill", 0 }, { "stop", -2 } };

static void
read_order (const char *order)
{
  char kind[32], what[32], sticky[32] = "";
  if (sscanf (order, "%31s %u %31s %31s", kind, &state.at, what, sticky) < 3)
    abort ();
  for (int i = 0; i < KINDS; i++)
    if (strcmp (kind, kind_names[i]) == 0)
      state.at_kind = i;
  if (strcmp (kind, "any") == 0)
    state.at_kind = KINDS;
  state.code = ENOSYS;
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
    if (strcmp (what, errors[i].name) == 0)
      state.code = errors[i].code;
  state.sticky = sticky[0] != '\0';
  if (state.at_kind < 0 || state.code == ENOSYS)
    abort ();
}

/* Counts a call.  True if it is to fail, with errno set; cut: set if it is to do only a part (then it does not fail). */
static bool
is_disturbed (Kind kind, bool *cut)
{
  uint32_t count = ++state.counts[kind];
  if (kind != KIND_READ)
    state.total++;
  if (state.at_kind < 0 || (state.at_kind == KINDS ? kind == KIND_READ : state.at_kind != (int) kind))
    return false;
  count = state.at_kind == KINDS ? state.total : count;
  if (state.sticky ? count < state.at : count != state.at)
    return false;
  if (!state.has_fired)
    {
      Record record = { .told = TOLD_FIRED, .flags = kind };
      tell (&record, kind_names[kind], "");
      state.has_fired = true;
    }
  if (state.code == 0)
    syscall (SYS_kill, getpid (), SIGKILL);
  if (state.code == -2)
    syscall (SYS_kill, getpid (), SIGSTOP);
  if (state.code < 0)
    {
      if (cut != NULL)
        *cut = state.code == -1;
      return false;
    }
  errno = state.code;
  return true;
}

__attribute__ ((destructor)) static void
end (void)
{
  if (!state.active)
    return;
  Record record = { .told = TOLD_END };
  tell_data (&record, "", "", state.counts, sizeof state.counts);
}

static void
leave_alone (void)
{
  state.active = false;
}

__attribute__ ((constructor)) static void
begin (void)
{
  const char *root = getenv ("FAULT_ROOT"), *log = getenv ("FAULT_LOG"), *order = getenv ("FAULT_AT");
  if (root == NULL || log == NULL || strlen (root) >= sizeof state.root)
    return;
  strcpy (state.root, root);
  state.root_size = strlen (root);
  const char *reads = getenv ("FAULT_READS");
  reads = reads != NULL && strlen (reads) < sizeof state.reads ? reads : root;
  strcpy (state.reads, reads);
  state.reads_size = strlen (reads);
  state.no_sync = getenv ("FAULT_NO_SYNC") != NULL;
  int fd = (int) syscall (SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (fd < 0 || syscall (SYS_dup3, fd, LOG_DESCRIPTOR, O_CLOEXEC) < 0)
    abort ();
  syscall (SYS_close, fd);
  if (order != NULL)
    read_order (order);
  pthread_atfork (NULL, NULL, leave_alone);
  state.active = true;
  Record record = { .told = TOLD_START };
  tell (&record, "", "");
}

/* ---- opening ---- */

static int
open_watched (int at, const char *path, int flags, mode_t mode, const Spot *spot)
{
  struct stat status;
  if (is_disturbed (KIND_OPEN, NULL))
    return -1;
  bool was_there = fstatat (at, path, &status, AT_SYMLINK_NOFOLLOW) == 0;
  int fd = (int) syscall (SYS_openat, at, path, flags, mode);
  if (fd < 0)
    return fd;
  Record record = { .told = TOLD_TRUNCATE, .folder = spot->folder, .inode = inode_of (fd) };
  if (!was_there && fstat (fd, &status) == 0)
    {
      record.told = TOLD_CREATE;
      record.offset = status.st_mode & 07777;
      tell (&record, spot->name, "");
    }
  else if (flags & O_TRUNC)
    tell (&record, "", "");
  return fd;
}

/* A file without a name as yet; linkat gives it one. */
static int
open_nameless (int at, const char *path, int flags, mode_t mode)
{
  int folder = (int) syscall (SYS_openat, at, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  bool watched = is_watched (folder);
  if (folder >= 0)
    syscall (SYS_close, folder);
  if (watched && is_disturbed (KIND_OPEN, NULL))
    return -1;
  int fd = (int) syscall (SYS_openat, at, path, flags, mode);
  Record record = { .told = TOLD_CREATE, .inode = inode_of (fd), .offset = mode };
  if (watched && fd >= 0)
    tell (&record, "", "");
  return fd;
}

static int
open_any (int at, const char *path, int flags, mode_t mode)
{
  Spot spot;
  if (state.active && (flags & O_TMPFILE) == O_TMPFILE)
    return open_nameless (at, path, flags, mode);
  bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;
  if (writes && (flags & O_PATH) == 0 && find_spot (at, path, &spot))
    return open_watched (at, path, flags, mode, &spot);
  return (int) syscall (SYS_openat, at, path, flags, mode);
}

#define MODE_ARGUMENT(last, mode) \
  mode_t mode = 0; \
  if ((last & O_CREAT) != 0 || (last & O_TMPFILE) == O_TMPFILE) \
    { \
      va_list arguments; \
      va_start (arguments, last); \
      mode = va_arg (arguments, mode_t); \
      va_end (arguments); \
    }

int
open (const char *path, int flags, ...)
{
  MODE_ARGUMENT (flags, mode)
  return open_any (AT_FDCWD, path, flags, mode);
}

int
open64 (const char *path, int flags, ...)
{
  MODE_ARGUMENT (flags, mode)
  return open_any (AT_FDCWD, path, flags, mode);
}

int
openat (int at, const char *path, int flags, ...)
{
  MODE_ARGUMENT (flags, mode)
  return open_any (at, path, flags, mode);
}

int
openat64 (int at, const char *path, int flags, ...)
{
  MODE_ARGUMENT (flags, mode)
  return open_any (at, path, flags, mode);
}

/* What _FORTIFY_SOURCE makes of them. */
int __open_2 (const char *path, int flags);
int __open64_2 (const char *path, int flags);
int __openat_2 (int at, const char *path, int flags);
int __openat64_2 (int at, const char *path, int flags);

int
__open_2 (const char *path, int flags)
{
  return open_any (AT_FDCWD, path, flags, 0);
}

int
__open64_2 (const char *path, int flags)
{
  return open_any (AT_FDCWD, path, flags, 0);
}

int
__openat_2 (int at, const char *path, int flags)
{
  return open_any (at, path, flags, 0);
}

int
__openat64_2 (int at, const char *path, int flags)
{
  return open_any (at, path, flags, 0);
}

int
creat (const char *path, mode_t mode)
{
  return open_any (AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int
mkostemp (char *template, int flags)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  char *end_of_name = template + strlen (template) - 6;
  for (int tries = 0; tries < 100; tries++)
    {
      unsigned char bytes[6];
      if (syscall (SYS_getrandom, bytes, sizeof bytes, 0) != (long) sizeof bytes)
        return -1;
      for (size_t i = 0; i < sizeof bytes; i++)
        end_of_name[i] = letters[bytes[i] % (sizeof letters - 1)];
      int fd = open_any (AT_FDCWD, template, flags | O_RDWR | O_CREAT | O_EXCL, 0600);
      if (fd >= 0 || errno != EEXIST)
        return fd;
    }
  return -1;
}

int
mkostemp64 (char *template, int flags)
{
  return mkostemp (template, flags);
}

int
mkstemp (char *template)
{
  return mkostemp (template, 0);
}

int
mkstemp64 (char *template)
{
  return mkostemp (template, 0);
}

/* stdio writes past us, so its streams are given functions of ours. */
static ssize_t
stream_write (void *cookie, const char *bytes, size_t size)
{
  ssize_t done = write ((int) (intptr_t) cookie, bytes, size);
  return done < 0 ? 0 : done;
}

static int
stream_close (void *cookie)
{
  return close ((int) (intptr_t) cookie);
}

FILE *
fdopen (int fd, const char *mode)
{
  static const cookie_io_functions_t functions = { .write = stream_write, .close = stream_close };
  if (is_watched (fd) && (mode[0] == 'w' || mode[0] == 'a'))
    return fopencookie ((void *) (intptr_t) fd, mode, functions);
  FILE *(*real) (int, const char *) = (FILE * (*) (int, const char *) ) dlsym (RTLD_NEXT, "fdopen");
  return real (fd, mode);
}

static FILE *
open_stream (const char *path, const char *mode, const char *function)
{
  Spot spot;
  if (mode[0] != 'r' && find_spot (AT_FDCWD, path, &spot))
    {
      int fd = open_any (AT_FDCWD, path, O_WRONLY | O_CREAT | (mode[0] == 'a' ? O_APPEND : O_TRUNC), 0666);
      return fd >= 0 ? fdopen (fd, mode) : NULL;
    }
  FILE *(*real) (const char *, const char *) = (FILE * (*) (const char *, const char *) ) dlsym (RTLD_NEXT, function);
  return real (path, mode);
}

FILE *
fopen (const char *path, const char *mode)
{
  return open_stream (path, mode, "fopen");
}

FILE *
fopen64 (const char *path, const char *mode)
{
  return open_stream (path, mode, "fopen64");
}

/* ---- bytes ---- */

static void
tell_write (int fd, off_t at, const void *bytes, ssize_t size)
{
  if (size <= 0)
    return;
  Record record = { .told = TOLD_WRITE, .inode = inode_of (fd), .offset = (uint64_t) at };
  tell_data (&record, "", "", bytes, (size_t) size);
}

/* Where write(2) will write. */
static off_t
position (int fd)
{
  struct stat status;
  long flags = syscall (SYS_fcntl, fd, F_GETFL);
  if (flags >= 0 && (flags & O_APPEND) && fstat (fd, &status) == 0)
    return status.st_size;
  return syscall (SYS_lseek, fd, 0, SEEK_CUR);
}

ssize_t
write (int fd, const void *bytes, size_t size)
{
  bool cut = false;
  if (!is_watched (fd))
    return syscall (SYS_write, fd, bytes, size);
  if (is_disturbed (KIND_WRITE, &cut))
    return -1;
  off_t at = position (fd);
  ssize_t done = syscall (SYS_write, fd, bytes, cut ? (size + 1) / 2 : size);
  tell_write (fd, at, bytes, done);
  return done;
}

static ssize_t
write_at (int fd, const void *bytes, size_t size, off_t at)
{
  bool cut = false;
  if (!is_watched (fd))
    return syscall (SYS_pwrite64, fd, bytes, size, at);
  if (is_disturbed (KIND_WRITE, &cut))
    return -1;
  ssize_t done = syscall (SYS_pwrite64, fd, bytes, cut ? (size + 1) / 2 : size, at);
  tell_write (fd, at, bytes, done);
  return done;
}

ssize_t
pwrite (int fd, const void *bytes, size_t size, off_t at)
{
  return write_at (fd, bytes, size, at);
}

ssize_t
pwrite64 (int fd, const void *bytes, size_t size, off64_t at)
{
  return write_at (fd, bytes, size, at);
}

ssize_t
writev (int fd, const struct iovec *pieces, int n)
{
  if (!is_watched (fd))
    return syscall (SYS_writev, fd, pieces, n);
  ssize_t total = 0;
  for (int i = 0; i < n; i++)
    {
      ssize_t done = pieces[i].iov_len > 0 ? write (fd, pieces[i].iov_base, pieces[i].iov_len) : 0;
      if (done < 0)
        return total > 0 ? total : done;
      total += done;
      if ((size_t) done < pieces[i].iov_len)
        return total;
    }
  return total;
}

static ssize_t
write_pieces_at (int fd, const struct iovec *pieces, int n, off_t at)
{
  ssize_t total = 0;
  for (int i = 0; i < n; i++)
    {
      ssize_t done = write_at (fd, pieces[i].iov_base, pieces[i].iov_len, at + total);
      if (done < 0)
        return total > 0 ? total : done;
      total += done;
      if ((size_t) done < pieces[i].iov_len)
        return total;
    }
  return total;
}

ssize_t
pwritev (int fd, const struct iovec *pieces, int n, off_t at)
{
  return write_pieces_at (fd, pieces, n, at);
}

ssize_t
pwritev64 (int fd, const struct iovec *pieces, int n, off64_t at)
{
  return write_pieces_at (fd, pieces, n, at);
}

ssize_t
read (int fd, void *bytes, size_t size)
{
  bool cut = false;
  if (is_read_watched (fd) && is_disturbed (KIND_READ, &cut))
    return -1;
  return syscall (SYS_read, fd, bytes, cut ? (size + 1) / 2 : size);
}

static ssize_t
read_at (int fd, void *bytes, size_t size, off_t at)
{
  bool cut = false;
  if (is_read_watched (fd) && is_disturbed (KIND_READ, &cut))
    return -1;
  return syscall (SYS_pread64, fd, bytes, cut ? (size + 1) / 2 : size, at);
}

ssize_t
pread (int fd, void *bytes, size_t size, off_t at)
{
  return read_at (fd, bytes, size, at);
}

ssize_t
pread64 (int fd, void *bytes, size_t size, off64_t at)
{
  return read_at (fd, bytes, size, at);
}

/* What was copied is read again, piece by piece: the target may not be open for reading. */
static void
tell_copied (int from, off_t from_at, int to, off_t to_at, ssize_t size)
{
  char bytes[65536];
  for (ssize_t done = 0; done < size;)
    {
      size_t piece = (size_t) (size - done) < sizeof bytes ? (size_t) (size - done) : sizeof bytes;
      ssize_t n = syscall (SYS_pread64, from, bytes, piece, from_at + done);
      if (n <= 0)
        abort ();
      tell_write (to, to_at + done, bytes, n);
      done += n;
    }
}

ssize_t
copy_file_range (int from, off64_t *from_at, int to, off64_t *to_at, size_t size, unsigned flags)
{
  bool cut = false;
  if (!is_watched (to))
    return syscall (SYS_copy_file_range, from, from_at, to, to_at, size, flags);
  if (is_disturbed (KIND_COPY, &cut))
    return -1;
  off_t start = from_at != NULL ? *from_at : position (from), target = to_at != NULL ? *to_at : position (to);
  ssize_t done = syscall (SYS_copy_file_range, from, from_at, to, to_at, cut ? (size + 1) / 2 : size, flags);
  tell_copied (from, start, to, target, done);
  return done;
}

static ssize_t
send_file (int to, int from, off_t *at, size_t size)
{
  bool cut = false;
  if (!is_watched (to))
    return syscall (SYS_sendfile, to, from, at, size);
  if (is_disturbed (KIND_COPY, &cut))
    return -1;
  off_t start = at != NULL ? *at : position (from), target = position (to);
  ssize_t done = syscall (SYS_sendfile, to, from, at, cut ? (size + 1) / 2 : size);
  tell_copied (from, start, to, target, done);
  return done;
}

ssize_t
sendfile (int to, int from, off_t *at, size_t size)
{
  return send_file (to, from, at, size);
}

ssize_t
sendfile64 (int to, int from, off64_t *at, size_t size)
{
  return send_file (to, from, at, size);
}

static int
set_size (int fd, off_t size)
{
  if (!is_watched (fd))
    return (int) syscall (SYS_ftruncate, fd, size);
  if (is_disturbed (KIND_TRUNCATE, NULL))
    return -1;
  int code = (int) syscall (SYS_ftruncate, fd, size);
  Record record = { .told = TOLD_TRUNCATE, .inode = inode_of (fd), .offset = (uint64_t) size };
  if (code == 0)
    tell (&record, "", "");
  return code;
}

int
ftruncate (int fd, off_t size)
{
  return set_size (fd, size);
}

int
ftruncate64 (int fd, off64_t size)
{
  return set_size (fd, size);
}

static int
allocate (int fd, int mode, off_t at, off_t size)
{
  struct stat status;
  if (!is_watched (fd))
    return (int) syscall (SYS_fallocate, fd, mode, at, size);
  if (is_disturbed (KIND_TRUNCATE, NULL))
    return -1;
  int code = (int) syscall (SYS_fallocate, fd, mode, at, size);
  if (code != 0 || fstat (fd, &status) != 0)
    return code;
  Record record = { .told = TOLD_TRUNCATE, .inode = status.st_ino, .offset = (uint64_t) status.st_size };
  tell (&record, "", "");
  return code;
}

int
fallocate (int fd, int mode, off_t at, off_t size)
{
  return allocate (fd, mode, at, size);
}

int
fallocate64 (int fd, int mode, off64_t at, off64_t size)
{
  return allocate (fd, mode, at, size);
}

int
posix_fallocate (int fd, off_t at, off_t size)
{
  return allocate (fd, 0, at, size) == 0 ? 0 : errno;
}

int
posix_fallocate64 (int fd, off64_t at, off64_t size)
{
  return allocate (fd, 0, at, size) == 0 ? 0 : errno;
}

/* ---- names ---- */

static int
rename_any (int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
  Spot old, new;
  bool old_watched = find_spot (from_at, from, &old), new_watched = find_spot (to_at, to, &new);
  if (!old_watched || !new_watched)
    return (int) syscall (SYS_renameat2, from_at, from, to_at, to, flags);
  if (is_disturbed (KIND_RENAME, NULL))
    return -1;
  int code = (int) syscall (SYS_renameat2, from_at, from, to_at, to, flags);
  Record record = { .told = TOLD_RENAME, .folder = old.folder, .folder2 = new.folder, .flags = flags };
  if (code == 0)
    tell (&record, old.name, new.name);
  return code;
}

int
rename (const char *from, const char *to)
{
  return rename_any (AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
renameat (int from_at, const char *from, int to_at, const char *to)
{
  return rename_any (from_at, from, to_at, to, 0);
}

int
renameat2 (int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
  return rename_any (from_at, from, to_at, to, flags);
}

int
linkat (int from_at, const char *from, int to_at, const char *to, int flags)
{
  Spot new;
  struct stat status;
  if (!find_spot (to_at, to, &new))
    return (int) syscall (SYS_linkat, from_at, from, to_at, to, flags);
  if (is_disturbed (KIND_LINK, NULL))
    return -1;
  int code = (int) syscall (SYS_linkat, from_at, from, to_at, to, flags);
  if (code != 0 || fstatat (to_at, to, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return code;
  Record record = { .told = TOLD_LINK, .folder = new.folder, .inode = status.st_ino };
  tell (&record, new.name, "");
  return code;
}

int
link (const char *from, const char *to)
{
  return linkat (AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
unlinkat (int at, const char *path, int flags)
{
  Spot spot;
  if (!find_spot (at, path, &spot))
    return (int) syscall (SYS_unlinkat, at, path, flags);
  if (is_disturbed (KIND_UNLINK, NULL))
    return -1;
  int code = (int) syscall (SYS_unlinkat, at, path, flags);
  Record record = { .told = TOLD_UNLINK, .folder = spot.folder };
  if (code == 0)
    tell (&record, spot.name, "");
  return code;
}

int
unlink (const char *path)
{
  return unlinkat (AT_FDCWD, path, 0);
}

int
rmdir (const char *path)
{
  return unlinkat (AT_FDCWD, path, AT_REMOVEDIR);
}

int
remove (const char *path)
{
  int code = unlinkat (AT_FDCWD, path, 0);
  return code != 0 && errno == EISDIR ? unlinkat (AT_FDCWD, path, AT_REMOVEDIR) : code;
}

int
mkdirat (int at, const char *path, mode_t mode)
{
  Spot spot;
  struct stat status;
  if (!find_spot (at, path, &spot))
    return (int) syscall (SYS_mkdirat, at, path, mode);
  if (is_disturbed (KIND_MKDIR, NULL))
    return -1;
  int code = (int) syscall (SYS_mkdirat, at, path, mode);
  if (code != 0 || fstatat (at, path, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return code;
  Record record = { .told = TOLD_MKDIR, .folder = spot.folder, .inode = status.st_ino, .offset = status.st_mode & 07777 };
  tell (&record, spot.name, "");
  return code;
}

int
mkdir (const char *path, mode_t mode)
{
  return mkdirat (AT_FDCWD, path, mode);
}

int
symlinkat (const char *target, int at, const char *path)
{
  Spot spot;
  if (!find_spot (at, path, &spot))
    return (int) syscall (SYS_symlinkat, target, at, path);
  if (is_disturbed (KIND_LINK, NULL))
    return -1;
  int code = (int) syscall (SYS_symlinkat, target, at, path);
  Record record = { .told = TOLD_SYMLINK, .folder = spot.folder };
  if (code == 0)
    tell_data (&record, spot.name, "", target, strlen (target));
  return code;
}

int
symlink (const char *target, const char *path)
{
  return symlinkat (target, AT_FDCWD, path);
}

/* ---- mode, owner, times ---- */

/* Owners are not written down: the tests run as one user. */
static int
finish_meta (int fd, int code)
{
  struct stat status;
  if (code != 0 || fstat (fd, &status) != 0)
    return code;
  Record record = { .told = TOLD_MODE, .inode = status.st_ino, .offset = status.st_mode & 07777 };
  tell (&record, "", "");
  return code;
}

int
fchmod (int fd, mode_t mode)
{
  if (!is_watched (fd))
    return (int) syscall (SYS_fchmod, fd, mode);
  return is_disturbed (KIND_META, NULL) ? -1 : finish_meta (fd, (int) syscall (SYS_fchmod, fd, mode));
}

int
fchown (int fd, uid_t owner, gid_t group)
{
  if (!is_watched (fd))
    return (int) syscall (SYS_fchown, fd, owner, group);
  return is_disturbed (KIND_META, NULL) ? -1 : finish_meta (fd, (int) syscall (SYS_fchown, fd, owner, group));
}

int
futimens (int fd, const struct timespec times[2])
{
  struct stat status;
  if (!is_watched (fd))
    return (int) syscall (SYS_utimensat, fd, NULL, times, 0);
  if (is_disturbed (KIND_META, NULL))
    return -1;
  int code = (int) syscall (SYS_utimensat, fd, NULL, times, 0);
  if (code != 0 || fstat (fd, &status) != 0)
    return code;
  Record record = { .told = TOLD_TIMES, .inode = status.st_ino, .offset = (uint64_t) status.st_mtim.tv_sec,
                    .length = (uint64_t) status.st_mtim.tv_nsec };
  tell (&record, "", "");
  return code;
}

/* ---- durability ---- */

static int
sync_any (int fd, long call, void *from)
{
  Dl_info info;
  if (!is_watched (fd))
    return (int) syscall (call, fd);
  if (is_disturbed (KIND_SYNC, NULL))
    return -1;
  if (state.no_sync)
    return 0;
  int code = (int) syscall (call, fd);
  Record record = { .told = TOLD_SYNC, .inode = inode_of (fd) };
  const char *object = "";
  if (dladdr (from, &info) != 0)
    {
      const char *slash = strrchr (info.dli_fname, '/');
      object = slash != NULL ? slash + 1 : info.dli_fname;
      record.site = (uint64_t) ((char *) from - (char *) info.dli_fbase);
    }
  if (code == 0)
    tell (&record, object, "");
  return code;
}

int
fsync (int fd)
{
  return sync_any (fd, SYS_fsync, __builtin_return_address (0));
}

int
fdatasync (int fd)
{
  return sync_any (fd, SYS_fdatasync, __builtin_return_address (0));
}
