#include "config.h"
#include "mbox-draft.h"
#include "mbox-content.h"
#include "mbox-rewrite.h"
#include "place.h"
#include "swap.h"
#include "base/atomic-file.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* One message to be replaced. */
typedef struct
{
  DsChange *change;
  guint64 offset, message, end, next; /* as in DsMboxEntry */
  guint64 moved, length;              /* in the new file: where it stands, and how long its new bytes are */
  guint ordinal;
} Splice;

void
ds_mbox_draft_free (DsMboxDraft *draft)
{
  if (draft == NULL)
    return;
  if (draft->old >= 0)
    close (draft->old);
  if (draft->fd >= 0)
    close (draft->fd);
  g_clear_pointer (&draft->splices, g_array_unref);
  g_free (draft->name);
  g_free (draft);
}

void
ds_mbox_draft_drop (DsMbox *mbox, DsMboxDraft *draft)
{
  int kept = errno;
  if (draft->name != NULL)
    unlinkat (mbox->folder, draft->name, 0);
  ds_mbox_draft_free (draft);
  errno = kept;
}

gboolean
ds_mbox_set_write_error (DsMbox *mbox, GError **error)
{
  g_set_error (error, DS_ERROR, DS_ERROR_STORE, "%s: it cannot be rewritten: %s", mbox->path, g_strerror (errno));
  return FALSE;
}

/* ---- what is to be replaced ---- */

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
 * error only if the file, or the new content, can't be read. */
static gboolean
add_splice (DsMbox *mbox, DsMboxSource *source, const DsMboxEntry *entry, guint ordinal, DsChange *change, guint64 size,
            GArray *splices, GError **error)
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
  g_autoptr (GBytes) bytes = ds_change_bytes (change, error);
  g_autoptr (GBytes) stored = bytes != NULL ? ds_mbox_content_to_stored (bytes) : NULL;
  if (stored == NULL)
    return FALSE;
  if (!ds_mbox_content_fits (entry, entry->next == size, blob, stored, change->message, &change->error))
    return TRUE;
  const Splice splice = { .change = change, .offset = entry->offset, .message = entry->message, .end = entry->end, .next = entry->next,
                          .length = g_bytes_get_size (stored), .ordinal = ordinal };
  g_array_append_val (splices, splice);
  return TRUE;
}

/* One pass over the file: the splices in file order.  Keys need the ordinals, so the pass is from the start. */
static GArray *
find_splices (DsMbox *mbox, DsMboxSource *source, guint64 size, DsChange **changes, guint n, GError **error)
{
  g_autoptr (GArray) splices = g_array_new (FALSE, FALSE, sizeof (Splice));
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

/* ---- the new file ---- */

/* The old file with the splices in it. */
static gboolean
write_spliced (DsMbox *mbox, DsMboxDraft *draft, GError **error)
{
  guint64 at = 0, written = 0;
  for (guint i = 0; i < draft->splices->len; i++)
    {
      Splice *splice = &g_array_index (draft->splices, Splice, i);
      g_autoptr (GBytes) bytes = ds_change_bytes (splice->change, error);
      g_autoptr (GBytes) stored = bytes != NULL ? ds_mbox_content_to_stored (bytes) : NULL;
      if (stored == NULL)
        return FALSE;
      gsize length = 0;
      gconstpointer data = g_bytes_get_data (stored, &length);
      splice->moved = written + (splice->offset - at);
      if (!ds_mbox_copy_range (draft->old, at, splice->message - at, draft->fd) || !ds_write_all (draft->fd, data, length))
        return ds_mbox_set_write_error (mbox, error);
      written += splice->message - at + length;
      at = splice->end;
    }
  return ds_mbox_copy_range (draft->old, at, (guint64) draft->status.st_size - at, draft->fd) || ds_mbox_set_write_error (mbox, error);
}

static gboolean
write_new (DsMbox *mbox, DsMboxDraft *draft, const char *name, GError **error)
{
  draft->fd = name == NULL ? openat (mbox->folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)
                           : openat (mbox->folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (draft->fd < 0)
    return ds_mbox_set_write_error (mbox, error);
  draft->name = g_strdup (name);
  return write_spliced (mbox, draft, error)
         && ((ds_swap_copy_identity (draft->old, draft->fd, &draft->status) && fsync (draft->fd) == 0) || ds_mbox_set_write_error (mbox, error));
}

static gboolean
open_old (DsMbox *mbox, DsMboxDraft *draft, GError **error)
{
  draft->old = openat (mbox->folder, mbox->name, O_RDONLY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC);
  if (draft->old < 0)
    draft->old = openat (mbox->folder, mbox->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  return (draft->old >= 0 && fstat (draft->old, &draft->status) == 0) || ds_mbox_set_write_error (mbox, error);
}

static gboolean
make (DsMbox *mbox, DsChange **changes, guint n, const char *name, DsMboxDraft *draft, GError **error)
{
  if (!open_old (mbox, draft, error))
    return FALSE;
  int own = fcntl (draft->old, F_DUPFD_CLOEXEC, 3);
  g_autoptr (DsMboxSource) source = own >= 0 ? ds_mbox_source_new (own, FALSE) : NULL;
  if (source == NULL)
    return ds_mbox_set_write_error (mbox, error);
  draft->splices = find_splices (mbox, source, (guint64) draft->status.st_size, changes, n, error);
  return draft->splices != NULL && (draft->splices->len == 0 || write_new (mbox, draft, name, error));
}

DsMboxDraft *
ds_mbox_draft_new (DsMbox *mbox, DsChange **changes, guint n, const char *name, GError **error)
{
  DsMboxDraft *draft = g_new0 (DsMboxDraft, 1);
  draft->old = draft->fd = -1;
  for (guint i = 0; i < n; i++) /* of an earlier draft */
    g_clear_error (&changes[i]->error);
  if (make (mbox, changes, n, name, draft, error))
    return draft;
  ds_mbox_draft_drop (mbox, draft);
  return NULL;
}

gboolean
ds_mbox_draft_is_current (DsMbox *mbox, const DsMboxDraft *draft)
{
  struct stat now;
  if (fstatat (mbox->folder, mbox->name, &now, AT_SYMLINK_NOFOLLOW) != 0)
    return FALSE;
  DsMboxStamp then = ds_mbox_stamp (&draft->status), present = ds_mbox_stamp (&now);
  return memcmp (&then, &present, sizeof then) == 0;
}

gboolean
ds_mbox_draft_give_name (DsMbox *mbox, DsMboxDraft *draft, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", draft->fd);
  if (draft->name != NULL)
    return TRUE;
  if (linkat (AT_FDCWD, path, mbox->folder, name, AT_SYMLINK_FOLLOW) != 0)
    return FALSE;
  draft->name = g_strdup (name);
  return TRUE;
}

void
ds_mbox_draft_set_results (const DsMboxDraft *draft)
{
  struct stat status;
  if (fstat (draft->fd, &status) != 0)
    memset (&status, 0, sizeof status);
  DsMboxStamp stamp = ds_mbox_stamp (&status);
  for (guint i = 0; i < draft->splices->len; i++)
    {
      const Splice *splice = &g_array_index (draft->splices, Splice, i);
      guint64 length = splice->message - splice->offset + splice->length + (splice->next - splice->end);
      splice->change->new_locator = ds_mbox_locator (splice->moved, length, splice->ordinal, &stamp);
      splice->change->residual_links = (guint) draft->status.st_nlink - 1;
    }
}
