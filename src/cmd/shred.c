/* deskshred shred: whole attachments become tombstones. */
#include "config.h"
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/outcome.h"
#include "cmd/select.h"
#include "run/perform.h"

typedef struct
{
  DsSelectOptions select; /* none of it is an option here; references say all */
  DsOutputOptions output;
  char *reason, *case_reference;
  gboolean in_place, strict;
} Options;

static gboolean
check_references (const DsTarget *target, GError **error)
{
  gboolean good = target->references != NULL;
  for (guint i = 0; good && i < target->references->len; i++)
    good = ((const DsReference *) g_ptr_array_index (target->references, i))->part != NULL;
  if (!good)
    ds_command_usage (error, &ds_command_shred, "name the attachments: STORE:TICKET/MESSAGE/PART, as scan prints them");
  return good;
}

static gboolean
shred (DsSession *session, const DsTarget *target, const Options *options, DsChangeTotals *totals, GError **error)
{
  g_autoptr (GHashTable) messages = NULL;
  g_autoptr (GHashTable) parts = NULL;
  g_autoptr (DsSelection) selection = ds_selection_new ();
  DsWarrant warrant;
  if (!ds_warrant_make (session, "shred", options->reason, options->case_reference, &warrant, error)
      || !ds_listing_refresh_index (session, error))
    return FALSE;
  g_autoptr (GPtrArray) tickets = ds_perform_tickets (session, selection, target->references, &messages, &parts, error);
  DsOrder order = { .kind = DS_ORDER_COMMAND, .what = DS_DO_SHRED, .selection = selection, .by_name = TRUE, .messages = messages,
                    .parts = parts };
  if (tickets == NULL || !ds_perform (session, tickets, &order, &warrant, totals, error))
    return FALSE;
  guint missing = target->references->len - MIN (target->references->len, totals->shreds + totals->tombstones);
  if (totals->tombstones > 0)
    g_ptr_array_add (totals->problems, g_strdup_printf ("tombstones already: %u", totals->tombstones));
  if (missing > 0 && totals->failed + totals->changed_by_another == 0)
    {
      totals->failed += missing;
      g_ptr_array_add (totals->problems, g_strdup_printf ("no such attachment: %u (a message's own text is redacted, not shredded)", missing));
    }
  return TRUE;
}

static int
perform (const DsGlobalOptions *globals, char **words, Options *options, GError **error)
{
  g_autoptr (DsTarget) target = ds_select_target (globals, &options->select, words, error);
  if (target == NULL || !check_references (target, error))
    return -1;
  g_autoptr (DsOutput) output = ds_output_open (&options->output, error);
  DsNeeds needs = DS_NEED_STATE | DS_NEED_WORKERS | DS_NEED_LEDGER | DS_NEED_CHANGE;
  g_autoptr (DsSession) session
    = output != NULL ? ds_session_open (globals, needs, target->target, target->is_store, options->in_place, error) : NULL;
  if (session == NULL)
    return -1;
  DsChangeTotals totals;
  ds_change_totals_init (&totals);
  gboolean ok = shred (session, target, options, &totals, error);
  return ds_outcome_finish (output, session, &totals, ok, options->strict, error);
}

static int
run (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  Options options = { .select = { .min_score = DS_MIN_SCORE_DEFAULT } };
  const GOptionEntry entries[] = {
    { "reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, "why: a code of the configuration (needed)", "CODE" },
    { "case", 0, 0, G_OPTION_ARG_STRING, &options.case_reference, "a short reference, such as a request's number", "TEXT" },
    { "strict", 0, 0, G_OPTION_ARG_NONE, &options.strict, "exit with 1 if anything was not looked at", NULL },
    { "in-place", 0, 0, G_OPTION_ARG_NONE, &options.in_place, "change files in a folder that is no mailbox", NULL },
    DS_OUTPUT_ENTRIES (options.output),
    G_OPTION_ENTRY_NULL,
  };
  int status = -1;
  if (ds_command_parse (&ds_command_shred, entries,
                        "Each REF names one part: STORE:TICKET/MESSAGE/PART, as scan prints them.  A text stands in its place that\n"
                        "says what kind of file it was, that it was removed, when, and why.", &argc, &argv, error))
    status = perform (globals, argv + 1, &options, error);
  g_free (options.output.format);
  g_free (options.output.path);
  g_free (options.reason);
  g_free (options.case_reference);
  return status;
}

const DsCommand ds_command_shred = { "shred", "REF…", "replace whole attachments by tombstones", run };
