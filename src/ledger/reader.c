#include "config.h"
#include "ledger/internal.h"

/* One statement sees one state of the database however long it runs: no transaction is needed around it. */
static sqlite3_stmt *
prepare_select (sqlite3 *database, const DsEntryFilter *filter, GError **error)
{
  static const DsEntryFilter everything = { 0 };
  if (filter == NULL)
    filter = &everything;
  g_autofree char *columns = ds_entry_columns ();
  g_autoptr (GString) sql = g_string_new (NULL);
  g_string_append_printf (sql, "SELECT %s FROM entries WHERE sequence >= ?10", columns);
  /* Only what restricts is written: "?1 IS NULL OR ..." would keep SQLite from its indexes. */
  const struct
  {
    const char *value, *condition;
  } conditions[] = {
    { filter->store, " AND store = ?1" },     { filter->ticket, " AND ticket = ?2" },
    { filter->message, " AND message = ?3" }, { filter->action_id, " AND action_id = ?4" },
    { filter->run, " AND run = ?5" },         { filter->actor, " AND actor = ?6" },
    { filter->since, " AND time >= ?7" },     { filter->until, " AND time < ?8" },
    { filter->state, " AND state = ?9" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (conditions); i++)
    if (conditions[i].value != NULL)
      g_string_append (sql, conditions[i].condition);
  g_string_append (sql, " ORDER BY sequence LIMIT ?11");
  return ds_database_query (database, error, sql->str, "sssssssssii", filter->store, filter->ticket, filter->message,
                            filter->action_id, filter->run, filter->actor, filter->since, filter->until, filter->state,
                            filter->from_sequence, filter->limit == 0 ? (gint64) -1 : (gint64) filter->limit);
}

gboolean
ds_ledger_each (DsLedger *ledger, const DsEntryFilter *filter, DsEntryVisit visit, gpointer data, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = prepare_select (ledger->database, filter, error);
  if (statement == NULL)
    return FALSE;
  int code;
  while ((code = ds_database_step (statement, error)) == SQLITE_ROW)
    {
      g_autoptr (DsEntry) entry = ds_entry_from_row (statement, error);
      if (entry == NULL)
        return FALSE;
      GError *failure = NULL;
      if (visit (entry, data, &failure))
        continue;
      if (failure == NULL)
        return TRUE;
      g_propagate_error (error, failure);
      return FALSE;
    }
  return code == SQLITE_DONE;
}

/* Where the limit cut, the last action may not be whole: it is left for the next time, if it is not the only one. */
static void
leave_last_action (GPtrArray *intents)
{
  const DsEntry *last = g_ptr_array_index (intents, intents->len - 1), *first = g_ptr_array_index (intents, 0);
  if (g_strcmp0 (first->action_id, last->action_id) == 0)
    return;
  g_autofree char *action = g_strdup (last->action_id);
  while (g_strcmp0 (((const DsEntry *) g_ptr_array_index (intents, intents->len - 1))->action_id, action) == 0)
    g_ptr_array_set_size (intents, (gint) intents->len - 1);
}

GPtrArray *
ds_ledger_open_intents_after (DsLedger *ledger, const char *store, gint64 after, guint limit, GError **error)
{
  g_autofree char *columns = ds_entry_columns ();
  g_autofree char *sql = g_strdup_printf (
    "SELECT %s FROM entries WHERE sequence > ?2 AND state = 'intent' AND (?1 IS NULL OR store = ?1) AND NOT EXISTS"
    " (SELECT 1 FROM entries AS later WHERE later.action_id = entries.action_id AND later.sequence > entries.sequence"
    " AND later.state <> 'intent')"
    " ORDER BY sequence LIMIT ?3",
    columns);
  g_autoptr (sqlite3_stmt) statement
    = ds_database_query (ledger->database, error, sql, "sii", store, after, limit == 0 ? (gint64) -1 : (gint64) limit);
  if (statement == NULL)
    return NULL;
  g_autoptr (GPtrArray) intents = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_entry_free);
  int code;
  while ((code = ds_database_step (statement, error)) == SQLITE_ROW)
    {
      DsEntry *entry = ds_entry_from_row (statement, error);
      if (entry == NULL)
        return NULL;
      g_ptr_array_add (intents, entry);
    }
  if (limit != 0 && intents->len == limit)
    leave_last_action (intents);
  return code == SQLITE_DONE ? g_steal_pointer (&intents) : NULL;
}

GPtrArray *
ds_ledger_open_intents (DsLedger *ledger, const char *store, GError **error)
{
  return ds_ledger_open_intents_after (ledger, store, 0, 0, error);
}
