/* deskshred status: when each job last succeeded, what is late, what was interrupted. */
#include "config.h"
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/entry-table.h"
#include "cmd/output.h"
#include "run/locks.h"
#include "run/records.h"
#include <string.h>

#define LATE_DAYS 7

typedef struct
{
  const DsSession *session;
  DsLedger *ledger; /* NULL: there is none yet */
  DsState *state;   /* NULL: there is none yet */
  DsWriter *writer;
  GHashTable *tried; /* set of stores that have a scan job */
  gboolean scanned;  /* one of them was scanned to its end */
  guint late, interrupted;
} Status;

static const DsColumn job_columns[] = {
  { "command", "Job", 8, 0 },
  { "store", "Store", 14, 0 },
  { "last_success", "Last success (UTC)", 20, 0 },
  { "last_attempt", "Last attempt (UTC)", 20, 0 },
  { "verdict", "Verdict", 30, DS_COLUMN_WIDE },
};

static gboolean
is_older_than_days (const char *time, int days)
{
  g_autoptr (GDateTime) when = time != NULL ? g_date_time_new_from_iso8601 (time, NULL) : NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  return when == NULL || g_date_time_difference (now, when) > days * G_TIME_SPAN_DAY;
}

/* A PATH may have been scanned once and for all: only what stands in the configuration is expected again. */
static const char *
job_verdict (Status *status, const DsJob *job)
{
  gboolean failed = g_strcmp0 (job->last_success, job->last_attempt) != 0;
  gboolean expected = ds_configuration_store (status->session->configuration, job->store) != NULL;
  if (g_str_equal (job->command, "scan") && expected && job->last_success == NULL)
    {
      status->late++;
      return "late: never scanned whole";
    }
  if (g_str_equal (job->command, "scan") && expected && is_older_than_days (job->last_success, LATE_DAYS))
    {
      status->late++;
      return "late: no scan for more than 7 days";
    }
  if (failed)
    return "the last attempt did not succeed, or goes on now";
  return expected || *job->store == '\0' ? "ok" : "ok (a PATH, not in the configuration)";
}

static gboolean
write_job (const DsJob *job, gpointer data, GError **error G_GNUC_UNUSED)
{
  Status *status = data;
  if (g_str_equal (job->command, "scan"))
    g_hash_table_add (status->tried, g_strdup (job->store));
  status->scanned |= g_str_equal (job->command, "scan") && job->last_success != NULL;
  const char *cells[] = { job->command, job->store, job->last_success, job->last_attempt, job_verdict (status, job) };
  ds_writer_row (status->writer, cells);
  return TRUE;
}

static gboolean
write_jobs (Status *status, GError **error)
{
  const GPtrArray *stores = status->session->configuration->stores;
  ds_writer_section (status->writer, "job", "Jobs", job_columns, G_N_ELEMENTS (job_columns));
  if (status->state != NULL && !ds_state_each_job (status->state, write_job, status, error))
    return FALSE;
  for (guint i = 0; i < stores->len; i++)
    {
      const DsStoreConfiguration *store = g_ptr_array_index (stores, i);
      if (g_hash_table_contains (status->tried, store->name))
        continue;
      const char *cells[] = { "scan", store->name, NULL, NULL, "late: never scanned whole" };
      ds_writer_row (status->writer, cells);
      status->late++;
    }
  return TRUE;
}

/* ---- interrupted runs ---- */

/* The intents of one run, which are next to each other only by chance. */
typedef struct
{
  const DsEntry *first; /* borrowed */
  guint changes;
} Run;

static GPtrArray *
group_by_run (const GPtrArray *intents)
{
  GPtrArray *runs = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) index = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < intents->len; i++)
    {
      const DsEntry *intent = g_ptr_array_index (intents, i);
      const char *name = intent->run != NULL ? intent->run : "";
      Run *run = g_hash_table_lookup (index, name);
      if (run == NULL)
        {
          run = g_new0 (Run, 1);
          run->first = intent;
          g_hash_table_insert (index, (gpointer) name, run);
          g_ptr_array_add (runs, run);
        }
      run->changes++;
    }
  return runs;
}

static gboolean
is_running (const Status *status, const Run *run)
{
  g_autofree char *name = g_strconcat ("run-", run->first->run != NULL ? run->first->run : "", NULL);
  return !ds_lock_is_free (status->session->configuration->lock_folder, name);
}

static void
write_run (Status *status, const Run *run)
{
  gboolean running = is_running (status, run);
  g_autofree char *changes = g_strdup_printf ("%u", run->changes);
  g_autofree char *since = ds_entry_table_time (run->first->time);
  const char *remedy = running ? "nothing: it is running now" : "repeat that command: what the run left is settled first";
  const char *cells[] = { run->first->run, run->first->store, run->first->command, since, changes, remedy };
  ds_writer_row (status->writer, cells);
  status->interrupted += !running;
}

static gboolean
write_runs (Status *status, GError **error)
{
  static const DsColumn columns[] = {
    { "run", "Run", 12, DS_COLUMN_CODE },   { "store", "Store", 12, 0 },
    { "command", "Command", 7, 0 },         { "since", "Since (UTC)", 20, 0 },
    { "intents", "Open", 4, DS_COLUMN_NUMBER }, { "remedy", "What to do", 40, DS_COLUMN_WIDE },
  };
  g_autoptr (GPtrArray) intents = NULL;
  if (status->ledger != NULL && (intents = ds_ledger_open_intents (status->ledger, NULL, error)) == NULL)
    return FALSE;
  ds_writer_section (status->writer, "run", "Changes begun and not finished", columns, G_N_ELEMENTS (columns));
  if (intents == NULL)
    return TRUE;
  g_autoptr (GPtrArray) runs = group_by_run (intents);
  for (guint i = 0; i < runs->len; i++)
    write_run (status, g_ptr_array_index (runs, i));
  return TRUE;
}

/* ---- figures ---- */

static gboolean
count_finding (const DsOpenFinding *finding G_GNUC_UNUSED, gpointer data, GError **error G_GNUC_UNUSED)
{
  (*(guint64 *) data)++;
  return TRUE;
}

static gboolean
count_blind (const DsBlindSpot *spot G_GNUC_UNUSED, gpointer data, GError **error G_GNUC_UNUSED)
{
  (*(guint64 *) data)++;
  return TRUE;
}

static void
write_figure (DsWriter *writer, const char *key, const char *label, guint64 n)
{
  g_autofree char *value = g_strdup_printf ("%" G_GUINT64_FORMAT, n);
  ds_writer_figure (writer, key, label, value);
}

/* Of what was never scanned nothing is known, which is not 0. */
static void
write_known (DsWriter *writer, gboolean known, const char *key, const char *label, guint64 n)
{
  if (known)
    write_figure (writer, key, label, n);
  else
    ds_writer_figure (writer, key, label, "not known");
}

static gboolean
write_figures (Status *status, GError **error)
{
  guint64 open = 0, blind = 0;
  if (status->state != NULL
      && (!ds_state_each_open (status->state, NULL, count_finding, &open, error)
          || !ds_state_each_blind (status->state, NULL, count_blind, &blind, error)))
    return FALSE;
  gboolean known = status->scanned;
  write_known (status->writer, known, "open", "Open findings", open);
  write_known (status->writer, known, "not_looked_at", "Not looked at", blind);
  write_figure (status->writer, "late", "Late", status->late);
  write_figure (status->writer, "interrupted", "Interrupted runs", status->interrupted);
  return TRUE;
}

static gboolean
write_all (Status *status, GError **error)
{
  DsLedger *ledger = status->ledger;
  g_autofree char *head = ledger != NULL ? ds_ledger_head (ledger, error) : g_strdup ("none: there is no ledger yet");
  if (head == NULL)
    return FALSE;
  const char *facts[] = { "ledger", status->session->configuration->ledger_path, "ledger_head", head, NULL };
  ds_writer_begin (status->writer, NULL, facts);
  return write_jobs (status, error) && write_runs (status, error) && write_figures (status, error);
}

static int
show (const DsSession *session, const DsOutputOptions *options, GError **error)
{
  g_autoptr (DsLedger) ledger = NULL;
  g_autoptr (DsState) state = NULL;
  if (!ds_records_ledger (session->configuration, &ledger, error)
      || !ds_records_state (session->configuration, &state, error))
    return -1;
  g_autoptr (DsOutput) output = ds_output_open (options, session, error);
  if (output == NULL)
    return -1;
  g_autoptr (GHashTable) tried = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Status status = { session, ledger, state, ds_output_writer (output), tried, FALSE, 0, 0 };
  if (!write_all (&status, error) || !ds_output_close (output, error))
    return -1;
  return status.late + status.interrupted > 0 ? DS_EXIT_SOME_FAILED : DS_EXIT_DONE;
}

static const char help[] =
  "A store of the configuration is late when its last good scan is more than 7 days old.  A change that\n"
  "was begun and not finished was interrupted, unless its run still goes on: the next change of that\n"
  "store looks how far it came and finishes or abandons it.  The chain is not checked here:\n"
  "`deskshred ledger verify` does that.\n"
  "\n"
  "Exit status: 0 all is well; 1 a scan is late, or a change was begun and not finished.";

static int
run (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  DsOutputOptions options = { NULL, NULL };
  const GOptionEntry entries[] = { DS_OUTPUT_ENTRIES (options), G_OPTION_ENTRY_NULL };
  if (!ds_command_parse (&ds_command_status, entries, help, &argc, &argv, error))
    return -1;
  if (argc > 1)
    {
      ds_command_usage (error, &ds_command_status, "status takes no arguments");
      return -1;
    }
  g_autoptr (DsSession) session = ds_session_open (globals, 0, NULL, FALSE, FALSE, error);
  int status = session != NULL ? show (session, &options, error) : -1;
  g_free (options.format);
  g_free (options.path);
  return status;
}

const DsCommand ds_command_status = { "status", NULL, "when each job last succeeded, what is late or interrupted", run };
