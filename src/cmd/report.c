/* deskshred report: the page that a data-protection officer hands to an auditor. */
#include "config.h"
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/entry-table.h"
#include "cmd/output.h"
#include "cmd/report-page.h"
#include "run/records.h"

#define TITLE "What was removed, by whom, and why"

/* ---- head ---- */

static char *
join (const GPtrArray *names)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", (const char *) g_ptr_array_index (names, i));
  return g_string_free (text, FALSE);
}

static char *
period (const DsComplianceScope *scope)
{
  g_autofree char *since = ds_entry_table_time (scope->since);
  g_autofree char *until = ds_entry_table_time (scope->until);
  return g_strdup_printf ("from %s until %s", since != NULL ? since : "the beginning", until != NULL ? until : "now");
}

static char *
verification (const DsReport *report)
{
  const DsCompliance *figures = report->figures;
  if (report->ledger == NULL)
    return g_strdup ("not done: there is no ledger, so nothing was changed so far, or it was taken away");
  if (figures->fault != NULL)
    return g_strdup_printf ("FAILED: %s", figures->fault->message);
  return g_strdup_printf ("good: all %" G_GINT64_FORMAT " entries, %s", figures->verified,
                          report->scope->head != NULL ? "and the head that was kept elsewhere is among them"
                                                      : "but not compared with a head kept elsewhere");
}

static void
write_facts (const DsReport *report)
{
  const DsCompliance *figures = report->figures;
  g_autofree char *when = ds_time_text ();
  g_autofree char *span = period (report->scope);
  g_autofree char *stores = report->scope->store != NULL ? g_strdup (report->scope->store) : join (figures->stores);
  g_autofree char *keys = join (figures->keys);
  g_autofree char *verified = verification (report);
  const char *facts[] = {
    "period", span,
    "stores", *stores != '\0' ? stores : "none yet",
    "ledger", report->session->configuration->ledger_path,
    "ledger_head", figures->head != NULL ? figures->head : "none",
    "verification", verified,
    "site_key", *keys != '\0' ? keys : "none used yet",
    "generated_at", when,
    "generated_by", report->session->system_user,
    "deskshred_version", PACKAGE_VERSION,
    NULL,
  };
  ds_writer_begin (report->writer, TITLE, facts);
}

static void
write_fault (const DsReport *report)
{
  const DsCompliance *figures = report->figures;
  if (figures->fault == NULL)
    return;
  const char *extent = figures->unreadable != NULL ? "It can't be read to its end, so the figures are not complete."
                                                   : "All of it can still be read.";
  g_autofree char *note = g_strdup_printf (
    "THE RECORD DOES NOT HOLD. %s. Something other than deskshred changed the ledger, or the file is damaged. %s Do not "
    "rely on the figures below until it is known why; a copy of the ledger from a backup, and the heads that were kept "
    "elsewhere, will show which entries were touched.",
    figures->fault->message, extent);
  ds_writer_note (report->writer, note);
}

static void
write_figure (DsWriter *writer, const char *key, const char *label, guint64 n)
{
  g_autofree char *value = NUMBER_TEXT (n);
  ds_writer_figure (writer, key, label, value);
}

static const char counting_note[] =
  "A value that stood in three places and was removed from all three counts three times; a message that was "
  "changed twice counts twice. What is still open and what was not looked at is as of now, whatever the period. "
  "Each figure counts entries of the ledger, whose numbers stand beside it: `deskshred ledger show --state done` "
  "lists them, narrowed by --since, --until, --actor, --user, --kind, --store, --queue, --policy or --reason.";

static void
write_figures (const DsReport *report)
{
  const DsCompliance *figures = report->figures;
  const struct
  {
    const char *key, *label;
    guint64 n;
    gboolean by_scan; /* known only by a scan */
  } tiles[] = {
    { "messages_changed", "Messages changed", figures->total.messages, FALSE },
    { "values_removed", "Values removed", figures->total.places, FALSE },
    { "attachments_removed", "Attachments removed", figures->total.attachments, FALSE },
    { "failed", "Failed or abandoned", figures->failed + figures->abandoned, FALSE },
    { "unfinished", "Begun and not finished", figures->unfinished, FALSE },
    { "still_open", "Still open", figures->open, TRUE },
    { "not_looked_at", "Not looked at", figures->not_looked_at, TRUE },
    { "dismissed", "Dismissed as false alarms", figures->dismissed, FALSE },
  };
  g_autofree char *unscanned = ds_report_unscanned (report);
  for (guint i = 0; i < G_N_ELEMENTS (tiles); i++)
    if (tiles[i].by_scan && tiles[i].n == 0 && unscanned != NULL)
      ds_writer_figure (report->writer, tiles[i].key, tiles[i].label, "not known");
    else
      write_figure (report->writer, tiles[i].key, tiles[i].label, tiles[i].n);
  ds_writer_note (report->writer, counting_note);
}

/* ---- */

static gboolean
write_page (DsReport *report, GError **error)
{
  write_facts (report);
  write_fault (report);
  write_figures (report);
  if (report->figures->unreadable == NULL && (!ds_report_write_removals (report, error) || !ds_report_write_scans (report, error)))
    return FALSE;
  ds_report_write_open (report);
  ds_report_write_blind (report);
  if (!ds_report_write_dismissed (report, error))
    return FALSE;
  ds_report_write_limits (report);
  return TRUE;
}

static gboolean
make (const DsSession *session, const DsComplianceScope *scope, const DsOutputOptions *options, GError **error)
{
  g_autoptr (DsLedger) ledger = NULL;
  g_autoptr (DsState) state = NULL;
  if (!ds_records_ledger (session->configuration, &ledger, error)
      || !ds_records_state (session->configuration, &state, error))
    return FALSE;
  if (!ds_records_know_store (session->configuration, ledger, state, scope->store, error))
    return FALSE;
  g_autoptr (DsCompliance) figures = ds_compliance_collect (ledger, state, scope, error);
  g_autoptr (DsOutput) output = figures != NULL ? ds_output_open (options, session, error) : NULL;
  if (output == NULL)
    return FALSE;
  DsFormat format = ds_output_format (output);
  DsReport report = { session, scope, ledger, state, figures, ds_output_writer (output),
                    format == DS_FORMAT_TEXT || format == DS_FORMAT_HTML };
  if (!write_page (&report, error) || !ds_output_close (output, error))
    return FALSE;
  if (figures->fault == NULL)
    return TRUE;
  g_propagate_prefixed_error (error, g_steal_pointer (&figures->fault), "the record does not hold: ");
  return FALSE;
}

static const char help[] =
  "What was removed, by whom and why, from the ledger; what is still open and what was not looked at, from\n"
  "the last scans; and what was not searched for at all.  The ledger is verified.  For print or for the\n"
  "auditor: deskshred report --since 2024-01-01 --format html -o report.html\n"
  "\n"
  "Exit status: 0 done; 2 a malformed head; 3 the ledger does not hold (the report is written, and says so).";

static int
run (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  g_autofree char *store = NULL, *since_option = NULL, *until_option = NULL, *head = NULL, *since = NULL, *until = NULL;
  DsOutputOptions options = { NULL, NULL };
  const GOptionEntry entries[] = {
    { "store", 0, 0, G_OPTION_ARG_STRING, &store, "only of this store", "NAME" },
    { "since", 0, 0, G_OPTION_ARG_STRING, &since_option, "what was done from then on: 2024-01-31; 30d: so long ago", "TIME" },
    { "until", 0, 0, G_OPTION_ARG_STRING, &until_option, "what was done before", "TIME" },
    { "head", 0, 0, G_OPTION_ARG_STRING, &head, "a ledger head kept elsewhere, to check the ledger against", "SEQ:HASH" },
    DS_OUTPUT_ENTRIES (options),
    G_OPTION_ENTRY_NULL,
  };
  gboolean ok = ds_command_parse (&ds_command_report, entries, help, &argc, &argv, error);
  if (ok && argc > 1)
    {
      ds_command_usage (error, &ds_command_report, "\"%s\" is not understood: no arguments are wanted", argv[1]);
      ok = FALSE;
    }
  ok = ok && ds_records_time (since_option, &since, error) && ds_records_time (until_option, &until, error);
  g_autoptr (DsSession) session = ok ? ds_session_open (globals, DS_NEED_PACKS, NULL, FALSE, FALSE, error) : NULL;
  DsComplianceScope scope = { store, since, until, head };
  ok = session != NULL && make (session, &scope, &options, error);
  g_free (options.format);
  g_free (options.path);
  return ok ? DS_EXIT_DONE : -1;
}

const DsCommand ds_command_report = { "report", NULL, "what was removed, by whom, and why; what is left", run };
