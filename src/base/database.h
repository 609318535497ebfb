/* base/database: opening SQLite the way ledger and state need it, and statements with errors that name the file.
 *
 * An opened database is in WAL mode with synchronous=FULL, secure_delete, and a busy timeout; its file has mode 0600.
 * Errors are DS_ERROR_LEDGER and never hold bound values. */
#pragma once
#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

typedef enum
{
  DS_DATABASE_READ,      /* must exist; nothing is written */
  DS_DATABASE_ROLL_BACK, /* must exist; nothing is written but what takes an interrupted process's transaction back */
  DS_DATABASE_WRITE,     /* must exist */
  DS_DATABASE_CREATE,    /* made with its folder (0700) when absent */
} DsDatabaseMode;

sqlite3 *ds_database_open (const char *path, DsDatabaseMode mode, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3, sqlite3_close_v2)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)

/* Runs statements without results. */
gboolean ds_database_exec (sqlite3 *database, const char *sql, GError **error);

/* Prepares one statement and binds its parameters in order: 's' const char * (or NULL), 'i' gint64, 'b' GBytes *.
 * Strings and bytes are copied. */
sqlite3_stmt *ds_database_query (sqlite3 *database, GError **error, const char *sql, const char *types, ...);

/* Binds anew, so that one prepared statement serves a loop.  Resets first. */
gboolean ds_database_bind (sqlite3_stmt *statement, GError **error, const char *types, ...);

/* SQLITE_ROW, SQLITE_DONE, or -1 with an error. */
int ds_database_step (sqlite3_stmt *statement, GError **error);

/* Query, step once, and done: for INSERT, UPDATE, DELETE. */
gboolean ds_database_run (sqlite3 *database, GError **error, const char *sql, const char *types, ...);

/* A column as text, borrowed until the next step; NULL for NULL. */
const char *ds_database_text (sqlite3_stmt *statement, int column);

G_END_DECLS
