/* deskshred rules: which rules there are, whether their own examples hold, and why a text did or did not match. */
#include "config.h"
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/output.h"
#include "cmd/subcommand.h"
#include "detect/fold.h"
#include "detect/matcher.h"
#include "detect/value.h"
#include "run/selection.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MOST_TEXT (1u << 20) /* bytes that `rules explain` reads */

static DsSession *
open_packs (const DsGlobalOptions *globals, GError **error)
{
  return ds_session_open (globals, DS_NEED_PACKS, NULL, FALSE, FALSE, error);
}

/* Calls visit for each rule of each pack. */
static void
each_rule (GPtrArray *packs, void (*visit) (const DsRule *rule, gpointer data), gpointer data)
{
  for (guint p = 0; p < packs->len; p++)
    {
      const DsPack *pack = g_ptr_array_index (packs, p);
      for (guint r = 0; r < pack->rules->len; r++)
        visit (g_ptr_array_index (pack->rules, r), data);
    }
}

/* What proves a match: a validator's name, a declared checksum, or nothing. */
static const char *
checked_by (const DsRule *rule)
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
                          rule->title, checked_by (rule), ds_rule_is_proved (rule) ? "yes" : "no", version,
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
  g_autoptr (DsSession) session = ok ? open_packs (globals, error) : NULL;
  g_autoptr (DsOutput) output = session != NULL ? ds_output_open (&output_options, error) : NULL;
  g_free (output_options.format);
  g_free (output_options.path);
  if (output == NULL)
    return -1;
  List list = { ds_output_writer (output), &options };
  ds_writer_begin (list.writer, NULL, NULL);
  ds_writer_section (list.writer, "rule", "Rules", rule_columns, G_N_ELEMENTS (rule_columns));
  each_rule (session->packs, list_rule, &list);
  return ds_output_close (output, error) ? DS_EXIT_DONE : -1;
}

/* ---- check ---- */

typedef struct
{
  DsMatcher *matcher;
  guint rules, examples, failures;
} Check;

static const char *
verdict_text (DsVerdict verdict)
{
  static const char *const texts[] = {
    [DS_VERDICT_NO_MATCH] = "its pattern matches nothing",
    [DS_VERDICT_WRAPPED] = "it crosses a line break, and no check digit proves it",
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
        printf ("%s: example %u is not found: %s\n", rule->id, i + 1, verdict_text (verdict));
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
  g_autoptr (DsSession) session = open_packs (globals, error);
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
  each_rule (packs, check_rule, &check);
  if (check.failures == 0)
    {
      printf ("%u rules of %u packs: all %u examples hold\n", check.rules, packs->len, check.examples);
      return DS_EXIT_DONE;
    }
  fflush (stdout);
  g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%u of %u examples fail", check.failures, check.examples);
  return -1;
}

/* ---- explain ---- */

typedef struct
{
  DsMatcher *matcher;
  const DsFolded *folded;
  DsWriter *writer;
  char **named; /* rules; NULL: those whose pattern matches */
} Explain;

static const DsColumn explain_columns[] = {
  { "rule", "Rule", 22, 0 },
  { "kind", "Kind", 15, 0 },
  { "pattern", "Pattern", 8, 0 },
  { "check", "Check", 16, 0 },
  { "context", "Context", 8, 0 },
  { "score", "Score", 5, DS_COLUMN_NUMBER },
  { "masked", "Sample", 16, 0 },
  { "verdict", "Outcome", 24, DS_COLUMN_WIDE },
};

static char *
mask_span (DsKind kind, const DsFolded *folded, gsize start, gsize end)
{
  g_autofree char *normal = ds_value_normal (kind, folded->bytes + start, end - start);
  return ds_value_mask (kind, normal);
}

/* How far a match got is told by its verdict; what comes after that step was not asked. */
static const char *
check_cell (const DsRule *rule, DsVerdict verdict)
{
  if (verdict <= DS_VERDICT_WRAPPED && verdict != DS_VERDICT_NO_MATCH)
    return "not asked";
  if (verdict == DS_VERDICT_NO_MATCH)
    return NULL;
  if (checked_by (rule) == NULL)
    return "none";
  return verdict == DS_VERDICT_INVALID ? "refused" : "passed";
}

static const char *
context_cell (const DsRule *rule, const DsExplanation *explanation)
{
  if (explanation->verdict != DS_VERDICT_FOUND && explanation->verdict != DS_VERDICT_NO_CONTEXT)
    return NULL;
  if (rule->context == NULL)
    return "none";
  return explanation->context ? "near" : rule->required_context ? "missing" : "not near";
}

static char *
outcome (const DsRule *rule, const DsExplanation *explanation)
{
  if (explanation->verdict == DS_VERDICT_INVALID)
    return g_strdup_printf ("%s (%s)", verdict_text (explanation->verdict), checked_by (rule));
  if (explanation->verdict != DS_VERDICT_FOUND)
    return g_strdup (verdict_text (explanation->verdict));
  if (explanation->score < DS_MIN_SCORE_DEFAULT)
    return g_strdup_printf ("found, but scans show scores from %d on", DS_MIN_SCORE_DEFAULT);
  return g_strdup ("found");
}

static void
explain_rule (const DsRule *rule, gpointer data)
{
  const Explain *explain = data;
  if (!one_of (explain->named, rule->id))
    return;
  DsExplanation explanation = ds_matcher_explain (explain->matcher, rule, explain->folded);
  gboolean matched = explanation.verdict != DS_VERDICT_NO_MATCH;
  if (!matched && explain->named == NULL)
    return;
  g_autofree char *masked = matched ? mask_span (rule->kind, explain->folded, explanation.start, explanation.end) : NULL;
  g_autofree char *score = explanation.verdict == DS_VERDICT_FOUND ? g_strdup_printf ("%u", explanation.score) : NULL;
  g_autofree char *why = outcome (rule, &explanation);
  const char *cells[] = { rule->id, ds_kind_name (rule->kind), matched ? "matched" : "no match",
                          check_cell (rule, explanation.verdict), context_cell (rule, &explanation), score, masked, why };
  G_STATIC_ASSERT (G_N_ELEMENTS (cells) == G_N_ELEMENTS (explain_columns));
  ds_writer_row (explain->writer, cells);
}

/* All rules together, as a scan does: where findings overlap, the stronger proof wins. */
static void
write_outcome (const Explain *explain)
{
  static const DsColumn columns[] = {
    { "rule", "Rule", 22, 0 },
    { "kind", "Kind", 15, 0 },
    { "score", "Score", 5, DS_COLUMN_NUMBER },
    { "masked", "Sample", 16, 0 },
  };
  g_autoptr (GPtrArray) matches = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_match_free);
  gboolean complete = ds_matcher_run (explain->matcher, explain->folded, G_MAXUINT, matches) == 0;
  ds_matches_settle (matches, explain->folded, DS_MIN_SCORE_DEFAULT);
  ds_writer_section (explain->writer, "finding", "What a scan would report", columns, G_N_ELEMENTS (columns));
  for (guint i = 0; i < matches->len; i++)
    {
      const DsMatch *match = g_ptr_array_index (matches, i);
      g_autofree char *score = g_strdup_printf ("%u", match->score);
      g_autofree char *masked = ds_value_mask (match->kind, match->value);
      const char *cells[] = { match->rule->id, ds_kind_name (match->kind), score, masked };
      ds_writer_row (explain->writer, cells);
    }
  if (!complete)
    ds_writer_note (explain->writer, "A rule gave up: the text costs it too much effort.  Something may be missing.");
}

static char *
read_text (GError **error)
{
  g_autofree char *bytes = g_malloc (MOST_TEXT + 1);
  gsize size = 0;
  ssize_t n;
  while (size <= MOST_TEXT && (n = read (STDIN_FILENO, bytes + size, MOST_TEXT + 1 - size)) > 0)
    size += (gsize) n;
  if (size <= MOST_TEXT)
    return g_utf8_make_valid (bytes, (gssize) size);
  g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "the text is longer than %u bytes", MOST_TEXT);
  return NULL;
}

static gboolean
check_named (const DsMatcher *matcher, char *const *named, GError **error)
{
  for (guint i = 0; named != NULL && named[i] != NULL; i++)
    if (ds_matcher_rule (matcher, named[i]) == NULL)
      {
        g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "there is no rule \"%s\" in use; `deskshred rules list` shows them",
                     named[i]);
        return FALSE;
      }
  return TRUE;
}

static gboolean
explain_all (const DsSession *session, char **named, const DsOutputOptions *options, GError **error)
{
  if (!check_named (session->matcher, named, error))
    return FALSE;
  g_autoptr (DsOutput) output = ds_output_open (options, error);
  g_autofree char *text = output != NULL ? read_text (error) : NULL;
  if (text == NULL)
    return FALSE;
  g_autoptr (DsFolded) folded = ds_fold (text, strlen (text), FALSE, FALSE);
  Explain explain = { session->matcher, folded, ds_output_writer (output), named };
  ds_writer_begin (explain.writer, NULL, NULL);
  ds_writer_section (explain.writer, "explanation", named != NULL ? "Rules" : "Rules whose pattern matches", explain_columns,
                     G_N_ELEMENTS (explain_columns));
  each_rule (session->packs, explain_rule, &explain);
  write_outcome (&explain);
  return ds_output_close (output, error);
}

static int run_explain (const DsGlobalOptions *globals, int argc, char **argv, GError **error);
static const DsCommand command_explain
  = { "rules explain", NULL, "say why a text, from standard input, did or did not match", run_explain };

static const char explain_help[] =
  "Reads up to 1 MB of UTF-8.  For each rule it tells how far its best match came: the pattern, then the\n"
  "check, then words near it.  The text is not shown, samples are masked; nothing is kept.\n"
  "\n"
  "  echo 'card 4111 1111 1111 1112' | deskshred rules explain";

static int
run_explain (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  g_auto (GStrv) named = NULL;
  DsOutputOptions options = { NULL, NULL };
  const GOptionEntry entries[] = {
    { "rule", 0, 0, G_OPTION_ARG_STRING_ARRAY, &named, "tell of this rule, even if it matches nothing", "RULE" },
    DS_OUTPUT_ENTRIES (options),
    G_OPTION_ENTRY_NULL,
  };
  gboolean ok = ds_command_parse (&command_explain, entries, explain_help, &argc, &argv, error);
  if (ok && argc > 1)
    {
      ds_command_usage (error, &command_explain,
                        "the text is read from standard input, so that it stays out of the shell's history");
      ok = FALSE;
    }
  g_autoptr (DsSession) session = ok ? open_packs (globals, error) : NULL;
  ok = session != NULL && explain_all (session, named, &options, error);
  g_free (options.format);
  g_free (options.path);
  return ok ? DS_EXIT_DONE : -1;
}

/* ---- */

static int
run (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  static const DsCommand *const subcommands[] = { &command_list, &command_check, &command_explain, NULL };
  return ds_subcommand_run (&ds_command_rules, subcommands, globals, argc, argv, error);
}

const DsCommand ds_command_rules
  = { "rules", "list|check|explain", "show the rules, run their examples, explain a match", run };
