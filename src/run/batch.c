#include "config.h"
#include "run/batch.h"
#include "base/error.h"
#include "run/pending.h"
#include "run/recovery.h"
#include "run/reference.h"
#include <string.h>

/* For a store whose puts are independent of each other; and for one that is rewritten whole, where only memory limits: some
 * 700 bytes each. */
#define MESSAGES 500
#define MESSAGES_SPOOLED 20000
#define BYTES (16u << 20)
/* So many messages' entries are in memory, and go into the ledger in one transaction. */
#define SLICE 500
/* Somebody waits: a put is made once the gathering took so many times as long as the last put. */
#define RIPE 4

struct _DsBatch
{
  DsSession *session;
  DsChangeTotals *totals;
  GPtrArray *pendings; /* of DsPending */
  DsSpool *spool;      /* NULL until the first is added */
  gint64 began;        /* the present gathering, monotonic microseconds */
  gint64 put_took;     /* the last put */
};

DsBatch *
ds_batch_new (DsSession *session, DsChangeTotals *totals)
{
  DsBatch *batch = g_new0 (DsBatch, 1);
  batch->session = session;
  batch->totals = totals;
  batch->pendings = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_pending_free);
  return batch;
}

void
ds_batch_free (DsBatch *batch)
{
  if (batch == NULL)
    return;
  g_ptr_array_unref (batch->pendings);
  ds_spool_free (batch->spool);
  g_free (batch);
}

static gboolean
open_spool (DsBatch *batch, GError **error)
{
  DsStore *store = batch->session->store;
  if (batch->spool == NULL)
    batch->spool = store->ops->spool != NULL ? store->ops->spool (store, error) : ds_spool_new_memory (BYTES);
  return batch->spool != NULL;
}

gboolean
ds_batch_add (DsBatch *batch, const DsExaminedTicket *ticket, const DsExaminedBlob *blob, const char *action, const char *after,
              GBytes *bytes, const GPtrArray *entries, GError **error)
{
  DsPending *pending = open_spool (batch, error)
                         ? ds_pending_new (ticket, blob, action, after, bytes, entries, batch->spool, error)
                         : NULL;
  if (pending == NULL)
    return FALSE;
  if (batch->pendings->len == 0)
    batch->began = g_get_monotonic_time ();
  g_ptr_array_add (batch->pendings, pending);
  return TRUE;
}

guint
ds_batch_size (const DsBatch *batch)
{
  return batch->pendings->len;
}

gboolean
ds_batch_is_full (const DsBatch *batch)
{
  guint most = batch->session->store->ops->spool != NULL ? MESSAGES_SPOOLED : MESSAGES;
  return batch->pendings->len >= most || (batch->spool != NULL && ds_spool_is_full (batch->spool));
}

gboolean
ds_batch_is_ripe (const DsBatch *batch)
{
  return g_get_monotonic_time () - batch->began >= RIPE * batch->put_took;
}

/* ---- before the put ---- */

static gboolean
append_slice (DsBatch *batch, guint from, guint to, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_entry_free);
  for (guint i = from; i < to; i++)
    {
      g_autoptr (DsPendingFacts) facts = ds_pending_facts (g_ptr_array_index (batch->pendings, i), batch->spool, error);
      if (facts == NULL)
        return FALSE;
      g_ptr_array_extend_and_steal (entries, g_steal_pointer (&facts->entries));
      facts->entries = g_ptr_array_new ();
    }
  return ds_ledger_append (batch->session->ledger, entries, error);
}

static gboolean
append_intents (DsBatch *batch, GError **error)
{
  for (guint i = 0; i < batch->pendings->len; i += SLICE)
    if (!append_slice (batch, i, MIN (i + SLICE, batch->pendings->len), error))
      return FALSE;
  return TRUE;
}

/* ---- the put ---- */

static GPtrArray *
changes_of (DsBatch *batch, GError **error)
{
  g_autoptr (GPtrArray) changes = g_ptr_array_new ();
  for (guint i = 0; i < batch->pendings->len; i++)
    {
      DsChange *change = &((DsPending *) g_ptr_array_index (batch->pendings, i))->change;
      if (batch->session->store->ops->spool == NULL && (change->bytes = ds_spool_get (batch->spool, change->place, error)) == NULL)
        return NULL;
      g_ptr_array_add (changes, change);
    }
  return g_steal_pointer (&changes);
}

/* ---- after it ---- */

static gboolean
forget_removed (DsSession *session, const DsPending *pending, const DsPendingFacts *facts, GError **error)
{
  return ds_state_forget_removed (session->state, session->store_name, pending->message, (DsRemoved *) facts->removed->data,
                                  facts->removed->len, error);
}

/* Reads back what the store holds now; an item error if it is not what was intended. */
static gboolean
read_back (DsSession *session, DsPending *pending, const DsPendingFacts *facts, GError **error)
{
  g_autoptr (DsStoreItem) item = session->store->ops->find (session->store, pending->message,
                                                            pending->change.new_locator ?: pending->locator, error);
  g_autoptr (GBytes) bytes = item != NULL ? session->store->ops->read (session->store, item, pending->change.blob, 0, error) : NULL;
  g_autofree char *digest = bytes != NULL ? ds_content_digest (session->key, bytes) : NULL;
  if (digest == NULL)
    return FALSE;
  if (g_str_equal (digest, pending->after))
    return ds_state_set_locator (session->state, session->store_name, pending->message, ds_listing_locator (session, item), error)
           && forget_removed (session, pending, facts, error);
  g_set_error_literal (error, DS_ERROR, DS_ERROR_CHANGED, "after the change the store holds something else: changed by another");
  return FALSE;
}

/* A message whose fate the store did not tell: settle finds it out. */
static gboolean
settle_unknown (DsSession *session, DsPending *pending, GError **error)
{
  DsSettled settled = DS_SETTLED_NOT_DONE;
  if (pending->change.error != NULL || pending->change.new_locator != NULL)
    return TRUE;
  if (!session->store->ops->settle (session->store, &pending->change, &settled, error))
    return FALSE;
  if (settled == DS_SETTLED_CHANGED)
    g_set_error_literal (&pending->change.error, DS_ERROR, DS_ERROR_CHANGED, "changed by another; left as it is");
  else if (settled == DS_SETTLED_GONE)
    g_set_error_literal (&pending->change.error, DS_ERROR, DS_ERROR_GONE, "the message is gone");
  else if (settled == DS_SETTLED_NOT_DONE)
    g_set_error_literal (&pending->change.error, DS_ERROR, DS_ERROR_ITEM, "not done: the store failed");
  return TRUE;
}

static void
set_outcome (DsEntry *entry, const GError *why)
{
  entry->state = why == NULL ? DS_STATE_DONE : DS_STATE_FAILED;
  if (why == NULL)
    return;
  g_free (entry->detail);
  entry->detail = g_strdup_printf ("failed: %s", why->message);
}

/* Adds the outcome of one change to entries. */
static gboolean
conclude (DsBatch *batch, DsPending *pending, gboolean store_failed, GPtrArray *entries, GError **error)
{
  DsSession *session = batch->session;
  g_autoptr (DsPendingFacts) facts = ds_pending_facts (pending, batch->spool, error);
  if (facts == NULL || (store_failed && !settle_unknown (session, pending, error)))
    return FALSE;
  gboolean made = pending->change.error == NULL;
  if (made && !read_back (session, pending, facts, &pending->change.error) && !ds_error_is_item (pending->change.error))
    {
      g_propagate_error (error, g_steal_pointer (&pending->change.error));
      return FALSE;
    }
  if (made && pending->change.error != NULL && ds_error_is_unsure (pending->change.error))
    {
      pending->unsettled = TRUE;
      g_prefix_error (&pending->change.error, "changed, but it cannot be read again; the next run settles it: ");
      return TRUE;
    }
  for (guint i = 0; i < facts->entries->len; i++)
    set_outcome (g_ptr_array_index (facts->entries, i), pending->change.error);
  g_ptr_array_extend_and_steal (entries, g_steal_pointer (&facts->entries));
  facts->entries = g_ptr_array_new ();
  return TRUE;
}

static void
count_done (DsChangeTotals *totals, const DsPending *pending)
{
  totals->messages++;
  totals->edits += pending->edits;
  totals->shreds += pending->shreds;
  totals->bytes_before += pending->size_before;
  totals->bytes_after += pending->size_after;
  totals->residual_links += pending->change.residual_links;
  totals->signatures_broken += pending->is_signed;
  g_hash_table_add (totals->changed_tickets, g_strdup (pending->ticket));
  totals->tickets = g_hash_table_size (totals->changed_tickets);
}

static void
count_outcome (DsBatch *batch, const DsPending *pending)
{
  DsChangeTotals *totals = batch->totals;
  const GError *why = pending->change.error;
  if (why == NULL)
    {
      count_done (totals, pending);
      return;
    }
  if (g_error_matches (why, DS_ERROR, DS_ERROR_CHANGED) || g_error_matches (why, DS_ERROR, DS_ERROR_GONE))
    totals->changed_by_another++;
  else
    totals->failed++;
  if (!pending->unsettled)
    totals->left_unchanged += pending->edits;
  ds_change_totals_problem (totals, batch->session, pending->ticket, pending->message, why->message);
}

/* The state's rows of a slice are written in one go, before the ledger waits for the disk. */
static gboolean
conclude_slice (DsBatch *batch, guint from, guint to, gboolean store_failed, GError **error)
{
  DsSession *session = batch->session;
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_entry_free);
  if (!ds_state_begin (session->state, error))
    return FALSE;
  for (guint i = from; i < to; i++)
    if (!conclude (batch, g_ptr_array_index (batch->pendings, i), store_failed, entries, error))
      return FALSE;
  if (!ds_state_commit (session->state, error) || !ds_ledger_append (session->ledger, entries, error))
    return FALSE;
  for (guint i = from; i < to; i++)
    count_outcome (batch, g_ptr_array_index (batch->pendings, i));
  return TRUE;
}

static gboolean
put (DsBatch *batch, GError **error)
{
  DsStore *store = batch->session->store;
  g_autoptr (GError) put_error = NULL;
  /* What a run left that was killed beside us is settled before the same messages are changed. */
  g_autoptr (GPtrArray) changes = ds_recover_new (batch->session, error) ? changes_of (batch, error) : NULL;
  if (changes == NULL || (store->ops->prepare != NULL && !store->ops->prepare (store, (DsChange **) changes->pdata, changes->len, error))
      || !append_intents (batch, error))
    return FALSE;
  gboolean ok = store->ops->put (store, (DsChange **) changes->pdata, changes->len, &put_error);
  for (guint i = 0; i < batch->pendings->len; i += SLICE)
    if (!conclude_slice (batch, i, MIN (i + SLICE, batch->pendings->len), !ok, error))
      return FALSE;
  if (ok)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&put_error));
  return FALSE;
}

gboolean
ds_batch_put (DsBatch *batch, GError **error)
{
  if (batch->pendings->len == 0)
    return TRUE;
  gint64 began = g_get_monotonic_time ();
  gboolean ok = put (batch, error);
  g_ptr_array_set_size (batch->pendings, 0);
  ds_spool_clear (batch->spool);
  batch->put_took = g_get_monotonic_time () - began;
  return ok;
}
