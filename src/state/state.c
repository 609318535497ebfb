#include "config.h"
#include "base/error.h"
#include "state/internal.h"

/* A scan may gather for hours, while a hook must get its one write in: a gathering lets go of the file this often, and for
 * so long that whoever waits, trying more often than that, gets it. */
#define HOLD_MICROSECONDS 500000
#define REST_MICROSECONDS 3000
#define TRY_MICROSECONDS 1000
#define MOST_TRIES 60000

static void
finalize (gpointer statement)
{
  sqlite3_finalize (statement);
}

/* SQLite's own handler waits up to 100 ms between two tries, and would miss the rest. */
static int
wait_for_writer (void *data G_GNUC_UNUSED, int tries)
{
  g_usleep (TRY_MICROSECONDS);
  return tries < MOST_TRIES;
}

DsState *
ds_state_open (const char *path, GError **error)
{
  g_autoptr (DsState) state = g_new0 (DsState, 1);
  state->statements = g_hash_table_new_full (NULL, NULL, NULL, finalize);
  state->listings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, ds_listing_free);
  state->database = ds_database_open (path, DS_DATABASE_CREATE, error);
  /* The ledger must survive a power cut; all this can be found again, so a commit need not wait for the disk. */
  if (state->database == NULL || !ds_database_exec (state->database, "PRAGMA synchronous=NORMAL", error)
      || !ds_state_schema (state->database, error))
    return NULL;
  sqlite3_busy_handler (state->database, wait_for_writer, NULL);
  return g_steal_pointer (&state);
}

void
ds_state_close (DsState *state)
{
  if (state == NULL)
    return;
  g_hash_table_unref (state->statements);
  g_hash_table_unref (state->listings);
  ds_state_forget_scanned (state);
  sqlite3_close_v2 (state->database);
  g_free (state);
}

static gboolean
begin (DsState *state, GError **error)
{
  ds_state_forget_scanned (state);
  state->since = g_get_monotonic_time ();
  /* Immediate: a transaction that read first could not become a writer after another process wrote. */
  return ds_database_exec (state->database, "BEGIN IMMEDIATE", error);
}

static gboolean
commit (DsState *state, GError **error)
{
  ds_state_forget_scanned (state);
  return ds_database_exec (state->database, "COMMIT", error);
}

gboolean
ds_state_begin (DsState *state, GError **error)
{
  state->gathering = begin (state, error);
  return state->gathering;
}

gboolean
ds_state_commit (DsState *state, GError **error)
{
  state->gathering = FALSE;
  return commit (state, error);
}

gboolean
ds_state_breathe (DsState *state, GError **error)
{
  if (!state->gathering || g_get_monotonic_time () - state->since < HOLD_MICROSECONDS)
    return TRUE;
  if (!commit (state, error))
    return FALSE;
  g_usleep (REST_MICROSECONDS);
  return begin (state, error);
}

gboolean
ds_state_enter (DsState *state, gboolean *mine_r, GError **error)
{
  *mine_r = sqlite3_get_autocommit (state->database) != 0;
  return !*mine_r || begin (state, error);
}

gboolean
ds_state_leave (DsState *state, gboolean mine, gboolean ok, GError **error)
{
  if (!mine)
    return ok && ds_state_breathe (state, error);
  if (ok && commit (state, error))
    return TRUE;
  ds_state_forget_scanned (state);
  ds_database_exec (state->database, "ROLLBACK", NULL);
  return FALSE;
}

DsKeptStatement *
ds_state_statement (DsState *state, const char *sql, GError **error)
{
  sqlite3_stmt *statement = g_hash_table_lookup (state->statements, sql);
  if (statement != NULL)
    return statement;
  statement = ds_database_query (state->database, error, sql, "");
  if (statement != NULL)
    g_hash_table_insert (state->statements, (gpointer) sql, statement);
  return statement;
}

void
ds_state_forget_scanned (DsState *state)
{
  state->scanned = 0;
  g_clear_pointer (&state->scanned_store, g_free);
  g_clear_pointer (&state->scanned_message, g_free);
}

gboolean
ds_state_remember_path (DsState *state, const char *store, const char *path, GError **error)
{
  return ds_database_run (state->database, error,
                          "INSERT INTO path (store, path) VALUES (?1, ?2)"
                          " ON CONFLICT (store) DO UPDATE SET path = excluded.path WHERE path <> excluded.path",
                          "ss", store, path);
}

char *
ds_state_path_of (DsState *state, const char *store, GError **error)
{
  g_autoptr (sqlite3_stmt) statement
    = ds_database_query (state->database, error, "SELECT path FROM path WHERE store = ?1", "s", store);
  if (statement == NULL || ds_database_step (statement, error) != SQLITE_ROW)
    return NULL;
  return g_strdup (ds_database_text (statement, 0));
}

gboolean
ds_state_settled (DsState *state, const char *store, const char *head, GError **error)
{
  return ds_database_run (state->database, error,
                          "INSERT INTO settled (store, head) VALUES (?1, ?2)"
                          " ON CONFLICT (store) DO UPDATE SET head = excluded.head WHERE head <> excluded.head",
                          "ss", store, head);
}

char *
ds_state_settled_head (DsState *state, const char *store, GError **error)
{
  g_autoptr (sqlite3_stmt) statement
    = ds_database_query (state->database, error, "SELECT head FROM settled WHERE store = ?1", "s", store);
  if (statement == NULL || ds_database_step (statement, error) != SQLITE_ROW)
    return NULL;
  return g_strdup (ds_database_text (statement, 0));
}
