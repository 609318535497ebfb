/* deskshred scan: what personal data is there; changes nothing. */
#include "config.h"
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/kept-rows.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "cmd/select.h"
#include "run/reference.h"
#include "run/scan.h"
#include <stdio.h>
#include <unistd.h>

typedef struct
{
  DsSession *session;
  DsWriter *writer;
  DsFormat format;
  gboolean show_values;
  guint section; /* 0 none, 1 findings, 2 not looked at */
  DsKeptRows *blind; /* for the end, in formats with tables */
  DsProgress progress;
} View;

/* The order of a line for people: what, then where.  The reference is never cut: it is there to be copied. */
static const DsColumn finding_columns[] = {
  { "kind", "Kind", 15, 0 },
  { "masked", "Sample", 14, 0 },
  { "where", "Where", 10, 0 },
  { "score", "Score", 5, DS_COLUMN_NUMBER },
  { "ref", "Reference", 44, DS_COLUMN_CODE },
  { "rule", "Rule", 18, 0 },
  { "text", "Text", 0, DS_COLUMN_MACHINE },
  { "extension", "Ext", 0, DS_COLUMN_MACHINE },
  { "country", "Country", 0, DS_COLUMN_MACHINE },
  { "media_type", "Type", 0, DS_COLUMN_MACHINE },
  { "start", "Start", 0, DS_COLUMN_MACHINE | DS_COLUMN_NUMBER },
  { "end", "End", 0, DS_COLUMN_MACHINE | DS_COLUMN_NUMBER },
  { "fingerprint", "Fingerprint", 0, DS_COLUMN_MACHINE },
  { "store", "Store", 0, DS_COLUMN_MACHINE },
  { "ticket", "Ticket", 0, DS_COLUMN_MACHINE },
  { "message", "Message", 0, DS_COLUMN_MACHINE },
  { "part", "Part", 0, DS_COLUMN_MACHINE },
  { "value", "Value", 24, 0 },
  { "filename", "File name", 16, 0 },
  { "path", "Path", 24, 0 },
};
#define N_SECRET 3 /* the last ones: with --show-values only */
#define N_COLUMNS G_N_ELEMENTS (finding_columns)

static const DsColumn blind_columns[] = {
  { "reason", "Because", 32, 0 },
  { "ref", "Reference", 44, DS_COLUMN_CODE },
};

/* Where the message is, as far as the store knows it as a file. */
static char *
path_of (const View *view, const DsStoreItem *item)
{
  const char *store = view->session->store_path, *place = item->path != NULL ? item->path : item->locator;
  if (place == NULL || store == NULL)
    return g_strdup (store);
  if (g_path_is_absolute (place))
    return g_strdup (place);
  g_autofree char *path = g_build_filename (store, place, NULL);
  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : g_strdup (store);
}

static gboolean
show_finding (const DsStoreItem *item, const char *ticket, const DsFinding *f, gpointer data, GError **error)
{
  View *view = data;
  const DsSession *session = view->session;
  ds_progress_hide (&view->progress);
  if (view->section != 1)
    ds_writer_section (view->writer, "finding", NULL, finding_columns, N_COLUMNS - (view->show_values ? 0 : N_SECRET));
  view->section = 1;
  const DsRule *rule = ds_matcher_rule (session->matcher, f->rule);
  g_autofree char *ref = ds_reference_write (session->store_name, ticket, item->message, f->part);
  g_autofree char *score = g_strdup_printf ("%u", f->score);
  g_autofree char *start = g_strdup_printf ("%zu", f->start);
  g_autofree char *end = g_strdup_printf ("%zu", f->end);
  g_autofree char *path = view->show_values ? path_of (view, item) : NULL;
  const char *cells[] = { ds_kind_name (f->kind), f->masked, f->where, score, ref, f->rule, f->text_label, f->extension,
                          rule != NULL ? rule->pack->country : NULL, f->media_type, start, end, f->fingerprint,
                          session->store_name, ticket, item->message, f->part, f->value, f->filename, path };
  ds_writer_row (view->writer, cells);
  return ds_writer_check_output (view->writer, error); /* a scan for nobody, or on a full disk, ends at once */
}

static void
write_blind (const char *ref, const char *reason, gpointer data)
{
  View *view = data;
  ds_progress_hide (&view->progress);
  if (view->section != 2)
    ds_writer_section (view->writer, "not-looked-at", "Not looked at", blind_columns, G_N_ELEMENTS (blind_columns));
  view->section = 2;
  const char *cells[] = { reason, ref };
  ds_writer_row (view->writer, cells);
}

/* JSON Lines tell it in its place; a table of findings is not interrupted: what was not looked at follows it. */
static gboolean
show_blind (const DsStoreItem *item, const char *ticket, const char *part, const char *reason, gpointer data, GError **error)
{
  View *view = data;
  g_autofree char *ref = ds_reference_write (view->session->store_name, ticket, item->message, part);
  if (view->format == DS_FORMAT_JSONL)
    {
      write_blind (ref, reason, view);
      return TRUE;
    }
  return ds_kept_rows_add (view->blind, ref, reason, error);
}

static void
show_progress (const DsScanTotals *totals, gpointer data)
{
  View *view = data;
  char more[64];
  g_snprintf (more, sizeof more, "%.1f MB, %" G_GUINT64_FORMAT " findings", (double) totals->bytes / 1e6, totals->findings);
  ds_progress_show (&view->progress, totals->messages, totals->expected, more);
}

static char *
counts (const DsScanTotals *totals)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < DS_N_KINDS; i++)
    if (totals->by_kind[i] > 0)
      g_string_append_printf (text, "%s%s %" G_GUINT64_FORMAT, text->len > 0 ? ", " : "", ds_kind_name ((DsKind) i), totals->by_kind[i]);
  return g_string_free (text, FALSE);
}

static void
write_notes (const View *view, const DsScanTotals *totals)
{
  if (totals->population > 0 && totals->messages > 0)
    {
      double factor = (double) totals->population / (double) totals->messages;
      g_autofree char *estimate
        = g_strdup_printf ("A sample: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " messages.  The whole would take about %.0f s and hold "
                           "about %.0f findings.", totals->messages, totals->population, totals->seconds * factor,
                           (double) totals->findings * factor);
      ds_writer_note (view->writer, estimate);
    }
  if (view->session->options->verbose)
    {
      g_autofree char *run = g_strdup_printf ("Run %s with %u packs; texts: %" G_GUINT64_FORMAT ", bytes of text: %" G_GUINT64_FORMAT ".",
                                              view->session->run, view->session->packs->len, totals->texts, totals->text_bytes);
      ds_writer_note (view->writer, run);
    }
  ds_writer_note (view->writer, "Not searched for: names and postal addresses without context, diagnoses and other special "
                                "categories, text in images, and numbers of countries without a pack.");
}

/* "INBOX 3, Works council 2". */
static char *
list_counts (GHashTable *counts, guint64 *sum_r)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (counts), (GCompareFunc) g_strcmp0);
  *sum_r = 0;
  for (GList *at = names; at != NULL; at = at->next)
    {
      gsize n = GPOINTER_TO_SIZE (g_hash_table_lookup (counts, at->data));
      g_string_append_printf (text, "%s%s %zu", text->len > 0 ? ", " : "", (const char *) at->data, n);
      *sum_r += n;
    }
  return g_string_free (text, FALSE);
}

static char *
list_queues (const GPtrArray *queues)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < queues->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", (const char *) g_ptr_array_index (queues, i));
  return g_string_free (text, FALSE);
}

static void
write_left_out (View *view, const DsScanTotals *totals, const char *queues)
{
  guint n = totals->excluded_queues->len;
  g_autofree char *excluded = g_strdup_printf ("Excluded by configuration (never_read): %u queue%s, not opened: %s.", n, n == 1 ? "" : "s", queues);
  g_autofree char *dismissed = g_strdup_printf ("Not shown, since dismissed as false alarms: %" G_GUINT64_FORMAT ".", totals->dismissed);
  if (n > 0)
    ds_writer_note (view->writer, excluded);
  if (totals->dismissed > 0)
    ds_writer_note (view->writer, dismissed);
}

static void
write_summary (View *view, const DsScanTotals *totals)
{
  static const DsColumn columns[] = {
    { "messages", "Messages", 8, DS_COLUMN_NUMBER },   { "parts", "Parts", 8, DS_COLUMN_NUMBER },
    { "bytes", "Bytes", 12, DS_COLUMN_NUMBER },        { "findings", "Findings", 8, DS_COLUMN_NUMBER },
    { "by_kind", "Findings by kind", 30, DS_COLUMN_WIDE | DS_COLUMN_COUNTS }, { "not_looked_at", "Not looked at", 8, DS_COLUMN_NUMBER },
    { "by_reason", "Why", 30, DS_COLUMN_MACHINE | DS_COLUMN_COUNTS },     { "excluded", "Excluded", 8, DS_COLUMN_NUMBER | DS_COLUMN_MACHINE },
    { "excluded_queues", "Excluded queues", 8, DS_COLUMN_MACHINE },
    { "dismissed", "Dismissed", 8, DS_COLUMN_NUMBER | DS_COLUMN_MACHINE },
    { "seconds", "Seconds", 8, DS_COLUMN_NUMBER },
  };
  guint64 blind = 0;
  g_autofree char *why = list_counts (totals->not_looked_at, &blind);
  g_autofree char *queues = list_queues (totals->excluded_queues);
  g_autofree char *messages = g_strdup_printf ("%" G_GUINT64_FORMAT, totals->messages);
  g_autofree char *parts = g_strdup_printf ("%" G_GUINT64_FORMAT, totals->parts);
  g_autofree char *bytes = g_strdup_printf ("%" G_GUINT64_FORMAT, totals->bytes);
  g_autofree char *findings = g_strdup_printf ("%" G_GUINT64_FORMAT, totals->findings);
  g_autofree char *by_kind = counts (totals);
  g_autofree char *not_looked_at = g_strdup_printf ("%" G_GUINT64_FORMAT, blind);
  g_autofree char *excluded = g_strdup_printf ("%" G_GUINT64_FORMAT, totals->excluded);
  g_autofree char *dismissed = g_strdup_printf ("%" G_GUINT64_FORMAT, totals->dismissed);
  g_autofree char *seconds = g_strdup_printf ("%.2f", totals->seconds);
  const char *cells[] = { messages, parts, bytes, findings, by_kind, not_looked_at, why, excluded, queues, dismissed, seconds };
  if (view->format == DS_FORMAT_TEXT)
    {
      g_autofree char *text = g_strdup_printf ("%s messages, %s parts, %s bytes in %s s.  Findings: %s%s%s%s.  Not looked at: %s.", messages,
                                               parts, bytes, seconds, findings, *by_kind != '\0' ? " (" : "", by_kind,
                                               *by_kind != '\0' ? ")" : "", not_looked_at);
      ds_writer_note (view->writer, text);
      write_left_out (view, totals, queues);
      write_notes (view, totals);
      return;
    }
  write_left_out (view, totals, queues);
  write_notes (view, totals); /* a reader of JSON Lines finds the summary in the last line */
  ds_writer_section (view->writer, "summary", view->format == DS_FORMAT_CSV ? NULL : "Summary", columns, G_N_ELEMENTS (columns));
  ds_writer_row (view->writer, cells);
}

static gboolean
scan (DsSession *session, const DsSelection *selection, DsOutput *output, gboolean show_values, DsScanTotals *totals, GError **error)
{
  g_autoptr (DsKeptRows) blind = ds_kept_rows_new ();
  View view = { session, ds_output_writer (output), ds_output_format (output), show_values, 0,
                blind, ds_progress_new (session->options, "messages") };
  DsScanVisitor visitor = { show_finding, show_blind, view.progress.wanted ? show_progress : NULL, &view };
  const char *facts[] = { "store", session->store_name, "run", session->run, NULL };
  ds_writer_begin (view.writer, view.format == DS_FORMAT_HTML ? "Personal data found" : NULL,
                   view.format == DS_FORMAT_TEXT ? NULL : facts);
  gboolean ok = ds_scan (session, selection, show_values, &visitor, totals, error);
  ds_progress_end (&view.progress);
  ok = ok && ds_kept_rows_each (blind, write_blind, &view, error);
  if (ok)
    write_summary (&view, totals);
  return ok && ds_output_close (output, error);
}

static gboolean
may_show_values (const DsSession *session, GError **error)
{
  char **users = session->configuration->show_values;
  if (users != NULL && g_strv_contains ((const char *const *) users, session->system_user))
    return TRUE;
  g_set_error (error, DS_ERROR, DS_ERROR_REFUSED, "--show-values: the configuration does not list the system user %s under show_values",
               session->system_user);
  return FALSE;
}

static int
run (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  DsSelectOptions select = { .min_score = DS_MIN_SCORE_DEFAULT };
  DsOutputOptions output_options = { NULL, NULL };
  gboolean fail_on_findings = FALSE, strict = FALSE, show_values = FALSE;
  int sample = 0;
  const GOptionEntry entries[] = {
    DS_SELECT_ENTRIES (select),
    DS_OUTPUT_ENTRIES (output_options),
    { "sample", 0, 0, G_OPTION_ARG_INT, &sample, "look at N messages only, and estimate time and findings of the whole", "N" },
    { "fail-on-findings", 0, 0, G_OPTION_ARG_NONE, &fail_on_findings, "exit with 10 if anything is found", NULL },
    { "strict", 0, 0, G_OPTION_ARG_NONE, &strict, "exit with 1 if anything was not looked at", NULL },
    { "show-values", 0, 0, G_OPTION_ARG_NONE, &show_values, "show the values themselves (needs a permission)", NULL },
    G_OPTION_ENTRY_NULL,
  };
  if (!ds_command_parse (&ds_command_scan, entries,
                         "PATH is a Maildir, an mbox, an .eml file, or any file or folder.  Without --store no configuration is\n"
                         "needed.  Values are shown masked; nothing is changed.", &argc, &argv, error))
    return -1;
  g_autoptr (DsSelection) selection = ds_select_selection (&select, error);
  g_autoptr (DsTarget) target = selection != NULL ? ds_select_target (globals, &select, argv + 1, error) : NULL;
  ds_select_options_clear (&select);
  if (target == NULL)
    return -1;
  if (target->references != NULL || sample < 0)
    {
      ds_command_usage (error, &ds_command_scan, "scan takes a PATH or --store, narrowed by --ticket; and --sample no negative number");
      return -1;
    }
  selection->sample = (guint64) MAX (sample, 0);
  DsNeeds needs = DS_NEED_STATE | DS_NEED_WORKERS | (target->is_store ? DS_NEED_LEDGER : 0);
  g_autoptr (DsSession) session = ds_session_open (globals, needs, target->target, target->is_store, FALSE, error);
  if (session == NULL || (show_values && !may_show_values (session, error)) || !ds_session_knows_rules (session, selection->rules, error))
    return -1;
  g_autoptr (DsOutput) output = ds_output_open (&output_options, session, error);
  DsScanTotals totals = { 0 };
  gboolean ok = output != NULL && scan (session, selection, output, show_values, &totals, error);
  gboolean blind = totals.not_looked_at != NULL && g_hash_table_size (totals.not_looked_at) > 0;
  ds_scan_totals_clear (&totals);
  g_free (output_options.format);
  g_free (output_options.path);
  if (!ok)
    return -1;
  if (strict && blind)
    return DS_EXIT_SOME_FAILED;
  return fail_on_findings && totals.findings > 0 ? DS_EXIT_FINDINGS : DS_EXIT_DONE;
}

const DsCommand ds_command_scan = { "scan", "[PATH]", "show what personal data is there; changes nothing", run };
