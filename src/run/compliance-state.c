#include "config.h"
#include "run/compliance-private.h"
#include "run/reference.h"
#include <string.h>

typedef struct
{
  GHashTable *index; /* "FIRST\nSECOND" -> DsStateRow, borrowed */
  GPtrArray *rows;
  GPtrArray *samples;
  guint64 *total;
} Gathering;

static void
state_row_free (DsStateRow *row)
{
  g_free (row->first);
  g_free (row->second);
  g_free (row);
}

static void
state_sample_free (DsStateSample *sample)
{
  g_free (sample->ref);
  g_free (sample->what);
  g_free (sample->rule);
  g_free (sample->masked);
  g_free (sample);
}

/* Counts one; TRUE if it is to be a sample as well. */
static gboolean
gather (Gathering *gathering, const char *first, const char *second)
{
  g_autofree char *key = g_strjoin ("\n", first, second, NULL);
  DsStateRow *row = g_hash_table_lookup (gathering->index, key);
  if (row == NULL)
    {
      row = g_new0 (DsStateRow, 1);
      row->first = g_strdup (first);
      row->second = g_strdup (second);
      g_ptr_array_add (gathering->rows, row);
      g_hash_table_insert (gathering->index, g_steal_pointer (&key), row);
    }
  row->count++;
  (*gathering->total)++;
  return row->count <= DS_COMPLIANCE_SAMPLES_EACH && gathering->samples->len < DS_COMPLIANCE_SAMPLES;
}

static void
add_sample (Gathering *gathering, char *ref, const char *what, const char *rule, const char *masked)
{
  DsStateSample *sample = g_new0 (DsStateSample, 1);
  sample->ref = ref;
  sample->what = g_strdup (what);
  sample->rule = g_strdup (rule);
  sample->masked = g_strdup (masked);
  g_ptr_array_add (gathering->samples, sample);
}

static char *
place (const char *store, const char *ticket, const char *message, const char *part)
{
  return ds_reference_write (store, ticket != NULL ? ticket : "", message, part != NULL && *part != '\0' ? part : NULL);
}

static gboolean
gather_open (const DsOpenFinding *finding, gpointer data, GError **error G_GNUC_UNUSED)
{
  const char *kind = finding->kind != NULL ? finding->kind : "", *rule = finding->rule != NULL ? finding->rule : "";
  if (gather (data, kind, rule))
    add_sample (data, place (finding->store, finding->ticket, finding->message, finding->part), kind, rule, finding->masked);
  return TRUE;
}

static gboolean
gather_blind (const DsBlindSpot *spot, gpointer data, GError **error G_GNUC_UNUSED)
{
  if (gather (data, spot->reason, ""))
    add_sample (data, place (spot->store, spot->ticket, spot->message, spot->part), spot->reason, NULL, NULL);
  return TRUE;
}

static int
by_count (gconstpointer a, gconstpointer b)
{
  const DsStateRow *one = *(DsStateRow *const *) a, *two = *(DsStateRow *const *) b;
  if (one->count != two->count)
    return one->count > two->count ? -1 : 1;
  int order = strcmp (one->first, two->first);
  return order != 0 ? order : strcmp (one->second, two->second);
}

static Gathering
gathering_new (guint64 *total, GPtrArray **rows_r, GPtrArray **samples_r)
{
  *rows_r = g_ptr_array_new_with_free_func ((GDestroyNotify) state_row_free);
  *samples_r = g_ptr_array_new_with_free_func ((GDestroyNotify) state_sample_free);
  Gathering gathering = { g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL), *rows_r, *samples_r, total };
  return gathering;
}

static void
gathering_end (Gathering *gathering)
{
  g_ptr_array_sort (gathering->rows, by_count);
  g_hash_table_unref (gathering->index);
}

typedef struct
{
  const char *store;
  guint64 *count;
} Dismissed;

static gboolean
count_dismissed (const DsDismissal *dismissal, gpointer data, GError **error G_GNUC_UNUSED)
{
  const Dismissed *dismissed = data;
  *dismissed->count += dismissed->store == NULL || g_strcmp0 (dismissed->store, dismissal->store) == 0;
  return TRUE;
}

static gboolean
note_scanned (const DsJob *job, gpointer data, GError **error G_GNUC_UNUSED)
{
  if (g_str_equal (job->command, "scan") && job->last_success != NULL)
    g_ptr_array_add (data, g_strdup (job->store));
  return TRUE;
}

gboolean
ds_compliance_collect_state (DsCompliance *compliance, DsState *state, const char *store, GError **error)
{
  Gathering open = gathering_new (&compliance->open, &compliance->open_rows, &compliance->open_samples);
  Gathering blind = gathering_new (&compliance->not_looked_at, &compliance->not_looked_at_rows,
                                   &compliance->not_looked_at_samples);
  Dismissed dismissed = { store, &compliance->dismissed };
  compliance->scanned = g_ptr_array_new_with_free_func (g_free);
  gboolean ok = state == NULL
                || (ds_state_each_open (state, store, gather_open, &open, error)
                    && ds_state_each_blind (state, store, gather_blind, &blind, error)
                    && ds_state_each_dismissal (state, count_dismissed, &dismissed, error)
                    && ds_state_each_job (state, note_scanned, compliance->scanned, error));
  gathering_end (&open);
  gathering_end (&blind);
  return ok;
}
