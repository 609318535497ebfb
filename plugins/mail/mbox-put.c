/* Changing messages of an mbox: one rewrite of the file for a whole batch.
 *
 * The new file (mbox-draft.h) is made beside the old one before anything is locked.  Then, under both locks (mbox-lock.h), if
 * the mbox is what it was, it is renamed over it, so that who wants to deliver mail waits for an instant only.  If the mbox is
 * another by then, the new file is thrown away and made again under the locks.
 *
 * Before the rename the old file gets a second name, that of mbox-late.h: a deliverer who had it open already, waiting for its
 * lock, appends to it after we let go.  That is then carried over, and if we are killed meanwhile settle does it. */
#include "config.h"
#include "mbox.h"
#include "mbox-draft.h"
#include "mbox-late.h"
#include "mbox-lock.h"
#include "mbox-rewrite.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

/* The times of a file changed so recently may not tell of a second change: file systems count in steps, FAT in two seconds. */
#define QUIET_SECONDS 3
/* Beside a disk that is all but full; more batches are then made. */
#define SPOOL_LEAST (16u << 20)

/* ---- before the intents ---- */

static gboolean
may_write (DsMbox *mbox, GError **error)
{
  if (!mbox->packed)
    return TRUE;
  g_set_error (error, DS_ERROR, DS_ERROR_REFUSED, "%s: it is compressed, so it is only read", mbox->path);
  return FALSE;
}

/* A draft made while others may write.  There is none if that can't be; then it is made under the locks, where it is also
 * found out what is wrong. */
static DsMboxDraft *
draft_ahead (DsMbox *mbox, DsChange **changes, guint n)
{
  struct stat status;
  if (fstatat (mbox->folder, mbox->name, &status, AT_SYMLINK_NOFOLLOW) != 0 || time (NULL) - status.st_ctim.tv_sec < QUIET_SECONDS)
    return NULL;
  return ds_mbox_draft_new (mbox, changes, n, NULL, NULL);
}

gboolean
ds_mbox_prepare (DsStore *store, DsChange **changes, guint n, GError **error)
{
  DsMbox *mbox = (DsMbox *) store;
  if (!may_write (mbox, error))
    return FALSE;
  ds_mbox_unprepare (mbox);
  mbox->draft = draft_ahead (mbox, changes, n);
  mbox->lock = ds_mbox_lock_new (mbox->folder, mbox->name, mbox->path, mbox->wait_seconds, error);
  if (mbox->lock == NULL || (mbox->draft != NULL && !ds_mbox_draft_is_current (mbox, mbox->draft)))
    g_clear_pointer (&mbox->draft, ds_mbox_draft_free);
  return mbox->lock != NULL;
}

void
ds_mbox_unprepare (DsMbox *mbox)
{
  g_clear_pointer (&mbox->draft, ds_mbox_draft_free);
  g_clear_pointer (&mbox->lock, ds_mbox_lock_free);
}

/* ---- the put ---- */

static gboolean
rename_over (DsMbox *mbox, const char *temporary, const char *old_name, GError **error)
{
  /* While the temporary name is there, the rename did not come about: settle goes by that, so it comes first and goes last.
   * File systems without hard links: then a delivery in the short while after the rename is safe from all but a crash. */
  gboolean good = fsync (mbox->folder) == 0;
  gboolean linked = good && linkat (mbox->folder, mbox->name, mbox->folder, old_name, 0) == 0;
  good = good && (linked || errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK) && fsync (mbox->folder) == 0
         && renameat (mbox->folder, temporary, mbox->folder, mbox->name) == 0;
  if (good && fsync (mbox->folder) == 0)
    return TRUE;
  ds_mbox_set_write_error (mbox, error);
  if (!good)
    {
      unlinkat (mbox->folder, old_name, 0);
      unlinkat (mbox->folder, temporary, 0);
    }
  return FALSE;
}

/* The locks are let go of here. */
static gboolean
put_in_place (DsMbox *mbox, DsMboxDraft *draft, const char *action, GError **error)
{
  guint64 size = (guint64) draft->status.st_size;
  g_autofree char *late_name = ds_mbox_late_name (mbox->name, action, size);
  if (!ds_mbox_lock_descriptor_now (draft->fd))
    {
      ds_mbox_set_write_error (mbox, error);
      unlinkat (mbox->folder, draft->name, 0);
      return FALSE;
    }
  if (!rename_over (mbox, draft->name, late_name, error))
    return FALSE;
  ds_mbox_draft_set_results (draft);
  /* Closed, so that its lock is gone as well. */
  close (draft->fd);
  draft->fd = -1;
  ds_mbox_lock_release (mbox->lock);
  return ds_mbox_late_carry (mbox, action, draft->old, size, error);
}

/* The draft made ahead gets its name, or another one is made. */
static DsMboxDraft *
take_draft (DsMbox *mbox, DsChange **changes, guint n, GError **error)
{
  g_autofree char *name = ds_mbox_temporary_name (mbox->name, changes[0]->action);
  DsMboxDraft *draft = g_steal_pointer (&mbox->draft);
  if (draft != NULL && (draft->fd < 0 || ds_mbox_draft_give_name (mbox, draft, name)))
    return draft;
  ds_mbox_draft_free (draft);
  return ds_mbox_draft_new (mbox, changes, n, name, error);
}

gboolean
ds_mbox_put (DsStore *store, DsChange **changes, guint n, GError **error)
{
  DsMbox *mbox = (DsMbox *) store;
  if (n == 0)
    return TRUE;
  if (mbox->lock == NULL && !ds_mbox_prepare (store, changes, n, error))
    return FALSE;
  g_autoptr (DsMboxDraft) draft = take_draft (mbox, changes, n, error);
  gboolean good = draft != NULL && (draft->fd < 0 || put_in_place (mbox, draft, changes[0]->action, error));
  ds_mbox_unprepare (mbox);
  /* Late mail that is not carried over yet belongs to changes that are not over yet: settle is to be asked. */
  for (guint i = 0; !good && i < n; i++)
    g_clear_pointer (&changes[i]->new_locator, g_free);
  return good;
}

/* Half of what the disk has beyond the new file itself. */
DsSpool *
ds_mbox_spool (DsStore *store, GError **error)
{
  DsMbox *mbox = (DsMbox *) store;
  g_autofree char *name = g_strconcat (mbox->name, ".deskshred.spool", NULL);
  struct statvfs disk;
  struct stat status;
  guint64 most = SPOOL_LEAST;
  if (fstatvfs (mbox->folder, &disk) == 0 && fstatat (mbox->folder, mbox->name, &status, AT_SYMLINK_NOFOLLOW) == 0)
    {
      guint64 room = (guint64) disk.f_bavail * disk.f_frsize, size = (guint64) status.st_size;
      most = MAX (most, room > size ? (room - size) / 2 : 0);
    }
  return ds_spool_new_file (mbox->folder, name, mbox->path, most, error);
}
