#include "config.h"
#include "base/database.h"
#include "base/error.h"
#include "ledger/internal.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  fixture->folder = g_dir_make_tmp ("test-ledger-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  fixture->path = g_build_filename (fixture->folder, "made", "ledger.db", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  for (const char *const *suffix = (const char *const[]){ "", "-wal", "-shm", NULL }; *suffix != NULL; suffix++)
    {
      g_autofree char *file = g_strconcat (fixture->path, *suffix, NULL);
      g_unlink (file);
    }
  g_autofree char *made = g_path_get_dirname (fixture->path);
  g_rmdir (made);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static DsLedger *
open_ledger (const char *path)
{
  g_autoptr (GError) error = NULL;
  DsLedger *ledger = ds_ledger_open (path, TRUE, &error);
  g_assert_no_error (error);
  return ledger;
}

static GPtrArray *
new_entries (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) ds_entry_free);
}

/* Appends one entry and gives its sequence. */
static gint64
append (DsLedger *ledger, DsEntryState state, const char *action_id, const char *store)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = new_entries ();
  DsEntry *entry = ds_entry_new (state);
  entry->action_id = g_strdup (action_id);
  entry->store = g_strdup (store);
  g_ptr_array_add (entries, entry);
  g_assert_true (ds_ledger_append (ledger, entries, &error));
  g_assert_no_error (error);
  return entry->sequence;
}

static void
assert_good (DsLedger *ledger, const char *head, gint64 wanted)
{
  g_autoptr (GError) error = NULL;
  gint64 count = -1;
  gboolean ok = ds_ledger_verify (ledger, head, &count, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
  g_assert_cmpint (count, ==, wanted);
}

static gboolean
collect (const DsEntry *entry, gpointer data, GError **error G_GNUC_UNUSED)
{
  DsEntry *copy = ds_entry_new (entry->state);
  copy->sequence = entry->sequence;
  copy->size = entry->size;
  for (guint i = 0; i < ds_entry_n_fields; i++)
    *ds_entry_field (copy, i) = g_strdup (*ds_entry_field (entry, i));
  g_ptr_array_add (data, copy);
  return TRUE;
}

static GPtrArray *
read_entries (DsLedger *ledger, const DsEntryFilter *filter)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *entries = new_entries ();
  g_assert_true (ds_ledger_each (ledger, filter, collect, entries, &error));
  g_assert_no_error (error);
  return entries;
}

static void
run_sql (const char *path, const char *sql)
{
  g_autoptr (sqlite3) database = NULL;
  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
}

/* -- entries -- */

static void
test_states (void)
{
  DsEntryState state = DS_STATE_SCAN;
  for (guint i = 0; i <= DS_STATE_POLICY_CONFIRMED; i++)
    {
      g_assert_true (ds_entry_state_from_name (ds_entry_state_name ((DsEntryState) i), &state));
      g_assert_cmpint (state, ==, i);
    }
  g_assert_false (ds_entry_state_from_name ("Done", &state));
  g_assert_false (ds_entry_state_from_name (NULL, &state));
}

/* The hash was computed by hand, with sha256sum over the text that ledger.h describes: an accidental change of the
 * encoding would make every ledger in the world bad. */
static void
test_encoding (void)
{
  g_autoptr (DsEntry) entry = ds_entry_new (DS_STATE_DONE);
  entry->sequence = 1;
  entry->size = 12;
  entry->time = g_strdup ("2026-11-22T10:00:00.123Z");
  entry->ticket = g_strdup ("grün");
  entry->part = g_strdup ("");
  g_autofree char *hash = ds_entry_hash (entry, DS_LEDGER_FIRST_HASH);
  g_assert_cmpstr (hash, ==, "2c83a8f961e2e23cb88447b8cc64f32f908fedd71b84bc24dc06604edb476156");
}

/* Every field in turn NULL, empty, and with what is awkward to encode; what is read is what was written. */
static void
test_round_trip (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const values[] = {
    NULL, "", "plain", "a:1:b\nstate:4:done\n", "\x01\x1b[31m\x7f", "größe 漢字 \xf0\x9f\x94\x92",
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) written = new_entries ();
  for (guint i = 0; i < 6 * G_N_ELEMENTS (values); i++)
    {
      DsEntry *entry = ds_entry_new ((DsEntryState) (i % 6));
      entry->size = i % 4 == 0 ? -1 : (gint64) i * G_GINT64_CONSTANT (100000000000) - 100000000000;
      for (guint f = 0; f < ds_entry_n_fields; f++)
        *ds_entry_field (entry, f) = g_strdup (values[(i / 6 + f) % G_N_ELEMENTS (values)]);
      if (entry->action_id == NULL)
        entry->action_id = g_strdup ("id");
      g_ptr_array_add (written, entry);
    }
  g_autoptr (DsLedger) ledger = open_ledger (fixture->path);
  g_assert_true (ds_ledger_append (ledger, written, &error));
  g_autoptr (GPtrArray) read = read_entries (ledger, NULL);
  g_assert_cmpuint (read->len, ==, written->len);
  for (guint i = 0; i < written->len; i++)
    {
      const DsEntry *a = written->pdata[i], *b = read->pdata[i];
      g_assert_cmpint (b->sequence, ==, i + 1);
      g_assert_cmpint (a->sequence, ==, b->sequence);
      g_assert_cmpint (a->state, ==, b->state);
      g_assert_cmpint (a->size, ==, b->size);
      for (guint f = 0; f < ds_entry_n_fields; f++)
        g_assert_cmpstr (*ds_entry_field (a, f), ==, *ds_entry_field (b, f));
    }
  assert_good (ledger, NULL, written->len);
}

static void
assert_refused (DsLedger *ledger, DsEntry *bad)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = new_entries ();
  DsEntry *good = ds_entry_new (DS_STATE_SCAN);
  g_ptr_array_add (entries, good);
  g_ptr_array_add (entries, bad);
  g_assert_false (ds_ledger_append (ledger, entries, &error));
  g_assert_error (error, DS_ERROR, DS_ERROR_LEDGER);
  g_assert_cmpint (good->sequence, ==, 0);
  g_assert_null (good->hash);
}

static void
test_refused_entries (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (DsLedger) ledger = open_ledger (fixture->path);
  for (guint f = 0; f < ds_entry_n_fields; f++)
    {
      DsEntry *bad = ds_entry_new (DS_STATE_SCAN);
      *ds_entry_field (bad, f) = g_strdup ("caf\xe9");
      assert_refused (ledger, bad);
    }
  assert_refused (ledger, ds_entry_new (DS_STATE_INTENT));
  assert_refused (ledger, ds_entry_new ((DsEntryState) 99));
  DsEntry *negative = ds_entry_new (DS_STATE_SCAN);
  negative->size = -2;
  assert_refused (ledger, negative);
  assert_good (ledger, NULL, 0);
}

/* -- the chain -- */

static void
test_head (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DsLedger) ledger = open_ledger (fixture->path);
  g_autofree char *empty = ds_ledger_head (ledger, &error);
  g_assert_cmpstr (empty, ==, "0:" DS_LEDGER_FIRST_HASH);
  assert_good (ledger, empty, 0);
  append (ledger, DS_STATE_SCAN, NULL, "rt");
  g_autofree char *first = ds_ledger_head (ledger, &error);
  g_assert_true (g_str_has_prefix (first, "1:"));
  append (ledger, DS_STATE_SCAN, NULL, "rt");
  assert_good (ledger, empty, 2);
  assert_good (ledger, first, 2);
  g_autofree char *missing = g_strconcat ("3", first + 1, NULL);
  g_autofree char *other = g_strconcat ("2", first + 1, NULL);
  g_assert_false (ds_ledger_verify (ledger, missing, NULL, &error));
  g_assert_error (error, DS_ERROR, DS_ERROR_LEDGER);
  g_assert_nonnull (strstr (error->message, "entry 3"));
  g_clear_error (&error);
  g_assert_false (ds_ledger_verify (ledger, other, NULL, &error));
  g_assert_error (error, DS_ERROR, DS_ERROR_LEDGER);
  g_assert_nonnull (strstr (error->message, "entry 2"));
}

static void
test_malformed_heads (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (DsLedger) ledger = open_ledger (fixture->path);
  const char *const heads[] = { "", ":", "1", "1:",
                                ":" DS_LEDGER_FIRST_HASH, "-1:" DS_LEDGER_FIRST_HASH, "0:" DS_LEDGER_FIRST_HASH "0",
                                "x:" DS_LEDGER_FIRST_HASH, "99999999999999999999:" DS_LEDGER_FIRST_HASH,
                                "0:A000000000000000000000000000000000000000000000000000000000000000" };
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_false (ds_ledger_verify (ledger, heads[i], NULL, &error));
      g_assert_error (error, DS_ERROR, DS_ERROR_USAGE);
    }
}

/* An entry of the future: what follows may not be dated before it. */
static void
test_clock_set_back (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DsLedger) ledger = open_ledger (fixture->path);
  g_autoptr (DsEntry) future = ds_entry_new (DS_STATE_SCAN);
  future->sequence = 1;
  future->time = g_strdup ("2999-12-31T23:59:59.999Z");
  future->hash = ds_entry_hash (future, DS_LEDGER_FIRST_HASH);
  g_assert_true (ds_database_run (ledger->database, &error,
                                  "INSERT INTO entries (sequence, version, state, time, hash) VALUES (1, 1, 'scan', ?, ?)",
                                  "ss", future->time, future->hash));
  append (ledger, DS_STATE_SCAN, NULL, "rt");
  g_autoptr (GPtrArray) entries = read_entries (ledger, NULL);
  g_assert_cmpstr (((DsEntry *) entries->pdata[1])->time, ==, future->time);
  assert_good (ledger, NULL, 2);
}

static void
append_many (const char *path, guint count)
{
  g_autoptr (DsLedger) ledger = open_ledger (path);
  for (guint i = 0; i < count; i++)
    append (ledger, DS_STATE_SCAN, NULL, "rt");
}

/* The ledger is absent when they start: making it is raced for too. */
static void
test_two_processes (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  pid_t children[2];
  for (guint i = 0; i < 2; i++)
    {
      children[i] = fork ();
      g_assert_cmpint (children[i], >=, 0);
      if (children[i] == 0)
        {
          append_many (fixture->path, 200);
          _exit (0);
        }
    }
  for (guint i = 0; i < 2; i++)
    {
      int status = -1;
      g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
      g_assert_cmpint (status, ==, 0);
    }
  g_autoptr (DsLedger) ledger = open_ledger (fixture->path);
  assert_good (ledger, NULL, 400);
}

static void
test_triggers (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const refused[] = {
    "UPDATE entries SET ticket = 'x'",
    "UPDATE OR REPLACE entries SET sequence = 1 WHERE sequence = 2",
    "DELETE FROM entries",
    "INSERT INTO entries (version, state, time, hash) VALUES (1, 'scan', 't', 'h')",
    "INSERT INTO entries (sequence, version, state, time, hash) VALUES (4, 1, 'scan', 't', 'h')",
    "INSERT OR REPLACE INTO entries (sequence, version, state, time, hash) VALUES (2, 1, 'scan', 't', 'h')",
    "INSERT OR IGNORE INTO entries (sequence, version, state, time, hash) VALUES (0, 1, 'scan', 't', 'h')",
  };
  g_autoptr (DsLedger) ledger = open_ledger (fixture->path);
  append (ledger, DS_STATE_SCAN, NULL, "rt");
  append (ledger, DS_STATE_SCAN, NULL, "rt");
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_false (ds_database_exec (ledger->database, refused[i], &error));
      g_assert_nonnull (strstr (error->message, "append-only"));
    }
  assert_good (ledger, NULL, 2);
}

/* -- opening -- */

static void
assert_not_opened (const char *path, gboolean create, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DsLedger) ledger = ds_ledger_open (path, create, &error);
  g_assert_null (ledger);
  g_assert_error (error, DS_ERROR, DS_ERROR_LEDGER);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, words));
  g_clear_error (&error);
  g_autoptr (DsLedger) reader = ds_ledger_open_read (path, &error);
  g_assert_null (reader);
  g_assert_error (error, DS_ERROR, DS_ERROR_LEDGER);
  g_assert_nonnull (strstr (error->message, path));
}

static void
test_newer (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  append_many (fixture->path, 1);
  run_sql (fixture->path, "PRAGMA user_version = 7");
  assert_not_opened (fixture->path, TRUE, "ledger version 7 was written by a newer deskshred; this one knows version 1");
}

static void
test_no_ledger (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *folder = g_path_get_dirname (fixture->path);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  assert_not_opened (fixture->path, FALSE, "cannot be opened");
  g_assert_true (g_file_set_contents (fixture->path, "", 0, NULL));
  assert_not_opened (fixture->path, FALSE, "not a deskshred ledger");
  g_assert_true (g_file_set_contents (fixture->path, "some notes of mine, longer than a header\n", -1, NULL));
  assert_not_opened (fixture->path, TRUE, "not a deskshred ledger");
  g_unlink (fixture->path);

  /* Another program's database is refused, and keeps its journal mode, so its every byte. */
  run_sql (fixture->path, "CREATE TABLE entries (a); INSERT INTO entries VALUES (1)");
  g_autofree char *before = NULL, *after = NULL;
  gsize before_size = 0, after_size = 0;
  g_assert_true (g_file_get_contents (fixture->path, &before, &before_size, NULL));
  assert_not_opened (fixture->path, TRUE, "not a deskshred ledger");
  g_assert_true (g_file_get_contents (fixture->path, &after, &after_size, NULL));
  g_assert_cmpmem (before, before_size, after, after_size);
}

/* A crash may leave the file made and not yet filled. */
static void
test_made_over_empty (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *folder = g_path_get_dirname (fixture->path);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (fixture->path, "", 0, NULL));
  run_sql (fixture->path, "PRAGMA journal_mode = WAL");
  append_many (fixture->path, 3);
  g_autoptr (DsLedger) ledger = open_ledger (fixture->path);
  assert_good (ledger, NULL, 3);
}

static void
copy_file (const char *from, const char *to)
{
  g_autofree char *bytes = NULL;
  gsize size = 0;
  g_assert_true (g_file_get_contents (from, &bytes, &size, NULL));
  g_assert_cmpuint (size, >, 0);
  g_assert_true (g_file_set_contents (to, bytes, (gssize) size, NULL));
}

/* A kill while the new file is turned to WAL mode leaves a journal, which someone who only reads can't roll back. */
static void
test_made_over_journal (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *folder = g_path_get_dirname (fixture->path);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_autofree char *other = g_strconcat (fixture->path, ".other", NULL);
  g_autofree char *other_journal = g_strconcat (other, "-journal", NULL);
  g_autofree char *journal = g_strconcat (fixture->path, "-journal", NULL);
  g_autoptr (sqlite3) database = NULL;
  g_assert_cmpint (sqlite3_open (other, &database), ==, SQLITE_OK);
  /* A cache of one page makes it write both files before the transaction ends. */
  g_assert_cmpint (sqlite3_exec (database,
                                 "VACUUM; PRAGMA cache_size = 1; BEGIN; CREATE TABLE t (a); CREATE TABLE u (a);"
                                 "INSERT INTO t SELECT randomblob (3000) FROM pragma_function_list LIMIT 50",
                                 NULL, NULL, NULL), ==, SQLITE_OK);
  copy_file (other, fixture->path);
  copy_file (other_journal, journal);
  g_clear_pointer (&database, sqlite3_close);
  g_assert_cmpint (g_unlink (other), ==, 0);
  g_autoptr (GError) error = NULL;
  g_assert_null (ds_ledger_open_read (fixture->path, &error));
  g_assert_nonnull (strstr (error->message, "a run was interrupted while it made this ledger"));
  append_many (fixture->path, 3);
  g_autoptr (DsLedger) ledger = open_ledger (fixture->path);
  assert_good (ledger, NULL, 3);
}

static void
test_modes (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (DsLedger) ledger = open_ledger (fixture->path);
  append (ledger, DS_STATE_SCAN, NULL, "rt");
  for (const char *const *suffix = (const char *const[]){ "", "-wal", "-shm", NULL }; *suffix != NULL; suffix++)
    {
      struct stat status;
      g_autofree char *file = g_strconcat (fixture->path, *suffix, NULL);
      g_assert_cmpint (stat (file, &status), ==, 0);
      g_assert_cmpint (status.st_mode & 07777, ==, 0600);
    }
}

/* A reader beside a writer: sees what is there, and appends nothing. */
static void
test_reader (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DsLedger) ledger = open_ledger (fixture->path);
  append (ledger, DS_STATE_SCAN, NULL, "rt");
  g_autoptr (DsLedger) reader = ds_ledger_open_read (fixture->path, &error);
  g_assert_no_error (error);
  assert_good (reader, NULL, 1);
  append (ledger, DS_STATE_SCAN, NULL, "rt");
  assert_good (reader, NULL, 2);
  g_autoptr (GPtrArray) entries = new_entries ();
  g_ptr_array_add (entries, ds_entry_new (DS_STATE_SCAN));
  g_assert_false (ds_ledger_append (reader, entries, &error));
  g_assert_error (error, DS_ERROR, DS_ERROR_LEDGER);
}

/* -- reading -- */

static void
fill_for_filters (DsLedger *ledger)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = new_entries ();
  for (guint i = 0; i < 64; i++)
    {
      DsEntry *entry = ds_entry_new (DS_STATE_SCAN);
      entry->store = g_strdup (i & 1 ? "one" : "zero");
      entry->ticket = g_strdup (i & 2 ? "one" : "zero");
      entry->message = g_strdup (i & 4 ? "one" : "zero");
      entry->action_id = g_strdup (i & 8 ? "one" : "zero");
      entry->run = g_strdup (i & 16 ? "one" : "zero");
      entry->actor = g_strdup (i & 32 ? "one" : NULL);
      g_ptr_array_add (entries, entry);
    }
  g_assert_true (ds_ledger_append (ledger, entries, &error));
}

static guint
count_entries (DsLedger *ledger, const DsEntryFilter filter)
{
  g_autoptr (GPtrArray) entries = read_entries (ledger, &filter);
  return entries->len;
}

static void
test_filters (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (DsLedger) ledger = open_ledger (fixture->path);
  fill_for_filters (ledger);
  g_assert_cmpuint (count_entries (ledger, (DsEntryFilter){ 0 }), ==, 64);
  g_assert_cmpuint (count_entries (ledger, (DsEntryFilter){ .store = "one" }), ==, 32);
  g_assert_cmpuint (count_entries (ledger, (DsEntryFilter){ .ticket = "one", .message = "zero" }), ==, 16);
  g_assert_cmpuint (count_entries (ledger, (DsEntryFilter){ .action_id = "one", .run = "one", .actor = "one" }), ==, 8);
  g_assert_cmpuint (count_entries (ledger, (DsEntryFilter){ .actor = "none" }), ==, 0);
  g_assert_cmpuint (count_entries (ledger, (DsEntryFilter){ .from_sequence = 60 }), ==, 5);
  g_assert_cmpuint (count_entries (ledger, (DsEntryFilter){ .limit = 7 }), ==, 7);
  g_assert_cmpuint (count_entries (ledger, (DsEntryFilter){ .since = "2000", .until = "9000" }), ==, 64);
  g_assert_cmpuint (count_entries (ledger, (DsEntryFilter){ .since = "9000" }), ==, 0);
  g_assert_cmpuint (count_entries (ledger, (DsEntryFilter){ .until = "2000" }), ==, 0);
  g_assert_cmpuint (count_entries (ledger, (DsEntryFilter){ .state = "policy-confirmed" }), ==, 0);
  DsEntry *confirmed = ds_entry_new (DS_STATE_POLICY_CONFIRMED);
  g_autoptr (GPtrArray) one = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_entry_free);
  confirmed->policy = g_strdup ("cards");
  confirmed->detail = g_strdup ("digest=0123456789abcdef");
  g_ptr_array_add (one, confirmed);
  g_assert_true (ds_ledger_append (ledger, one, NULL));
  g_assert_cmpuint (count_entries (ledger, (DsEntryFilter){ .state = "policy-confirmed" }), ==, 1);
  g_assert_cmpuint (count_entries (ledger, (DsEntryFilter){ .state = "policy-confirmed", .store = "one" }), ==, 0);
}

static gboolean
stop_at_three (const DsEntry *entry, gpointer data, GError **error)
{
  if (entry->sequence < 3)
    return TRUE;
  if (data != NULL)
    g_set_error_literal (error, DS_ERROR, DS_ERROR_ITEM, "enough");
  return FALSE;
}

static void
test_stopping (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DsLedger) ledger = open_ledger (fixture->path);
  fill_for_filters (ledger);
  g_assert_true (ds_ledger_each (ledger, NULL, stop_at_three, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (ds_ledger_each (ledger, NULL, stop_at_three, fixture, &error));
  g_assert_error (error, DS_ERROR, DS_ERROR_ITEM);
}

static void
test_open_intents (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DsLedger) ledger = open_ledger (fixture->path);
  append (ledger, DS_STATE_INTENT, "finished", "rt");
  gint64 crashed = append (ledger, DS_STATE_INTENT, "crashed", "rt");
  append (ledger, DS_STATE_DONE, "finished", "rt");
  append (ledger, DS_STATE_INTENT, "failed", "rt");
  append (ledger, DS_STATE_FAILED, "failed", "rt");
  append (ledger, DS_STATE_INTENT, "again", "rt");
  append (ledger, DS_STATE_ABANDONED, "again", "rt");
  gint64 again = append (ledger, DS_STATE_INTENT, "again", "rt");
  append (ledger, DS_STATE_SCAN, NULL, "rt");
  gint64 elsewhere = append (ledger, DS_STATE_INTENT, "elsewhere", "mail");
  gint64 first = append (ledger, DS_STATE_INTENT, "several", "rt"), second = append (ledger, DS_STATE_INTENT, "several", "rt");

  g_autoptr (GPtrArray) all = ds_ledger_open_intents (ledger, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (all->len, ==, 5);
  g_assert_cmpint (((DsEntry *) all->pdata[0])->sequence, ==, crashed);
  g_assert_cmpint (((DsEntry *) all->pdata[1])->sequence, ==, again);
  g_assert_cmpint (((DsEntry *) all->pdata[2])->sequence, ==, elsewhere);
  g_assert_cmpint (((DsEntry *) all->pdata[3])->sequence, ==, first);
  g_assert_cmpint (((DsEntry *) all->pdata[4])->sequence, ==, second);
  g_autoptr (GPtrArray) mail = ds_ledger_open_intents (ledger, "mail", &error);
  g_assert_cmpuint (mail->len, ==, 1);
  g_assert_cmpstr (((DsEntry *) mail->pdata[0])->action_id, ==, "elsewhere");
}

/* Slice by slice, with the intents of one action together, and from a place on that is known to be this ledger's. */
static void
test_open_intents_after (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (DsLedger) ledger = open_ledger (fixture->path);
  static const char *const actions[] = { "a", "b", "b", "c", "c", "c", "d" };
  static const guint slices[] = { 1, 2, 3, 1 }; /* of at most 3 */
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    append (ledger, DS_STATE_INTENT, actions[i], "rt");
  gint64 after = 0;
  for (guint i = 0, n = 0; i < G_N_ELEMENTS (slices); i++)
    {
      g_autoptr (GPtrArray) slice = ds_ledger_open_intents_after (ledger, "rt", after, i == 0 ? 2 : 3, NULL);
      g_assert_cmpuint (slice->len, ==, slices[i]);
      for (guint k = 0; k < slice->len; k++)
        g_assert_cmpstr (((DsEntry *) slice->pdata[k])->action_id, ==, actions[n++]);
      after = ((DsEntry *) slice->pdata[slice->len - 1])->sequence;
    }
  g_autoptr (GPtrArray) none = ds_ledger_open_intents_after (ledger, "rt", after, 3, NULL);
  g_assert_cmpuint (none->len, ==, 0);
  g_autofree char *head = ds_ledger_head (ledger, NULL), *same = ds_ledger_head_at (ledger, after, NULL);
  g_assert_cmpstr (head, ==, same);
  g_autofree char *earlier = ds_ledger_head_at (ledger, after - 1, NULL);
  g_assert_cmpstr (head, !=, earlier);
  g_assert_null (ds_ledger_head_at (ledger, after + 1, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ledger/states", test_states);
  g_test_add_func ("/ledger/encoding", test_encoding);
#define ADD(name, function) g_test_add ("/ledger/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("round-trip", test_round_trip);
  ADD ("refused-entries", test_refused_entries);
  ADD ("head", test_head);
  ADD ("malformed-heads", test_malformed_heads);
  ADD ("clock-set-back", test_clock_set_back);
  ADD ("two-processes", test_two_processes);
  ADD ("triggers", test_triggers);
  ADD ("newer", test_newer);
  ADD ("no-ledger", test_no_ledger);
  ADD ("made-over-empty", test_made_over_empty);
  ADD ("made-over-journal", test_made_over_journal);
  ADD ("modes", test_modes);
  ADD ("reader", test_reader);
  ADD ("filters", test_filters);
  ADD ("stopping", test_stopping);
  ADD ("open-intents", test_open_intents);
  ADD ("open-intents-after", test_open_intents_after);
  return g_test_run ();
}
