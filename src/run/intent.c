#include "config.h"
#include "run/intent.h"
#include "run/queue-name.h"

const DsReason *
ds_warrant_reason (const DsWarrant *warrant, const DsSession *session, const DsPolicy *policy)
{
  if (warrant->reason != NULL || policy == NULL)
    return warrant->reason;
  return ds_configuration_reason (session->configuration, policy->reason);
}

static DsEntry *
entry_new (const DsIntentFacts *facts, const DsPolicy *policy)
{
  const DsSession *session = facts->session;
  const DsWarrant *warrant = facts->warrant;
  const DsReason *reason = ds_warrant_reason (warrant, session, policy);
  const DsExaminedBlob *blob = facts->blob;
  DsEntry *entry = ds_entry_new (DS_STATE_INTENT);
  entry->run = g_strdup (session->run);
  entry->action_id = g_strdup (facts->action);
  entry->system_user = g_strdup (session->system_user);
  entry->actor = g_strdup (session->options->actor);
  entry->command = g_strdup (warrant->command);
  entry->store = g_strdup (session->store_name);
  entry->incarnation = g_strdup (session->incarnation);
  entry->ticket = g_strdup (facts->ticket->ticket);
  entry->message = g_strdup (blob->item->message);
  entry->queue = ds_queue_shown (session->configuration, session->key, blob->item->queue);
  entry->policy = policy != NULL ? g_strdup (policy->name) : NULL;
  entry->reason = g_strdup (reason->code);
  entry->case_reference = g_strdup (warrant->case_reference);
  entry->ground = g_strdup (reason->ground);
  entry->legal_basis = g_strdup (reason->legal_basis);
  entry->key_id = g_strdup (ds_site_key_id (session->key));
  entry->digest_before = g_strdup (facts->before);
  entry->digest_after = g_strdup (facts->after);
  return entry;
}

static char *
rule_name (const DsSession *session, const char *id)
{
  const DsRule *rule = ds_matcher_rule (session->matcher, id);
  if (rule == NULL)
    return g_strdup (id);
  return g_strdup_printf ("%s@%s/%" G_GINT64_FORMAT "#%s", id, rule->pack->id, rule->pack->version, rule->digest);
}

static char *
join_sorted (GHashTable *set, gboolean counted)
{
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (set), (GCompareFunc) g_strcmp0);
  GString *text = g_string_new (NULL);
  for (GList *at = keys; at != NULL; at = at->next)
    {
      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", (const char *) at->data);
      if (counted)
        g_string_append_printf (text, "=%u", GPOINTER_TO_UINT (g_hash_table_lookup (set, at->data)));
    }
  return g_string_free (text, FALSE);
}

static void
count_in (GHashTable *set, char *key)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (set, key));
  g_hash_table_insert (set, key, GUINT_TO_POINTER (n + 1));
}

/* The edits for the sake of one policy, or by hand (NULL).  is_first: what is left in the message is told once. */
static DsEntry *
redact_for (const DsIntentFacts *facts, const DsPolicy *policy, gboolean is_first)
{
  const DsExaminedBlob *blob = facts->blob;
  DsEntry *entry = entry_new (facts, policy);
  g_autoptr (GHashTable) kinds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) rules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) parts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GString *spans = g_string_new (NULL);
  guint removed = 0;
  for (guint i = 0; i < blob->edits->len; i++)
    {
      const DsPlannedEdit *edit = g_ptr_array_index (blob->edits, i);
      const DsFinding *f = edit->finding;
      if (edit->policy != policy)
        continue;
      removed++;
      count_in (kinds, g_strdup (f->origin == DS_ORIGIN_GIVEN ? "value" : ds_kind_name (f->kind)));
      count_in (rules, rule_name (facts->session, f->rule));
      count_in (parts, g_strdup (f->part));
      g_string_append_printf (spans, "%s%s %s %zu-%zu %s %s", spans->len > 0 ? ";" : "", f->part, f->text_label, f->start, f->end,
                              ds_kind_name (f->kind), f->fingerprint);
    }
  entry->action = g_strdup ("redact");
  entry->kinds = join_sorted (kinds, TRUE);
  entry->rules = join_sorted (rules, FALSE);
  entry->part = join_sorted (parts, FALSE);
  entry->spans = g_string_free (spans, FALSE);
  entry->size = (gint64) blob->size;
  entry->detail = g_strdup_printf ("removed=%u left=%u%s", removed, is_first ? blob->left + blob->spared : 0,
                                   blob->is_signed ? " signature-broken=1" : "");
  return entry;
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  const DsPolicy *one = *(const DsPolicy *const *) a, *two = *(const DsPolicy *const *) b;
  return g_strcmp0 (one != NULL ? one->name : NULL, two != NULL ? two->name : NULL);
}

void
ds_intent_redact (const DsIntentFacts *facts, GPtrArray *entries)
{
  const GPtrArray *edits = facts->blob->edits;
  g_autoptr (GPtrArray) policies = g_ptr_array_new ();
  for (guint i = 0; i < edits->len; i++)
    {
      const DsPolicy *policy = ((const DsPlannedEdit *) g_ptr_array_index (edits, i))->policy;
      if (!g_ptr_array_find (policies, policy, NULL))
        g_ptr_array_add (policies, (gpointer) policy);
    }
  g_ptr_array_sort (policies, by_name);
  for (guint i = 0; i < policies->len; i++)
    g_ptr_array_add (entries, redact_for (facts, g_ptr_array_index (policies, i), i == 0));
}

/* The rules by their full names, joined. */
static char *
rules_of_shred (const DsSession *session, const DsPlannedShred *shred)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer id;
  g_hash_table_iter_init (&iter, shred->rules);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    g_hash_table_add (names, rule_name (session, id));
  return join_sorted (names, FALSE);
}

DsEntry *
ds_intent_shred (const DsIntentFacts *facts, const DsPlannedShred *shred)
{
  const DsExaminedBlob *blob = facts->blob;
  DsEntry *entry = entry_new (facts, shred->policy);
  entry->action = g_strdup ("shred");
  entry->part = g_strdup (shred->part->number);
  entry->media_type = g_strdup (shred->part->media_type);
  entry->extension = g_strdup (shred->part->extension);
  entry->size = (gint64) shred->part->size;
  entry->kinds = ds_planned_shred_kinds (shred);
  entry->rules = rules_of_shred (facts->session, shred);
  entry->detail = blob->is_signed ? g_strdup ("signature-broken=1") : NULL;
  return entry;
}
