#include "config.h"
#include "state/internal.h"

static void
index_row_clear (DsIndexRow *row)
{
  g_clear_pointer (&row->locator, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DsIndexRow, index_row_clear)

void
ds_indexed_free (DsIndexed *indexed)
{
  if (indexed == NULL)
    return;
  g_free (indexed->message);
  g_free (indexed->locator);
  g_free (indexed);
}

gboolean
ds_index_row (DsState *state, const char *store, const char *message, DsIndexRow *row_r, GError **error)
{
  static const char sql[] = "SELECT sequence, ticket, locator FROM message WHERE store = ?1 AND message = ?2";
  *row_r = (DsIndexRow){ 0 };
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  if (statement == NULL || !ds_database_bind (statement, error, "ss", store, message))
    return FALSE;
  int code = ds_database_step (statement, error);
  if (code != SQLITE_ROW)
    return code != -1;
  row_r->sequence = sqlite3_column_int64 (statement, 0);
  row_r->ticket = sqlite3_column_int64 (statement, 1);
  row_r->locator = g_strdup (ds_database_text (statement, 2));
  return TRUE;
}

static gboolean
insert (DsState *state, const char *store, const char *message, const char *locator, gint64 ticket, GError **error)
{
  static const char sql[] = "INSERT INTO message (store, message, ticket, locator) VALUES (?1, ?2, ?3, ?4)";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  return statement != NULL && ds_database_bind (statement, error, "ssis", store, message, ticket, locator)
         && ds_database_step (statement, error) != -1;
}

static gboolean
update (DsState *state, gint64 sequence, const char *locator, gint64 ticket, GError **error)
{
  static const char sql[] = "UPDATE message SET ticket = ?2, locator = ?3 WHERE sequence = ?1";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  return statement != NULL && ds_database_bind (statement, error, "iis", sequence, ticket, locator)
         && ds_database_step (statement, error) != -1;
}

static gboolean
enter (DsState *state, const char *store, const char *message, const char *locator, gint64 ticket, GError **error)
{
  g_auto (DsIndexRow) row = { 0 };
  if (!ds_index_row (state, store, message, &row, error))
    return FALSE;
  if (row.sequence == 0)
    return insert (state, store, message, locator, ticket, error);
  ds_listing_note (state, store, row.sequence);
  gboolean same = row.ticket == ticket && g_strcmp0 (row.locator, locator) == 0;
  return same || update (state, row.sequence, locator, ticket, error);
}

char *
ds_state_index_message (DsState *state, const char *store, const char *message, const char *locator,
                        const DsThread *thread, GError **error)
{
  gboolean mine = FALSE;
  if (!ds_state_enter (state, &mine, error))
    return NULL;
  DsTicketClass class;
  gboolean ok = ds_thread_place (state, store, message, thread, &class, error)
                && enter (state, store, message, locator, class.id, error);
  return ds_state_leave (state, mine, ok, error) ? ds_ticket_class_name (state, &class, error) : NULL;
}

char *
ds_state_ticket_of (DsState *state, const char *store, const char *message, GError **error)
{
  g_auto (DsIndexRow) row = { 0 };
  DsTicketClass class;
  if (!ds_index_row (state, store, message, &row, error) || row.sequence == 0
      || !ds_ticket_class_of (state, row.ticket, &class, error))
    return NULL;
  return ds_ticket_class_name (state, &class, error);
}

gboolean
ds_state_set_locator (DsState *state, const char *store, const char *message, const char *locator, GError **error)
{
  static const char sql[] = "UPDATE message SET locator = ?3 WHERE store = ?1 AND message = ?2";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  return statement != NULL && ds_database_bind (statement, error, "sss", store, message, locator)
         && ds_database_step (statement, error) != -1;
}

GPtrArray *
ds_state_messages_of (DsState *state, const char *store, const char *ticket, GError **error)
{
  static const char sql[] =
    "WITH RECURSIVE tree (id) AS (SELECT ?1 UNION ALL"
    "  SELECT ticket.id FROM tree CROSS JOIN ticket ON ticket.parent = tree.id) "
    "SELECT message.message, message.locator FROM tree CROSS JOIN message ON message.ticket = tree.id"
    " ORDER BY message.sequence";
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_indexed_free);
  gint64 id = 0;
  if (!ds_ticket_by_name (state, store, ticket, &id, error))
    return NULL;
  if (id == 0)
    return g_steal_pointer (&messages);
  DsTicketClass class;
  if (!ds_ticket_class_of (state, id, &class, error))
    return NULL;
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  if (statement == NULL || !ds_database_bind (statement, error, "i", class.id))
    return NULL;
  int code;
  while ((code = ds_database_step (statement, error)) == SQLITE_ROW)
    {
      DsIndexed *indexed = g_new0 (DsIndexed, 1);
      indexed->message = g_strdup (ds_database_text (statement, 0));
      indexed->locator = g_strdup (ds_database_text (statement, 1));
      g_ptr_array_add (messages, indexed);
    }
  return code == SQLITE_DONE ? g_steal_pointer (&messages) : NULL;
}
