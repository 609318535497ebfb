/* deskshred shred: whole attachments become tombstones. */
#include "config.h"
#include "base/error.h"
#include "cmd/change-options.h"
#include "cmd/command.h"
#include "cmd/outcome.h"
#include "cmd/progress.h"
#include "cmd/select.h"
#include "run/perform.h"

typedef struct
{
  DsSelectOptions select; /* none of it is an option here; references say all */
  DsChangeOptions change;
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
  if (!ds_warrant_make (session, "shred", options->change.reason, options->change.case_reference, &warrant, error)
      || !ds_warrant_check_reason (session, &warrant, error)
      || !ds_listing_refresh_index (session, error))
    return FALSE;
  g_autoptr (GPtrArray) tickets = ds_perform_tickets (session, selection, target->references, &messages, &parts, error);
  DsOrder order = { .kind = DS_ORDER_COMMAND, .what = DS_DO_SHRED, .selection = selection, .by_name = TRUE, .messages = messages,
                    .parts = parts };
  if (tickets == NULL || !ds_perform (session, tickets, &order, &warrant, totals, error))
    return FALSE;
  guint named = g_hash_table_size (parts); /* each once, however often it was named */
  guint missing = named - MIN (named, totals->shreds + totals->tombstones);
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
  DsNeeds needs = DS_NEED_STATE | DS_NEED_WORKERS | DS_NEED_LEDGER | DS_NEED_CHANGE;
  g_autoptr (DsSession) session = ds_session_open (globals, needs, target->target, target->is_store, options->change.in_place, error);
  g_autoptr (DsOutput) output = session != NULL ? ds_output_open (&options->change.output, session, error) : NULL;
  if (output == NULL)
    return -1;
  DsProgress progress = ds_progress_new (globals, "tickets");
  ds_progress_watch (&progress, session);
  DsChangeTotals totals;
  ds_change_totals_init (&totals);
  gboolean ok = shred (session, target, options, &totals, error);
  ds_progress_end (&progress);
  return ds_outcome_finish (output, session, &totals, ok, options->change.strict, error);
}

static int
run (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  Options options = { .select = { .min_score = DS_MIN_SCORE_DEFAULT } };
  const GOptionEntry entries[] = {
    DS_CHANGE_ENTRIES (options.change, DS_CHANGE_WHY),
    G_OPTION_ENTRY_NULL,
  };
  int status = -1;
  if (ds_command_parse (&ds_command_shred, entries,
                        "Each REF names one part: STORE:TICKET/MESSAGE/PART, as scan prints them.  A text stands in its place that\n"
                        "says what kind of file it was, that it was removed, when, and why.", &argc, &argv, error))
    status = perform (globals, argv + 1, &options, error);
  ds_change_options_clear (&options.change);
  return status;
}

const DsCommand ds_command_shred = { "shred", "REF…", "replace whole attachments by tombstones", run };
