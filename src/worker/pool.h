/* worker/pool: the parent's side: workers forked, fed, watched, replaced; results in the order of submission.
 *
 * A worker that dies or overruns costs its blob, and that task's result says why; nothing else is lost. */
#pragma once
#include "worker/blob-work.h"
#include "worker/cage.h"
#include "worker/task.h"

G_BEGIN_DECLS

typedef struct _DsPool DsPool;

typedef struct
{
  DsTaskKind kind;
  const char *failure;     /* why there is no reply (DS_REASON_CRASHED, DS_REASON_TIME), or NULL */
  DsScanReply *scan;       /* of a DS_TASK_SCAN without failure */
  DsRewriteReply *rewrite; /* of a DS_TASK_REWRITE without failure */
  gpointer data;           /* the submitter's */
} DsResult;

/* What remembers blobs that ended their worker, or overran it, by their own doing: not if somebody killed the worker, as a
 * machine out of memory does, or the machine gave it no time. */
typedef struct
{
  /* Why a blob is not given to a worker again (DS_REASON_...), or NULL. */
  const char *(*refuse) (GBytes *blob, gpointer data);
  /* What to remember a blob by (new string); called for large blobs before their bytes are let go. */
  char *(*name) (GBytes *blob, gpointer data);
  void (*blame) (const char *name, gsize size, const char *reason, gpointer data);
  gpointer data;
} DsPoolGuard;

void ds_result_free (DsResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsResult, ds_result_free)

/* Forks jobs workers; DS_ERROR_LEDGER if one cannot be confined.  setup is borrowed and must stay as it is.  Call before threads are made. */
DsPool *ds_pool_new (const DsWorkSetup *setup, guint jobs, const DsCageLimits *limits, GError **error);
void ds_pool_free (DsPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsPool, ds_pool_free)

/* Guards scans, which are done again and again; changes are not: each is asked for.  guard: borrowed, or NULL. */
void ds_pool_set_guard (DsPool *pool, const DsPoolGuard *guard);

/* From the next task on, these are the wanted values (GPtrArray of DsWantedValue, taken over; NULL: none). */
void ds_pool_set_values (DsPool *pool, GPtrArray *values);

/* Queues a task; request and blob are taken over.  A large blob is freed as soon as it is sent. */
void ds_pool_submit (DsPool *pool, DsTaskKind kind, GBytes *request, GBytes *blob, gpointer data);
/* TRUE if another task should be submitted before waiting: a worker is idle or the queue is short. */
gboolean ds_pool_wants_more (const DsPool *pool);
guint ds_pool_pending (const DsPool *pool);
/* The next result in the order of submission (waits); NULL if nothing was submitted, or with an error when no worker can
 * be made. */
DsResult *ds_pool_next (DsPool *pool, GError **error);
/* No result is wanted any more: frees the submitters' data of what was not taken.  Only ds_pool_free may follow. */
void ds_pool_abandon (DsPool *pool, GDestroyNotify free_data);

G_END_DECLS
