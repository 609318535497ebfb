/* Edits climb to the blob, and change nothing else; parts are replaced wherever they stand. */
#include "config.h"
#include "base/error.h"
#include "tree-fixture.h"

#define ROUNDS 2000

static void
test_no_edits (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (seeds); i++)
    {
      g_autofree char *got = rewritten_text (seeds[i], NULL, NULL, "");
      g_assert_cmpstr (got, ==, seeds[i]);
    }
}

/* A random span of a random text, at the borders of characters. */
static void
add_random_edit (DsTree *tree, GArray *edits)
{
  GPtrArray *leaves = ds_tree_leaves (tree);
  guint index = (guint) g_test_rand_int_range (0, (gint32) leaves->len);
  g_autoptr (DsReading) reading = ds_reading_new (tree, g_ptr_array_index (leaves, index));
  if (reading->texts->len == 0)
    return;
  guint k = (guint) g_test_rand_int_range (0, (gint32) reading->texts->len);
  const DsText *text = g_ptr_array_index (reading->texts, k);
  if (text->size == 0)
    return;
  gsize start = (gsize) g_test_rand_int_range (0, (gint32) text->size);
  gsize end = MIN (text->size, start + (gsize) g_test_rand_int_range (1, 20));
  while (start > 0 && ((guchar) text->utf8[start] & 0xc0) == 0x80)
    start--;
  while (end < text->size && ((guchar) text->utf8[end] & 0xc0) == 0x80)
    end++;
  DsTextEdit edit = { index, k, { start, end }, g_strdup (g_test_rand_bit () ? "[x removed]" : "y") };
  g_array_append_val (edits, edit);
}

/* Whether the leaf or one in its inner frames has an edit. */
static gboolean
is_edited (DsTree *tree, const DsPart *leaf, const GArray *edits)
{
  for (guint i = 0; i < edits->len; i++)
    for (const DsPart *at = g_ptr_array_index (ds_tree_leaves (tree), g_array_index (edits, DsTextEdit, i).leaf); at != NULL;
         at = at->frame->container)
      if (at == leaf)
        return TRUE;
  return FALSE;
}

/* Untouched leaves of frame 0 stand in the new bytes, in order and unchanged. */
static void
assert_others_kept (DsTree *tree, const GArray *edits, GBytes *bytes)
{
  gsize size = 0, at = 0;
  const char *data = g_bytes_get_data (bytes, &size);
  GPtrArray *leaves = ds_tree_leaves (tree);
  for (guint i = 0; i < leaves->len; i++)
    {
      const DsPart *leaf = g_ptr_array_index (leaves, i);
      if (leaf->frame != ds_tree_frame (tree) || leaf->start == leaf->end || is_edited (tree, leaf, edits))
        continue;
      const char *found = memmem (data + at, size - at, leaf->frame->data + leaf->start, leaf->end - leaf->start);
      g_assert_nonnull (found);
      at = (gsize) (found - data) + (leaf->end - leaf->start);
    }
}

/* Any part of mail of any shape can be replaced, and is gone then. */
static void
test_random_replacements (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GString) mail = g_string_new (seeds[g_test_rand_int_range (0, G_N_ELEMENTS (seeds))]);
      for (gint n = g_test_rand_int_range (0, 3); n > 0; n--)
        mutate (mail);
      g_autoptr (DsTree) tree = open_bytes (mail->str, mail->len);
      GPtrArray *leaves = ds_tree_leaves (tree);
      const DsPart *leaf = g_ptr_array_index (leaves, (guint) g_test_rand_int_range (0, (gint32) leaves->len));
      if (leaf->role != DS_PART_HEADER && leaf->role != DS_PART_BODY)
        continue;
      g_autoptr (GArray) edits = edits_for (tree, "4111", "x");
      g_autoptr (GPtrArray) replacements = tombstones (leaf->number);
      g_autofree char *failed = NULL;
      g_autoptr (GBytes) bytes = ds_tree_rewrite (tree, edits, replacements, NULL, &failed, NULL);
      if (bytes == NULL)
        continue; /* an edit in base64 with junk in it */
      gsize size = 0;
      const char *data = g_bytes_get_data (bytes, &size);
      g_autoptr (DsTree) after = open_bytes (data, size);
      assert_tiles (after);
      if (count_text (after, "Removed: ", NULL) < 1)
        g_error ("%s of\n%s\nbecame\n%.*s", leaf->number, mail->str, (int) size, data);
    }
}

static void
test_random_edits (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GString) mail = g_string_new (seeds[g_test_rand_int_range (0, G_N_ELEMENTS (seeds))]);
      for (gint n = g_test_rand_int_range (0, 4); n > 0; n--)
        mutate (mail);
      g_autoptr (DsTree) tree = open_bytes (mail->str, mail->len);
      g_autoptr (GArray) edits = new_edits ();
      for (gint n = g_test_rand_int_range (1, 5); n > 0; n--)
        add_random_edit (tree, edits);
      g_autoptr (GPtrArray) none = tombstones ("");
      g_autofree char *failed = NULL;
      g_autoptr (GBytes) bytes = ds_tree_rewrite (tree, edits, none, NULL, &failed, NULL);
      if (bytes == NULL)
        continue;
      assert_others_kept (tree, edits, bytes);
      gsize size = 0;
      const char *data = g_bytes_get_data (bytes, &size);
      g_autoptr (DsTree) after = open_bytes (data, size);
      assert_tiles (after);
    }
}

/* Outside the hull of a single edit, plain and quoted-printable bodies keep every byte. */
static void
test_hull (void)
{
  const char *mail = "Subject: x\nContent-Transfer-Encoding: quoted-printable\n\nA=42C caf=E9 card 41=\n11 end=3D \nlast\n";
  g_autofree char *got = rewritten_text (mail, "4111", "[x]", "");
  g_assert_cmpstr (got, ==, "Subject: x\nContent-Transfer-Encoding: quoted-printable\n\nA=42C caf=E9 card [x] end=3D \nlast\n");
}

/* base64 in quoted-printable in base64. */
static void
test_nested_frames (void)
{
  g_autoptr (DsTree) before = open_mail (seeds[3]);
  g_assert_cmpuint (count_text (before, "4111 x", "body"), ==, 1);
  g_autofree char *got = rewritten_text (seeds[3], "4111 x", "[credit-card removed]", "");
  g_autoptr (DsTree) after = open_mail (got);
  g_assert_cmpuint (count_text (after, "[credit-card removed]", "body"), ==, 1);
  g_assert_cmpuint (count_text (after, "4111", NULL), ==, 0);
  g_autofree char *one = outline (before), *two = outline (after);
  g_assert_cmpstr (one, ==, two);
}

static void
test_crlf_single_line (void)
{
  g_autofree char *got = rewritten_text ("Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\nNDExMQ==", "4111",
                                         "[x removed, x removed, x removed, x removed, x removed]", "");
  const char *body = strstr (got, "\r\n\r\n") + 4;
  g_assert_cmpuint (strcspn (body, "\r"), ==, 76);
  for (const char *at = body; (at = strchr (at, '\n')) != NULL; at++)
    g_assert_cmpint (at[-1], ==, '\r');
}

static void
assert_replaced (const char *mail, const char *numbers, const char *expected)
{
  g_autofree char *got = rewritten_text (mail, NULL, NULL, numbers);
  g_assert_cmpstr (got, ==, expected);
  g_autoptr (DsTree) after = open_mail (got);
  g_auto (GStrv) list = g_strsplit (numbers, " ", -1);
  for (char **number = list; *number != NULL; number++)
    {
      const DsPart *entity = ds_tree_find (after, *number);
      g_assert_nonnull (entity);
      g_assert_true (entity->is_tombstone);
      g_assert_cmpstr (entity->media_type, ==, "text/plain");
    }
}

#define FIRST_LF "Content-Type: text/plain; charset=utf-8\n"
#define OTHERS_LF "X-Deskshred: v=1; id=a1b2c3d4e5f6a7b8; type=image/png; size=1; time=2024-01-02T03:04:05Z; reason=verified\n"
#define FIELDS_LF FIRST_LF OTHERS_LF
#define TEXT_LF DS_TOMBSTONE_FIRST "\n\nWhat it was: .png file, 1 bytes\nType: image/png\nRemoved: 2024-01-02T03:04:05Z by the help desk\nReason: verified\nRecord: a1b2c3d4e5f6a7b8"

static void
test_replace_root (void)
{
  assert_replaced ("Subject: x\nContent-Type: text/html\nTo: y\n\n<p>\n", "1",
                   "Subject: x\nTo: y\nMIME-Version: 1.0\n" FIELDS_LF "\n" TEXT_LF "\n");
  assert_replaced ("Subject: x\r\nMIME-Version: 1.0\r\n\r\nbody", "0",
                   "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nX-Deskshred: v=1; id=a1b2c3d4e5f6a7b8; type=image/png; size=1; time=2024-01-02T03:04:05Z; reason=verified\r\n\r\n"
                   "[An attachment was removed here.]\r\n\r\nWhat it was: .png file, 1 bytes\r\nType: image/png\r\nRemoved: 2024-01-02T03:04:05Z by the help desk\r\nReason: verified\r\nRecord: a1b2c3d4e5f6a7b8\r\n");
  assert_replaced ("Subject: x", "0", "Subject: x\nMIME-Version: 1.0\n" FIELDS_LF "\n" TEXT_LF "\n");
}

#define MULTI "Content-Type: multipart/mixed; boundary=b\n\npre\n--b\nContent-Type: text/html\nContent-ID: <a>\n\none\n--b\n\ntwo\n--b--\npost\n"

/* A header that ends within a field which goes with the content: no empty line may stand in its place. */
static void
test_replace_cut_off (void)
{
  g_autofree char *got = rewritten_text ("Subject: x\nContent-Type: image/p", NULL, NULL, "1");
  g_assert_cmpstr (got, ==, "Subject: x\nMIME-Version: 1.0\n" TOMBSTONE_FIELDS "\n" TOMBSTONE_TEXT);
  g_autofree char *kept = rewritten_text ("Content-Type: image/png\nSubject: x", NULL, NULL, "1");
  g_assert_cmpstr (kept, ==, FIRST_LF "Subject: x\nMIME-Version: 1.0\n" OTHERS_LF "\n" TOMBSTONE_TEXT);
}

static void
test_replace_parts (void)
{
  assert_replaced (MULTI, "1", "Content-Type: multipart/mixed; boundary=b\n\npre\n--b\nContent-ID: <a>\n" FIELDS_LF "\n" TEXT_LF
                               "\n--b\n\ntwo\n--b--\npost\n");
  assert_replaced (MULTI, "2", "Content-Type: multipart/mixed; boundary=b\n\npre\n--b\nContent-Type: text/html\nContent-ID: <a>\n\none\n--b\n"
                               FIELDS_LF "\n" TEXT_LF "\n--b--\npost\n");
  assert_replaced (MULTI, "0", FIRST_LF "MIME-Version: 1.0\n" OTHERS_LF "\n" TEXT_LF "\n");
  /* The last part, never closed, without a final line break; a part of nothing at all. */
  assert_replaced ("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none", "1",
                   "Content-Type: multipart/mixed; boundary=b\n\n--b\n" FIELDS_LF "\n" TEXT_LF "\n");
  assert_replaced ("Content-Type: multipart/mixed; boundary=b\n\n--b\n--b--\n", "1",
                   "Content-Type: multipart/mixed; boundary=b\n\n--b\n" FIELDS_LF "\n" TEXT_LF "\n--b--\n");
}

static void
test_replace_messages (void)
{
  const char *mail = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nMIME-Version: 1.0\nSubject: in\n\nx\n--b--\n";
  assert_replaced (mail, "1", "Content-Type: multipart/mixed; boundary=b\n\n--b\n" FIELDS_LF "\n" TEXT_LF "\n--b--\n");
  assert_replaced (mail, "1.0", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"
                                "MIME-Version: 1.0\nSubject: in\n" FIELDS_LF "\n" TEXT_LF "\n--b--\n");
  g_autofree char *got = rewritten_text (seeds[3], NULL, NULL, "1.1");
  g_autoptr (DsTree) after = open_mail (got);
  g_assert_cmpuint (count_text (after, "Removed: ", NULL), ==, 1);
  g_assert_cmpuint (count_text (after, "4111", NULL), ==, 0);
}

/* A file that is opened as a message because it begins with a field still does so. */
static void
test_replace_message_files (void)
{
#define FILE_PART "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/octet-stream; name=a.eml\nContent-Transfer-Encoding: base64\n\n"
  static const char *const files[] = { "Content-Type: text/html\nFrom x\n\n<p>\n", "From a@b\nContent-Type: text/html\nSubject: y\n\n<p>\n",
                                       "Content-Type: text/html\nmalformed\nX-A: y\n\n<p>\n" };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *encoded = g_base64_encode ((const guchar *) files[i], strlen (files[i]));
      g_autofree char *mail = g_strconcat (FILE_PART, encoded, "\n--b--\n", NULL);
      g_autofree char *got = rewritten_text (mail, NULL, NULL, "1.1");
      g_autoptr (DsTree) before = open_mail (mail), after = open_mail (got);
      g_autofree char *one = outline (before), *two = outline (after);
      g_assert_cmpstr (one, ==, two);
      g_assert_true (ds_tree_find (after, "1.1")->is_tombstone);
    }
}

/* Files in plain text keep their numbers when one of them becomes a tombstone. */
static void
test_replace_uuencoded (void)
{
  assert_replaced (seeds[5], "1.1", "Subject: files\n\nhere\n" TEXT_LF "\nand\nbegin 644 c\n#86)C\n`\nend\n");
  g_autofree char *first = rewritten_text (seeds[5], NULL, NULL, "1.1");
  g_autofree char *both = rewritten_text (first, NULL, NULL, "1.2");
  g_assert_cmpstr (both, ==, "Subject: files\n\nhere\n" TEXT_LF "\nand\n" TEXT_LF "\n");
  g_autofree char *named = rewritten_text (seeds[5], "a b", "[x removed]", "");
  g_assert_nonnull (strstr (named, "begin 644 [x removed].txt\n"));
  g_autofree char *content = rewritten_text (seeds[5], "hello", "HELLO", "");
  g_assert_nonnull (strstr (content, "begin 644 a b.txt\n+2$5,3$\\@=V]R;&0`\n`\nend\n"));
}

/* Edits of what goes are dropped; those of header fields that stay are made. */
static void
test_edits_and_replacements (void)
{
  const char *mail = "Subject: card 4111\nContent-Type: text/plain; name=\"4111.txt\"\nMIME-Version: 1.0\n\nbody 4111\n";
  g_autofree char *got = rewritten_text (mail, "4111", "[x]", "1");
  g_assert_cmpstr (got, ==, "Subject: card [x]\nMIME-Version: 1.0\n" FIELDS_LF "\n" TEXT_LF "\n");
  g_autofree char *inner = rewritten_text (seeds[3], "4111", "[x]", "1 1.1.1");
  g_autoptr (DsTree) after = open_mail (inner);
  g_autofree char *shape = outline (after);
  g_assert_cmpstr (shape, ==, "0:header 1:body");
}

static void
test_errors (void)
{
  g_autoptr (DsTree) tree = open_mail (seeds[0]);
  g_autoptr (GArray) edits = new_edits ();
  g_autoptr (GPtrArray) wrong = tombstones ("7"), none = tombstones ("");
  g_autofree char *failed = NULL;
  g_autoptr (GError) error = NULL;
  g_assert_null (ds_tree_rewrite (tree, edits, wrong, NULL, &failed, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  DsTextEdit edit = { 1, 0, { 0, 100000 }, g_strdup ("x") };
  g_array_append_val (edits, edit);
  g_assert_null (ds_tree_rewrite (tree, edits, none, NULL, &failed, &error));
  g_assert_nonnull (error);
  g_assert_cmpstr (failed, ==, "1");
}

#define BASE64_MAIL "Subject: x\nContent-Transfer-Encoding: base64\n\n"

/* text in base64, and what a mailing list adds, with 4111 replaced by label: what is left of the footer is to be all of it. */
static void
assert_footer_kept (const char *text, const char *footer, const char *label)
{
  g_autofree char *encoded = g_base64_encode ((const guchar *) text, strlen (text));
  g_autofree char *mail = g_strconcat (BASE64_MAIL, encoded, "\n", footer, NULL);
  g_autofree char *got = rewritten_text (mail, "4111", label, "");
  g_assert_true (g_str_has_suffix (got, footer));
  got[strlen (got) - strlen (footer)] = '\0';
  /* Where mail programs stopped before they stop now, at the padding. */
  g_assert_cmpint (g_str_has_suffix (got, "=\n") || !g_str_has_suffix (encoded, "="), ==, TRUE);
  gsize size = 0;
  g_autofree guchar *decoded = g_base64_decode (got + strlen (BASE64_MAIL), &size);
  g_autofree char *now = g_strndup ((const char *) decoded, size);
  g_auto (GStrv) pieces = g_strsplit (text, "4111", 2);
  g_autofree char *wanted = g_strconcat (pieces[0], label, pieces[1], NULL);
  g_strchomp (now);
  g_strchomp (wanted);
  g_assert_cmpstr (now, ==, wanted);
}

static void
test_footers (void)
{
  static const char *const texts[] = { "my card is 4111 thanks.\n", "my card is 4111 thanks..\n", "my card is 4111 thanks...\n" };
  static const char *const footers[] = {
    "\n-- \nSales team of Example Ltd\n",
    "\n====================\nWork hours: Mon to Fri, 9:00. Ask for Bob!\n====================\n",
    "_______________________________________________\nhelp mailing list\nhelp@lists.example.org\n",
    "\n++++++++++++++++++++++++++++++++++++++++++++++++\nSee https://example.org/\n",
    "========\nRegards\n",
  };
  static const char *const labels[] = { "[x]", "[xy]", "[xyz]" };
  for (guint i = 0; i < G_N_ELEMENTS (texts) * G_N_ELEMENTS (footers) * G_N_ELEMENTS (labels); i++)
    assert_footer_kept (texts[i % 3], footers[i / 9], labels[i / 3 % 3]);
}

/* What is no base64 of one piece is let alone. */
static void
test_pieces_of_base64 (void)
{
  static const char *const bodies[] = {
    "bXkgY2FyZCBpcyA0MTEx\n--- important: call me at noon ---\nIHRoYW5rcy4KIHRoYW5rcy4KIHRoYW5rcy4KIHRoYW5rcy4K\n",
    "bXkgY2FyZCBpcyA0MTExCg==\nIHRoYW5rcy4KIHRoYW5rcy4KIHRoYW5rcy4KIHRoYW5rcy4K\n",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autofree char *mail = g_strconcat (BASE64_MAIL, bodies[i], NULL);
      g_autoptr (DsTree) tree = open_mail (mail);
      g_autoptr (GArray) edits = edits_for (tree, "4111", "[x]");
      g_autoptr (GPtrArray) none = tombstones ("");
      g_autofree char *failed = NULL;
      g_autoptr (GError) error = NULL;
      g_assert_cmpuint (edits->len, ==, 1);
      g_assert_null (ds_tree_rewrite (tree, edits, none, NULL, &failed, &error));
      g_assert_error (error, DS_ERROR, DS_ERROR_ITEM);
      g_assert_cmpstr (failed, ==, "1");
    }
}

/* A hundred thousand edits in one line, encoded or not: time is linear. */
static void
test_many_edits (void)
{
  static const char *const units[] = { "Content-Transfer-Encoding: quoted-printable\n\n", "Subject: x\n\n", "Subject: ",
                                       "X-A: x\nSubject: =?utf-8?q?=C3=A9?= ", "Content-Transfer-Encoding: base64\n\n" };
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    {
      g_autoptr (GString) mail = g_string_new (units[i]);
      for (guint k = 0; k < 100000; k++)
        g_string_append (mail, i == 4 ? "NDExMSA0" : i == 3 ? "4111 =?utf-8?q?4111?= " : "4111 abc ");
      g_string_append (mail, "\n\nx\n");
      gint64 start = g_get_monotonic_time ();
      g_autofree char *got = rewritten_text (mail->str, "4111", "[x]", "");
      g_assert_cmpint (g_get_monotonic_time () - start, <, 20 * G_TIME_SPAN_SECOND);
      g_assert_null (strstr (got, "4111"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_mime_init ();
  g_test_add_func ("/rewrite/no-edits", test_no_edits);
  g_test_add_func ("/rewrite/random-edits", test_random_edits);
  g_test_add_func ("/rewrite/random-replacements", test_random_replacements);
  g_test_add_func ("/rewrite/hull", test_hull);
  g_test_add_func ("/rewrite/nested-frames", test_nested_frames);
  g_test_add_func ("/rewrite/crlf-single-line", test_crlf_single_line);
  g_test_add_func ("/rewrite/replace/root", test_replace_root);
  g_test_add_func ("/rewrite/replace/cut-off", test_replace_cut_off);
  g_test_add_func ("/rewrite/replace/parts", test_replace_parts);
  g_test_add_func ("/rewrite/replace/messages", test_replace_messages);
  g_test_add_func ("/rewrite/replace/message-files", test_replace_message_files);
  g_test_add_func ("/rewrite/replace/uuencoded", test_replace_uuencoded);
  g_test_add_func ("/rewrite/edits-and-replacements", test_edits_and_replacements);
  g_test_add_func ("/rewrite/errors", test_errors);
  g_test_add_func ("/rewrite/footers", test_footers);
  g_test_add_func ("/rewrite/pieces-of-base64", test_pieces_of_base64);
  g_test_add_func ("/rewrite/many-edits", test_many_edits);
  return g_test_run ();
}
