/* plugins/mail/mbox-lock: an mbox locked against those who deliver into it and those who read and expunge it.
 *
 * Both customs are kept, as the Debian policy (11.6) orders them: fcntl(2) on the file first, then FILE.lock made with
 * O_EXCL; without blocking, and if the second is not had the first is let go before the next try, so that two programs
 * with another order can't stand in each other's way for ever.  flock(2) is not kept: on Linux it does not meet fcntl(2) locks,
 * no deliverer of Debian uses it alone, and where it is mapped to the same lock (NFS) it would meet our own. */
#pragma once
#include <glib.h>
#include <sys/stat.h>

G_BEGIN_DECLS

typedef struct _DsMboxLock DsMboxLock;

/* Locks folder/name; path is what errors call it.  DS_ERROR_LOCKED after wait_seconds, DS_ERROR_STORE if a lock can't be
 * made at all. */
DsMboxLock *ds_mbox_lock_new (int folder, const char *name, const char *path, guint wait_seconds, GError **error);
/* Releases what is still held. */
void ds_mbox_lock_free (DsMboxLock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsMboxLock, ds_mbox_lock_free)

/* TRUE if a lock file of ours is there whose process is no more: taking and releasing the lock removes it. */
gboolean ds_mbox_lock_is_left_over (int folder, const char *name);

/* The locked file, open for reading and writing; owned by the lock. */
int ds_mbox_lock_descriptor (const DsMboxLock *lock);
/* Lets go of both: those who wait may go on. */
void ds_mbox_lock_release (DsMboxLock *lock);
/* An fcntl lock for writing, not waited for; FALSE with errno set. */
gboolean ds_mbox_lock_descriptor_now (int fd);

G_END_DECLS
