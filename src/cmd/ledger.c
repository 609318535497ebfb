/* deskshred ledger: reads the record and checks it; needs neither store nor site key. */
#include "config.h"
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/entry-table.h"
#include "cmd/output.h"
#include "cmd/subcommand.h"
#include "run/queue-name.h"
#include "run/records.h"
#include "run/selection.h"
#include <stdio.h>

/* A session with the configuration alone. */
static DsSession *
open_configuration (const DsGlobalOptions *globals, GError **error)
{
  return ds_session_open (globals, 0, NULL, FALSE, FALSE, error);
}

static gboolean
no_arguments (const DsCommand *command, int argc, char **argv, GError **error)
{
  if (argc == 1)
    return TRUE;
  ds_command_usage (error, command, "\"%s\" is not understood: no arguments are wanted", argv[1]);
  return FALSE;
}

/* ---- show ---- */

typedef struct
{
  char *store, *ticket, *message, *actor, *since, *until, *action_id, *run;
  char *state, *user, *kind, *queue, *policy, *reason;
  int limit;
} ShowOptions;

static void
show_options_clear (ShowOptions *options)
{
  char **texts[] = { &options->store, &options->ticket, &options->message, &options->actor, &options->since, &options->until,
                     &options->action_id, &options->run, &options->state, &options->user, &options->kind, &options->queue,
                     &options->policy, &options->reason };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_clear_pointer (texts[i], g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ShowOptions, show_options_clear)

typedef struct
{
  DsWriter *writer;
  const ShowOptions *options;
  const char *queue; /* as the ledger has it; or NULL */
  guint shown;
} Show;

static gboolean
has_kind (const char *kinds, const char *kind)
{
  g_auto (GStrv) counts = g_strsplit (kinds != NULL ? kinds : "", " ", -1);
  g_autofree char *start = g_strconcat (kind, "=", NULL);
  for (guint i = 0; counts[i] != NULL; i++)
    if (g_str_has_prefix (counts[i], start))
      return TRUE;
  return FALSE;
}

static gboolean
is_wanted (const ShowOptions *options, const char *queue, const DsEntry *entry)
{
  const char *const pairs[][2] = {
    { options->state, ds_entry_state_name (entry->state) },
    { options->user, entry->system_user },
    { queue, entry->queue },
    { options->policy, entry->policy },
    { options->reason, entry->reason },
  };
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    if (pairs[i][0] != NULL && g_strcmp0 (pairs[i][0], pairs[i][1]) != 0)
      return FALSE;
  return options->kind == NULL || has_kind (entry->kinds, options->kind);
}

static gboolean
show_entry (const DsEntry *entry, gpointer data, GError **error G_GNUC_UNUSED)
{
  Show *show = data;
  if (!is_wanted (show->options, show->queue, entry))
    return TRUE;
  ds_entry_table_row (show->writer, entry);
  show->shown++;
  return show->options->limit == 0 || show->shown < (guint) show->options->limit;
}

static gboolean
check_show_options (const ShowOptions *options, GError **error)
{
  DsEntryState state;
  g_autoptr (DsSelection) selection = ds_selection_new ();
  if (options->kind != NULL && !ds_selection_add_kind (selection, options->kind, error))
    return FALSE;
  if (options->limit < 0)
    {
      g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE, "--limit must not be negative");
      return FALSE;
    }
  if (options->state == NULL || ds_entry_state_from_name (options->state, &state))
    return TRUE;
  g_set_error (error, DS_ERROR, DS_ERROR_USAGE,
               "--state: there is no \"%s\"; there are intent, done, failed, abandoned, scan, policy-confirmed",
               options->state);
  return FALSE;
}

static gboolean
show (const DsSession *session, const ShowOptions *options, DsWriter *writer, GError **error)
{
  g_autoptr (DsLedger) ledger = NULL;
  g_autofree char *since = NULL, *until = NULL;
  if (!ds_records_time (options->since, &since, error) || !ds_records_time (options->until, &until, error)
      || !ds_records_ledger (session->configuration, &ledger, error)
      || (ledger != NULL && !ds_records_know_store (session->configuration, ledger, NULL, options->store, error)))
    return FALSE;
  g_autofree char *queue = ds_queue_asked (session->configuration, options->queue);
  DsEntryFilter filter = { .store = options->store, .ticket = options->ticket, .message = options->message,
                           .action_id = options->action_id, .run = options->run, .actor = options->actor, .since = since,
                           .until = until };
  Show view = { writer, options, queue, 0 };
  ds_writer_begin (writer, NULL, NULL);
  ds_entry_table_begin (writer, "entry", "Ledger entries");
  if (ledger == NULL)
    {
      g_autofree char *note = g_strdup_printf ("There is no ledger at %s: nothing was changed so far, or it was taken away.",
                                               session->configuration->ledger_path);
      ds_writer_note (writer, note);
      return TRUE;
    }
  return ds_ledger_each (ledger, &filter, show_entry, &view, error);
}

static int run_show (const DsGlobalOptions *globals, int argc, char **argv, GError **error);
static const DsCommand command_show
  = { "ledger show", NULL, "show entries: what was done, to which place, by whom, why", run_show };

static const char show_help[] =
  "A change has two entries or more with the same action id: first \"intent\", written before\n"
  "anything is touched, then what became of it: \"done\", \"failed\" or \"abandoned\".\n"
  "CSV and JSON Lines have every field of an entry.";

static int
run_show (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  g_auto (ShowOptions) options = { 0 };
  DsOutputOptions output_options = { NULL, NULL };
  const GOptionEntry entries[] = {
    { "store", 0, 0, G_OPTION_ARG_STRING, &options.store, "only of this store", "NAME" },
    { "ticket", 0, 0, G_OPTION_ARG_STRING, &options.ticket, "only of this ticket", "TICKET" },
    { "message", 0, 0, G_OPTION_ARG_STRING, &options.message, "only of this message", "MESSAGE" },
    { "queue", 0, 0, G_OPTION_ARG_STRING, &options.queue, "only of this queue", "QUEUE" },
    { "actor", 0, 0, G_OPTION_ARG_STRING, &options.actor, "only on behalf of this actor", "NAME" },
    { "user", 0, 0, G_OPTION_ARG_STRING, &options.user, "only by this system user", "NAME" },
    { "since", 0, 0, G_OPTION_ARG_STRING, &options.since, "only from then on: 2024-01-31, or 30d for so long ago", "TIME" },
    { "until", 0, 0, G_OPTION_ARG_STRING, &options.until, "only before", "TIME" },
    { "state", 0, 0, G_OPTION_ARG_STRING, &options.state, "only intent, done, failed, abandoned, scan, ...", "STATE" },
    { "kind", 0, 0, G_OPTION_ARG_STRING, &options.kind, "only where this kind of data was concerned", "KIND" },
    { "policy", 0, 0, G_OPTION_ARG_STRING, &options.policy, "only by this policy", "NAME" },
    { "reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, "only for this reason", "CODE" },
    { "action-id", 0, 0, G_OPTION_ARG_STRING, &options.action_id, "only of this action, as a tombstone shows it", "ID" },
    { "run", 0, 0, G_OPTION_ARG_STRING, &options.run, "only of this run", "ID" },
    { "limit", 0, 0, G_OPTION_ARG_INT, &options.limit, "only the first N of these", "N" },
    DS_OUTPUT_ENTRIES (output_options),
    G_OPTION_ENTRY_NULL,
  };
  gboolean ok = ds_command_parse (&command_show, entries, show_help, &argc, &argv, error)
                && no_arguments (&command_show, argc, argv, error) && check_show_options (&options, error);
  g_autoptr (DsSession) session = ok ? open_configuration (globals, error) : NULL;
  g_autoptr (DsOutput) output = session != NULL ? ds_output_open (&output_options, session, error) : NULL;
  ok = output != NULL && show (session, &options, ds_output_writer (output), error) && ds_output_close (output, error);
  g_free (output_options.format);
  g_free (output_options.path);
  return ok ? DS_EXIT_DONE : -1;
}

/* ---- verify, head ---- */

/* The ledger, which must be there: that one was taken away is not told from one that was never begun. */
static DsLedger *
open_present (const DsSession *session, GError **error)
{
  DsLedger *ledger = NULL;
  if (ds_records_ledger (session->configuration, &ledger, error) && ledger == NULL)
    g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "no ledger at %s: nothing was changed so far, or it was taken away",
                 session->configuration->ledger_path);
  return ledger;
}

static int run_verify (const DsGlobalOptions *globals, int argc, char **argv, GError **error);
static const DsCommand command_verify = { "ledger verify", NULL, "check every entry, the chain and the file", run_verify };

static const char verify_help[] =
  "Every entry carries a SHA-256 digest over its fields and the entry before, so no entry can be changed,\n"
  "taken out or put in between unnoticed.  Somebody who may write the file could still cut its end, or\n"
  "make all of it anew: only a head that was kept elsewhere shows that.  So send the output of\n"
  "`deskshred ledger head` to somebody else regularly, and give it to --head here.\n"
  "\n"
  "Exit status: 0 good; 2 the head is malformed; 3 the ledger does not hold, or is not there.";

static int
run_verify (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  g_autofree char *kept = NULL;
  const GOptionEntry entries[] = {
    { "head", 0, 0, G_OPTION_ARG_STRING, &kept, "a head that was kept elsewhere", "SEQ:HASH" },
    G_OPTION_ENTRY_NULL,
  };
  if (!ds_command_parse (&command_verify, entries, verify_help, &argc, &argv, error)
      || !no_arguments (&command_verify, argc, argv, error))
    return -1;
  g_autoptr (DsSession) session = open_configuration (globals, error);
  g_autoptr (DsLedger) ledger = session != NULL ? open_present (session, error) : NULL;
  gint64 n = 0;
  if (ledger == NULL || !ds_ledger_verify (ledger, kept, &n, error))
    return -1;
  g_autofree char *head = ds_ledger_head (ledger, error);
  if (head == NULL)
    return -1;
  printf ("ledger good: %" G_GINT64_FORMAT " entr%s, head %s\n", n, n == 1 ? "y" : "ies", head);
  if (kept == NULL && !globals->quiet)
    fputs ("(not compared with a head kept elsewhere: a cut end would not show; see --help)\n", stderr);
  return DS_EXIT_DONE;
}

static int run_head (const DsGlobalOptions *globals, int argc, char **argv, GError **error);
static const DsCommand command_head = { "ledger head", NULL, "print the chain's head, to be kept elsewhere", run_head };

static const char head_help[] =
  "One line: the number of the last entry, a colon, and its digest.  Keep it where those who may write\n"
  "the ledger can't: `deskshred ledger verify --head` then shows whether anything before it was changed.";

static int
run_head (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  static const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };
  if (!ds_command_parse (&command_head, entries, head_help, &argc, &argv, error)
      || !no_arguments (&command_head, argc, argv, error))
    return -1;
  g_autoptr (DsSession) session = open_configuration (globals, error);
  g_autoptr (DsLedger) ledger = session != NULL ? open_present (session, error) : NULL;
  g_autofree char *head = ledger != NULL ? ds_ledger_head (ledger, error) : NULL;
  if (head == NULL)
    return -1;
  printf ("%s\n", head);
  return DS_EXIT_DONE;
}

/* ---- export ---- */

static gboolean
export_entry (const DsEntry *entry, gpointer data, GError **error G_GNUC_UNUSED)
{
  ds_entry_table_row (data, entry);
  return TRUE;
}

static gboolean
export (DsLedger *ledger, DsWriter *writer, GError **error)
{
  g_autofree char *head = ds_ledger_head (ledger, error);
  if (head == NULL)
    return FALSE;
  const char *facts[] = { "encoding", "deskshred-ledger-1", "ledger_head", head, NULL };
  ds_writer_begin (writer, NULL, facts);
  ds_entry_table_begin (writer, "entry", NULL);
  return ds_ledger_each (ledger, NULL, export_entry, writer, error);
}

static int run_export (const DsGlobalOptions *globals, int argc, char **argv, GError **error);
static const DsCommand command_export
  = { "ledger export", NULL, "write all of it as JSON Lines, for another program to check", run_export };

static const char export_help[] =
  "The first line is {\"type\":\"header\",...} with the \"ledger_head\".  Each further line is one entry, {\"type\":\"entry\",...}\n"
  "with its fields in this order: sequence, state, size, time, run, action_id, system_user, actor, command, store,\n"
  "incarnation, ticket, message, part, queue, extension, media_type, action, kinds, detail, rules, policy, reason,\n"
  "case_reference, ground, legal_basis, key_id, digest_before, digest_after, spans, hash.  An absent field is left out.\n"
  "\n"
  "An entry's hash is the SHA-256, in lower-case hexadecimal, of these lines, each ended by one line feed:\n"
  "  deskshred-ledger-1\n"
  "  NAME:LENGTH:VALUE    for each field in that order but hash; LENGTH is that of VALUE in bytes of UTF-8, in decimal;\n"
  "                       an absent field is NAME:-\n"
  "  previous:64:HASH     the hash of the entry before; of entry 1: 64 zeros";

static int
run_export (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  DsOutputOptions options = { "jsonl", NULL };
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.path, "write to FILE instead of standard output", "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  gboolean ok = ds_command_parse (&command_export, entries, export_help, &argc, &argv, error);
  G_GNUC_UNUSED g_autofree char *path = options.path; /* frees it */
  ok = ok && no_arguments (&command_export, argc, argv, error);
  g_autoptr (DsSession) session = ok ? open_configuration (globals, error) : NULL;
  g_autoptr (DsLedger) ledger = session != NULL ? open_present (session, error) : NULL;
  g_autoptr (DsOutput) output = ledger != NULL ? ds_output_open (&options, session, error) : NULL;
  if (output == NULL || !export (ledger, ds_output_writer (output), error) || !ds_output_close (output, error))
    return -1;
  return DS_EXIT_DONE;
}

/* ---- */

static int
run (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  static const DsCommand *const subcommands[] = { &command_show, &command_verify, &command_head, &command_export, NULL };
  return ds_subcommand_run (&ds_command_ledger, subcommands, globals, argc, argv, error);
}

const DsCommand ds_command_ledger
  = { "ledger", "show|verify|head|export", "read and check the record of what was done", run };
