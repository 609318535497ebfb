#include "config.h"
#include "run/brake.h"
#include <string.h>

/* No queue has such a name. */
#define FIRST_RUN "\n"

struct _DsBrakeCount
{
  const DsBrake *limits;
  const char *store;
  guint64 n_tickets;
  GHashTable *tickets; /* "POLICY QUEUE" -> set of tickets changed within the hours */
  GHashTable *known;   /* policies that have changed something before */
};

static GHashTable *
tickets_of (DsBrakeCount *brake, const char *policy, const char *queue)
{
  g_autofree char *key = g_strdup_printf ("%s %s", policy, queue != NULL ? queue : "INBOX");
  GHashTable *tickets = g_hash_table_lookup (brake->tickets, key);
  if (tickets == NULL)
    {
      tickets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_hash_table_insert (brake->tickets, g_steal_pointer (&key), tickets);
    }
  return tickets;
}

typedef struct
{
  DsBrakeCount *brake;
  char *since;
} Reading;

static gboolean
count_entry (const DsEntry *entry, gpointer data, GError **error G_GNUC_UNUSED)
{
  Reading *reading = data;
  if (entry->policy == NULL || entry->ticket == NULL || entry->state != DS_STATE_DONE)
    return TRUE;
  g_hash_table_add (reading->brake->known, g_strdup (entry->policy));
  if (strcmp (entry->time, reading->since) >= 0)
    g_hash_table_add (tickets_of (reading->brake, entry->policy, entry->queue), g_strdup (entry->ticket));
  return TRUE;
}

DsBrakeCount *
ds_brake_new (DsSession *session, guint64 n_tickets, GError **error)
{
  g_autoptr (DsBrakeCount) brake = g_new0 (DsBrakeCount, 1);
  brake->limits = &session->configuration->brake;
  brake->n_tickets = n_tickets;
  brake->tickets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  brake->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) since = g_date_time_add_hours (now, -(gint) brake->limits->hours);
  Reading reading = { brake, g_date_time_format (since, "%Y-%m-%dT%H:%M:%SZ") };
  DsEntryFilter filter = { .store = session->store_name };
  gboolean ok = ds_ledger_each (session->ledger, &filter, count_entry, &reading, error);
  g_free (reading.since);
  return ok ? g_steal_pointer (&brake) : NULL;
}

void
ds_brake_free (DsBrakeCount *brake)
{
  if (brake == NULL)
    return;
  g_hash_table_unref (brake->tickets);
  g_hash_table_unref (brake->known);
  g_free (brake);
}

gboolean
ds_brake_allows (DsBrakeCount *brake, const DsPolicy *policy, const char *queue, const char *ticket)
{
  GHashTable *tickets = tickets_of (brake, policy->name, queue);
  if (g_hash_table_contains (tickets, ticket))
    return TRUE;
  guint64 limit = (guint64) brake->limits->tickets;
  guint64 share = (guint64) (brake->limits->share * (double) brake->n_tickets);
  /* A share of a small store would be nothing at all: the first run's number is always allowed. */
  limit = MIN (limit, MAX (share, (guint64) brake->limits->first));
  /* The first run of a policy counts over all its queues. */
  GHashTable *first = tickets_of (brake, policy->name, FIRST_RUN);
  gboolean is_first = !g_hash_table_contains (brake->known, policy->name);
  if (g_hash_table_size (tickets) >= limit || (is_first && g_hash_table_size (first) >= (guint64) brake->limits->first))
    return FALSE;
  g_hash_table_add (first, g_strdup (ticket));
  g_hash_table_add (tickets, g_strdup (ticket));
  return TRUE;
}
