#include "config.h"
#include "state/internal.h"

static gboolean
insert (DsState *state, const DsDismissal *d, GError **error)
{
  return ds_database_run (state->database, error,
                          "INSERT OR REPLACE INTO dismissal (fingerprint, rule, kind, masked, store, ticket, message, part, who, actor,"
                          " case_reference, time)"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, strftime ('%Y-%m-%dT%H:%M:%SZ', 'now'))",
                          "sssssssssss", d->fingerprint, d->rule, d->kind, d->masked, d->store, d->ticket, d->message, d->part, d->who,
                          d->actor, d->case_reference);
}

/* A person's decision is the one thing here that no scan finds again: it is made durable.  (Within a transaction SQLite
 * takes no notice of this pragma.) */
static gboolean
begin_durable (DsState *state, GError **error)
{
  return ds_database_exec (state->database, "PRAGMA synchronous=FULL", error);
}

static gboolean
end_durable (DsState *state, gboolean ok, GError **error)
{
  return ds_database_exec (state->database, "PRAGMA synchronous=NORMAL", ok ? error : NULL) && ok;
}

gboolean
ds_state_dismiss (DsState *state, const DsDismissal *dismissal, GError **error)
{
  return begin_durable (state, error) && end_durable (state, insert (state, dismissal, error), error);
}

gboolean
ds_state_end_dismissal (DsState *state, const char *fingerprint, GError **error)
{
  static const char sql[] = "DELETE FROM dismissal WHERE fingerprint = ?1";
  return begin_durable (state, error)
         && end_durable (state, ds_database_run (state->database, error, sql, "s", fingerprint), error);
}

GHashTable *
ds_state_dismissed (DsState *state, GError **error)
{
  g_autoptr (GHashTable) dismissed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (sqlite3_stmt) statement = ds_database_query (state->database, error, "SELECT fingerprint FROM dismissal", "");
  int code = SQLITE_ROW;
  while (statement != NULL && (code = ds_database_step (statement, error)) == SQLITE_ROW)
    g_hash_table_add (dismissed, g_strdup (ds_database_text (statement, 0)));
  return statement != NULL && code == SQLITE_DONE ? g_steal_pointer (&dismissed) : NULL;
}

gboolean
ds_state_each_dismissal (DsState *state, DsDismissalVisit visit, gpointer data, GError **error)
{
  static const char sql[] = "SELECT fingerprint, rule, kind, masked, store, ticket, message, part, who, actor, case_reference, time"
                            " FROM dismissal ORDER BY time, fingerprint";
  g_autoptr (sqlite3_stmt) row = ds_database_query (state->database, error, sql, "");
  int code = SQLITE_ROW;
  while (row != NULL && (code = ds_database_step (row, error)) == SQLITE_ROW)
    {
      DsDismissal dismissal = {
        .fingerprint = ds_database_text (row, 0),
        .rule = ds_database_text (row, 1),
        .kind = ds_database_text (row, 2),
        .masked = ds_database_text (row, 3),
        .store = ds_database_text (row, 4),
        .ticket = ds_database_text (row, 5),
        .message = ds_database_text (row, 6),
        .part = ds_database_text (row, 7),
        .who = ds_database_text (row, 8),
        .actor = ds_database_text (row, 9),
        .case_reference = ds_database_text (row, 10),
        .time = ds_database_text (row, 11),
      };
      if (!visit (&dismissal, data, error))
        return FALSE;
    }
  return row != NULL && code == SQLITE_DONE;
}
