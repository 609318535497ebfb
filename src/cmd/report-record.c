#include "config.h"
#include "cmd/entry-table.h"
#include "cmd/report-page.h"

/* ---- removals ---- */

static const struct
{
  const char *type, *title;
  const char *key, *heading, *absent;                      /* the first name */
  const char *second_key, *second_heading, *second_absent; /* the second; NULL: there is none */
} breakdowns[DS_N_BY] = {
  [DS_BY_MONTH] = { "by-month", "Removals by month", "month", "Month", "", NULL, NULL, NULL },
  [DS_BY_ACTOR]
  = { "by-actor", "Removals by actor", "actor", "On behalf of", "(nobody named)", "system_user", "System user", "" },
  [DS_BY_KIND] = { "by-kind", "Removals by kind of data", "kind", "Kind", "(named by hand)", "title", "What it is", "" },
  [DS_BY_QUEUE] = { "by-queue", "Removals by queue", "store", "Store", "", "queue", "Queue", "(top)" },
  [DS_BY_POLICY] = { "by-policy", "Removals by policy", "policy", "Policy", "(by hand)", "command", "Command", "" },
  [DS_BY_REASON]
  = { "by-reason", "Removals by reason and ground", "reason", "Reason", "(none)", "ground", "Ground", "(none given)" },
};

static const char *
kind_title (const char *name)
{
  DsKind kind;
  return ds_kind_from_name (name, &kind) ? ds_kind_title (kind) : g_str_equal (name, "value") ? "a value that was given" : "";
}

static void
write_breakdown_row (const DsReport *report, DsBy by, const DsComplianceRow *row)
{
  g_autofree char *entries = NUMBER_TEXT (row->tally.entries);
  g_autofree char *messages = NUMBER_TEXT (row->tally.messages);
  g_autofree char *places = NUMBER_TEXT (row->tally.places);
  g_autofree char *attachments = NUMBER_TEXT (row->tally.attachments);
  const char *first = *row->first != '\0' ? row->first : report->for_people ? breakdowns[by].absent : NULL;
  const char *second = *row->second != '\0' ? row->second : report->for_people ? breakdowns[by].second_absent : NULL;
  if (by == DS_BY_KIND)
    second = kind_title (row->first);
  const char *with_second[] = { first, second, messages, places, attachments, entries, row->sequences };
  const char *without[] = { first, messages, places, attachments, entries, row->sequences };
  ds_writer_row (report->writer, breakdowns[by].second_key != NULL ? with_second : without);
}

static void
write_breakdown (const DsReport *report, DsBy by)
{
  const DsColumn columns[] = {
    { breakdowns[by].key, breakdowns[by].heading, 16, 0 },
    { breakdowns[by].second_key, breakdowns[by].second_heading, 20, 0 },
    { "messages", "Messages", 0, DS_COLUMN_NUMBER },
    { "values", "Values", 0, DS_COLUMN_NUMBER },
    { "attachments", "Attachments", 0, DS_COLUMN_NUMBER },
    { "entries", "Entries", 0, DS_COLUMN_NUMBER },
    { "sequences", "Their numbers", 20, DS_COLUMN_WIDE },
  };
  g_autoptr (GArray) shown = g_array_new (FALSE, FALSE, sizeof (DsColumn));
  g_array_append_vals (shown, columns, G_N_ELEMENTS (columns));
  if (breakdowns[by].second_key == NULL)
    g_array_remove_index (shown, 1);
  ds_writer_section (report->writer, breakdowns[by].type, breakdowns[by].title, (const DsColumn *) shown->data, shown->len);
  const GPtrArray *rows = report->figures->rows[by];
  for (guint i = 0; i < rows->len; i++)
    write_breakdown_row (report, by, g_ptr_array_index (rows, i));
  if (by == DS_BY_KIND && rows->len > 0)
    ds_writer_note (report->writer, "An attachment in which several kinds were found counts in each of them.");
}

static gboolean
write_entry (const DsEntry *entry, gpointer data, GError **error G_GNUC_UNUSED)
{
  const DsReport *report = data;
  ds_entry_table_row (report->writer, entry);
  return TRUE;
}

static gboolean
write_entries (DsReport *report, DsCompliancePart part, const char *type, const char *title, GError **error)
{
  ds_entry_table_begin (report->writer, type, title);
  return ds_compliance_each (report->figures, report->ledger, report->scope, part, write_entry, report, error);
}

static const char failure_note[] =
  "A failed change left the message as somebody else had changed it meanwhile, or as it was; an abandoned one "
  "was interrupted before it touched anything. A change that was refused beforehand (a missing right or reason, "
  "a message that differs from its plan) touched nothing and has no entry. What was begun and not finished, "
  "`deskshred status` lists.";

gboolean
ds_report_write_removals (DsReport *report, GError **error)
{
  for (guint by = 0; by < DS_N_BY; by++)
    write_breakdown (report, (DsBy) by);
  if (!write_entries (report, DS_COMPLIANCE_REMOVALS, "removal", "Every removal", error)
      || !write_entries (report, DS_COMPLIANCE_FAILURES, "failure", "Failed and abandoned changes", error))
    return FALSE;
  ds_writer_note (report->writer, failure_note);
  return TRUE;
}

/* ---- scans ---- */

static gboolean
write_scan (const DsEntry *entry, gpointer data, GError **error G_GNUC_UNUSED)
{
  const DsReport *report = data;
  g_autofree char *sequence = NUMBER_TEXT (entry->sequence);
  g_autofree char *when = ds_entry_table_time (entry->time);
  g_autofree char *messages = NUMBER_TEXT (ds_compliance_count (entry->detail, "messages"));
  g_autofree char *parts = NUMBER_TEXT (ds_compliance_count (entry->detail, "parts"));
  g_autofree char *blind = NUMBER_TEXT (ds_compliance_sum (entry->detail, "not-looked-at-"));
  g_autofree char *excluded = NUMBER_TEXT (ds_compliance_count (entry->detail, "excluded-queues"));
  g_autofree char *found = NUMBER_TEXT (ds_compliance_sum (entry->kinds, ""));
  const char *narrowed = ds_compliance_count (entry->detail, "narrowed") > 0 ? "part" : "all";
  const char *cells[] = { sequence, when, entry->store, entry->system_user, messages, narrowed, parts, blind, excluded, found, entry->kinds };
  ds_writer_row (report->writer, cells);
  return TRUE;
}

gboolean
ds_report_write_scans (DsReport *report, GError **error)
{
  static const DsColumn columns[] = {
    { "sequence", "Entry", 6, DS_COLUMN_NUMBER },      { "time", "Time (UTC)", 20, 0 },
    { "store", "Store", 10, 0 },                       { "system_user", "By", 10, 0 },
    { "messages", "Messages", 0, DS_COLUMN_NUMBER },
    { "extent", "Of", 4, 0 },                          { "parts", "Parts", 8, DS_COLUMN_NUMBER },
    { "not_looked_at", "Not looked at", 0, DS_COLUMN_NUMBER }, { "excluded_queues", "Excluded queues", 0, DS_COLUMN_NUMBER },
    { "findings", "Found", 7, DS_COLUMN_NUMBER },
    { "by_kind", "By kind", 30, DS_COLUMN_WIDE },
  };
  ds_writer_section (report->writer, "scan", "Scans", columns, G_N_ELEMENTS (columns));
  return ds_compliance_each (report->figures, report->ledger, report->scope, DS_COMPLIANCE_SCANS, write_scan, report, error);
}
