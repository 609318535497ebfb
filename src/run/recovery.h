/* run/recovery: what an interrupted run left behind is settled before a new change begins (DESIGN 3.5). */
#pragma once
#include "run/session.h"

G_BEGIN_DECLS

typedef struct
{
  guint finished, abandoned, changed;
  guint unsettled; /* the message cannot be asked about now: its intent stays open, and the next run asks again */
} DsRecovered;

/* TRUE if that run is not at work any more; NULL is none. */
gboolean ds_run_is_over (const DsSession *session, const char *run);

/* Looks at the open intents of the session's store whose run is over, asks the store how far each came, and appends done,
 * abandoned or failed; then removes what the run left beside: lock files.  The intents of runs that are at work are left
 * alone.  DS_ERROR_LOCKED if another recovery of the store takes longer than --wait. */
gboolean ds_recover (DsSession *session, DsRecovered *recovered, GError **error);
/* The same, if a run was killed since the last recovery, of any store; else it costs a look into the lock folder. */
gboolean ds_recover_new (DsSession *session, GError **error);

G_END_DECLS
