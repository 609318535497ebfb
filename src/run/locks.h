/* run/locks: locks by name: of each run, of a recovery, of a policy that is being carried out (DESIGN 3.5).  They are flock(2)
 * locks on files in the lock folder, so the kernel frees them when a process dies; its files stay, until recovery. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _DsLock DsLock;

/* Waits up to seconds (and a moment, since who only asks whether a lock is free holds it for that); DS_ERROR_LOCKED names what, DS_ERROR_LEDGER if the folder cannot be used.  name: a file name. */
DsLock *ds_lock_take (const char *folder, const char *name, const char *what, guint seconds, GError **error);
void ds_lock_free (DsLock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsLock, ds_lock_free)

/* TRUE if nobody holds the lock: the run of that name is over. */
gboolean ds_lock_is_free (const char *folder, const char *name);

/* The lock files of that prefix that nobody holds: what runs that were killed left.  Their names (GPtrArray of char *); empty
 * if the folder cannot be read. */
GPtrArray *ds_locks_left (const char *folder, const char *prefix);
/* Removes one of them, if still nobody holds it. */
void ds_lock_remove_left (const char *folder, const char *name);

G_END_DECLS
