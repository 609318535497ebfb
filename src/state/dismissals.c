#include "config.h"
#include "state/internal.h"

static gboolean
insert (DsState *state, const char *fingerprint, const char *rule, const char *who, GError **error)
{
  return ds_database_run (state->database, error,
                          "INSERT INTO dismissal (fingerprint, rule, who, time)"
                          " VALUES (?1, ?2, ?3, strftime ('%Y-%m-%dT%H:%M:%SZ', 'now'))"
                          " ON CONFLICT (fingerprint) DO UPDATE"
                          " SET rule = excluded.rule, who = excluded.who, time = excluded.time",
                          "sss", fingerprint, rule, who);
}

gboolean
ds_state_dismiss (DsState *state, const char *fingerprint, const char *rule, const char *who, GError **error)
{
  /* A person's decision is the one thing here that no scan finds again: it is made durable.  (Within a transaction SQLite
   * takes no notice of this pragma.) */
  if (!ds_database_exec (state->database, "PRAGMA synchronous=FULL", error))
    return FALSE;
  gboolean ok = insert (state, fingerprint, rule, who, error);
  return ds_database_exec (state->database, "PRAGMA synchronous=NORMAL", ok ? error : NULL) && ok;
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
