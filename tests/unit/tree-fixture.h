/* What the tests of the part tree share: opening mail, the tiling property, editing every copy of a value. */
#pragma once
#include "content/agreement.h"
#include "content/reading.h"
#include "content/rewrite.h"
#include "content/tree.h"
#include <gmime/gmime.h>
#include <string.h>

G_GNUC_UNUSED static DsTree *
open_bytes (const char *data, gsize size)
{
  const DsLimits limits = DS_LIMITS_DEFAULT;
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  return ds_tree_open_mail (bytes, &limits);
}

G_GNUC_UNUSED static DsTree *
open_mail (const char *mail)
{
  return open_bytes (mail, strlen (mail));
}

/* Every byte of every frame belongs to exactly one leaf, in order. */
G_GNUC_UNUSED static void
assert_tiles (DsTree *tree)
{
  g_autoptr (GHashTable) ends = g_hash_table_new (NULL, NULL);
  GPtrArray *leaves = ds_tree_leaves (tree);
  g_hash_table_insert (ends, ds_tree_frame (tree), GSIZE_TO_POINTER (0));
  for (guint i = 0; i < leaves->len; i++)
    {
      const DsPart *leaf = g_ptr_array_index (leaves, i);
      g_assert_cmpuint (leaf->index, ==, i);
      g_assert_cmpuint (leaf->start, ==, GPOINTER_TO_SIZE (g_hash_table_lookup (ends, leaf->frame)));
      g_assert_cmpuint (leaf->end, >=, leaf->start);
      g_assert_cmpuint (leaf->end, <=, leaf->frame->size);
      g_hash_table_insert (ends, leaf->frame, GSIZE_TO_POINTER (leaf->end));
    }
  GHashTableIter iter;
  gpointer frame, end;
  g_hash_table_iter_init (&iter, ends);
  while (g_hash_table_iter_next (&iter, &frame, &end))
    g_assert_cmpuint (GPOINTER_TO_SIZE (end), ==, ((DsFrame *) frame)->size);
}

/* "0:header 1:body", and so on. */
G_GNUC_UNUSED static char *
outline (DsTree *tree)
{
  static const char *const names[] = { "entity", "header", "body", "preamble", "epilogue", "delimiter", "gap" };
  GString *out = g_string_new (NULL);
  GPtrArray *leaves = ds_tree_leaves (tree);
  for (guint i = 0; i < leaves->len; i++)
    {
      const DsPart *leaf = g_ptr_array_index (leaves, i);
      g_string_append_printf (out, "%s%s:%s", i > 0 ? " " : "", leaf->number, names[leaf->role]);
    }
  return g_string_free (out, FALSE);
}

G_GNUC_UNUSED static gboolean
has_problem (DsTree *tree, const char *part, const char *reason)
{
  GArray *problems = ds_tree_problems (tree);
  for (guint i = 0; i < problems->len; i++)
    {
      const DsProblem *problem = &g_array_index (problems, DsProblem, i);
      if (g_str_equal (problem->reason, reason) && (part == NULL || g_str_equal (problem->part, part)))
        return TRUE;
    }
  return FALSE;
}

/* How often value stands in the tree's texts; where: only there, unless NULL. */
G_GNUC_UNUSED static guint
count_text (DsTree *tree, const char *value, const char *where)
{
  guint found = 0;
  GPtrArray *leaves = ds_tree_leaves (tree);
  for (guint i = 0; i < leaves->len; i++)
    {
      DsPart *leaf = g_ptr_array_index (leaves, i);
      g_autoptr (DsReading) reading = ds_reading_new (tree, leaf);
      for (guint k = 0; k < reading->texts->len; k++)
        {
          const DsText *text = g_ptr_array_index (reading->texts, k);
          g_assert_true (g_utf8_validate_len (text->utf8, text->size, NULL) || memchr (text->utf8, 0, text->size) != NULL);
          g_assert_cmpuint (ds_span_map_output_size (text->map), ==, text->size);
          if (where != NULL && !g_str_equal (ds_text_where (leaf, text), where))
            continue;
          for (const char *at = text->utf8; (at = memmem (at, (gsize) (text->utf8 + text->size - at), value, strlen (value))) != NULL; at++)
            found++;
        }
    }
  return found;
}

G_GNUC_UNUSED static void
edit_clear (gpointer edit)
{
  g_free ((char *) ((DsTextEdit *) edit)->replacement);
}

G_GNUC_UNUSED static GArray *
new_edits (void)
{
  GArray *edits = g_array_new (FALSE, FALSE, sizeof (DsTextEdit));
  g_array_set_clear_func (edits, edit_clear);
  return edits;
}

/* An edit for every copy of value that has bytes to change. */
G_GNUC_UNUSED static GArray *
edits_for (DsTree *tree, const char *value, const char *label)
{
  GArray *edits = new_edits ();
  GPtrArray *leaves = ds_tree_leaves (tree);
  for (guint i = 0; i < leaves->len; i++)
    {
      g_autoptr (DsReading) reading = ds_reading_new (tree, g_ptr_array_index (leaves, i));
      for (guint k = 0; k < reading->texts->len; k++)
        {
          const DsText *text = g_ptr_array_index (reading->texts, k);
          const char *end = text->utf8 + text->size;
          for (const char *at = text->utf8; (at = memmem (at, (gsize) (end - at), value, strlen (value))) != NULL; at += strlen (value))
            {
              DsSpan span = { (gsize) (at - text->utf8), (gsize) (at - text->utf8) + strlen (value) };
              DsSpan hull = ds_span_map_hull (text->map, span.start, span.end);
              DsTextEdit edit = { i, k, span, g_strdup (label) };
              if (hull.start < hull.end)
                g_array_append_val (edits, edit);
              else
                g_free ((char *) edit.replacement);
            }
        }
    }
  return edits;
}

G_GNUC_UNUSED static void
replacement_free (gpointer data)
{
  DsReplacement *replacement = data;
  g_free (replacement->number);
  g_free (replacement->fields);
  g_free (replacement->text);
  g_free (replacement);
}

#define TOMBSTONE_FIELDS "Content-Type: text/plain; charset=utf-8\nX-Deskshred: v=1; id=a1b2c3d4e5f6a7b8; type=image/png; size=1; time=2024-01-02T03:04:05Z; reason=verified\n"
#define TOMBSTONE_TEXT DS_TOMBSTONE_FIRST "\n\nWhat it was: .png file, 1 bytes\nType: image/png\nRemoved: 2024-01-02T03:04:05Z by the help desk\nReason: verified\n" DS_TOMBSTONE_LAST "a1b2c3d4e5f6a7b8\n"

G_GNUC_UNUSED static GPtrArray *
tombstones (const char *numbers)
{
  GPtrArray *replacements = g_ptr_array_new_with_free_func (replacement_free);
  g_auto (GStrv) list = g_strsplit (numbers, " ", -1);
  for (guint i = 0; list[i] != NULL && *list[i] != '\0'; i++)
    {
      DsReplacement *replacement = g_new0 (DsReplacement, 1);
      *replacement = (DsReplacement){ g_strdup (list[i]), g_strdup (TOMBSTONE_FIELDS), g_strdup (TOMBSTONE_TEXT) };
      g_ptr_array_add (replacements, replacement);
    }
  return replacements;
}

/* The mail with every copy of value replaced, and the numbered parts ("1 2.1") too. */
G_GNUC_UNUSED static GBytes *
rewritten (DsTree *tree, const char *value, const char *label, const char *numbers)
{
  g_autoptr (GArray) edits = value != NULL ? edits_for (tree, value, label) : new_edits ();
  g_autoptr (GPtrArray) replacements = tombstones (numbers);
  g_autofree char *failed = NULL;
  g_autoptr (GError) error = NULL;
  GBytes *bytes = ds_tree_rewrite (tree, edits, replacements, NULL, &failed, &error);
  g_assert_no_error (error);
  return bytes;
}

G_GNUC_UNUSED static char *
rewritten_text (const char *mail, const char *value, const char *label, const char *numbers)
{
  g_autoptr (DsTree) tree = open_mail (mail);
  g_autoptr (GBytes) bytes = rewritten (tree, value, label, numbers);
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);
  return g_strndup (data, size);
}

/* Mail of every shape, for mutation and random edits. */
static const char *const seeds[] = {
  "From: a@example.org\nSubject: =?utf-8?q?M=C3=BCller?= 4111\n\nHello\nFrom here on\n",
  "From a@b Thu Jan  1 00:00:00 2026\r\nSubject: x\r\n folded\r\nTo: =?utf-8?b?w7xiZXI=?= <a@b>\r\n\r\nbody\r\n",
  "Content-Type: multipart/mixed; boundary=\"b\"\n\npre\n--b\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n"
  "<p>caf=C3=A9 =\nx</p>\n--b\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment;\n filename*0*=utf-8''%c3%a4;\n"
  " filename*1=b.txt\n\naGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQg\naGVsbG8gd29ybGQ=\n--b--\nepilogue\n",
  "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
  "U3ViamVjdDogeApDb250ZW50LVR5cGU6IG1lc3NhZ2UvcmZjODIyCkNvbnRlbnQtVHJhbnNmZXIt\n"
  "RW5jb2Rpbmc6IHF1b3RlZC1wcmludGFibGUKClN1YmplY3Q6IHk9MjAKCjQxMTE9MjB4Cg==\n",
  "Content-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=ab\n\n--ab\n\nx\n--ab--\n--a\n"
  "Content-Type: message/rfc822\n\nSubject: in\n\ny\n--a--\n",
  "Subject: files\n\nhere\nbegin 644 a b.txt\n+:&5L;&\\@=V]R;&0\n`\nend\nand\nbegin 644 c\n#86)C\n`\nend\n",
  "Content-Transfer-Encoding: x-uuencode\nContent-Type: text/csv\n\nbegin 644 c.txt\n#86)C\n`\nend\n",
  "Subject: b\n\nSGVsbG8gV29ybGQgSGVsbG8gV29ybGQgSGVsbG8gV29y\nSGVsbG8gV29ybGQgSGVsbG8gV29ybGQgSGVsbG8gV29y\n"
  "SGVsbG8gV29ybGQgSGVsbG8gV29ybGQgSGVsbG8gV29y\nSGVsbG8=\n",
  "Content-Type: multipart/report; boundary=r\n\n--r\n\nno\n--r\nContent-Type: text/rfc822-headers\n\nSubject: z\nTo: c@d\n--r--\n",
  "Subject: m\rContent-Transfer-Encoding: quoted-printable\r\rsoft =\rbreak=20\r",
  " \nFrom: x\n\nContent-Type: text/plain\n",
  "",
};

/* One random change: bytes overwritten, lines moved or doubled, a piece of another seed put in. */
G_GNUC_UNUSED static void
mutate (GString *mail)
{
  guint32 kind = (guint32) g_test_rand_int_range (0, 5);
  gsize at = mail->len > 0 ? (gsize) g_test_rand_int_range (0, (gint32) mail->len) : 0;
  gsize length = mail->len > at ? (gsize) g_test_rand_int_range (0, (gint32) MIN (mail->len - at, 60) + 1) : 0;
  static const char *const bits[] = { "\n", "\r\n", "--b\n", "--b--\n", "--a", ":", "=", "\r", "begin 644 x\n", "end\n",
                                      "=?utf-8?q?", "?=", "Content-Type: message/rfc822\n", "\n\n", " ", "From ",
                                      "Content-Transfer-Encoding: base64\n" };
  const char *other = seeds[g_test_rand_int_range (0, G_N_ELEMENTS (seeds))];
  gsize from = (gsize) g_test_rand_int_range (0, (gint32) strlen (other) + 1);
  if (kind == 0)
    g_string_erase (mail, (gssize) at, (gssize) length);
  else if (kind == 1)
    g_string_insert (mail, (gssize) at, bits[g_test_rand_int_range (0, G_N_ELEMENTS (bits))]);
  else if (kind == 2)
    g_string_insert_len (mail, (gssize) at, other + from, (gssize) MIN (strlen (other) - from, 200));
  else if (kind == 3 && mail->len > 0)
    mail->str[at] = (char) g_test_rand_int_range (0, 256);
  else
    {
      g_autofree char *copy = g_memdup2 (mail->str + at, length);
      g_string_insert_len (mail, (gssize) at, copy, (gssize) length);
    }
}
