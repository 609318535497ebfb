#include "config.h"
#include "run/compliance-private.h"
#include "base/error.h"
#include <string.h>

#define MOST_SEQUENCES 400 /* bytes of a row's list of entries */

/* A row while it grows. */
typedef struct
{
  DsComplianceRow row;
  GString *ranges;
  gint64 first, last;  /* the range that is open; 0: none */
  char *last_message;  /* the action id of the last entry: one for each change of a message */
} Growing;

typedef struct
{
  DsCompliance *compliance;
  GHashTable *by[DS_N_BY]; /* "FIRST\nSECOND" -> Growing */
  GHashTable *stores, *keys;
  char *last_message;
} Collector;

/* ---- counts ---- */

static guint64
add_counts (const char *counts, const char *name, gboolean is_prefix)
{
  g_auto (GStrv) fields = g_strsplit (counts != NULL ? counts : "", " ", -1);
  guint64 sum = 0;
  for (guint i = 0; fields[i] != NULL; i++)
    {
      char *equals = strrchr (fields[i], '=');
      if (equals == NULL)
        continue;
      *equals = '\0';
      if (is_prefix ? g_str_has_prefix (fields[i], name) : g_str_equal (fields[i], name))
        sum += g_ascii_strtoull (equals + 1, NULL, 10);
    }
  return sum;
}

guint64
ds_compliance_count (const char *counts, const char *name)
{
  return add_counts (counts, name, FALSE);
}

guint64
ds_compliance_sum (const char *counts, const char *prefix)
{
  return add_counts (counts, prefix, TRUE);
}

/* ---- rows ---- */

static void
end_range (Growing *growing)
{
  GString *ranges = growing->ranges;
  if (growing->first == 0 || g_str_has_suffix (ranges->str, "..."))
    return;
  const char *space = ranges->len > 0 ? " " : "";
  if (ranges->len > MOST_SEQUENCES)
    g_string_append (ranges, " ...");
  else if (growing->first == growing->last)
    g_string_append_printf (ranges, "%s%" G_GINT64_FORMAT, space, growing->first);
  else
    g_string_append_printf (ranges, "%s%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT, space, growing->first, growing->last);
}

static void
note_sequence (Growing *growing, gint64 sequence)
{
  if (growing->first == 0 || sequence != growing->last + 1)
    {
      end_range (growing);
      growing->first = sequence;
    }
  growing->last = sequence;
}

static void
growing_free (Growing *growing)
{
  g_string_free (growing->ranges, TRUE);
  g_free (growing->row.first);
  g_free (growing->row.second);
  g_free (growing->last_message);
  g_free (growing);
}

static void
row_free (DsComplianceRow *row)
{
  g_free (row->first);
  g_free (row->second);
  g_free (row->sequences);
  g_free (row);
}

/* The entries of one change of one message follow each other, with one action id: so many that differ, so many changes. */
static gboolean
is_new_message (char **last_message, const DsEntry *entry)
{
  if (entry->action_id != NULL && g_strcmp0 (*last_message, entry->action_id) == 0)
    return FALSE;
  g_free (*last_message);
  *last_message = g_strdup (entry->action_id);
  return TRUE;
}

static void
add_to_row (Collector *collector, DsBy by, const char *first, const char *second, const DsEntry *entry, const DsTally *share)
{
  first = first != NULL ? first : "";
  second = second != NULL ? second : "";
  g_autofree char *key = g_strjoin ("\n", first, second, NULL);
  Growing *growing = g_hash_table_lookup (collector->by[by], key);
  if (growing == NULL)
    {
      growing = g_new0 (Growing, 1);
      growing->row.first = g_strdup (first);
      growing->row.second = g_strdup (second);
      growing->ranges = g_string_new (NULL);
      g_hash_table_insert (collector->by[by], g_steal_pointer (&key), growing);
    }
  DsTally *tally = &growing->row.tally;
  tally->entries++;
  tally->messages += is_new_message (&growing->last_message, entry);
  tally->places += share->places;
  tally->attachments += share->attachments;
  note_sequence (growing, entry->sequence);
}

/* ---- removals ---- */

static gboolean
is_shred (const DsEntry *entry)
{
  return g_strcmp0 (entry->action, "shred") == 0;
}

/* An attachment goes for the sake of every kind found in it: it counts in each. */
static void
add_kinds (Collector *collector, const DsEntry *entry)
{
  g_auto (GStrv) kinds = g_strsplit (entry->kinds != NULL ? entry->kinds : "", " ", -1);
  const DsTally one = { .attachments = 1 };
  if (kinds[0] == NULL || *kinds[0] == '\0')
    add_to_row (collector, DS_BY_KIND, NULL, NULL, entry, &one);
  for (guint i = 0; kinds[i] != NULL; i++)
    {
      char *equals = strchr (kinds[i], '=');
      DsTally share = { .places = equals != NULL ? g_ascii_strtoull (equals + 1, NULL, 10) : 0 };
      if (equals == NULL)
        continue;
      *equals = '\0';
      add_to_row (collector, DS_BY_KIND, kinds[i], NULL, entry, is_shred (entry) ? &one : &share);
    }
}

static void
add_removal (Collector *collector, const DsEntry *entry)
{
  const DsTally share = { .places = is_shred (entry) ? 0 : ds_compliance_sum (entry->kinds, ""),
                          .attachments = is_shred (entry) };
  g_autofree char *month = g_strndup (entry->time != NULL ? entry->time : "", 7);
  g_autofree char *ground = entry->ground == NULL || entry->legal_basis == NULL
                              ? g_strdup (entry->ground != NULL ? entry->ground : entry->legal_basis)
                              : g_strdup_printf ("%s; basis: %s", entry->ground, entry->legal_basis);
  DsTally *total = &collector->compliance->total;
  total->entries++;
  total->messages += is_new_message (&collector->last_message, entry);
  total->places += share.places;
  total->attachments += share.attachments;
  add_to_row (collector, DS_BY_MONTH, month, NULL, entry, &share);
  add_to_row (collector, DS_BY_ACTOR, entry->actor, entry->system_user, entry, &share);
  add_to_row (collector, DS_BY_QUEUE, entry->store, entry->queue, entry, &share);
  add_to_row (collector, DS_BY_POLICY, entry->policy, entry->command, entry, &share);
  add_to_row (collector, DS_BY_REASON, entry->reason, ground, entry, &share);
  add_kinds (collector, entry);
}

static void
note_name (GHashTable *set, const char *name)
{
  if (name != NULL && !g_hash_table_contains (set, name))
    g_hash_table_add (set, g_strdup (name));
}

static gboolean
collect_entry (const DsEntry *entry, gpointer data, GError **error G_GNUC_UNUSED)
{
  Collector *collector = data;
  DsCompliance *compliance = collector->compliance;
  note_name (collector->stores, entry->store);
  note_name (collector->keys, entry->key_id);
  if (entry->state == DS_STATE_DONE)
    add_removal (collector, entry);
  compliance->failed += entry->state == DS_STATE_FAILED;
  compliance->abandoned += entry->state == DS_STATE_ABANDONED;
  compliance->scans += entry->state == DS_STATE_SCAN;
  return TRUE;
}

/* ---- the ledger, up to its head ---- */

typedef struct
{
  gint64 last; /* sequence */
  gboolean (*wants) (const DsEntry *entry);
  DsEntryVisit visit;
  gpointer data;
} Bounded;

static gboolean
visit_bounded (const DsEntry *entry, gpointer data, GError **error)
{
  Bounded *bounded = data;
  if (entry->sequence > bounded->last)
    return FALSE;
  return !bounded->wants (entry) || bounded->visit (entry, bounded->data, error);
}

static gboolean
each_bounded (const DsCompliance *compliance, DsLedger *ledger, const DsComplianceScope *scope,
              gboolean (*wants) (const DsEntry *entry), DsEntryVisit visit, gpointer data, GError **error)
{
  const DsEntryFilter filter = { .store = scope->store, .since = scope->since, .until = scope->until };
  Bounded bounded = { g_ascii_strtoll (compliance->head, NULL, 10), wants, visit, data };
  return ds_ledger_each (ledger, &filter, visit_bounded, &bounded, error);
}

static gboolean
is_anything (const DsEntry *entry G_GNUC_UNUSED)
{
  return TRUE;
}

static gboolean
is_removal (const DsEntry *entry)
{
  return entry->state == DS_STATE_DONE;
}

static gboolean
is_failure (const DsEntry *entry)
{
  return entry->state == DS_STATE_FAILED || entry->state == DS_STATE_ABANDONED;
}

static gboolean
is_scan (const DsEntry *entry)
{
  return entry->state == DS_STATE_SCAN;
}

gboolean
ds_compliance_each (const DsCompliance *compliance, DsLedger *ledger, const DsComplianceScope *scope,
                    DsCompliancePart part, DsEntryVisit visit, gpointer data, GError **error)
{
  static gboolean (*const wants[]) (const DsEntry *) = {
    [DS_COMPLIANCE_REMOVALS] = is_removal,
    [DS_COMPLIANCE_FAILURES] = is_failure,
    [DS_COMPLIANCE_SCANS] = is_scan,
  };
  if (ledger == NULL || compliance->head == NULL)
    return TRUE;
  return each_bounded (compliance, ledger, scope, wants[part], visit, data, error);
}

/* ---- rows in order ---- */

static int
by_month (gconstpointer a, gconstpointer b)
{
  const DsComplianceRow *one = *(DsComplianceRow *const *) a, *two = *(DsComplianceRow *const *) b;
  return strcmp (one->first, two->first);
}

static int
by_entries (gconstpointer a, gconstpointer b)
{
  const DsComplianceRow *one = *(DsComplianceRow *const *) a, *two = *(DsComplianceRow *const *) b;
  if (one->tally.entries != two->tally.entries)
    return one->tally.entries > two->tally.entries ? -1 : 1;
  int order = strcmp (one->first, two->first);
  return order != 0 ? order : strcmp (one->second, two->second);
}

static GPtrArray *
finished_rows (GHashTable *growing_rows, DsBy by)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) row_free);
  GHashTableIter iterator;
  gpointer value;
  g_hash_table_iter_init (&iterator, growing_rows);
  while (g_hash_table_iter_next (&iterator, NULL, &value))
    {
      Growing *growing = value;
      DsComplianceRow *row = g_new0 (DsComplianceRow, 1);
      end_range (growing);
      row->first = g_steal_pointer (&growing->row.first);
      row->second = g_steal_pointer (&growing->row.second);
      row->tally = growing->row.tally;
      row->sequences = g_strdup (growing->ranges->str);
      g_ptr_array_add (rows, row);
    }
  g_ptr_array_sort (rows, by == DS_BY_MONTH ? by_month : by_entries);
  return rows;
}

static GPtrArray *
sorted_names (GHashTable *set)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (set), (GCompareFunc) g_strcmp0);
  for (GList *at = keys; at != NULL; at = at->next)
    g_ptr_array_add (names, g_strdup (at->data));
  return names;
}

static GHashTable *
name_set (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static gboolean
collect_figures (DsCompliance *compliance, DsLedger *ledger, const DsComplianceScope *scope, GError **error)
{
  Collector collector = { .compliance = compliance, .stores = name_set (), .keys = name_set () };
  for (guint i = 0; i < DS_N_BY; i++)
    collector.by[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) growing_free);
  gboolean ok = ledger == NULL || each_bounded (compliance, ledger, scope, is_anything, collect_entry, &collector, error);
  for (guint i = 0; i < DS_N_BY; i++)
    {
      compliance->rows[i] = finished_rows (collector.by[i], (DsBy) i);
      g_hash_table_unref (collector.by[i]);
    }
  compliance->stores = sorted_names (collector.stores);
  compliance->keys = sorted_names (collector.keys);
  g_hash_table_unref (collector.stores);
  g_hash_table_unref (collector.keys);
  g_free (collector.last_message);
  return ok;
}

/* ---- the record's soundness ---- */

static gboolean
verify (DsCompliance *compliance, DsLedger *ledger, const DsComplianceScope *scope, GError **error)
{
  if (ds_ledger_verify (ledger, scope->head, &compliance->verified, &compliance->fault)
      || !g_error_matches (compliance->fault, DS_ERROR, DS_ERROR_USAGE))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&compliance->fault));
  return FALSE;
}

static gboolean
count_unfinished (DsCompliance *compliance, DsLedger *ledger, const char *store, GError **error)
{
  g_autoptr (GPtrArray) intents = ds_ledger_open_intents (ledger, store, error);
  compliance->unfinished = intents != NULL ? intents->len : 0;
  return intents != NULL;
}

/* What of a ledger that does not hold can't be read is told as part of its fault. */
static gboolean
collect_ledger (DsCompliance *compliance, DsLedger *ledger, const DsComplianceScope *scope, GError **error)
{
  g_autoptr (GError) problem = NULL;
  if (ledger == NULL)
    return collect_figures (compliance, NULL, scope, error);
  /* The head first: what is appended from now on is in no figure, though it may be verified as well. */
  compliance->head = ds_ledger_head (ledger, &problem);
  if (!verify (compliance, ledger, scope, error))
    return FALSE;
  gboolean complete = collect_figures (compliance, compliance->head != NULL ? ledger : NULL, scope, &problem);
  if (complete && compliance->head != NULL && count_unfinished (compliance, ledger, scope->store, &problem))
    return TRUE;
  if (compliance->fault == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  compliance->unreadable = g_steal_pointer (&problem);
  return TRUE;
}

/* ---- */

DsCompliance *
ds_compliance_collect (DsLedger *ledger, DsState *state, const DsComplianceScope *scope, GError **error)
{
  g_autoptr (DsCompliance) compliance = g_new0 (DsCompliance, 1);
  if (!collect_ledger (compliance, ledger, scope, error) || !ds_compliance_collect_state (compliance, state, scope->store, error))
    return NULL;
  return g_steal_pointer (&compliance);
}

void
ds_compliance_free (DsCompliance *compliance)
{
  if (compliance == NULL)
    return;
  GPtrArray *arrays[] = { compliance->stores, compliance->keys, compliance->open_rows, compliance->not_looked_at_rows,
                          compliance->open_samples, compliance->not_looked_at_samples, compliance->scanned };
  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    g_clear_pointer (&arrays[i], g_ptr_array_unref);
  for (guint i = 0; i < DS_N_BY; i++)
    g_clear_pointer (&compliance->rows[i], g_ptr_array_unref);
  g_clear_error (&compliance->fault);
  g_clear_error (&compliance->unreadable);
  g_free (compliance->head);
  g_free (compliance);
}
