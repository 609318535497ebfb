#include "config.h"
#include "state/internal.h"
#include <stdlib.h>

/* The id of a message that has open findings or blind spots; 0 if it has none. */
static gboolean
find_scanned (DsState *state, const char *store, const char *message, gint64 *id_r, GError **error)
{
  static const char sql[] = "SELECT id FROM scanned WHERE store = ?1 AND message = ?2";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  if (statement == NULL || !ds_database_bind (statement, error, "ss", store, message))
    return FALSE;
  int code = ds_database_step (statement, error);
  *id_r = code == SQLITE_ROW ? sqlite3_column_int64 (statement, 0) : 0;
  return code != -1;
}

static gboolean
enter_scanned (DsState *state, const char *store, const char *message, const char *ticket, const char *queue, GError **error)
{
  static const char sql[] = "INSERT INTO scanned (store, message, ticket, queue) VALUES (?1, ?2, ?3, ?4)"
                            " ON CONFLICT (store, message) DO UPDATE SET ticket = excluded.ticket,"
                            " queue = coalesce (excluded.queue, queue)";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  return statement != NULL && ds_database_bind (statement, error, "ssss", store, message, ticket, queue)
         && ds_database_step (statement, error) != -1;
}

static gboolean
next_number (DsState *state, gint64 scanned, gint64 *next_r, GError **error)
{
  static const char sql[] = "SELECT coalesce (max (n) + 1, 0) FROM finding WHERE scanned = ?1";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  if (statement == NULL || !ds_database_bind (statement, error, "i", scanned)
      || ds_database_step (statement, error) != SQLITE_ROW)
    return FALSE;
  *next_r = sqlite3_column_int64 (statement, 0);
  return TRUE;
}

/* Makes state->scanned the message of what comes next. */
static gboolean
turn_to (DsState *state, const char *store, const char *message, const char *ticket, const char *queue, GError **error)
{
  if (state->scanned != 0 && g_str_equal (state->scanned_message, message) && g_str_equal (state->scanned_store, store))
    return TRUE;
  gint64 id = 0, next = 0;
  ds_state_forget_scanned (state);
  if (!enter_scanned (state, store, message, ticket, queue, error) || !find_scanned (state, store, message, &id, error)
      || !next_number (state, id, &next, error))
    return FALSE;
  state->scanned = id;
  state->next = next;
  state->scanned_store = g_strdup (store);
  state->scanned_message = g_strdup (message);
  return TRUE;
}

static gboolean
delete_rows (DsState *state, const char *sql, gint64 id, GError **error)
{
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  return statement != NULL && ds_database_bind (statement, error, "i", id) && ds_database_step (statement, error) != -1;
}

gboolean
ds_state_forget_message (DsState *state, const char *store, const char *message, GError **error)
{
  static const char findings[] = "DELETE FROM finding WHERE scanned = ?1";
  static const char blind[] = "DELETE FROM blind WHERE scanned = ?1";
  static const char scanned[] = "DELETE FROM scanned WHERE id = ?1";
  gboolean mine = FALSE;
  gint64 id = 0;
  ds_state_forget_scanned (state);
  if (!ds_state_enter (state, &mine, error))
    return FALSE;
  gboolean ok = find_scanned (state, store, message, &id, error)
                && (id == 0
                    || (delete_rows (state, findings, id, error) && delete_rows (state, blind, id, error)
                        && delete_rows (state, scanned, id, error)));
  return ds_state_leave (state, mine, ok, error);
}

static gboolean
forget_part (DsState *state, gint64 id, const char *part, GError **error)
{
  static const char *const sql[] = { "DELETE FROM finding WHERE scanned = ?1 AND (part = ?2 OR part GLOB ?2 || '.*')",
                                     "DELETE FROM blind WHERE scanned = ?1 AND (part = ?2 OR part GLOB ?2 || '.*')" };
  for (guint i = 0; i < G_N_ELEMENTS (sql); i++)
    {
      g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql[i], error);
      if (statement == NULL || !ds_database_bind (statement, error, "is", id, part) || ds_database_step (statement, error) == -1)
        return FALSE;
    }
  return TRUE;
}

static gboolean
forget_places (DsState *state, gint64 id, const DsRemoved *removed, gsize places, GError **error)
{
  static const char sql[] =
    "DELETE FROM finding WHERE scanned = ?1 AND n IN (SELECT n FROM finding INDEXED BY finding_value WHERE scanned = ?1"
    " AND fingerprint = ?4 AND part = ?2 AND text = ?3 ORDER BY score <> ?5, n LIMIT ?6)";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  return statement != NULL
         && ds_database_bind (statement, error, "isssii", id, removed->part, removed->text, removed->fingerprint, (gint64) removed->score,
                              (gint64) places)
         && ds_database_step (statement, error) != -1;
}

static int
compare_removed (gconstpointer a, gconstpointer b)
{
  const DsRemoved *one = a, *two = b;
  int order = g_strcmp0 (one->fingerprint, two->fingerprint);
  order = order != 0 ? order : g_strcmp0 (one->part, two->part);
  order = order != 0 ? order : g_strcmp0 (one->text, two->text);
  return order != 0 ? order : one->score < two->score ? -1 : one->score > two->score;
}

gboolean
ds_state_forget_removed (DsState *state, const char *store, const char *message, DsRemoved *removed, gsize n, GError **error)
{
  gboolean mine = FALSE;
  gint64 id = 0;
  if (n == 0)
    return TRUE;
  if (!ds_state_enter (state, &mine, error))
    return FALSE;
  gboolean ok = find_scanned (state, store, message, &id, error);
  qsort (removed, n, sizeof *removed, compare_removed);
  /* A mail may hold one value a hundred thousand times: its places go together. */
  for (gsize first = 0, end = 0; ok && id != 0 && first < n; first = end)
    {
      for (end = first + 1; end < n && compare_removed (&removed[first], &removed[end]) == 0;)
        end++;
      ok = removed[first].text == NULL ? forget_part (state, id, removed[first].part, error)
                                       : forget_places (state, id, &removed[first], end - first, error);
    }
  return ds_state_leave (state, mine, ok, error);
}

static gboolean
insert_finding (DsState *state, const DsOpenFinding *finding, GError **error)
{
  static const char sql[] = "INSERT INTO finding (scanned, n, part, text, place, rule, kind, masked, fingerprint, score)"
                            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  return statement != NULL
         && ds_database_bind (statement, error, "iisssssssi", state->scanned, state->next++, finding->part, finding->text,
                              finding->where, finding->rule, finding->kind, finding->masked, finding->fingerprint,
                              (gint64) finding->score)
         && ds_database_step (statement, error) != -1;
}

gboolean
ds_state_add_open (DsState *state, const DsOpenFinding *finding, GError **error)
{
  gboolean mine = FALSE;
  if (!ds_state_enter (state, &mine, error))
    return FALSE;
  gboolean ok = turn_to (state, finding->store, finding->message, finding->ticket, finding->queue, error)
                && insert_finding (state, finding, error);
  return ds_state_leave (state, mine, ok, error);
}

static gboolean
insert_blind (DsState *state, const DsBlindSpot *spot, GError **error)
{
  static const char sql[] = "INSERT OR IGNORE INTO blind (scanned, part, reason) VALUES (?1, ?2, ?3)";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  return statement != NULL
         && ds_database_bind (statement, error, "iss", state->scanned, spot->part != NULL ? spot->part : "", spot->reason)
         && ds_database_step (statement, error) != -1;
}

gboolean
ds_state_add_blind (DsState *state, const DsBlindSpot *spot, GError **error)
{
  gboolean mine = FALSE;
  if (!ds_state_enter (state, &mine, error))
    return FALSE;
  gboolean ok
    = turn_to (state, spot->store, spot->message, spot->ticket, NULL, error) && insert_blind (state, spot, error);
  return ds_state_leave (state, mine, ok, error);
}

/* Tickets may have been merged since the message was scanned: the name that it has now, once for each message. */
typedef struct
{
  gint64 scanned;
  char *name;
} Present;

static void
present_clear (Present *present)
{
  g_clear_pointer (&present->name, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Present, present_clear)

static gboolean
present_ticket (DsState *state, sqlite3_stmt *row, Present *present, GError **error)
{
  gint64 scanned = sqlite3_column_int64 (row, 0);
  if (present->name != NULL && scanned == present->scanned)
    return TRUE;
  present_clear (present);
  present->scanned = scanned;
  g_autoptr (GError) problem = NULL;
  const char *store = ds_database_text (row, 1), *noted = ds_database_text (row, 2);
  present->name = ds_state_ticket_of (state, store, ds_database_text (row, 3), &problem);
  if (present->name == NULL && problem == NULL && noted != NULL)
    present->name = ds_state_resolve_ticket (state, store, noted, &problem);
  if (problem == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static gboolean
show_finding (sqlite3_stmt *row, const char *ticket, DsOpenVisit visit, gpointer data, GError **error)
{
  DsOpenFinding finding = {
    .store = ds_database_text (row, 1),
    .ticket = ticket,
    .message = ds_database_text (row, 3),
    .queue = ds_database_text (row, 4),
    .part = ds_database_text (row, 5),
    .text = ds_database_text (row, 6),
    .where = ds_database_text (row, 7),
    .rule = ds_database_text (row, 8),
    .kind = ds_database_text (row, 9),
    .masked = ds_database_text (row, 10),
    .fingerprint = ds_database_text (row, 11),
    .score = (guint) sqlite3_column_int (row, 12),
  };
  return visit (&finding, data, error);
}

gboolean
ds_state_each_open (DsState *state, const char *store, DsOpenVisit visit, gpointer data, GError **error)
{
  static const char sql[] =
    "SELECT scanned.id, store, ticket, message, queue, part, text, place, finding.rule, kind, masked, fingerprint, score"
    " FROM scanned CROSS JOIN finding ON finding.scanned = scanned.id"
    " WHERE (?1 IS NULL OR store = ?1)"
    " AND NOT EXISTS (SELECT 1 FROM dismissal WHERE dismissal.fingerprint = finding.fingerprint)"
    " ORDER BY scanned.id, finding.n";
  g_auto (Present) present = { 0 };
  g_autoptr (sqlite3_stmt) row = ds_database_query (state->database, error, sql, "s", store);
  int code = SQLITE_ROW;
  while (row != NULL && (code = ds_database_step (row, error)) == SQLITE_ROW)
    if (!present_ticket (state, row, &present, error) || !show_finding (row, present.name, visit, data, error))
      return FALSE;
  return row != NULL && code == SQLITE_DONE;
}

gboolean
ds_state_each_blind (DsState *state, const char *store, DsBlindVisit visit, gpointer data, GError **error)
{
  static const char sql[] = "SELECT scanned.id, store, ticket, message, part, reason"
                            " FROM scanned CROSS JOIN blind ON blind.scanned = scanned.id"
                            " WHERE (?1 IS NULL OR store = ?1) ORDER BY scanned.id, part, reason";
  g_auto (Present) present = { 0 };
  g_autoptr (sqlite3_stmt) row = ds_database_query (state->database, error, sql, "s", store);
  int code = SQLITE_ROW;
  while (row != NULL && (code = ds_database_step (row, error)) == SQLITE_ROW)
    {
      if (!present_ticket (state, row, &present, error))
        return FALSE;
      DsBlindSpot spot = { .store = ds_database_text (row, 1), .ticket = present.name, .message = ds_database_text (row, 3),
                           .part = ds_database_text (row, 4), .reason = ds_database_text (row, 5) };
      if (!visit (&spot, data, error))
        return FALSE;
    }
  return row != NULL && code == SQLITE_DONE;
}
