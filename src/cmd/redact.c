/* deskshred redact: plan and apply in one, for one ticket, references or a PATH. */
#include "config.h"
#include "base/error.h"
#include "cmd/change-options.h"
#include "cmd/command.h"
#include "cmd/outcome.h"
#include "cmd/progress.h"
#include "cmd/select.h"
#include "detect/value.h"
#include "run/perform.h"
#include <stdio.h>
#include <unistd.h>

/* So many missing values are told by number. */
#define MISSING_SHOWN 10

typedef struct
{
  DsSelectOptions select;
  DsChangeOptions change;
  char *values_file;
} Options;

static void
options_clear (Options *options)
{
  ds_select_options_clear (&options->select);
  ds_change_options_clear (&options->change);
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

/* A value that was mistyped is found nowhere, and nobody would notice. */
static void
tell_missing (const DsSession *session, const GPtrArray *values, GHashTable *found, DsChangeTotals *totals)
{
  g_autoptr (GString) which = g_string_new (NULL);
  for (guint i = 0; i < values->len; i++)
    {
      const DsWantedValue *value = g_ptr_array_index (values, i);
      g_autofree char *fingerprint = ds_value_fingerprint (session->key, value->kind, value->value);
      if (g_hash_table_contains (found, fingerprint))
        continue;
      totals->given_missing++;
      if (totals->given_missing <= MISSING_SHOWN)
        g_string_append_printf (which, "%s%u", which->len > 0 ? ", " : "", i + 1);
    }
  if (totals->given_missing == 0)
    return;
  g_ptr_array_add (totals->problems, g_strdup_printf ("Of %u given value%s %u %s found nowhere: number %s%s.", values->len, values->len == 1 ? "" : "s",
                                                      totals->given_missing, totals->given_missing == 1 ? "was" : "were", which->str,
                                                      totals->given_missing > MISSING_SHOWN ? ", ..." : ""));
}

static gboolean
redact (DsSession *session, const DsSelection *selection, const DsTarget *target, const Options *options, GPtrArray *values,
        DsChangeTotals *totals, GError **error)
{
  g_autoptr (GHashTable) messages = NULL;
  g_autoptr (GHashTable) parts = NULL;
  DsWarrant warrant;
  if (!ds_session_knows_rules (session, selection->rules, error)
      || !ds_warrant_make (session, "redact", options->change.reason, options->change.case_reference, &warrant, error)
      || !ds_warrant_check_reason (session, &warrant, error) || !ds_warrant_check_values (session, &warrant, values, error)
      || !ds_listing_refresh_index (session, error))
    return FALSE;
  g_autoptr (GPtrArray) tickets = ds_perform_tickets (session, selection, target->references, &messages, &parts, error);
  gboolean rules_named = selection->kinds != 0 || selection->rules != NULL;
  DsOrder order = { .kind = DS_ORDER_COMMAND, .what = DS_DO_REDACT, .selection = selection, .values = values,
                    .only_values = values != NULL && !rules_named, .messages = messages, .parts = parts };
  g_autoptr (GHashTable) found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  order.given_found = found;
  if (tickets == NULL || !ds_perform (session, tickets, &order, &warrant, totals, error))
    return FALSE;
  if (values != NULL)
    tell_missing (session, values, found, totals);
  return TRUE;
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
  DsNeeds needs = DS_NEED_STATE | DS_NEED_WORKERS | DS_NEED_LEDGER | DS_NEED_CHANGE;
  g_autoptr (DsSession) session = ds_session_open (globals, needs, target->target, target->is_store, options->change.in_place, error);
  g_autoptr (DsOutput) output = session != NULL ? ds_output_open (&options->change.output, session, error) : NULL;
  if (output == NULL)
    return -1;
  DsProgress progress = ds_progress_new (globals, "tickets");
  ds_progress_watch (&progress, session);
  DsChangeTotals totals;
  ds_change_totals_init (&totals);
  gboolean ok = redact (session, selection, target, options, values, &totals, error);
  ds_progress_end (&progress);
  return ds_outcome_finish (output, session, &totals, ok, options->change.strict, error);
}

static int
run (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  Options options = { .select = { .min_score = DS_MIN_SCORE_DEFAULT } };
  const GOptionEntry entries[] = {
    { "values-file", 0, 0, G_OPTION_ARG_STRING, &options.values_file, "remove literal values, a line each, from standard input", "-" },
    DS_SELECT_ENTRIES (options.select),
    DS_CHANGE_ENTRIES (options.change, DS_CHANGE_WHY),
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
