/* Header fields: what is read in them, and what edits leave. */
#include "config.h"
#include "tree-fixture.h"

/* value of the field in a mail of that one field, becomes label: the field is then as expected. */
static void
assert_field (const char *field, const char *value, const char *label, const char *expected)
{
  g_autofree char *mail = g_strconcat (field, "\nX-Last: y\n\nbody\n", NULL);
  g_autofree char *wanted = g_strconcat (expected, "\nX-Last: y\n\nbody\n", NULL);
  g_autoptr (DsTree) tree = open_mail (mail);
  g_assert_cmpuint (count_text (tree, value, NULL), >, 0);
  g_autofree char *got = rewritten_text (mail, value, label, "");
  g_assert_cmpstr (got, ==, wanted);
}

static void
test_plain (void)
{
  assert_field ("Subject: card 4111 x", "4111", "[x]", "Subject: card [x] x");
  assert_field ("Subject: card\n 4111 x", " 4111", "[x]", "Subject: card\n [x] x");
  assert_field ("Subject: John\n Smith x", "John Smith", "[x]", "Subject: [x] x");
  assert_field ("Subject: John\n Smith\n x", "John Smith", "", "Subject: \n x");
  assert_field ("Subject: a\n 4111\n b", "4111", "", "Subject: a\n b");
  assert_field ("Subject: a\n 4111", "4111", "", "Subject: a");
  assert_field ("X-A: \xe4 4111", "4111", "[x]", "X-A: \xe4 [x]");
}

static void
test_encoded (void)
{
  assert_field ("Subject: =?utf-8?q?M=C3=BCller_4111?= y", "4111", "[x]", "Subject: =?utf-8?q?M=C3=BCller_=5Bx=5D?= y");
  assert_field ("Subject: =?utf-8?b?NDExMQ?= y", "4111", "[x]", "Subject: [x] y");
  /* A character in two words; a value in two words. */
  assert_field ("Subject: =?utf-8?q?M=C3?= =?utf-8?q?=BCller_41?=\n =?utf-8?q?11?=", "M\xc3\xbcller 4111", "[x]", "Subject: [x]");
  /* The blank before a word that is encoded is a line break. */
  assert_field ("Subject: card and\n =?utf-8?q?DE89=C3=BC?=", " DE89", "[x]", "Subject: card and\n =?utf-8?q?=5Bx=5D=C3=BC?=");
  assert_field ("Subject: card and\n =?utf-8?q?DE89?=", " DE89", "[x]", "Subject: card and\n [x]");
  /* Across the border of what is encoded, either way. */
  assert_field ("Subject: card 41=?utf-8?q?11_=C3=A9?= z", "4111", "[x]", "Subject: card [x]=?utf-8?q?_=C3=A9?= z");
  assert_field ("Subject: =?utf-8?q?=C3=A9_41?=11 z", "4111", "[x]", "Subject: =?utf-8?q?=C3=A9_=5Bx=5D?= z");
  assert_field ("From: =?utf-8?q?M=C3=BCller?= <a@example.org>", "M\xc3\xbcller", "person removed", "From: person removed <a@example.org>");
  assert_field ("From: =?utf-8?q?a=2C_4111?= <a@example.org>", "4111", "x", "From: =?utf-8?q?a=2C_x?= <a@example.org>");
}

/* A backslash in a quoted string. */
static void
test_quoted_pairs (void)
{
  assert_field ("To: \"4111\\ 1111\\ 1\" <a@b>", "4111 1111 1", "x", "To: \"x\" <a@b>");
  assert_field ("To: \"a\\\"4\\1\\\\\" <a@b>, \"\\42\"", "42", "x", "To: \"a\\\"4\\1\\\\\" <a@b>, \"x\"");
  assert_field ("Cc: \"=?utf-8?q?=C3=A9?= 4\\1\\11\"", "4111", "x", "Cc: \"=?utf-8?q?=C3=A9?= x\"");
  assert_field ("To: 4\\1 <a@b>", "4\\1", "x", "To: x <a@b>");
  assert_field ("Subject: \"4\\1\"", "4\\1", "x", "Subject: \"x\"");
}

static void
test_parameters (void)
{
  assert_field ("Content-Disposition: attachment; filename=\"a 4111.pdf\"; size=1", "4111", "x", "Content-Disposition: attachment; filename=\"a x.pdf\"; size=1");
  assert_field ("Content-Disposition: attachment; filename=4111.pdf", "4111", "x y", "Content-Disposition: attachment; filename=\"x y.pdf\"");
  assert_field ("Content-Disposition: attachment; filename*0=\"41\";\n filename*1=\"11.pdf\"; size=1", "4111", "x",
                "Content-Disposition: attachment; filename=\"x.pdf\"; size=1");
  assert_field ("Content-Disposition: attachment;\n filename*1*=%c3%a911; size=1;\n filename*0*=utf-8''41", "41\xc3\xa9", "x",
                "Content-Disposition: attachment; size=1;\n filename=\"x11\"");
  assert_field ("Content-Type: text/plain; name=\"4111\";\n name*=utf-8''4111%20%C3%A9", "4111", "x",
                "Content-Type: text/plain; name=\"x\";\n name*=utf-8''x%20%C3%A9");
  assert_field ("Content-Type: text/plain; name=\"=?utf-8?q?4111?=\"", "4111", "x", "Content-Type: text/plain; name=\"x\"");
  assert_field ("Content-Disposition: attachment; call 4111; x=y", "4111", "z", "Content-Disposition: attachment; call z; x=y");
}

static void
test_long_parameter (void)
{
  g_autoptr (GString) mail = g_string_new ("Content-Disposition: attachment; filename*=utf-8''4111");
  for (guint i = 0; i < 40; i++)
    g_string_append (mail, "%C3%A9");
  g_string_append (mail, "\n\nbody\n");
  g_autofree char *got = rewritten_text (mail->str, "4111", "x", "");
  g_assert_nonnull (strstr (got, "filename*0*=utf-8''x"));
  g_autoptr (DsTree) after = open_mail (got);
  g_assert_true (g_str_has_prefix (ds_tree_frame (after)->root->filename, "x\xc3\xa9\xc3\xa9"));
  g_assert_cmpuint (g_utf8_strlen (ds_tree_frame (after)->root->filename, -1), ==, 41);
}

/* Nothing hides behind a NUL, a missing padding, or a name without a value. */
static void
test_hiding (void)
{
  g_autoptr (DsTree) tree = open_mail ("Subject: =?utf-8?q?a=00_4111?=\nX-B: =?utf-8?b?NDIyMg?=\n"
                                       "Content-Disposition: attachment; filename*=utf-8''a%004333; (4444)\nbroken 4555\nX-Y: z\n\n");
  for (const char *const *value = (const char *const[]){ "4111", "4222", "4333", "4444", "4555", NULL }; *value != NULL; value++)
    g_assert_cmpuint (count_text (tree, *value, NULL), >, 0);
}

/* What some mail programs decode and others show; a line of text that looks like a field. */
static void
test_odd (void)
{
  g_autoptr (DsTree) tree = open_mail ("Subject: =?utf-8?B?4111 1111 1111 1112?=\nX-B: =?utf-8?b?card:4111-1111-1111-1113?=\n"
                                       "4111111111111114: mine\njane@example.org: hers\nX-Plain-12: =?utf-8?b?NDIyMg==?=\n\n");
  for (const char *const *value = (const char *const[]){ "4111 1111 1111 1112", "4111-1111-1111-1113", "4111111111111114", "jane@example.org", NULL };
       *value != NULL; value++)
    g_assert_cmpuint (count_text (tree, *value, NULL), ==, 1);
  g_autoptr (DsTree) odd_end = open_mail ("Subject: =?utf-8?B?NDExMQ==?\xff\xff= and\n =?iso-8859-1?Q?x_4111111111111115_y?=\n\n");
  g_assert_cmpuint (count_text (odd_end, "4111111111111115", NULL), ==, 1);
  g_assert_cmpuint (count_text (tree, "4222", NULL), ==, 1);
  g_assert_cmpuint (count_text (tree, "NDIyMg", NULL), ==, 0);
  g_assert_cmpuint (count_text (tree, "X-Plain", NULL), ==, 0);
}

/* Words that are none by the letter, and that mail programs decode. */
static void
test_odd_words (void)
{
  assert_field ("Subject: =?utf-8?q?4111=201111\n =201111?= y", "4111 1111  1111", "[x]", "Subject: [x] y");
  assert_field ("Subject: =?utf-8?b?NDExMSAx\n MTEx?= y", "4111 1111", "[x]", "Subject: [x] y");
  assert_field ("Subject: =?utf-8*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?q?4111=201111?=", "4111 1111", "[x]", "Subject: [x]");
  assert_field ("Subject: =??q?4111=201111?=", "4111 1111", "[x]", "Subject: [x]");
  assert_field ("Subject: =?utf-8?b?ND=ExMSAxMTEx?=", "4111 1111", "[x]", "Subject: [x]");
  assert_field ("Subject: =?utf-8?b?NDE=MTEgMTExMQ==?=", "41", "[x]", "Subject: [x]11 1111");
}

/* What stands beside an edited place stays what it was. */
static void
test_neighbours (void)
{
  assert_field ("Content-Disposition: attachment; filename*0*=utf-8''%C3%A9; filename*1=\"4111.pdf\", and more", "4111", "x",
                "Content-Disposition: attachment; filename*=utf-8''%C3%A9x.pdf;, and more");
  assert_field ("Content-Disposition: attachment; filename*0*=utf-8''%C3%A9; filename*1=\"4111.pdf\"\rand more", "4111", "x",
                "Content-Disposition: attachment; filename*=utf-8''%C3%A9x.pdf;\rand more");
  assert_field ("Subject: y\n4111 and no colon", "4111", "[x]", "Subject: y\n[x] and no colon");
}

static void
test_structural (void)
{
  const char *mail = "Message-ID: <4111@example.org>\nReferences: <4111@example.org>\nContent-Type: text/plain; charset=4111\n\nx\n";
  g_autofree char *got = rewritten_text (mail, "4111", "x", "");
  g_assert_cmpstr (got, ==, mail);
}

/* A run of more than 64 KiB, which no unit of a span map can hold. */
static void
test_long_run (void)
{
  g_autoptr (GString) mail = g_string_new ("Subject: ");
  for (guint i = 0; i < 3000; i++)
    g_string_append (mail, "=?utf-8?q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?=\n ");
  g_string_append (mail, "=?utf-8?q?4111?=\n\nbody\n");
  g_autofree char *got = rewritten_text (mail->str, "4111", "[x]", "");
  g_autoptr (DsTree) after = open_mail (got);
  g_assert_cmpuint (count_text (after, "[x]", "subject"), ==, 1);
  g_assert_cmpuint (count_text (after, "4111", NULL), ==, 0);
}

static void
test_bounced_header_edit (void)
{
  g_autofree char *got = rewritten_text (seeds[8], "c@d", "x@y", "");
  g_assert_nonnull (strstr (got, "To: x@y\n--r--"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_mime_init ();
  g_test_add_func ("/header/plain", test_plain);
  g_test_add_func ("/header/encoded", test_encoded);
  g_test_add_func ("/header/quoted-pairs", test_quoted_pairs);
  g_test_add_func ("/header/parameters", test_parameters);
  g_test_add_func ("/header/long-parameter", test_long_parameter);
  g_test_add_func ("/header/hiding", test_hiding);
  g_test_add_func ("/header/odd", test_odd);
  g_test_add_func ("/header/odd-words", test_odd_words);
  g_test_add_func ("/header/neighbours", test_neighbours);
  g_test_add_func ("/header/structural", test_structural);
  g_test_add_func ("/header/long-run", test_long_run);
  g_test_add_func ("/header/bounced", test_bounced_header_edit);
  return g_test_run ();
}
