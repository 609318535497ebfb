#include "config.h"
#include "run/listing.h"
#include "base/error.h"
#include "content/tree.h"
#include "run/recovery.h"

DsBlobForm
ds_blob_form (const DsStoreItem *item, guint blob)
{
  const DsBlob *entry = g_ptr_array_index (item->blobs, blob);
  return (DsBlobForm){ entry->kind == DS_BLOB_FILE, entry->filename, entry->media_type };
}

gboolean
ds_listing_may_read (const DsSession *session, const DsStoreItem *item)
{
  for (guint i = 0; session->never_read != NULL && session->never_read[i] != NULL; i++)
    if (ds_queue_is_within (item->queue, session->never_read[i]))
      return FALSE;
  return TRUE;
}

DsStoreItem *
ds_listing_lost_item (const char *message, GError *problem)
{
  GPtrArray *blobs = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_blob_free);
  g_ptr_array_add (blobs, ds_blob_new (DS_BLOB_FILE, NULL, NULL, 0));
  DsStoreItem *item = ds_store_item_new (message, NULL, NULL, 0, blobs);
  item->problem = problem;
  return item;
}

const char *
ds_listing_locator (const DsSession *session, const DsStoreItem *item)
{
  return session->store->flags & DS_STORE_NAMED_LOCATORS ? NULL : item->locator;
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

static void
note_unindexed (DsSession *session, const GError *why)
{
  session->unindexed++;
  if (session->unindexed_why == NULL)
    session->unindexed_why = g_strdup (why->message);
}

static gboolean
index_item (DsSession *session, DsStoreItem *item, GError **error)
{
  g_autoptr (GError) item_error = NULL;
  guint64 limit = session->configuration->limits.blob_bytes;
  GBytes *bytes = item->problem == NULL ? session->store->ops->read (session->store, item, 0, limit, &item_error) : NULL;
  if (bytes == NULL)
    {
      /* Of what ticket it is, is not known, and may be once it can be read. */
      gboolean is_item = item_error == NULL || ds_error_is_item (item_error);
      const GError *why = item_error != NULL ? item_error : item->problem;
      /* What another run is about to put in its place is no message. */
      if (!g_error_matches (why, DS_ERROR, DS_ERROR_GONE) && !g_error_matches (why, DS_ERROR, DS_ERROR_CHANGED))
        note_unindexed (session, why);
      ds_store_item_free (item);
      if (!is_item)
        g_propagate_error (error, g_steal_pointer (&item_error));
      return is_item;
    }
  const DsScanRequest request = { ds_blob_form (item, 0), DS_SCAN_THREAD_ONLY, 0 };
  ds_pool_submit (session->pool, DS_TASK_SCAN, ds_scan_request_write (&request), bytes, item);
  while (!ds_pool_wants_more (session->pool))
    if (!index_result (session, error))
      return FALSE;
  return TRUE;
}

gboolean
ds_listing_begin (DsSession *session, const DsSelection *selection, GError **error)
{
  DsSelect select = { (const char *const *) selection->queues, (const char *const *) selection->statuses, selection->since,
                      selection->until };
  DsStore *store = session->store;
  if (selection->statuses != NULL && (store->flags & DS_STORE_HAS_STATUS) == 0)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s: tickets have no status in this store", session->store_name);
      return FALSE;
    }
  return store->ops->list (store, &select, error);
}

gboolean
ds_listing_still_there (DsSession *session, const DsStoreItem *item, gboolean *known_r, GError **error)
{
  if (item->hides != NULL)
    ds_state_hidden (session->state, session->store_name, item->hides);
  return ds_state_seen (session->state, session->store_name, item->message, ds_listing_locator (session, item), known_r, error);
}

static gboolean
refresh (DsSession *session, GError **error)
{
  session->unindexed = 0;
  g_clear_pointer (&session->unindexed_why, g_free);
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
      if (!ds_listing_still_there (session, item, &known, error))
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
  DsRecovered recovered;
  /* What an interrupted change left lies about in the store until that is settled. */
  if (session->run_lock != NULL && !ds_recover (session, &recovered, error))
    return FALSE;
  return ds_state_begin_listing (session->state, session->store_name, error) && refresh (session, error)
         && ds_state_end_listing (session->state, session->store_name, error);
}

GPtrArray *
ds_listing_messages (DsSession *session, const char *name, char **ticket_r, GError **error)
{
  g_autofree char *ticket = ds_state_resolve_ticket (session->state, session->store_name, name, error);
  g_autoptr (GPtrArray) messages = ticket != NULL ? ds_state_messages_of (session->state, session->store_name, ticket, error) : NULL;
  if (messages == NULL)
    return NULL;
  if (messages->len == 0 && session->ticket_pattern != NULL)
    {
      g_autofree char *shown = ds_ticket_pattern_name (session->ticket_pattern, name, session->matcher, session->key);
      g_clear_pointer (&messages, g_ptr_array_unref);
      g_clear_pointer (&ticket, g_free);
      ticket = ds_state_resolve_ticket (session->state, session->store_name, shown, error);
      messages = ticket != NULL ? ds_state_messages_of (session->state, session->store_name, ticket, error) : NULL;
    }
  *ticket_r = messages != NULL ? g_steal_pointer (&ticket) : NULL;
  return g_steal_pointer (&messages);
}
