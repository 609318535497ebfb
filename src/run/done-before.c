#include "config.h"
#include "run/done-before.h"
#include <string.h>

/* What the ledger says was done to the messages that the lines are of.  Keys begin with the message and the content it had
 * before, so that memory and time are linear in entries and lines. */
typedef struct
{
  GHashTable *messages; /* set, borrowed: those of the lines */
  GHashTable *after;    /* "MESSAGE BEFORE" -> the digest after */
  GHashTable *removed;  /* set of "MESSAGE BEFORE\nPART TEXT START-END FINGERPRINT" */
  GHashTable *moved;    /* "MESSAGE BEFORE\nPART TEXT FINGERPRINT" -> how many; places move when what is before them goes */
  GHashTable *shredded; /* set of "MESSAGE BEFORE\nPART" */
} Record;

static GHashTable *
owned_keys (GDestroyNotify free_value)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_value);
}

static char *
content_key (const char *message, const char *digest)
{
  return g_strjoin (" ", message, digest, NULL);
}

/* "PART TEXT START-END" without its last word. */
static char *
without_span (const char *place)
{
  const char *space = strrchr (place, ' ');
  return g_strndup (place, space != NULL ? (gsize) (space - place) : strlen (place));
}

static void
count_moved (Record *record, const char *content, const char *place, const char *fingerprint)
{
  g_autofree char *text = without_span (place);
  char *key = g_strdup_printf ("%s\n%s %s", content, text, fingerprint);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (record->moved, key));
  g_hash_table_insert (record->moved, key, GUINT_TO_POINTER (n + 1));
}

/* "PART TEXT START-END KIND FINGERPRINT;...", as run/intent writes it. */
static void
take_spans (Record *record, const char *content, const char *spans)
{
  g_auto (GStrv) all = g_strsplit (spans, ";", -1);
  for (guint i = 0; all[i] != NULL; i++)
    {
      char *fingerprint = strrchr (all[i], ' ');
      if (fingerprint == NULL)
        continue;
      *fingerprint++ = '\0';
      g_autofree char *place = without_span (all[i]); /* the kind goes */
      g_hash_table_add (record->removed, g_strdup_printf ("%s\n%s %s", content, place, fingerprint));
      count_moved (record, content, place, fingerprint);
    }
}

static gboolean
take_entry (const DsEntry *entry, gpointer data, GError **error G_GNUC_UNUSED)
{
  Record *record = data;
  if (entry->state != DS_STATE_DONE || entry->message == NULL || entry->digest_before == NULL || entry->digest_after == NULL
      || !g_hash_table_contains (record->messages, entry->message))
    return TRUE;
  g_autofree char *content = content_key (entry->message, entry->digest_before);
  g_hash_table_insert (record->after, g_strdup (content), g_strdup (entry->digest_after));
  if (g_strcmp0 (entry->action, "shred") == 0 && entry->part != NULL)
    g_hash_table_add (record->shredded, g_strdup_printf ("%s\n%s", content, entry->part));
  else if (entry->spans != NULL)
    take_spans (record, content, entry->spans);
  return TRUE;
}

static gboolean
read_record (DsSession *session, Record *record, const char *ticket, GError **error)
{
  const DsEntryFilter filter = { .store = session->store_name, .ticket = ticket };
  return ds_ledger_each (session->ledger, &filter, take_entry, record, error);
}

/* Was the part, or one that it is in, shredded from that content? */
static gboolean
is_shredded (const Record *record, const char *content, const char *part)
{
  g_autofree char *at = g_strdup (part);
  for (;;)
    {
      g_autofree char *key = g_strdup_printf ("%s\n%s", content, at);
      char *dot = strrchr (at, '.');
      if (g_hash_table_contains (record->shredded, key))
        return TRUE;
      if (dot == NULL)
        return FALSE;
      *dot = '\0';
    }
}

/* Each place that was removed stands for one line. */
static gboolean
use_moved (const Record *record, const char *content, const DsOrderLine *line)
{
  g_autofree char *text = without_span (line->place);
  g_autofree char *key = g_strdup_printf ("%s\n%s %s", content, text, line->fingerprint);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (record->moved, key));
  if (n == 0)
    return FALSE;
  g_hash_table_insert (record->moved, g_steal_pointer (&key), GUINT_TO_POINTER (n - 1));
  return TRUE;
}

/* Did the change of that content do what the line says?  Only in the content that the line was made for does the place
 * stand where the line says. */
static gboolean
did (const Record *record, const char *content, gboolean is_first, const DsOrderLine *line)
{
  g_autofree char *part = g_strndup (line->place, strcspn (line->place, " "));
  if (is_shredded (record, content, part))
    return TRUE;
  if (line->fingerprint == NULL)
    return FALSE;
  g_autofree char *key = g_strdup_printf ("%s\n%s %s", content, line->place, line->fingerprint);
  return is_first ? g_hash_table_contains (record->removed, key) : use_moved (record, content, line);
}

static gboolean
was_done (const Record *record, const DsOrder *order, const DsOrderLine *line)
{
  const char *present = g_hash_table_lookup (order->present, line->message);
  const char *digest = line->digest;
  gboolean done = FALSE;
  /* Contents may recur, when a change was undone by hand: no more steps than there are changes. */
  for (guint steps = g_hash_table_size (record->after); steps > 0 && g_strcmp0 (digest, present) != 0; steps--)
    {
      g_autofree char *content = content_key (line->message, digest);
      const char *after = g_hash_table_lookup (record->after, content);
      if (after == NULL)
        return FALSE;
      done = done || did (record, content, digest == line->digest, line);
      digest = after;
    }
  return done && g_strcmp0 (digest, present) == 0;
}

static Record
record_new (const DsOrder *order)
{
  Record record = { g_hash_table_new (g_str_hash, g_str_equal), owned_keys (g_free), owned_keys (NULL), owned_keys (NULL),
                    owned_keys (NULL) };
  GHashTableIter iter;
  gpointer line = NULL;
  g_hash_table_iter_init (&iter, order->lines);
  while (g_hash_table_iter_next (&iter, NULL, &line))
    if (!((const DsOrderLine *) line)->used)
      g_hash_table_add (record.messages, ((DsOrderLine *) line)->message);
  return record;
}

static void
record_clear (Record *record)
{
  g_hash_table_unref (record->messages);
  g_hash_table_unref (record->after);
  g_hash_table_unref (record->removed);
  g_hash_table_unref (record->moved);
  g_hash_table_unref (record->shredded);
}

static gboolean
is_unsure (const DsOrder *order, const DsOrderLine *line)
{
  gpointer digest = NULL;
  return g_hash_table_lookup_extended (order->present, line->message, NULL, &digest) && digest == NULL;
}

static void
judge (const Record *record, const DsOrder *order, DsDoneBefore *judged)
{
  GHashTableIter iter;
  gpointer value = NULL;
  g_hash_table_iter_init (&iter, order->lines);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const DsOrderLine *line = value;
      if (line->used || is_unsure (order, line))
        continue;
      gboolean done = was_done (record, order, line);
      judged->done += done;
      judged->other += !done;
    }
}

gboolean
ds_done_before (DsSession *session, const DsOrder *order, const char *ticket, const char *named, DsDoneBefore *judged_r, GError **error)
{
  Record record = record_new (order);
  *judged_r = (DsDoneBefore){ 0, 0 };
  /* Threads may have proved to be one since: the ledger has the name that the ticket had then. */
  gboolean ok = g_hash_table_size (record.messages) == 0
                || (read_record (session, &record, ticket, error)
                    && (g_str_equal (ticket, named) || read_record (session, &record, named, error)));
  if (ok)
    judge (&record, order, judged_r);
  record_clear (&record);
  return ok;
}
