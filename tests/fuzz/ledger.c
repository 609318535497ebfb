/* The ledger's record.  Two kinds of input:
 *   "SQLite format 3" ...  a whole file of any content: it is refused, or every entry can be read, and if it verifies, its
 *                          chain also follows by the words of ledger.h, computed here.
 *   any other              entries, whose fields are the input's lines, are appended; then the record is tampered with in a way
 *                          that the input chooses.  It verifies against its head if, and only if, every row is as it was. */
#include "config.h"
#include "property.h"
#include "base/error.h"
#include "ledger/internal.h"
#include <stdlib.h>
#include <string.h>

#define MOST_ENTRIES 4

/* ---- the chain by the words of ledger.h ---- */

static void
add_field (GString *out, const char *name, const char *value)
{
  if (value == NULL)
    g_string_append_printf (out, "%s:-\n", name);
  else
    g_string_append_printf (out, "%s:%zu:%s\n", name, strlen (value), value);
}

static char *
chain_hash (const DsEntry *e, const char *previous)
{
  g_autoptr (GString) out = g_string_new ("deskshred-ledger-1\n");
  g_autofree char *sequence = g_strdup_printf ("%" G_GINT64_FORMAT, e->sequence), *size = g_strdup_printf ("%" G_GINT64_FORMAT, e->size);
  const struct
  {
    const char *name, *value;
  } all[] = {
    { "sequence", sequence }, { "state", ds_entry_state_name (e->state) }, { "size", e->size >= 0 ? size : NULL },
    { "time", e->time }, { "run", e->run }, { "action_id", e->action_id }, { "system_user", e->system_user }, { "actor", e->actor },
    { "command", e->command }, { "store", e->store }, { "incarnation", e->incarnation }, { "ticket", e->ticket },
    { "message", e->message }, { "part", e->part }, { "queue", e->queue }, { "extension", e->extension },
    { "media_type", e->media_type }, { "action", e->action }, { "kinds", e->kinds }, { "detail", e->detail }, { "rules", e->rules },
    { "policy", e->policy }, { "reason", e->reason }, { "case_reference", e->case_reference }, { "ground", e->ground },
    { "legal_basis", e->legal_basis }, { "key_id", e->key_id }, { "digest_before", e->digest_before },
    { "digest_after", e->digest_after }, { "spans", e->spans }, { "previous", previous },
  };
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    add_field (out, all[i].name, all[i].value);
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) out->str, out->len);
}

typedef struct
{
  char *hash;
  gint64 entries;
  gboolean follows;
} Chain;

static gboolean
follow (const DsEntry *entry, gpointer data, GError **error G_GNUC_UNUSED)
{
  Chain *chain = data;
  g_autofree char *hash = chain_hash (entry, chain->hash);
  chain->follows &= g_strcmp0 (hash, entry->hash) == 0 && entry->sequence == chain->entries + 1;
  g_free (chain->hash);
  chain->hash = g_strdup (entry->hash);
  chain->entries++;
  return TRUE;
}

static gboolean
verify (sqlite3 *database, const char *head, gint64 *entries_r)
{
  DsLedger ledger = { database };
  g_autoptr (GError) error = NULL;
  gboolean good = ds_ledger_verify (&ledger, head, entries_r, &error);
  fuzz_require (good == (error == NULL), "an error or a good record, not both or neither");
  fuzz_require (error == NULL || (error->domain == DS_ERROR && g_utf8_validate (error->message, -1, NULL)), "not an error of ours");
  return good;
}

/* ---- whole files ---- */

static void
read_all (sqlite3 *database)
{
  DsLedger ledger = { database };
  g_autoptr (GError) error = NULL, intent_error = NULL;
  const DsEntryFilter all = { .from_sequence = G_MININT64 };
  gint64 entries = 0;
  gboolean good = verify (database, NULL, &entries);
  Chain chain = { g_strdup (DS_LEDGER_FIRST_HASH), 0, TRUE };
  gboolean read = ds_ledger_each (&ledger, &all, follow, &chain, &error);
  fuzz_require (read == (error == NULL), "an error or entries, not both or neither");
  if (good)
    fuzz_require (read && chain.follows && chain.entries == entries, "a record verifies whose chain does not follow");
  g_free (chain.hash);
  g_autoptr (GPtrArray) intents = ds_ledger_open_intents (&ledger, NULL, &intent_error);
  fuzz_require ((intents == NULL) == (intent_error != NULL), "an error or intents, not both or neither");
  g_autofree char *head = ds_ledger_head (&ledger, NULL);
  if (good)
    fuzz_require (head != NULL && verify (database, head, NULL), "a record does not verify against its own head");
}

static void
whole_file (const uint8_t *data, size_t size)
{
  g_autoptr (sqlite3) database = NULL;
  unsigned char *copy = sqlite3_malloc64 (size);
  memcpy (copy, data, size);
  if (size > 19)
    copy[18] = copy[19] = 1; /* a file in WAL mode cannot be in memory */
  if (sqlite3_open_v2 (":memory:", &database, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
    abort ();
  sqlite3_exec (database, "PRAGMA trusted_schema=OFF", NULL, NULL, NULL);
  if (sqlite3_deserialize (database, "main", copy, (sqlite3_int64) size, (sqlite3_int64) size,
                           SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
    return;
  g_autoptr (GError) error = NULL;
  DsSchema schema = ds_schema_identify (database, &error);
  fuzz_require ((schema == DS_SCHEMA_UNKNOWN) == (error != NULL), "an error or a schema, not both or neither");
  if (schema == DS_SCHEMA_OURS)
    read_all (database);
}

/* ---- tampering ---- */

static DsEntry *
entry_of_lines (char **lines, guint n, guint first)
{
  DsEntry *entry = ds_entry_new ((DsEntryState) (first % (DS_STATE_POLICY_CONFIRMED + 1)));
  for (guint i = 0; i < ds_entry_n_fields && i < n; i++)
    {
      const char *value = lines[(first + i) % n];
      char **field = ds_entry_field (entry, (first * 7 + i) % ds_entry_n_fields);
      if (*field == NULL && strcmp (value, "-") != 0)
        *field = g_strdup (value);
    }
  entry->size = n % 3 == 0 ? -1 : (gint64) strlen (lines[0]);
  return entry;
}

/* All rows with their types, as they are kept. */
static char *
dump (sqlite3 *database)
{
  g_autofree char *columns = ds_entry_columns ();
  g_auto (GStrv) names = g_strsplit (columns, ", ", -1);
  g_autoptr (GString) sql = g_string_new ("SELECT ''");
  for (guint i = 0; names[i] != NULL; i++)
    g_string_append_printf (sql, " || typeof (%s) || hex (%s)", names[i], names[i]);
  g_string_append (sql, " FROM entries ORDER BY rowid");
  GString *out = g_string_new (NULL);
  g_autoptr (sqlite3_stmt) statement = ds_database_query (database, NULL, sql->str, "");
  fuzz_require (statement != NULL, "the rows cannot be read");
  while (sqlite3_step (statement) == SQLITE_ROW)
    g_string_append_printf (out, "%s\n", ds_database_text (statement, 0));
  return g_string_free (out, FALSE);
}

/* The triggers are put back word for word, so that only the rows could betray it. */
static void
tamper (sqlite3 *database, char **lines, guint n, GRand *choices)
{
  static const char *const triggers[] = { "entries_no_update", "entries_no_delete", "entries_in_sequence" };
  g_autoptr (GPtrArray) again = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < G_N_ELEMENTS (triggers); i++)
    {
      g_autoptr (sqlite3_stmt) statement = ds_database_query (database, NULL, "SELECT sql FROM sqlite_master WHERE name = ?", "s", triggers[i]);
      if (statement == NULL || sqlite3_step (statement) != SQLITE_ROW)
        abort ();
      g_ptr_array_add (again, g_strdup (ds_database_text (statement, 0)));
    }
  for (guint i = 0; i < G_N_ELEMENTS (triggers); i++)
    {
      g_autofree char *drop = g_strdup_printf ("DROP TRIGGER %s", triggers[i]);
      sqlite3_exec (database, drop, NULL, NULL, NULL);
    }
  g_autofree char *columns = ds_entry_columns ();
  g_auto (GStrv) names = g_strsplit (columns, ", ", -1);
  const char *column = names[g_rand_int (choices) % g_strv_length (names)], *other = names[g_rand_int (choices) % g_strv_length (names)];
  const char *const forms[] = {
    "UPDATE entries SET %s = ?1 WHERE sequence = ?2 AND '%s' <> ''", "UPDATE entries SET %s = ?1 || char (0) || 'x' WHERE sequence = ?2 AND '%s' <> ''",
    "UPDATE entries SET %s = CAST (%s AS BLOB) WHERE sequence = ?2 AND ?1 <> '-'", "UPDATE entries SET %s = %s WHERE sequence = ?2 AND ?1 <> '-'",
    "DELETE FROM entries WHERE '%s%s' <> ?1 AND sequence = ?2", "UPDATE entries SET sequence = sequence + 1 WHERE '%s%s' <> ?1 AND sequence >= ?2",
    "UPDATE entries SET %s = substr (%s, 1, length (?1)) WHERE sequence = ?2", "UPDATE entries SET %s = NULL WHERE sequence = ?2 AND '%s' <> ?1",
    "UPDATE entries SET %s = (SELECT %s FROM entries WHERE sequence = 1) WHERE sequence = ?2 AND ?1 <> '-'",
  };
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_autofree char *sql = g_strdup_printf (forms[g_rand_int (choices) % G_N_ELEMENTS (forms)], column, other);
#pragma GCC diagnostic pop
  G_GNUC_END_IGNORE_DEPRECATIONS
  ds_database_run (database, NULL, sql, "si", lines[g_rand_int (choices) % n], (gint64) (1 + g_rand_int (choices) % MOST_ENTRIES));
  for (guint i = 0; i < again->len; i++)
    if (!ds_database_exec (database, g_ptr_array_index (again, i), NULL))
      abort ();
}

static void
append_and_tamper (const char *data, gsize size)
{
  g_autofree char *text = g_utf8_make_valid (data, (gssize) size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", 64);
  guint n = g_strv_length (lines);
  g_autoptr (sqlite3) database = NULL;
  g_autoptr (GError) error = NULL;
  if (n == 0 || sqlite3_open_v2 (":memory:", &database, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK || !ds_schema_create (database, &error))
    return;
  DsLedger ledger = { database };
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_entry_free);
  for (guint i = 0; i < MOST_ENTRIES; i++)
    g_ptr_array_add (entries, entry_of_lines (lines, n, i * 3 + n));
  if (!ds_ledger_append (&ledger, entries, &error))
    {
      fuzz_require (error != NULL && error->domain == DS_ERROR, "refused without an error of ours");
      return;
    }
  g_autofree char *head = ds_ledger_head (&ledger, NULL), *was = dump (database);
  fuzz_require (verify (database, head, NULL), "what was just appended does not verify");
  GRand *choices = fuzz_choices ((const uint8_t *) data, size);
  tamper (database, lines, n, choices);
  g_rand_free (choices);
  g_autofree char *is = dump (database);
  fuzz_require (verify (database, head, NULL) == g_str_equal (was, is), "rows that %s do%s verify", g_str_equal (was, is) ? "are as they were" : "changed",
                g_str_equal (was, is) ? " not" : "");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size > 16 && memcmp (data, "SQLite format 3", 16) == 0)
    whole_file (data, size);
  else if (size > 0)
    append_and_tamper ((const char *) data, size);
  return 0;
}
