#include "config.h"
#include "run/recovery.h"
#include "base/error.h"
#include <string.h>

#define RUN_PREFIX "run-"
#define SLICE 1000 /* intents in memory at a time */

/* What became of one action. */
typedef struct
{
  DsEntryState state; /* DS_STATE_INTENT: not known yet */
  const char *detail; /* of a failed one */
} Outcome;

static DsEntryState
state_of (DsSettled settled)
{
  if (settled == DS_SETTLED_DONE)
    return DS_STATE_DONE;
  return settled == DS_SETTLED_NOT_DONE ? DS_STATE_ABANDONED : DS_STATE_FAILED;
}

/* Asks the store how far the change came.  A message that cannot be read now is not given up: old bytes of it may lie about,
 * which only the next answer takes away. */
static gboolean
settle_action (DsSession *session, const DsEntry *intent, Outcome *outcome, GError **error)
{
  DsChange change = { .message = intent->message, .before = intent->digest_before, .after = intent->digest_after,
                      .action = intent->action_id };
  DsSettled settled = DS_SETTLED_NOT_DONE;
  g_autoptr (GError) settle_error = NULL;
  gboolean ok = session->store->ops->settle (session->store, &change, &settled, &settle_error);
  g_clear_error (&change.error);
  g_free (change.new_locator);
  outcome->state = ok ? state_of (settled) : DS_STATE_INTENT;
  outcome->detail = settled == DS_SETTLED_GONE ? "failed: after an interruption the message was gone"
                                               : "failed: after an interruption the message had been changed by another";
  if (ok || ds_error_is_item (settle_error) || g_error_matches (settle_error, DS_ERROR, DS_ERROR_REFUSED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&settle_error));
  return FALSE;
}

gboolean
ds_run_is_over (const DsSession *session, const char *run)
{
  if (run == NULL || g_str_equal (run, session->run))
    return run == NULL;
  g_autofree char *name = g_strconcat (RUN_PREFIX, run, NULL);
  return ds_lock_is_free (session->configuration->lock_folder, name);
}

static void
count (DsRecovered *recovered, DsEntryState state)
{
  if (state == DS_STATE_INTENT)
    recovered->unsettled++;
  else if (state == DS_STATE_DONE)
    recovered->finished++;
  else if (state == DS_STATE_ABANDONED)
    recovered->abandoned++;
  else
    recovered->changed++;
}

static void
set_outcome (DsEntry *intent, const Outcome *outcome)
{
  intent->state = outcome->state;
  if (outcome->state != DS_STATE_FAILED)
    return;
  g_free (intent->detail);
  intent->detail = g_strdup (outcome->detail);
}

/* What became of a slice of intents, for the ledger. */
static gboolean
settle_slice (DsSession *session, GPtrArray *intents, gint64 *first_open, DsRecovered *recovered, GError **error)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr (GPtrArray) outcomes = g_ptr_array_new ();
  for (guint i = 0; i < intents->len; i++)
    {
      DsEntry *intent = g_ptr_array_index (intents, i);
      if (!ds_run_is_over (session, intent->run))
        {
          *first_open = MIN (*first_open, intent->sequence);
          continue;
        }
      /* Several entries of one action stand for one change of one message. */
      Outcome *outcome = g_hash_table_lookup (known, intent->action_id);
      if (outcome == NULL)
        {
          outcome = g_new0 (Outcome, 1);
          g_hash_table_insert (known, intent->action_id, outcome);
          if (!settle_action (session, intent, outcome, error))
            return FALSE;
        }
      count (recovered, outcome->state);
      if (outcome->state == DS_STATE_INTENT)
        {
          *first_open = MIN (*first_open, intent->sequence);
          continue;
        }
      set_outcome (intent, outcome);
      g_ptr_array_add (outcomes, intent);
    }
  return outcomes->len == 0 || ds_ledger_append (session->ledger, outcomes, error);
}

/* Up to where everything was settled before; 0 if that is not known of this very ledger. */
static gboolean
settled_before (DsSession *session, gint64 *sequence_r, GError **error)
{
  g_autoptr (GError) own = NULL;
  g_autofree char *head = ds_state_settled_head (session->state, session->store_name, &own);
  gint64 sequence = head != NULL ? g_ascii_strtoll (head, NULL, 10) : 0;
  g_autofree char *present = own == NULL && sequence > 0 ? ds_ledger_head_at (session->ledger, sequence, &own) : NULL;
  *sequence_r = g_strcmp0 (head, present) == 0 ? sequence : 0;
  if (own == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&own));
  return FALSE;
}

/* So that the next recovery need not look at all of the ledger again. */
static gboolean
note_settled (DsSession *session, const char *head, gint64 first_open, GError **error)
{
  gint64 last = g_ascii_strtoll (head, NULL, 10);
  if (first_open > last)
    return last == 0 || ds_state_settled (session->state, session->store_name, head, error);
  g_autofree char *before = first_open > 1 ? ds_ledger_head_at (session->ledger, first_open - 1, error) : NULL;
  return first_open == 1 || (before != NULL && ds_state_settled (session->state, session->store_name, before, error));
}

static gboolean
recover (DsSession *session, DsRecovered *recovered, GError **error)
{
  gint64 after = 0, first_open = G_MAXINT64;
  g_autofree char *head = ds_ledger_head (session->ledger, error);
  if (head == NULL || !settled_before (session, &after, error))
    return FALSE;
  for (;;)
    {
      g_autoptr (GPtrArray) intents = ds_ledger_open_intents_after (session->ledger, session->store_name, after, SLICE, error);
      if (intents == NULL)
        return FALSE;
      if (intents->len == 0)
        return note_settled (session, head, first_open, error);
      after = ((const DsEntry *) g_ptr_array_index (intents, intents->len - 1))->sequence;
      if (!settle_slice (session, intents, &first_open, recovered, error))
        return FALSE;
    }
}

/* The lock files of runs that were killed tell the others that there is something to settle: they go when there is not, in any
 * store. */
static gboolean
remove_lock_files (DsSession *session, GError **error)
{
  const char *folder = session->configuration->lock_folder;
  g_autoptr (GPtrArray) left = ds_locks_left (folder, RUN_PREFIX);
  g_autoptr (GPtrArray) policies = ds_locks_left (folder, "policy-");
  g_autoptr (GPtrArray) intents = left->len > 0 ? ds_ledger_open_intents (session->ledger, NULL, error) : g_ptr_array_new ();
  if (intents == NULL)
    return FALSE;
  g_autoptr (GHashTable) open = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < intents->len; i++)
    if (((const DsEntry *) g_ptr_array_index (intents, i))->run != NULL)
      g_hash_table_add (open, ((const DsEntry *) g_ptr_array_index (intents, i))->run);
  for (guint i = 0; i < left->len; i++)
    if (!g_hash_table_contains (open, (const char *) g_ptr_array_index (left, i) + strlen (RUN_PREFIX)))
      ds_lock_remove_left (folder, g_ptr_array_index (left, i));
  for (guint i = 0; i < policies->len; i++)
    ds_lock_remove_left (folder, g_ptr_array_index (policies, i));
  return TRUE;
}

static gboolean
tidy (DsSession *session, GError **error)
{
  DsStore *store = session->store;
  return store->ops->tidy == NULL || store->ops->tidy (store, error);
}

gboolean
ds_recover (DsSession *session, DsRecovered *recovered, GError **error)
{
  *recovered = (DsRecovered){ 0 };
  /* Two runs that settle the same action would both record its outcome. */
  g_autofree char *name = g_strconcat ("recovery-", session->store_name, NULL);
  guint wait = (guint) MAX (session->options->wait, 0);
  g_autoptr (DsLock) lock = ds_lock_take (session->configuration->lock_folder, name, "recovery of this store", wait, error);
  return lock != NULL && recover (session, recovered, error) && tidy (session, error) && remove_lock_files (session, error);
}

gboolean
ds_recover_new (DsSession *session, GError **error)
{
  g_autoptr (GPtrArray) left = ds_locks_left (session->configuration->lock_folder, RUN_PREFIX);
  DsRecovered recovered;
  return left->len == 0 || ds_recover (session, &recovered, error);
}
