#include "config.h"
#include "worker/pool.h"
#include "base/error.h"
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
#include <unistd.h>

/* No honest reply is larger than a few times its blob. */
#define REPLY_LIMIT (1ull << 30)

/* How long a new worker may take to enter its cage, and how much longer than for its task to take that in. */
#define START_SECONDS 10
#define SEND_SECONDS 10
#define HELLO_LIMIT 4096

typedef struct
{
  DsTaskKind kind;
  GVariant *request;
  GBytes *blob;
  DsResult *result;
  gboolean done;
} Task;

typedef struct
{
  pid_t pid; /* 0: there is none; it could not be started */
  int socket;
  Task *task; /* borrowed; NULL: idle */
  gint64 deadline;
  guint64 generation; /* of the values it has */
} Worker;

struct _DsPool
{
  const DsWorkSetup *setup;
  DsCageLimits limits;
  GArray *workers;   /* of Worker */
  GQueue *order;     /* of Task, as submitted */
  GQueue *waiting;   /* of Task, not yet sent; borrowed */
  GVariant *values;  /* for new workers; NULL: none */
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
  g_clear_pointer (&task->request, g_variant_unref);
  g_clear_pointer (&task->blob, g_bytes_unref);
  ds_result_free (task->result);
  g_free (task);
}

static void
worker_stop (Worker *worker)
{
  if (worker->pid <= 0)
    return;
  close (worker->socket);
  kill (worker->pid, SIGKILL);
  while (waitpid (worker->pid, NULL, 0) < 0 && errno == EINTR)
    ;
  *worker = (Worker){ 0, -1, NULL, 0, 0 };
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

/* Without a cage no mail is parsed: a worker says first of all that it is in it. */
static gboolean
worker_is_confined (const Worker *worker, GError **error)
{
  DsFrameOnWire frame;
  gint64 deadline = g_get_monotonic_time () + START_SECONDS * G_USEC_PER_SEC;
  g_autofree char *why = NULL;
  if (ds_wire_read (worker->socket, deadline, HELLO_LIMIT, &frame) != 1)
    why = g_strdup ("a worker cannot be started: it ended, or hung, before its first task");
  else if (frame.kind != DS_WIRE_HELLO || !g_variant_is_of_type (frame.variant, G_VARIANT_TYPE_STRING))
    why = g_strdup ("a worker cannot be started: it answers nonsense");
  else
    why = g_variant_dup_string (frame.variant, NULL);
  ds_wire_clear (&frame);
  if (*why == '\0')
    return TRUE;
  g_set_error_literal (error, DS_ERROR, DS_ERROR_LEDGER, why);
  return FALSE;
}

static gboolean
worker_start (DsPool *pool, Worker *worker, GError **error)
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
  *worker = (Worker){ pid, pair[0], NULL, 0, 0 };
  if (worker_is_confined (worker, error))
    return TRUE;
  worker_stop (worker);
  return FALSE;
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
ds_pool_free (DsPool *pool)
{
  if (pool == NULL)
    return;
  for (guint i = 0; i < pool->workers->len; i++)
    worker_stop (&g_array_index (pool->workers, Worker, i));
  g_array_unref (pool->workers);
  g_queue_free (pool->waiting);
  g_queue_free_full (pool->order, (GDestroyNotify) task_free);
  g_clear_pointer (&pool->values, g_variant_unref);
  g_free (pool);
}

void
ds_pool_set_values (DsPool *pool, GPtrArray *values)
{
  GVariantBuilder builder;
  g_clear_pointer (&pool->values, g_variant_unref);
  pool->generation++;
  g_variant_builder_init (&builder, G_VARIANT_TYPE (DS_VALUES_TYPE));
  for (guint i = 0; values != NULL && i < values->len; i++)
    {
      const DsWantedValue *value = g_ptr_array_index (values, i);
      g_variant_builder_add (&builder, "(ubbs)", (guint32) value->kind, value->given, value->literal, value->value);
    }
  pool->values = g_variant_ref_sink (g_variant_builder_end (&builder));
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
      seconds += (gint64) (g_variant_n_children (pool->values) / DS_VALUES_PER_SECOND);
      gint64 give_up = g_get_monotonic_time () + (seconds + SEND_SECONDS) * G_USEC_PER_SEC;
      if (!ds_wire_write (worker->socket, give_up, DS_WIRE_VALUES, pool->values, NULL))
        return FALSE;
      worker->generation = pool->generation;
    }
  DsWireKind kind = task->kind == DS_TASK_SCAN ? DS_WIRE_SCAN : DS_WIRE_REWRITE;
  worker->deadline = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
  return ds_wire_write (worker->socket, worker->deadline + SEND_SECONDS * G_USEC_PER_SEC, kind, task->request, task->blob);
}

static void
task_finish (Task *task, const char *failure)
{
  task->result->failure = failure;
  task->done = TRUE;
}

/* The worker's task failed for that reason; a fresh worker takes the place. */
static gboolean
worker_replace (DsPool *pool, Worker *worker, const char *failure, GError **error)
{
  if (worker->task != NULL)
    task_finish (worker->task, failure);
  worker_stop (worker);
  return worker_start (pool, worker, error);
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
      g_clear_pointer (&task->blob, g_bytes_unref);
      g_clear_pointer (&task->request, g_variant_unref);
      if (!sent && !worker_replace (pool, worker, DS_REASON_CRASHED, error))
        return FALSE;
    }
  return TRUE;
}

void
ds_pool_submit (DsPool *pool, DsTaskKind kind, GVariant *request, GBytes *blob, gpointer data)
{
  Task *task = g_new0 (Task, 1);
  task->kind = kind;
  task->request = g_variant_ref_sink (request);
  task->blob = blob;
  task->result = g_new0 (DsResult, 1);
  task->result->kind = kind;
  task->result->data = data;
  g_queue_push_tail (pool->order, task);
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
      result->scan = ds_scan_reply_read (frame->variant);
      return result->scan != NULL;
    }
  if (!g_variant_is_of_type (frame->variant, G_VARIANT_TYPE (DS_REWRITE_REPLY_TYPE)) || !g_variant_is_normal_form (frame->variant))
    return FALSE;
  DsRewriteReply *reply = g_new0 (DsRewriteReply, 1);
  g_variant_get (frame->variant, DS_REWRITE_REPLY_TYPE, &reply->error, &reply->part, &reply->left);
  reply->bytes = reply->error == NULL ? g_steal_pointer (&frame->blob) : NULL;
  result->rewrite = reply;
  return reply->error != NULL || reply->bytes != NULL;
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
