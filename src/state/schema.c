#include "config.h"
#include "base/error.h"
#include "state/internal.h"

#define APPLICATION_ID 1685285971 /* "dslS": a ledger given as state, or the reverse, is refused */

static const char version_1[] =
  "CREATE TABLE path (store TEXT PRIMARY KEY, path TEXT NOT NULL) WITHOUT ROWID;"

  /* A class of merged tickets is a tree: a root's parent is NULL; size, shown and numbered count at the root only. */
  "CREATE TABLE ticket (id INTEGER PRIMARY KEY, store TEXT NOT NULL, name TEXT NOT NULL, parent INTEGER,"
  " size INTEGER NOT NULL DEFAULT 1, shown INTEGER, numbered INTEGER NOT NULL, UNIQUE (store, name));"
  "CREATE INDEX ticket_parent ON ticket (parent) WHERE parent IS NOT NULL;"
  "CREATE TABLE thread (store TEXT NOT NULL, digest TEXT NOT NULL, ticket INTEGER NOT NULL, own INTEGER NOT NULL,"
  " PRIMARY KEY (store, digest)) WITHOUT ROWID;"
  /* AUTOINCREMENT: a sequence that came up after a listing began must not be one that was used before. */
  "CREATE TABLE message (sequence INTEGER PRIMARY KEY AUTOINCREMENT, store TEXT NOT NULL, message TEXT NOT NULL,"
  " ticket INTEGER NOT NULL, locator TEXT, UNIQUE (store, message));"
  "CREATE INDEX message_ticket ON message (ticket);"

  /* What all findings of a message have in common stands once. */
  "CREATE TABLE scanned (id INTEGER PRIMARY KEY, store TEXT NOT NULL, message TEXT NOT NULL, ticket TEXT, queue TEXT,"
  " UNIQUE (store, message));"
  "CREATE TABLE finding (scanned INTEGER NOT NULL, n INTEGER NOT NULL, part TEXT, text TEXT, place TEXT, rule TEXT,"
  " kind TEXT, masked TEXT, fingerprint TEXT, score INTEGER NOT NULL, PRIMARY KEY (scanned, n)) WITHOUT ROWID;"
  "CREATE INDEX finding_value ON finding (scanned, fingerprint);"
  "CREATE TABLE blind (scanned INTEGER NOT NULL, part TEXT NOT NULL, reason TEXT NOT NULL,"
  " PRIMARY KEY (scanned, part, reason)) WITHOUT ROWID;"

  "CREATE TABLE dismissal (fingerprint TEXT PRIMARY KEY, rule TEXT, who TEXT, time TEXT NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE job (command TEXT NOT NULL, store TEXT NOT NULL, last_success TEXT, last_attempt TEXT NOT NULL,"
  " PRIMARY KEY (command, store)) WITHOUT ROWID;"
  "PRAGMA application_id = " G_STRINGIFY (APPLICATION_ID) ";";

/* So that a person can tell what was dismissed, and take it back. */
static const char version_2[] =
  "ALTER TABLE dismissal ADD COLUMN kind TEXT; ALTER TABLE dismissal ADD COLUMN masked TEXT;"
  "ALTER TABLE dismissal ADD COLUMN store TEXT; ALTER TABLE dismissal ADD COLUMN ticket TEXT;"
  "ALTER TABLE dismissal ADD COLUMN message TEXT; ALTER TABLE dismissal ADD COLUMN part TEXT;"
  "ALTER TABLE dismissal ADD COLUMN actor TEXT; ALTER TABLE dismissal ADD COLUMN case_reference TEXT;";

/* How far of the ledger no change of a store is open. */
static const char version_3[] = "CREATE TABLE settled (store TEXT PRIMARY KEY, head TEXT NOT NULL) WITHOUT ROWID;";

/* Blobs that ended or overran their worker, and how often (a table of its own: no message need be known for it). */
static const char version_4[] =
  "CREATE TABLE poison (digest TEXT PRIMARY KEY, size INTEGER NOT NULL, program TEXT NOT NULL, reason TEXT NOT NULL,"
  " tries INTEGER NOT NULL, time TEXT NOT NULL) WITHOUT ROWID;";

/* Paths, folders and file names, which may name people, were kept as they are: scans find them again. */
static const char version_5[] = "DELETE FROM path; UPDATE message SET locator = NULL; UPDATE scanned SET queue = NULL;";

/* The n-th step brings version n to n + 1.  Steps that were released never change. */
static const char *const steps[] = { version_1, version_2, version_3, version_4, version_5 };

static gboolean
not_ours (sqlite3 *database, GError **error)
{
  g_clear_error (error);
  g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: is not a deskshred state file",
               sqlite3_db_filename (database, "main"));
  return FALSE;
}

static gboolean
read_version (sqlite3 *database, gint64 *version_r, GError **error)
{
  static const char sql[] = "SELECT (SELECT count (*) FROM sqlite_master),"
                            " (SELECT application_id FROM pragma_application_id),"
                            " (SELECT user_version FROM pragma_user_version)";
  g_autoptr (sqlite3_stmt) statement = ds_database_query (database, error, sql, "");
  if (statement == NULL || ds_database_step (statement, error) != SQLITE_ROW)
    return FALSE;
  gint64 objects = sqlite3_column_int64 (statement, 0);
  gint64 application = sqlite3_column_int64 (statement, 1);
  *version_r = sqlite3_column_int64 (statement, 2);
  if (application == APPLICATION_ID && *version_r >= 1)
    return TRUE;
  return (application == 0 && *version_r == 0 && objects == 0) || not_ours (database, error);
}

static gboolean
bring_up (sqlite3 *database, GError **error)
{
  /* Asked again under the lock: two processes may have found the same old file. */
  gint64 version = 0;
  if (!read_version (database, &version, error))
    return FALSE;
  for (; version < (gint64) G_N_ELEMENTS (steps); version++)
    if (!ds_database_exec (database, steps[version], error))
      return FALSE;
  g_autofree char *mark = g_strdup_printf ("PRAGMA user_version = %" G_GINT64_FORMAT, version);
  return ds_database_exec (database, mark, error);
}

gboolean
ds_state_schema (sqlite3 *database, GError **error)
{
  gint64 version = 0;
  if (!read_version (database, &version, error))
    return FALSE;
  if (version > (gint64) G_N_ELEMENTS (steps))
    {
      g_set_error (error, DS_ERROR, DS_ERROR_LEDGER,
                   "%s: state version %" G_GINT64_FORMAT " was written by a newer deskshred; this one knows version %d",
                   sqlite3_db_filename (database, "main"), version, (int) G_N_ELEMENTS (steps));
      return FALSE;
    }
  if (version == (gint64) G_N_ELEMENTS (steps))
    return TRUE;
  if (!ds_database_exec (database, "BEGIN IMMEDIATE", error))
    return FALSE;
  if (bring_up (database, error) && ds_database_exec (database, "COMMIT", error))
    return TRUE;
  ds_database_exec (database, "ROLLBACK", NULL);
  return FALSE;
}
