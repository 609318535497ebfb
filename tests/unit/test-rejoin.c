/* Which ends of lines are written once more as one line, and where in the text what is found there stands. */
#include "config.h"
#include "detect/rejoin.h"
#include <string.h>

/* The joined lines of a text, parted by "|". */
static void
assert_joined (const char *text, const char *wanted)
{
  g_autoptr (DsRejoiner) rejoiner = ds_rejoiner_new (text, strlen (text));
  const GString *lines = ds_rejoiner_next (rejoiner);
  g_autofree char *found = lines != NULL ? g_strndup (lines->str + 1, lines->len - 2) : g_strdup ("");
  g_strdelimit (found, "\x1f", '|');
  g_assert_cmpstr (found, ==, wanted);
  g_assert_null (ds_rejoiner_next (rejoiner));
}

static void
test_joined (void)
{
  /* Behind a mark, or before one. */
  assert_joined ("SSN 123-45-\n6789 is mine", "SSN 123-45-6789 is mine");
  assert_joined ("host 192.0.2.\n17", "host 192.0.2.17");
  assert_joined ("1a:4d:ef\n:cb:6b:3c", "1a:4d:ef:cb:6b:3c");
  assert_joined ("me@kunde.\nexample.net", "me@kunde.example.net");
  assert_joined ("me@example.\ncom", "me@example.com");
  assert_joined ("me@\nkunde.example", "me@kunde.example");
  assert_joined ("me\n@kunde.example", "me@kunde.example");
  /* At one of its blanks: no group was broken, since others are parted by blanks. */
  assert_joined ("AB 12 34\n56 C", "AB 12 34 56 C");
  assert_joined ("AB\n123456", "AB123456|AB 123456");
  assert_joined ("ΑΕ\n505267", "ΑΕ505267|ΑΕ 505267");
  /* In its midst. */
  assert_joined ("No 1234\n56789.", "No 123456789.|No 1234 56789.");
}

static void
test_apart (void)
{
  assert_joined ("The first line\nand the second", "");
  assert_joined ("ends here.\nNext sentence", "");
  assert_joined ("pointers@endlink.\ntemplate", "");
  assert_joined ("me@example.com.\nThe next", "");
  assert_joined ("12 apples\nand 14 pears", "");
  assert_joined ("number 5\n\n123456", "");
  assert_joined ("in 2024\nwe had", "");
  assert_joined ("123-45-\n-6789", "");
  assert_joined ("12\x1f\n34", "");
  assert_joined ("\n123", "");
  assert_joined ("123\n", "");
}

/* Only so much of a long line is written, and no word in parts. */
static void
test_no_letter_near (void)
{
  assert_joined ("123-45-\n6789", "");
  assert_joined ("123-45-\n6789 x", "123-45-6789 x");
}

static void
test_long_lines (void)
{
  assert_joined ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 123-45-\n6789 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
                 " 123-45-6789");
  g_autoptr (GString) all = g_string_new (NULL);
  for (guint i = 0; i < 100; i++)
    g_string_append (all, "1234567890");
  g_string_append_c (all, '\n');
  for (guint i = 0; i < 100; i++)
    g_string_append (all, "1234567890");
  assert_joined (all->str, "");
}

static void
test_places (void)
{
  const char *text = "x\nSSN 123-45-\n6789 y";
  g_autoptr (DsRejoiner) rejoiner = ds_rejoiner_new (text, strlen (text));
  const GString *lines = ds_rejoiner_next (rejoiner);
  const char *at = strstr (lines->str, "123-45-6789");
  gsize start = (gsize) (at - lines->str);
  DsSpan place = { 0 };
  g_assert_true (ds_rejoiner_locate (rejoiner, start, start + strlen ("123-45-6789"), &place));
  g_assert_cmpmem (text + place.start, place.end - place.start, "123-45-\n6789", 12);
  /* What lies on one side of the line's end is found in the text as it stands. */
  g_assert_false (ds_rejoiner_locate (rejoiner, start, start + strlen ("123-45-"), &place));
  g_assert_false (ds_rejoiner_locate (rejoiner, start + strlen ("123-45-"), start + strlen ("123-45-6789"), &place));
  g_assert_false (ds_rejoiner_locate (rejoiner, 0, 1, &place));
}

/* In a table of numbers each line's end might be within one; what is behind the table is not forgotten for it. */
static void
test_bound (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < 200000; i++)
    g_string_append (text, "X 123\n");
  for (guint i = 0; i < 200; i++)
    g_string_append (text, "Sentences stand between the two. ");
  g_string_append (text, "SSN 123-45-\n6789");
  g_autoptr (DsRejoiner) rejoiner = ds_rejoiner_new (text->str, text->len);
  gboolean last = FALSE;
  gsize sum = 0;
  for (const GString *lines; (lines = ds_rejoiner_next (rejoiner)) != NULL;)
    {
      g_assert_cmpuint (lines->len, <, 80 << 10);
      sum += lines->len;
      last = g_str_has_suffix (lines->str, "SSN 123-45-6789\x1f");
    }
  g_assert_true (last);
  g_assert_cmpuint (sum, >, text->len);
  g_assert_cmpuint (sum, <, 3 * text->len);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rejoin/joined", test_joined);
  g_test_add_func ("/rejoin/apart", test_apart);
  g_test_add_func ("/rejoin/no-letter-near", test_no_letter_near);
  g_test_add_func ("/rejoin/long-lines", test_long_lines);
  g_test_add_func ("/rejoin/places", test_places);
  g_test_add_func ("/rejoin/bound", test_bound);
  return g_test_run ();
}
