/* deskshred rules: which rules there are, whether their own examples hold, and why a text did or did not match. */
#include "config.h"
#include "base/error.h"
#include "cmd/output.h"
#include "cmd/rules.h"
#include "cmd/subcommand.h"
#include "detect/fold.h"
#include "run/selection.h"
#include <stdio.h>
#include <string.h>

DsSession *
ds_rules_open (const DsGlobalOptions *globals, GError **error)
{
  return ds_session_open (globals, DS_NEED_PACKS, NULL, FALSE, FALSE, error);
}

/* Calls visit for each rule of each pack. */
void
ds_rules_each (GPtrArray *packs, void (*visit) (const DsRule *rule, gpointer data), gpointer data)
{
  for (guint p = 0; p < packs->len; p++)
    {
      const DsPack *pack = g_ptr_array_index (packs, p);
      for (guint r = 0; r < pack->rules->len; r++)
        visit (g_ptr_array_index (pack->rules, r), data);
    }
}

/* What proves a match: a validator's name, a declared checksum, or nothing. */
const char *
ds_rules_checked_by (const DsRule *rule)
{
  if (rule->validator != NULL)
    return rule->validator->name;
  return rule->checksum != NULL ? "declared checksum" : NULL;
}

/* ---- list ---- */

typedef struct
{
  char **packs, **kinds, **countries;
} ListOptions;

static void
list_options_clear (ListOptions *options)
{
  g_strfreev (options->packs);
  g_strfreev (options->kinds);
  g_strfreev (options->countries);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ListOptions, list_options_clear)

typedef struct
{
  DsWriter *writer;
  const ListOptions *options;
} List;

static const DsColumn rule_columns[] = {
  { "id", "Rule", 22, 0 },
  { "kind", "Kind", 15, 0 },
  { "pack", "Pack", 11, 0 },
  { "country", "Country", 7, 0 },
  { "score", "Score", 5, DS_COLUMN_NUMBER },
  { "context_score", "In context", 0, DS_COLUMN_NUMBER },
  { "required_context", "Context", 6, 0 },
  { "title", "What it finds", 30, DS_COLUMN_WIDE },
  { "checked_by", "Checked by", 18, 0 },
  { "check_digit", "Check digit", 0, DS_COLUMN_MACHINE },
  { "version", "Version", 0, DS_COLUMN_MACHINE | DS_COLUMN_NUMBER },
  { "digest", "Digest", 0, DS_COLUMN_MACHINE },
  { "source", "Defined in", 30, DS_COLUMN_WIDE },
};

static gboolean
one_of (char *const *wanted, const char *name)
{
  return wanted == NULL || g_strv_contains ((const char *const *) wanted, name);
}

static void
list_rule (const DsRule *rule, gpointer data)
{
  const List *list = data;
  const DsPack *pack = rule->pack;
  if (!one_of (list->options->packs, pack->id) || !one_of (list->options->kinds, ds_kind_name (rule->kind))
      || !one_of (list->options->countries, pack->country))
    return;
  g_autofree char *score = g_strdup_printf ("%u", rule->score);
  g_autofree char *context_score = rule->context != NULL ? g_strdup_printf ("%u", rule->context_score) : NULL;
  g_autofree char *version = g_strdup_printf ("%" G_GINT64_FORMAT, pack->version);
  const char *context = rule->context == NULL ? NULL : rule->required_context ? "needed" : "helps";
  const char *cells[] = { rule->id, ds_kind_name (rule->kind), pack->id, pack->country, score, context_score, context,
                          rule->title, ds_rules_checked_by (rule), ds_rule_is_proved (rule) ? "yes" : "no", version,
                          rule->digest, rule->source };
  G_STATIC_ASSERT (G_N_ELEMENTS (cells) == G_N_ELEMENTS (rule_columns));
  ds_writer_row (list->writer, cells);
}

/* A kind that does not exist would list nothing, as if no rule found it. */
static gboolean
check_kinds (char *const *kinds, GError **error)
{
  g_autoptr (DsSelection) selection = ds_selection_new ();
  for (guint i = 0; kinds != NULL && kinds[i] != NULL; i++)
    if (!ds_selection_add_kind (selection, kinds[i], error))
      return FALSE;
  return TRUE;
}

/* Nor would a pack or a country that is not there. */
static gboolean
check_packs (const DsSession *session, const ListOptions *options, GError **error)
{
  g_autoptr (GHashTable) packs = g_hash_table_new (g_str_hash, g_str_equal), countries = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < session->packs->len; i++)
    {
      const DsPack *pack = g_ptr_array_index (session->packs, i);
      g_hash_table_add (packs, pack->id);
      g_hash_table_add (countries, pack->country);
    }
  for (guint i = 0; options->packs != NULL && options->packs[i] != NULL; i++)
    if (!g_hash_table_contains (packs, options->packs[i]))
      {
        g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "--pack: there is no pack \"%s\" in use", options->packs[i]);
        return FALSE;
      }
  for (guint i = 0; options->countries != NULL && options->countries[i] != NULL; i++)
    if (!g_hash_table_contains (countries, options->countries[i]))
      {
        g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "--country: no pack in use is of \"%s\"", options->countries[i]);
        return FALSE;
      }
  return TRUE;
}

static void
upper_case (char **countries)
{
  for (guint i = 0; countries != NULL && countries[i] != NULL; i++)
    {
      char *upper = g_ascii_strup (countries[i], -1);
      g_free (countries[i]);
      countries[i] = upper;
    }
}

static int run_list (const DsGlobalOptions *globals, int argc, char **argv, GError **error);
static const DsCommand command_list = { "rules list", NULL, "show the rules in use", run_list };

static const char list_help[] =
  "A score says how sure a finding is, from 0 to 100: \"Score\" without, \"In context\" with one of the\n"
  "rule's words near it.  Which packs are in use is said by \"packs\" in the configuration; your own\n"
  "rules go into the folder rules.d beside it.";

static int
run_list (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  g_auto (ListOptions) options = { 0 };
  DsOutputOptions output_options = { NULL, NULL };
  const GOptionEntry entries[] = {
    { "pack", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.packs, "only of this pack (again: and that one)", "PACK" },
    { "kind", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.kinds, "only for this kind of data", "KIND" },
    { "country", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.countries, "only of this country; \"*\": of none", "CODE" },
    DS_OUTPUT_ENTRIES (output_options),
    G_OPTION_ENTRY_NULL,
  };
  gboolean ok = ds_command_parse (&command_list, entries, list_help, &argc, &argv, error);
  ok = ok && check_kinds (options.kinds, error);
  upper_case (options.countries);
  g_autoptr (DsSession) session = ok ? ds_rules_open (globals, error) : NULL;
  g_autoptr (DsOutput) output = session != NULL ? ds_output_open (&output_options, session, error) : NULL;
  g_free (output_options.format);
  g_free (output_options.path);
  if (output == NULL)
    return -1;
  if (!check_packs (session, &options, error))
    return -1;
  List list = { ds_output_writer (output), &options };
  ds_writer_begin (list.writer, NULL, NULL);
  ds_writer_section (list.writer, "rule", "Rules", rule_columns, G_N_ELEMENTS (rule_columns));
  ds_rules_each (session->packs, list_rule, &list);
  return ds_output_close (output, error) ? DS_EXIT_DONE : -1;
}

/* ---- check ---- */

typedef struct
{
  DsMatcher *matcher;
  guint rules, examples, failures;
} Check;

const char *
ds_rules_verdict (DsVerdict verdict)
{
  static const char *const texts[] = {
    [DS_VERDICT_NO_MATCH] = "its pattern matches nothing",
    [DS_VERDICT_WRAPPED] = "it crosses a line break, and no check digit proves it",
    [DS_VERDICT_REGROUPED] = "its groups are others than the rule's, and no check digit proves it",
    [DS_VERDICT_EXCLUDED] = "excluded by the rule itself",
    [DS_VERDICT_INVALID] = "refused by its validator",
    [DS_VERDICT_NO_CONTEXT] = "none of the words that it needs is near",
    [DS_VERDICT_OWN] = "it is the site's own",
    [DS_VERDICT_FOUND] = "found",
  };
  return texts[verdict];
}

static DsExplanation
explain_text (DsMatcher *matcher, const DsRule *rule, const char *text)
{
  g_autoptr (DsFolded) folded = ds_fold (text, strlen (text), FALSE, FALSE);
  return ds_matcher_explain (matcher, rule, folded);
}

static void
check_texts (Check *check, const DsRule *rule, char *const *texts, gboolean found)
{
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      DsVerdict verdict = explain_text (check->matcher, rule, texts[i]).verdict;
      check->examples++;
      if ((verdict == DS_VERDICT_FOUND) == found)
        continue;
      check->failures++;
      if (found)
        printf ("%s: example %u is not found: %s\n", rule->id, i + 1, ds_rules_verdict (verdict));
      else
        printf ("%s: counterexample %u is found\n", rule->id, i + 1);
    }
}

static void
check_rule (const DsRule *rule, gpointer data)
{
  Check *check = data;
  check->rules++;
  check_texts (check, rule, rule->examples, TRUE);
  check_texts (check, rule, rule->counterexamples, FALSE);
}

static GPtrArray *
load_files (char *const *paths, GError **error)
{
  g_autoptr (GPtrArray) packs = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_pack_free);
  for (guint i = 0; paths[i] != NULL; i++)
    {
      DsPack *pack = ds_pack_load (paths[i], error);
      if (pack == NULL)
        return NULL;
      g_ptr_array_add (packs, pack);
    }
  return g_steal_pointer (&packs);
}

static GPtrArray *
load_in_use (const DsGlobalOptions *globals, GError **error)
{
  g_autoptr (DsSession) session = ds_rules_open (globals, error);
  return session != NULL ? g_ptr_array_ref (session->packs) : NULL;
}

static int run_check (const DsGlobalOptions *globals, int argc, char **argv, GError **error);
static const DsCommand command_check
  = { "rules check", "[FILE…]", "run the examples of the rules in use, or of these packs", run_check };

static const char check_help[] =
  "Each rule is tried alone: it must find something in every one of its examples, and nothing in any\n"
  "counterexample.  A pack that can't be loaded is an error with file and line.\n"
  "\n"
  "Exit status: 0 all hold; 2 anything is wrong.";

static int
run_check (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  static const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };
  static const DsOwn nothing_own = { NULL }; /* examples may be of the site's own domain */
  if (!ds_command_parse (&command_check, entries, check_help, &argc, &argv, error))
    return -1;
  g_autoptr (GPtrArray) packs = argc > 1 ? load_files (argv + 1, error) : load_in_use (globals, error);
  g_autoptr (DsMatcher) matcher = packs != NULL ? ds_matcher_new (packs, &nothing_own, error) : NULL;
  if (matcher == NULL)
    return -1;
  Check check = { matcher, 0, 0, 0 };
  ds_rules_each (packs, check_rule, &check);
  if (check.failures == 0)
    {
      printf ("%u rules of %u packs: all %u examples hold\n", check.rules, packs->len, check.examples);
      return DS_EXIT_DONE;
    }
  fflush (stdout);
  g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%u of %u examples fail", check.failures, check.examples);
  return -1;
}

/* ---- */

static int
run (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  static const DsCommand *const subcommands[] = { &command_list, &command_check, &ds_rules_explain, NULL };
  return ds_subcommand_run (&ds_command_rules, subcommands, globals, argc, argv, error);
}

const DsCommand ds_command_rules
  = { "rules", "list|check|explain", "show the rules, run their examples, explain a match", run };
