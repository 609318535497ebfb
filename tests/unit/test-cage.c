/* What a worker may not do once its cage is closed: each of these is tried in a process of its own. */
#include "config.h"
#include "worker/cage.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMORY (64u << 20)
#define HIGHEST 40 /* descriptors up to this are looked at */

static const DsCageLimits limits = { MEMORY, 1 };
static pid_t parent;

/* Runs act in a cage, with descriptors on both sides of its socket; how it ended, as of waitpid. */
static int
end_of (int (*act) (int socket))
{
  int status = 0;
  parent = getpid ();
  pid_t pid = fork ();
  if (pid == 0)
    {
      int socket = open ("/dev/null", O_RDWR);
      for (int i = 0; i < 10; i++)
        socket = i == 5 ? dup (socket) : (dup (socket), socket);
      g_autoptr (GError) error = NULL;
      _exit (ds_cage_enter (socket, &limits, &error) ? act (socket) : 99);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return status;
}

static void
assert_done (int (*act) (int socket))
{
  int status = end_of (act);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

/* ---- what ends the process ---- */

static int
make_socket (int own G_GNUC_UNUSED)
{
  return socket (AF_UNIX, SOCK_STREAM, 0) < 0;
}

static int
connect_socket (int own)
{
  struct sockaddr nowhere = { .sa_family = AF_UNIX };
  return connect (own, &nowhere, sizeof nowhere);
}

static int
start_program (int own G_GNUC_UNUSED)
{
  char *const words[] = { (char *) "true", NULL };
  return execv ("/bin/true", words);
}

static int
start_program_at (int own)
{
  char *const words[] = { (char *) "true", NULL };
  return (int) syscall (SYS_execveat, own, "/bin/true", words, words, 0);
}

static int
start_process (int own G_GNUC_UNUSED)
{
  return fork () < 0;
}

static int
look_into_another (int own G_GNUC_UNUSED)
{
  return (int) ptrace (PTRACE_ATTACH, parent, NULL, NULL);
}

static int
kill_another (int own G_GNUC_UNUSED)
{
  return kill (parent, SIGURG);
}

static int
signal_another (int own G_GNUC_UNUSED)
{
  return (int) syscall (SYS_tgkill, parent, parent, SIGURG);
}

static int
limit_another (int own G_GNUC_UNUSED)
{
  struct rlimit limit = { 0, 0 };
  return prlimit (parent, RLIMIT_CORE, NULL, &limit);
}

static int
remove_file (int own G_GNUC_UNUSED)
{
  return unlink ("/nowhere/at/all");
}

static int
rename_file (int own G_GNUC_UNUSED)
{
  return rename ("/nowhere/at/all", "/nowhere/else");
}

static int
make_folder (int own G_GNUC_UNUSED)
{
  return mkdir ("/nowhere/at/all", 0700);
}

static int
duplicate (int own)
{
  return dup (own) < 0;
}

static void
test_ends (void)
{
  static int (*const acts[]) (int) = { make_socket,  connect_socket, start_program, start_program_at, start_process, look_into_another, kill_another,
                                       signal_another, limit_another, remove_file,  rename_file,     make_folder,   duplicate };
  for (guint i = 0; i < G_N_ELEMENTS (acts); i++)
    {
      int status = end_of (acts[i]);
      g_test_message ("%u", i);
      g_assert_true (WIFSIGNALED (status));
      g_assert_cmpint (WTERMSIG (status), ==, SIGSYS);
    }
}

/* ---- what is refused ---- */

/* The older call, where there is one: glibc makes the newer. */
#ifdef SYS_open
#define OPENS(path) (open (path, O_RDONLY) >= 0 || errno != EACCES || syscall (SYS_open, path, O_RDONLY) >= 0)
#else
#define OPENS(path) (open (path, O_RDONLY) >= 0 || errno != EACCES)
#endif

static int
open_files (int own G_GNUC_UNUSED)
{
  return OPENS ("/etc/passwd") || OPENS ("/dev/null") || OPENS ("/") || OPENS (".");
}

static void
test_files (void)
{
  assert_done (open_files);
}

static int
write_to_all (int own)
{
  for (int fd = 3; fd < HIGHEST; fd++)
    if (fd != own && (write (fd, "x", 1) >= 0 || errno != EBADF))
      return fd;
  return write (own, "x", 1) != 1;
}

static void
test_descriptors (void)
{
  assert_done (write_to_all);
}

/* What a library would print gets nowhere: the standard descriptors are /dev/null's. */
static int
print (int own G_GNUC_UNUSED)
{
  return write (1, "content", 7) != 7 || write (2, "content", 7) != 7 || read (0, &(char){ 0 }, 1) != 0;
}

static void
test_mute (void)
{
  int pair[2], kept[3];
  char heard = 0;
  g_assert_cmpint (pipe (pair), ==, 0);
  for (int fd = 0; fd < 3; fd++)
    {
      kept[fd] = fcntl (fd, F_DUPFD_CLOEXEC, 3);
      dup2 (pair[fd == 0 ? 0 : 1], fd);
    }
  int status = end_of (print);
  for (int fd = 0; fd < 3; fd++)
    {
      dup2 (kept[fd], fd);
      close (kept[fd]);
    }
  close (pair[1]);
  ssize_t n = read (pair[0], &heard, 1);
  close (pair[0]);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpint (n, ==, 0);
}

/* ---- limits ---- */

static int
take_memory (int own G_GNUC_UNUSED)
{
  void *some = mmap (NULL, MEMORY / 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  void *much = mmap (NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return some == MAP_FAILED || much != MAP_FAILED;
}

static int
look_at_limits (int own)
{
  struct rlimit cpu, core, size, files;
  ds_cage_next_task (&limits, 2);
  if (getrlimit (RLIMIT_CPU, &cpu) != 0 || getrlimit (RLIMIT_CORE, &core) != 0 || getrlimit (RLIMIT_FSIZE, &size) != 0
      || getrlimit (RLIMIT_NOFILE, &files) != 0)
    return 1;
  if (cpu.rlim_cur > 5 || core.rlim_max != 0 || size.rlim_max != 0)
    return 2;
  return files.rlim_max != (rlim_t) own + 1;
}

static void
test_limits (void)
{
  assert_done (take_memory);
  assert_done (look_at_limits);
}

/* A worker that finds itself at a loss ends itself, and the parent sees how. */
static int
give_up (int own G_GNUC_UNUSED)
{
  abort ();
}

static void
test_orderly_death (void)
{
  int status = end_of (give_up);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGABRT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (ds_cage_is_loose ()) /* a sanitizer build */
    return g_test_run ();
  g_test_add_func ("/cage/ends", test_ends);
  g_test_add_func ("/cage/files", test_files);
  g_test_add_func ("/cage/descriptors", test_descriptors);
  g_test_add_func ("/cage/mute", test_mute);
  g_test_add_func ("/cage/limits", test_limits);
  g_test_add_func ("/cage/orderly-death", test_orderly_death);
  return g_test_run ();
}
