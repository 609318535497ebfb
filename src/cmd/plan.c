/* deskshred plan: the list of what policies, or an action, would do; changes nothing. */
#include "config.h"
#include "base/atomic-file.h"
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/select.h"
#include "run/perform.h"
#include "run/plan.h"
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

typedef struct
{
  DsSelectOptions select;
  char **policies;
  char *action, *output;
} Options;

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

static void
tell (const DsPlanTotals *totals, const char *path)
{
  fprintf (stderr,
           "Tickets: %" G_GUINT64_FORMAT "   messages: %" G_GUINT64_FORMAT "   places to redact: %" G_GUINT64_FORMAT " (further copies: %"
           G_GUINT64_FORMAT ")   attachments to shred: %" G_GUINT64_FORMAT "\nCopies left in headers and metadata: %u   not looked at: %u   "
           "messages to be written anew: %" G_GUINT64_FORMAT " bytes\n",
           totals->tickets, totals->messages, totals->edits, totals->copies, totals->shreds, totals->left, totals->not_looked_at,
           totals->message_bytes);
  if (totals->braked > 0)
    fprintf (stderr, "The brake holds back %" G_GUINT64_FORMAT " further tickets.\n", totals->braked);
  if (path != NULL)
    fprintf (stderr, "Read it, delete lines you do not want, then: deskshred apply %s --reason CODE\n", path);
}

static gboolean
write_plan (DsSession *session, GPtrArray *tickets, const DsOrder *order, const char *path, DsPlanTotals *totals, GError **error)
{
  if (path == NULL || g_str_equal (path, "-"))
    {
      if (!ds_plan_write (session, tickets, order, stdout, totals, error))
        return FALSE;
      if (fflush (stdout) == 0)
        return TRUE;
      g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "the plan cannot be written: %s", g_strerror (errno));
      return FALSE;
    }
  g_autoptr (DsAtomicFile) file = ds_atomic_file_open (path, 0600, error);
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
  ok = tickets != NULL && write_plan (session, tickets, &order, options->output, totals, error);
  g_clear_pointer (&order.policies, g_ptr_array_unref);
  g_strfreev (order.reach);
  return ok;
}

static gboolean
check_options (const Options *options, GError **error)
{
  if ((options->policies == NULL) == (options->action == NULL))
    {
      ds_command_usage (error, &ds_command_plan, "what is to be planned? --policy NAME, or --do redact|shred");
      return FALSE;
    }
  if (options->action != NULL && !g_str_equal (options->action, "redact") && !g_str_equal (options->action, "shred"))
    {
      ds_command_usage (error, &ds_command_plan, "--do: there is no action \"%s\"; there are redact and shred", options->action);
      return FALSE;
    }
  if (options->action == NULL || options->select.kinds != NULL || options->select.rules != NULL)
    return TRUE;
  ds_command_usage (error, &ds_command_plan, "--do needs --kind or --rule: what is it to act on?");
  return FALSE;
}

static int
perform (const DsGlobalOptions *globals, char **words, Options *options, GError **error)
{
  if (!check_options (options, error))
    return -1;
  g_autoptr (DsSelection) selection = ds_select_selection (&options->select, error);
  g_autoptr (DsTarget) target = selection != NULL ? ds_select_target (globals, &options->select, words, error) : NULL;
  if (target == NULL)
    return -1;
  DsNeeds needs = DS_NEED_STATE | DS_NEED_WORKERS | DS_NEED_LEDGER;
  g_autoptr (DsSession) session = ds_session_open (globals, needs, target->target, target->is_store, FALSE, error);
  DsPlanTotals totals = { 0 };
  if (session == NULL || !ds_session_knows_rules (session, selection->rules, error)
      || !plan (session, target, selection, options, &totals, error))
    return -1;
  if (!globals->quiet)
    tell (&totals, options->output);
  return totals.braked > 0 ? DS_EXIT_REFUSED : DS_EXIT_DONE;
}

static int
run (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  Options options = { .select = { .min_score = DS_MIN_SCORE_DEFAULT } };
  const GOptionEntry entries[] = {
    { "policy", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.policies, "what this policy of the configuration would do", "NAME" },
    { "do", 0, 0, G_OPTION_ARG_STRING, &options.action, "redact or shred, with --kind or --rule, instead of a policy", "ACTION" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, "write the plan to FILE", "FILE" },
    DS_SELECT_ENTRIES (options.select),
    G_OPTION_ENTRY_NULL,
  };
  int status = -1;
  if (ds_command_parse (&ds_command_plan, entries,
                        "A plan is a text file, an action a line.  Read it, delete the lines you do not want, and give it to\n"
                        "`deskshred apply`.  Lines that were edited are refused.", &argc, &argv, error))
    status = perform (globals, argv + 1, &options, error);
  ds_select_options_clear (&options.select);
  g_strfreev (options.policies);
  g_free (options.action);
  g_free (options.output);
  return status;
}

const DsCommand ds_command_plan = { "plan", "[PATH]", "list what policies, or an action, would do; changes nothing", run };
