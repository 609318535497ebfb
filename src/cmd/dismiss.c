/* deskshred dismiss: a false alarm stays dismissed, until that is undone; only its keyed fingerprint is kept. */
#include "config.h"
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/dismissal-table.h"
#include "cmd/output.h"
#include "run/dismissal.h"
#include "run/perform.h"
#include "run/records.h"
#include <string.h>

#define FINGERPRINT_DIGITS 32

typedef struct
{
  DsOutputOptions output;
  char **fingerprints, **rules, **kinds;
  char *case_reference;
  gboolean list, undo;
} Options;

static void
options_clear (Options *options)
{
  g_strfreev (options->fingerprints);
  g_strfreev (options->rules);
  g_strfreev (options->kinds);
  g_free (options->case_reference);
  g_free (options->output.format);
  g_free (options->output.path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* ---- what is meant ---- */

static GPtrArray *
read_targets (DsState *state, const Options *options, char *const *words, GError **error)
{
  g_autoptr (GPtrArray) targets = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_dismissal_target_free);
  char *const *lists[] = { words, options->fingerprints };
  for (guint k = 0; k < G_N_ELEMENTS (lists); k++)
    for (guint i = 0; lists[k] != NULL && lists[k][i] != NULL; i++)
      {
        DsDismissalTarget *target = ds_dismissal_target_new (state, lists[k][i], k == 1, error);
        if (target == NULL)
          return NULL;
        g_ptr_array_add (targets, target);
      }
  return g_steal_pointer (&targets);
}

/* All or nothing: with a mistyped word it is not known what was meant. */
static gboolean
check_found (const GPtrArray *targets, GHashTable *dismissed, gboolean undo, GError **error)
{
  for (guint i = 0; i < targets->len; i++)
    {
      const DsDismissalTarget *target = g_ptr_array_index (targets, i);
      if (target->found > 0)
        continue;
      if (undo)
        g_set_error (error, DS_ERROR, DS_ERROR_ITEM, "%s: nothing there is dismissed (of that rule and kind); nothing was done", target->word);
      else if (target->reference == NULL && g_hash_table_contains (dismissed, target->word))
        g_set_error (error, DS_ERROR, DS_ERROR_ITEM, "%s is dismissed already; nothing was done", target->word);
      else
        g_set_error (error, DS_ERROR, DS_ERROR_ITEM,
                     "%s: there is no open finding there (of that rule and kind); nothing was dismissed.  A scan shows what is open", target->word);
      return FALSE;
    }
  return TRUE;
}

/* ---- dismissing ---- */

/* What was done, and what was left. */
typedef struct
{
  guint values, places, places_elsewhere;
  guint shared, shared_places;
} Counts;

static Counts
count_values (GHashTable *values)
{
  Counts counts = { 0 };
  GHashTableIter iter;
  gpointer data = NULL;
  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, NULL, &data))
    {
      const DsDismissable *value = data;
      gboolean shared = ds_dismissable_is_shared (value);
      counts.values += !shared;
      counts.shared += shared;
      counts.places += shared ? 0 : value->places;
      counts.places_elsewhere += shared ? 0 : value->places_elsewhere;
      counts.shared_places += shared ? value->places_elsewhere : 0;
    }
  return counts;
}

static void
write_value (DsWriter *writer, const char *fingerprint, const DsDismissable *value)
{
  g_autofree char *places = g_strdup_printf ("%u", value->places);
  g_autofree char *elsewhere = g_strdup_printf ("%u", value->places_elsewhere);
  const char *cells[] = { ds_dismissable_is_shared (value) ? "left" : "dismissed", value->kind, value->masked, value->rule, places, elsewhere,
                          fingerprint };
  ds_writer_row (writer, cells);
}

static void
write_values (DsWriter *writer, GHashTable *values)
{
  static const DsColumn columns[] = {
    { "what", "What", 9, 0 },
    { "kind", "Kind", 15, 0 },
    { "masked", "Sample", 14, 0 },
    { "rule", "Rule", 14, 0 },
    { "places", "Here", 6, DS_COLUMN_NUMBER },
    { "places_elsewhere", "Elsewhere", 9, DS_COLUMN_NUMBER },
    { "fingerprint", "Fingerprint", 32, DS_COLUMN_CODE },
  };
  ds_writer_section (writer, "value", NULL, columns, G_N_ELEMENTS (columns));
  g_autoptr (GList) fingerprints = g_list_sort (g_hash_table_get_keys (values), (GCompareFunc) g_strcmp0);
  for (GList *at = fingerprints; at != NULL; at = at->next)
    write_value (writer, at->data, g_hash_table_lookup (values, at->data));
}

#define PLURAL(n) ((n) == 1 ? "" : "s")

static void
write_counts (DsWriter *writer, const Counts *counts)
{
  g_autofree char *done = g_strdup_printf ("%u value%s dismissed: %u place%s here, %u in other tickets. Scans will not show %s again; `deskshred dismiss "
                                           "--undo` takes it back.", counts->values, PLURAL (counts->values), counts->places,
                                           PLURAL (counts->places), counts->places_elsewhere, counts->values == 1 ? "it" : "them");
  ds_writer_note (writer, done);
  g_autofree char *left = g_strdup_printf ("%u value%s left: other tickets share %s, in %u place%s. To dismiss %s everywhere, name a kind, a rule, a "
                                           "reference down to its part, or a fingerprint.", counts->shared, PLURAL (counts->shared),
                                           counts->shared == 1 ? "it" : "them", counts->shared_places, PLURAL (counts->shared_places),
                                           counts->shared == 1 ? "it" : "them");
  if (counts->shared > 0)
    ds_writer_note (writer, left);
}

static gboolean
enter (const DsSession *session, DsState *state, const Options *options, GHashTable *values, GError **error)
{
  GHashTableIter iter;
  gpointer fingerprint = NULL, data = NULL;
  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, &fingerprint, &data))
    {
      const DsDismissable *value = data;
      const DsDismissal dismissal = { .fingerprint = fingerprint, .rule = value->rule, .kind = value->kind, .masked = value->masked,
                                      .store = value->store, .ticket = value->ticket, .message = value->message, .part = value->part,
                                      .who = session->system_user, .actor = session->options->actor,
                                      .case_reference = options->case_reference };
      if (!ds_dismissable_is_shared (value) && !ds_state_dismiss (state, &dismissal, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
dismiss (DsSession *session, DsState *state, const Options *options, char *const *words, GError **error)
{
  g_autoptr (GPtrArray) targets = read_targets (state, options, words, error);
  g_autoptr (GHashTable) dismissed = targets != NULL ? ds_state_dismissed (state, error) : NULL;
  g_autoptr (GHashTable) values = dismissed != NULL ? ds_dismissable_find (state, targets, options->rules, options->kinds, error) : NULL;
  if (values == NULL || !check_found (targets, dismissed, FALSE, error) || !ds_case_check (session, options->case_reference, error))
    return FALSE;
  Counts counts = count_values (values);
  if (counts.values == 0)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_ITEM,
                   "nothing was dismissed: other tickets share all %u values there, in %u places.  To dismiss them everywhere, name a kind, a rule, "
                   "a reference down to its part, or a fingerprint", counts.shared, counts.shared_places);
      return FALSE;
    }
  g_autoptr (DsOutput) output = ds_output_open (&options->output, session, error);
  if (output == NULL || !enter (session, state, options, values, error))
    return FALSE;
  ds_writer_begin (ds_output_writer (output), NULL, NULL);
  write_values (ds_output_writer (output), values);
  write_counts (ds_output_writer (output), &counts);
  return ds_output_close (output, error);
}

/* ---- undoing, listing ---- */

static gboolean
undo (const DsSession *session, DsState *state, const Options *options, char *const *words, GError **error)
{
  g_autoptr (GPtrArray) targets = read_targets (state, options, words, error);
  g_autoptr (GPtrArray) fingerprints = targets != NULL ? ds_dismissals_find (state, targets, options->rules, options->kinds, error) : NULL;
  g_autoptr (DsOutput) output = NULL;
  if (fingerprints == NULL || !check_found (targets, NULL, TRUE, error) || (output = ds_output_open (&options->output, session, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < fingerprints->len; i++)
    if (!ds_state_end_dismissal (state, g_ptr_array_index (fingerprints, i), error))
      return FALSE;
  g_autofree char *note = g_strdup_printf ("%u value%s no longer dismissed: the next scan shows %s where %s.", fingerprints->len,
                                           fingerprints->len == 1 ? " is" : "s are", fingerprints->len == 1 ? "it" : "them",
                                           fingerprints->len == 1 ? "it stands" : "they stand");
  ds_writer_begin (ds_output_writer (output), NULL, NULL);
  ds_writer_note (ds_output_writer (output), note);
  return ds_output_close (output, error);
}

static gboolean
list (const DsSession *session, DsState *state, const DsOutputOptions *options, GError **error)
{
  g_autoptr (DsOutput) output = ds_output_open (options, session, error);
  guint n = 0;
  if (output == NULL)
    return FALSE;
  ds_writer_begin (ds_output_writer (output), NULL, NULL);
  ds_dismissal_table_begin (ds_output_writer (output), "Dismissed");
  return ds_dismissal_table_rows (ds_output_writer (output), state, NULL, &n, error) && ds_output_close (output, error);
}

/* ---- options ---- */

/* What is no fingerprint may be the value itself, so it is not repeated. */
static gboolean
check_fingerprints (char *const *fingerprints, GError **error)
{
  for (guint i = 0; fingerprints != NULL && fingerprints[i] != NULL; i++)
    if (strlen (fingerprints[i]) != FINGERPRINT_DIGITS || strspn (fingerprints[i], "0123456789abcdef") != FINGERPRINT_DIGITS)
      {
        ds_command_usage (error, &ds_command_dismiss, "--fingerprint: %d digits 0-9a-f are wanted, as --list shows them, and a scan in CSV or JSON Lines",
                          FINGERPRINT_DIGITS);
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_usage (const Options *options, int argc, GError **error)
{
  gboolean any = argc > 1 || options->fingerprints != NULL;
  if (options->list && (any || options->undo))
    ds_command_usage (error, &ds_command_dismiss, "--list stands alone");
  else if (!options->list && !any)
    ds_command_usage (error, &ds_command_dismiss, "what? give a REF or a --fingerprint, as a scan shows them");
  else
    return check_fingerprints (options->fingerprints, error);
  return FALSE;
}

/* The kinds are checked, so that a mistyped one is told from one that was not found. */
static gboolean
check_kinds (const Options *options, GError **error)
{
  g_autoptr (DsSelection) selection = ds_selection_new ();
  for (guint i = 0; options->kinds != NULL && options->kinds[i] != NULL; i++)
    if (!ds_selection_add_kind (selection, options->kinds[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
work (DsSession *session, const Options *options, char *const *words, GError **error)
{
  g_autoptr (DsState) state = NULL;
  if (!ds_records_state (session->configuration, &state, error))
    return FALSE;
  if (options->list)
    return list (session, state, &options->output, error);
  if (state != NULL)
    return options->undo ? undo (session, state, options, words, error) : dismiss (session, state, options, words, error);
  g_set_error_literal (error, DS_ERROR, DS_ERROR_ITEM, "nothing was scanned yet, so there is nothing to dismiss");
  return FALSE;
}

static const char help[] =
  "REF is a place as a scan shows it: STORE:TICKET/MESSAGE/PART, or less of it for all in that message or\n"
  "ticket.  The values found there are no longer findings.  Named by a kind, a rule, a fingerprint or a REF\n"
  "down to its part, a value is dismissed wherever it stands; in a whole ticket or message, only values that\n"
  "no other ticket shares.  The values themselves are not kept, only fingerprints that nobody can read\n"
  "without the site's key.  If one of several REFs means no open finding, nothing is dismissed.\n"
  "\n"
  "Exit status: 0 done; 1 there is nothing to dismiss, or to undo.";

static int
run (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  g_auto (Options) options = { 0 };
  const GOptionEntry entries[] = {
    { "fingerprint", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.fingerprints, "this value, wherever it stands", "F" },
    { "rule", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.rules, "only what this rule found", "RULE" },
    { "kind", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.kinds, "only findings of this kind", "KIND" },
    { "case", 0, 0, G_OPTION_ARG_STRING, &options.case_reference, "why: a short reference, such as a ticket's number", "TEXT" },
    { "undo", 0, 0, G_OPTION_ARG_NONE, &options.undo, "they are findings again", NULL },
    { "list", 0, 0, G_OPTION_ARG_NONE, &options.list, "show what is dismissed, by whom, when and for which case", NULL },
    DS_OUTPUT_ENTRIES (options.output),
    G_OPTION_ENTRY_NULL,
  };
  gboolean ok = ds_command_parse (&ds_command_dismiss, entries, help, &argc, &argv, error)
                && check_usage (&options, argc, error) && check_kinds (&options, error);
  DsNeeds needs = options.case_reference != NULL ? DS_NEED_PACKS : 0;
  g_autoptr (DsSession) session = ok ? ds_session_open (globals, needs, NULL, FALSE, FALSE, error) : NULL;
  return session != NULL && work (session, &options, argv + 1, error) ? DS_EXIT_DONE : -1;
}

const DsCommand ds_command_dismiss = { "dismiss", "REF…", "a false alarm stays dismissed", run };
