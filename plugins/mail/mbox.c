#include "config.h"
#include "mbox.h"
#include "mbox-content.h"
#include "place.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

DsMboxStamp
ds_mbox_stamp (const struct stat *status)
{
  return (DsMboxStamp){ .device = status->st_dev,
                        .inode = status->st_ino,
                        .size = (guint64) status->st_size,
                        .modified = (gint64) status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec,
                        .changed = (gint64) status->st_ctim.tv_sec * 1000000000 + status->st_ctim.tv_nsec };
}

static gboolean
same_stamp (const DsMboxStamp *a, const DsMboxStamp *b)
{
  return memcmp (a, b, sizeof *a) == 0;
}

static void
end_listing (DsMbox *mbox)
{
  g_clear_pointer (&mbox->listing, ds_mbox_source_free);
  g_clear_pointer (&mbox->seen, ds_mbox_seen_free);
}

static void
mbox_close (DsStore *store)
{
  DsMbox *mbox = (DsMbox *) store;
  end_listing (mbox);
  ds_mbox_source_free (mbox->source);
  ds_mbox_index_free (mbox->index);
  ds_mbox_unprepare (mbox);
  if (mbox->folder >= 0)
    close (mbox->folder);
  g_free (mbox->path);
  g_free (mbox->name);
  g_free (mbox->base.name);
  g_free (mbox);
}

static gboolean
set_store_error (DsMbox *mbox, GError **error)
{
  g_set_error (error, DS_ERROR, DS_ERROR_STORE, "%s: %s", mbox->path, g_strerror (errno));
  return FALSE;
}

static DsMboxSource *
open_source (DsMbox *mbox, DsMboxStamp *stamp_r, GError **error)
{
  struct stat status;
  int fd = ds_place_open (mbox->folder, mbox->name, &status);
  DsMboxSource *source = fd >= 0 ? ds_mbox_source_new (fd, mbox->packed) : NULL;
  if (source == NULL)
    set_store_error (mbox, error);
  else
    *stamp_r = ds_mbox_stamp (&status);
  return source;
}

char *
ds_mbox_locator (guint64 offset, guint64 length, guint ordinal, const DsMboxStamp *stamp)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT ":%u:%" G_GUINT64_FORMAT ":%" G_GINT64_FORMAT, offset, length,
                          ordinal, stamp->size, stamp->modified);
}

static DsStoreItem *
item_new (const DsMboxEntry *entry, guint ordinal, const DsMboxStamp *stamp)
{
  g_autofree char *message = ds_mbox_key (entry->digest, ordinal);
  g_autofree char *locator = ds_mbox_locator (entry->offset, entry->next - entry->offset, ordinal, stamp);
  GPtrArray *blobs = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_blob_free);
  g_ptr_array_add (blobs, ds_blob_new (DS_BLOB_MAIL, NULL, NULL, entry->end - entry->message));
  return ds_store_item_new (message, locator, NULL, entry->date, blobs);
}

static gboolean
mbox_list (DsStore *store, const DsSelect *select, GError **error)
{
  DsMbox *mbox = (DsMbox *) store;
  end_listing (mbox);
  if (!ds_store_has_one_queue (store, select, error))
    return FALSE;
  mbox->listing = open_source (mbox, &mbox->listing_stamp, error);
  mbox->seen = ds_mbox_seen_new ();
  mbox->at = 0;
  mbox->since = select != NULL ? select->since : 0;
  mbox->until = select != NULL ? select->until : 0;
  return mbox->listing != NULL;
}

/* Mail may have been delivered, or flags written, since the last call. */
static void
refresh_listing (DsMbox *mbox)
{
  struct stat status;
  if (mbox->packed || fstat (ds_mbox_source_descriptor (mbox->listing), &status) != 0)
    return;
  DsMboxStamp stamp = ds_mbox_stamp (&status);
  if (!same_stamp (&stamp, &mbox->listing_stamp))
    ds_mbox_source_forget (mbox->listing);
  mbox->listing_stamp = stamp;
}

static gboolean
is_wanted (const DsMbox *mbox, gint64 date)
{
  return (mbox->since == 0 || date >= mbox->since) && (mbox->until == 0 || date < mbox->until);
}

static DsStoreItem *
mbox_next (DsStore *store, GError **error)
{
  DsMbox *mbox = (DsMbox *) store;
  while (mbox->listing != NULL)
    {
      DsMboxEntry entry;
      gboolean at_end = FALSE;
      g_autoptr (GError) own = NULL;
      refresh_listing (mbox);
      if (!ds_mbox_entry (mbox->listing, mbox->key, mbox->at, &entry, &at_end, &own))
        {
          end_listing (mbox);
          if (own != NULL)
            g_propagate_prefixed_error (error, g_steal_pointer (&own), "%s: ", mbox->path);
          else if (!at_end)
            g_set_error (error, DS_ERROR, DS_ERROR_STORE, "%s: it was rewritten while it was read; run again", mbox->path);
          return NULL;
        }
      mbox->at = entry.next;
      guint ordinal = ds_mbox_seen_add (mbox->seen, entry.digest);
      if (is_wanted (mbox, entry.date))
        return item_new (&entry, ordinal, &mbox->listing_stamp);
    }
  return NULL;
}

/* The file as it is now; what was known of an earlier state is forgotten. */
static gboolean
refresh_source (DsMbox *mbox, GError **error)
{
  struct stat status;
  if (fstatat (mbox->folder, mbox->name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return set_store_error (mbox, error);
  DsMboxStamp stamp = ds_mbox_stamp (&status);
  if (mbox->source != NULL && same_stamp (&stamp, &mbox->stamp))
    return TRUE;
  g_clear_pointer (&mbox->source, ds_mbox_source_free);
  g_clear_pointer (&mbox->index, ds_mbox_index_free);
  mbox->source = open_source (mbox, &mbox->stamp, error);
  return mbox->source != NULL;
}

/* The offset in a locator that was made of the file as it is now, for the same ordinal. */
static gboolean
offset_in_locator (DsMbox *mbox, const char *locator, guint ordinal, guint64 *offset_r, guint64 *length_r)
{
  guint64 size = 0;
  gint64 modified = 0;
  guint own = 0;
  return locator != NULL
         && sscanf (locator, "%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT ":%u:%" G_GUINT64_FORMAT ":%" G_GINT64_FORMAT, offset_r,
                    length_r, &own, &size, &modified)
                == 5
         && own == ordinal && size == mbox->stamp.size && modified == mbox->stamp.modified;
}

gboolean
ds_mbox_locate (DsMbox *mbox, const char *message, const char *locator, DsMboxEntry *entry_r, guint *ordinal_r, GError **error)
{
  guint64 digest = 0, offset = 0, length = 0;
  gboolean at_end = FALSE;
  if (!refresh_source (mbox, error))
    return FALSE;
  if (ds_mbox_key_parse (message, &digest, ordinal_r))
    {
      if (offset_in_locator (mbox, locator, *ordinal_r, &offset, &length)
          && ds_mbox_entry (mbox->source, mbox->key, offset, entry_r, &at_end, NULL) && entry_r->digest == digest)
        return TRUE;
      if (mbox->index == NULL)
        mbox->index = ds_mbox_index_new (mbox->source, mbox->key, error);
      if (mbox->index == NULL)
        return FALSE;
      if (ds_mbox_index_find (mbox->index, digest, *ordinal_r, &offset)
          && ds_mbox_entry (mbox->source, mbox->key, offset, entry_r, &at_end, NULL) && entry_r->digest == digest)
        return TRUE;
    }
  errno = ENOENT;
  ds_place_set_error (error, message);
  return FALSE;
}

static DsStoreItem *
mbox_find (DsStore *store, const char *message, const char *locator, GError **error)
{
  DsMbox *mbox = (DsMbox *) store;
  DsMboxEntry entry;
  guint ordinal = 0;
  return ds_mbox_locate (mbox, message, locator, &entry, &ordinal, error) ? item_new (&entry, ordinal, &mbox->stamp) : NULL;
}

GBytes *
ds_mbox_blob (DsMboxSource *source, const DsMboxEntry *entry, const char *message, guint64 limit, GError **error)
{
  guint64 size = entry->end - entry->message;
  if (limit != 0 && size > limit)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_LIMIT, "message %s: larger than the limit of %" G_GUINT64_FORMAT " bytes", message,
                   limit);
      return NULL;
    }
  GBytes *stored = ds_mbox_source_read (source, entry->message, (gsize) size, error);
  return stored != NULL ? ds_mbox_content_from_stored (stored) : NULL;
}

/* Going back in a compressed file unpacks it from its beginning, so its messages are taken in one go, forwards, on the
 * word of the locator. */
static GBytes *
read_forwards (DsMbox *mbox, guint64 offset, guint64 length, GError **error)
{
  g_autoptr (GBytes) whole = ds_mbox_source_read (mbox->source, offset, (gsize) length, error);
  if (whole == NULL)
    return NULL;
  gsize size = 0;
  const char *data = g_bytes_get_data (whole, &size);
  const char *line = memchr (data, '\n', size);
  gsize start = line != NULL ? (gsize) (line - data) + 1 : size, end = size;
  if (end > start && data[end - 1] == '\n')
    {
      gsize empty = end - start >= 2 && data[end - 2] == '\r' ? 2 : 1;
      end -= data[end - empty - 1] == '\n' ? empty : 0;
    }
  return ds_mbox_content_from_stored (g_bytes_new (data + start, end - start));
}

static GBytes *
mbox_read (DsStore *store, const DsStoreItem *item, guint blob G_GNUC_UNUSED, guint64 limit, GError **error)
{
  DsMbox *mbox = (DsMbox *) store;
  DsMboxEntry entry;
  guint ordinal = 0;
  guint64 offset = 0, length = 0, digest = 0;
  if (mbox->packed && refresh_source (mbox, NULL) && ds_mbox_key_parse (item->message, &digest, &ordinal)
      && offset_in_locator (mbox, item->locator, ordinal, &offset, &length) && (limit == 0 || length <= limit))
    return read_forwards (mbox, offset, length, error);
  if (!ds_mbox_locate (mbox, item->message, item->locator, &entry, &ordinal, error))
    return NULL;
  return ds_mbox_blob (mbox->source, &entry, item->message, limit, error);
}

/* The file's own inode changes with every rewrite, ours or a mail reader's: the folder and the path stand for it. */
static char *
mbox_incarnation (DsStore *store, GError **error)
{
  DsMbox *mbox = (DsMbox *) store;
  struct stat status;
  g_autofree char *digest = ds_site_key_digest (mbox->key, "path", mbox->path, strlen (mbox->path), 16);
  if (fstat (mbox->folder, &status) == 0)
    return g_strdup_printf ("mbox:%" G_GINT64_MODIFIER "x:%" G_GINT64_MODIFIER "x:%s", (guint64) status.st_dev,
                            (guint64) status.st_ino, digest);
  set_store_error (mbox, error);
  return NULL;
}

static void
check_folder (DsMbox *mbox, GPtrArray *facts)
{
  gboolean works = faccessat (mbox->folder, ".", W_OK | X_OK, AT_EACCESS) == 0;
  char *remedy = works ? NULL : g_strdup ("let deskshred run as root, or in the group that owns the folder");
  char *text = g_strdup_printf ("%s.lock and the new file can%s be made in its folder", mbox->path, works ? "" : "not");
  g_ptr_array_add (facts, ds_store_fact_new (works ? DS_FACT_GOOD : DS_FACT_BAD, text, remedy));
}

static void
check_locks (DsMbox *mbox, GPtrArray *facts)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  struct stat status;
  int fd = ds_place_open (mbox->folder, mbox->name, &status);
  gboolean works = fd >= 0 && fcntl (fd, F_OFD_GETLK, &lock) == 0;
  if (fd >= 0)
    close (fd);
  const char *now = works && lock.l_type != F_UNLCK ? "; another program holds one now" : "";
  char *remedy = works ? NULL : g_strdup ("on NFS: is the lock service running?");
  char *text = g_strdup_printf ("fcntl locks %s%s", works ? "work" : "do not work", now);
  g_ptr_array_add (facts, ds_store_fact_new (works ? DS_FACT_GOOD : DS_FACT_BAD, text, remedy));
}

static GPtrArray *
mbox_check (DsStore *store)
{
  DsMbox *mbox = (DsMbox *) store;
  GPtrArray *facts = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_store_fact_free);
  g_ptr_array_add (facts, ds_store_fact_new (DS_FACT_GOOD, g_strdup_printf ("%s: an mbox", mbox->path), NULL));
  ds_place_check_access (facts, mbox->path);
  g_ptr_array_add (facts, ds_store_fact_new (DS_FACT_NOTE, g_strdup ("the senders' addresses in the \"From \" lines between messages are not cleaned"), NULL));
  if (mbox->packed)
    g_ptr_array_add (facts, ds_store_fact_new (DS_FACT_NOTE, g_strdup ("it is compressed: read only"),
                                               g_strdup ("unpack it to change it")));
  else
    {
      check_folder (mbox, facts);
      check_locks (mbox, facts);
    }
  ds_place_check_links (facts, mbox->path);
  /* Dovecot keeps index and cache of an mbox in .imap beside it, unless told otherwise. */
  if (faccessat (mbox->folder, ".imap", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
    g_ptr_array_add (facts, ds_store_fact_new (DS_FACT_NOTE, g_strdup ("a mail server keeps its own copies beside it: .imap"),
                                               g_strdup ("after a change let it build them anew; plugins/mail/README.md says how")));
  return facts;
}

static const DsStoreOps mbox_ops = {
  .name = "mail",
  .summary = "an mbox",
  .close = mbox_close,
  .list = mbox_list,
  .next = mbox_next,
  .find = mbox_find,
  .read = mbox_read,
  .prepare = ds_mbox_prepare,
  .spool = ds_mbox_spool,
  .put = ds_mbox_put,
  .settle = ds_mbox_settle,
  .tidy = ds_mbox_tidy,
  .incarnation = mbox_incarnation,
  .check = mbox_check,
};

DsStore *
ds_mbox_open (const DsStoreOptions *options, const char *path, gboolean packed, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);
  int folder = open (parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s: its folder: %s", path, g_strerror (errno));
      return NULL;
    }
  DsMbox *mbox = g_new0 (DsMbox, 1);
  mbox->base.ops = &mbox_ops;
  mbox->base.flags = packed ? DS_STORE_READ_ONLY : 0;
  mbox->base.name = g_strdup (options->name);
  mbox->key = options->key;
  mbox->path = g_strdup (path);
  mbox->name = g_path_get_basename (path);
  mbox->folder = folder;
  mbox->wait_seconds = options->wait_seconds;
  mbox->packed = packed;
  return &mbox->base;
}
