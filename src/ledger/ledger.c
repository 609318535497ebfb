#include "config.h"
#include "ledger/ledger.h"
#include "base/atomic-file.h"
#include "base/error.h"
#include "ledger/internal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean
ds_ledger_set_fault (GError **error, sqlite3 *database, gint64 sequence, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: entry %" G_GINT64_FORMAT ": %s",
               sqlite3_db_filename (database, "main"), sequence, text);
  return FALSE;
}

static void
refuse_blank (const char *path, GError **error)
{
  g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: is empty, not a deskshred ledger", path);
}

/* What is there, seen without writing: opening for writing turns a database to WAL mode, and it may be another program's. */
static DsSchema
look (const char *path, gboolean create, GError **error)
{
  if (create && !g_file_test (path, G_FILE_TEST_EXISTS))
    return DS_SCHEMA_BLANK;
  g_autoptr (sqlite3) database = ds_database_open (path, DS_DATABASE_READ, error);
  if (database == NULL)
    return DS_SCHEMA_UNKNOWN;
  g_autoptr (GError) problem = NULL;
  DsSchema schema = ds_schema_identify (database, &problem);
  if (problem == NULL)
    return schema;
  /* A process was killed while it turned a new file to WAL mode: its journal is there, and only a writer may roll back. */
  g_autoptr (sqlite3) writer = NULL;
  if (create && sqlite3_extended_errcode (database) == SQLITE_READONLY_ROLLBACK)
    writer = ds_database_open (path, DS_DATABASE_ROLL_BACK, NULL);
  if (writer != NULL)
    return ds_schema_identify (writer, error);
  g_propagate_error (error, g_steal_pointer (&problem));
  return DS_SCHEMA_UNKNOWN;
}

/* Two processes that turn a new database to WAL mode at once would not wait for each other but fail.  So the folder is
 * locked; not the file, since closing a second descriptor of it would drop SQLite's own locks. */
static int
lock_folder (const char *folder, GError **error)
{
  int fd = -1;
  if (g_mkdir_with_parents (folder, 0700) == 0)
    fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int locked = fd < 0 ? -1 : flock (fd, LOCK_EX);
  while (fd >= 0 && locked != 0 && errno == EINTR)
    locked = flock (fd, LOCK_EX);
  if (locked == 0)
    return fd;
  g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: a ledger cannot be made there: %s", folder, g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
make_ledger (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int lock = lock_folder (folder, error);
  if (lock < 0)
    return FALSE;
  sqlite3 *database = ds_database_open (path, DS_DATABASE_CREATE, error);
  gboolean ok = database != NULL && ds_schema_create (database, error);
  /* SQLite syncs the folder of the file, but not the folders that were made for that one. */
  if (ok)
    ds_sync_folders (folder);
  sqlite3_close_v2 (database);
  close (lock);
  return ok;
}

/* Who may write the file can take entries off its end; a record that is to prove something is one user's. */
static gboolean
is_ours_alone (const char *path, GError **error)
{
  struct stat status;
  if (stat (path, &status) != 0 || (status.st_mode & 022) == 0)
    return TRUE;
  g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: the ledger can be written by others (mode %04o): chmod go-w it", path,
               status.st_mode & 07777);
  return FALSE;
}

DsLedger *
ds_ledger_open (const char *path, gboolean create, GError **error)
{
  DsSchema schema = look (path, create, error);
  if (schema == DS_SCHEMA_BLANK && !create)
    refuse_blank (path, error);
  if (schema == DS_SCHEMA_UNKNOWN || (schema == DS_SCHEMA_BLANK && !(create && make_ledger (path, error))))
    return NULL;
  if (!is_ours_alone (path, error))
    return NULL;
  g_autoptr (DsLedger) ledger = g_new0 (DsLedger, 1);
  ledger->database = ds_database_open (path, DS_DATABASE_WRITE, error);
  if (ledger->database == NULL)
    return NULL;
  if (sqlite3_db_readonly (ledger->database, "main") == 0)
    return g_steal_pointer (&ledger);
  /* SQLite opened it for reading and kept to itself what stood against writing. */
  g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: this user may not write to the ledger: %s", path,
               access (path, W_OK) != 0 ? g_strerror (errno) : "it can be opened for reading only");
  return NULL;
}

DsLedger *
ds_ledger_open_read (const char *path, GError **error)
{
  g_autoptr (DsLedger) ledger = g_new0 (DsLedger, 1);
  ledger->database = ds_database_open (path, DS_DATABASE_READ, error);
  if (ledger->database == NULL)
    return NULL;
  DsSchema schema = ds_schema_identify (ledger->database, error);
  if (schema == DS_SCHEMA_BLANK)
    refuse_blank (path, error);
  return schema == DS_SCHEMA_OURS ? g_steal_pointer (&ledger) : NULL;
}

void
ds_ledger_close (DsLedger *ledger)
{
  if (ledger == NULL)
    return;
  sqlite3_close_v2 (ledger->database);
  g_free (ledger);
}

/* The last entry's sequence, time and hash; of an empty ledger 0, NULL and zeros. */
static gboolean
read_last (sqlite3 *database, DsEntry *last, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
    ds_database_query (database, error, "SELECT sequence, time, hash FROM entries ORDER BY sequence DESC LIMIT 1", "");
  int code = statement != NULL ? ds_database_step (statement, error) : -1;
  if (code == SQLITE_ROW)
    {
      last->sequence = sqlite3_column_int64 (statement, 0);
      last->time = g_strdup (ds_database_text (statement, 1));
      last->hash = g_strdup (ds_database_text (statement, 2));
    }
  else if (code == SQLITE_DONE)
    last->hash = g_strdup (DS_LEDGER_FIRST_HASH);
  return code != -1;
}

char *
ds_ledger_head (DsLedger *ledger, GError **error)
{
  g_autoptr (DsEntry) last = ds_entry_new (DS_STATE_SCAN);
  if (!read_last (ledger->database, last, error))
    return NULL;
  return g_strdup_printf ("%" G_GINT64_FORMAT ":%s", last->sequence, last->hash);
}

gboolean
ds_ledger_key_id (DsLedger *ledger, char **key_id_r, GError **error)
{
  static const char sql[] = "SELECT key_id FROM entries WHERE key_id IS NOT NULL ORDER BY sequence DESC LIMIT 1";
  g_autoptr (sqlite3_stmt) statement = ds_database_query (ledger->database, error, sql, "");
  int code = statement != NULL ? ds_database_step (statement, error) : -1;
  *key_id_r = code == SQLITE_ROW ? g_strdup (ds_database_text (statement, 0)) : NULL;
  return code != -1;
}

char *
ds_ledger_head_at (DsLedger *ledger, gint64 sequence, GError **error)
{
  g_autoptr (sqlite3_stmt) statement
    = ds_database_query (ledger->database, error, "SELECT hash FROM entries WHERE sequence = ?1", "i", sequence);
  if (statement == NULL || ds_database_step (statement, error) != SQLITE_ROW)
    return NULL;
  return g_strdup_printf ("%" G_GINT64_FORMAT ":%s", sequence, ds_database_text (statement, 0));
}

static char *
time_now (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *seconds = g_date_time_format (now, "%Y-%m-%dT%H:%M:%S");
  return g_strdup_printf ("%s.%03dZ", seconds, g_date_time_get_microsecond (now) / 1000);
}

/* Gives entry its place after the one before. */
static void
chain (DsEntry *entry, const DsEntry *before, const char *now)
{
  entry->sequence = before->sequence + 1;
  g_free (entry->time);
  g_free (entry->hash);
  /* A clock set back must not make the record contradict its own order. */
  entry->time = g_strdup (g_strcmp0 (before->time, now) > 0 ? before->time : now);
  entry->hash = ds_entry_hash (entry, before->hash);
}

static void
unchain (GPtrArray *entries)
{
  for (guint i = 0; i < entries->len; i++)
    {
      DsEntry *entry = entries->pdata[i];
      entry->sequence = 0;
      g_clear_pointer (&entry->time, g_free);
      g_clear_pointer (&entry->hash, g_free);
    }
}

static sqlite3_stmt *
prepare_insert (sqlite3 *database, GError **error)
{
  g_autofree char *columns = ds_entry_columns ();
  g_autoptr (GString) sql = g_string_new ("INSERT INTO entries (");
  g_string_append_printf (sql, "%s) VALUES (?", columns);
  for (const char *comma = strchr (columns, ','); comma != NULL; comma = strchr (comma + 1, ','))
    g_string_append (sql, ", ?");
  g_string_append_c (sql, ')');
  return ds_database_query (database, error, sql->str, "");
}

static gboolean
insert_all (sqlite3 *database, GPtrArray *entries, GError **error)
{
  g_autoptr (DsEntry) last = ds_entry_new (DS_STATE_SCAN);
  g_autoptr (sqlite3_stmt) insert = prepare_insert (database, error);
  if (insert == NULL || !read_last (database, last, error))
    return FALSE;
  if (last->sequence < 0 || last->sequence > G_MAXINT64 - (gint64) entries->len)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: its last entry cannot have a successor", sqlite3_db_filename (database, "main"));
      return FALSE;
    }
  g_autofree char *now = time_now ();
  const DsEntry *before = last;
  for (guint i = 0; i < entries->len; i++)
    {
      DsEntry *entry = entries->pdata[i];
      chain (entry, before, now);
      if (!ds_entry_bind (entry, insert, error) || ds_database_step (insert, error) == -1)
        return FALSE;
      before = entry;
    }
  return TRUE;
}

gboolean
ds_ledger_append (DsLedger *ledger, GPtrArray *entries, GError **error)
{
  for (guint i = 0; i < entries->len; i++)
    if (!ds_entry_check (entries->pdata[i], error))
      return FALSE;
  /* IMMEDIATE: the lock is had before the head is read, so that no two processes chain to the same entry. */
  if (!ds_database_exec (ledger->database, "BEGIN IMMEDIATE", error))
    return FALSE;
  if (insert_all (ledger->database, entries, error) && ds_database_exec (ledger->database, "COMMIT", error))
    return TRUE;
  ds_database_exec (ledger->database, "ROLLBACK", NULL);
  unchain (entries);
  return FALSE;
}
