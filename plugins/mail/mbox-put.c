/* Changing messages of an mbox: one rewrite of the file for a whole batch.
 *
 * Under both locks (mbox-lock.h): every message is found and its digest compared; the file is copied beside itself with the
 * new messages in place of the old, fsynced, and renamed over.  Before that the old file gets a second name that tells its
 * size, FILE.deskshred.ACTION.old.SIZE: a deliverer who had the old file open already, waiting for its lock, appends to
 * it after we let go; what stands after SIZE is then carried over, and if we are killed meanwhile settle does it. */
#include "config.h"
#include "mbox.h"
#include "mbox-content.h"
#include "mbox-lock.h"
#include "mbox-rewrite.h"
#include "place.h"
#include "swap.h"
#include "base/atomic-file.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One message to be replaced. */
typedef struct
{
  DsChange *change;
  DsMboxEntry entry;
  guint ordinal;
  GBytes *stored;
  guint64 moved; /* its offset in the new file */
} Splice;

static void
splice_free (Splice *splice)
{
  if (splice->stored != NULL)
    g_bytes_unref (splice->stored);
  g_free (splice);
}

static void
set_item_error (DsChange *change, DsErrorCode code, const char *text)
{
  if (change->error == NULL)
    change->error = g_error_new (DS_ERROR, code, "message %s: %s", change->message, text);
}

/* The changes by message; a second change of the same message is refused. */
static GHashTable *
wanted_messages (DsChange **changes, guint n)
{
  GHashTable *wanted = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < n; i++)
    if (g_hash_table_contains (wanted, changes[i]->message))
      set_item_error (changes[i], DS_ERROR_ITEM, "two changes of it in one batch");
    else
      g_hash_table_insert (wanted, (gpointer) changes[i]->message, changes[i]);
  return wanted;
}

/* Checks that a found message is what the change expects and can be changed; sets the change's error if not. FALSE with an
 * error only if the file can't be read. */
static gboolean
add_splice (DsMbox *mbox, DsMboxSource *source, const DsMboxEntry *entry, guint ordinal, DsChange *change, guint64 size,
            GPtrArray *splices, GError **error)
{
  if (entry->next > size)
    {
      set_item_error (change, DS_ERROR_CHANGED, "it is being written, by a program that does not lock");
      return TRUE;
    }
  g_autoptr (GBytes) blob = ds_mbox_blob (source, entry, change->message, 0, error);
  if (blob == NULL)
    return FALSE;
  g_autofree char *digest = ds_content_digest (mbox->key, blob);
  if (!g_str_equal (digest, change->before))
    {
      set_item_error (change, DS_ERROR_CHANGED, "its content is not the one expected");
      return TRUE;
    }
  g_autoptr (GBytes) stored = ds_mbox_content_to_stored (change->bytes);
  if (!ds_mbox_content_fits (entry, entry->next == size, blob, stored, change->message, &change->error))
    return TRUE;
  Splice *splice = g_new0 (Splice, 1);
  splice->change = change;
  splice->entry = *entry;
  splice->ordinal = ordinal;
  splice->stored = g_steal_pointer (&stored);
  g_ptr_array_add (splices, splice);
  return TRUE;
}

/* One pass over the locked file: the splices in file order.  Keys need the ordinals, so the pass is from the start. */
static GPtrArray *
find_splices (DsMbox *mbox, DsMboxSource *source, guint64 size, DsChange **changes, guint n, GError **error)
{
  g_autoptr (GPtrArray) splices = g_ptr_array_new_with_free_func ((GDestroyNotify) splice_free);
  g_autoptr (GHashTable) wanted = wanted_messages (changes, n);
  g_autoptr (DsMboxSeen) seen = ds_mbox_seen_new ();
  g_autoptr (GError) own = NULL;
  DsMboxEntry entry = { .next = 0 };
  gboolean at_end = FALSE;
  while (ds_mbox_entry (source, mbox->key, entry.next, &entry, &at_end, &own))
    {
      guint ordinal = ds_mbox_seen_add (seen, entry.digest);
      g_autofree char *message = ds_mbox_key (entry.digest, ordinal);
      DsChange *change = g_hash_table_lookup (wanted, message);
      if (change == NULL)
        continue;
      g_hash_table_remove (wanted, message);
      if (!add_splice (mbox, source, &entry, ordinal, change, size, splices, &own))
        break;
    }
  if (own != NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&own), "%s: ", mbox->path);
      return NULL;
    }
  GHashTableIter iter;
  gpointer change = NULL;
  g_hash_table_iter_init (&iter, wanted);
  while (g_hash_table_iter_next (&iter, NULL, &change))
    set_item_error (change, DS_ERROR_GONE, "it is no longer there");
  return g_steal_pointer (&splices);
}

/* The old file with the splices in it. */
static gboolean
write_spliced (int from, int to, guint64 size, GPtrArray *splices)
{
  guint64 at = 0, written = 0;
  for (guint i = 0; i < splices->len; i++)
    {
      Splice *splice = g_ptr_array_index (splices, i);
      gsize length = 0;
      gconstpointer data = g_bytes_get_data (splice->stored, &length);
      splice->moved = written + (splice->entry.offset - at);
      if (!ds_mbox_copy_range (from, at, splice->entry.message - at, to) || !ds_write_all (to, data, length))
        return FALSE;
      written += splice->entry.message - at + length;
      at = splice->entry.end;
    }
  return ds_mbox_copy_range (from, at, size - at, to);
}

static gboolean
set_write_error (DsMbox *mbox, GError **error)
{
  g_set_error (error, DS_ERROR, DS_ERROR_STORE, "%s: it cannot be rewritten: %s", mbox->path, g_strerror (errno));
  return FALSE;
}

/* The whole new file under its temporary name, locked: its descriptor, or -1. */
static int
write_temporary (DsMbox *mbox, int old, const struct stat *status, const char *temporary, GPtrArray *splices, GError **error)
{
  int fd = openat (mbox->folder, temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      set_write_error (mbox, error);
      return -1;
    }
  if (write_spliced (old, fd, (guint64) status->st_size, splices) && ds_swap_copy_identity (old, fd, status)
      && ds_mbox_lock_descriptor_now (fd) && fsync (fd) == 0)
    return fd;
  set_write_error (mbox, error);
  close (fd);
  unlinkat (mbox->folder, temporary, 0);
  return -1;
}

static gboolean
rename_over (DsMbox *mbox, const char *temporary, const char *old_name, GError **error)
{
  /* File systems without hard links: then a delivery in the short while after the rename is safe from all but a crash. */
  gboolean linked = linkat (mbox->folder, mbox->name, mbox->folder, old_name, 0) == 0;
  gboolean good = (linked || errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK) && fsync (mbox->folder) == 0
                  && renameat (mbox->folder, temporary, mbox->folder, mbox->name) == 0;
  if (good && fsync (mbox->folder) == 0)
    return TRUE;
  set_write_error (mbox, error);
  if (!good)
    {
      unlinkat (mbox->folder, temporary, 0);
      unlinkat (mbox->folder, old_name, 0);
    }
  return FALSE;
}

static void
set_results (GPtrArray *splices, int fd, guint links)
{
  struct stat status;
  if (fstat (fd, &status) != 0)
    memset (&status, 0, sizeof status);
  DsMboxStamp stamp = ds_mbox_stamp (&status);
  for (guint i = 0; i < splices->len; i++)
    {
      Splice *splice = g_ptr_array_index (splices, i);
      guint64 gap = splice->entry.next - splice->entry.end;
      guint64 length = splice->entry.message - splice->entry.offset + g_bytes_get_size (splice->stored) + gap;
      splice->change->new_locator = ds_mbox_locator (splice->moved, length, splice->ordinal, &stamp);
      splice->change->residual_links = links - 1;
    }
}

/* lock is released here as far as the old file is concerned. */
static gboolean
rewrite (DsMbox *mbox, DsMboxLock *lock, const struct stat *status, const char *action, GPtrArray *splices, GError **error)
{
  g_autofree char *temporary = ds_mbox_temporary_name (mbox->name, action);
  g_autofree char *old_name = ds_mbox_old_name (mbox->name, action, (guint64) status->st_size);
  int old = openat (mbox->folder, mbox->name, O_RDONLY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC);
  if (old < 0)
    old = openat (mbox->folder, mbox->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (old < 0)
    return set_write_error (mbox, error);
  int fd = write_temporary (mbox, old, status, temporary, splices, error);
  gboolean good = fd >= 0 && rename_over (mbox, temporary, old_name, error);
  if (good)
    {
      ds_mbox_lock_release_file (lock);
      ds_mbox_wait_for_writers (old);
      good = (ds_mbox_carry_over (old, (guint64) status->st_size, fd)
              && (unlinkat (mbox->folder, old_name, 0) == 0 || errno == ENOENT) && fsync (mbox->folder) == 0)
             || set_write_error (mbox, error);
      set_results (splices, fd, (guint) status->st_nlink);
    }
  if (fd >= 0)
    close (fd);
  close (old);
  return good;
}

static gboolean
put_locked (DsMbox *mbox, DsMboxLock *lock, DsChange **changes, guint n, GError **error)
{
  struct stat status;
  int own = fcntl (ds_mbox_lock_descriptor (lock), F_DUPFD_CLOEXEC, 3);
  g_autoptr (DsMboxSource) source = own >= 0 ? ds_mbox_source_new (own, FALSE) : NULL;
  if (source == NULL || fstat (own, &status) != 0)
    return set_write_error (mbox, error);
  g_autoptr (GPtrArray) splices = find_splices (mbox, source, (guint64) status.st_size, changes, n, error);
  if (splices == NULL)
    return FALSE;
  /* The source's descriptor shares the lock's open file: it must not keep the lock alive in rewrite. */
  g_clear_pointer (&source, ds_mbox_source_free);
  return splices->len == 0 || rewrite (mbox, lock, &status, changes[0]->action, splices, error);
}

gboolean
ds_mbox_put (DsStore *store, DsChange **changes, guint n, GError **error)
{
  DsMbox *mbox = (DsMbox *) store;
  if (mbox->packed)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_REFUSED, "%s: it is compressed, so it is only read", mbox->path);
      return FALSE;
    }
  if (n == 0)
    return TRUE;
  g_autoptr (DsMboxLock) lock = ds_mbox_lock_new (mbox->folder, mbox->name, mbox->path, mbox->wait_seconds, error);
  return lock != NULL && put_locked (mbox, lock, changes, n, error);
}
