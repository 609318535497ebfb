/* deskshred rules explain: why a text did or did not match. */
#include "config.h"
#include "base/error.h"
#include "cmd/output.h"
#include "cmd/rules.h"
#include "detect/fold.h"
#include "detect/value.h"
#include "run/selection.h"
#include <string.h>
#include <unistd.h>

#define MOST_TEXT (1u << 20) /* bytes */

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
  if (verdict <= DS_VERDICT_REGROUPED && verdict != DS_VERDICT_NO_MATCH)
    return "not asked";
  if (verdict == DS_VERDICT_NO_MATCH)
    return NULL;
  if (ds_rules_checked_by (rule) == NULL)
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
    return g_strdup_printf ("%s (%s)", ds_rules_verdict (explanation->verdict), ds_rules_checked_by (rule));
  if (explanation->verdict != DS_VERDICT_FOUND)
    return g_strdup (ds_rules_verdict (explanation->verdict));
  if (explanation->score < DS_MIN_SCORE_DEFAULT)
    return g_strdup_printf ("found, but scans show scores from %d on", DS_MIN_SCORE_DEFAULT);
  return g_strdup ("found");
}

static void
explain_rule (const DsRule *rule, gpointer data)
{
  const Explain *explain = data;
  if (explain->named != NULL && !g_strv_contains ((const char *const *) explain->named, rule->id))
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
  g_autoptr (DsOutput) output = ds_output_open (options, session, error);
  g_autofree char *text = output != NULL ? read_text (error) : NULL;
  if (text == NULL)
    return FALSE;
  g_autoptr (DsFolded) folded = ds_fold (text, strlen (text), FALSE, FALSE);
  Explain explain = { session->matcher, folded, ds_output_writer (output), named };
  ds_writer_begin (explain.writer, NULL, NULL);
  ds_writer_section (explain.writer, "explanation", named != NULL ? "Rules" : "Rules whose pattern matches", explain_columns,
                     G_N_ELEMENTS (explain_columns));
  ds_rules_each (session->packs, explain_rule, &explain);
  write_outcome (&explain);
  return ds_output_close (output, error);
}

static int run_explain (const DsGlobalOptions *globals, int argc, char **argv, GError **error);
const DsCommand ds_rules_explain
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
  gboolean ok = ds_command_parse (&ds_rules_explain, entries, explain_help, &argc, &argv, error);
  if (ok && argc > 1)
    {
      ds_command_usage (error, &ds_rules_explain,
                        "the text is read from standard input, so that it stays out of the shell's history");
      ok = FALSE;
    }
  g_autoptr (DsSession) session = ok ? ds_rules_open (globals, error) : NULL;
  ok = session != NULL && explain_all (session, named, &options, error);
  g_free (options.format);
  g_free (options.path);
  return ok ? DS_EXIT_DONE : -1;
}
