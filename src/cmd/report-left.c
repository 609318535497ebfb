#include "config.h"
#include "cmd/dismissal-table.h"
#include "cmd/report-page.h"
#include "detect/pack.h"

/* ---- what is left ---- */

static void
write_counts (const DsReport *report, const char *type, const char *title, const DsColumn *columns, guint n,
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
write_samples (const DsReport *report, const char *type, const char *title, const DsColumn *columns, guint n,
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

static gboolean
concerns (const DsReport *report, const DsStoreConfiguration *store)
{
  return report->scope->store == NULL || g_str_equal (report->scope->store, store->name);
}

char *
ds_report_unscanned (const DsReport *report)
{
  const GPtrArray *stores = report->session->configuration->stores;
  GPtrArray *scanned = report->figures->scanned;
  if (scanned->len == 0)
    return g_strdup ("Nothing was scanned whole yet, so it is not known what is there.");
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < stores->len; i++)
    {
      const DsStoreConfiguration *store = g_ptr_array_index (stores, i);
      if (concerns (report, store) && !g_ptr_array_find_with_equal_func (scanned, store->name, g_str_equal, NULL))
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", store->name);
    }
  return names->len > 0 ? g_strdup_printf ("Never scanned whole, so it is not known what is there: %s.", names->str) : NULL;
}

void
ds_report_write_open (const DsReport *report)
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
  g_autofree char *unscanned = ds_report_unscanned (report);
  if (unscanned != NULL)
    ds_writer_note (report->writer, unscanned);
}

/* Queues of the configuration's stores that are never read. */
static guint64
count_never_read (const DsReport *report)
{
  const GPtrArray *stores = report->session->configuration->stores;
  guint64 n = 0;
  for (guint i = 0; i < stores->len; i++)
    {
      const DsStoreConfiguration *store = g_ptr_array_index (stores, i);
      n += store->never_read != NULL && concerns (report, store) ? g_strv_length (store->never_read) : 0;
    }
  return n;
}

static void
write_never_read (const DsReport *report)
{
  static const DsColumn columns[] = { { "store", "Store", 14, 0 }, { "queue", "Queue", 40, DS_COLUMN_WIDE } };
  const GPtrArray *stores = report->session->configuration->stores;
  ds_writer_section (report->writer, "never-read", "Not looked at: queues excluded by configuration", columns,
                     G_N_ELEMENTS (columns));
  for (guint i = 0; i < stores->len; i++)
    {
      const DsStoreConfiguration *store = g_ptr_array_index (stores, i);
      for (guint q = 0; concerns (report, store) && store->never_read != NULL && store->never_read[q] != NULL; q++)
        {
          const char *cells[] = { store->name, store->never_read[q] };
          ds_writer_row (report->writer, cells);
        }
    }
}

void
ds_report_write_blind (const DsReport *report)
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
  g_autofree char *unscanned = ds_report_unscanned (report);
  guint64 excluded = count_never_read (report);
  g_autofree char *queues = NUMBER_TEXT (excluded);
  const char *cells[] = { queues, "excluded by configuration (queues)" };
  if (excluded > 0)
    ds_writer_row (report->writer, cells);
  if (unscanned != NULL)
    ds_writer_note (report->writer, unscanned);
  write_samples (report, "not-looked-at-sample", "Not looked at: where", samples, G_N_ELEMENTS (samples),
                 figures->not_looked_at_samples, figures->not_looked_at);
  write_never_read (report);
}

gboolean
ds_report_write_dismissed (const DsReport *report, GError **error)
{
  guint n = 0;
  ds_dismissal_table_begin (report->writer, "Dismissed as false alarms");
  if (!ds_dismissal_table_rows (report->writer, report->state, report->scope->store, &n, error))
    return FALSE;
  if (n > 0)
    ds_writer_note (report->writer, "These values are not counted as open: somebody said that they are no personal data.");
  return TRUE;
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
write_not_searched (const DsReport *report)
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
write_packs (const DsReport *report)
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

void
ds_report_write_limits (const DsReport *report)
{
  write_packs (report);
  write_not_searched (report);
  ds_writer_note (report->writer, promise_note);
  ds_writer_note (report->writer, checking_note);
}
