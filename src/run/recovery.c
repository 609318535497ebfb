#include "config.h"
#include "run/recovery.h"
#include "base/error.h"

/* How long another run's recovery may take. */
#define LOCK_SECONDS 60

/* What became of one action. */
typedef struct
{
  DsEntryState state;
  const char *detail; /* of a failed one */
} Outcome;

static DsEntryState
state_of (DsSettled settled)
{
  if (settled == DS_SETTLED_DONE)
    return DS_STATE_DONE;
  return settled == DS_SETTLED_NOT_DONE ? DS_STATE_ABANDONED : DS_STATE_FAILED;
}

/* Asks the store how far the change came.  One message that cannot be asked about costs its own entry, no more. */
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
  outcome->state = ok ? state_of (settled) : DS_STATE_FAILED;
  outcome->detail = !ok ? "failed: after an interruption the message could not be read"
                    : settled == DS_SETTLED_GONE ? "failed: after an interruption the message was gone"
                                                 : "failed: after an interruption the message had been changed by another";
  if (ok || ds_error_is_item (settle_error) || g_error_matches (settle_error, DS_ERROR, DS_ERROR_REFUSED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&settle_error));
  return FALSE;
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

static void
set_outcome (DsEntry *intent, const Outcome *outcome)
{
  intent->state = outcome->state;
  if (outcome->state != DS_STATE_FAILED)
    return;
  g_free (intent->detail);
  intent->detail = g_strdup (outcome->detail);
}

static gboolean
recover (DsSession *session, DsRecovered *recovered, GError **error)
{
  g_autoptr (GPtrArray) intents = ds_ledger_open_intents (session->ledger, session->store_name, error);
  if (intents == NULL)
    return FALSE;
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr (GPtrArray) outcomes = g_ptr_array_new ();
  for (guint i = 0; i < intents->len; i++)
    {
      DsEntry *intent = g_ptr_array_index (intents, i);
      if (!run_is_over (session, intent->run))
        continue;
      /* Several entries of one action stand for one change of one message. */
      Outcome *outcome = g_hash_table_lookup (known, intent->action_id);
      if (outcome == NULL)
        {
          outcome = g_new0 (Outcome, 1);
          g_hash_table_insert (known, intent->action_id, outcome);
          if (!settle_action (session, intent, outcome, error))
            return FALSE;
        }
      set_outcome (intent, outcome);
      count (recovered, outcome->state);
      g_ptr_array_add (outcomes, intent);
    }
  return outcomes->len == 0 || ds_ledger_append (session->ledger, outcomes, error);
}

gboolean
ds_recover (DsSession *session, DsRecovered *recovered, GError **error)
{
  *recovered = (DsRecovered){ 0, 0, 0 };
  /* Two runs that settle the same action would both record its outcome. */
  g_autofree char *name = g_strconcat ("recovery-", session->store_name, NULL);
  g_autoptr (DsLock) lock = ds_lock_take (session->configuration->lock_folder, name, "recovery of this store", LOCK_SECONDS, error);
  return lock != NULL && recover (session, recovered, error);
}
