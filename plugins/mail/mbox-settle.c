/* After a crash during a rewrite.  Besides FILE.lock, which would keep mail from being delivered, two files may be left
 * beside the mbox:
 *   FILE.deskshred.ACTION           a copy, whole or not, that never came into place: removed
 *   FILE.deskshred.ACTION.old.SIZE  a second name of the mbox, if that copy is there too; else the old mbox, to which late mail
 *                                   may have been appended (mbox-late.h)
 * A batch's files are named after its first change; the other changes of it find none, and only look at their message. */
#include "config.h"
#include "mbox.h"
#include "mbox-late.h"
#include "mbox-lock.h"
#include "mbox-rewrite.h"
#include "place.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static gboolean
set_settle_error (DsMbox *mbox, GError **error)
{
  g_set_error (error, DS_ERROR, DS_ERROR_STORE, "%s: an interrupted change cannot be settled: %s", mbox->path, g_strerror (errno));
  return FALSE;
}

/* A lock file of a process that is no more goes, by being taken and let go of. */
gboolean
ds_mbox_tidy (DsStore *store, GError **error)
{
  DsMbox *mbox = (DsMbox *) store;
  if (mbox->packed || !ds_mbox_lock_is_left_over (mbox->folder, mbox->name))
    return TRUE;
  g_autoptr (GError) own = NULL;
  g_autoptr (DsMboxLock) lock = ds_mbox_lock_new (mbox->folder, mbox->name, mbox->path, mbox->wait_seconds, &own);
  if (lock != NULL || !ds_mbox_lock_is_left_over (mbox->folder, mbox->name)) /* another run took care of it */
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&own));
  return FALSE;
}

static gboolean
clean_up (DsMbox *mbox, const char *action, GError **error)
{
  g_autofree char *temporary = ds_mbox_temporary_name (mbox->name, action);
  gboolean left = faccessat (mbox->folder, temporary, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  if (!ds_mbox_tidy (&mbox->base, error))
    return FALSE;
  if (!left && !ds_mbox_late_is_left (mbox, action))
    return TRUE;
  if (!ds_mbox_late_settle (mbox, action, !left, error))
    return FALSE;
  return ((unlinkat (mbox->folder, temporary, 0) == 0 || errno == ENOENT) && fsync (mbox->folder) == 0) || set_settle_error (mbox, error);
}

gboolean
ds_mbox_settle (DsStore *store, DsChange *change, DsSettled *settled_r, GError **error)
{
  DsMbox *mbox = (DsMbox *) store;
  g_autoptr (GError) own = NULL;
  DsMboxEntry entry;
  guint ordinal = 0;
  if (!mbox->packed && !clean_up (mbox, change->action, error))
    return FALSE;
  gboolean there = ds_mbox_locate (mbox, change->message, change->locator, &entry, &ordinal, &own);
  if (!there && g_error_matches (own, DS_ERROR, DS_ERROR_GONE))
    {
      *settled_r = DS_SETTLED_GONE;
      return TRUE;
    }
  g_autoptr (GBytes) blob = there ? ds_mbox_blob (mbox->source, &entry, change->message, 0, &own) : NULL;
  if (blob == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&own));
      return FALSE;
    }
  g_autofree char *digest = ds_content_digest (mbox->key, blob);
  *settled_r = g_str_equal (digest, change->after)    ? DS_SETTLED_DONE
               : g_str_equal (digest, change->before) ? DS_SETTLED_NOT_DONE
                                                      : DS_SETTLED_CHANGED;
  change->new_locator = ds_mbox_locator (entry.offset, entry.next - entry.offset, ordinal, &mbox->stamp);
  return TRUE;
}
