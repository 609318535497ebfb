#include "config.h"
#include "ledger/internal.h"
#include <string.h>

static void
add (GChecksum *sum, const char *text)
{
  g_checksum_update (sum, (const guchar *) text, (gssize) strlen (text));
}

/* The length in front makes every value unambiguous, whatever it holds; "-" is no length, so NULL is not "". */
static void
add_text (GChecksum *sum, const char *name, const char *value)
{
  add (sum, name);
  if (value == NULL)
    {
      add (sum, ":-\n");
      return;
    }
  g_autofree char *length = g_strdup_printf (":%" G_GSIZE_FORMAT ":", strlen (value));
  add (sum, length);
  add (sum, value);
  add (sum, "\n");
}

static void
add_integer (GChecksum *sum, const char *name, gint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);
  add_text (sum, name, text);
}

char *
ds_entry_hash (const DsEntry *entry, const char *previous)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  add (sum, "deskshred-ledger-1\n");
  add_integer (sum, "sequence", entry->sequence);
  add_text (sum, "state", ds_entry_state_name (entry->state));
  if (entry->size >= 0)
    add_integer (sum, "size", entry->size);
  else
    add_text (sum, "size", NULL);
  for (guint i = 0; i + 1 < ds_entry_n_fields; i++) /* the last is the hash itself */
    add_text (sum, ds_entry_fields[i].name, *ds_entry_field (entry, i));
  add_text (sum, "previous", previous);
  return g_strdup (g_checksum_get_string (sum));
}
