/* deskshred dismiss: a false alarm stays dismissed; only its keyed fingerprint is kept. */
#include "config.h"
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/output.h"
#include "run/records.h"
#include "run/reference.h"
#include "run/selection.h"
#include <stdio.h>
#include <string.h>

#define FINGERPRINT_DIGITS 32

typedef struct
{
  char **fingerprints, **rules, **kinds;
  gboolean list;
} Options;

static void
options_clear (Options *options)
{
  g_strfreev (options->fingerprints);
  g_strfreev (options->rules);
  g_strfreev (options->kinds);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* One word of the command line: a reference or a fingerprint, and how many findings it meant. */
typedef struct
{
  const char *word;
  DsReference *reference; /* NULL: a fingerprint */
  guint findings;
} Target;

typedef struct
{
  const Options *options;
  GPtrArray *targets;  /* of Target */
  GHashTable *chosen;  /* fingerprint -> rule */
  guint findings;
} Search;

static void
target_free (Target *target)
{
  ds_reference_free (target->reference);
  g_free (target);
}

static gboolean
one_of (char *const *wanted, const char *name)
{
  return wanted == NULL || (name != NULL && g_strv_contains ((const char *const *) wanted, name));
}

static gboolean
same_or_any (const char *wanted, const char *name)
{
  return wanted == NULL || g_strcmp0 (wanted, name) == 0;
}

static gboolean
is_meant (const Target *target, const DsOpenFinding *finding)
{
  const DsReference *reference = target->reference;
  if (reference == NULL)
    return g_str_equal (target->word, finding->fingerprint);
  return g_str_equal (reference->store, finding->store) && same_or_any (reference->ticket, finding->ticket)
         && same_or_any (reference->message, finding->message) && same_or_any (reference->part, finding->part);
}

static gboolean
look_at (const DsOpenFinding *finding, gpointer data, GError **error G_GNUC_UNUSED)
{
  Search *search = data;
  gboolean meant = FALSE;
  if (!one_of (search->options->rules, finding->rule) || !one_of (search->options->kinds, finding->kind))
    return TRUE;
  for (guint i = 0; i < search->targets->len; i++)
    {
      Target *target = g_ptr_array_index (search->targets, i);
      if (!is_meant (target, finding))
        continue;
      target->findings++;
      meant = TRUE;
    }
  if (!meant)
    return TRUE;
  search->findings++;
  g_hash_table_insert (search->chosen, g_strdup (finding->fingerprint), g_strdup (finding->rule));
  return TRUE;
}

static gboolean
add_reference (GPtrArray *targets, const char *word, DsState *state, GError **error)
{
  g_autoptr (DsReference) reference = ds_reference_read (word, error);
  if (reference == NULL)
    return FALSE;
  /* The ticket may have got another name since: threads prove to be one. */
  char *present = ds_state_resolve_ticket (state, reference->store, reference->ticket, error);
  if (present == NULL)
    return FALSE;
  g_free (reference->ticket);
  reference->ticket = present;
  Target *target = g_new0 (Target, 1);
  target->word = word;
  target->reference = g_steal_pointer (&reference);
  g_ptr_array_add (targets, target);
  return TRUE;
}

static gboolean
add_targets (GPtrArray *targets, const Options *options, char *const *words, DsState *state, GError **error)
{
  for (guint i = 0; words[i] != NULL; i++)
    if (!add_reference (targets, words[i], state, error))
      return FALSE;
  for (guint i = 0; options->fingerprints != NULL && options->fingerprints[i] != NULL; i++)
    {
      Target *target = g_new0 (Target, 1);
      target->word = options->fingerprints[i];
      g_ptr_array_add (targets, target);
    }
  return TRUE;
}

/* All or nothing: with a mistyped word it is not known what was meant. */
static gboolean
check_targets (const GPtrArray *targets, GHashTable *dismissed, GError **error)
{
  for (guint i = 0; i < targets->len; i++)
    {
      const Target *target = g_ptr_array_index (targets, i);
      if (target->findings > 0)
        continue;
      if (target->reference == NULL && g_hash_table_contains (dismissed, target->word))
        g_set_error (error, DS_ERROR, DS_ERROR_ITEM, "%s is dismissed already; nothing was done", target->word);
      else
        g_set_error (error, DS_ERROR, DS_ERROR_ITEM,
                     "%s: there is no open finding there (of that rule and kind); nothing was dismissed.  A scan shows "
                     "what is open",
                     target->word);
      return FALSE;
    }
  return TRUE;
}

static gboolean
write_dismissals (DsState *state, GHashTable *chosen, const char *who, GError **error)
{
  GHashTableIter iterator;
  gpointer fingerprint, rule;
  g_hash_table_iter_init (&iterator, chosen);
  while (g_hash_table_iter_next (&iterator, &fingerprint, &rule))
    if (!ds_state_dismiss (state, fingerprint, rule, who, error))
      return FALSE;
  return TRUE;
}

static gboolean
dismiss (const DsSession *session, DsState *state, const Options *options, char *const *words, GError **error)
{
  g_autoptr (GPtrArray) targets = g_ptr_array_new_with_free_func ((GDestroyNotify) target_free);
  g_autoptr (GHashTable) chosen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) dismissed = ds_state_dismissed (state, error);
  Search search = { options, targets, chosen, 0 };
  if (dismissed == NULL || !add_targets (targets, options, words, state, error)
      || !ds_state_each_open (state, NULL, look_at, &search, error) || !check_targets (targets, dismissed, error)
      || !write_dismissals (state, chosen, session->system_user, error))
    return FALSE;
  guint values = g_hash_table_size (chosen);
  printf ("%u value%s dismissed, found in %u place%s: scans will not show %s again\n", values, values == 1 ? "" : "s",
          search.findings, search.findings == 1 ? "" : "s", values == 1 ? "it" : "them");
  return TRUE;
}

static gboolean
list (DsState *state, const DsOutputOptions *options, GError **error)
{
  static const DsColumn columns[] = { { "fingerprint", "Fingerprint", 32, DS_COLUMN_CODE } };
  g_autoptr (DsOutput) output = ds_output_open (options, error);
  g_autoptr (GHashTable) dismissed = output == NULL ? NULL
                                     : state != NULL ? ds_state_dismissed (state, error)
                                                     : g_hash_table_new (g_str_hash, g_str_equal);
  if (dismissed == NULL)
    return FALSE;
  g_autoptr (GList) fingerprints = g_list_sort (g_hash_table_get_keys (dismissed), (GCompareFunc) g_strcmp0);
  ds_writer_begin (ds_output_writer (output), NULL, NULL);
  ds_writer_section (ds_output_writer (output), "dismissal", "Dismissed", columns, G_N_ELEMENTS (columns));
  for (GList *at = fingerprints; at != NULL; at = at->next)
    {
      const char *cells[] = { at->data };
      ds_writer_row (ds_output_writer (output), cells);
    }
  return ds_output_close (output, error);
}

/* What is no fingerprint may be the value itself, so it is not repeated. */
static gboolean
check_fingerprints (char *const *fingerprints, GError **error)
{
  for (guint i = 0; fingerprints != NULL && fingerprints[i] != NULL; i++)
    if (strlen (fingerprints[i]) != FINGERPRINT_DIGITS || strspn (fingerprints[i], "0123456789abcdef") != FINGERPRINT_DIGITS)
      {
        ds_command_usage (error, &ds_command_dismiss,
                          "--fingerprint: %d digits 0-9a-f are wanted, as a scan shows them in CSV or JSON Lines",
                          FINGERPRINT_DIGITS);
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_usage (const Options *options, int argc, GError **error)
{
  gboolean any = argc > 1 || options->fingerprints != NULL;
  if (options->list && any)
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
work (const DsSession *session, const Options *options, const DsOutputOptions *output, char *const *words, GError **error)
{
  g_autoptr (DsState) state = NULL;
  if (!ds_records_state (session->configuration, &state, error))
    return FALSE;
  if (options->list)
    return list (state, output, error);
  if (state != NULL)
    return dismiss (session, state, options, words, error);
  g_set_error_literal (error, DS_ERROR, DS_ERROR_ITEM, "nothing was scanned yet, so there is nothing to dismiss");
  return FALSE;
}

static const char help[] =
  "REF is a place as a scan shows it: STORE:TICKET/MESSAGE/PART, or less of it for all in that message or\n"
  "ticket.  The values found there are no longer findings, wherever they stand.  The values themselves are\n"
  "not kept, only fingerprints that nobody can read without the site's key.  If one of several REFs means\n"
  "no open finding, nothing is dismissed.\n"
  "\n"
  "Exit status: 0 done; 1 there is no such open finding.";

static int
run (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  g_auto (Options) options = { 0 };
  DsOutputOptions output = { NULL, NULL };
  const GOptionEntry entries[] = {
    { "fingerprint", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.fingerprints, "this value, wherever it stands", "F" },
    { "rule", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.rules, "only what this rule found", "RULE" },
    { "kind", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.kinds, "only findings of this kind", "KIND" },
    { "list", 0, 0, G_OPTION_ARG_NONE, &options.list, "show the fingerprints that are dismissed", NULL },
    DS_OUTPUT_ENTRIES (output),
    G_OPTION_ENTRY_NULL,
  };
  gboolean ok = ds_command_parse (&ds_command_dismiss, entries, help, &argc, &argv, error)
                && check_usage (&options, argc, error) && check_kinds (&options, error);
  g_autoptr (DsSession) session = ok ? ds_session_open (globals, 0, NULL, FALSE, FALSE, error) : NULL;
  ok = session != NULL && work (session, &options, &output, argv + 1, error);
  g_free (output.format);
  g_free (output.path);
  return ok ? DS_EXIT_DONE : -1;
}

const DsCommand ds_command_dismiss = { "dismiss", "REF…", "a false alarm stays dismissed", run };
