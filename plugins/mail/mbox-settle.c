/* After a crash during a rewrite.  Besides FILE.lock, which would keep mail from being delivered, two files may be left
 * beside the mbox:
 *   FILE.deskshred.ACTION           a copy, whole or not, that never came into place: removed
 *   FILE.deskshred.ACTION.old.SIZE  a second name of the mbox, if the rename did not come about, else the old mbox: what was
 *                                   appended to that after SIZE is carried over, then it is removed
 * A batch's files are named after its first change; the other changes of it find none, and only look at their message. */
#include "config.h"
#include "mbox.h"
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

/* The name of the old file, new string, or NULL. */
static char *
find_old (DsMbox *mbox, const char *action, guint64 *size_r)
{
  g_autoptr (GPtrArray) names = ds_place_names (mbox->folder);
  for (guint i = 0; names != NULL && i < names->len; i++)
    if (ds_mbox_old_name_parse (g_ptr_array_index (names, i), mbox->name, action, size_r))
      return g_strdup (g_ptr_array_index (names, i));
  return NULL;
}

static gboolean
same_file (int a, int b)
{
  struct stat left, right;
  return fstat (a, &left) == 0 && fstat (b, &right) == 0 && left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

static gboolean
settle_old (DsMbox *mbox, DsMboxLock *lock, const char *old_name, guint64 size, GError **error)
{
  struct stat status;
  int old = ds_place_open (mbox->folder, old_name, &status);
  if (old < 0)
    return set_settle_error (mbox, error);
  int fd = ds_mbox_lock_descriptor (lock);
  gboolean good = same_file (old, fd);
  if (!good)
    {
      ds_mbox_wait_for_writers (old);
      good = ds_mbox_carry_over (old, size, fd);
    }
  close (old);
  return (good && unlinkat (mbox->folder, old_name, 0) == 0) || set_settle_error (mbox, error);
}

static gboolean
clean_up (DsMbox *mbox, const char *action, GError **error)
{
  guint64 size = 0;
  g_autofree char *temporary = ds_mbox_temporary_name (mbox->name, action);
  g_autofree char *old_name = find_old (mbox, action, &size);
  gboolean left = faccessat (mbox->folder, temporary, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  if (!left && old_name == NULL && !ds_mbox_lock_is_left_over (mbox->folder, mbox->name))
    return TRUE;
  g_autoptr (DsMboxLock) lock = ds_mbox_lock_new (mbox->folder, mbox->name, mbox->path, mbox->wait_seconds, error);
  if (lock == NULL)
    return FALSE;
  if (left && unlinkat (mbox->folder, temporary, 0) != 0 && errno != ENOENT)
    return set_settle_error (mbox, error);
  if (old_name != NULL && !settle_old (mbox, lock, old_name, size, error))
    return FALSE;
  return fsync (mbox->folder) == 0 || set_settle_error (mbox, error);
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
