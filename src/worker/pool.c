#include "config.h"
#include "worker/pool.h"
#include "base/error.h"
#include "base/flat.h"
#include "content/tree.h"
#include "worker/serve.h"
#include "worker/wire.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* No honest reply is larger than a few times its blob. */
#define REPLY_LIMIT (1ull << 30)

/* How long a new worker may take to enter its cage, and how much longer than for its task to take that in. */
#define START_SECONDS 10
#define START_TRIES 3
#define SEND_SECONDS 10
#define HELLO_LIMIT 4096

/* CPU time is what a task is given; the clock of the wall may run so much faster where many share a machine. */
#define WALL_PER_CPU 4

/* So small a blob is kept until its task is done, in case it must be remembered. */
#define KEPT_BYTES (1u << 20)

typedef struct
{
  DsTaskKind kind;
  GBytes *request;
  GBytes *blob;
  gsize size;
  char *name; /* of a large blob that is guarded, or NULL */
  DsResult *result;
  gboolean done;
} Task;

typedef struct
{
  pid_t pid; /* 0: there is none; it could not be started */
  int socket;
  Task *task; /* borrowed; NULL: idle */
  gint64 deadline;
  gint64 cpu_before;  /* microseconds, when the task was sent */
  guint64 generation; /* of the values it has */
} Worker;

struct _DsPool
{
  const DsWorkSetup *setup;
  DsCageLimits limits;
  GArray *workers;   /* of Worker */
  GQueue *order;     /* of Task, as submitted */
  GQueue *waiting;   /* of Task, not yet sent; borrowed */
  const DsPoolGuard *guard; /* or NULL */
  GBytes *values; /* what each worker is told before its next task; NULL: nothing was ever set */
  guint n_values;
  guint64 generation;
};

void
ds_result_free (DsResult *result)
{
  if (result == NULL)
    return;
  ds_scan_reply_free (result->scan);
  ds_rewrite_reply_free (result->rewrite);
  g_free (result);
}

static void
task_free (Task *task)
{
  g_clear_pointer (&task->request, g_bytes_unref);
  g_clear_pointer (&task->blob, g_bytes_unref);
  ds_result_free (task->result);
  g_free (task->name);
  g_free (task);
}

/* CPU time of a living worker, in microseconds. */
static gint64
cpu_time (const Worker *worker)
{
  clockid_t clock;
  struct timespec used;
  if (clock_getcpuclockid (worker->pid, &clock) != 0 || clock_gettime (clock, &used) != 0)
    return 0;
  return used.tv_sec * G_USEC_PER_SEC + used.tv_nsec / 1000;
}

/* How the worker ended (as of waitpid). */
static int
worker_stop (Worker *worker)
{
  int status = 0;
  if (worker->pid <= 0)
    return 0;
  close (worker->socket);
  kill (worker->pid, SIGKILL);
  while (waitpid (worker->pid, &status, 0) < 0 && errno == EINTR)
    ;
  *worker = (Worker){ 0, -1, NULL, 0, 0, 0 };
  return status;
}

/* The child's side of the fork. */
G_NORETURN static void
work (const DsPool *pool, int socket, pid_t parent)
{
  /* A worker outlives no parent, and takes no signal that a terminal or a service manager sends to the group: the parent
   * ends in order, and needs its workers for that. */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () != parent)
    _exit (1);
  signal (SIGINT, SIG_IGN);
  signal (SIGTERM, SIG_IGN);
  /* Where the standard descriptors were closed, the socket may be one of them. */
  ds_serve (socket > 2 ? socket : fcntl (socket, F_DUPFD_CLOEXEC, 3), pool->setup, &pool->limits);
}

/* Why the worker is not confined (new string), or NULL. */
static char *
read_hello (const DsFrameOnWire *frame)
{
  DsFlatReader reader = ds_flat_reader (frame->body);
  char *why = g_strdup (ds_flat_text (&reader));
  if (frame->kind == DS_WIRE_HELLO && ds_flat_is_done (&reader))
    return why;
  g_free (why);
  return g_strdup ("a worker cannot be started: it answers nonsense");
}

/* Without a cage no mail is parsed: a worker says first of all that it is in it. */
static gboolean
worker_is_confined (const Worker *worker, GError **error)
{
  DsFrameOnWire frame;
  gint64 deadline = g_get_monotonic_time () + START_SECONDS * G_USEC_PER_SEC;
  g_autofree char *why = NULL;
  if (ds_wire_read (worker->socket, deadline, HELLO_LIMIT, &frame) != 1)
    why = g_strdup ("a worker cannot be started: it ended, or hung, before its first task");
  else
    why = read_hello (&frame);
  ds_wire_clear (&frame);
  if (why == NULL)
    return TRUE;
  g_set_error_literal (error, DS_ERROR, DS_ERROR_LEDGER, why);
  return FALSE;
}

static gboolean
start_once (DsPool *pool, Worker *worker, GError **error)
{
  int pair[2];
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "a worker cannot be started: %s", g_strerror (errno));
      return FALSE;
    }
  pid_t parent = getpid (), pid = fork ();
  int code = errno;
  if (pid == 0)
    work (pool, pair[1], parent);
  close (pair[1]);
  if (pid < 0)
    {
      close (pair[0]);
      g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "a worker cannot be started: %s", g_strerror (code));
      return FALSE;
    }
  *worker = (Worker){ pid, pair[0], NULL, 0, 0, 0 };
  if (worker_is_confined (worker, error))
    return TRUE;
  worker_stop (worker);
  return FALSE;
}

/* A worker that something kills as it begins (a kernel short of memory, a person) is no reason to stop; several are. */
static gboolean
worker_start (DsPool *pool, Worker *worker, GError **error)
{
  for (guint i = 1; i < START_TRIES; i++)
    if (start_once (pool, worker, NULL))
      return TRUE;
  return start_once (pool, worker, error);
}

DsPool *
ds_pool_new (const DsWorkSetup *setup, guint jobs, const DsCageLimits *limits, GError **error)
{
  g_autoptr (DsPool) pool = g_new0 (DsPool, 1);
  pool->setup = setup;
  pool->limits = *limits;
  pool->workers = g_array_new (FALSE, TRUE, sizeof (Worker));
  pool->order = g_queue_new ();
  pool->waiting = g_queue_new ();
  g_array_set_size (pool->workers, MAX (jobs, 1));
  for (guint i = 0; i < pool->workers->len; i++)
    if (!worker_start (pool, &g_array_index (pool->workers, Worker, i), error))
      return NULL;
  return g_steal_pointer (&pool);
}

void
ds_pool_abandon (DsPool *pool, GDestroyNotify free_data)
{
  for (GList *at = pool->order->head; at != NULL; at = at->next)
    g_clear_pointer (&((Task *) at->data)->result->data, free_data);
}

void
ds_pool_free (DsPool *pool)
{
  if (pool == NULL)
    return;
  for (guint i = 0; i < pool->workers->len; i++)
    worker_stop (&g_array_index (pool->workers, Worker, i));
  g_array_unref (pool->workers);
  g_queue_free (pool->waiting);
  g_queue_free_full (pool->order, (GDestroyNotify) task_free);
  g_clear_pointer (&pool->values, g_bytes_unref);
  g_free (pool);
}

void
ds_pool_set_guard (DsPool *pool, const DsPoolGuard *guard)
{
  pool->guard = guard;
}

void
ds_pool_set_values (DsPool *pool, GPtrArray *values)
{
  g_clear_pointer (&pool->values, g_bytes_unref);
  pool->generation++;
  pool->values = ds_values_request_write (values);
  pool->n_values = values != NULL ? values->len : 0;
  g_clear_pointer (&values, g_ptr_array_unref);
}

static gboolean
send_task (DsPool *pool, Worker *worker, Task *task)
{
  gint64 seconds = pool->limits.seconds;
  worker->task = task;
  if (worker->generation != pool->generation)
    {
      /* The worker makes their automaton before it begins with the task. */
      seconds += (gint64) (pool->n_values / DS_VALUES_PER_SECOND);
      gint64 give_up = g_get_monotonic_time () + (seconds + SEND_SECONDS) * G_USEC_PER_SEC;
      if (!ds_wire_write (worker->socket, give_up, DS_WIRE_VALUES, pool->values, NULL))
        return FALSE;
      worker->generation = pool->generation;
    }
  DsWireKind kind = task->kind == DS_TASK_SCAN ? DS_WIRE_SCAN : DS_WIRE_REWRITE;
  worker->deadline = g_get_monotonic_time () + WALL_PER_CPU * seconds * G_USEC_PER_SEC;
  worker->cpu_before = cpu_time (worker);
  return ds_wire_write (worker->socket, worker->deadline + SEND_SECONDS * G_USEC_PER_SEC, kind, task->request, task->blob);
}

static void
task_finish (Task *task, const char *failure)
{
  task->result->failure = failure;
  task->done = TRUE;
  g_clear_pointer (&task->blob, g_bytes_unref);
}

static gboolean
is_guarded (const DsPool *pool, const Task *task)
{
  return pool->guard != NULL && task->kind == DS_TASK_SCAN;
}

static void
blame (DsPool *pool, Task *task, const char *reason)
{
  if (!is_guarded (pool, task))
    return;
  if (task->name == NULL && task->blob != NULL)
    task->name = pool->guard->name (task->blob, pool->guard->data);
  if (task->name != NULL)
    pool->guard->blame (task->name, task->size, reason, pool->guard->data);
}

/* Whether the other end of the socket is closed. */
static gboolean
is_gone (const Worker *worker)
{
  struct pollfd poller = { worker->socket, 0, 0 };
  return poll (&poller, 1, 0) > 0 && (poller.revents & POLLHUP) != 0;
}

/* Asleep, and not for want of a processor: it waits for itself, as an allocator does that ran out of memory in its own lock. */
static gboolean
hangs (const Worker *worker)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", (int) worker->pid);
  g_autofree char *stat = NULL;
  if (!g_file_get_contents (path, &stat, NULL, NULL))
    return FALSE;
  const char *name_end = strrchr (stat, ')');
  return name_end != NULL && g_str_has_prefix (name_end, ") S");
}

/* The worker's task failed for that reason; a fresh worker takes the place. */
static gboolean
worker_replace (DsPool *pool, Worker *worker, const char *failure, GError **error)
{
  Task *task = worker->task;
  gboolean gone = is_gone (worker);
  /* On a machine that gave it no time the blob may be any. */
  gboolean worked = cpu_time (worker) - worker->cpu_before >= pool->limits.seconds * G_USEC_PER_SEC / 2 || hangs (worker);
  int status = worker_stop (worker);
  int number = WIFSIGNALED (status) ? WTERMSIG (status) : 0;
  if (gone && number == SIGXCPU)
    failure = DS_REASON_TIME;
  if (task != NULL)
    {
      gboolean killed_by_another = gone && number == SIGKILL;
      if (g_str_equal (failure, DS_REASON_TIME) ? worked || number == SIGXCPU : !killed_by_another)
        blame (pool, task, failure);
      task_finish (task, failure);
    }
  return worker_start (pool, worker, error);
}

/* The blob was sent: a large one is not kept. */
static void
let_go (DsPool *pool, Task *task)
{
  g_clear_pointer (&task->request, g_bytes_unref);
  if (is_guarded (pool, task) && task->size <= KEPT_BYTES)
    return;
  if (is_guarded (pool, task))
    task->name = pool->guard->name (task->blob, pool->guard->data);
  g_clear_pointer (&task->blob, g_bytes_unref);
}

/* Sends waiting tasks to idle workers.  A worker that could not be started is tried again before a task is taken for it. */
static gboolean
feed (DsPool *pool, GError **error)
{
  for (guint i = 0; i < pool->workers->len && !g_queue_is_empty (pool->waiting); i++)
    {
      Worker *worker = &g_array_index (pool->workers, Worker, i);
      if (worker->task != NULL)
        continue;
      if (worker->pid <= 0 && !worker_start (pool, worker, error))
        return FALSE;
      Task *task = g_queue_pop_head (pool->waiting);
      gboolean sent = send_task (pool, worker, task);
      let_go (pool, task);
      if (!sent && !worker_replace (pool, worker, DS_REASON_CRASHED, error))
        return FALSE;
    }
  return TRUE;
}

void
ds_pool_submit (DsPool *pool, DsTaskKind kind, GBytes *request, GBytes *blob, gpointer data)
{
  Task *task = g_new0 (Task, 1);
  task->kind = kind;
  task->request = request;
  task->blob = blob;
  task->size = g_bytes_get_size (blob);
  task->result = g_new0 (DsResult, 1);
  task->result->kind = kind;
  task->result->data = data;
  g_queue_push_tail (pool->order, task);
  const char *refused = is_guarded (pool, task) ? pool->guard->refuse (blob, pool->guard->data) : NULL;
  if (refused != NULL)
    {
      task_finish (task, refused);
      return;
    }
  g_queue_push_tail (pool->waiting, task);
  /* What fails here fails in ds_pool_next again, which can say so. */
  feed (pool, NULL);
}

gboolean
ds_pool_wants_more (const DsPool *pool)
{
  return g_queue_get_length (pool->waiting) == 0 && g_queue_get_length (pool->order) < 4 * pool->workers->len;
}

guint
ds_pool_pending (const DsPool *pool)
{
  return g_queue_get_length (pool->order);
}

/* A reply read from a worker, into its task's result; FALSE if it is nonsense. */
static gboolean
take_reply (Worker *worker, DsFrameOnWire *frame)
{
  DsResult *result = worker->task->result;
  if (frame->kind != DS_WIRE_REPLY)
    return FALSE;
  if (result->kind == DS_TASK_SCAN)
    {
      result->scan = ds_scan_reply_read (frame->body);
      return result->scan != NULL;
    }
  result->rewrite = ds_rewrite_reply_read (frame->body, frame->blob);
  return result->rewrite != NULL;
}

static gboolean
serve_reply (DsPool *pool, Worker *worker, GError **error)
{
  DsFrameOnWire frame;
  int code = ds_wire_read (worker->socket, worker->deadline, REPLY_LIMIT, &frame);
  gboolean good = code == 1 && take_reply (worker, &frame);
  ds_wire_clear (&frame);
  if (!good)
    return worker_replace (pool, worker, code == -1 ? DS_REASON_TIME : DS_REASON_CRASHED, error);
  task_finish (worker->task, NULL);
  worker->task = NULL;
  return TRUE;
}

/* Waits until some worker answers, dies or overruns. */
static gboolean
wait_once (DsPool *pool, GError **error)
{
  g_autofree struct pollfd *polls = g_new0 (struct pollfd, pool->workers->len);
  gint64 now = g_get_monotonic_time (), first = now + 60 * G_USEC_PER_SEC;
  for (guint i = 0; i < pool->workers->len; i++)
    {
      const Worker *worker = &g_array_index (pool->workers, Worker, i);
      polls[i] = (struct pollfd){ worker->task != NULL ? worker->socket : -1, POLLIN, 0 };
      if (worker->task != NULL)
        first = MIN (first, worker->deadline);
    }
  int ready = poll (polls, pool->workers->len, (int) CLAMP ((first - now) / 1000 + 1, 1, 60000));
  if (ready < 0)
    return TRUE; /* a signal: nothing is known of any worker */
  now = g_get_monotonic_time ();
  for (guint i = 0; i < pool->workers->len; i++)
    {
      Worker *worker = &g_array_index (pool->workers, Worker, i);
      gboolean answers = polls[i].revents != 0;
      if (answers && !serve_reply (pool, worker, error))
        return FALSE;
      if (!answers && worker->task != NULL && now >= worker->deadline && !worker_replace (pool, worker, DS_REASON_TIME, error))
        return FALSE;
    }
  return feed (pool, error);
}

DsResult *
ds_pool_next (DsPool *pool, GError **error)
{
  Task *task = g_queue_peek_head (pool->order);
  if (task == NULL || !feed (pool, error))
    return NULL;
  while (!task->done)
    if (!wait_once (pool, error))
      return NULL;
  g_queue_pop_head (pool->order);
  DsResult *result = g_steal_pointer (&task->result);
  task_free (task);
  return result;
}
