/* The part tree tiles whatever it is given, and finds what is in it.  Further arguments are mails or folders of mail, for
 * which the tiling is checked as well. */
#include "config.h"
#include "tree-fixture.h"

#define MUTATIONS 20000

static char **extra_paths;

static void
test_tiles_seeds (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (seeds); i++)
    {
      g_autoptr (DsTree) tree = open_mail (seeds[i]);
      assert_tiles (tree);
    }
}

static void
test_tiles_mutations (void)
{
  for (guint i = 0; i < MUTATIONS; i++)
    {
      g_autoptr (GString) mail = g_string_new (seeds[g_test_rand_int_range (0, G_N_ELEMENTS (seeds))]);
      for (gint n = g_test_rand_int_range (1, 6); n > 0; n--)
        mutate (mail);
      g_autoptr (DsTree) tree = open_bytes (mail->str, mail->len);
      assert_tiles (tree);
      if (i % 10 == 0)
        ds_tree_check_agreement (tree);
      count_text (tree, "4111", NULL);
    }
}

static void
check_path (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  g_autofree char *data = NULL;
  gsize size = 0;
  for (const char *name; folder != NULL && (name = g_dir_read_name (folder)) != NULL;)
    {
      g_autofree char *inside = g_build_filename (path, name, NULL);
      check_path (inside);
    }
  if (folder != NULL || !g_file_get_contents (path, &data, &size, NULL))
    return;
  g_autoptr (DsTree) tree = open_bytes (data, size);
  assert_tiles (tree);
  ds_tree_check_agreement (tree);
  count_text (tree, "4111", NULL);
  g_autoptr (GBytes) same = rewritten (tree, NULL, NULL, "");
  g_assert_cmpmem (g_bytes_get_data (same, NULL), g_bytes_get_size (same), data, size);
}

static void
test_tiles_paths (void)
{
  for (char **path = extra_paths; *path != NULL; path++)
    check_path (*path);
}

static void
assert_outline (const char *mail, const char *expected)
{
  g_autoptr (DsTree) tree = open_mail (mail);
  assert_tiles (tree);
  g_autofree char *got = outline (tree);
  g_assert_cmpstr (got, ==, expected);
}

static void
test_numbers (void)
{
  assert_outline ("Subject: x\n\nbody\n", "0:header 1:body");
  assert_outline (seeds[2], "0:header 0:preamble 0:delimiter 1:header 1:body 0:delimiter 2:header 2:body 0:delimiter 0:epilogue");
  assert_outline ("Content-Type: message/rfc822\n\nSubject: in\n\nx\n", "0:header 1.0:header 1.1:body");
  assert_outline (seeds[3], "0:header 1:body 1.0:header 1.1:body 1.1.0:header 1.1.1:body");
  assert_outline (seeds[5], "0:header 1:body 1.1:header 1.1:body 1.1:gap 1:body 1.2:header 1.2:body 1.2:gap");
}

/* Blank lines in front of a header, and headers that look broken. */
static void
test_broken_headers (void)
{
  g_autoptr (DsTree) blanks = open_mail ("   \nX-Y: 1\nContent-Transfer-Encoding: base64\n\nNDExMQ==\n");
  g_assert_cmpuint (count_text (blanks, "4111", "body"), ==, 1);
  g_autoptr (DsTree) empty = open_mail ("\nSubject: x\nContent-Transfer-Encoding: base64\n\nNDExMQ==\n");
  g_assert_cmpuint (count_text (empty, "4111", "body"), ==, 1);
  g_autoptr (DsTree) body = open_mail ("\nNote: this is a body\n");
  g_assert_cmpuint (count_text (body, "this is a body", "body"), ==, 1);
  g_autoptr (DsTree) unfolded = open_mail ("Received: a\nby b\nfor c\nContent-Transfer-Encoding: base64\n\nNDExMQ==\n");
  g_assert_cmpuint (count_text (unfolded, "4111", "body"), ==, 1);
  g_autoptr (DsTree) white = open_mail ("Subject: x\n \nContent-Transfer-Encoding: base64\n\nNDExMQ==\n");
  g_assert_cmpuint (count_text (white, "4111", "body"), ==, 1);
}

static void
test_broken_multiparts (void)
{
  g_autoptr (DsTree) tree = open_mail ("Content-Type: multipart/mixed\n\n--x\nContent-Transfer-Encoding: base64\n\nNDExMQ==\n--x--\n");
  g_assert_cmpuint (count_text (tree, "4111", "body"), ==, 1);
  g_assert_true (has_problem (tree, "1", DS_REASON_STRUCTURE));
  g_autoptr (DsTree) odd = open_mail ("Content-Type: multipart/*; boundary=x\n\n--x\nContent-Transfer-Encoding: base64\n\nNDExMQ==\n--x--\n");
  g_assert_cmpuint (count_text (odd, "4111", "body"), ==, 1);
  g_autoptr (DsTree) whole = open_mail ("Content-Type: multipart/mixed; boundary=x\nContent-Transfer-Encoding: base64\n\n"
                                        "LS14CgpjYXJkIDQxMTEKLS14LS0K\n");
  g_assert_cmpuint (count_text (whole, "4111", NULL), ==, 1);
  g_assert_true (has_problem (whole, "1", DS_REASON_STRUCTURE));
}

static void
test_bounced_headers (void)
{
  g_autoptr (DsTree) tree = open_mail ("Content-Type: multipart/report; boundary=r\n\n--r\n\nno\n--r\nContent-Type: text/rfc822-headers\n\n"
                                       "Subject: =?utf-8?q?4=31=311?=\nContent-Type: multipart/mixed; boundary=y\n\n--r--\n");
  g_assert_cmpuint (count_text (tree, "4111", "attachment"), ==, 1);
  g_assert_cmpuint (ds_tree_problems (tree)->len, ==, 0);
}

/* Encoded content that nobody declared, plain content in encoded bodies: all of it is read. */
static void
test_wrong_encodings (void)
{
  g_autoptr (DsTree) hidden = open_mail (seeds[7]);
  g_assert_cmpuint (count_text (hidden, "Hello World", "body"), >, 0);
  g_assert_cmpuint (count_text (hidden, "SGVsbG8gV29y", NULL), >, 0);
  g_assert_true (has_problem (hidden, "1", DS_REASON_UNKNOWN_ENCODING));
  g_autoptr (DsTree) none = open_mail ("Content-Transfer-Encoding: base64\n\nDear Sir, card 4111 it is,\nas I said, for the card.\n\nYours\n");
  g_assert_cmpuint (count_text (none, "card 4111 it is", "body"), ==, 1);
  g_assert_true (has_problem (none, "1", DS_REASON_DAMAGED_ENCODING));
  g_autoptr (DsTree) junk = open_mail ("Content-Transfer-Encoding: base64\n\nNDExMSA0MTExIDQxMTEgNDExMSA0MTEx\ncard: 4222!\n"
                                       "NDExMSA0MTExIDQxMTEgNDExMSA0MTEx\nNDExMSA0MTExIDQxMTEgNDExMSA0MTEx\n");
  g_assert_cmpuint (count_text (junk, "card: 4222!", "body"), ==, 1);
  g_assert_cmpuint (count_text (junk, "4111", "body"), >, 4);
  g_autoptr (DsTree) footer = open_mail ("Content-Transfer-Encoding: base64\n\nNDExMQ==\n-- \nList: 4222\n");
  g_assert_cmpuint (count_text (footer, "List: 4222", "body"), ==, 1);
  g_autoptr (DsTree) unknown = open_mail ("Content-Transfer-Encoding: rot13\n\ncard 4111\n");
  g_assert_cmpuint (count_text (unknown, "4111", "body"), ==, 1);
  g_assert_true (has_problem (unknown, "1", DS_REASON_UNKNOWN_ENCODING));
  g_autoptr (DsTree) yenc = open_mail ("Subject: x\n\n=ybegin line=128 size=3 name=x\n...\n=yend size=3\n");
  count_text (yenc, "x", NULL);
  g_assert_true (has_problem (yenc, "1", DS_REASON_OPAQUE));
}

static void
test_uuencode (void)
{
  g_autoptr (DsTree) tree = open_mail (seeds[5]);
  g_assert_cmpuint (count_text (tree, "hello world", "attachment"), ==, 1);
  g_assert_cmpuint (count_text (tree, "a b.txt", "filename"), ==, 1);
  g_assert_cmpuint (count_text (tree, "here", "body"), ==, 1);
  const DsPart *file = ds_tree_find (tree, "1.1");
  g_assert_cmpstr (file->filename, ==, "a b.txt");
  g_assert_cmpstr (file->media_type, ==, "text/plain");
  g_autoptr (DsTree) declared = open_mail (seeds[6]);
  g_assert_cmpstr (ds_tree_find (declared, "1.1")->media_type, ==, "text/csv");
  g_assert_cmpuint (count_text (declared, "abc", "attachment"), ==, 1);
  g_autoptr (DsTree) prose = open_mail ("Subject: x\n\nbegin 100 of them\nand end\n");
  g_assert_null (ds_tree_find (prose, "1.1"));
}

static void
test_agreement (void)
{
  g_autoptr (DsTree) plain = open_mail (seeds[2]);
  ds_tree_check_agreement (plain);
  g_assert_false (has_problem (plain, NULL, DS_REASON_DISAGREE));
  /* GMime's header has no end here, so that the part is none for it. */
  g_autoptr (DsTree) split = open_mail (" \nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\nNDExMQ==\n--b--\n");
  ds_tree_check_agreement (split);
  g_assert_true (has_problem (split, "1", DS_REASON_DISAGREE));
  g_assert_cmpuint (count_text (split, "NDExMQ==", NULL), ==, 1);
  g_assert_cmpuint (count_text (split, "4111", NULL), ==, 1);
}

static void
test_limits (void)
{
  g_autoptr (GString) deep = g_string_new (NULL);
  for (guint i = 0; i < 200; i++)
    g_string_append_printf (deep, "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n", i, i);
  g_string_append (deep, "\ncard 4111\n");
  g_autoptr (DsTree) tree = open_mail (deep->str);
  assert_tiles (tree);
  g_assert_true (has_problem (tree, NULL, DS_REASON_DEPTH));
  g_assert_cmpuint (count_text (tree, "4111", "body"), ==, 1);
  g_autoptr (GString) many = g_string_new ("Content-Type: multipart/mixed; boundary=b\n\n");
  for (guint i = 0; i < 3000; i++)
    g_string_append (many, "--b\n\ncard 4111\n");
  g_autoptr (DsTree) wide = open_mail (many->str);
  assert_tiles (wide);
  g_assert_true (has_problem (wide, NULL, DS_REASON_PARTS));
  g_assert_cmpuint (count_text (wide, "4111", "body"), ==, 3000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_mime_init ();
  extra_paths = argv + 1;
  g_test_add_func ("/tree/tiles/seeds", test_tiles_seeds);
  g_test_add_func ("/tree/tiles/mutations", test_tiles_mutations);
  g_test_add_func ("/tree/tiles/paths", test_tiles_paths);
  g_test_add_func ("/tree/numbers", test_numbers);
  g_test_add_func ("/tree/broken-headers", test_broken_headers);
  g_test_add_func ("/tree/broken-multiparts", test_broken_multiparts);
  g_test_add_func ("/tree/bounced-headers", test_bounced_headers);
  g_test_add_func ("/tree/wrong-encodings", test_wrong_encodings);
  g_test_add_func ("/tree/uuencode", test_uuencode);
  g_test_add_func ("/tree/agreement", test_agreement);
  g_test_add_func ("/tree/limits", test_limits);
  return g_test_run ();
}
