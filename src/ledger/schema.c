#include "config.h"
#include "base/error.h"
#include "ledger/internal.h"

#define SCHEMA_VERSION 1
#define APPLICATION_ID 1685285959 /* "dslG", where file(1) and other SQLite programs look for it */

/* Verification compares these statements word for word with what SQLite keeps: a change of a single blank needs a new
 * SCHEMA_VERSION and a way to bring old ledgers to it. */
static const char schema_sql[] =
  "CREATE TABLE entries (\n"
  "  sequence INTEGER PRIMARY KEY,\n"
  "  version INTEGER NOT NULL,\n"
  "  state TEXT NOT NULL,\n"
  "  size INTEGER,\n"
  "  time TEXT NOT NULL,\n"
  "  run TEXT,\n"
  "  action_id TEXT,\n"
  "  system_user TEXT,\n"
  "  actor TEXT,\n"
  "  command TEXT,\n"
  "  store TEXT,\n"
  "  incarnation TEXT,\n"
  "  ticket TEXT,\n"
  "  message TEXT,\n"
  "  part TEXT,\n"
  "  queue TEXT,\n"
  "  extension TEXT,\n"
  "  media_type TEXT,\n"
  "  action TEXT,\n"
  "  kinds TEXT,\n"
  "  detail TEXT,\n"
  "  rules TEXT,\n"
  "  policy TEXT,\n"
  "  reason TEXT,\n"
  "  case_reference TEXT,\n"
  "  ground TEXT,\n"
  "  legal_basis TEXT,\n"
  "  key_id TEXT,\n"
  "  digest_before TEXT,\n"
  "  digest_after TEXT,\n"
  "  spans TEXT,\n"
  "  hash TEXT NOT NULL);\n"
  "CREATE INDEX entries_ticket ON entries (ticket);\n"
  "CREATE INDEX entries_action_id ON entries (action_id);\n"
  "CREATE INDEX entries_run ON entries (run);\n"
  "CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN\n"
  "  SELECT RAISE (ABORT, 'the ledger is append-only: no entry is changed');\n"
  "END;\n"
  "CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries BEGIN\n"
  "  SELECT RAISE (ABORT, 'the ledger is append-only: no entry is deleted');\n"
  "END;\n"
  "CREATE TRIGGER entries_in_sequence BEFORE INSERT ON entries\n"
  "WHEN NEW.sequence IS NOT (SELECT coalesce (max (sequence), 0) + 1 FROM entries) BEGIN\n"
  "  SELECT RAISE (ABORT, 'the ledger is append-only: an entry follows the last one');\n"
  "END;\n"
  "PRAGMA application_id = " G_STRINGIFY (APPLICATION_ID) ";\n"
  "PRAGMA user_version = " G_STRINGIFY (SCHEMA_VERSION) ";\n";

/* hex() because a NUL may hide the rest of a name or statement, typeof() because a blob may look like text. */
static const char objects_sql[] =
  "SELECT type || ' ' || name AS object, typeof (sql) || ' ' || hex (name) || ' ' || hex (tbl_name) || ' ' || hex (sql) "
  "FROM sqlite_master ORDER BY object, 2";

/* Why a file could not be read at all, where SQLite's own words would not help. */
static void
explain (sqlite3 *database, GError **error)
{
  int code = sqlite3_errcode (database) & 0xff;
  const char *path = sqlite3_db_filename (database, "main");
  if (code != SQLITE_NOTADB && code != SQLITE_CANTOPEN && code != SQLITE_READONLY)
    return;
  g_clear_error (error);
  if (code == SQLITE_NOTADB)
    g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: is not a deskshred ledger", path);
  else if (sqlite3_extended_errcode (database) == SQLITE_READONLY_ROLLBACK)
    g_set_error (error, DS_ERROR, DS_ERROR_LEDGER,
                 "%s: nothing is recorded yet: a run was interrupted while it made this ledger; the next one makes it anew", path);
  else
    g_set_error (error, DS_ERROR, DS_ERROR_LEDGER,
                 "%s: cannot be read: the files %s-wal and %s-shm can be neither opened nor made by this user: no permission, or "
                 "the disk is full or failing (without them the latest entries might be missed)",
                 path, path, path);
}

/* One statement, so one state of a file that another process may be filling. */
static gboolean
read_marks (sqlite3 *database, gint64 *application_r, gint64 *version_r, gint64 *objects_r, GError **error)
{
  static const char sql[] = "SELECT count (*), (SELECT application_id FROM pragma_application_id),"
                            " (SELECT user_version FROM pragma_user_version) FROM sqlite_master";
  g_autoptr (sqlite3_stmt) statement = ds_database_query (database, error, sql, "");
  if (statement == NULL || ds_database_step (statement, error) != SQLITE_ROW)
    return FALSE;
  *objects_r = sqlite3_column_int64 (statement, 0);
  *application_r = sqlite3_column_int64 (statement, 1);
  *version_r = sqlite3_column_int64 (statement, 2);
  return TRUE;
}

DsSchema
ds_schema_identify (sqlite3 *database, GError **error)
{
  gint64 application = 0, version = 0, objects = 0;
  if (!read_marks (database, &application, &version, &objects, error))
    {
      explain (database, error);
      return DS_SCHEMA_UNKNOWN;
    }
  if (application == APPLICATION_ID && version == SCHEMA_VERSION)
    return DS_SCHEMA_OURS;
  if (application == 0 && version == 0 && objects == 0)
    return DS_SCHEMA_BLANK;
  const char *path = sqlite3_db_filename (database, "main");
  if (application == APPLICATION_ID && version > SCHEMA_VERSION)
    g_set_error (error, DS_ERROR, DS_ERROR_LEDGER,
                 "%s: ledger version %" G_GINT64_FORMAT " was written by a newer deskshred; this one knows version %d", path,
                 version, SCHEMA_VERSION);
  else
    g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: is not a deskshred ledger", path);
  return DS_SCHEMA_UNKNOWN;
}

gboolean
ds_schema_create (sqlite3 *database, GError **error)
{
  if (!ds_database_exec (database, "BEGIN IMMEDIATE", error))
    return FALSE;
  /* Asked again under the lock: two processes may have found the same blank file. */
  DsSchema schema = ds_schema_identify (database, error);
  gboolean ok = schema != DS_SCHEMA_UNKNOWN
                && (schema == DS_SCHEMA_OURS || ds_database_exec (database, schema_sql, error))
                && ds_database_exec (database, "COMMIT", error);
  if (!ok)
    ds_database_exec (database, "ROLLBACK", NULL);
  return ok;
}

static gboolean
differs (sqlite3 *database, const char *object, const char *how, GError **error)
{
  g_autofree char *safe = g_strescape (object != NULL ? object : "object without a name", NULL);
  g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: the schema was changed: %s %s", sqlite3_db_filename (database, "main"),
               safe, how);
  return FALSE;
}

/* Walks both lists side by side; both are sorted. */
static gboolean
compare (sqlite3 *database, sqlite3_stmt *found, sqlite3_stmt *expected, GError **error)
{
  for (;;)
    {
      int code = ds_database_step (found, error);
      int expected_code = code == -1 ? -1 : ds_database_step (expected, error);
      if (expected_code == -1)
        return FALSE;
      if (code == SQLITE_DONE && expected_code == SQLITE_DONE)
        return TRUE;
      const char *object = code == SQLITE_ROW ? ds_database_text (found, 0) : NULL;
      const char *wanted = expected_code == SQLITE_ROW ? ds_database_text (expected, 0) : NULL;
      int order = code == SQLITE_DONE ? 1 : expected_code == SQLITE_DONE ? -1 : g_strcmp0 (object, wanted);
      if (order < 0)
        return differs (database, object, "is not the ledger's", error);
      if (order > 0)
        return differs (database, wanted, "is missing", error);
      if (g_strcmp0 (ds_database_text (found, 1), ds_database_text (expected, 1)) != 0)
        return differs (database, object, "is altered", error);
    }
}

gboolean
ds_schema_check (sqlite3 *database, GError **error)
{
  /* A scratch database tells how SQLite keeps our statements: nothing is written down twice. */
  g_autoptr (sqlite3) scratch = ds_database_open (":memory:", DS_DATABASE_WRITE, error);
  if (scratch == NULL || !ds_database_exec (scratch, schema_sql, error))
    return FALSE;
  g_autoptr (sqlite3_stmt) found = ds_database_query (database, error, objects_sql, "");
  if (found == NULL)
    return FALSE;
  g_autoptr (sqlite3_stmt) expected = ds_database_query (scratch, error, objects_sql, "");
  return expected != NULL && compare (database, found, expected, error);
}
