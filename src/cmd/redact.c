/* deskshred redact: plan and apply in one, for one ticket, references or a PATH. */
#include "config.h"
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/outcome.h"
#include "cmd/select.h"
#include "run/perform.h"
#include <stdio.h>
#include <unistd.h>

typedef struct
{
  DsSelectOptions select;
  DsOutputOptions output;
  char *reason, *case_reference, *values_file;
  gboolean in_place, strict;
} Options;

static void
options_clear (Options *options)
{
  ds_select_options_clear (&options->select);
  g_free (options->output.format);
  g_free (options->output.path);
  g_free (options->reason);
  g_free (options->case_reference);
  g_free (options->values_file);
}

/* What is to go is said, where more than one ticket is concerned: a forgotten --kind is no wish to remove everything. */
static gboolean
check_kinds (const DsTarget *target, const DsSelection *selection, const Options *options, GError **error)
{
  gboolean said = selection->kinds != 0 || selection->rules != NULL || options->values_file != NULL;
  if (said || target->references != NULL || selection->tickets != NULL)
    return TRUE;
  ds_command_usage (error, &ds_command_redact, "what is to be removed from all of it? name --kind or --rule, or give --values-file -");
  return FALSE;
}

/* A whole configured store is changed by plan and apply only: there a person reads before it happens. */
static gboolean
check_reach (const DsTarget *target, const DsSelection *selection, GError **error)
{
  if (!target->is_store || target->references != NULL || selection->tickets != NULL)
    return TRUE;
  g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE,
                       "a whole store is changed by `deskshred plan` and `deskshred apply`; redact takes --ticket, references or a PATH");
  return FALSE;
}

static gboolean
redact (DsSession *session, const DsSelection *selection, const DsTarget *target, const Options *options, GPtrArray *values,
        DsChangeTotals *totals, GError **error)
{
  g_autoptr (GHashTable) messages = NULL;
  g_autoptr (GHashTable) parts = NULL;
  DsWarrant warrant;
  if (!ds_session_knows_rules (session, selection->rules, error)
      || !ds_warrant_make (session, "redact", options->reason, options->case_reference, &warrant, error)
      || !ds_listing_refresh_index (session, error))
    return FALSE;
  g_autoptr (GPtrArray) tickets = ds_perform_tickets (session, selection, target->references, &messages, &parts, error);
  gboolean rules_named = selection->kinds != 0 || selection->rules != NULL;
  DsOrder order = { .kind = DS_ORDER_COMMAND, .what = DS_DO_REDACT, .selection = selection, .values = values,
                    .only_values = values != NULL && !rules_named, .messages = messages, .parts = parts };
  return tickets != NULL && ds_perform (session, tickets, &order, &warrant, totals, error);
}

static int
perform (const DsGlobalOptions *globals, char **words, Options *options, GError **error)
{
  g_autoptr (DsSelection) selection = ds_select_selection (&options->select, error);
  g_autoptr (DsTarget) target = selection != NULL ? ds_select_target (globals, &options->select, words, error) : NULL;
  if (target == NULL || !check_reach (target, selection, error)
      || !check_kinds (target, selection, options, error))
    return -1;
  if (options->values_file != NULL && !g_str_equal (options->values_file, "-"))
    {
      g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE, "--values-file takes only -: values come from standard input, never from a file that stays");
      return -1;
    }
  g_autoptr (GPtrArray) values = options->values_file != NULL ? ds_values_read (stdin, error) : NULL;
  if (options->values_file != NULL && values == NULL)
    return -1;
  g_autoptr (DsOutput) output = ds_output_open (&options->output, error);
  DsNeeds needs = DS_NEED_STATE | DS_NEED_WORKERS | DS_NEED_LEDGER | DS_NEED_CHANGE;
  g_autoptr (DsSession) session
    = output != NULL ? ds_session_open (globals, needs, target->target, target->is_store, options->in_place, error) : NULL;
  if (session == NULL)
    return -1;
  DsChangeTotals totals;
  ds_change_totals_init (&totals);
  gboolean ok = redact (session, selection, target, options, values, &totals, error);
  return ds_outcome_finish (output, session, &totals, ok, options->strict, error);
}

static int
run (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  Options options = { .select = { .min_score = DS_MIN_SCORE_DEFAULT } };
  const GOptionEntry entries[] = {
    { "reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, "why: a code of the configuration (needed)", "CODE" },
    { "case", 0, 0, G_OPTION_ARG_STRING, &options.case_reference, "a short reference, such as a request's number", "TEXT" },
    { "values-file", 0, 0, G_OPTION_ARG_STRING, &options.values_file, "remove literal values, a line each, from standard input", "-" },
    { "strict", 0, 0, G_OPTION_ARG_NONE, &options.strict, "exit with 1 if anything was not looked at", NULL },
    { "in-place", 0, 0, G_OPTION_ARG_NONE, &options.in_place, "change files in a folder that is no mailbox", NULL },
    DS_SELECT_ENTRIES (options.select),
    DS_OUTPUT_ENTRIES (options.output),
    G_OPTION_ENTRY_NULL,
  };
  int status = -1;
  if (ds_command_parse (&ds_command_redact, entries,
                        "TARGET is a PATH, references (STORE:TICKET/MESSAGE/PART, as scan prints them), or --store with --ticket.\n"
                        "A distinctive value that goes, goes from every copy in its ticket.  Headers and metadata are left\n"
                        "alone unless --where says otherwise.  The ledger records who, when and why.", &argc, &argv, error))
    status = perform (globals, argv + 1, &options, error);
  options_clear (&options);
  return status;
}

const DsCommand ds_command_redact = { "redact", "TARGET…", "remove findings from a ticket, a PATH, or named parts", run };
