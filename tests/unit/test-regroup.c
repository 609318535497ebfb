/* Which stretches of a text are written as one word, and where each stands. */
#include "config.h"
#include "detect/regroup.h"
#include <string.h>

/* The words of a text behind a word of context, by place, with what they stand for: "TEXT=WORD|...". */
static char *
words_of (const char *stretch)
{
  g_autofree char *text = g_strconcat ("number: ", stretch, NULL);
  g_autoptr (DsRegrouper) regrouper = ds_regrouper_new (text, strlen (text));
  const GString *words = ds_regrouper_next (regrouper);
  GString *found = g_string_new (NULL);
  for (gsize at = 1; words != NULL && at < words->len;)
    {
      gsize end = (gsize) (strchr (words->str + at, DS_REGROUP_SEPARATOR) - words->str);
      const DsRegroupedNumber *number = ds_regrouper_number (regrouper, at, end);
      g_assert_nonnull (number);
      g_assert_null (ds_regrouper_number (regrouper, at + 1, end));
      g_assert_null (ds_regrouper_number (regrouper, at, end - 1));
      g_string_append_printf (found, "%s%.*s=%.*s", at > 1 ? "|" : "", (int) (number->end - number->start), text + number->start, (int) (end - at),
                              words->str + at);
      at = end + 1;
    }
  return g_string_free (found, FALSE);
}

static void
assert_words (const char *stretch, const char *wanted)
{
  g_autofree char *found = words_of (stretch);
  g_assert_cmpstr (found, ==, wanted);
}

static void
test_groups (void)
{
  assert_words ("428.573.914.63", "428.573.914.63=42857391463");
  assert_words ("(428/573/914/63).", "428/573/914/63=42857391463");
  assert_words ("1635.\n89.197, bitte", "1635.\n89.197=163589197|1635.\n89.197=1635.89.197");
  assert_words ("12 - 345678A", "12 - 345678A=12345678A|12 - 345678A=12-345678A");
  assert_words ("ab123456c", "ab123456c=AB123456C");
  assert_words ("Nr.751 922 384", "751 922 384=751922384|Nr.751 922 384=NR751922384|Nr.751 922 384=NR.751922384");
  assert_words ("377 967\n166", "377 967\n166=377967166");
  assert_words ("value 37796\n7166", "37796\n7166=377967166");
  assert_words ("13.08.69 43063", "13.08.69 43063=13086943063|13.08.69 43063=13.08.6943063");
}

/* A number begins and ends with its stretch, at a line's end, where blanks stand around a mark, or at a word. */
static void
test_cuts (void)
{
  assert_words ("123 456 789 012", "123 456 789 012=123456789012");
  assert_words ("123 456 789 - 012 345 678", "123 456 789=123456789|012 345 678=012345678|123 456 789 - 012 345 678=123456789012345678|"
                                             "123 456 789 - 012 345 678=123456789-012345678");
  assert_words ("123 456 789 FA", "123 456 789=123456789|123 456 789 FA=123456789FA");
}

static void
test_none (void)
{
  static const char *const texts[] = {
    "123456789", "14.11.2023", "2023-11-14", "+49 30 1234567", "1 2 3", "1.234.567,89", "10:30 12:45", "10.0.0.1@example", "x_123 _456 7_",
    "AB-CD EF", "123,456 789,012", "", "no 12", "24.05.2024 - 23.06.2024", "24/02/2015 385865 57", "192.168.100.200", "1999-2002",
    "2024/0017-60", "339280.952345", "12345678 y", "0295401\n72", "\n65. 273423\n117. 87454", "395834 9188-0389-28 77", "1234 5678",
  };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_words (texts[i], "");
}

static gboolean
has_words (const char *text)
{
  g_autoptr (DsRegrouper) regrouper = ds_regrouper_new (text, strlen (text));
  return ds_regrouper_next (regrouper) != NULL;
}

static void
test_a_word_must_be_near (void)
{
  g_autofree char *blanks = g_strnfill (199, ' '), *near = g_strconcat ("ID", blanks, "123.456.789", NULL);
  g_autofree char *far = g_strconcat ("ID", blanks, "  123.456.789", NULL);
  g_assert_false (has_words ("123.456.789"));
  g_assert_true (has_words ("123.456.789 is it"));
  g_assert_true (has_words (near));
  g_assert_false (has_words (far));
}

/* However a text is made, what is written is bounded; and a table takes nothing from what stands behind it. */
static void
test_bound (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < 200000; i++)
    g_string_append (text, i % 4 == 0 ? "abc " : "123 ");
  gsize table = text->len, sum = 0;
  for (guint i = 0; i < 200; i++)
    g_string_append (text, "Sentences stand between the two. ");
  g_string_append (text, "Number 123.456.789");
  g_autoptr (DsRegrouper) regrouper = ds_regrouper_new (text->str, text->len);
  gboolean last = FALSE;
  for (const GString *words; (words = ds_regrouper_next (regrouper)) != NULL;)
    {
      g_assert_cmpuint (words->len, <, 80 << 10);
      sum += words->len;
      last = g_str_has_suffix (words->str, "\x1f" "123456789\x1f");
    }
  g_assert_true (last);
  g_assert_cmpuint (sum, >, 2 * table);
  g_assert_cmpuint (sum, <, 5 * text->len);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/regroup/groups", test_groups);
  g_test_add_func ("/regroup/cuts", test_cuts);
  g_test_add_func ("/regroup/none", test_none);
  g_test_add_func ("/regroup/a-word-must-be-near", test_a_word_must_be_near);
  g_test_add_func ("/regroup/bound", test_bound);
  return g_test_run ();
}
