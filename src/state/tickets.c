/* Tickets and their names, as a disjoint-set forest (Tarjan 1975).  The smaller tree goes under the root of the larger, so
 * that no path is longer than the logarithm of the class and reading needs no path compression, which would be writing.
 * Which name stands for the class is kept apart, at the root.  A merge writes two rows, whatever the size of the threads;
 * the messages of a class are found downwards, through the index on parent. */
#include "config.h"
#include "state/internal.h"

gboolean
ds_ticket_class_of (DsState *state, gint64 ticket, DsTicketClass *class_r, GError **error)
{
  static const char sql[] = "SELECT parent, size, coalesce (shown, id), numbered FROM ticket WHERE id = ?1";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  while (statement != NULL)
    {
      if (!ds_database_bind (statement, error, "i", ticket))
        return FALSE;
      int code = ds_database_step (statement, error);
      if (code == -1)
        return FALSE;
      /* A missing row (a damaged file) counts as a class of its own: less is then taken together, never more. */
      class_r->id = ticket;
      class_r->size = code == SQLITE_ROW ? sqlite3_column_int64 (statement, 1) : 1;
      class_r->shown = code == SQLITE_ROW ? sqlite3_column_int64 (statement, 2) : ticket;
      class_r->numbered = code == SQLITE_ROW && sqlite3_column_int (statement, 3) != 0;
      if (code != SQLITE_ROW || sqlite3_column_type (statement, 0) == SQLITE_NULL)
        return TRUE;
      ticket = sqlite3_column_int64 (statement, 0);
    }
  return FALSE;
}

gboolean
ds_ticket_by_name (DsState *state, const char *store, const char *name, gint64 *id_r, GError **error)
{
  static const char sql[] = "SELECT id FROM ticket WHERE store = ?1 AND name = ?2";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  if (statement == NULL || !ds_database_bind (statement, error, "ss", store, name))
    return FALSE;
  int code = ds_database_step (statement, error);
  *id_r = code == SQLITE_ROW ? sqlite3_column_int64 (statement, 0) : 0;
  return code != -1;
}

char *
ds_ticket_class_name (DsState *state, const DsTicketClass *class, GError **error)
{
  static const char sql[] = "SELECT name FROM ticket WHERE id = ?1";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  if (statement == NULL || !ds_database_bind (statement, error, "i", class->shown))
    return NULL;
  int code = ds_database_step (statement, error);
  if (code == -1)
    return NULL;
  return code == SQLITE_ROW ? g_strdup (ds_database_text (statement, 0)) : g_strdup ("unknown");
}

static gboolean
insert (DsState *state, const char *store, const char *name, gboolean numbered, DsTicketClass *class_r, GError **error)
{
  static const char sql[] = "INSERT INTO ticket (store, name, numbered) VALUES (?1, ?2, ?3)";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  if (statement == NULL || !ds_database_bind (statement, error, "ssi", store, name, (gint64) numbered)
      || ds_database_step (statement, error) == -1)
    return FALSE;
  gint64 id = sqlite3_last_insert_rowid (state->database);
  *class_r = (DsTicketClass){ .id = id, .size = 1, .shown = id, .numbered = numbered };
  return TRUE;
}

static gboolean
write_root (DsState *state, const DsTicketClass *class, GError **error)
{
  static const char sql[] = "UPDATE ticket SET size = ?2, shown = ?3, numbered = ?4 WHERE id = ?1";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  return statement != NULL
         && ds_database_bind (statement, error, "iiii", class->id, class->size, class->shown, (gint64) class->numbered)
         && ds_database_step (statement, error) != -1;
}

static gboolean
write_parent (DsState *state, gint64 ticket, gint64 parent, GError **error)
{
  static const char sql[] = "UPDATE ticket SET parent = ?2 WHERE id = ?1";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  return statement != NULL && ds_database_bind (statement, error, "ii", ticket, parent)
         && ds_database_step (statement, error) != -1;
}

gboolean
ds_ticket_class_numbered (DsState *state, const char *store, const char *name, DsTicketClass *class_r, GError **error)
{
  gint64 id = 0;
  if (!ds_ticket_by_name (state, store, name, &id, error))
    return FALSE;
  if (id == 0)
    return insert (state, store, name, TRUE, class_r, error);
  if (!ds_ticket_class_of (state, id, class_r, error))
    return FALSE;
  if (class_r->numbered)
    return TRUE;
  /* Somebody wrote the name of a thread into a subject, and the pattern takes it: it is now that ticket's number. */
  class_r->numbered = TRUE;
  class_r->shown = id;
  return write_root (state, class_r, error);
}

gboolean
ds_ticket_class_new (DsState *state, const char *store, const char *digest, DsTicketClass *class_r, GError **error)
{
  /* Hashed again: digest may be of any form.  Twelve digits are 48 bits, which a few million threads can exhaust by chance
   * (the birthday bound), and two threads under one name would be redacted as one: the second gets a longer name. */
  g_autofree char *hex = g_compute_checksum_for_string (G_CHECKSUM_SHA256, digest, -1);
  for (int digits = 12;; digits += 4)
    {
      g_autofree char *name = g_strdup_printf ("t%.*s", digits, hex);
      gint64 taken = 0;
      if (!ds_ticket_by_name (state, store, name, &taken, error))
        return FALSE;
      if (taken == 0)
        return insert (state, store, name, FALSE, class_r, error);
      if (digits >= 64)
        return ds_ticket_class_of (state, taken, class_r, error);
    }
}

gboolean
ds_ticket_class_join (DsState *state, DsTicketClass *class, const DsTicketClass *other, GError **error)
{
  if (class->id == other->id || (class->numbered && other->numbered))
    return TRUE;
  gboolean under = other->size > class->size;
  gint64 child = under ? class->id : other->id;
  if (class->numbered == other->numbered)
    class->shown = MIN (class->shown, other->shown); /* ids count up: the lower is the earlier */
  else if (other->numbered)
    class->shown = other->shown;
  class->numbered |= other->numbered;
  class->size += other->size;
  class->id = under ? other->id : class->id;
  return write_parent (state, child, class->id, error) && write_root (state, class, error);
}

char *
ds_state_resolve_ticket (DsState *state, const char *store, const char *ticket, GError **error)
{
  gint64 id = 0;
  DsTicketClass class;
  if (!ds_ticket_by_name (state, store, ticket, &id, error))
    return NULL;
  if (id == 0)
    return g_strdup (ticket);
  return ds_ticket_class_of (state, id, &class, error) ? ds_ticket_class_name (state, &class, error) : NULL;
}

gboolean
ds_state_each_ticket (DsState *state, const char *store, DsTicketVisit visit, gpointer data, GError **error)
{
  /* By name, so that the order does not depend on which message was seen first.  The sorter holds the result (in a
   * temporary file if it is large), so visit may change the index. */
  static const char sql[] =
    "WITH RECURSIVE tree (id, shown) AS ("
    "  SELECT id, coalesce (shown, id) FROM ticket WHERE store = ?1 AND parent IS NULL"
    "  UNION ALL SELECT ticket.id, tree.shown FROM tree CROSS JOIN ticket ON ticket.parent = tree.id) "
    "SELECT DISTINCT ticket.name FROM tree CROSS JOIN ticket ON ticket.id = tree.shown"
    " WHERE EXISTS (SELECT 1 FROM message WHERE message.ticket = tree.id) ORDER BY ticket.name";
  g_autoptr (sqlite3_stmt) statement = ds_database_query (state->database, error, sql, "s", store);
  int code = SQLITE_ROW;
  while (statement != NULL && (code = ds_database_step (statement, error)) == SQLITE_ROW)
    if (!visit (ds_database_text (statement, 0), data, error))
      return FALSE;
  return statement != NULL && code == SQLITE_DONE;
}
