#include "config.h"
#include "worker/cage.h"
#include "base/error.h"
#include "content/preload.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

gboolean
ds_cage_is_loose (void)
{
#if defined __SANITIZE_ADDRESS__
  return TRUE;
#elif defined __has_feature
#if __has_feature(address_sanitizer)
  return TRUE;
#else
  return FALSE;
#endif
#else
  return FALSE;
#endif
}

void
ds_cage_preload (void)
{
  ds_content_preload ();
}

static gboolean
set_error (const char *what, int code, GError **error)
{
  g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "a worker cannot be confined: %s: %s", what, g_strerror (code));
  return FALSE;
}

static guint64
address_space (void)
{
  unsigned long pages = 0;
  FILE *file = fopen ("/proc/self/statm", "re");
  if (file != NULL)
    {
      if (fscanf (file, "%lu", &pages) != 1)
        pages = 0;
      fclose (file);
    }
  return (guint64) pages * (guint64) sysconf (_SC_PAGESIZE);
}

static gboolean
set_limit (int resource, rlim_t soft, rlim_t hard)
{
  struct rlimit limit = { soft, hard };
  return setrlimit (resource, &limit) == 0;
}

void
ds_cage_next_task (const DsCageLimits *limits, guint extra)
{
  struct rusage usage;
  getrusage (RUSAGE_SELF, &usage);
  rlim_t used = (rlim_t) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec);
  set_limit (RLIMIT_CPU, used + limits->seconds + extra + 1, RLIM_INFINITY);
}

/* Calls that computing, memory, the socket and an orderly death need.  No open, no socket, no exec, no clone. */
static const int allowed[] = {
  SCMP_SYS (read),          SCMP_SYS (write),        SCMP_SYS (recvfrom),      SCMP_SYS (sendto),   SCMP_SYS (recvmsg),
  SCMP_SYS (sendmsg),       SCMP_SYS (poll),         SCMP_SYS (close),         SCMP_SYS (brk),      SCMP_SYS (mmap),
  SCMP_SYS (munmap),        SCMP_SYS (mremap),       SCMP_SYS (mprotect),      SCMP_SYS (madvise),  SCMP_SYS (futex),
  SCMP_SYS (exit),          SCMP_SYS (exit_group),   SCMP_SYS (rt_sigreturn),  SCMP_SYS (rt_sigaction),
  SCMP_SYS (rt_sigprocmask), SCMP_SYS (clock_gettime), SCMP_SYS (clock_nanosleep), SCMP_SYS (gettimeofday), SCMP_SYS (getrandom),
  SCMP_SYS (getpid),        SCMP_SYS (gettid),       SCMP_SYS (getrusage),     SCMP_SYS (restart_syscall), SCMP_SYS (setrlimit),
    SCMP_SYS (sched_yield),   SCMP_SYS (sigaltstack), SCMP_SYS (lseek),
};

/* Refused with an error, not death: glibc asks for these and copes (a converter that was not preloaded, a time zone). */
static const int denied[] = {
  SCMP_SYS (open), SCMP_SYS (openat), SCMP_SYS (access), SCMP_SYS (faccessat), SCMP_SYS (stat), SCMP_SYS (newfstatat),
  SCMP_SYS (fstat), SCMP_SYS (readlink), SCMP_SYS (readlinkat), SCMP_SYS (ioctl), SCMP_SYS (fcntl), SCMP_SYS (uname),
};

/* Allows a call if its first argument is that value. */
static int
allow_first (scmp_filter_ctx filter, int call, guint64 value)
{
  const struct scmp_arg_cmp first = { .arg = 0, .op = SCMP_CMP_EQ, .datum_a = value };
  return seccomp_rule_add_array (filter, SCMP_ACT_ALLOW, call, 1, &first);
}

static int
add_rules (scmp_filter_ctx filter)
{
  int code = 0;
  for (guint i = 0; i < G_N_ELEMENTS (allowed) && code == 0; i++)
    code = seccomp_rule_add (filter, SCMP_ACT_ALLOW, allowed[i], 0);
  for (guint i = 0; i < G_N_ELEMENTS (denied) && code == 0; i++)
    code = seccomp_rule_add (filter, SCMP_ACT_ERRNO (EACCES), denied[i], 0);
  /* To abort is to kill oneself; the limits of others, and their lives, are not a worker's. */
  if (code == 0)
    code = allow_first (filter, SCMP_SYS (tgkill), (scmp_datum_t) getpid ());
  if (code == 0)
    code = allow_first (filter, SCMP_SYS (prlimit64), 0);
  return code;
}

static gboolean
close_door (GError **error)
{
  scmp_filter_ctx filter = seccomp_init (ds_cage_is_loose () ? SCMP_ACT_ALLOW : SCMP_ACT_KILL_PROCESS);
  if (filter == NULL)
    return set_error ("seccomp", ENOMEM, error);
  int code = ds_cage_is_loose () ? 0 : add_rules (filter);
  if (code == 0 && !ds_cage_is_loose ())
    code = seccomp_load (filter);
  seccomp_release (filter);
  return code == 0 || set_error ("seccomp", -code, error);
}

/* Nothing that a worker or a library prints may get into the parent's output: it could be content, or a forged result. */
static gboolean
mute (GError **error)
{
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0)
    return set_error ("/dev/null", errno, error);
  /* A sanitizer reports on the standard error. */
  for (int i = 0; i <= (ds_cage_is_loose () ? 1 : 2); i++)
    if (dup2 (null, i) < 0)
      return set_error ("dup2", errno, error);
  return TRUE;
}

gboolean
ds_cage_enter (int socket, const DsCageLimits *limits, GError **error)
{
  if (!mute (error))
    return FALSE;
  if (socket > 3 && close_range (3, (unsigned) socket - 1, 0) != 0)
    return set_error ("close_range", errno, error);
  if (close_range ((unsigned) socket + 1, ~0u, 0) != 0)
    return set_error ("close_range", errno, error);
  if (prctl (PR_SET_DUMPABLE, 0) != 0 || prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return set_error ("prctl", errno, error);
  set_limit (RLIMIT_CORE, 0, 0);
  if (!ds_cage_is_loose () && !set_limit (RLIMIT_AS, address_space () + limits->memory, address_space () + limits->memory))
    return set_error ("setrlimit", errno, error);
  set_limit (RLIMIT_NOFILE, (rlim_t) socket + 1, (rlim_t) socket + 1);
  set_limit (RLIMIT_FSIZE, 0, 0);
  return close_door (error);
}
