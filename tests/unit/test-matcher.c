/* The fast path finds what the plain path finds: the same rules, spans, scores and values, in the same order. */
#include "config.h"
#include "detect/context.h"
#include "detect/database-cache.h"
#include "detect/matcher.h"
#include "detect/shape.h"
#include <glib/gstdio.h>
#include <pcre2.h>
#include <string.h>
#include <sys/stat.h>
#include <utime.h>

typedef struct
{
  GPtrArray *packs;
  DsMatcher *plain, *fast;
  GPtrArray *samples; /* of char *: the rules' own examples, then their counterexamples */
  guint examples;     /* how many of them are examples */
  char *cache;
} Fixture;

static void
add_samples (GPtrArray *samples, char *const *texts)
{
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    g_ptr_array_add (samples, texts[i]);
}

static void
set_up (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  fixture->cache = g_dir_make_tmp ("deskshred-test-XXXXXX", &error);
  fixture->packs = ds_packs_load (g_getenv ("DS_RULES"), NULL, NULL, &error);
  g_assert_no_error (error);
  fixture->plain = ds_matcher_new (fixture->packs, NULL, &error);
  fixture->fast = ds_matcher_new (fixture->packs, NULL, &error);
  g_assert_no_error (error);
  ds_matcher_speed_up (fixture->fast, g_get_user_cache_dir ());
  fixture->samples = g_ptr_array_new ();
  for (guint misses = 0; misses < 2; misses++)
    for (guint i = 0; i < fixture->packs->len; i++)
      {
        const DsPack *pack = fixture->packs->pdata[i];
        for (guint k = 0; k < pack->rules->len; k++)
          {
            const DsRule *rule = pack->rules->pdata[k];
            add_samples (fixture->samples, misses ? rule->counterexamples : rule->examples);
          }
        if (!misses)
          fixture->examples = fixture->samples->len;
      }
}

static void
remove_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; dir != NULL && (name = g_dir_read_name (dir)) != NULL;)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_assert_cmpint (g_unlink (path), ==, 0);
    }
}

static void
tear_down (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  remove_files (fixture->cache);
  g_assert_cmpint (g_rmdir (fixture->cache), ==, 0);
  g_free (fixture->cache);
  g_ptr_array_unref (fixture->samples);
  ds_matcher_free (fixture->fast);
  ds_matcher_free (fixture->plain);
  g_ptr_array_unref (fixture->packs);
}

static GPtrArray *
run (DsMatcher *matcher, const DsFolded *folded)
{
  GPtrArray *matches = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_match_free);
  g_assert_cmpint (ds_matcher_run (matcher, folded, G_MAXUINT, matches), ==, 0);
  return matches;
}

static guint
assert_same (const Fixture *fixture, const char *text, gsize size)
{
  g_autoptr (DsFolded) folded = ds_fold (text, size, FALSE, FALSE);
  g_autoptr (GPtrArray) plain = run (fixture->plain, folded), fast = run (fixture->fast, folded);
  for (guint i = 0; i < MIN (plain->len, fast->len); i++)
    {
      const DsMatch *one = plain->pdata[i], *two = fast->pdata[i];
      if (one->rule != two->rule || one->start != two->start || one->end != two->end)
        g_test_message ("%s %zu-%zu against %s %zu-%zu", one->rule->id, one->start, one->end, two->rule->id, two->start, two->end);
      g_assert_true (one->rule == two->rule);
      g_assert_cmpuint (one->start, ==, two->start);
      g_assert_cmpuint (one->end, ==, two->end);
      g_assert_cmpuint (one->score, ==, two->score);
      g_assert_cmpstr (one->value, ==, two->value);
    }
  if (plain->len != fast->len)
    {
      const GPtrArray *more = plain->len > fast->len ? plain : fast;
      const DsMatch *odd = more->pdata[MIN (plain->len, fast->len)];
      g_test_message ("only on the %s path: %s %zu-%zu of: %s", more == plain ? "plain" : "fast", odd->rule->id, odd->start, odd->end, text);
    }
  g_assert_cmpuint (plain->len, ==, fast->len);
  return plain->len;
}

static void
test_examples (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  guint found = 0;
  for (guint i = 0; i < fixture->samples->len; i++)
    found += assert_same (fixture, fixture->samples->pdata[i], strlen (fixture->samples->pdata[i]));
  g_assert_cmpuint (found, >=, fixture->examples);
}

/* Most samples are near misses: every other one is an example. */
static const char *
some_sample (const Fixture *fixture)
{
  guint among = g_test_rand_bit () ? fixture->examples : fixture->samples->len;
  return fixture->samples->pdata[g_test_rand_int_range (0, (gint) among)];
}

/* A character of a sample is lost, doubled, or becomes another one; the result is still UTF-8. */
static void
mutate (GString *text)
{
  static const char other[] = "0123456789@:.-/ \nAZaz+(<_\"";
  for (gint changes = g_test_rand_int_range (0, 4); changes > 0 && text->len > 0; changes--)
    {
      gsize at = (gsize) g_test_rand_int_range (0, (gint) text->len);
      if ((guchar) text->str[at] >= 0x80)
        continue;
      char c = other[g_test_rand_int_range (0, sizeof other - 1)];
      if (g_test_rand_bit ())
        text->str[at] = c;
      else if (g_test_rand_bit ())
        g_string_insert_c (text, (gssize) at, c);
      else
        g_string_erase (text, (gssize) at, 1);
    }
}

/* Samples side by side, with little or much between them. */
static void
test_mixtures (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const between[] = { " ", "", "\n", ", ", ";", " and some words in between, so that windows part ", "0", "@", "::", "\xc3\xa4" };
  guint found = 0, rounds = g_test_thorough () ? 200000 : 4000;
  for (guint i = 0; i < rounds; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      for (gint pieces = g_test_rand_int_range (1, 7); pieces > 0; pieces--)
        {
          g_autoptr (GString) piece = g_string_new (some_sample (fixture));
          mutate (piece);
          g_string_append_len (text, piece->str, (gssize) piece->len);
          g_string_append (text, between[g_test_rand_int_range (0, G_N_ELEMENTS (between))]);
        }
      found += assert_same (fixture, text->str, text->len);
    }
  g_assert_cmpuint (found, >, rounds / 2);
}

/* More windows than are kept: the rest of the text counts as one. */
static void
test_many_windows (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < 70000; i++)
    g_string_append (text, "192.0.2.7 is far from the next one, which is long after it; ");
  g_assert_cmpuint (assert_same (fixture, text->str, text->len), >=, 70000);
}

/* ---- shapes ---- */

static guint
count (const char *bytes, gsize size, const char *of)
{
  guint n = 0;
  for (gsize i = 0; i < size; i++)
    n += bytes[i] != '\0' && strchr (of, bytes[i]) != NULL;
  return n;
}

static void
assert_shape (const DsRule *rule, const char *text, gsize size, gsize start, gsize end)
{
  static const char *const features[DS_N_FEATURES] = { "0123456789", "@", ":" };
  DsShape shape = ds_shape_of (rule->pattern);
  g_assert_cmpuint (end - start, >=, shape.min);
  g_assert_cmpuint (end - start, <=, shape.max);
  gsize reach = MIN (size - start, shape.reach);
  for (guint i = 0; i < DS_N_FEATURES; i++)
    g_assert_cmpuint (count (text + start, reach, features[i]), >=, shape.least[i]);
}

/* Whatever PCRE2 matches in the samples has the shape that its pattern is said to have. */
static void
test_shapes (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  guint matches = 0;
  for (guint i = 0; i < fixture->packs->len; i++)
    for (guint k = 0; k < ((const DsPack *) fixture->packs->pdata[i])->rules->len; k++)
      {
        const DsRule *rule = ((const DsPack *) fixture->packs->pdata[i])->rules->pdata[k];
        int code = 0;
        PCRE2_SIZE offset = 0;
        pcre2_code *pattern = pcre2_compile ((PCRE2_SPTR) rule->pattern, PCRE2_ZERO_TERMINATED, 0, &code, &offset, NULL);
        pcre2_match_data *match = pcre2_match_data_create (64, NULL);
        for (guint n = 0; n < fixture->samples->len; n++)
          {
            const char *text = fixture->samples->pdata[n];
            gsize size = strlen (text);
            if (pcre2_match (pattern, (PCRE2_SPTR) text, size, 0, 0, match, NULL) < 0)
              continue;
            const PCRE2_SIZE *span = pcre2_get_ovector_pointer (match);
            assert_shape (rule, text, size, span[0], span[1]);
            matches++;
          }
        pcre2_match_data_free (match);
        pcre2_code_free (pattern);
      }
  g_assert_cmpuint (matches, >, 500);
}

static void
test_shape_of_patterns (void)
{
  const struct
  {
    const char *pattern;
    guint min, max, reach, digits, ats, colons;
  } cases[] = {
    { "a", 1, 1, 1, 0, 0, 0 },
    { "\\d{3,5}", 3, 5, 5, 3, 0, 0 },
    { "(?i)(?<![a-z])x\\d(?![0-9]{9})", 2, 2, 2, 1, 0, 0 },
    { "(?=[A-Z]{0,8}\\d)[A-Z0-9]{4}", 4, 4, 9, 1, 0, 0 },
    { "(?:\\d{2}|[0-9a]{3})x", 3, 4, 4, 0, 0, 0 },
    { "(?<value>[a-z]{1,64})@(?:a|bc)", 3, 67, 67, 0, 1, 0 },
    { "(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", 17, 17, 17, 0, 0, 5 },
    { "[\\d]{2}[]a]\\]\\x41[[:digit:]]", 6, 6, 6, 3, 0, 0 },
    { "\\d{2}?\\d{2}+(?:\\d\\d)?", 4, 6, 6, 4, 0, 0 },
    { "(\\d)\\1", 1, DS_SHAPE_UNBOUNDED, DS_SHAPE_UNBOUNDED, 1, 0, 0 },
    { "(?x) \\d \\d", 0, DS_SHAPE_UNBOUNDED, DS_SHAPE_UNBOUNDED, 0, 0, 0 },
    { "(?(?=a)\\d|b)", 0, DS_SHAPE_UNBOUNDED, DS_SHAPE_UNBOUNDED, 0, 0, 0 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      DsShape shape = ds_shape_of (cases[i].pattern);
      g_test_message ("%s", cases[i].pattern);
      g_assert_cmpuint (shape.min, ==, cases[i].min);
      g_assert_cmpuint (shape.max, ==, cases[i].max);
      g_assert_cmpuint (shape.reach, ==, cases[i].reach);
      g_assert_cmpuint (shape.least[DS_FEATURE_DIGIT], ==, cases[i].digits);
      g_assert_cmpuint (shape.least[DS_FEATURE_AT], ==, cases[i].ats);
      g_assert_cmpuint (shape.least[DS_FEATURE_COLON], ==, cases[i].colons);
    }
}

/* ---- the cache ---- */

#define KEY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static gboolean
loads (const char *folder, const char *key)
{
  hs_database_t *databases[2];
  gboolean loaded = ds_database_cache_load (folder, key, databases, 2);
  g_assert_true (loaded == (databases[0] != NULL));
  g_assert_null (databases[1]);
  hs_free_database (databases[0]);
  return loaded;
}

/* Kept, found again; not if it is another's, cut short, changed, or writable by others; and old ones go. */
static void
test_cache (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  hs_database_t *databases[2] = { NULL, NULL };
  hs_compile_error_t *failure = NULL;
  g_assert_cmpint (hs_compile ("abc", 0, HS_MODE_BLOCK, NULL, &databases[0], &failure), ==, HS_SUCCESS);
  g_autofree char *path = g_build_filename (fixture->cache, "rules-0123456789abcdef0123456789abcdef", NULL);
  g_autofree char *old = g_build_filename (fixture->cache, "rules-of-old", NULL), *notes = g_build_filename (fixture->cache, "notes", NULL);
  g_assert_false (loads (fixture->cache, KEY));
  g_assert_true (g_file_set_contents (old, "x", 1, NULL) && g_file_set_contents (notes, "x", 1, NULL));
  g_assert_cmpint (utime (old, &(struct utimbuf){ 1, 1 }), ==, 0);
  g_assert_cmpint (utime (notes, &(struct utimbuf){ 1, 1 }), ==, 0);
  ds_database_cache_save (fixture->cache, KEY, databases, 2);
  hs_free_database (databases[0]);
  g_assert_true (loads (fixture->cache, KEY));
  g_assert_false (g_file_test (old, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (notes, G_FILE_TEST_EXISTS));
  g_assert_false (loads (fixture->cache, "0123456789abcdef0123456789abcdefffff"));

  g_autofree char *bytes = NULL;
  gsize size = 0;
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  g_assert_cmpint (g_chmod (path, 0622), ==, 0);
  g_assert_false (loads (fixture->cache, KEY));
  for (gsize cut = 0; cut < size; cut += 1 + size / 50)
    {
      g_assert_true (g_file_set_contents (path, bytes, (gssize) cut, NULL));
      g_assert_false (loads (fixture->cache, KEY));
    }
  for (gsize at = 0; at < size; at += 1 + size / 50)
    {
      bytes[at] ^= 0x10;
      g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
      g_assert_false (loads (fixture->cache, KEY));
      bytes[at] ^= 0x10;
    }
  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
  g_assert_true (loads (fixture->cache, KEY));
}

/* How near a word stands is counted in characters: a Greek letter is as far as a Latin one. */
static void
test_context_distance (void)
{
  char *words[] = { (char *) "tax", (char *) "αφμ", NULL };
  g_autoptr (GArray) prepared = ds_context_prepare (words);
  static const struct
  {
    const char *text;
    guint distance;
    gboolean near;
  } cases[] = {
    { "tax aaaa 7", 9, TRUE },  { "tax aaaa 7", 8, FALSE },  { "ΑΦΜ αααα 7", 9, TRUE },     { "ΑΦΜ αααα 7", 8, FALSE },
    { "7 aaaa tax", 9, TRUE },  { "7 aaaa tax", 8, FALSE },  { "7 αααα ΑΦΜ", 9, TRUE },     { "7 αααα ΑΦΜ", 8, FALSE },
    { "7 αααα ΑΦΜ", 400, TRUE }, { "ΑΦΜ αααα 7", 400, TRUE }, { "7 \xce\xce\xce tax", 8, TRUE }, { "7", 9, FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize at = (gsize) (strchr (cases[i].text, '7') - cases[i].text);
      gboolean near = ds_context_near (prepared, cases[i].distance, cases[i].text, strlen (cases[i].text), at, at + 1);
      g_test_message ("%s, %u", cases[i].text, cases[i].distance);
      g_assert_cmpint (near, ==, cases[i].near);
    }
}

/* One slip in a longer word is seen through; another word is none. */
static void
test_context_mistyped (void)
{
  char *words[] = { (char *) "passport", (char *) "tax reference", (char *) "taj szám", (char *) "iban", NULL };
  g_autoptr (GArray) prepared = ds_context_prepare (words);
  static const struct
  {
    const char *text;
    gboolean near;
  } cases[] = {
    { "passport 7", TRUE },      { "passprot 7", TRUE },   { "pasport 7", TRUE },      { "passsport 7", TRUE },  { "Tax Refernce: 7", TRUE },
    { "tax-reefrence 7", TRUE }, { "7 tajj szam", TRUE },  { "passwort 7", FALSE },    { "pastport 7", FALSE },  { "passports 7", FALSE },
    { "passpor 7", FALSE },      { "asspport 7", FALSE },  { "xpassprot 7", FALSE },   { "passprotx 7", FALSE }, { "pssprot 7", FALSE },
    { "iabn 7", FALSE },         { "pass4port 7", FALSE }, { "compassprot 7", FALSE }, { "pas", FALSE },         { "taxreferenc", FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize size = strlen (cases[i].text);
      const char *digit = strchr (cases[i].text, '7');
      gsize at = digit != NULL ? (gsize) (digit - cases[i].text) : size;
      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (ds_context_near (prepared, 60, cases[i].text, size, at, MIN (size, at + 1)), ==, cases[i].near);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/matcher/context-distance", test_context_distance);
  g_test_add_func ("/matcher/context-mistyped", test_context_mistyped);
  g_test_add_func ("/matcher/shape-of-patterns", test_shape_of_patterns);
#define ADD(name, function) g_test_add ("/matcher/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("shapes", test_shapes);
  ADD ("examples", test_examples);
  ADD ("mixtures", test_mixtures);
  ADD ("many-windows", test_many_windows);
  ADD ("cache", test_cache);
  return g_test_run ();
}
