#include "config.h"
#include "run/listing.h"
#include "base/error.h"
#include "content/tree.h"

DsBlobForm
ds_blob_form (const DsStoreItem *item, guint blob)
{
  const DsBlob *entry = g_ptr_array_index (item->blobs, blob);
  return (DsBlobForm){ entry->kind == DS_BLOB_FILE, entry->filename, entry->media_type };
}

gboolean
ds_listing_may_read (const DsSession *session, const DsStoreItem *item)
{
  return session->never_read == NULL || !g_strv_contains ((const char *const *) session->never_read, item->queue != NULL ? item->queue : "INBOX");
}

const char *
ds_listing_locator (const DsSession *session, const DsStoreItem *item)
{
  return session->store->flags & DS_STORE_NEEDS_IN_PLACE ? NULL : item->locator;
}

const char *
ds_listing_reason (const GError *error)
{
  return g_error_matches (error, DS_ERROR, DS_ERROR_LIMIT) ? DS_REASON_SIZE : DS_REASON_UNREADABLE;
}

char *
ds_listing_index (DsSession *session, const DsStoreItem *item, const DsScanReply *reply, GError **error)
{
  static const char *const none[] = { NULL };
  DsThread thread = { NULL, none, NULL };
  if (item->ticket != NULL)
    return g_strdup (item->ticket);
  if (reply != NULL)
    thread = (DsThread){ reply->own, (const char *const *) reply->references, reply->ticket };
  return ds_state_index_message (session->state, session->store_name, item->message, ds_listing_locator (session, item), &thread, error);
}

/* The answer to one header-only task. */
static gboolean
index_result (DsSession *session, GError **error)
{
  g_autoptr (DsResult) result = ds_pool_next (session->pool, error);
  if (result == NULL)
    return FALSE;
  g_autoptr (DsStoreItem) item = result->data;
  g_autofree char *ticket = ds_state_begin (session->state, error) ? ds_listing_index (session, item, result->scan, error) : NULL;
  return ticket != NULL && ds_state_commit (session->state, error);
}

static gboolean
index_item (DsSession *session, DsStoreItem *item, GError **error)
{
  g_autoptr (GError) item_error = NULL;
  GBytes *bytes = item->problem == NULL ? session->store->ops->read (session->store, item, 0, 0, &item_error) : NULL;
  if (bytes == NULL)
    {
      /* It cannot be read now: a ticket of its own, until it can. */
      g_autofree char *ticket = ds_listing_index (session, item, NULL, error);
      ds_store_item_free (item);
      return ticket != NULL;
    }
  DsBlobForm form = ds_blob_form (item, 0);
  ds_pool_submit (session->pool, DS_TASK_SCAN, ds_task_scan_request (&form, DS_SCAN_THREAD_ONLY, 0), bytes, item);
  while (!ds_pool_wants_more (session->pool))
    if (!index_result (session, error))
      return FALSE;
  return TRUE;
}

static gboolean
refresh (DsSession *session, GError **error)
{
  DsSelect everything = { NULL, NULL, 0, 0 };
  if (!session->store->ops->list (session->store, &everything, error))
    return FALSE;
  for (;;)
    {
      g_autoptr (GError) list_error = NULL;
      g_autoptr (DsStoreItem) item = session->store->ops->next (session->store, &list_error);
      gboolean known = FALSE;
      if (item == NULL && list_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&list_error));
          return FALSE;
        }
      if (item == NULL)
        break;
      if (!ds_state_seen (session->state, session->store_name, item->message, ds_listing_locator (session, item), &known, error))
        return FALSE;
      if (!known && ds_listing_may_read (session, item) && !index_item (session, g_steal_pointer (&item), error))
        return FALSE;
    }
  while (ds_pool_pending (session->pool) > 0)
    if (!index_result (session, error))
      return FALSE;
  return TRUE;
}

gboolean
ds_listing_refresh_index (DsSession *session, GError **error)
{
  return ds_state_begin_listing (session->state, session->store_name, error) && refresh (session, error)
         && ds_state_end_listing (session->state, session->store_name, error);
}
