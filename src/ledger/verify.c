#include "config.h"
#include "base/error.h"
#include "ledger/internal.h"
#include <string.h>

/* How far the walk along the chain has come. */
typedef struct
{
  sqlite3 *database;
  gint64 sequence; /* of the last good entry */
  char *hash;      /* its hash */
  char *time;      /* its time; NULL before the first */
  gint64 head_sequence;
  const char *head_hash; /* NULL when none was kept */
} Walk;

static gboolean
parse_head (const char *head, Walk *walk, GError **error)
{
  const char *colon = strchr (head, ':');
  g_autofree char *number = colon != NULL ? g_strndup (head, (gsize) (colon - head)) : NULL;
  guint64 sequence = 0;
  if (number != NULL && g_ascii_string_to_unsigned (number, 10, 0, G_MAXINT64, &sequence, NULL) && strlen (colon + 1) == 64
      && strspn (colon + 1, "0123456789abcdef") == 64)
    {
      walk->head_sequence = (gint64) sequence;
      walk->head_hash = colon + 1;
      return TRUE;
    }
  g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE,
                       "not a ledger head: a sequence number, a colon and 64 digits 0-9a-f are wanted");
  return FALSE;
}

/* "2026-11-22T10:00:00.123Z" and nothing else, so that times may be compared as text. */
static gboolean
time_is_well_formed (const char *time)
{
  static const char shape[] = "0000-00-00T00:00:00.000Z";
  if (time == NULL || strlen (time) != strlen (shape))
    return FALSE;
  for (gsize i = 0; shape[i] != '\0'; i++)
    if (shape[i] == '0' ? !g_ascii_isdigit (time[i]) : time[i] != shape[i])
      return FALSE;
  g_autoptr (GDateTime) parsed = g_date_time_new_from_iso8601 (time, NULL);
  return parsed != NULL;
}

static gboolean
check_entry (const DsEntry *entry, gpointer data, GError **error)
{
  Walk *walk = data;
  gint64 wanted = walk->sequence + 1;
  if (entry->sequence != wanted)
    return ds_ledger_set_fault (error, walk->database, MIN (wanted, entry->sequence), "%s",
                                entry->sequence < wanted ? "it stands before the first" : "it is missing");
  if (!time_is_well_formed (entry->time))
    return ds_ledger_set_fault (error, walk->database, wanted, "its time is malformed");
  if (g_strcmp0 (walk->time, entry->time) > 0)
    return ds_ledger_set_fault (error, walk->database, wanted, "its time is before that of the entry before");
  g_autofree char *hash = ds_entry_hash (entry, walk->hash);
  if (g_strcmp0 (hash, entry->hash) != 0)
    return ds_ledger_set_fault (error, walk->database, wanted, "its hash does not follow from its fields");
  if (wanted == walk->head_sequence && g_strcmp0 (hash, walk->head_hash) != 0)
    return ds_ledger_set_fault (error, walk->database, wanted, "its hash is not the one of the head kept elsewhere");
  walk->sequence = wanted;
  g_free (walk->hash);
  walk->hash = g_steal_pointer (&hash);
  g_free (walk->time);
  walk->time = g_strdup (entry->time);
  return TRUE;
}

static gboolean
check_head (const Walk *walk, GError **error)
{
  if (walk->head_hash == NULL)
    return TRUE;
  if (walk->head_sequence > walk->sequence)
    return ds_ledger_set_fault (error, walk->database, walk->head_sequence,
                                "it is missing: the ledger ends with entry %" G_GINT64_FORMAT
                                ", before the head kept elsewhere",
                                walk->sequence);
  if (walk->head_sequence == 0 && strcmp (walk->head_hash, DS_LEDGER_FIRST_HASH) != 0)
    return ds_ledger_set_fault (error, walk->database, 0, "the head kept elsewhere is of no ledger");
  return TRUE;
}

static gboolean
expect (sqlite3 *database, const char *sql, const char *wanted, const char *what, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = ds_database_query (database, error, sql, "");
  if (statement == NULL || ds_database_step (statement, error) == -1)
    return FALSE;
  const char *found = ds_database_text (statement, 0);
  if (g_strcmp0 (found, wanted) == 0)
    return TRUE;
  g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: %s: %s", sqlite3_db_filename (database, "main"), what,
               found != NULL ? found : "(nothing)");
  return FALSE;
}

/* The chain is walked before the file is checked: an entry by its number says more than a page. */
static gboolean
check_snapshot (DsLedger *ledger, Walk *walk, GError **error)
{
  if (ds_schema_identify (ledger->database, error) == DS_SCHEMA_UNKNOWN || !ds_schema_check (ledger->database, error)
      || !expect (ledger->database, "PRAGMA encoding", "UTF-8", "its text is not UTF-8", error))
    return FALSE;
  /* Sequences may be negative in a forged ledger; nothing is to be passed over. */
  const DsEntryFilter all = { .from_sequence = G_MININT64 };
  return ds_ledger_each (ledger, &all, check_entry, walk, error) && check_head (walk, error)
         && expect (ledger->database, "PRAGMA integrity_check(1)", "ok", "the file is damaged", error);
}

gboolean
ds_ledger_verify (DsLedger *ledger, const char *head, gint64 *entries_r, GError **error)
{
  Walk walk = { .database = ledger->database };
  if (head != NULL && !parse_head (head, &walk, error))
    return FALSE;
  if (!ds_database_exec (ledger->database, "BEGIN", error))
    return FALSE;
  walk.hash = g_strdup (DS_LEDGER_FIRST_HASH);
  gboolean ok = check_snapshot (ledger, &walk, error);
  ds_database_exec (ledger->database, "ROLLBACK", NULL);
  if (entries_r != NULL)
    *entries_r = walk.sequence;
  g_free (walk.hash);
  g_free (walk.time);
  return ok;
}
