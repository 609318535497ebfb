#include "config.h"
#include "base/error.h"
#include "ledger/internal.h"

#define ENTRY_VERSION 1

/* Columns before those of ds_entry_fields. */
enum
{
  COLUMN_SEQUENCE,
  COLUMN_VERSION,
  COLUMN_STATE,
  COLUMN_SIZE,
  COLUMN_FIELDS,
};

/* A name, once in a ledger, is never changed; a new one needs a new version of the schema, since an older deskshred
 * would call it malformed. */
static const char *const state_names[] = {
  [DS_STATE_INTENT] = "intent",
  [DS_STATE_DONE] = "done",
  [DS_STATE_FAILED] = "failed",
  [DS_STATE_ABANDONED] = "abandoned",
  [DS_STATE_SCAN] = "scan",
  [DS_STATE_POLICY_CONFIRMED] = "policy-confirmed",
};

#define FIELD(name) { #name, G_STRUCT_OFFSET (DsEntry, name) }

/* The order is part of the encoding, version 1. */
const DsEntryField ds_entry_fields[] = {
  FIELD (time), FIELD (run), FIELD (action_id), FIELD (system_user), FIELD (actor), FIELD (command),
  FIELD (store), FIELD (incarnation), FIELD (ticket), FIELD (message), FIELD (part), FIELD (queue),
  FIELD (extension), FIELD (media_type), FIELD (action), FIELD (kinds), FIELD (detail), FIELD (rules),
  FIELD (policy), FIELD (reason), FIELD (case_reference), FIELD (ground), FIELD (legal_basis), FIELD (key_id),
  FIELD (digest_before), FIELD (digest_after), FIELD (spans), FIELD (hash),
};
const guint ds_entry_n_fields = G_N_ELEMENTS (ds_entry_fields);

const char *
ds_entry_state_name (DsEntryState state)
{
  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (state_names), NULL);
  return state_names[state];
}

gboolean
ds_entry_state_from_name (const char *name, DsEntryState *state_r)
{
  for (guint i = 0; i < G_N_ELEMENTS (state_names); i++)
    if (g_strcmp0 (name, state_names[i]) == 0)
      {
        *state_r = (DsEntryState) i;
        return TRUE;
      }
  return FALSE;
}

DsEntry *
ds_entry_new (DsEntryState state)
{
  DsEntry *entry = g_new0 (DsEntry, 1);
  entry->state = state;
  entry->size = -1;
  return entry;
}

char **
ds_entry_field (const DsEntry *entry, guint i)
{
  return (char **) G_STRUCT_MEMBER_P (entry, ds_entry_fields[i].offset);
}

void
ds_entry_free (DsEntry *entry)
{
  if (entry == NULL)
    return;
  for (guint i = 0; i < ds_entry_n_fields; i++)
    g_free (*ds_entry_field (entry, i));
  g_free (entry);
}

char *
ds_entry_columns (void)
{
  GString *columns = g_string_new ("sequence, version, state, size");
  for (guint i = 0; i < ds_entry_n_fields; i++)
    g_string_append_printf (columns, ", %s", ds_entry_fields[i].name);
  return g_string_free (columns, FALSE);
}

static gboolean
refuse (GError **error, const char *what, const char *field)
{
  g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "a ledger entry is refused: %s%s%s", what, field != NULL ? ": " : "",
               field != NULL ? field : "");
  return FALSE;
}

gboolean
ds_entry_check (const DsEntry *entry, GError **error)
{
  if ((guint) entry->state >= G_N_ELEMENTS (state_names))
    return refuse (error, "it has no known state", NULL);
  if (entry->size < -1)
    return refuse (error, "its size is negative", NULL);
  /* Without the id no later entry could say what became of it: recovery would find it open for ever. */
  if (entry->state == DS_STATE_INTENT && entry->action_id == NULL)
    return refuse (error, "an intent without an action id", NULL);
  for (guint i = 0; i < ds_entry_n_fields; i++)
    {
      const char *value = *ds_entry_field (entry, i);
      if (value != NULL && !g_utf8_validate (value, -1, NULL))
        return refuse (error, "not UTF-8", ds_entry_fields[i].name);
    }
  return TRUE;
}

gboolean
ds_entry_bind (const DsEntry *entry, sqlite3_stmt *statement, GError **error)
{
  const char *state = ds_entry_state_name (entry->state);
  if (!ds_database_bind (statement, error, "iis", entry->sequence, (gint64) ENTRY_VERSION, state))
    return FALSE;
  int code = entry->size >= 0 ? sqlite3_bind_int64 (statement, COLUMN_SIZE + 1, entry->size)
                              : sqlite3_bind_null (statement, COLUMN_SIZE + 1);
  for (guint i = 0; code == SQLITE_OK && i < ds_entry_n_fields; i++)
    code = sqlite3_bind_text (statement, COLUMN_FIELDS + 1 + (int) i, *ds_entry_field (entry, i), -1, SQLITE_STATIC);
  return code == SQLITE_OK || refuse (error, sqlite3_errstr (code), NULL);
}

/* SQLite converts a column of another type without a word, and gives bytes after a NUL that a C string would hide: both
 * are ways to change what an entry says to some readers and keep its hash for others. */
static gboolean
read_text (sqlite3_stmt *statement, int column, gint64 sequence, char **text_r, GError **error)
{
  sqlite3 *database = sqlite3_db_handle (statement);
  int type = sqlite3_column_type (statement, column);
  if (type == SQLITE_NULL)
    return TRUE;
  if (type != SQLITE_TEXT)
    return ds_ledger_set_fault (error, database, sequence, "%s is not text", sqlite3_column_name (statement, column));
  const char *text = ds_database_text (statement, column);
  gssize size = sqlite3_column_bytes (statement, column);
  if (text == NULL || !g_utf8_validate (text, size, NULL)) /* with a length, a NUL is not valid either */
    return ds_ledger_set_fault (error, database, sequence, "%s is not UTF-8", sqlite3_column_name (statement, column));
  *text_r = g_strndup (text, (gsize) size);
  return TRUE;
}

static gboolean
read_head (DsEntry *entry, sqlite3_stmt *statement, GError **error)
{
  sqlite3 *database = sqlite3_db_handle (statement);
  entry->sequence = sqlite3_column_int64 (statement, COLUMN_SEQUENCE);
  if (sqlite3_column_type (statement, COLUMN_VERSION) != SQLITE_INTEGER
      || sqlite3_column_int64 (statement, COLUMN_VERSION) != ENTRY_VERSION)
    return ds_ledger_set_fault (error, database, entry->sequence, "its version is not %d", ENTRY_VERSION);
  g_autofree char *state = NULL;
  if (!read_text (statement, COLUMN_STATE, entry->sequence, &state, error))
    return FALSE;
  if (!ds_entry_state_from_name (state, &entry->state))
    return ds_ledger_set_fault (error, database, entry->sequence, "its state is not a known one");
  int type = sqlite3_column_type (statement, COLUMN_SIZE);
  if (type == SQLITE_INTEGER && sqlite3_column_int64 (statement, COLUMN_SIZE) >= 0)
    entry->size = sqlite3_column_int64 (statement, COLUMN_SIZE);
  else if (type != SQLITE_NULL)
    return ds_ledger_set_fault (error, database, entry->sequence, "size is not a number of bytes");
  return TRUE;
}

DsEntry *
ds_entry_from_row (sqlite3_stmt *statement, GError **error)
{
  g_autoptr (DsEntry) entry = ds_entry_new (DS_STATE_INTENT);
  if (!read_head (entry, statement, error))
    return NULL;
  for (guint i = 0; i < ds_entry_n_fields; i++)
    if (!read_text (statement, COLUMN_FIELDS + (int) i, entry->sequence, ds_entry_field (entry, i), error))
      return NULL;
  return g_steal_pointer (&entry);
}
