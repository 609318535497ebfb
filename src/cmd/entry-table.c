#include "config.h"
#include "cmd/entry-table.h"
#include "run/compliance.h"
#include "run/reference.h"
#include <string.h>

/* The first ones stand before the fields, the others after them. */
static const DsColumn leading[] = {
  { "sequence", "Entry", 6, DS_COLUMN_NUMBER },
  { "when", "Time (UTC)", 20, DS_COLUMN_HUMAN },
  { "state", "State", 9, 0 },
  { "size", "Size", 0, DS_COLUMN_NUMBER | DS_COLUMN_MACHINE },
};
static const DsColumn trailing[] = {
  { "who", "By", 16, DS_COLUMN_HUMAN },
  { "doing", "Command", 7, DS_COLUMN_HUMAN },
  { "deed", "Action", 6, DS_COLUMN_HUMAN },
  { "what", "What", 20, DS_COLUMN_HUMAN | DS_COLUMN_WIDE },
  { "why", "Reason", 16, DS_COLUMN_HUMAN },
  { "case", "Case", 10, DS_COLUMN_HUMAN },
  { "id", "Action id", 16, DS_COLUMN_HUMAN | DS_COLUMN_CODE },
  { "ref", "Reference", 40, DS_COLUMN_HUMAN | DS_COLUMN_WIDE | DS_COLUMN_CODE },
};

static DsColumn
column_of_field (const DsEntryField *field)
{
  DsColumn column = { field->name, field->name, 0, DS_COLUMN_MACHINE };
  return column;
}

void
ds_entry_table_begin (DsWriter *writer, const char *type, const char *title)
{
  g_autoptr (GArray) columns = g_array_new (FALSE, FALSE, sizeof (DsColumn));
  g_array_append_vals (columns, leading, G_N_ELEMENTS (leading));
  for (guint i = 0; i < ds_entry_n_fields; i++)
    {
      DsColumn column = column_of_field (&ds_entry_fields[i]);
      g_array_append_val (columns, column);
    }
  g_array_append_vals (columns, trailing, G_N_ELEMENTS (trailing));
  ds_writer_section (writer, type, title, (const DsColumn *) columns->data, columns->len);
}

char *
ds_entry_table_time (const char *time)
{
  const char *fraction = time != NULL ? strchr (time, '.') : NULL;
  return fraction != NULL ? g_strdup_printf ("%.*sZ", (int) (fraction - time), time) : g_strdup (time);
}

/* Whom a hook names, and the system user that ran it, are two things: the second alone is known. */
static char *
who (const DsEntry *entry)
{
  if (entry->actor == NULL || entry->system_user == NULL)
    return g_strdup (entry->actor != NULL ? entry->actor : entry->system_user);
  return g_strdup_printf ("%s (%s)", entry->actor, entry->system_user);
}

/* An entry may concern several parts, parted by spaces; a reference names one. */
static char *
reference (const DsEntry *entry)
{
  if (entry->store == NULL || entry->ticket == NULL)
    return g_strdup (entry->store);
  const char *part = entry->part != NULL ? entry->part : "";
  gboolean one_part = entry->message != NULL && *part != '\0' && strchr (part, ' ') == NULL;
  return ds_reference_write (entry->store, entry->ticket, entry->message, one_part ? entry->part : NULL);
}

static char *
what (const DsEntry *entry)
{
  guint64 left = ds_compliance_count (entry->detail, "left"); /* a scan has none */
  if (entry->kinds != NULL && *entry->kinds != '\0')
    return left > 0 ? g_strdup_printf ("%s; %" G_GUINT64_FORMAT " left", entry->kinds, left) : g_strdup (entry->kinds);
  if (entry->state == DS_STATE_POLICY_CONFIRMED)
    return g_strdup_printf ("policy %s", entry->policy != NULL ? entry->policy : "?");
  g_autofree char *size = entry->size >= 0 ? g_format_size ((guint64) entry->size) : NULL;
  return entry->media_type == NULL ? NULL : g_strjoin (", ", entry->media_type, size, NULL);
}

void
ds_entry_table_row (DsWriter *writer, const DsEntry *entry)
{
  g_autofree char *sequence = g_strdup_printf ("%" G_GINT64_FORMAT, entry->sequence);
  g_autofree char *size = entry->size >= 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, entry->size) : NULL;
  g_autofree char *when = ds_entry_table_time (entry->time);
  g_autofree char *by = who (entry);
  g_autofree char *ref = reference (entry);
  g_autofree char *content = what (entry);
  const char *first[] = { sequence, when, ds_entry_state_name (entry->state), size };
  const char *last[] = { by, entry->command, entry->action, content, entry->reason, entry->case_reference,
                         entry->action_id, ref };
  G_STATIC_ASSERT (G_N_ELEMENTS (first) == G_N_ELEMENTS (leading) && G_N_ELEMENTS (last) == G_N_ELEMENTS (trailing));
  g_autoptr (GPtrArray) cells = g_ptr_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (first); i++)
    g_ptr_array_add (cells, (gpointer) first[i]);
  for (guint i = 0; i < ds_entry_n_fields; i++)
    g_ptr_array_add (cells, *ds_entry_field (entry, i));
  for (guint i = 0; i < G_N_ELEMENTS (last); i++)
    g_ptr_array_add (cells, (gpointer) last[i]);
  ds_writer_row (writer, (const char *const *) cells->pdata);
}
