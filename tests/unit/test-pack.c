#include "config.h"
#include "base/error.h"
#include "detect/checksum.h"
#include "detect/context.h"
#include "detect/fold.h"
#include "detect/matcher.h"
#include "detect/pack.h"
#include <glib/gstdio.h>
#include <pcre2.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (pcre2_code, pcre2_code_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (pcre2_match_data, pcre2_match_data_free)

#define HEAD "id = \"x\"; version = 1; title = \"X\"; country = \"*\"; language = \"*\";\n"
#define RULE_HEAD "id = \"r\"; kind = \"email\"; title = \"R\"; source = \"none\"; score = 50; "
#define SHOWN " examples = [ \"a\" ]; counterexamples = [ \"b\" ];"
#define RULE(body) HEAD "rules = ( {\n" RULE_HEAD body SHOWN "\n} );\n"
#define PATTERN(pattern) RULE ("pattern = \"" pattern "\";")

/* What the loader refuses, and the words in which it says so. */
static const struct
{
  const char *name;
  const char *text;
  const char *expected;
} refusals[] = {
  { "syntax", "id = ", "t.conf:1: syntax error" },
  { "unknown-pack-key", HEAD "colour = \"red\";", "t.conf:2: unknown key \"colour\"" },
  { "unknown-rule-key", RULE ("pattern = \"a\"; colour = 1;"), "t.conf:3: unknown key \"colour\"" },
  { "no-pack-id", "version = 1;", "\"id\" is missing" },
  { "no-version", "id = \"x\"; title = \"X\"; country = \"*\"; language = \"*\"; rules = ();", "\"version\" must be there" },
  { "pack-id-form", "id = \"X Y\";", "lower-case" },
  { "no-rules", HEAD, "\"rules\" are missing" },
  { "rules-not-groups", HEAD "rules = ( 1 );", "must be a group in braces" },
  { "unknown-kind", HEAD "rules = ( { id = \"r\"; kind = \"mood\"; } );", "rule \"r\": no kind is called \"mood\"" },
  { "unknown-validator", RULE ("pattern = \"a\"; validator = \"guess\";"), "rule \"r\": no validator is called \"guess\"" },
  { "no-pattern", RULE (""), "rule \"r\": \"pattern\" is missing" },
  { "wrong-type", RULE ("pattern = 3;"), "t.conf:3: \"pattern\" must be a string" },
  { "duplicate-id", HEAD "rules = ( {" RULE_HEAD "pattern = \"a\";" SHOWN "}, {" RULE_HEAD "pattern = \"a\";" SHOWN "} );",
    "this id is used twice" },
  { "score-too-high",
    HEAD "rules = ( { id = \"r\"; kind = \"email\"; title = \"R\"; source = \"s\"; pattern = \"a\"; score = 101;" SHOWN "} );",
    "\"score\" must be there and be 0 to 100" },
  { "score-missing",
    HEAD "rules = ( { id = \"r\"; kind = \"email\"; title = \"R\"; source = \"s\"; pattern = \"a\";" SHOWN "} );",
    "\"score\" must be there and be 0 to 100" },
  { "context-score-negative", RULE ("pattern = \"a\"; context_score = -1;"), "\"context_score\" must be" },
  { "distance", RULE ("pattern = \"a\"; distance = 100000;"), "\"distance\" must be" },
  { "context-missing", RULE ("pattern = \"a\"; required_context = true;"), "\"required_context\" without \"context\"" },
  { "context-empty", RULE ("pattern = \"a\"; context = [ \"\" ];"), "empty or not UTF-8" },
  { "context-letterless", RULE ("pattern = \"a\"; context = [ \"no\", \"#1\" ];"), "without a letter" },
  { "no-examples", HEAD "rules = ( {" RULE_HEAD "pattern = \"a\"; counterexamples = [ \"b\" ]; } );",
    "\"examples\" are missing" },
  { "no-counterexamples", HEAD "rules = ( {" RULE_HEAD "pattern = \"a\"; examples = [ \"b\" ]; } );",
    "\"counterexamples\" are missing" },
  { "backspace", PATTERN ("\\x08word"), "write \\\\b, not \\b" },
  { "control", PATTERN ("a\\x01"), "control character" },
  { "dot", PATTERN ("a.b"), "(at offset 1)" },
  { "property", PATTERN ("\\\\p{L}"), "0x80 or more" },
  { "not-property", PATTERN ("\\\\P{L}"), "0x80 or more" },
  { "not-digit", PATTERN ("\\\\D"), "0x80 or more" },
  { "not-word", PATTERN ("[\\\\W]"), "0x80 or more" },
  { "not-space", PATTERN ("\\\\S"), "0x80 or more" },
  { "not-newline", PATTERN ("\\\\N"), "0x80 or more" },
  { "newline-sequence", PATTERN ("\\\\R"), "0x80 or more" },
  { "grapheme", PATTERN ("\\\\X"), "0x80 or more" },
  { "byte", PATTERN ("\\\\C"), "0x80 or more" },
  { "vertical", PATTERN ("\\\\v"), "0x80 or more" },
  { "horizontal", PATTERN ("\\\\h"), "0x80 or more" },
  { "negated-class", PATTERN ("a[^b]"), "negated class" },
  { "negated-posix-class", PATTERN ("[[:^alpha:]]"), "negated class" },
  { "control-class", PATTERN ("[[:cntrl:]]"), "control characters" },
  { "control-range", PATTERN ("[\\\\n-z]"), "range must not begin" },
  { "control-byte", PATTERN ("[\\\\x1e-\\\\xff]"), "control character" },
  { "high-byte", PATTERN ("\\\\xe9"), "only in a class" },
  { "raw-high-byte", PATTERN ("\xc3\xa9"), "write it as a class" },
  { "backspace-in-class", PATTERN ("[\\\\b]"), "control character (backspace)" },
  { "verb", PATTERN ("(*UTF)a"), "verbs" },
  { "star", PATTERN ("ab*"), "repeat without an end" },
  { "plus", PATTERN ("[a-z]+"), "repeat without an end" },
  { "open-repeat", PATTERN ("a{2,}"), "repeat without an end" },
  { "quoting", PATTERN ("\\\\Qa.b\\\\E"), "not allowed in a pack" },
  { "unclosed", PATTERN ("(a"), "PCRE2: missing closing parenthesis (at offset 2)" },
  { "exclude", RULE ("pattern = \"a\"; exclude = [ \"b.\" ];"), "rule \"r\": exclude: " },
  { "checksum-key", RULE ("pattern = \"a\"; checksum = { weight = [ 1 ]; };"), "unknown key \"weight\"" },
  { "checksum-weights", RULE ("pattern = \"a\"; checksum = { modulus = 11; remainder = 0; };"), "\"weights\" must be" },
  { "checksum-modulus", RULE ("pattern = \"a\"; checksum = { weights = [ 1 ]; modulus = 1; remainder = 0; };"), "\"modulus\" must be" },
  { "checksum-end", RULE ("pattern = \"a\"; checksum = { weights = [ 1 ]; modulus = 11; };"), "needs either" },
  { "checksum-map", RULE ("pattern = \"a\"; checksum = { weights = [ 1 ]; modulus = 11; check = 1; check_map = \"01\"; };"),
    "as many characters" },
};

static void
test_refusal (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (DsPack) pack = ds_pack_parse (refusals[i].text, "t.conf", &error);
  g_assert_null (pack);
  g_assert_error (error, DS_ERROR, DS_ERROR_CONFIG);
  if (strstr (error->message, refusals[i].expected) == NULL || !g_str_has_prefix (error->message, "t.conf:"))
    g_error ("%s: \"%s\" does not say \"%s\"", refusals[i].name, error->message, refusals[i].expected);
}

static DsPack *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  DsPack *pack = ds_pack_parse (text, "t.conf", &error);
  g_assert_no_error (error);
  return pack;
}

static void
test_accepted (void)
{
  g_autoptr (DsPack) pack = parse (
      RULE ("pattern = \"(?<value>[\\\\xc3][\\\\x80-\\\\xbf]{1,3}\\\\.[]a.*+]{0,9}+)\\\\b\"; context = [ \"n\xc3\xa9\" ]; required_context = true;"));
  const DsRule *rule = pack->rules->pdata[0];
  g_assert_true (pack->on);
  g_assert_cmpuint (rule->distance, ==, 60);
  g_assert_cmpuint (rule->score, ==, 50);
  g_assert_cmpuint (rule->context_score, ==, 50);
  g_assert_true (rule->required_context);
  g_assert_true (rule->pack == pack);
  g_assert_false (ds_rule_is_proved (rule));
  g_assert_cmpuint (strlen (rule->digest), ==, 8);
}

/* The digest names the rule: it stays with the rule and goes when the rule changes. */
static void
test_digest (void)
{
  g_autoptr (DsPack) one = parse (PATTERN ("a")), same = parse (PATTERN ("a")), other = parse (PATTERN ("b"));
  g_autoptr (DsPack) context = parse (RULE ("pattern = \"a\"; context = [ \"c\" ];"));
  g_autoptr (DsPack) exclude = parse (RULE ("pattern = \"a\"; exclude = [ \"c\" ];"));
  const DsPack *packs[] = { one, same, other, context, exclude };
  const char *digests[5];
  for (guint i = 0; i < 5; i++)
    digests[i] = ((DsRule *) packs[i]->rules->pdata[0])->digest;
  g_assert_cmpstr (digests[0], ==, digests[1]);
  for (guint i = 2; i < 5; i++)
    for (guint k = 0; k < i; k++)
      g_assert_true ((i == 1 && k == 0) || g_strcmp0 (digests[i], digests[k]) != 0);
}

static void
test_checksum (void)
{
  g_autoptr (DsPack) sum = parse (RULE ("pattern = \"a\"; checksum = { weights = [9,8,7,6,5,4,3,2,-1]; modulus = 11; remainder = 0; };"));
  const DsChecksum *checksum = ((DsRule *) sum->rules->pdata[0])->checksum;
  g_assert_true (ds_rule_is_proved (sum->rules->pdata[0]));
  g_assert_true (ds_checksum_valid (checksum, "111222333", 9));
  g_assert_true (ds_checksum_valid (checksum, "1112.22.333", 11));
  g_assert_false (ds_checksum_valid (checksum, "111222334", 9));
  g_assert_false (ds_checksum_valid (checksum, "11122233", 8));
  g_assert_false (ds_checksum_valid (checksum, "111222333#", 10));

  g_autoptr (DsPack) map = parse (
      RULE ("pattern = \"a\"; checksum = { weights = [9,8,7,6,5,4,3,2,1,0,0]; modulus = 11; check = 9; check_map = \"0123456789X\"; };"));
  const DsChecksum *licence = ((DsRule *) map->rules->pdata[0])->checksum;
  g_assert_true (ds_checksum_valid (licence, "B072RRE2I55", 11));
  g_assert_false (ds_checksum_valid (licence, "B072RRE2I65", 11));

  g_autoptr (DsPack) luhn = parse (
      RULE ("pattern = \"a\"; checksum = { weights = [2,1,2,1,2,1,2,1,2,1,2,1,2,1,2,1]; modulus = 10; remainder = 0; digit_sum = true; };"));
  g_assert_true (ds_checksum_valid (((DsRule *) luhn->rules->pdata[0])->checksum, "4111 1111 1111 1111", 19));
  g_assert_false (ds_checksum_valid (((DsRule *) luhn->rules->pdata[0])->checksum, "4111 1111 1111 1112", 19));
}

static void
write_pack (const char *folder, const char *name, const char *id, const char *rule, const char *more)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = g_strdup_printf (
      "id = \"%s\"; version = 1; title = \"X\"; country = \"*\"; language = \"*\"; %s rules = ( { id = \"%s\"; kind = \"email\"; "
      "title = \"R\"; source = \"none\"; score = 50; pattern = \"a\"; examples = [ \"a\" ]; counterexamples = [ \"b\" ]; } );\n",
      id, more, rule);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_unlink (path);
    }
  g_rmdir (folder);
}

static guint
count_packs (const char *folder, const char *site, const char *const *names, const char *expected_error)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) packs = ds_packs_load (folder, site, names, &error);
  if (expected_error == NULL)
    {
      g_assert_no_error (error);
      return packs->len;
    }
  g_assert_error (error, DS_ERROR, DS_ERROR_CONFIG);
  g_assert_nonnull (strstr (error->message, expected_error));
  return 0;
}

static void
test_folders (void)
{
  g_autofree char *folder = g_dir_make_tmp ("deskshred-packs-XXXXXX", NULL);
  g_autofree char *site = g_dir_make_tmp ("deskshred-site-XXXXXX", NULL);
  write_pack (folder, "a.conf", "a", "rule-a", "");
  write_pack (folder, "b.conf", "b", "rule-b", "on = false;");
  g_assert_cmpuint (count_packs (folder, NULL, NULL, NULL), ==, 1);
  g_assert_cmpuint (count_packs (folder, "/nowhere/at/all", NULL, NULL), ==, 1);
  g_assert_cmpuint (count_packs (folder, NULL, (const char *[]) { "a", "b", NULL }, NULL), ==, 2);
  count_packs (folder, NULL, (const char *[]) { "c", NULL }, "no rule pack is called \"c\"");
  count_packs ("/nowhere/at/all", NULL, NULL, "/nowhere/at/all");

  write_pack (site, "own.conf", "a", "rule-mine", "");
  g_autoptr (GPtrArray) packs = ds_packs_load (folder, site, NULL, NULL);
  g_assert_cmpuint (packs->len, ==, 1);
  g_assert_cmpstr (((DsRule *) ((DsPack *) packs->pdata[0])->rules->pdata[0])->id, ==, "rule-mine");
  write_pack (site, "own.conf", "c", "rule-a", "");
  count_packs (folder, site, NULL, "rule \"rule-a\": this id is used twice");
  write_pack (folder, "c.conf", "a", "rule-c", "");
  count_packs (folder, NULL, NULL, "pack id \"a\" is used twice");
  remove_folder (folder);
  remove_folder (site);
}

static gboolean
finds (DsMatcher *matcher, const DsRule *rule, const char *text)
{
  g_autoptr (DsFolded) folded = ds_fold (text, strlen (text), FALSE, FALSE);
  return ds_matcher_explain (matcher, rule, folded).verdict == DS_VERDICT_FOUND;
}

static void
check_rule (DsMatcher *matcher, const DsRule *rule)
{
  for (guint i = 0; rule->examples[i] != NULL; i++)
    if (!finds (matcher, rule, rule->examples[i]))
      {
        g_test_message ("%s does not find its example \"%s\"", rule->id, rule->examples[i]);
        g_test_fail ();
      }
  for (guint i = 0; rule->counterexamples[i] != NULL; i++)
    if (finds (matcher, rule, rule->counterexamples[i]))
      {
        g_test_message ("%s finds its counterexample \"%s\"", rule->id, rule->counterexamples[i]);
        g_test_fail ();
      }
  if (g_strv_length (rule->examples) < 3 || g_strv_length (rule->counterexamples) < 3)
    {
      g_test_message ("%s has fewer than three examples or counterexamples", rule->id);
      g_test_fail ();
    }
  if (!ds_rule_is_proved (rule) && (strstr (rule->pattern, "\\n") != NULL || strstr (rule->pattern, "\\s") != NULL))
    {
      g_test_message ("%s crosses a line break without a check digit", rule->id);
      g_test_fail ();
    }
}

/* Where a script has no blanks between its words, or sets particles on them, a word needs none around it; and words are
 * folded as texts are (the Japanese long vowel becomes a dash, since it stands for one between digits). */
static void
test_context_words (void)
{
  static const struct
  {
    const char *word;
    const char *text;
    gboolean found;
  } cases[] = {
    { "lic", "a lic 1", TRUE },       { "lic", "a duplicate 1", FALSE },
    { "nhs", "my N.H.S. no. 1", TRUE },   { "sin", "what's in 1", FALSE },        { "sin", "is in 1", FALSE },
    { "personnummer", "Person nummer 1", TRUE }, { "número fiscal", "numero fiscal: 1", TRUE }, { "rodné číslo", "RODNE CISLO 1", TRUE },
    { "straße", "STRASSE 1", TRUE },      { "personnummer", "person, nummer 1", FALSE }, { "nr dowodu", "Nr. dowodu 1", TRUE },
    { "fødselsnummer", "fodselsnummer 1", TRUE }, { "né", "example.ne.jp 1", FALSE }, { "né", "Ne\u0301 le 1", TRUE }, { "c.i.", "ci 1", FALSE },
    { "dat", "dató 1", FALSE },           { "nhs number", "nhs_number: 1", TRUE },   { "st.-nr", "St.-Nr. 1", TRUE },       { "tarjeta", "la tarjeta: 1", TRUE },
    { "身份证", "我的身份证号是1", TRUE }, { "パスポート", "私のパスポートは1", TRUE }, { "주민등록번호", "제 주민등록번호는 1", TRUE },
    { "บัตรประชาชน", "เลขบัตรประชาชนคือ1", TRUE }, { "код", "коди 1", FALSE },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char *words[] = { (char *) cases[i].word, NULL };
      g_autoptr (GArray) prepared = ds_context_prepare (words);
      g_autoptr (DsFolded) text = ds_fold (cases[i].text, strlen (cases[i].text), FALSE, FALSE);
      g_test_message ("%s in %s", cases[i].word, cases[i].text);
      g_assert_cmpint (ds_context_near (prepared, 60, text->bytes, text->size, text->size - 1, text->size), ==, cases[i].found);
    }
}

static void
test_shipped_pack (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DsPack) pack = ds_pack_load (data, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) packs = g_ptr_array_new ();
  g_ptr_array_add (packs, pack);
  g_autoptr (DsMatcher) matcher = ds_matcher_new (packs, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < pack->rules->len; i++)
    check_rule (matcher, pack->rules->pdata[i]);
}

static void
test_shipped_together (gconstpointer folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) packs = ds_packs_load (folder, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (packs->len, >=, 9);
}

static void
add_shipped (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_assert_nonnull (dir);
  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir))
    if (g_str_has_suffix (name, ".conf"))
      {
        g_autofree char *test = g_strdup_printf ("/pack/shipped/%s", name);
        g_test_add_data_func_full (test, g_build_filename (folder, name, NULL), test_shipped_pack, g_free);
      }
  g_test_add_data_func ("/pack/shipped-together", folder, test_shipped_together);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *name = g_strdup_printf ("/pack/refused/%s", refusals[i].name);
      g_test_add_data_func (name, GSIZE_TO_POINTER (i), test_refusal);
    }
  g_test_add_func ("/pack/accepted", test_accepted);
  g_test_add_func ("/pack/digest", test_digest);
  g_test_add_func ("/pack/checksum", test_checksum);
  g_test_add_func ("/pack/folders", test_folders);
  g_test_add_func ("/pack/context-words", test_context_words);
  if (g_getenv ("DS_RULES") != NULL)
    add_shipped (g_getenv ("DS_RULES"));
  return g_test_run ();
}
