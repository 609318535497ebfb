/* What the parent takes from a worker, and what it refuses. */
#include "config.h"
#include "content/preload.h"
#include "content/text.h"
#include "content/tree.h"
#include "worker/blob-work.h"
#include "worker/task.h"
#include <string.h>

static gboolean
is_taken (const char *error, const char *part, gboolean with_bytes)
{
  DsRewriteReply reply = { NULL, error, (char *) part, 1 };
  g_autoptr (GBytes) body = ds_rewrite_reply_write (&reply);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr (DsRewriteReply) read = ds_rewrite_reply_read (body, with_bytes ? bytes : NULL);
  return read != NULL;
}

/* A worker that a hostile mail took over must not get its words into ledger and output. */
static void
test_rewrite_reply (void)
{
  g_assert_true (is_taken (NULL, NULL, TRUE));
  g_assert_true (is_taken (DS_REFUSAL_LEFT, "1.2", FALSE));
  g_assert_true (is_taken (DS_REFUSAL_PART, "1.2", FALSE));
  g_assert_false (is_taken (NULL, NULL, FALSE));
  g_assert_false (is_taken ("card 4111 1111 1111 1111", NULL, FALSE));
  g_assert_false (is_taken ("card 4111 1111 1111 1111", NULL, TRUE));
  g_assert_false (is_taken (DS_REFUSAL_LEFT, "jane@example.org", FALSE));
  g_assert_false (is_taken (NULL, "jane@example.org", TRUE));
}

#define DIGEST "0123456789abcdef0123456789abcdef"

static DsScanReply *
honest_reply (void)
{
  DsScanReply *reply = g_new0 (DsScanReply, 1);
  DsFinding *finding = g_new0 (DsFinding, 1);
  *finding = (DsFinding){ .origin = DS_ORIGIN_RULE, .part = g_ref_string_new ("1.2"), .text_label = g_ref_string_new ("header:Subject"),
                          .where = "subject", .extension = g_ref_string_new ("pdf"), .media_type = g_ref_string_new ("text/plain"),
                          .rule = g_ref_string_new ("iban-de"), .kind = DS_KIND_IBAN, .score = 90, .start = 3, .end = 7, .proved = TRUE,
                          .masked = g_strdup ("***3000"), .fingerprint = DIGEST };
  DsPartInfo *part = g_new0 (DsPartInfo, 1);
  *part = (DsPartInfo){ g_strdup ("1"), g_strdup ("text/plain"), g_strdup ("txt"), 5, FALSE, FALSE };
  DsNotLookedAt *blind = g_new0 (DsNotLookedAt, 1);
  *blind = (DsNotLookedAt){ g_strdup ("2"), DS_REASON_ENCRYPTED };
  reply->own = g_strdup (DIGEST);
  reply->references = g_strsplit (DIGEST, " ", -1);
  reply->ticket = g_strdup ("4711");
  reply->findings = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_finding_free);
  reply->not_looked_at = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_not_looked_at_free);
  reply->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_part_info_free);
  g_ptr_array_add (reply->findings, finding);
  g_ptr_array_add (reply->not_looked_at, blind);
  g_ptr_array_add (reply->parts, part);
  return reply;
}

static gboolean
scan_is_taken (const DsScanReply *reply)
{
  g_autoptr (GBytes) body = ds_scan_reply_write (reply);
  g_autoptr (DsScanReply) read = ds_scan_reply_read (body);
  return read != NULL;
}

/* The same but for one text, which is the worker's to choose. */
static void
assert_text_refused (DsScanReply *reply, char **field, const char *lie)
{
  g_test_message ("%s", lie);
  g_assert_true (scan_is_taken (reply));
  char *kept = *field;
  *field = (char *) lie;
  gboolean taken = scan_is_taken (reply);
  *field = kept;
  g_assert_false (taken);
}

static void
test_scan_reply (void)
{
  g_autoptr (DsScanReply) reply = honest_reply ();
  DsFinding *finding = g_ptr_array_index (reply->findings, 0);
  DsPartInfo *part = g_ptr_array_index (reply->parts, 0);
  DsNotLookedAt *blind = g_ptr_array_index (reply->not_looked_at, 0);
  static const char name[] = "jane@example.org";
  assert_text_refused (reply, &finding->part, name);
  assert_text_refused (reply, &finding->text_label, name);
  assert_text_refused (reply, &finding->extension, "jane");
  assert_text_refused (reply, &finding->media_type, name);
  assert_text_refused (reply, &finding->media_type, "text/4111111111111111");
  assert_text_refused (reply, &finding->rule, name);
  assert_text_refused (reply, &finding->masked, "a\033[31mred");
  assert_text_refused (reply, &finding->masked, "Harriet Quillfeather, 12 Long Lane, 12345 Example Town, and so on and on");
  g_strlcpy (finding->fingerprint, "jane@example.org, of thirty-two..", sizeof finding->fingerprint);
  g_assert_false (scan_is_taken (reply));
  g_strlcpy (finding->fingerprint, DIGEST, sizeof finding->fingerprint);
  assert_text_refused (reply, &part->number, name);
  assert_text_refused (reply, &part->media_type, name);
  assert_text_refused (reply, &part->extension, "jane");
  assert_text_refused (reply, &blind->part, name);
  assert_text_refused (reply, (char **) &blind->reason, "card 4111 1111 1111 1111");
  assert_text_refused (reply, (char **) &finding->where, "attic");
  assert_text_refused (reply, &reply->own, name);
  assert_text_refused (reply, &reply->references[0], name);
  assert_text_refused (reply, &reply->ticket, name);
}

/* What would send the parent beyond its tables, or a text. */
static void
test_scan_numbers (void)
{
  g_autoptr (DsScanReply) reply = honest_reply ();
  DsFinding *finding = g_ptr_array_index (reply->findings, 0), good = *finding;
  const DsFinding bad[] = { { .origin = 99 }, { .kind = (DsKind) DS_N_KINDS }, { .score = 101 }, { .start = 7 }, { .quoting = 99 } };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      finding->origin = bad[i].origin != 0 ? bad[i].origin : good.origin;
      finding->kind = bad[i].kind != 0 ? bad[i].kind : good.kind;
      finding->score = bad[i].score != 0 ? bad[i].score : good.score;
      finding->start = bad[i].start != 0 ? bad[i].start : good.start;
      finding->quoting = bad[i].quoting;
      g_assert_false (scan_is_taken (reply));
      *finding = good;
      g_assert_true (scan_is_taken (reply));
    }
}

/* ---- the worker's proof, from outside ---- */

static const char *places[] = { "body", "headers", "metadata", "subject", NULL };

/* What comes of edits, the parent's or somebody else's; set: values that are to go, or NULL. */
static DsRewriteReply *
rewrite (const char *mail, GArray *edits, const DsValueSet *set)
{
  g_autoptr (GBytes) blob = g_bytes_new_static (mail, strlen (mail));
  const DsWorkSetup setup = { .limits = DS_LIMITS_DEFAULT };
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  const DsRewriteRequest request = { { FALSE, NULL, NULL }, edits, none, places, 0 };
  return ds_work_rewrite (&setup, set, blob, &request);
}

static GArray *
one_edit (guint leaf, gsize start, gsize end, const char *replacement)
{
  GArray *edits = g_array_new (FALSE, FALSE, sizeof (DsTextEdit));
  DsTextEdit edit = { leaf, 0, { start, end }, replacement };
  g_array_append_val (edits, edit);
  return edits;
}

/* A header's line that would become the body's is no change that was asked for. */
static void
test_header_into_body (void)
{
  g_autoptr (GArray) edits = one_edit (0, 0, 4, "[value removed]");
  DsTextEdit body = { 1, 0, { 0, 3 }, "[value removed]" };
  g_array_append_val (edits, body);
  g_autoptr (DsRewriteReply) reply = rewrite ("From jane Wed May  1 12:00:00 224\nno colon\n--x\n\nbody\n", edits, NULL);
  g_assert_cmpstr (reply->error, ==, DS_REFUSAL_STRUCTURE);
}

#define PARTS "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n"

/* Nor is a further part, or one less. */
static void
test_other_parts (void)
{
  g_autoptr (GArray) more = one_edit (4, 0, 3, "x\n--b\n\ny"), less = one_edit (4, 0, 3, "x\n--b--\n");
  g_autoptr (DsRewriteReply) one = rewrite (PARTS, more, NULL), two = rewrite (PARTS, less, NULL);
  g_assert_cmpstr (one->error, ==, DS_REFUSAL_STRUCTURE);
  g_assert_cmpstr (two->error, ==, DS_REFUSAL_STRUCTURE);
}

/* The end of a header's last field would be the beginning of the body: same parts, same fields, but another body. */
static void
test_untouched (void)
{
  g_autoptr (GArray) edits = one_edit (0, 0, 1, "x\n\ny");
  g_autoptr (DsRewriteReply) reply = rewrite ("Subject: a b\n\nbody\n", edits, NULL);
  g_assert_cmpstr (reply->error, ==, DS_REFUSAL_UNASKED);
}

/* Where a body ends may be a guess: a short word behind a ruler is the footer's, and base64 again without the ruler. */
static void
test_unmeant (void)
{
  static const char mail[] = "Content-Transfer-Encoding: base64\n\nMTIzNDEx\nMTEx\n====\nRegards\n-- \nlist 4222\n";
  g_autoptr (GArray) ruler = one_edit (1, 3, 8, "[xyz]"), word = one_edit (1, 3, 8, "[xyz]");
  DsTextEdit first = { 2, 0, { 0, 4 }, "[x]" }, second = { 2, 0, { 21, 25 }, "[x]" };
  g_array_append_val (ruler, first);
  g_array_append_val (word, second);
  g_autoptr (DsRewriteReply) one = rewrite (mail, ruler, NULL), two = rewrite (mail, word, NULL);
  g_assert_cmpstr (one->error, ==, DS_REFUSAL_UNMEANT);
  g_assert_null (two->error);
}

/* A value that was to go, and stands in a place that was asked for, is left. */
static void
test_left (void)
{
  static const char mail[] = "Subject: x\n\ncard 4111 1111 1111 1111, and 4111-1111-1111-1111\n";
  g_autoptr (DsValueSet) set = ds_value_set_new ();
  g_assert_true (ds_value_set_add (set, "4111111111111111", FALSE));
  ds_value_set_build (set);
  g_autoptr (GArray) first = one_edit (1, 5, 24, "[credit-card removed]"), both = one_edit (1, 5, 24, "[credit-card removed]");
  DsTextEdit second = { 1, 0, { 30, 49 }, "[credit-card removed]" };
  g_array_append_val (both, second);
  g_autoptr (DsRewriteReply) one = rewrite (mail, first, set), two = rewrite (mail, both, set);
  g_assert_cmpstr (one->error, ==, DS_REFUSAL_LEFT);
  g_assert_null (two->error);
}

/* What stands where the card was found in a field of addresses, with its place. */
static void
check_place (const char *field, const char *replaced, DsQuoting quoting)
{
  g_autofree char *mail = g_strconcat (field, "\n\nx\n", NULL);
  g_autoptr (GBytes) blob = g_bytes_new (mail, strlen (mail));
  g_autoptr (DsSiteKey) key = ds_site_key_new_random ();
  const DsWorkSetup setup = { .limits = DS_LIMITS_DEFAULT, .key = key };
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_wanted_value_free);
  DsWantedValue *value = g_new0 (DsWantedValue, 1);
  *value = (DsWantedValue){ DS_KIND_CREDIT_CARD, FALSE, FALSE, g_strdup ("4111111111111111") };
  g_ptr_array_add (values, value);
  g_autoptr (DsValueSet) set = ds_value_set_new ();
  ds_value_set_add (set, value->value, value->literal);
  ds_value_set_build (set);
  const DsScanRequest request = { { FALSE, NULL, NULL }, DS_SCAN_VALUES, 0 };
  g_autoptr (DsScanReply) reply = ds_work_scan (&setup, values, set, blob, &request);
  g_assert_cmpuint (reply->findings->len, ==, 1);
  const DsFinding *finding = g_ptr_array_index (reply->findings, 0);
  const char *text = strchr (field, ':') + 1;
  g_autofree char *got = g_strndup (text + finding->start, finding->end - finding->start);
  g_assert_cmpstr (got, ==, replaced);
  g_assert_cmpuint (finding->quoting, ==, quoting);
}

/* Of an address nothing may be left that is none. */
static void
test_in_addresses (void)
{
  check_place ("From: K <4111111111111111@example.net>", "4111111111111111@example.net", DS_QUOTING_ADDRESS);
  check_place ("To: a@b, k-4111111111111111@example.net", "k-4111111111111111@example.net", DS_QUOTING_ADDRESS);
  check_place ("Cc: k@[4111111111111111]; c@d", "k@[4111111111111111]", DS_QUOTING_ADDRESS);
  check_place ("To: 4111-1111-1111-1111 <a@b>", "4111-1111-1111-1111", DS_QUOTING_STRING);
  check_place ("To: \"4111111111111111@b\" <a@b>", "4111111111111111", DS_QUOTING_NONE);
  check_place ("Subject: 4111111111111111@example.net", "4111111111111111", DS_QUOTING_NONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ds_content_preload ();
  g_test_add_func ("/reply/rewrite", test_rewrite_reply);
  g_test_add_func ("/reply/scan", test_scan_reply);
  g_test_add_func ("/reply/scan-numbers", test_scan_numbers);
  g_test_add_func ("/reply/header-into-body", test_header_into_body);
  g_test_add_func ("/reply/other-parts", test_other_parts);
  g_test_add_func ("/reply/untouched", test_untouched);
  g_test_add_func ("/reply/unmeant", test_unmeant);
  g_test_add_func ("/reply/left", test_left);
  g_test_add_func ("/reply/in-addresses", test_in_addresses);
  return g_test_run ();
}
