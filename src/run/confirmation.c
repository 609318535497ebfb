#include "config.h"
#include "run/confirmation.h"
#include <string.h>

#define DIGEST "digest="
#define KEYED_DIGITS 32

static void
confirmation_free (DsConfirmation *confirmation)
{
  g_free (confirmation->digest);
  g_free (confirmation->time);
  g_free (confirmation->system_user);
  g_free (confirmation->actor);
  g_free (confirmation);
}

static char *
keyed (const DsSiteKey *key, const char *policy, const char *digest)
{
  g_autofree char *text = g_strjoin (" ", policy, digest, NULL);
  return ds_site_key_digest (key, "policy-confirmed", text, strlen (text), KEYED_DIGITS);
}

typedef struct
{
  const DsSiteKey *key;
  GHashTable *confirmations;
} Reading;

static gboolean
take_entry (const DsEntry *entry, gpointer data, GError **error G_GNUC_UNUSED)
{
  const Reading *reading = data;
  if (entry->policy == NULL || entry->detail == NULL || !g_str_has_prefix (entry->detail, DIGEST))
    return TRUE;
  g_autofree char *proof = keyed (reading->key, entry->policy, entry->detail + strlen (DIGEST));
  if (g_strcmp0 (proof, entry->digest_after) != 0)
    return TRUE;
  DsConfirmation *confirmation = g_new0 (DsConfirmation, 1);
  confirmation->digest = g_strdup (entry->detail + strlen (DIGEST));
  confirmation->time = g_strdup (entry->time);
  confirmation->system_user = g_strdup (entry->system_user);
  confirmation->actor = g_strdup (entry->actor);
  g_hash_table_replace (reading->confirmations, g_strdup (entry->policy), confirmation);
  return TRUE;
}

GHashTable *
ds_confirmations_read (const DsSession *session, GError **error)
{
  g_autoptr (GHashTable) confirmations
    = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) confirmation_free);
  const DsEntryFilter filter = { .state = ds_entry_state_name (DS_STATE_POLICY_CONFIRMED) };
  Reading reading = { session->key, confirmations };
  if (!ds_ledger_each (session->ledger, &filter, take_entry, &reading, error))
    return NULL;
  return g_steal_pointer (&confirmations);
}

gboolean
ds_confirmations_hold (GHashTable *confirmations, const DsPolicy *policy)
{
  const DsConfirmation *confirmation = g_hash_table_lookup (confirmations, policy->name);
  return confirmation != NULL && g_str_equal (confirmation->digest, policy->digest);
}

gboolean
ds_confirm (const DsSession *session, const DsPolicy *policy, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_entry_free);
  const DsReason *reason = ds_configuration_reason (session->configuration, policy->reason);
  DsEntry *entry = ds_entry_new (DS_STATE_POLICY_CONFIRMED);
  entry->run = g_strdup (session->run);
  entry->system_user = g_strdup (session->system_user);
  entry->actor = g_strdup (session->options->actor);
  entry->command = g_strdup ("plan");
  entry->action = g_strdup (policy->what == DS_DO_SHRED ? "shred" : "redact");
  entry->policy = g_strdup (policy->name);
  entry->reason = g_strdup (policy->reason);
  entry->ground = g_strdup (reason->ground);
  entry->legal_basis = g_strdup (reason->legal_basis);
  entry->detail = g_strconcat (DIGEST, policy->digest, NULL);
  entry->key_id = g_strdup (ds_site_key_id (session->key));
  entry->digest_after = keyed (session->key, policy->name, policy->digest);
  g_ptr_array_add (entries, entry);
  return ds_ledger_append (session->ledger, entries, error);
}

char *
ds_confirm_command (const DsSession *session, const DsPolicy *policy)
{
  const char *config = session->options->config;
  return g_strdup_printf ("deskshred%s%s plan --policy %s --confirm", config != NULL ? " --config " : "",
                          config != NULL ? config : "", policy->name);
}
