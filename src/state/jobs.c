#include "config.h"
#include "state/internal.h"

gboolean
ds_state_job_done (DsState *state, const char *command, const char *store, gboolean success, GError **error)
{
  static const char sql[] =
    "INSERT INTO job (command, store, last_attempt, last_success)"
    " SELECT ?1, ?2, now, CASE WHEN ?3 THEN now END FROM (SELECT strftime ('%Y-%m-%dT%H:%M:%SZ', 'now') AS now) WHERE TRUE"
    " ON CONFLICT (command, store) DO UPDATE SET last_attempt = excluded.last_attempt,"
    " last_success = coalesce (excluded.last_success, last_success)";
  return ds_database_run (state->database, error, sql, "ssi", command, store != NULL ? store : "", (gint64) success);
}

gboolean
ds_state_each_job (DsState *state, DsJobVisit visit, gpointer data, GError **error)
{
  g_autoptr (sqlite3_stmt) row
    = ds_database_query (state->database, error,
                         "SELECT command, store, last_success, last_attempt FROM job ORDER BY command, store", "");
  int code = SQLITE_ROW;
  while (row != NULL && (code = ds_database_step (row, error)) == SQLITE_ROW)
    {
      DsJob job = { .command = ds_database_text (row, 0), .store = ds_database_text (row, 1),
                    .last_success = ds_database_text (row, 2), .last_attempt = ds_database_text (row, 3) };
      if (!visit (&job, data, error))
        return FALSE;
    }
  return row != NULL && code == SQLITE_DONE;
}
