#include "config.h"
#include "run/recovery.h"
#include "base/error.h"

/* One state for all entries of one action: they stand for one change of one message. */
static gboolean
settle_action (DsSession *session, GHashTable *settled, const DsEntry *intent, DsEntryState *state_r, GError **error)
{
  gpointer known = NULL;
  if (g_hash_table_lookup_extended (settled, intent->action_id, NULL, &known))
    {
      *state_r = GPOINTER_TO_UINT (known);
      return TRUE;
    }
  DsChange change = { .message = intent->message, .before = intent->digest_before, .after = intent->digest_after,
                      .action = intent->action_id };
  DsSettled outcome = DS_SETTLED_NOT_DONE;
  gboolean ok = session->store->ops->settle (session->store, &change, &outcome, error);
  g_clear_error (&change.error);
  g_free (change.new_locator);
  if (!ok)
    return FALSE;
  *state_r = outcome == DS_SETTLED_DONE ? DS_STATE_DONE : outcome == DS_SETTLED_NOT_DONE ? DS_STATE_ABANDONED : DS_STATE_FAILED;
  g_hash_table_insert (settled, g_strdup (intent->action_id), GUINT_TO_POINTER (*state_r));
  return TRUE;
}

static gboolean
run_is_over (const DsSession *session, const char *run)
{
  if (run == NULL || g_str_equal (run, session->run))
    return run == NULL;
  g_autofree char *name = g_strconcat ("run-", run, NULL);
  return ds_lock_is_free (session->configuration->lock_folder, name);
}

static void
count (DsRecovered *recovered, DsEntryState state)
{
  if (state == DS_STATE_DONE)
    recovered->finished++;
  else if (state == DS_STATE_ABANDONED)
    recovered->abandoned++;
  else
    recovered->changed++;
}

gboolean
ds_recover (DsSession *session, DsRecovered *recovered, GError **error)
{
  *recovered = (DsRecovered){ 0, 0, 0 };
  g_autoptr (GPtrArray) intents = ds_ledger_open_intents (session->ledger, session->store_name, error);
  if (intents == NULL)
    return FALSE;
  g_autoptr (GHashTable) settled = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) outcomes = g_ptr_array_new ();
  for (guint i = 0; i < intents->len; i++)
    {
      DsEntry *intent = g_ptr_array_index (intents, i);
      DsEntryState state = DS_STATE_INTENT;
      if (!run_is_over (session, intent->run))
        continue;
      if (!settle_action (session, settled, intent, &state, error))
        return FALSE;
      intent->state = state;
      count (recovered, state);
      g_ptr_array_add (outcomes, intent);
    }
  return outcomes->len == 0 || ds_ledger_append (session->ledger, outcomes, error);
}
