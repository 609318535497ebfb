#include "config.h"
#include "state/internal.h"

/* A mark is good for so long, so that nothing is left out for ever; two tries must lie as near to each other. */
#define MARK_DAYS "30"

gboolean
ds_state_add_poison (DsState *state, const char *digest, guint64 size, const char *program, const char *reason, GError **error)
{
  static const char sql[] =
    "INSERT INTO poison (digest, size, program, reason, tries, time) VALUES (?1, ?2, ?3, ?4, 1, strftime ('%s', 'now'))"
    " ON CONFLICT (digest) DO UPDATE SET tries = CASE WHEN program = excluded.program"
    " AND CAST (time AS INTEGER) > CAST (excluded.time AS INTEGER) - 86400 * " MARK_DAYS " THEN tries + 1 ELSE 1 END,"
    " size = excluded.size, program = excluded.program, reason = excluded.reason, time = excluded.time";
  return ds_database_run (state->database, error, sql, "siss", digest, (gint64) size, program, reason);
}

gboolean
ds_state_each_poison (DsState *state, const char *program, DsPoisonVisit visit, gpointer data, GError **error)
{
  static const char sql[] = "SELECT digest, size, reason, tries FROM poison WHERE program = ?1"
                            " AND CAST (time AS INTEGER) > CAST (strftime ('%s', 'now') AS INTEGER) - 86400 * " MARK_DAYS;
  g_autoptr (sqlite3_stmt) row = ds_database_query (state->database, error, sql, "s", program);
  int code = SQLITE_ROW;
  while (row != NULL && (code = ds_database_step (row, error)) == SQLITE_ROW)
    visit (ds_database_text (row, 0), (guint64) sqlite3_column_int64 (row, 1), ds_database_text (row, 2),
           (guint) sqlite3_column_int64 (row, 3), data);
  return row != NULL && code == SQLITE_DONE;
}
