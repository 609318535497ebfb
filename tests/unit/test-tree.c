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

/* A malformed line with a line of blanks behind it, and fields behind that: all of it is the header. */
static void
test_malformed_then_blanks (void)
{
  g_autoptr (DsTree) tree = open_mail ("From: a@b\nMIME-x Version: 1.0\n  \nContent-Transfer-Encoding: base64\n\nNDExMQ==\n");
  g_assert_cmpuint (count_text (tree, "4111", "body"), ==, 1);
}

/* A line of blanks ends the header or is folded, as mail programs disagree. */
static void
test_blank_folds (void)
{
  g_autoptr (DsTree) folded = open_mail ("Subject: 4111 1111\n \n 1111 1111\nX-Y: z\n\nx\n");
  g_assert_true (has_problem (folded, "0", DS_REASON_STRUCTURE));
  g_autoptr (DsTree) none = open_mail ("Subject: x\n \nbody\n");
  g_assert_cmpuint (ds_tree_problems (none)->len, ==, 0);
  g_autoptr (DsTree) body = open_mail ("Subject: x\n\n body\n");
  g_assert_cmpuint (ds_tree_problems (body)->len, ==, 0);
}

static void
test_broken_multiparts (void)
{
  g_autoptr (DsTree) tree = open_mail ("Content-Type: multipart/mixed\n\n--x\nContent-Transfer-Encoding: base64\n\nNDExMQ==\n--x--\n");
  g_assert_cmpuint (count_text (tree, "4111", "body"), ==, 1);
  g_assert_true (has_problem (tree, "1", DS_REASON_STRUCTURE));
  g_autoptr (DsTree) odd = open_mail ("Content-Type: multipart/*; boundary=x\n\n--x\nContent-Transfer-Encoding: base64\n\nNDExMQ==\n--x--\n");
  g_assert_cmpuint (count_text (odd, "4111", "body"), ==, 1);
  g_autoptr (DsTree) half = open_mail ("Content-Type: Multipart/ ; boundary=x\n\n--x\nContent-Transfer-Encoding: base64\n\nNDExMQ==\n--x--\n");
  g_assert_cmpuint (count_text (half, "4111", "body"), ==, 1);
  g_assert_true (has_problem (half, "0", DS_REASON_STRUCTURE));
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

/* Plain text among bytes that are UTF-16 by declaration or by their NULs is there for mail programs that know better. */
static void
test_text_among_nuls (void)
{
  static const char nuls[] = "Subject: x\n\n,\0,\0,\0,\0,\0,\0,\0,\0,\0,\0,\0,\0card 4111 1111 1111 1111!";
  g_autoptr (DsTree) guessed = open_bytes (nuls, sizeof nuls - 1);
  g_assert_cmpuint (count_text (guessed, "4111 1111 1111 1111", "body"), ==, 1);
  static const char declared[] = "Content-Type: text/plain; charset=utf-16\n\na\0card 4111 1111 1111 1111.";
  g_autoptr (DsTree) wide = open_bytes (declared, sizeof declared - 1);
  g_assert_cmpuint (count_text (wide, "4111 1111 1111 1111", "body"), ==, 1);
  static const char honest[] = "Subject: x\n\nc\0a\0r\0d\0 \0" "4\0" "1\0" "1\0" "1\0";
  g_autoptr (DsTree) plain = open_bytes (honest, sizeof honest - 1);
  g_assert_cmpuint (count_text (plain, "4111", NULL), ==, 1);
}

/* The same of charsets that read ASCII as something else, guessed or declared: each value once, and only what is else. */
static void
test_text_in_other_charsets (void)
{
  static const struct
  {
    const char *charset, *body, *value;
    guint found;
    gboolean told;
  } cases[] = {
    { "utf-8", "Karte \x1b$B4111111111111111\x1b(B Ende 4222", "4111111111111111", 1, TRUE },
    { "iso-8859-1", "Karte \x1b$B4111111111111111\nEnde", "4111111111111111", 1, TRUE },
    { "", "\x1b$)C\nKarte \x0e" "4111111111111111\x0f", "4111111111111111", 1, FALSE },
    { "iso-2022-kr", "\x0e" "4111111111111111\x0f", "4111111111111111", 1, FALSE },
    { "iso-2022-jp", "\x1b$BF|K\\8l$3$s$K$A$O\x1b(B 4111 1111 1111 1111", "4111 1111 1111 1111", 1, FALSE },
    { "cp037", "Karte 4111111111111111 Ende", "4111111111111111", 1, FALSE },
    { "utf-7", "Karte +4111 1111 1111 1111- Ende", "4111 1111 1111 1111", 1, FALSE },
    { "utf-7", "Gr+APwA3w-e jane@example.org", "jane@example.org", 1, FALSE },
    { "hz-gb-2312", "Karte ~{4111111111111111~} Ende", "4111111111111111", 1, FALSE },
    { "utf-8", "\xff\xfe<p>4111 1111 1111 1111</p>", "4111 1111 1111 1111", 1, TRUE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *mail = g_strdup_printf ("Content-Type: text/plain; charset=\"%s\"\n\n%s", cases[i].charset, cases[i].body);
      g_autoptr (DsTree) tree = open_mail (mail);
      g_test_message ("%u", i);
      g_assert_cmpuint (count_text (tree, cases[i].value, NULL), ==, cases[i].found);
      g_assert_true (has_problem (tree, "1", DS_REASON_DISAGREE) == cases[i].told);
    }
  static const char split[] = "Subject: x\n\nA\0B\0C\0D\0" "4111 11\0" "11 1111\0 1111.\n\0";
  g_autoptr (DsTree) nuls = open_bytes (split, sizeof split - 1);
  g_assert_cmpuint (count_text (nuls, "4111 1111 1111 1111", "body"), ==, 1);
}

/* A message that is declared as base64 and begins with a field is read as it stands; what is base64 in it is not. */
static void
test_plain_message_in_base64 (void)
{
  g_autoptr (DsTree) tree = open_mail ("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nX: y\n\nY2FyZCA0MTExIDExMTEgMTExMSAxMTEx\n");
  g_assert_true (has_problem (tree, NULL, DS_REASON_DAMAGED_ENCODING));
}

/* Padding where it does not belong: mail programs do not agree on what follows. */
static void
test_stray_padding (void)
{
#define BASE64 "Content-Transfer-Encoding: base64\n\n"
  static const char *const good[] = { BASE64 "YWJj\nYWJj\n", BASE64 "YWI=\nYWJj\n", BASE64 "YQ==\nYWJj\n", BASE64 "YWJj\n=\n", BASE64 "YQ=" };
  static const char *const bad[] = { BASE64 "YWJj=YWJj\n", BASE64 "YQ=YWJj\n", BASE64 "YWI==YWJj\n", BASE64 "Y=WJj\n" };
  for (guint i = 0; i < G_N_ELEMENTS (good) + G_N_ELEMENTS (bad); i++)
    {
      gboolean damaged = i >= G_N_ELEMENTS (good);
      g_autoptr (DsTree) tree = open_mail (damaged ? bad[i - G_N_ELEMENTS (good)] : good[i]);
      count_text (tree, "x", NULL);
      g_assert_true (has_problem (tree, "1", DS_REASON_DAMAGED_ENCODING) == damaged);
    }
}

/* A last line that is no base64 for a character in it is decoded all the same by some mail programs. */
static void
test_junk_at_end (void)
{
  g_autoptr (DsTree) tree = open_mail (BASE64 "aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29y\nbGQ!gNDExMSA0MTExIDQxMTEgNDExMQ==\n");
  g_assert_cmpuint (count_text (tree, "4111 4111 4111 4111", NULL), ==, 1);
  g_autoptr (DsTree) split = open_mail (BASE64 "aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd2\n9ybGQ!gNDExMSA0MTExIDQxMTEgNDExMQ==\n");
  g_assert_cmpuint (count_text (split, "4111 4111 4111 4111", NULL), ==, 1);
  g_autoptr (DsTree) footer = open_mail (BASE64 "aGVsbG8gd29ybGQ=\n\n-- \nmailing list 4111\n");
  g_assert_cmpuint (count_text (footer, "mailing list 4111", NULL), ==, 1);
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
assert_told (const char *type, const char *body, const char *reason)
{
  g_autofree char *mail = g_strdup_printf ("Content-Type: %s\n\n%s\n", type, body);
  g_autoptr (DsTree) tree = open_mail (mail);
  count_text (tree, "x", NULL);
  g_test_message ("%s: %s", type, body);
  g_assert_true (reason != NULL ? has_problem (tree, "1", reason) : ds_tree_problems (tree)->len == 0);
}

/* What is in a text, and is not read as what it is. */
static void
test_unread (void)
{
  assert_told ("text/html", "<img src='data:image/png;base64,iVBORw0KGgo='>", DS_REASON_IMAGE);
  assert_told ("text/html", "<a href=' DATA:text/plain ; BASE64,NDExMQ=='>", DS_REASON_OPAQUE);
  assert_told ("text/html", "<style>p { background: url(data&colon;x data:image/gif;base64,R0lGOD) }</style>", DS_REASON_IMAGE);
  assert_told ("text/html", "<p>data:image/png;base64,iVBORw</p><a title='data: 1, base64'>", NULL);
  assert_told ("text/html", "<iframe SRCDOC = '4&lt;b>1'>", DS_REASON_OPAQUE);
  assert_told ("text/html", "<p title=srcdoc>srcdoc", NULL);
  assert_told ("text/plain", "data:image/png;base64,iVBORw0KGgo=", NULL);
  assert_told ("text/vcard", "PHOTO;ENCODING=b;TYPE=X:/9j/4AAQ", DS_REASON_IMAGE);
  assert_told ("text/calendar", "ATTACH;FMTTYPE=text/html;ENCODING=BASE64;VALUE=BINARY:NDExMQ==", DS_REASON_OPAQUE);
  assert_told ("text/calendar", "X-ALT-DESC;FMTTYPE=text/html:<!DOCTYPE html><p>x</p>", NULL);
  assert_told ("text/x-log", "a\nbegin 644 c\n#86)C\n`\nend", DS_REASON_OPAQUE);
  assert_told ("text/plain\nContent-Transfer-Encoding: quoted-printable", "a\nbegin 644 c\n#86)C\n`\nend", DS_REASON_OPAQUE);
  assert_told ("text/plain", "a\nbegin-base64 644 c\nNDExMQ==\n====", DS_REASON_OPAQUE);
  assert_told ("text/plain", "a\nbegin 644 of them\nto begin-base64 x", NULL);
  assert_told ("text/rtf", "{\\rtf1 x}", DS_REASON_OPAQUE);
  assert_told ("text/enriched", "<bold>x</bold>", DS_REASON_OPAQUE);
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
  /* We end the header at the dashes, it does not. */
  g_autoptr (DsTree) opened = open_mail ("Content-Type: text/rfc822-headers\n--d\nContent-Transfer-Encoding: quoted-printable\n\n=34=31=31=31\n");
  ds_tree_check_agreement (opened);
  g_assert_true (has_problem (opened, "0", DS_REASON_DISAGREE));
  /* Both decode a uuencoded file, we as a part. */
  g_autoptr (DsTree) file = open_mail (seeds[6]);
  ds_tree_check_agreement (file);
  g_assert_false (has_problem (file, NULL, DS_REASON_DISAGREE));
}

/* What stands behind a CR without LF is another line to some mail programs. */
static void
test_lone_crs (void)
{
#define PARTS "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n"
  static const char *const two_ways[] = { "X-A: b\rContent-Transfer-Encoding: base64\n\nNDExMQ==\n", "To: b\rSubject: x\r\rbody\n",
                                          PARTS "a\r--b\rContent-Transfer-Encoding: base64\r\rNDExMQ==\r--b--\n", PARTS "a\r--b--\rx\n--b--\n" };
  static const char *const one_way[] = { "X-A: b\rc: d\n\na\rSubject: x\n", "X-A: b\r\nSubject: x\r\n\r\na\r\n", PARTS "a\r--c\n--b--\n",
                                         "X-A: b\rSubject: x\r\ra\r" };
  for (guint i = 0; i < G_N_ELEMENTS (two_ways) + G_N_ELEMENTS (one_way); i++)
    {
      gboolean told = i < G_N_ELEMENTS (two_ways);
      g_autoptr (DsTree) tree = open_mail (told ? two_ways[i] : one_way[i - G_N_ELEMENTS (two_ways)]);
      ds_tree_check_agreement (tree);
      g_test_message ("%u", i);
      g_assert_true (has_problem (tree, NULL, DS_REASON_DISAGREE) == told);
    }
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
  g_autoptr (GString) long_header = g_string_new (NULL);
  while (long_header->len < 3u << 20)
    g_string_append (long_header, "X-Card: 4111\n");
  g_string_append (long_header, "\nx\n");
  g_autoptr (DsTree) heavy = open_mail (long_header->str);
  assert_tiles (heavy);
  g_assert_true (has_problem (heavy, NULL, DS_REASON_HEADERS));
  g_assert_cmpuint (count_text (heavy, "4111", NULL), ==, long_header->len / strlen ("X-Card: 4111\n"));
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
  g_test_add_func ("/tree/malformed-then-blanks", test_malformed_then_blanks);
  g_test_add_func ("/tree/blank-folds", test_blank_folds);
  g_test_add_func ("/tree/broken-multiparts", test_broken_multiparts);
  g_test_add_func ("/tree/bounced-headers", test_bounced_headers);
  g_test_add_func ("/tree/wrong-encodings", test_wrong_encodings);
  g_test_add_func ("/tree/text-among-nuls", test_text_among_nuls);
  g_test_add_func ("/tree/text-in-other-charsets", test_text_in_other_charsets);
  g_test_add_func ("/tree/plain-message-in-base64", test_plain_message_in_base64);
  g_test_add_func ("/tree/stray-padding", test_stray_padding);
  g_test_add_func ("/tree/junk-at-end", test_junk_at_end);
  g_test_add_func ("/tree/uuencode", test_uuencode);
  g_test_add_func ("/tree/unread", test_unread);
  g_test_add_func ("/tree/agreement", test_agreement);
  g_test_add_func ("/tree/lone-crs", test_lone_crs);
  g_test_add_func ("/tree/limits", test_limits);
  return g_test_run ();
}
