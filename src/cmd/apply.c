/* deskshred apply: carries out a plan. */
#include "config.h"
#include "base/error.h"
#include "cmd/change-options.h"
#include "cmd/command.h"
#include "cmd/outcome.h"
#include "cmd/progress.h"
#include "cmd/select.h"
#include "run/perform.h"
#include "run/plan.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

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
apply (const DsGlobalOptions *globals, FILE *in, const char *path, const DsChangeOptions *options, GError **error)
{
  g_autoptr (DsSession) session = open_session (globals, in, path, options->in_place, error);
  g_autoptr (DsOutput) output = session != NULL ? ds_output_open_beside (&options->output, path, session, error) : NULL;
  DsWarrant warrant;
  if (output == NULL || !ds_warrant_make (session, "apply", options->reason, options->case_reference, &warrant, error)
      || !ds_listing_refresh_index (session, error))
    return -1;
  DsProgress progress = ds_progress_new (globals, "lines");
  ds_progress_watch (&progress, session);
  DsChangeTotals totals;
  ds_change_totals_init (&totals);
  gboolean ok = ds_plan_apply (session, in, path, &warrant, &totals, error);
  ds_progress_end (&progress);
  return ds_outcome_finish (output, session, &totals, ok, options->strict, error);
}

static int
perform (const DsGlobalOptions *globals, char **words, const DsChangeOptions *options, GError **error)
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
  DsChangeOptions options = { 0 };
  const GOptionEntry entries[] = {
    DS_CHANGE_ENTRIES (options, "why: a code of the configuration, instead of the policies' own"),
    G_OPTION_ENTRY_NULL,
  };
  int status = -1;
  if (ds_command_parse (&ds_command_apply, entries,
                        "FILE is a plan.  All its lines are checked before the first is carried out; items whose message has\n"
                        "changed since are refused, and the exit status is 4; what was done already is counted.  Lines of a\n"
                        "policy go for its reason, unless --reason gives another; lines of no policy need --reason.", &argc, &argv, error))
    status = perform (globals, argv + 1, &options, error);
  ds_change_options_clear (&options);
  return status;
}

const DsCommand ds_command_apply = { "apply", "FILE", "carry out a plan", run };
