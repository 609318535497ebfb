/* deskshred apply: carries out a plan. */
#include "config.h"
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/outcome.h"
#include "cmd/select.h"
#include "run/perform.h"
#include "run/plan.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef struct
{
  DsOutputOptions output;
  char *reason, *case_reference;
  gboolean in_place, strict;
} Options;

/* The session of the plan's store: a configured one, or the PATH that its name stands for. */
static DsSession *
open_session (const DsGlobalOptions *globals, FILE *in, const char *path, gboolean in_place, GError **error)
{
  g_autofree char *store = ds_plan_store (in, path, error);
  if (store == NULL)
    return NULL;
  DsSelectOptions none = { .min_score = DS_MIN_SCORE_DEFAULT };
  g_autofree char *reference = g_strconcat (store, ":x", NULL);
  char *words[] = { reference, NULL };
  g_autoptr (DsTarget) target = ds_select_target (globals, &none, words, error);
  if (target == NULL)
    return NULL;
  DsNeeds needs = DS_NEED_STATE | DS_NEED_WORKERS | DS_NEED_LEDGER | DS_NEED_CHANGE;
  return ds_session_open (globals, needs, target->target, target->is_store, in_place, error);
}

static int
apply (const DsGlobalOptions *globals, FILE *in, const char *path, const Options *options, GError **error)
{
  g_autoptr (DsOutput) output = ds_output_open (&options->output, error);
  g_autoptr (DsSession) session = output != NULL ? open_session (globals, in, path, options->in_place, error) : NULL;
  DsWarrant warrant;
  if (session == NULL || !ds_warrant_make (session, "apply", options->reason, options->case_reference, &warrant, error)
      || !ds_listing_refresh_index (session, error))
    return -1;
  DsChangeTotals totals;
  ds_change_totals_init (&totals);
  gboolean ok = ds_plan_apply (session, in, path, &warrant, &totals, error);
  return ds_outcome_finish (output, session, &totals, ok, options->strict, error);
}

static int
perform (const DsGlobalOptions *globals, char **words, const Options *options, GError **error)
{
  if (words[0] == NULL || words[1] != NULL)
    {
      ds_command_usage (error, &ds_command_apply, "name one plan: the file that `deskshred plan -o FILE` wrote");
      return -1;
    }
  FILE *in = fopen (words[0], "re");
  if (in == NULL)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s: %s", words[0], g_strerror (errno));
      return -1;
    }
  int status = apply (globals, in, words[0], options, error);
  fclose (in);
  return status;
}

static int
run (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  Options options = { 0 };
  const GOptionEntry entries[] = {
    { "reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, "why: a code of the configuration (needed)", "CODE" },
    { "case", 0, 0, G_OPTION_ARG_STRING, &options.case_reference, "a short reference, such as a request's number", "TEXT" },
    { "strict", 0, 0, G_OPTION_ARG_NONE, &options.strict, "exit with 1 if anything was not looked at", NULL },
    { "in-place", 0, 0, G_OPTION_ARG_NONE, &options.in_place, "change files in a folder that is no mailbox", NULL },
    DS_OUTPUT_ENTRIES (options.output),
    G_OPTION_ENTRY_NULL,
  };
  int status = -1;
  if (ds_command_parse (&ds_command_apply, entries,
                        "FILE is a plan.  All its lines are checked before the first is carried out; items whose message has\n"
                        "changed since are refused, and the exit status is 4.", &argc, &argv, error))
    status = perform (globals, argv + 1, &options, error);
  g_free (options.output.format);
  g_free (options.output.path);
  g_free (options.reason);
  g_free (options.case_reference);
  return status;
}

const DsCommand ds_command_apply = { "apply", "FILE", "carry out a plan", run };
