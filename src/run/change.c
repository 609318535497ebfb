#include "config.h"
#include "run/change.h"
#include "action/replacement.h"
#include "base/error.h"
#include "run/batch.h"
#include "run/recovery.h"
#include "run/reference.h"
#include "run/ticket-locks.h"
#include <signal.h>
#include <string.h>

struct _DsChanger
{
  DsSession *session;
  const DsWarrant *warrant;
  DsChangeTotals *totals;
  DsBatch *batch;
  DsTicketLocks *locks; /* of the tickets in the batch, and of the one that is looked at */
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
  changer->batch = ds_batch_new (session, totals);
  changer->locks = ds_ticket_locks_new (session->configuration->lock_folder, session->store_name, session->key);
  catch_signals ();
  return changer;
}

void
ds_changer_free (DsChanger *changer)
{
  if (changer == NULL)
    return;
  ds_batch_free (changer->batch);
  ds_ticket_locks_free (changer->locks);
  g_free (changer);
}

void
ds_change_totals_problem (DsChangeTotals *totals, const DsSession *session, const char *ticket, const char *message, const char *why)
{
  g_autofree char *ref = ds_reference_write (session->store_name, ticket, message, NULL);
  g_ptr_array_add (totals->problems, g_strdup_printf ("%s: %s", ref, why));
}

void
ds_change_totals_recovered (DsChangeTotals *totals, const DsRecovered *recovered)
{
  if (recovered->unsettled == 0)
    return;
  totals->failed += recovered->unsettled;
  g_ptr_array_add (totals->problems, g_strdup_printf ("%u change%s of an interrupted run cannot be looked into: what became of %s is not known yet",
                                                      recovered->unsettled, recovered->unsettled == 1 ? "" : "s",
                                                      recovered->unsettled == 1 ? "it" : "them"));
}

void
ds_change_totals_unindexed (DsChangeTotals *totals, const DsSession *session)
{
  totals->not_looked_at += session->unindexed;
  if (session->unindexed == 0 || session->narrowed)
    return;
  totals->failed += session->unindexed;
  g_autofree char *others = session->unindexed > 1 ? g_strdup_printf (", and %u more that cannot be read", session->unindexed - 1) : g_strdup ("");
  g_ptr_array_add (totals->problems, g_strdup_printf ("%s: %s%s", session->store_name, session->unindexed_why, others));
}

static void
note_problem (DsChanger *changer, const char *ticket, const char *message, const char *why)
{
  ds_change_totals_problem (changer->totals, changer->session, ticket, message, why);
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
      const DsReason *reason = ds_warrant_reason (changer->warrant, changer->session, shred->policy);
      DsTombstone tombstone = { action, shred->part->extension, shred->part->media_type, shred->part->size, now, "the help desk",
                                reason->code, changer->warrant->case_reference };
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
  gboolean unreadable = read_error != NULL && ds_error_is_unsure (read_error);
  if (unreadable)
    changer->totals->failed++;
  else
    changer->totals->changed_by_another++;
  note_problem (changer, ticket->ticket, blob->item->message,
                unreadable ? read_error->message : "changed by another meanwhile; left as it is");
  return NULL;
}

/* New bytes for the blob as it is now.  NULL without an error: it was changed meanwhile, and is left as it is.  The old bytes
 * are the worker's alone meanwhile: a large mail is not held twice. */
static DsResult *
rewrite_blob (DsChanger *changer, const DsExaminedTicket *ticket, const DsExaminedBlob *blob, const DsOrder *order, const char *action,
              GError **error)
{
  GBytes *bytes = read_examined (changer, ticket, blob, error);
  if (bytes == NULL)
    return NULL;
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) edits = text_edits (blob, labels);
  g_autoptr (GPtrArray) replacements = tombstones (changer, blob, action);
  const DsRewriteRequest request = { ds_blob_form (blob->item, blob->blob), edits, replacements, (const char **) ds_order_where (order),
                                     blob->spared };
  ds_pool_submit (changer->session->pool, DS_TASK_REWRITE, ds_rewrite_request_write (&request), bytes, NULL);
  return ds_pool_next (changer->session->pool, error);
}

/* ---- the batch ---- */

static gboolean
add_to_batch (DsChanger *changer, const DsExaminedTicket *ticket, const DsExaminedBlob *blob, const char *action, GBytes *bytes,
              GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_entry_free);
  g_autofree char *after = ds_content_digest (changer->session->key, bytes);
  const DsIntentFacts facts = { changer->session, changer->warrant, ticket, blob, action, blob->digest, after };
  if (blob->edits->len > 0)
    ds_intent_redact (&facts, entries);
  for (guint i = 0; i < blob->shreds->len; i++)
    g_ptr_array_add (entries, ds_intent_shred (&facts, g_ptr_array_index (blob->shreds, i)));
  return ds_batch_add (changer->batch, ticket, blob, action, after, bytes, entries, error);
}

gboolean
ds_changer_flush (DsChanger *changer, GError **error)
{
  gboolean ok = ds_batch_put (changer->batch, error);
  ds_ticket_locks_let_go_all (changer->locks);
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
  const DsPolicy *policy = NULL;
  for (guint i = blob->edits->len; i-- > 0;)
    {
      const DsPlannedEdit *edit = g_ptr_array_index (blob->edits, i);
      if (!g_str_equal (edit->finding->part, part))
        continue;
      policy = edit->policy; /* in the end the first one's */
      g_ptr_array_remove_index (blob->edits, i);
    }
  DsPlannedShred *shred = ds_examined_blob_shred (blob, info);
  shred->policy = shred->policy != NULL ? shred->policy : policy;
  return TRUE;
}

static gboolean
change_blob (DsChanger *changer, const DsExaminedTicket *ticket, DsExaminedBlob *blob, const DsOrder *order, GError **error)
{
  g_autoptr (GError) own = NULL;
  g_autofree char *action = ds_random_id (16);
  g_autoptr (DsResult) result = rewrite_blob (changer, ticket, blob, order, action, &own);
  if (result != NULL && result->failure == NULL && result->rewrite->error != NULL && result->rewrite->part != NULL
      && rise_to_shred (blob, result->rewrite->part))
    {
      ds_result_free (result);
      result = rewrite_blob (changer, ticket, blob, order, action, &own);
    }
  if (result == NULL)
    {
      gboolean left_alone = own == NULL;
      if (left_alone)
        changer->totals->left_unchanged += blob->edits->len;
      else
        g_propagate_error (error, g_steal_pointer (&own));
      return left_alone;
    }
  if (result->failure != NULL || result->rewrite->error != NULL)
    {
      changer->totals->failed++;
      changer->totals->left_unchanged += blob->edits->len;
      note_problem (changer, ticket->ticket, blob->item->message, result->failure != NULL ? result->failure : result->rewrite->error);
      return TRUE;
    }
  return add_to_batch (changer, ticket, blob, action, result->rewrite->bytes, error);
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
          totals->left_unchanged += blob->edits->len;
          note_problem (changer, ticket->ticket, blob->item->message, blob->failed_how != NULL ? blob->failed_how : blob->failure);
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
  DsRecovered recovered;
  g_autofree char *what = ds_reference_write (session->store_name, ticket, NULL, NULL);
  g_autoptr (GError) busy = NULL;
  if (ds_ticket_locks_hold (changer->locks, ticket) && !ds_changer_flush (changer, error))
    return FALSE;
  if (ds_ticket_locks_take (changer->locks, ticket, what, 0, &busy))
    return TRUE;
  if (g_error_matches (busy, DS_ERROR, DS_ERROR_LOCKED))
    return ds_changer_flush (changer, error)
           && ds_ticket_locks_take (changer->locks, ticket, what, (guint) MAX (session->options->wait, 0), error)
           && ds_recover (session, &recovered, error);
  g_propagate_error (error, g_steal_pointer (&busy));
  return FALSE;
}

/* Another run waits for a ticket that may be in the batch: it is not kept until the batch is full. */
static gboolean
must_flush (const DsChanger *changer)
{
  return ds_batch_is_full (changer->batch)
         || (ds_batch_size (changer->batch) > 0 && ds_batch_is_ripe (changer->batch) && ds_ticket_locks_are_wanted (changer->locks));
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
  guint before = ds_batch_size (changer->batch);
  g_autoptr (DsExaminedTicket) examined = ds_examine (changer->session, ticket, order, error);
  if (examined == NULL || !change_examined (changer, examined, order, error))
    return FALSE;
  if (ds_batch_size (changer->batch) == before)
    ds_ticket_locks_let_go (changer->locks, ticket);
  return !must_flush (changer) || ds_changer_flush (changer, error);
}
