#include "config.h"
#include "run/brake.h"
#include "run/recovery.h"
#include <string.h>

/* No queue has such a name. */
#define FIRST_RUN "\n"

struct _DsBrakeCount
{
  DsSession *session;
  const DsBrake *limits;
  guint64 n_tickets;
  gint64 read;         /* the last entry of the ledger that was read */
  GHashTable *claimed; /* policy -> DsLock */
  GHashTable *tickets; /* "POLICY QUEUE" -> set of tickets changed within the hours */
  GHashTable *known;   /* policies that have changed something before */
};

static GHashTable *
tickets_of (DsBrakeCount *brake, const char *policy, const char *queue)
{
  g_autofree char *key = g_strdup_printf ("%s %s", policy, ds_queue_name (queue));
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
  const char *since;
} Reading;

static gboolean
count_entry (const DsEntry *entry, gpointer data, GError **error G_GNUC_UNUSED)
{
  Reading *reading = data;
  reading->brake->read = entry->sequence;
  if (entry->policy == NULL || entry->ticket == NULL || entry->state != DS_STATE_DONE)
    return TRUE;
  g_hash_table_add (reading->brake->known, g_strdup (entry->policy));
  if (strcmp (entry->time, reading->since) >= 0)
    g_hash_table_add (tickets_of (reading->brake, entry->policy, entry->queue), g_strdup (entry->ticket));
  return TRUE;
}

static gboolean
read_ledger (DsBrakeCount *brake, GError **error)
{
  DsSession *session = brake->session;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) since = g_date_time_add_hours (now, -(gint) brake->limits->hours);
  g_autofree char *since_text = g_date_time_format (since, "%Y-%m-%dT%H:%M:%SZ");
  Reading reading = { brake, since_text };
  DsEntryFilter filter = { .store = session->store_name, .from_sequence = brake->read + 1 };
  return ds_ledger_each (session->ledger, &filter, count_entry, &reading, error);
}

DsBrakeCount *
ds_brake_new (DsSession *session, guint64 n_tickets, GError **error)
{
  g_autoptr (DsBrakeCount) brake = g_new0 (DsBrakeCount, 1);
  brake->session = session;
  brake->limits = &session->configuration->brake;
  brake->n_tickets = n_tickets;
  brake->claimed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ds_lock_free);
  brake->tickets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  brake->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return read_ledger (brake, error) ? g_steal_pointer (&brake) : NULL;
}

gboolean
ds_brake_claim (DsBrakeCount *brake, const DsPolicy *policy, GError **error)
{
  DsSession *session = brake->session;
  if (g_hash_table_contains (brake->claimed, policy->name))
    return TRUE;
  g_autofree char *whole = g_strconcat (session->store_name, " ", policy->name, NULL);
  g_autofree char *digest = ds_site_key_digest (session->key, "lock", whole, strlen (whole), 24);
  g_autofree char *name = g_strconcat ("policy-", digest, NULL);
  g_autofree char *what = g_strdup_printf ("the policy \"%s\"", policy->name);
  DsLock *lock = ds_lock_take (session->configuration->lock_folder, name, what, (guint) MAX (session->options->wait, 0), error);
  if (lock == NULL)
    return FALSE;
  g_hash_table_insert (brake->claimed, g_strdup (policy->name), lock);
  /* Who had it before us may have been killed: what it did counts too. */
  return ds_recover_new (session, error) && read_ledger (brake, error);
}

void
ds_brake_free (DsBrakeCount *brake)
{
  if (brake == NULL)
    return;
  g_hash_table_unref (brake->claimed);
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
