/* Which messages are still in a store.  What was seen is kept in memory, a bit a message, rather than written into the
 * index: a scan that finds nothing new then writes nothing.  Messages that another process enters meanwhile have higher
 * sequences than the listing began with, and are left alone. */
#include "config.h"
#include "state/internal.h"

typedef struct
{
  gint64 first, last; /* sequences in the index when the listing began; first is 1 more than last if there were none */
  guint8 *seen;       /* a bit each */
  GPtrArray *hidden;  /* of char *: how keys begin that could not be listed */
} Listing;

void
ds_listing_free (gpointer data)
{
  Listing *listing = data;
  g_free (listing->seen);
  g_ptr_array_unref (listing->hidden);
  g_free (listing);
}

gboolean
ds_state_begin_listing (DsState *state, const char *store, GError **error)
{
  /* last is of all stores: whatever is entered from now on comes after it. */
  g_autoptr (sqlite3_stmt) statement
    = ds_database_query (state->database, error,
                         "SELECT coalesce ((SELECT min (sequence) FROM message WHERE store = ?1), 1),"
                         " coalesce ((SELECT seq FROM sqlite_sequence WHERE name = 'message'), 0)",
                         "s", store);
  if (statement == NULL || ds_database_step (statement, error) != SQLITE_ROW)
    return FALSE;
  Listing *listing = g_new0 (Listing, 1);
  listing->hidden = g_ptr_array_new_with_free_func (g_free);
  listing->first = sqlite3_column_int64 (statement, 0);
  listing->last = sqlite3_column_int64 (statement, 1);
  if (listing->last >= listing->first)
    listing->seen = g_malloc0 ((gsize) (listing->last - listing->first) / 8 + 1);
  g_hash_table_replace (state->listings, g_strdup (store), listing);
  return TRUE;
}

void
ds_listing_note (DsState *state, const char *store, gint64 sequence)
{
  Listing *listing = g_hash_table_lookup (state->listings, store);
  if (listing == NULL || sequence < listing->first || sequence > listing->last)
    return;
  gsize bit = (gsize) (sequence - listing->first);
  listing->seen[bit / 8] |= (guint8) (1u << (bit % 8));
}

void
ds_state_hidden (DsState *state, const char *store, const char *prefix)
{
  Listing *listing = g_hash_table_lookup (state->listings, store);
  if (listing != NULL)
    g_ptr_array_add (listing->hidden, g_strdup (prefix));
}

static gboolean
is_hidden (const Listing *listing, const char *message)
{
  for (guint i = 0; i < listing->hidden->len; i++)
    if (g_str_has_prefix (message, g_ptr_array_index (listing->hidden, i)))
      return TRUE;
  return FALSE;
}

static gboolean
is_gone (const Listing *listing, gint64 sequence)
{
  if (sequence < listing->first || sequence > listing->last)
    return FALSE;
  gsize bit = (gsize) (sequence - listing->first);
  return (listing->seen[bit / 8] & (1u << (bit % 8))) == 0;
}

gboolean
ds_state_seen (DsState *state, const char *store, const char *message, const char *locator, gboolean *known_r,
               GError **error)
{
  DsIndexRow row;
  if (!ds_index_row (state, store, message, &row, error))
    return FALSE;
  g_autofree char *present = row.locator;
  *known_r = row.sequence != 0;
  if (!*known_r)
    return TRUE;
  ds_listing_note (state, store, row.sequence);
  return (g_strcmp0 (present, locator) == 0 || ds_state_set_locator (state, store, message, locator, error))
         && ds_state_breathe (state, error);
}

/* Sequences (gint64), since a store that was moved away loses all its messages at once. */
static GArray *
gone_messages (DsState *state, const char *store, const Listing *listing, GError **error)
{
  g_autoptr (GArray) gone = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (sqlite3_stmt) statement
    = ds_database_query (state->database, error, "SELECT sequence, message FROM message WHERE store = ?1", "s", store);
  int code = SQLITE_ROW;
  while (statement != NULL && (code = ds_database_step (statement, error)) == SQLITE_ROW)
    {
      gint64 sequence = sqlite3_column_int64 (statement, 0);
      if (is_gone (listing, sequence) && !is_hidden (listing, ds_database_text (statement, 1)))
        g_array_append_val (gone, sequence);
    }
  return statement != NULL && code == SQLITE_DONE ? g_steal_pointer (&gone) : NULL;
}

static gboolean
drop (DsState *state, const char *store, gint64 sequence, GError **error)
{
  static const char sql[] = "DELETE FROM message WHERE sequence = ?1 RETURNING message";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  if (statement == NULL || !ds_database_bind (statement, error, "i", sequence))
    return FALSE;
  int code = ds_database_step (statement, error);
  if (code != SQLITE_ROW)
    return code != -1;
  g_autofree char *message = g_strdup (ds_database_text (statement, 0));
  return ds_database_step (statement, error) != -1 && ds_state_forget_message (state, store, message, error);
}

/* Digests and names stay: an answer that comes later still finds its ticket, and an old name still means it. */
gboolean
ds_state_end_listing (DsState *state, const char *store, GError **error)
{
  const Listing *listing = g_hash_table_lookup (state->listings, store);
  if (listing == NULL)
    return TRUE;
  gboolean mine = FALSE;
  if (!ds_state_enter (state, &mine, error))
    return FALSE;
  g_autoptr (GArray) gone = gone_messages (state, store, listing, error);
  gboolean ok = gone != NULL;
  for (guint i = 0; ok && i < gone->len; i++)
    ok = drop (state, store, g_array_index (gone, gint64, i), error);
  g_hash_table_remove (state->listings, store);
  return ds_state_leave (state, mine, ok, error);
}
