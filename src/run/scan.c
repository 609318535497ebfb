#include "config.h"
#include "run/scan.h"
#include "base/error.h"
#include "content/tree.h"
#include "run/queue-name.h"
#include "run/recovery.h"

typedef struct
{
  DsSession *session;
  const DsSelection *selection;
  DsScanFlags flags;
  const DsScanVisitor *visitor;
  DsScanTotals *totals;
  char *last_message; /* whose state was forgotten last */
  gboolean records;   /* all of a message is looked for: the state is told what is open in it */
  gboolean whole;     /* and all messages are: what is not seen is forgotten */
  guint64 taken;      /* messages, as --limit counts them */
} Scan;

/* What is on its way through a worker. */
typedef struct
{
  DsStoreItem *item; /* shared by its blobs' tasks through a reference count */
  gatomicrefcount references;
} Passenger;

static void
passenger_unref (Passenger *passenger)
{
  if (!g_atomic_ref_count_dec (&passenger->references))
    return;
  ds_store_item_free (passenger->item);
  g_free (passenger);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Passenger, passenger_unref)

void
ds_scan_totals_clear (DsScanTotals *totals)
{
  g_clear_pointer (&totals->not_looked_at, g_hash_table_unref);
  g_clear_pointer (&totals->excluded_queues, g_ptr_array_unref);
}

static void
count_in (GHashTable *counts, const char *name)
{
  gsize count = GPOINTER_TO_SIZE (g_hash_table_lookup (counts, name));
  g_hash_table_insert (counts, g_strdup (name), GSIZE_TO_POINTER (count + 1));
}

/* The queues that the configuration forbids to read, of those selected. */
static GPtrArray *
excluded_queues (const DsSession *session, const DsSelection *selection)
{
  GPtrArray *queues = g_ptr_array_new ();
  const char *const *selected = (const char *const *) selection->queues;
  for (guint i = 0; session->never_read != NULL && session->never_read[i] != NULL; i++)
    if (selected == NULL || g_strv_contains (selected, session->never_read[i]))
      g_ptr_array_add (queues, session->never_read[i]);
  return queues;
}

static gboolean
is_wanted (const Scan *scan, const DsFinding *finding)
{
  return ds_selection_wants_finding (scan->selection, finding)
         && !g_hash_table_contains (scan->session->dismissed, finding->fingerprint);
}

static gboolean
record_finding (Scan *scan, const DsStoreItem *item, const char *ticket, const DsFinding *f, GError **error)
{
  g_autofree char *queue = ds_queue_shown (scan->session->configuration, scan->session->key, item->queue);
  DsOpenFinding open = { scan->session->store_name, ticket, item->message, f->part, f->text_label, f->where, f->rule,
                         ds_kind_name (f->kind), f->masked, f->fingerprint, queue, f->score };
  return ds_state_add_open (scan->session->state, &open, error);
}

static gboolean
record_blind (Scan *scan, const DsStoreItem *item, const char *ticket, const char *part, const char *reason, GError **error)
{
  DsBlindSpot spot = { scan->session->store_name, ticket, item->message, part, reason };
  return ds_state_add_blind (scan->session->state, &spot, error);
}

/* A scan that looks for some things only says nothing of the others: what it found is entered anew, and the rest stays. */
static gboolean
forget_same (Scan *scan, const DsStoreItem *item, const DsScanReply *reply, GError **error)
{
  g_autoptr (GArray) same = g_array_new (FALSE, FALSE, sizeof (DsRemoved));
  for (guint i = 0; i < reply->findings->len; i++)
    {
      const DsFinding *f = g_ptr_array_index (reply->findings, i);
      DsRemoved removed = { f->part, f->text_label, f->fingerprint, f->score };
      if (is_wanted (scan, f))
        g_array_append_val (same, removed);
    }
  return ds_state_forget_removed (scan->session->state, scan->session->store_name, item->message, (DsRemoved *) same->data, same->len, error);
}

/* What the state remembers of one blob.  reply NULL: it was not looked at, for that reason. */
static gboolean
record_blob (Scan *scan, const DsStoreItem *item, const char *ticket, const DsScanReply *reply, const char *failure, GError **error)
{
  gboolean ok = TRUE;
  if (!scan->records)
    ok = reply == NULL || forget_same (scan, item, reply, error);
  else if (g_strcmp0 (scan->last_message, item->message) != 0)
    ok = ds_state_forget_message (scan->session->state, scan->session->store_name, item->message, error);
  if (failure != NULL)
    return ok && record_blind (scan, item, ticket, "0", failure, error);
  for (guint i = 0; ok && i < reply->findings->len; i++)
    if (is_wanted (scan, g_ptr_array_index (reply->findings, i)))
      ok = record_finding (scan, item, ticket, g_ptr_array_index (reply->findings, i), error);
  for (guint i = 0; ok && i < reply->not_looked_at->len; i++)
    {
      const DsNotLookedAt *entry = g_ptr_array_index (reply->not_looked_at, i);
      ok = record_blind (scan, item, ticket, entry->part, entry->reason, error);
    }
  return ok;
}

static gboolean
show_blind (Scan *scan, const DsStoreItem *item, const char *ticket, const char *part, const char *reason, GError **error)
{
  count_in (scan->totals->not_looked_at, reason);
  return scan->visitor->not_looked_at (item, ticket, part, reason, scan->visitor->data, error);
}

static gboolean
show_reply (Scan *scan, const DsStoreItem *item, const char *ticket, const DsScanReply *reply, GError **error)
{
  DsScanTotals *totals = scan->totals;
  totals->parts += reply->parts->len;
  totals->texts += reply->n_texts;
  totals->text_bytes += reply->text_bytes;
  for (guint i = 0; i < reply->findings->len; i++)
    {
      const DsFinding *finding = g_ptr_array_index (reply->findings, i);
      if (!is_wanted (scan, finding))
        {
          totals->dismissed += ds_selection_wants_finding (scan->selection, finding);
          continue;
        }
      totals->findings++;
      totals->by_kind[finding->kind]++;
      if (!scan->visitor->finding (item, ticket, finding, scan->visitor->data, error))
        return FALSE;
    }
  for (guint i = 0; i < reply->not_looked_at->len; i++)
    {
      const DsNotLookedAt *entry = g_ptr_array_index (reply->not_looked_at, i);
      if (!show_blind (scan, item, ticket, entry->part, entry->reason, error))
        return FALSE;
    }
  return TRUE;
}

static void
begin_message (Scan *scan, const DsStoreItem *item)
{
  if (g_strcmp0 (scan->last_message, item->message) == 0)
    return;
  g_free (scan->last_message);
  scan->last_message = g_strdup (item->message);
  scan->totals->messages++;
}

/* The state is written in one go, and let go of before anything waits: on a worker, or on whoever reads the output. */
static gboolean
take_result (Scan *scan, GError **error)
{
  DsSession *session = scan->session;
  g_autoptr (DsResult) result = ds_pool_next (session->pool, error);
  if (result == NULL)
    return FALSE;
  g_autoptr (Passenger) passenger = result->data;
  const DsStoreItem *item = passenger->item;
  if (!ds_state_begin (session->state, error))
    return FALSE;
  g_autofree char *ticket = ds_listing_index (session, item, result->scan, error);
  if (ticket == NULL || !record_blob (scan, item, ticket, result->scan, result->failure, error) || !ds_state_commit (session->state, error))
    return FALSE;
  begin_message (scan, item);
  scan->totals->blobs++;
  gboolean ok = result->failure != NULL ? show_blind (scan, item, ticket, "0", result->failure, error)
                                        : show_reply (scan, item, ticket, result->scan, error);
  if (scan->visitor->progress != NULL)
    scan->visitor->progress (scan->totals, scan->visitor->data);
  return ok;
}

/* A message that could not be read at all: said so, in its place.  It is not entered in the ticket index: what thread it is
 * of is not known, and may be once it can be read. */
static gboolean
unreadable (Scan *scan, const DsStoreItem *item, const GError *why, GError **error)
{
  DsSession *session = scan->session;
  while (ds_pool_pending (session->pool) > 0)
    if (!take_result (scan, error))
      return FALSE;
  g_autoptr (GError) state_error = NULL;
  g_autofree char *known = ds_state_ticket_of (session->state, session->store_name, item->message, &state_error);
  const char *ticket = known != NULL ? known : "unread";
  if (state_error != NULL || !record_blob (scan, item, ticket, NULL, ds_listing_reason (why), state_error == NULL ? error : NULL))
    {
      if (state_error != NULL)
        g_propagate_error (error, g_steal_pointer (&state_error));
      return FALSE;
    }
  begin_message (scan, item);
  return show_blind (scan, item, ticket, "0", ds_listing_reason (why), error);
}

static gboolean
submit_item (Scan *scan, Passenger *passenger, GError **error)
{
  DsSession *session = scan->session;
  DsStoreItem *item = passenger->item;
  for (guint i = 0; i < item->blobs->len; i++)
    {
      g_autoptr (GError) item_error = item->problem != NULL ? g_error_copy (item->problem) : NULL;
      GBytes *bytes = NULL;
      if (item_error == NULL)
        bytes = session->store->ops->read (session->store, item, i, session->configuration->limits.blob_bytes, &item_error);
      if (bytes == NULL && g_error_matches (item_error, DS_ERROR, DS_ERROR_GONE))
        return TRUE;
      if (bytes == NULL && !ds_error_is_item (item_error))
        {
          g_propagate_error (error, g_steal_pointer (&item_error));
          return FALSE;
        }
      if (bytes == NULL && !unreadable (scan, item, item_error, error))
        return FALSE;
      if (bytes == NULL)
        continue;
      const DsScanRequest request = { ds_blob_form (item, i), scan->flags, scan->selection->min_score };
      scan->totals->bytes += g_bytes_get_size (bytes);
      g_atomic_ref_count_inc (&passenger->references);
      ds_pool_submit (session->pool, DS_TASK_SCAN, ds_scan_request_write (&request), bytes, passenger);
    }
  while (!ds_pool_wants_more (session->pool))
    if (!take_result (scan, error))
      return FALSE;
  return TRUE;
}

static gboolean
scan_item (Scan *scan, DsStoreItem *item, GError **error)
{
  Passenger *fresh = g_new0 (Passenger, 1);
  fresh->item = item;
  g_atomic_ref_count_init (&fresh->references);
  g_autoptr (Passenger) passenger = fresh;
  return submit_item (scan, passenger, error);
}

/* The next item that the selection wants: NULL at the end, or with an error. */
static DsStoreItem *
next_wanted (Scan *scan, GError **error)
{
  DsStore *store = scan->session->store;
  for (;;)
    {
      DsStoreItem *item = store->ops->next (store, error);
      if (item == NULL || ds_selection_wants_item (scan->selection, item))
        return item;
      ds_store_item_free (item);
    }
}

static gboolean
count_population (Scan *scan, guint64 *count_r, GError **error)
{
  g_autoptr (GError) list_error = NULL;
  if (!ds_listing_begin (scan->session, scan->selection, error))
    return FALSE;
  for (DsStoreItem *item; (item = next_wanted (scan, &list_error)) != NULL; ds_store_item_free (item))
    (*count_r)++;
  if (list_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&list_error));
  return FALSE;
}

/* Is the i-th of all messages in the sample?  They are spread evenly, so that old and new mail are both in it. */
static gboolean
in_sample (const Scan *scan, guint64 i)
{
  guint64 sample = scan->selection->sample, population = scan->totals->population;
  return sample == 0 || sample >= population || (i + 1) * sample / population != i * sample / population;
}

static gboolean
scan_listing (Scan *scan, GError **error)
{
  DsSession *session = scan->session;
  const DsSelection *selection = scan->selection;
  guint64 count = 0;
  if (((selection->sample > 0 || scan->visitor->progress != NULL) && !count_population (scan, &count, error)) || !ds_listing_begin (scan->session, scan->selection, error))
    return FALSE;
  scan->totals->population = selection->sample > 0 ? count : 0;
  scan->totals->expected = MIN (count, selection->sample > 0 ? selection->sample : count);
  if (selection->limit > 0)
    scan->totals->expected = MIN (scan->totals->expected, selection->limit);
  for (guint64 i = 0; selection->limit == 0 || scan->taken < selection->limit; i++)
    {
      g_autoptr (GError) list_error = NULL;
      g_autoptr (DsStoreItem) item = next_wanted (scan, &list_error);
      if (list_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&list_error));
          return FALSE;
        }
      if (item == NULL)
        return TRUE;
      if (!in_sample (scan, i))
        continue;
      gboolean known = FALSE;
      if (scan->whole
          && !ds_listing_still_there (session, item, &known, error))
        return FALSE;
      scan->taken++;
      if (!ds_listing_may_read (session, item))
        scan->totals->excluded++;
      else if (!scan_item (scan, g_steal_pointer (&item), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
scan_ticket (Scan *scan, const char *name, GError **error)
{
  DsSession *session = scan->session;
  g_autofree char *ticket = NULL;
  g_autoptr (GPtrArray) messages = ds_listing_messages (session, name, &ticket, error);
  if (messages != NULL && messages->len == 0)
    g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE, "--ticket: there is no such ticket in this store");
  if (messages == NULL || messages->len == 0)
    return FALSE;
  guint64 limit = scan->selection->limit;
  for (guint i = 0; i < messages->len && (limit == 0 || scan->taken < limit); i++)
    {
      const DsIndexed *indexed = g_ptr_array_index (messages, i);
      g_autoptr (GError) find_error = NULL;
      g_autoptr (DsStoreItem) item = session->store->ops->find (session->store, indexed->message, indexed->locator, &find_error);
      if (item == NULL && !ds_error_is_item (find_error))
        {
          g_propagate_error (error, g_steal_pointer (&find_error));
          return FALSE;
        }
      if (item == NULL && !g_error_matches (find_error, DS_ERROR, DS_ERROR_GONE))
        item = ds_listing_lost_item (indexed->message, g_steal_pointer (&find_error));
      if (item == NULL || !ds_selection_wants_item (scan->selection, item))
        continue;
      scan->taken++;
      if (!ds_listing_may_read (session, item))
        scan->totals->excluded++;
      else if (!scan_item (scan, g_steal_pointer (&item), error))
        return FALSE;
    }
  return TRUE;
}

/* A message whose change was interrupted may have old bytes of it lying about, where no scan looks: until that is settled it
 * was not looked at. */
static gboolean
tell_interrupted (Scan *scan, GError **error)
{
  DsSession *session = scan->session;
  if (session->ledger == NULL || !scan->whole)
    return TRUE;
  g_autoptr (GPtrArray) intents = ds_ledger_open_intents (session->ledger, session->store_name, error);
  g_autoptr (GHashTable) told = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; intents != NULL && i < intents->len; i++)
    {
      const DsEntry *intent = g_ptr_array_index (intents, i);
      if (!ds_run_is_over (session, intent->run) || intent->message == NULL || !g_hash_table_add (told, intent->message))
        continue;
      g_autoptr (DsStoreItem) item = ds_listing_lost_item (intent->message, NULL);
      const char *ticket = intent->ticket != NULL ? intent->ticket : "unread";
      if (!record_blind (scan, item, ticket, "0", DS_REASON_INTERRUPTED, error)
          || !show_blind (scan, item, ticket, "0", DS_REASON_INTERRUPTED, error))
        return FALSE;
    }
  return intents != NULL;
}

static gboolean
scan_all (Scan *scan, GError **error)
{
  char **tickets = scan->selection->tickets;
  if (tickets == NULL && !scan_listing (scan, error))
    return FALSE;
  for (guint i = 0; tickets != NULL && tickets[i] != NULL; i++)
    if (!scan_ticket (scan, tickets[i], error))
      return FALSE;
  while (ds_pool_pending (scan->session->pool) > 0)
    if (!take_result (scan, error))
      return FALSE;
  return tell_interrupted (scan, error);
}

static char *
counts_text (const DsScanTotals *totals)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < DS_N_KINDS; i++)
    if (totals->by_kind[i] > 0)
      g_string_append_printf (text, "%s%s=%" G_GUINT64_FORMAT, text->len > 0 ? " " : "", ds_kind_name ((DsKind) i), totals->by_kind[i]);
  return g_string_free (text, FALSE);
}

static char *
detail_text (const DsScanTotals *totals)
{
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, "messages=%" G_GUINT64_FORMAT " parts=%" G_GUINT64_FORMAT, totals->messages, totals->parts);
  g_autoptr (GList) reasons = g_list_sort (g_hash_table_get_keys (totals->not_looked_at), (GCompareFunc) g_strcmp0);
  for (GList *at = reasons; at != NULL; at = at->next)
    {
      g_autofree char *name = g_strdelimit (g_strdup (at->data), " :", '-');
      g_string_append_printf (text, " not-looked-at-%s=%zu", name, GPOINTER_TO_SIZE (g_hash_table_lookup (totals->not_looked_at, at->data)));
    }
  if (totals->excluded_queues->len > 0)
    g_string_append_printf (text, " excluded-queues=%u", totals->excluded_queues->len);
  return g_string_free (text, FALSE);
}

/* Not all that is in a message is looked for: nothing can be said of what is open in it. */
static gboolean
filters_findings (const DsSelection *s)
{
  return s->rules != NULL || s->kinds != 0 || s->where != NULL || s->min_score > DS_MIN_SCORE_DEFAULT;
}

static gboolean
filters_messages (const DsSelection *s)
{
  return s->tickets != NULL || s->queues != NULL || s->statuses != NULL || s->since != 0 || s->until != 0 || s->limit != 0
         || s->sample != 0;
}

static gboolean
record_scan (DsSession *session, const DsScanTotals *totals, gboolean whole, GError **error)
{
  if (session->ledger == NULL)
    return TRUE;
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_entry_free);
  DsEntry *entry = ds_entry_new (DS_STATE_SCAN);
  entry->run = g_strdup (session->run);
  entry->system_user = g_strdup (session->system_user);
  entry->actor = g_strdup (session->options->actor);
  entry->command = g_strdup ("scan");
  entry->store = g_strdup (session->store_name);
  entry->incarnation = g_strdup (session->incarnation);
  entry->key_id = g_strdup (ds_site_key_id (session->key));
  entry->kinds = counts_text (totals);
  g_autofree char *detail = detail_text (totals);
  entry->detail = g_strconcat (detail, whole ? "" : " narrowed=1", NULL);
  g_ptr_array_add (entries, entry);
  return ds_ledger_append (session->ledger, entries, error);
}

gboolean
ds_scan (DsSession *session, const DsSelection *selection, gboolean keep_values, const DsScanVisitor *visitor, DsScanTotals *totals,
         GError **error)
{
  gint64 began = g_get_monotonic_time ();
  totals->not_looked_at = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  totals->excluded_queues = excluded_queues (session, selection);
  Scan scan = { session, selection, DS_SCAN_RULES | (keep_values ? DS_SCAN_KEEP_VALUES : 0), visitor, totals, NULL, FALSE, FALSE, 0 };
  scan.records = !filters_findings (selection);
  scan.whole = scan.records && !filters_messages (selection);
  /* A narrowed scan is no try at the store's scan, and does not make it any less late. */
  if (scan.whole && !ds_state_job_done (session->state, "scan", session->store_name, FALSE, error))
    return FALSE;
  if (selection->tickets != NULL && !ds_listing_refresh_index (session, error))
    return FALSE;
  gboolean ok = !scan.whole || ds_state_begin_listing (session->state, session->store_name, error);
  ok = ok && scan_all (&scan, error) && (!scan.whole || ds_state_end_listing (session->state, session->store_name, error));
  if (!ok)
    ds_pool_abandon (session->pool, (GDestroyNotify) passenger_unref);
  g_free (scan.last_message);
  totals->seconds = (double) (g_get_monotonic_time () - began) / G_USEC_PER_SEC;
  ok = ok && record_scan (session, totals, scan.whole, error);
  return ok && (!scan.whole || ds_state_job_done (session->state, "scan", session->store_name, TRUE, error));
}
