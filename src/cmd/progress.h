/* cmd/progress: how far a long run is, on a terminal that is standard error; nowhere else, and not with --quiet. */
#pragma once
#include "run/session.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean wanted;
  const char *unit;   /* "messages", "tickets" */
  gint64 began, last; /* monotonic, microseconds */
  gboolean shown;
} DsProgress;

/* unit: borrowed. */
DsProgress ds_progress_new (const DsGlobalOptions *options, const char *unit);
/* total 0: not known, so no time left is told.  more: of the run, or NULL.  Cheap enough to be called for every message. */
void ds_progress_show (DsProgress *progress, guint64 done, guint64 total, const char *more);
/* Takes the line away until it is shown again: something else is to stand on the terminal. */
void ds_progress_hide (DsProgress *progress);
/* For good. */
void ds_progress_end (DsProgress *progress);

/* The session tells of its plan's or change's tickets; progress must outlive it. */
void ds_progress_watch (DsProgress *progress, DsSession *session);

G_END_DECLS
