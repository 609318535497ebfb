/* deskshred report: the page that a data-protection officer hands to an auditor. */
#include "config.h"
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/entry-table.h"
#include "cmd/output.h"
#include "detect/pack.h"
#include "run/compliance.h"
#include "run/records.h"
#include <string.h>

#define TITLE "What was removed, by whom, and why"

typedef struct
{
  const DsSession *session;
  const DsComplianceScope *scope;
  DsLedger *ledger; /* NULL: there is none yet */
  DsState *state;   /* NULL: there is none yet */
  DsCompliance *figures;
  DsWriter *writer;
  gboolean for_people; /* text, HTML: an absent name is worded */
} Report;

#define NUMBER_TEXT(n) g_strdup_printf ("%" G_GUINT64_FORMAT, (guint64) (n))

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
verification (const Report *report)
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
write_facts (const Report *report)
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
write_fault (const Report *report)
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
write_figures (const Report *report)
{
  const DsCompliance *figures = report->figures;
  const struct
  {
    const char *key, *label;
    guint64 n;
  } tiles[] = {
    { "messages_changed", "Messages changed", figures->total.messages },
    { "values_removed", "Values removed", figures->total.places },
    { "attachments_removed", "Attachments removed", figures->total.attachments },
    { "failed", "Failed or abandoned", figures->failed + figures->abandoned },
    { "unfinished", "Begun and not finished", figures->unfinished },
    { "still_open", "Still open", figures->open },
    { "not_looked_at", "Not looked at", figures->not_looked_at },
  };
  for (guint i = 0; i < G_N_ELEMENTS (tiles); i++)
    write_figure (report->writer, tiles[i].key, tiles[i].label, tiles[i].n);
  ds_writer_note (report->writer, counting_note);
}

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
  = { "by-reason", "Removals by reason and ground", "reason", "Reason", "(none)", "ground", "Ground", "(none)" },
};

static const char *
kind_title (const char *name)
{
  DsKind kind;
  return ds_kind_from_name (name, &kind) ? ds_kind_title (kind) : g_str_equal (name, "value") ? "a value that was given" : "";
}

static void
write_breakdown_row (const Report *report, DsBy by, const DsComplianceRow *row)
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
write_breakdown (const Report *report, DsBy by)
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
  const Report *report = data;
  ds_entry_table_row (report->writer, entry);
  return TRUE;
}

static gboolean
write_entries (Report *report, DsCompliancePart part, const char *type, const char *title, GError **error)
{
  ds_entry_table_begin (report->writer, type, title);
  return ds_compliance_each (report->figures, report->ledger, report->scope, part, write_entry, report, error);
}

static const char failure_note[] =
  "A failed change left the message as somebody else had changed it meanwhile, or as it was; an abandoned one "
  "was interrupted before it touched anything. A change that was refused beforehand (a missing right or reason, "
  "a message that differs from its plan) touched nothing and has no entry. What was begun and not finished, "
  "`deskshred status` lists.";

static gboolean
write_removals (Report *report, GError **error)
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
  const Report *report = data;
  g_autofree char *sequence = NUMBER_TEXT (entry->sequence);
  g_autofree char *when = ds_entry_table_time (entry->time);
  g_autofree char *messages = NUMBER_TEXT (ds_compliance_count (entry->detail, "messages"));
  g_autofree char *parts = NUMBER_TEXT (ds_compliance_count (entry->detail, "parts"));
  g_autofree char *blind = NUMBER_TEXT (ds_compliance_sum (entry->detail, "not-looked-at-"));
  g_autofree char *found = NUMBER_TEXT (ds_compliance_sum (entry->kinds, ""));
  const char *cells[] = { sequence, when, entry->store, entry->system_user, messages, parts, blind, found, entry->kinds };
  ds_writer_row (report->writer, cells);
  return TRUE;
}

static gboolean
write_scans (Report *report, GError **error)
{
  static const DsColumn columns[] = {
    { "sequence", "Entry", 6, DS_COLUMN_NUMBER },      { "time", "Time (UTC)", 20, 0 },
    { "store", "Store", 10, 0 },                       { "system_user", "By", 10, 0 },
    { "messages", "Messages", 0, DS_COLUMN_NUMBER },   { "parts", "Parts", 8, DS_COLUMN_NUMBER },
    { "not_looked_at", "Not looked at", 0, DS_COLUMN_NUMBER }, { "findings", "Found", 7, DS_COLUMN_NUMBER },
    { "by_kind", "By kind", 30, DS_COLUMN_WIDE },
  };
  ds_writer_section (report->writer, "scan", "Scans", columns, G_N_ELEMENTS (columns));
  return ds_compliance_each (report->figures, report->ledger, report->scope, DS_COMPLIANCE_SCANS, write_scan, report, error);
}

/* ---- what is left ---- */

static void
write_counts (const Report *report, const char *type, const char *title, const DsColumn *columns, guint n,
              const GPtrArray *rows)
{
  ds_writer_section (report->writer, type, title, columns, n);
  for (guint i = 0; i < rows->len; i++)
    {
      const DsStateRow *row = g_ptr_array_index (rows, i);
      g_autofree char *count = NUMBER_TEXT (row->count);
      const char *cells[] = { count, row->first, row->second };
      ds_writer_row (report->writer, cells);
    }
}

/* columns: of what a sample has; those of blind spots have no rule and no masked value. */
static void
write_samples (const Report *report, const char *type, const char *title, const DsColumn *columns, guint n,
               const GPtrArray *samples, guint64 total)
{
  if (total == 0)
    return;
  ds_writer_section (report->writer, type, title, columns, n);
  for (guint i = 0; i < samples->len; i++)
    {
      const DsStateSample *sample = g_ptr_array_index (samples, i);
      const char *cells[] = { sample->ref, sample->what, sample->masked, sample->rule };
      ds_writer_row (report->writer, cells);
    }
  guint64 more = total - samples->len;
  g_autofree char *note = g_strdup_printf ("… and %" G_GUINT64_FORMAT " more; a scan shows them all.", more);
  if (more > 0)
    ds_writer_note (report->writer, note);
}

static void
write_open (const Report *report)
{
  static const DsColumn counts[] = {
    { "count", "Findings", 9, DS_COLUMN_NUMBER },
    { "kind", "Kind", 18, 0 },
    { "rule", "Rule", 24, 0 },
  };
  static const DsColumn samples[] = {
    { "ref", "Reference", 44, DS_COLUMN_WIDE | DS_COLUMN_CODE },
    { "kind", "Kind", 16, 0 },
    { "masked", "Sample", 16, 0 },
    { "rule", "Rule", 20, 0 },
  };
  const DsCompliance *figures = report->figures;
  write_counts (report, "open", "Still open", counts, G_N_ELEMENTS (counts), figures->open_rows);
  write_samples (report, "open-sample", "Still open: samples", samples, G_N_ELEMENTS (samples), figures->open_samples,
                 figures->open);
  if (report->state == NULL)
    ds_writer_note (report->writer, "Nothing was scanned yet, so it is not known what is there.");
}

static void
write_never_read (const Report *report)
{
  static const DsColumn columns[] = { { "store", "Store", 14, 0 }, { "queue", "Queue", 40, DS_COLUMN_WIDE } };
  const GPtrArray *stores = report->session->configuration->stores;
  ds_writer_section (report->writer, "never-read", "Queues that the configuration forbids to open", columns,
                     G_N_ELEMENTS (columns));
  for (guint i = 0; i < stores->len; i++)
    {
      const DsStoreConfiguration *store = g_ptr_array_index (stores, i);
      for (guint q = 0; store->never_read != NULL && store->never_read[q] != NULL; q++)
        {
          const char *cells[] = { store->name, store->never_read[q] };
          ds_writer_row (report->writer, cells);
        }
    }
}

static void
write_blind (const Report *report)
{
  static const DsColumn counts[] = {
    { "count", "Places", 9, DS_COLUMN_NUMBER },
    { "reason", "Not looked at because", 40, DS_COLUMN_WIDE },
  };
  static const DsColumn samples[] = {
    { "ref", "Reference", 44, DS_COLUMN_WIDE | DS_COLUMN_CODE },
    { "reason", "Not looked at because", 32, 0 },
  };
  const DsCompliance *figures = report->figures;
  write_counts (report, "not-looked-at", "Not looked at", counts, G_N_ELEMENTS (counts), figures->not_looked_at_rows);
  write_samples (report, "not-looked-at-sample", "Not looked at: where", samples, G_N_ELEMENTS (samples),
                 figures->not_looked_at_samples, figures->not_looked_at);
  write_never_read (report);
}

/* ---- what was not searched for ---- */

static gboolean
is_covered (const GPtrArray *packs, DsKind kind)
{
  for (guint p = 0; p < packs->len; p++)
    {
      const DsPack *pack = g_ptr_array_index (packs, p);
      for (guint r = 0; r < pack->rules->len; r++)
        if (((const DsRule *) g_ptr_array_index (pack->rules, r))->kind == kind)
          return TRUE;
    }
  return FALSE;
}

/* What no rule can find, and the kinds for which there could be a rule but none is in use. */
static void
write_not_searched (const Report *report)
{
  static const DsColumn columns[] = {
    { "what", "What", 38, 0 },
    { "why", "Why", 40, DS_COLUMN_WIDE },
  };
  static const char *const always[][2] = {
    { "names of people", "no pattern tells names from other words" },
    { "postal addresses", "only of a form that a rule above knows" },
    { "health, religion, politics, sex life", "special categories: need a reader" },
    { "trade-union membership, ethnic origin", "special categories: need a reader" },
    { "text in images, scans, recordings", "not read" },
    { "numbers of other countries", "no pack above is for them" },
  };
  ds_writer_section (report->writer, "not-searched", "What was not searched for", columns, G_N_ELEMENTS (columns));
  for (guint i = 0; i < G_N_ELEMENTS (always); i++)
    ds_writer_row (report->writer, always[i]);
  for (guint kind = 0; kind < DS_N_KINDS; kind++)
    {
      g_autofree char *what = g_strdup_printf ("%s (%s)", ds_kind_name ((DsKind) kind), ds_kind_title ((DsKind) kind));
      const char *cells[] = { what, "no rule in use finds this kind" };
      if (!is_covered (report->session->packs, (DsKind) kind))
        ds_writer_row (report->writer, cells);
    }
  ds_writer_note (report->writer, "So \"no finding\" does not mean \"no personal data\".");
}

static void
write_packs (const Report *report)
{
  static const DsColumn columns[] = {
    { "pack", "Pack", 12, 0 },
    { "version", "Version", 0, DS_COLUMN_NUMBER },
    { "country", "Country", 8, 0 },
    { "title", "Title", 30, DS_COLUMN_WIDE },
    { "rules", "Rules", 6, DS_COLUMN_NUMBER },
  };
  ds_writer_section (report->writer, "pack", "What is searched for: rule packs in use", columns, G_N_ELEMENTS (columns));
  for (guint i = 0; i < report->session->packs->len; i++)
    {
      const DsPack *pack = g_ptr_array_index (report->session->packs, i);
      g_autofree char *version = NUMBER_TEXT (pack->version);
      g_autofree char *rules = NUMBER_TEXT (pack->rules->len);
      const char *country = g_str_equal (pack->country, "*") ? "any" : pack->country;
      const char *cells[] = { pack->id, version, country, pack->title, rules };
      ds_writer_row (report->writer, cells);
    }
}

static const char promise_note[] =
  "What deskshred cannot promise. It removes data from the store named in each entry, as the help desk keeps it: "
  "logical erasure of records, at best \"Clear\" in the words of NIST SP 800-88, never sanitisation of a medium. "
  "Freed disk blocks, database pages and logs, file-system snapshots, replicas and backups keep the old bytes "
  "until they are overwritten or expire; a restored backup brings them back. Mail that was delivered, forwarded "
  "or copied elsewhere is out of reach. A value written in a form that no rule knows stays where it is.";

static const char checking_note[] =
  "How to check this page. `deskshred ledger verify --head` with a head that was kept elsewhere shows that no "
  "entry before it was changed since; `deskshred ledger export` gives all entries to another program, and its "
  "--help says how a digest is computed. Values stand in the ledger as fingerprints under the site's key only: "
  "without the key, nobody can test a guess against them.";

static void
write_limits (const Report *report)
{
  write_packs (report);
  write_not_searched (report);
  ds_writer_note (report->writer, promise_note);
  ds_writer_note (report->writer, checking_note);
}

/* ---- */

static gboolean
write_page (Report *report, GError **error)
{
  write_facts (report);
  write_fault (report);
  write_figures (report);
  if (report->figures->unreadable == NULL && (!write_removals (report, error) || !write_scans (report, error)))
    return FALSE;
  write_open (report);
  write_blind (report);
  write_limits (report);
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
  g_autoptr (DsCompliance) figures = ds_compliance_collect (ledger, state, scope, error);
  g_autoptr (DsOutput) output = figures != NULL ? ds_output_open (options, error) : NULL;
  if (output == NULL)
    return FALSE;
  DsFormat format = ds_output_format (output);
  Report report = { session, scope, ledger, state, figures, ds_output_writer (output),
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
