#include "config.h"
#include "base/database.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

/* How long a writer waits for another process's transaction.  Ours are short; a backup tool's may not be. */
#define BUSY_MILLISECONDS 60000

static gboolean
set_error (sqlite3 *database, const char *doing, GError **error)
{
  const char *path = sqlite3_db_filename (database, "main");
  /* "disk I/O error" may be a disk that is full: the system knows. */
  int code = (sqlite3_errcode (database) & 0xff) == SQLITE_IOERR ? sqlite3_system_errno (database) : 0;
  g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: cannot %s: %s%s%s", path != NULL ? path : "(memory)", doing, sqlite3_errmsg (database),
               code != 0 ? ": " : "", code != 0 ? g_strerror (code) : "");
  return FALSE;
}

/* SQLite would make the file with the umask's mode; made before it, the file and its -wal and -shm are 0600. */
static gboolean
make_file (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: cannot be made: %s", folder, g_strerror (errno));
      return FALSE;
    }
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: cannot be made: %s", path, g_strerror (errno));
      return FALSE;
    }
  close (fd);
  return TRUE;
}

/* The change to WAL does not wait for the busy timeout: two processes that make one database at once would fail. */
static gboolean
use_wal (sqlite3 *database, GError **error)
{
  int code = SQLITE_BUSY;
  for (guint tries = 0; tries < 500 && (code & 0xff) == SQLITE_BUSY; tries++)
    {
      if (tries > 0)
        g_usleep (10000);
      code = sqlite3_exec (database, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
    }
  return code == SQLITE_OK || set_error (database, "be put in WAL mode", error);
}

sqlite3 *
ds_database_open (const char *path, DsDatabaseMode mode, GError **error)
{
  if (mode == DS_DATABASE_CREATE && !g_file_test (path, G_FILE_TEST_EXISTS) && !make_file (path, error))
    return NULL;
  g_autoptr (sqlite3) database = NULL;
  int flags = mode == DS_DATABASE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (sqlite3_open_v2 (path, &database, flags, NULL) != SQLITE_OK)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: cannot be opened: %s", path,
                   database != NULL ? sqlite3_errmsg (database) : "out of memory");
      return NULL;
    }
  sqlite3_extended_result_codes (database, 1);
  sqlite3_busy_timeout (database, BUSY_MILLISECONDS);
  gboolean writes = mode == DS_DATABASE_WRITE || mode == DS_DATABASE_CREATE;
  const char *pragmas = writes ? "PRAGMA trusted_schema=OFF; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON"
                               : "PRAGMA trusted_schema=OFF";
  if (!ds_database_exec (database, pragmas, error) || (writes && !use_wal (database, error)))
    return NULL;
  return g_steal_pointer (&database);
}

gboolean
ds_database_exec (sqlite3 *database, const char *sql, GError **error)
{
  return sqlite3_exec (database, sql, NULL, NULL, NULL) == SQLITE_OK || set_error (database, "be written or read", error);
}

static gboolean
bind_all (sqlite3_stmt *statement, const char *types, va_list args, GError **error)
{
  for (int i = 1; *types != '\0'; types++, i++)
    {
      int code = SQLITE_MISUSE;
      if (*types == 's')
        code = sqlite3_bind_text (statement, i, va_arg (args, const char *), -1, SQLITE_TRANSIENT);
      else if (*types == 'i')
        code = sqlite3_bind_int64 (statement, i, va_arg (args, gint64));
      else if (*types == 'b')
        {
          gsize size = 0;
          GBytes *bytes = va_arg (args, GBytes *);
          const void *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;
          code = sqlite3_bind_blob64 (statement, i, data, size, SQLITE_TRANSIENT);
        }
      if (code != SQLITE_OK)
        return set_error (sqlite3_db_handle (statement), "bind a parameter", error);
    }
  return TRUE;
}

static sqlite3_stmt *
query (sqlite3 *database, const char *sql, const char *types, va_list args, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;
  if (sqlite3_prepare_v2 (database, sql, -1, &statement, NULL) != SQLITE_OK)
    {
      set_error (database, "be read", error);
      return NULL;
    }
  return bind_all (statement, types, args, error) ? g_steal_pointer (&statement) : NULL;
}

sqlite3_stmt *
ds_database_query (sqlite3 *database, GError **error, const char *sql, const char *types, ...)
{
  va_list args;
  va_start (args, types);
  sqlite3_stmt *statement = query (database, sql, types, args, error);
  va_end (args);
  return statement;
}

gboolean
ds_database_bind (sqlite3_stmt *statement, GError **error, const char *types, ...)
{
  sqlite3_reset (statement);
  va_list args;
  va_start (args, types);
  gboolean ok = bind_all (statement, types, args, error);
  va_end (args);
  return ok;
}

int
ds_database_step (sqlite3_stmt *statement, GError **error)
{
  int code = sqlite3_step (statement);
  if (code == SQLITE_ROW || code == SQLITE_DONE)
    return code;
  set_error (sqlite3_db_handle (statement), sqlite3_stmt_readonly (statement) ? "be read" : "be written", error);
  return -1;
}

gboolean
ds_database_run (sqlite3 *database, GError **error, const char *sql, const char *types, ...)
{
  va_list args;
  va_start (args, types);
  g_autoptr (sqlite3_stmt) statement = query (database, sql, types, args, error);
  va_end (args);
  return statement != NULL && ds_database_step (statement, error) != -1;
}

const char *
ds_database_text (sqlite3_stmt *statement, int column)
{
  return (const char *) sqlite3_column_text (statement, column);
}
