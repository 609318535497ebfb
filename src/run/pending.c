#include "config.h"
#include "run/pending.h"
#include "base/flat.h"

void
ds_pending_free (DsPending *pending)
{
  g_clear_error (&pending->change.error);
  g_free (pending->change.new_locator);
  g_clear_pointer (&pending->change.bytes, g_bytes_unref);
  g_free (pending->message);
  g_free (pending->locator);
  g_free (pending->before);
  g_free (pending->after);
  g_free (pending->action);
  g_free (pending->ticket);
  g_free (pending);
}

static void
put_entries (GByteArray *facts, const GPtrArray *entries)
{
  ds_flat_put_number (facts, entries->len);
  for (guint i = 0; i < entries->len; i++)
    {
      const DsEntry *entry = g_ptr_array_index (entries, i);
      ds_flat_put_number (facts, (guint64) entry->size);
      for (guint k = 0; k < ds_entry_n_fields; k++)
        ds_flat_put_text (facts, *ds_entry_field (entry, k));
    }
}

/* What is no longer open once the change is done. */
static void
put_removed (GByteArray *facts, const DsExaminedBlob *blob)
{
  ds_flat_put_number (facts, blob->edits->len + blob->shreds->len);
  for (guint i = 0; i < blob->edits->len; i++)
    {
      const DsFinding *f = ((const DsPlannedEdit *) g_ptr_array_index (blob->edits, i))->finding;
      ds_flat_put_text (facts, f->part);
      ds_flat_put_text (facts, f->text_label);
      ds_flat_put_text (facts, f->fingerprint);
      ds_flat_put_number (facts, f->score);
    }
  for (guint i = 0; i < blob->shreds->len; i++)
    {
      ds_flat_put_text (facts, ((const DsPlannedShred *) g_ptr_array_index (blob->shreds, i))->part->number);
      ds_flat_put_text (facts, NULL);
      ds_flat_put_text (facts, NULL);
      ds_flat_put_number (facts, 0);
    }
}

static gboolean
spool_facts (DsPending *pending, const DsExaminedBlob *blob, const GPtrArray *entries, DsSpool *spool, GError **error)
{
  GByteArray *facts = g_byte_array_new ();
  put_entries (facts, entries);
  put_removed (facts, blob);
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (facts);
  return ds_spool_add (spool, bytes, &pending->facts, error);
}

DsPending *
ds_pending_new (const DsExaminedTicket *ticket, const DsExaminedBlob *blob, const char *action, const char *after, GBytes *bytes,
                const GPtrArray *entries, DsSpool *spool, GError **error)
{
  DsPending *pending = g_new0 (DsPending, 1);
  pending->message = g_strdup (blob->item->message);
  pending->locator = g_strdup (blob->item->locator);
  pending->ticket = g_strdup (ticket->ticket);
  pending->before = g_strdup (blob->digest);
  pending->after = g_strdup (after);
  pending->action = g_strdup (action);
  pending->edits = blob->edits->len;
  pending->shreds = blob->shreds->len;
  pending->size_before = blob->size;
  pending->size_after = g_bytes_get_size (bytes);
  pending->is_signed = blob->is_signed;
  pending->change = (DsChange){ .message = pending->message, .locator = pending->locator, .blob = blob->blob, .before = pending->before,
                                .after = pending->after, .action = pending->action, .spool = spool };
  if (ds_spool_add (spool, bytes, &pending->change.place, error) && spool_facts (pending, blob, entries, spool, error))
    return pending;
  ds_pending_free (pending);
  return NULL;
}

void
ds_pending_facts_free (DsPendingFacts *facts)
{
  if (facts == NULL)
    return;
  g_ptr_array_unref (facts->entries);
  g_array_unref (facts->removed);
  g_bytes_unref (facts->bytes);
  g_free (facts);
}

static DsEntry *
read_entry (DsFlatReader *reader)
{
  DsEntry *entry = ds_entry_new (DS_STATE_INTENT);
  entry->size = (gint64) ds_flat_number (reader);
  for (guint i = 0; i < ds_entry_n_fields; i++)
    *ds_entry_field (entry, i) = g_strdup (ds_flat_text (reader));
  return entry;
}

DsPendingFacts *
ds_pending_facts (const DsPending *pending, const DsSpool *spool, GError **error)
{
  g_autoptr (GBytes) bytes = ds_spool_get (spool, pending->facts, error);
  if (bytes == NULL)
    return NULL;
  DsFlatReader reader = ds_flat_reader (bytes);
  DsPendingFacts *facts = g_new0 (DsPendingFacts, 1);
  facts->bytes = g_bytes_ref (bytes);
  facts->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_entry_free);
  facts->removed = g_array_new (FALSE, FALSE, sizeof (DsRemoved));
  for (gsize n = ds_flat_count (&reader); n > 0; n--)
    g_ptr_array_add (facts->entries, read_entry (&reader));
  for (gsize n = ds_flat_count (&reader); n > 0; n--)
    {
      DsRemoved removed;
      removed.part = ds_flat_text (&reader);
      removed.text = ds_flat_text (&reader);
      removed.fingerprint = ds_flat_text (&reader);
      removed.score = (guint) ds_flat_number (&reader);
      g_array_append_val (facts->removed, removed);
    }
  return facts;
}
