#include "config.h"
#include "run/intent.h"

static DsEntry *
entry_new (const DsIntentFacts *facts)
{
  const DsSession *session = facts->session;
  const DsWarrant *warrant = facts->warrant;
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
  entry->queue = NULL;
  entry->reason = g_strdup (warrant->reason->code);
  entry->case_reference = g_strdup (warrant->case_reference);
  entry->ground = g_strdup (warrant->reason->ground);
  entry->legal_basis = g_strdup (warrant->reason->legal_basis);
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

DsEntry *
ds_intent_redact (const DsIntentFacts *facts)
{
  const DsExaminedBlob *blob = facts->blob;
  DsEntry *entry = entry_new (facts);
  g_autoptr (GHashTable) kinds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) rules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) parts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GString *spans = g_string_new (NULL);
  for (guint i = 0; i < blob->edits->len; i++)
    {
      const DsPlannedEdit *edit = g_ptr_array_index (blob->edits, i);
      const DsFinding *f = edit->finding;
      count_in (kinds, g_strdup (f->origin == DS_ORIGIN_GIVEN ? "value" : ds_kind_name (f->kind)));
      count_in (rules, rule_name (facts->session, f->rule));
      count_in (parts, g_strdup (f->part));
      g_string_append_printf (spans, "%s%s %s %zu-%zu %s %s", spans->len > 0 ? ";" : "", f->part, f->text_label, f->start, f->end,
                              ds_kind_name (f->kind), f->fingerprint);
      if (edit->policy != NULL && entry->policy == NULL)
        entry->policy = g_strdup (edit->policy->name);
    }
  entry->action = g_strdup ("redact");
  entry->kinds = join_sorted (kinds, TRUE);
  entry->rules = join_sorted (rules, FALSE);
  entry->part = join_sorted (parts, FALSE);
  entry->spans = g_string_free (spans, FALSE);
  entry->queue = g_strdup (blob->item->queue);
  entry->size = (gint64) blob->size;
  entry->detail = g_strdup_printf ("removed=%u left=%u%s", blob->edits->len, blob->left + blob->spared,
                                   blob->is_signed ? " signature-broken=1" : "");
  return entry;
}

DsEntry *
ds_intent_shred (const DsIntentFacts *facts, const DsPlannedShred *shred)
{
  const DsExaminedBlob *blob = facts->blob;
  DsEntry *entry = entry_new (facts);
  entry->action = g_strdup ("shred");
  entry->part = g_strdup (shred->part->number);
  entry->media_type = g_strdup (shred->part->media_type);
  entry->extension = g_strdup (shred->part->extension);
  entry->size = (gint64) shred->part->size;
  entry->kinds = ds_planned_shred_kinds (shred);
  entry->queue = g_strdup (blob->item->queue);
  entry->policy = shred->policy != NULL ? g_strdup (shred->policy->name) : NULL;
  entry->detail = blob->is_signed ? g_strdup ("signature-broken=1") : NULL;
  return entry;
}
