#include "config.h"
#include "run/change.h"
#include "action/replacement.h"
#include "base/error.h"
#include "run/intent.h"
#include "run/recovery.h"
#include "run/reference.h"
#include <signal.h>
#include <string.h>

/* A batch is put when it has grown so far: an mbox is rewritten once per batch, a Maildir does not care. */
#define BATCH_MESSAGES 500
#define BATCH_BYTES (16u << 20)

/* One message's change on its way: the store's part and the entries that tell of it. */
typedef struct
{
  DsChange change;
  char *message, *locator, *before, *after, *action;
  char *ticket;
  GPtrArray *entries; /* of DsEntry: intents */
  GPtrArray *removed; /* of char *[4]: part, text, fingerprint, NULL; or part, NULL for a shredded one */
  guint edits, shreds;
  guint64 size_before;
  gboolean is_signed;
} Pending;

struct _DsChanger
{
  DsSession *session;
  const DsWarrant *warrant;
  DsChangeTotals *totals;
  GPtrArray *batch; /* of Pending */
  gsize batch_bytes;
  GPtrArray *locks;   /* of DsLock: of the tickets in the batch */
  GHashTable *locked; /* their names */
};

void
ds_change_totals_init (DsChangeTotals *totals)
{
  memset (totals, 0, sizeof *totals);
  totals->problems = g_ptr_array_new_with_free_func (g_free);
  totals->changed_tickets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

void
ds_change_totals_clear (DsChangeTotals *totals)
{
  g_clear_pointer (&totals->problems, g_ptr_array_unref);
  g_clear_pointer (&totals->changed_tickets, g_hash_table_unref);
}

static void
pending_free (Pending *pending)
{
  g_clear_error (&pending->change.error);
  g_clear_pointer (&pending->change.bytes, g_bytes_unref);
  g_free (pending->change.new_locator);
  g_free (pending->message);
  g_free (pending->locator);
  g_free (pending->before);
  g_free (pending->after);
  g_free (pending->action);
  g_free (pending->ticket);
  g_ptr_array_unref (pending->entries);
  g_ptr_array_unref (pending->removed);
  g_free (pending);
}

static volatile sig_atomic_t interrupted;

static void
note_signal (int number G_GNUC_UNUSED)
{
  interrupted = 1;
}

/* SIGINT and SIGTERM end the run between two tickets, with everything begun carried through. */
static void
catch_signals (void)
{
  struct sigaction action = { .sa_handler = note_signal, .sa_flags = SA_RESTART };
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
}

DsChanger *
ds_changer_new (DsSession *session, const DsWarrant *warrant, DsChangeTotals *totals)
{
  DsChanger *changer = g_new0 (DsChanger, 1);
  changer->session = session;
  changer->warrant = warrant;
  changer->totals = totals;
  changer->batch = g_ptr_array_new_with_free_func ((GDestroyNotify) pending_free);
  changer->locks = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_lock_free);
  changer->locked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  catch_signals ();
  return changer;
}

void
ds_changer_free (DsChanger *changer)
{
  if (changer == NULL)
    return;
  g_ptr_array_unref (changer->batch);
  g_ptr_array_unref (changer->locks);
  g_hash_table_unref (changer->locked);
  g_free (changer);
}

static void
note_problem (DsChanger *changer, const char *ticket, const char *message, const char *why)
{
  g_autofree char *ref = ds_reference_write (changer->session->store_name, ticket, message, NULL);
  g_ptr_array_add (changer->totals->problems, g_strdup_printf ("%s: %s", ref, why));
}

/* ---- new bytes ---- */

static GArray *
text_edits (const DsExaminedBlob *blob, GPtrArray *owned)
{
  GArray *edits = g_array_new (FALSE, FALSE, sizeof (DsTextEdit));
  for (guint i = 0; i < blob->edits->len; i++)
    {
      const DsPlannedEdit *planned = g_ptr_array_index (blob->edits, i);
      const DsFinding *f = planned->finding;
      char *label = ds_replacement_for_span (f->kind, f->origin == DS_ORIGIN_GIVEN, (DsQuoting) f->quoting, planned->ordinal);
      DsTextEdit edit = { f->leaf, f->text, { f->start, f->end }, label };
      g_ptr_array_add (owned, label);
      g_array_append_val (edits, edit);
    }
  return edits;
}

static GPtrArray *
tombstones (DsChanger *changer, const DsExaminedBlob *blob, const char *action)
{
  GPtrArray *replacements = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_replacement_free);
  g_autofree char *now = ds_time_text ();
  for (guint i = 0; i < blob->shreds->len; i++)
    {
      const DsPlannedShred *shred = g_ptr_array_index (blob->shreds, i);
      DsTombstone tombstone = { action, shred->part->extension, shred->part->media_type, shred->part->size, now, "the help desk",
                                changer->warrant->reason->code, changer->warrant->case_reference };
      g_ptr_array_add (replacements, ds_tombstone_write (shred->part->number, &tombstone));
    }
  return replacements;
}

/* The present bytes, if they are still those that were examined. */
static GBytes *
read_examined (DsChanger *changer, const DsExaminedTicket *ticket, const DsExaminedBlob *blob, GError **error)
{
  DsSession *session = changer->session;
  g_autoptr (GError) read_error = NULL;
  g_autoptr (GBytes) bytes = session->store->ops->read (session->store, blob->item, blob->blob, 0, &read_error);
  if (bytes == NULL && !ds_error_is_item (read_error))
    {
      g_propagate_error (error, g_steal_pointer (&read_error));
      return NULL;
    }
  g_autofree char *digest = bytes != NULL ? ds_content_digest (session->key, bytes) : NULL;
  if (g_strcmp0 (digest, blob->digest) == 0)
    return g_steal_pointer (&bytes);
  changer->totals->changed_by_another++;
  note_problem (changer, ticket->ticket, blob->item->message, "changed by another meanwhile; left as it is");
  return NULL;
}

static DsResult *
rewrite_blob (DsChanger *changer, const DsExaminedBlob *blob, const DsOrder *order, const char *action, GBytes *bytes, GError **error)
{
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) edits = text_edits (blob, labels);
  g_autoptr (GPtrArray) replacements = tombstones (changer, blob, action);
  DsBlobForm form = ds_blob_form (blob->item, blob->blob);
  GVariant *request = ds_task_rewrite_request (&form, edits, replacements, ds_order_where (order), blob->spared);
  ds_pool_submit (changer->session->pool, DS_TASK_REWRITE, request, bytes, NULL);
  return ds_pool_next (changer->session->pool, error);
}

/* ---- the batch ---- */

/* What is no longer open once the change is done. */
static void
note_removed (Pending *pending, const DsExaminedBlob *blob)
{
  pending->removed = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  for (guint i = 0; i < blob->edits->len; i++)
    {
      const DsFinding *f = ((const DsPlannedEdit *) g_ptr_array_index (blob->edits, i))->finding;
      const char *removed[] = { f->part, f->text_label, f->fingerprint, NULL };
      g_ptr_array_add (pending->removed, g_strdupv ((char **) removed));
    }
  for (guint i = 0; i < blob->shreds->len; i++)
    {
      const char *removed[] = { ((const DsPlannedShred *) g_ptr_array_index (blob->shreds, i))->part->number, NULL };
      g_ptr_array_add (pending->removed, g_strdupv ((char **) removed));
    }
}

static gboolean
forget_removed (DsSession *session, const Pending *pending, GError **error)
{
  for (guint i = 0; i < pending->removed->len; i++)
    {
      char **removed = g_ptr_array_index (pending->removed, i);
      const char *text = removed[1], *fingerprint = text != NULL ? removed[2] : NULL;
      if (!ds_state_forget_removed (session->state, session->store_name, pending->message, removed[0], text, fingerprint, error))
        return FALSE;
    }
  return TRUE;
}

static void
add_to_batch (DsChanger *changer, const DsExaminedTicket *ticket, const DsExaminedBlob *blob, const char *action, GBytes *bytes)
{
  Pending *pending = g_new0 (Pending, 1);
  pending->message = g_strdup (blob->item->message);
  pending->locator = g_strdup (blob->item->locator);
  pending->ticket = g_strdup (ticket->ticket);
  pending->before = g_strdup (blob->digest);
  pending->after = ds_content_digest (changer->session->key, bytes);
  pending->action = g_strdup (action);
  pending->edits = blob->edits->len;
  pending->shreds = blob->shreds->len;
  pending->size_before = blob->size;
  pending->change.message = pending->message;
  pending->change.locator = pending->locator;
  pending->change.blob = blob->blob;
  pending->change.before = pending->before;
  pending->change.after = pending->after;
  pending->change.action = pending->action;
  pending->change.bytes = g_bytes_ref (bytes);
  pending->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_entry_free);
  const DsIntentFacts facts = { changer->session, changer->warrant, ticket, blob, pending->action, pending->before, pending->after };
  if (blob->edits->len > 0)
    g_ptr_array_add (pending->entries, ds_intent_redact (&facts));
  for (guint i = 0; i < blob->shreds->len; i++)
    g_ptr_array_add (pending->entries, ds_intent_shred (&facts, g_ptr_array_index (blob->shreds, i)));
  note_removed (pending, blob);
  pending->is_signed = blob->is_signed;
  g_ptr_array_add (changer->batch, pending);
  changer->batch_bytes += g_bytes_get_size (bytes);
}

static gboolean
append_intents (DsChanger *changer, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  for (guint i = 0; i < changer->batch->len; i++)
    g_ptr_array_extend (entries, ((Pending *) g_ptr_array_index (changer->batch, i))->entries, NULL, NULL);
  return ds_ledger_append (changer->session->ledger, entries, error);
}

/* Reads back what the store holds now; an item error if it is not what was intended. */
static gboolean
read_back (DsChanger *changer, Pending *pending, GError **error)
{
  DsSession *session = changer->session;
  g_autoptr (DsStoreItem) item = session->store->ops->find (session->store, pending->message,
                                                            pending->change.new_locator ?: pending->locator, error);
  g_autoptr (GBytes) bytes = item != NULL ? session->store->ops->read (session->store, item, pending->change.blob, 0, error) : NULL;
  g_autofree char *digest = bytes != NULL ? ds_content_digest (session->key, bytes) : NULL;
  if (digest == NULL)
    return FALSE;
  if (g_str_equal (digest, pending->after))
    return ds_state_begin (session->state, error)
           && ds_state_set_locator (session->state, session->store_name, pending->message, ds_listing_locator (session, item), error)
           && forget_removed (session, pending, error) && ds_state_commit (session->state, error);
  g_set_error_literal (error, DS_ERROR, DS_ERROR_CHANGED, "after the change the store holds something else: changed by another");
  return FALSE;
}

static void
count_done (DsChanger *changer, const Pending *pending)
{
  DsChangeTotals *totals = changer->totals;
  totals->messages++;
  totals->edits += pending->edits;
  totals->shreds += pending->shreds;
  totals->bytes_before += pending->size_before;
  totals->bytes_after += g_bytes_get_size (pending->change.bytes);
  totals->residual_links += pending->change.residual_links;
  totals->signatures_broken += pending->is_signed;
  g_hash_table_add (totals->changed_tickets, g_strdup (pending->ticket));
  totals->tickets = g_hash_table_size (totals->changed_tickets);
}

static void
count_failed (DsChanger *changer, const Pending *pending)
{
  const GError *why = pending->change.error;
  if (g_error_matches (why, DS_ERROR, DS_ERROR_CHANGED) || g_error_matches (why, DS_ERROR, DS_ERROR_GONE))
    changer->totals->changed_by_another++;
  else
    changer->totals->failed++;
  note_problem (changer, pending->ticket, pending->message, why->message);
}

/* A message whose fate the store did not tell: settle finds it out. */
static gboolean
settle_unknown (DsChanger *changer, Pending *pending, GError **error)
{
  DsSession *session = changer->session;
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

static gboolean
append_outcomes (DsChanger *changer, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  for (guint i = 0; i < changer->batch->len; i++)
    {
      Pending *pending = g_ptr_array_index (changer->batch, i);
      for (guint k = 0; k < pending->entries->len; k++)
        {
          DsEntry *entry = g_ptr_array_index (pending->entries, k);
          entry->state = pending->change.error == NULL ? DS_STATE_DONE : DS_STATE_FAILED;
          if (pending->change.error != NULL)
            {
              g_free (entry->detail);
              entry->detail = g_strdup_printf ("failed: %s", pending->change.error->message);
            }
          g_ptr_array_add (entries, entry);
        }
    }
  return ds_ledger_append (changer->session->ledger, entries, error);
}

static gboolean
put_batch (DsChanger *changer, GError **error)
{
  DsSession *session = changer->session;
  g_autoptr (GPtrArray) changes = g_ptr_array_new ();
  for (guint i = 0; i < changer->batch->len; i++)
    g_ptr_array_add (changes, &((Pending *) g_ptr_array_index (changer->batch, i))->change);
  g_autoptr (GError) put_error = NULL;
  gboolean ok = session->store->ops->put (session->store, (DsChange **) changes->pdata, changes->len, &put_error);
  for (guint i = 0; i < changer->batch->len; i++)
    {
      Pending *pending = g_ptr_array_index (changer->batch, i);
      if (!ok && !settle_unknown (changer, pending, error))
        return FALSE;
      if (pending->change.error == NULL && !read_back (changer, pending, &pending->change.error)
          && !ds_error_is_item (pending->change.error))
        {
          g_propagate_error (error, g_steal_pointer (&pending->change.error));
          return FALSE;
        }
    }
  if (!append_outcomes (changer, error))
    return FALSE;
  for (guint i = 0; i < changer->batch->len; i++)
    {
      Pending *pending = g_ptr_array_index (changer->batch, i);
      (pending->change.error == NULL ? count_done : count_failed) (changer, pending);
    }
  if (ok)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&put_error));
  return FALSE;
}

gboolean
ds_changer_flush (DsChanger *changer, GError **error)
{
  gboolean ok = TRUE;
  if (changer->batch->len > 0)
    ok = append_intents (changer, error) && put_batch (changer, error);
  g_ptr_array_set_size (changer->batch, 0);
  g_ptr_array_set_size (changer->locks, 0);
  g_hash_table_remove_all (changer->locked);
  changer->batch_bytes = 0;
  return ok;
}

/* ---- one ticket ---- */

/* A part that cannot be rewritten is not edited: the action rises to the attachment it is (DESIGN 3.2), and that is
 * shredded.  FALSE if it is none. */
static gboolean
rise_to_shred (DsExaminedBlob *blob, const char *part)
{
  const DsPartInfo *info = NULL;
  for (guint i = 0; i < blob->parts->len && info == NULL; i++)
    if (g_str_equal (((const DsPartInfo *) g_ptr_array_index (blob->parts, i))->number, part))
      info = g_ptr_array_index (blob->parts, i);
  if (info == NULL || !info->attachment)
    return FALSE;
  for (guint i = blob->edits->len; i-- > 0;)
    if (g_str_equal (((const DsPlannedEdit *) g_ptr_array_index (blob->edits, i))->finding->part, part))
      g_ptr_array_remove_index (blob->edits, i);
  ds_examined_blob_shred (blob, info);
  return TRUE;
}

static gboolean
change_blob (DsChanger *changer, const DsExaminedTicket *ticket, DsExaminedBlob *blob, const DsOrder *order, GError **error)
{
  g_autoptr (GError) read_error = NULL;
  g_autoptr (GBytes) bytes = read_examined (changer, ticket, blob, &read_error);
  if (read_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&read_error));
      return FALSE;
    }
  if (bytes == NULL)
    return TRUE;
  g_autofree char *action = ds_random_id (16);
  g_autoptr (DsResult) result = rewrite_blob (changer, blob, order, action, g_bytes_ref (bytes), error);
  if (result != NULL && result->failure == NULL && result->rewrite->error != NULL && result->rewrite->part != NULL
      && rise_to_shred (blob, result->rewrite->part))
    {
      ds_result_free (result);
      result = rewrite_blob (changer, blob, order, action, g_bytes_ref (bytes), error);
    }
  if (result == NULL)
    return FALSE;
  if (result->failure != NULL || result->rewrite->error != NULL)
    {
      changer->totals->failed++;
      note_problem (changer, ticket->ticket, blob->item->message, result->failure != NULL ? result->failure : result->rewrite->error);
      return TRUE;
    }
  add_to_batch (changer, ticket, blob, action, result->rewrite->bytes);
  return TRUE;
}

static gboolean
change_examined (DsChanger *changer, DsExaminedTicket *ticket, const DsOrder *order, GError **error)
{
  DsChangeTotals *totals = changer->totals;
  for (guint i = 0; i < ticket->blobs->len; i++)
    {
      DsExaminedBlob *blob = g_ptr_array_index (ticket->blobs, i);
      if (blob->failure != NULL)
        {
          totals->failed++;
          note_problem (changer, ticket->ticket, blob->item->message, blob->failure);
        }
      else if ((blob->edits->len > 0 || blob->shreds->len > 0) && !change_blob (changer, ticket, blob, order, error))
        return FALSE;
    }
  totals->values += ticket->n_values;
  totals->left_headers += ticket->left_headers;
  totals->left_metadata += ticket->left_metadata;
  totals->left_elsewhere += ticket->left_elsewhere;
  totals->not_looked_at += ticket->not_looked_at;
  totals->tombstones += ticket->tombstones;
  totals->left_elsewhere += ticket->unrewritable;
  totals->failed += ticket->unrewritable;
  if (ticket->unrewritable > 0)
    note_problem (changer, ticket->ticket, NULL, "found, but in bytes that cannot be rewritten; nothing there was changed");
  return TRUE;
}

/* Takes the ticket's lock.  While it is another's, the batch gathered so far is not kept waiting, and other runs not for
 * it; and what that other run left behind, if it died, is settled before the ticket is looked at. */
static gboolean
lock_ticket (DsChanger *changer, const char *ticket, GError **error)
{
  DsSession *session = changer->session;
  g_autofree char *what = ds_reference_write (session->store_name, ticket, NULL, NULL);
  g_autofree char *digest = ds_site_key_digest (session->key, "lock", what, strlen (what), 24);
  g_autofree char *name = g_strconcat ("ticket-", digest, NULL);
  const char *folder = session->configuration->lock_folder;
  if (g_hash_table_contains (changer->locked, ticket) && !ds_changer_flush (changer, error))
    return FALSE;
  g_autoptr (GError) busy = NULL;
  DsLock *lock = ds_lock_take (folder, name, what, 0, &busy);
  if (lock == NULL && g_error_matches (busy, DS_ERROR, DS_ERROR_LOCKED))
    {
      DsRecovered recovered;
      if (!ds_changer_flush (changer, error))
        return FALSE;
      lock = ds_lock_take (folder, name, what, (guint) MAX (session->options->wait, 0), error);
      if (lock != NULL && !ds_recover (session, &recovered, error))
        {
          ds_lock_free (lock);
          return FALSE;
        }
    }
  else if (lock == NULL)
    g_propagate_error (error, g_steal_pointer (&busy));
  if (lock == NULL)
    return FALSE;
  g_ptr_array_add (changer->locks, lock);
  g_hash_table_add (changer->locked, g_strdup (ticket));
  return TRUE;
}

gboolean
ds_changer_ticket (DsChanger *changer, const char *ticket, const DsOrder *order, GError **error)
{
  if (interrupted)
    {
      if (ds_changer_flush (changer, error))
        g_set_error_literal (error, DS_ERROR, DS_ERROR_LEDGER, "interrupted: what was begun is finished, the rest was not begun");
      return FALSE;
    }
  if (!lock_ticket (changer, ticket, error))
    return FALSE;
  g_autoptr (DsExaminedTicket) examined = ds_examine (changer->session, ticket, order, error);
  if (examined == NULL || !change_examined (changer, examined, order, error))
    return FALSE;
  if (changer->batch->len < BATCH_MESSAGES && changer->batch_bytes < BATCH_BYTES)
    return TRUE;
  return ds_changer_flush (changer, error);
}
