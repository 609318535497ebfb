/* worker/cage: what a worker may still do once it has begun: compute, use its memory, talk over one socket. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 memory; /* address space beyond what the process has at that moment, bytes */
  guint seconds;  /* CPU time for one task */
} DsCageLimits;

/* Whatever libraries read from disk is loaded here, before the parent forks workers. */
void ds_cage_preload (void);

/* Closes every descriptor but socket (above 2), puts /dev/null in the place of the standard ones, makes the process undumpable, sets its limits, gives up privileges, and lets the
 * kernel refuse all system calls but a few (seccomp).  DS_ERROR_LEDGER (the run must not go on without a cage). */
gboolean ds_cage_enter (int socket, const DsCageLimits *limits, GError **error);

/* Grants the next task its CPU time, and extra seconds. */
void ds_cage_next_task (const DsCageLimits *limits, guint extra);

/* TRUE if the program was built with a sanitizer, whose run time needs more than the cage gives. */
gboolean ds_cage_is_loose (void);

G_END_DECLS
