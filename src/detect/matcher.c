#include "config.h"
#include "detect/matcher.h"
#include "base/error.h"
#include "detect/checksum.h"
#include "detect/context.h"
#include "detect/prefilter.h"
#include "detect/regroup.h"
#include "detect/rejoin.h"
#include "detect/value.h"
#include <pcre2.h>
#include <string.h>

/* Effort of one pcre2_match: enough for every rule of ours over any text, little for a catastrophic one. */
#define MATCH_LIMIT 2000000
#define JIT_STACK_BYTES (1u << 20)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (pcre2_code, pcre2_code_free)

typedef struct
{
  const DsRule *rule;
  pcre2_code *code;
  GPtrArray *exclude; /* of pcre2_code */
  GArray *context;    /* ds_context_prepare */
  int value_group;    /* number of the group "value", or 0 */
} Compiled;

struct _DsMatcher
{
  GPtrArray *packs;
  GPtrArray *compiled; /* of Compiled */
  char **own_domains;  /* lower case */
  DsPrefilter *prefilter; /* NULL: every rule looks everywhere */
  pcre2_match_data *data;
  pcre2_match_context *context; /* of rules: with the offset behind which no match may begin */
  pcre2_match_context *exclude; /* of exclude patterns: with none */
  pcre2_jit_stack *stack;
};

static void
compiled_free (Compiled *compiled)
{
  pcre2_code_free (compiled->code);
  g_ptr_array_unref (compiled->exclude);
  g_clear_pointer (&compiled->context, g_array_unref);
  g_free (compiled);
}

static pcre2_code *
compile (const char *pattern, guint32 options, const DsRule *rule, GError **error)
{
  int code = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code *compiled = pcre2_compile ((PCRE2_SPTR) pattern, PCRE2_ZERO_TERMINATED, options, &code, &offset, NULL);
  if (compiled == NULL)
    {
      PCRE2_UCHAR message[256];
      pcre2_get_error_message (code, message, sizeof message);
      g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "rule %s: %s at offset %zu of its pattern", rule->id, (char *) message, offset);
      return NULL;
    }
  pcre2_jit_compile (compiled, PCRE2_JIT_COMPLETE); /* without JIT it is slower, and the same */
  return compiled;
}

static Compiled *
compile_rule (const DsRule *rule, GError **error)
{
  Compiled *compiled = g_new0 (Compiled, 1);
  compiled->rule = rule;
  compiled->exclude = g_ptr_array_new_with_free_func ((GDestroyNotify) pcre2_code_free);
  compiled->context = ds_context_prepare (rule->context);
  compiled->code = compile (rule->pattern, PCRE2_USE_OFFSET_LIMIT, rule, error);
  gboolean ok = compiled->code != NULL;
  for (guint i = 0; ok && rule->exclude != NULL && rule->exclude[i] != NULL; i++)
    {
      pcre2_code *exclude = compile (rule->exclude[i], PCRE2_ANCHORED | PCRE2_ENDANCHORED, rule, error);
      ok = exclude != NULL;
      if (ok)
        g_ptr_array_add (compiled->exclude, exclude);
    }
  if (!ok)
    {
      compiled_free (compiled);
      return NULL;
    }
  int group = pcre2_substring_number_from_name (compiled->code, (PCRE2_SPTR) "value");
  compiled->value_group = group > 0 ? group : 0;
  return compiled;
}

#ifdef HAVE_HYPERSCAN
static void
forget_prefilter (DsMatcher *matcher)
{
  g_clear_pointer (&matcher->prefilter, ds_prefilter_free);
}

void
ds_matcher_speed_up (DsMatcher *matcher, const char *cache)
{
  g_autoptr (GPtrArray) rules = g_ptr_array_new ();
  for (guint i = 0; i < matcher->compiled->len; i++)
    g_ptr_array_add (rules, (gpointer) ((const Compiled *) matcher->compiled->pdata[i])->rule);
  forget_prefilter (matcher);
  matcher->prefilter = ds_prefilter_new (rules, cache);
}

static gboolean
narrow_down (const DsMatcher *matcher, const char *bytes, gsize size)
{
  return matcher->prefilter != NULL && ds_prefilter_run (matcher->prefilter, bytes, size);
}

static const DsWindow *
windows_of (const DsMatcher *matcher, guint rule, guint *n_r)
{
  return ds_prefilter_windows (matcher->prefilter, rule, n_r);
}
#else
static void
forget_prefilter (DsMatcher *matcher G_GNUC_UNUSED)
{
}

static gboolean
narrow_down (const DsMatcher *matcher G_GNUC_UNUSED, const char *bytes G_GNUC_UNUSED, gsize size G_GNUC_UNUSED)
{
  return FALSE;
}

static const DsWindow *
windows_of (const DsMatcher *matcher G_GNUC_UNUSED, guint rule G_GNUC_UNUSED, guint *n_r)
{
  *n_r = 0;
  return NULL;
}
#endif

DsMatcher *
ds_matcher_new (GPtrArray *packs, const DsOwn *own, GError **error)
{
  g_autoptr (DsMatcher) matcher = g_new0 (DsMatcher, 1);
  matcher->packs = g_ptr_array_ref (packs);
  matcher->compiled = g_ptr_array_new_with_free_func ((GDestroyNotify) compiled_free);
  GPtrArray *domains = g_ptr_array_new ();
  for (guint i = 0; own != NULL && own->own_domains != NULL && own->own_domains[i] != NULL; i++)
    g_ptr_array_add (domains, g_ascii_strdown (own->own_domains[i], -1));
  g_ptr_array_add (domains, NULL);
  matcher->own_domains = (char **) g_ptr_array_free (domains, FALSE);
  for (guint i = 0; i < packs->len; i++)
    {
      const DsPack *pack = g_ptr_array_index (packs, i);
      for (guint k = 0; k < pack->rules->len; k++)
        {
          Compiled *compiled = compile_rule (g_ptr_array_index (pack->rules, k), error);
          if (compiled == NULL)
            return NULL;
          g_ptr_array_add (matcher->compiled, compiled);
        }
    }
  matcher->data = pcre2_match_data_create (64, NULL);
  matcher->stack = pcre2_jit_stack_create (32 * 1024, JIT_STACK_BYTES, NULL);
  matcher->exclude = pcre2_match_context_create (NULL);
  pcre2_set_match_limit (matcher->exclude, MATCH_LIMIT);
  pcre2_jit_stack_assign (matcher->exclude, NULL, matcher->stack);
  matcher->context = pcre2_match_context_copy (matcher->exclude);
  return g_steal_pointer (&matcher);
}

void
ds_matcher_free (DsMatcher *matcher)
{
  if (matcher == NULL)
    return;
  g_ptr_array_unref (matcher->compiled);
  g_ptr_array_unref (matcher->packs);
  g_strfreev (matcher->own_domains);
  forget_prefilter (matcher);
  pcre2_match_data_free (matcher->data);
  pcre2_match_context_free (matcher->context);
  pcre2_match_context_free (matcher->exclude);
  pcre2_jit_stack_free (matcher->stack);
  g_free (matcher);
}

const DsRule *
ds_matcher_rule (const DsMatcher *matcher, const char *id)
{
  for (guint i = 0; i < matcher->compiled->len; i++)
    {
      const Compiled *compiled = g_ptr_array_index (matcher->compiled, i);
      if (g_str_equal (compiled->rule->id, id))
        return compiled->rule;
    }
  return NULL;
}

static gboolean
is_own (const DsMatcher *matcher, const DsRule *rule, const char *value, gsize size)
{
  if (rule->kind != DS_KIND_EMAIL)
    return FALSE;
  g_autofree char *address = g_ascii_strdown (value, (gssize) size);
  const char *at = strrchr (address, '@');
  for (guint i = 0; at != NULL && matcher->own_domains[i] != NULL; i++)
    {
      const char *domain = matcher->own_domains[i];
      if (g_str_equal (at + 1, domain))
        return TRUE;
      g_autofree char *below = g_strconcat (".", domain, NULL);
      if (g_str_has_suffix (at, below))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_excluded (const DsMatcher *matcher, const Compiled *compiled, const char *value, gsize size)
{
  for (guint i = 0; i < compiled->exclude->len; i++)
    if (pcre2_match (g_ptr_array_index (compiled->exclude, i), (PCRE2_SPTR) value, size, 0, 0, matcher->data, matcher->exclude) >= 0)
      return TRUE;
  return FALSE;
}

/* What rules look at: the folded text, the numbers in it as words, or its broken lines joined. */
typedef struct
{
  const char *bytes;
  gsize size;
  const DsFolded *folded;
  const DsRegrouper *regrouper; /* bytes are its words */
  const DsRejoiner *rejoiner;   /* bytes are its lines */
} Subject;

/* A value that is not written as its rule has it is believed only if a word beside it says what it is. */
static gboolean
is_respelled (const Subject *subject)
{
  return subject->regrouper != NULL || subject->rejoiner != NULL;
}

/* Where in the folded text a match in the subject stands.  FALSE: it is none there. */
static gboolean
locate (const Subject *subject, gsize start, gsize end, DsSpan *place_r)
{
  *place_r = (DsSpan){ start, end };
  if (subject->rejoiner != NULL)
    return ds_rejoiner_locate (subject->rejoiner, start, end, place_r);
  if (subject->regrouper == NULL)
    return start < end;
  const DsRegroupedNumber *number = ds_regrouper_number (subject->regrouper, start, end);
  if (number != NULL)
    *place_r = (DsSpan){ number->start, number->end };
  return number != NULL;
}

/* A word in lower case is none of a number's groups ("no 12345"), and a short hash no number ("c83a509"). */
static gboolean
may_be_group (const char *group, gsize size)
{
  guint digits = 0, lower = 0, hexadecimal = 0;
  for (gsize i = 0; i < size; i++)
    {
      digits += g_ascii_isdigit (group[i]);
      lower += g_ascii_islower (group[i]);
      hexadecimal += g_ascii_isxdigit (group[i]);
    }
  return lower == 0 || (digits > 0 && (lower < 2 || hexadecimal < size));
}

/* Without a check digit, of a number in other groups than its rule has: it has letters, is parted by blanks and one hyphen at most,
 * and is not one of the many other things that a text has (2008-2010, 12/345.6, RE-2024-0017). */
static gboolean
may_be_regrouped (const char *text, DsSpan place)
{
  guint hyphens = 0, letters = 0;
  gsize group = place.start;
  for (gsize i = place.start; i <= place.end; i++)
    {
      char c = i < place.end ? text[i] : ' ';
      letters += g_ascii_isalpha (c) != 0;
      hyphens += c == '-';
      if (c == '.' || c == '/' || (!g_ascii_isalnum (c) && !may_be_group (text + group, i - group)))
        return FALSE;
      group = g_ascii_isalnum (c) ? group : i + 1;
    }
  return letters > 0 && hyphens <= 1;
}

/* Nothing crosses a line break that no check digit proves, nor a word beside it.  DS_VERDICT_FOUND: it may be. */
static DsVerdict
judge_unproved (const Subject *subject, DsSpan place)
{
  const char *text = subject->folded->bytes;
  if (subject->rejoiner == NULL && memchr (text + place.start, '\n', place.end - place.start) != NULL)
    return DS_VERDICT_WRAPPED;
  return subject->regrouper == NULL || may_be_regrouped (text, place) ? DS_VERDICT_FOUND : DS_VERDICT_REGROUPED;
}

/* What one match comes to. */
static DsVerdict
judge (const DsMatcher *matcher, const Compiled *compiled, const Subject *subject, gsize start, gsize end, DsSpan place,
       gboolean *context_r)
{
  const DsRule *rule = compiled->rule;
  const char *value = subject->bytes + start;
  gsize size = end - start;
  gboolean needs_context = rule->required_context || is_respelled (subject);
  *context_r = FALSE;
  DsVerdict shape = ds_rule_is_proved (rule) ? DS_VERDICT_FOUND : judge_unproved (subject, place);
  if (shape != DS_VERDICT_FOUND)
    return shape;
  if (rule->validator != NULL && !rule->validator->valid (value, size))
    return DS_VERDICT_INVALID;
  if (rule->checksum != NULL && !ds_checksum_valid (rule->checksum, value, size))
    return DS_VERDICT_INVALID;
  if (is_excluded (matcher, compiled, value, size))
    return DS_VERDICT_EXCLUDED;
  if (is_own (matcher, rule, value, size))
    return DS_VERDICT_OWN;
  *context_r = ds_context_near (compiled->context, rule->distance, subject->folded->bytes, subject->folded->size, place.start, place.end);
  return needs_context && !*context_r ? DS_VERDICT_NO_CONTEXT : DS_VERDICT_FOUND;
}

/* The next match at or after *at: 1 found, 0 none, -1 the effort limit struck.  *at is where to go on when the match is
 * refused: one byte on, since a longer false match may hide a true one. */
static int
next_match (const DsMatcher *matcher, const Compiled *compiled, const Subject *subject, gsize *at, gsize *start_r, gsize *end_r)
{
  int code = pcre2_match (compiled->code, (PCRE2_SPTR) subject->bytes, subject->size, *at, 0, matcher->data, matcher->context);
  if (code == PCRE2_ERROR_NOMATCH)
    return 0;
  if (code < 0)
    return -1;
  const PCRE2_SIZE *ovector = pcre2_get_ovector_pointer (matcher->data);
  int group = compiled->value_group;
  gboolean named = group > 0 && group < code && ovector[2 * group] != PCRE2_UNSET;
  *at = ovector[0] + 1;
  *start_r = ovector[named ? 2 * group : 0];
  *end_r = ovector[named ? 2 * group + 1 : 1];
  return 1;
}

/* The matches that begin in the window, and not before *at, which moves on. */
static DsMatcherLimits
run_window (const DsMatcher *matcher, const Compiled *compiled, const Subject *subject, DsWindow window, gsize *at, guint most,
            GPtrArray *matches)
{
  const DsRule *rule = compiled->rule;
  gsize start = 0, end = 0;
  int code = 0;
  *at = MAX (*at, window.first);
  pcre2_set_offset_limit (matcher->context, window.last);
  while (*at <= window.last && (code = next_match (matcher, compiled, subject, at, &start, &end)) > 0)
    {
      gboolean context = FALSE;
      DsSpan place;
      if (!locate (subject, start, end, &place)
          || judge (matcher, compiled, subject, start, end, place, &context) != DS_VERDICT_FOUND)
        continue;
      if (matches->len >= most)
        return DS_MATCHER_TOO_MANY;
      DsMatch *match = g_new0 (DsMatch, 1);
      match->rule = rule;
      match->kind = rule->kind;
      match->score = context ? MAX (rule->context_score, rule->score) : rule->score;
      match->proved = ds_rule_is_proved (rule);
      match->respelled = is_respelled (subject);
      match->start = place.start;
      match->end = place.end;
      match->value = ds_value_normal (rule->kind, subject->bytes + start, end - start);
      g_ptr_array_add (matches, match);
      *at = MAX (*at, end);
    }
  return code < 0 ? DS_MATCHER_EFFORT : 0;
}

static DsMatcherLimits
run_rule (const DsMatcher *matcher, guint number, const Subject *subject, gboolean narrowed, guint most, GPtrArray *matches)
{
  const Compiled *compiled = g_ptr_array_index (matcher->compiled, number);
  const DsWindow everywhere = { 0, (guint32) subject->size }, *windows = &everywhere;
  guint n = 1;
  gsize at = 0;
  DsMatcherLimits struck = 0;
  if (narrowed)
    windows = windows_of (matcher, number, &n);
  for (guint i = 0; i < n && struck == 0; i++)
    struck = run_window (matcher, compiled, subject, windows[i], &at, most, matches);
  return struck;
}

static gboolean
is_asked (const Compiled *compiled, const Subject *subject)
{
  return !is_respelled (subject) || compiled->context->len > 0;
}

static DsMatcherLimits
run_rules (const DsMatcher *matcher, const Subject *subject, guint most, GPtrArray *matches)
{
  DsMatcherLimits struck = 0;
  gboolean narrowed = narrow_down (matcher, subject->bytes, subject->size);
  for (guint i = 0; i < matcher->compiled->len && !(struck & DS_MATCHER_TOO_MANY); i++)
    if (is_asked (g_ptr_array_index (matcher->compiled, i), subject))
      struck |= run_rule (matcher, i, subject, narrowed, most, matches);
  return struck;
}

static Subject
as_it_is (const DsFolded *folded)
{
  return (Subject){ .bytes = folded->bytes, .size = folded->size, .folded = folded };
}

static Subject
as_words (const DsFolded *folded, const DsRegrouper *regrouper, const GString *words)
{
  return (Subject){ .bytes = words->str, .size = words->len, .folded = folded, .regrouper = regrouper };
}

static Subject
as_joined_lines (const DsFolded *folded, const DsRejoiner *rejoiner, const GString *lines)
{
  return (Subject){ .bytes = lines->str, .size = lines->len, .folded = folded, .rejoiner = rejoiner };
}

DsMatcherLimits
ds_matcher_run (DsMatcher *matcher, const DsFolded *folded, guint most, GPtrArray *matches)
{
  const Subject text = as_it_is (folded);
  DsMatcherLimits struck = run_rules (matcher, &text, most, matches);
  g_autoptr (DsRegrouper) regrouper = ds_regrouper_new (folded->bytes, folded->size);
  for (const GString *words; !(struck & DS_MATCHER_TOO_MANY) && (words = ds_regrouper_next (regrouper)) != NULL;)
    {
      const Subject numbers = as_words (folded, regrouper, words);
      struck |= run_rules (matcher, &numbers, most, matches);
    }
  g_autoptr (DsRejoiner) rejoiner = ds_rejoiner_new (folded->bytes, folded->size);
  for (const GString *lines; !(struck & DS_MATCHER_TOO_MANY) && (lines = ds_rejoiner_next (rejoiner)) != NULL;)
    {
      const Subject joined = as_joined_lines (folded, rejoiner, lines);
      struck |= run_rules (matcher, &joined, most, matches);
    }
  return struck;
}

static void
explain (DsMatcher *matcher, const Compiled *compiled, const Subject *subject, DsExplanation *best)
{
  const DsRule *rule = compiled->rule;
  gsize at = 0, start = 0, end = 0;
  pcre2_set_offset_limit (matcher->context, PCRE2_UNSET);
  while (at <= subject->size && next_match (matcher, compiled, subject, &at, &start, &end) > 0)
    {
      gboolean context = FALSE;
      DsSpan place;
      if (!locate (subject, start, end, &place))
        continue;
      DsVerdict verdict = judge (matcher, compiled, subject, start, end, place, &context);
      guint score = context ? MAX (rule->context_score, rule->score) : rule->score;
      if (verdict > best->verdict)
        *best = (DsExplanation){ verdict, place.start, place.end, verdict == DS_VERDICT_FOUND ? score : 0, context };
    }
}

static void
explain_rule (DsMatcher *matcher, const Compiled *compiled, const DsFolded *folded, DsExplanation *best)
{
  const Subject text = as_it_is (folded);
  explain (matcher, compiled, &text, best);
  g_autoptr (DsRegrouper) regrouper = ds_regrouper_new (folded->bytes, folded->size);
  for (const GString *words; best->verdict != DS_VERDICT_FOUND && (words = ds_regrouper_next (regrouper)) != NULL;)
    {
      const Subject numbers = as_words (folded, regrouper, words);
      if (is_asked (compiled, &numbers))
        explain (matcher, compiled, &numbers, best);
    }
  g_autoptr (DsRejoiner) rejoiner = ds_rejoiner_new (folded->bytes, folded->size);
  for (const GString *lines; best->verdict != DS_VERDICT_FOUND && (lines = ds_rejoiner_next (rejoiner)) != NULL;)
    {
      const Subject joined = as_joined_lines (folded, rejoiner, lines);
      if (is_asked (compiled, &joined))
        explain (matcher, compiled, &joined, best);
    }
}

DsExplanation
ds_matcher_explain (DsMatcher *matcher, const DsRule *rule, const DsFolded *folded)
{
  DsExplanation best = { DS_VERDICT_NO_MATCH, 0, 0, 0, FALSE };
  for (guint i = 0; i < matcher->compiled->len; i++)
    if (((const Compiled *) g_ptr_array_index (matcher->compiled, i))->rule == rule)
      explain_rule (matcher, g_ptr_array_index (matcher->compiled, i), folded, &best);
  return best;
}
