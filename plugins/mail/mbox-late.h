/* plugins/mail/mbox-late: mail that was delivered to the old file of an mbox after the new one took its place.
 *
 * A deliverer that opens the mbox first and then waits for its lock (fcntl, FILE.lock, or both) appends, once it has that,
 * to the file it opened.  So after a rewrite all locks are let go of, and when nobody has the old file open for writing
 * any more, what it grew by is carried over to the mbox as it then is, under its locks.  The old file keeps a name until
 * that is done, which tells how far it came:
 *   FILE.deskshred.ACTION.old.SIZE               it had SIZE bytes; what stands after them is to be carried over
 *   FILE.deskshred.ACTION.old.SIZE.at.OFFSET.INODE   it is being put at OFFSET of the file INODE
 * The place is made before it is filled, so that others who append behind it, if we are killed, are not in the way, and
 * the next run can fill it again: each late message arrives once. */
#pragma once
#include "mbox.h"

G_BEGIN_DECLS

/* "FILE.deskshred.ACTION.old.SIZE"; new string. */
char *ds_mbox_late_name (const char *name, const char *action, guint64 size);

/* To be called without a lock, after the rewrite.  old: the old file, open for reading only.  DS_ERROR_STORE, DS_ERROR_LOCKED:
 * then the name stays, and settle is to be called later. */
gboolean ds_mbox_late_carry (DsMbox *mbox, const char *action, int old, guint64 size, GError **error);

/* TRUE if an old file of the action is there. */
gboolean ds_mbox_late_is_left (DsMbox *mbox, const char *action);
/* The same as carry after a crash, from wherever it came to.  in_place: the rewritten file had taken its place; if not, only
 * the name is removed.  Does nothing if there is no old file. */
gboolean ds_mbox_late_settle (DsMbox *mbox, const char *action, gboolean in_place, GError **error);

G_END_DECLS
