/* deskshred plan: the list of what policies, or an action, would do, made, shown or, for its policies, confirmed. */
#include "config.h"
#include "base/atomic-file.h"
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/plan-view.h"
#include "cmd/policy-view.h"
#include "cmd/progress.h"
#include "cmd/select.h"
#include "run/confirmation.h"
#include "run/keep-out.h"
#include "run/perform.h"
#include "run/plan.h"
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

typedef struct
{
  DsSelectOptions select;
  DsOutputOptions output;
  char **policies;
  char *action, *show;
  gboolean confirm;
} Options;

static void
options_clear (Options *options)
{
  ds_select_options_clear (&options->select);
  g_strfreev (options->policies);
  g_free (options->action);
  g_free (options->show);
  g_free (options->output.format);
  g_free (options->output.path);
}

static GPtrArray *
find_policies (const DsSession *session, char **names, GError **error)
{
  g_autoptr (GPtrArray) policies = g_ptr_array_new ();
  for (guint i = 0; names[i] != NULL; i++)
    {
      const DsPolicy *policy = ds_configuration_policy (session->configuration, names[i]);
      if (policy == NULL)
        {
          g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "--policy: the configuration has no policy \"%s\"", names[i]);
          return NULL;
        }
      g_ptr_array_add (policies, (gpointer) policy);
    }
  return g_steal_pointer (&policies);
}

/* ---- making ---- */

static gboolean
make_order (const DsSession *session, const DsSelection *selection, const Options *options, DsOrder *order, GError **error)
{
  order->selection = selection;
  if (options->policies == NULL)
    {
      order->kind = DS_ORDER_COMMAND;
      order->what = g_str_equal (options->action, "shred") ? DS_DO_SHRED : DS_DO_REDACT;
      return TRUE;
    }
  order->kind = DS_ORDER_POLICIES;
  order->now = g_get_real_time () / G_USEC_PER_SEC;
  order->policies = find_policies (session, options->policies, error);
  order->reach = order->policies != NULL ? ds_order_reach (order->policies) : NULL;
  return order->policies != NULL;
}

static gboolean
to_standard_output (const Options *options)
{
  return options->output.path == NULL || g_str_equal (options->output.path, "-");
}

/* What keeps apply from carrying the plan out, or NULL. */
static char *
hindrance (const DsSession *session, const DsPolicy *policy, GHashTable *confirmations)
{
  if (!policy->enabled)
    return g_strdup_printf ("`apply` would refuse it: the policy \"%s\" is not enabled in the configuration.", policy->name);
  if (ds_confirmations_hold (confirmations, policy))
    return NULL;
  g_autofree char *command = ds_confirm_command (session, policy);
  return g_strdup_printf ("`apply` would refuse it: the policy \"%s\", as it is written now, was not confirmed. If this plan is what it is "
                          "meant to do, then: %s", policy->name, command);
}

/* What to do with the plan now. */
static gboolean
tell_next (const DsSession *session, const Options *options, const DsPlanTotals *totals, DsWriter *writer, GError **error)
{
  g_autoptr (GHashTable) confirmations = ds_confirmations_read (session, error);
  if (confirmations == NULL)
    return FALSE;
  gboolean hindered = FALSE;
  for (guint i = 0; options->policies != NULL && options->policies[i] != NULL; i++)
    {
      g_autofree char *why = hindrance (session, ds_configuration_policy (session->configuration, options->policies[i]), confirmations);
      hindered |= why != NULL;
      if (why != NULL)
        ds_writer_note (writer, why);
    }
  if (hindered || to_standard_output (options) || totals->edits + totals->shreds == 0)
    return TRUE;
  const char *config = session->options->config;
  g_autofree char *program = g_strconcat ("deskshred", config != NULL ? " --config " : NULL, config, NULL);
  g_autofree char *next = g_strdup_printf ("Read it: %s plan --show %s\nDelete the lines you do not want, then: %s apply %s%s", program,
                                           options->output.path, program, options->output.path,
                                           options->policies == NULL ? " --reason CODE" : "");
  ds_writer_note (writer, next);
  return TRUE;
}

static gboolean
tell (const DsSession *session, const Options *options, const DsPlanTotals *totals, GError **error)
{
  g_autoptr (DsWriter) writer = ds_output_messages ();
  ds_writer_begin (writer, NULL, NULL);
  ds_plan_view_totals (writer, session->configuration, totals, TRUE);
  return tell_next (session, options, totals, writer, error) && ds_writer_end (writer, error);
}

static gboolean
write_plan (DsSession *session, GPtrArray *tickets, const DsOrder *order, const Options *options, DsPlanTotals *totals, GError **error)
{
  const char *path = options->output.path;
  if (to_standard_output (options))
    return ds_plan_write (session, tickets, order, stdout, totals, error);
  g_autoptr (DsAtomicFile) file = ds_keep_out (session, path, error) ? ds_atomic_file_open (path, 0600, error) : NULL;
  int fd = file != NULL ? dup (ds_atomic_file_descriptor (file)) : -1;
  FILE *out = fd >= 0 ? fdopen (fd, "w") : NULL;
  if (out == NULL && file != NULL)
    g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: cannot be written: %s", path, g_strerror (errno));
  if (out == NULL)
    return FALSE;
  gboolean ok = ds_plan_write (session, tickets, order, out, totals, error);
  if (fclose (out) != 0 && ok)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: cannot be written: %s", path, g_strerror (errno));
      ok = FALSE;
    }
  return ok && ds_atomic_file_commit (file, error);
}

static gboolean
plan (DsSession *session, const DsTarget *target, const DsSelection *selection, const Options *options, DsPlanTotals *totals, GError **error)
{
  DsOrder order = { 0 };
  g_autoptr (GHashTable) messages = NULL;
  g_autoptr (GHashTable) parts = NULL;
  if (!make_order (session, selection, options, &order, error))
    return FALSE;
  gboolean ok = ds_listing_refresh_index (session, error);
  g_autoptr (GPtrArray) tickets = ok ? ds_perform_tickets (session, selection, target->references, &messages, &parts, error) : NULL;
  order.messages = messages;
  order.parts = parts;
  ok = tickets != NULL && write_plan (session, tickets, &order, options, totals, error);
  g_clear_pointer (&order.policies, g_ptr_array_unref);
  g_strfreev (order.reach);
  return ok;
}

static int
make (const DsGlobalOptions *globals, char **words, Options *options, GError **error)
{
  g_autoptr (DsSelection) selection = ds_select_selection (&options->select, error);
  g_autoptr (DsTarget) target = selection != NULL ? ds_select_target (globals, &options->select, words, error) : NULL;
  if (target == NULL)
    return -1;
  DsNeeds needs = DS_NEED_STATE | DS_NEED_WORKERS | DS_NEED_LEDGER;
  g_autoptr (DsSession) session = ds_session_open (globals, needs, target->target, target->is_store, FALSE, error);
  if (session == NULL || !ds_session_knows_rules (session, selection->rules, error))
    return -1;
  DsPlanTotals totals;
  DsProgress progress = ds_progress_new (globals, "tickets");
  ds_progress_watch (&progress, session);
  ds_plan_totals_init (&totals);
  gboolean ok = plan (session, target, selection, options, &totals, error);
  ds_progress_end (&progress);
  ok = ok && (globals->quiet || tell (session, options, &totals, error));
  int status = totals.braked > 0 ? DS_EXIT_REFUSED : DS_EXIT_DONE;
  ds_plan_totals_clear (&totals);
  return ok ? status : -1;
}

/* ---- showing ---- */

static int
show (const DsGlobalOptions *globals, const Options *options, GError **error)
{
  FILE *in = fopen (options->show, "re");
  if (in == NULL)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s: %s", options->show, g_strerror (errno));
      return -1;
    }
  g_autoptr (DsSession) session = ds_session_open (globals, DS_NEED_STATE, NULL, FALSE, FALSE, error);
  g_autoptr (DsOutput) output = session != NULL ? ds_output_open_beside (&options->output, options->show, session, error) : NULL;
  gboolean ok = output != NULL && ds_plan_view (session, in, options->show, output, error);
  fclose (in);
  return ok ? DS_EXIT_DONE : -1;
}

/* ---- confirming ---- */

static gboolean
confirm_one (const DsSession *session, const DsPolicy *policy, GHashTable *confirmations, DsWriter *writer, GError **error)
{
  ds_policy_view (writer, session->configuration, policy);
  const DsConfirmation *before = g_hash_table_lookup (confirmations, policy->name);
  gboolean known = ds_confirmations_hold (confirmations, policy);
  if (!known && !ds_confirm (session, policy, error))
    return FALSE;
  g_autofree char *note = known ? g_strdup_printf ("Confirmed already, at %s by %s: nothing was recorded.", before->time, before->system_user)
                                : g_strdup_printf ("Confirmed%s, by %s: recorded in the ledger. An edit of the policy needs a new confirmation.",
                                                   before != NULL ? " anew" : "", session->system_user);
  ds_writer_note (writer, note);
  return TRUE;
}

static int
confirm (const DsGlobalOptions *globals, const Options *options, GError **error)
{
  g_autoptr (DsSession) session = ds_session_open (globals, DS_NEED_LEDGER | DS_NEED_PACKS, NULL, FALSE, FALSE, error);
  g_autoptr (GPtrArray) policies = session != NULL ? find_policies (session, options->policies, error) : NULL;
  g_autoptr (GHashTable) confirmations = policies != NULL ? ds_confirmations_read (session, error) : NULL;
  g_autoptr (DsOutput) output = confirmations != NULL ? ds_output_open (&options->output, session, error) : NULL;
  if (output == NULL)
    return -1;
  ds_writer_begin (ds_output_writer (output), NULL, NULL);
  for (guint i = 0; i < policies->len; i++)
    if (!confirm_one (session, g_ptr_array_index (policies, i), confirmations, ds_output_writer (output), error))
      return -1;
  return ds_output_close (output, error) ? DS_EXIT_DONE : -1;
}

/* ---- options ---- */

static gboolean
check_alone (const Options *options, char **words, GError **error)
{
  const DsSelectOptions *select = &options->select;
  gboolean selects = words[0] != NULL || select->store != NULL || select->tickets != NULL || select->queues != NULL || select->statuses != NULL
                     || select->kinds != NULL || select->rules != NULL || select->since != NULL || select->until != NULL
                     || select->where != NULL;
  if (options->show != NULL && (selects || options->confirm || options->policies != NULL || options->action != NULL))
    ds_command_usage (error, &ds_command_plan, "--show FILE stands alone: it shows a plan that was made before");
  else if (options->confirm && (selects || options->policies == NULL || options->action != NULL))
    ds_command_usage (error, &ds_command_plan, "--confirm stands with --policy alone: it confirms the policy, for every store");
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_options (const Options *options, char **words, GError **error)
{
  if (!check_alone (options, words, error))
    return FALSE;
  if (options->show != NULL || options->confirm)
    return TRUE;
  if (options->output.format != NULL)
    ds_command_usage (error, &ds_command_plan, "--format goes with --show and --confirm: a plan itself has one format");
  else if ((options->policies == NULL) == (options->action == NULL))
    ds_command_usage (error, &ds_command_plan, "what is to be planned? --policy NAME, or --do redact|shred");
  else if (options->action != NULL && !g_str_equal (options->action, "redact") && !g_str_equal (options->action, "shred"))
    ds_command_usage (error, &ds_command_plan, "--do: there is no action \"%s\"; there are redact and shred", options->action);
  else if (options->action != NULL && options->select.kinds == NULL && options->select.rules == NULL)
    ds_command_usage (error, &ds_command_plan, "--do needs --kind or --rule: what is it to act on?");
  else
    return TRUE;
  return FALSE;
}

static int
perform (const DsGlobalOptions *globals, char **words, Options *options, GError **error)
{
  if (!check_options (options, words, error))
    return -1;
  if (options->show != NULL)
    return show (globals, options, error);
  return options->confirm ? confirm (globals, options, error) : make (globals, words, options, error);
}

static int
run (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  Options options = { .select = { .min_score = DS_MIN_SCORE_DEFAULT } };
  const GOptionEntry entries[] = {
    { "policy", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.policies, "what this policy of the configuration would do", "NAME" },
    { "do", 0, 0, G_OPTION_ARG_STRING, &options.action, "redact or shred, with --kind or --rule, instead of a policy", "ACTION" },
    { "show", 0, 0, G_OPTION_ARG_FILENAME, &options.show, "show a plan that was made before, to be read", "FILE" },
    { "confirm", 0, 0, G_OPTION_ARG_NONE, &options.confirm, "confirm the policies as they are written now, and plan nothing", NULL },
    DS_OUTPUT_ENTRIES (options.output),
    DS_SELECT_ENTRIES (options.select),
    G_OPTION_ENTRY_NULL,
  };
  int status = -1;
  if (ds_command_parse (&ds_command_plan, entries,
                        "A plan is a text file, an action a line.  Read it, delete the lines you do not want, and give it to\n"
                        "`deskshred apply`.  Lines that were edited are refused.  What a policy planned is carried out only\n"
                        "when the policy is enabled, and was confirmed as it is written now: plan --policy NAME --confirm.", &argc, &argv, error))
    status = perform (globals, argv + 1, &options, error);
  options_clear (&options);
  return status;
}

const DsCommand ds_command_plan = { "plan", "[PATH]", "list what policies, or an action, would do; changes nothing", run };
