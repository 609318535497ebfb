#include "config.h"
#include "store/store.h"
#include "base/error.h"
#include <string.h>

DsBlob *
ds_blob_new (DsBlobKind kind, const char *filename, const char *media_type, guint64 size)
{
  DsBlob *blob = g_new0 (DsBlob, 1);
  blob->kind = kind;
  blob->filename = g_strdup (filename);
  blob->media_type = g_strdup (media_type);
  blob->size = size;
  return blob;
}

void
ds_blob_free (DsBlob *blob)
{
  g_free (blob->filename);
  g_free (blob->media_type);
  g_free (blob);
}

DsStoreItem *
ds_store_item_new (const char *message, const char *locator, const char *queue, gint64 date, GPtrArray *blobs)
{
  DsStoreItem *item = g_new0 (DsStoreItem, 1);
  item->message = g_strdup (message);
  item->locator = g_strdup (locator);
  item->queue = g_strdup (queue);
  item->date = date;
  item->blobs = blobs;
  return item;
}

void
ds_store_item_free (DsStoreItem *item)
{
  if (item == NULL)
    return;
  g_free (item->message);
  g_free (item->locator);
  g_free (item->ticket);
  g_free (item->queue);
  g_free (item->path);
  g_free (item->status);
  g_ptr_array_unref (item->blobs);
  g_clear_error (&item->problem);
  g_free (item->hides);
  g_free (item);
}

DsStoreFact *
ds_store_fact_new (int level, char *text, char *remedy)
{
  DsStoreFact *fact = g_new0 (DsStoreFact, 1);
  fact->level = level;
  fact->text = text;
  fact->remedy = remedy;
  return fact;
}

void
ds_store_fact_free (DsStoreFact *fact)
{
  g_free (fact->text);
  g_free (fact->remedy);
  g_free (fact);
}

const DsStoreOps *
ds_store_ops_by_name (const char *name)
{
  for (guint i = 0; ds_store_list[i] != NULL; i++)
    if (g_str_equal (ds_store_list[i]->name, name))
      return ds_store_list[i];
  return NULL;
}

const DsStoreOps *
ds_store_ops_for_path (const char *path)
{
  for (guint i = 0; ds_store_list[i] != NULL; i++)
    if (ds_store_list[i]->is_path != NULL && ds_store_list[i]->is_path (path))
      return ds_store_list[i];
  return NULL;
}

void
ds_store_close (DsStore *store)
{
  if (store != NULL)
    store->ops->close (store);
}

GBytes *
ds_change_bytes (const DsChange *change, GError **error)
{
  return change->bytes != NULL ? g_bytes_ref (change->bytes) : ds_spool_get (change->spool, change->place, error);
}

char *
ds_content_digest (const DsSiteKey *key, GBytes *bytes)
{
  gsize size = 0;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  return ds_site_key_digest (key, "content", data, size, 64);
}

const char *
ds_queue_name (const char *queue)
{
  return queue != NULL ? queue : "INBOX";
}

gboolean
ds_queue_is_within (const char *queue, const char *name)
{
  const char *own = ds_queue_name (queue);
  gsize length = strlen (name);
  return strncmp (own, name, length) == 0 && (own[length] == '\0' || own[length] == '/');
}

gboolean
ds_store_has_one_queue (const DsStore *store, const DsSelect *select, GError **error)
{
  for (guint i = 0; select != NULL && select->queues != NULL && select->queues[i] != NULL; i++)
    if (!g_str_equal (select->queues[i], "*") && !g_str_equal (select->queues[i], ds_queue_name (NULL)))
      {
        g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s: there is no queue \"%s\"; it has no folders", store->name, select->queues[i]);
        return FALSE;
      }
  return TRUE;
}
