/* Any bytes as a mail, through what a worker does: found by the shipped packs, with further copies and with words that
 * somebody gave, edited, parsed again.  The worker's own proof may refuse a hostile mail, but not because a part changed that
 * nobody asked to change.  What it lets through is judged anew: the same tree, tiled; nothing changed but the spans; no value
 * that was to go is found again, by rule or by search; redacting again finds none of them and changes nothing. */
#include "config.h"
#include "edits.h"
#include "action/replacement.h"
#include "content/preload.h"
#include "content/reading.h"
#include "detect/value.h"
#include "worker/blob-work.h"
#include <stdlib.h>
#include <string.h>

static const DsBlobForm as_mail = { FALSE, NULL, NULL };
static DsWorkSetup setup = { .limits = DS_LIMITS_DEFAULT };
static const char *places[] = { "body", "attachment", "filename", "subject", "headers", "metadata", NULL };

static void
set_up (void)
{
  const char *folder = g_getenv ("DS_RULES");
  g_autoptr (GError) error = NULL;
  ds_content_preload ();
  g_autoptr (GPtrArray) packs = ds_packs_load (folder != NULL ? folder : "rules", NULL, NULL, &error);
  fuzz_require (packs != NULL, "set DS_RULES: %s", error->message);
  setup.matcher = ds_matcher_new (packs, NULL, &error);
  fuzz_require (setup.matcher != NULL, "%s", error->message);
  setup.key = ds_site_key_new_random ();
}

static DsScanReply *
scan (GBytes *blob, DsScanFlags flags, GPtrArray *values, const DsValueSet *set)
{
  const DsScanRequest request = { as_mail, flags, 0 };
  g_autoptr (DsScanReply) reply = ds_work_scan (&setup, values, set, blob, &request);
  /* As it goes over the socket. */
  g_autoptr (GBytes) body = ds_scan_reply_write (reply);
  DsScanReply *read = ds_scan_reply_read (body);
  fuzz_require (read != NULL, "an honest reply is refused");
  return read;
}

/* What is to go: the distinctive values of the findings, as the closure takes them, and words that were given. */
typedef struct
{
  GPtrArray *values; /* of DsWantedValue */
  DsValueSet *set;
  GHashTable *fingerprints; /* of the distinctive ones */
} Wanted;

static void
want (Wanted *wanted, DsKind kind, gboolean given, gboolean literal, const char *text)
{
  DsWantedValue *value = g_new0 (DsWantedValue, 1);
  *value = (DsWantedValue){ kind, given, literal, g_strdup (text) };
  g_ptr_array_add (wanted->values, value);
  ds_value_set_add (wanted->set, value->value, value->literal);
}

/* A word of some text, as a person might give one. */
static void
want_some_word (Wanted *wanted, DsTree *tree, GRand *choices)
{
  GPtrArray *leaves = ds_tree_leaves (tree);
  g_autoptr (DsReading) reading = ds_reading_new (tree, g_ptr_array_index (leaves, g_rand_int (choices) % leaves->len));
  const DsText *text = reading->texts->len > 0 ? g_ptr_array_index (reading->texts, g_rand_int (choices) % reading->texts->len) : NULL;
  if (text == NULL || text->size == 0)
    return;
  gsize at = g_rand_int (choices) % text->size;
  while (at > 0 && g_ascii_isalnum (text->utf8[at - 1]))
    at--;
  gsize end = at;
  while (end < text->size && g_ascii_isalnum (text->utf8[end]))
    end++;
  g_autofree char *word = g_strndup (text->utf8 + at, end - at);
  if (end - at >= 4)
    want (wanted, DS_KIND_PERSON, TRUE, FALSE, word);
}

static void
wanted_clear (Wanted *wanted)
{
  g_ptr_array_unref (wanted->values);
  ds_value_set_free (wanted->set);
  g_hash_table_unref (wanted->fingerprints);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wanted, wanted_clear)

static void
wanted_init (Wanted *wanted, const DsScanReply *reply, DsTree *tree, GRand *choices)
{
  wanted->values = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_wanted_value_free);
  wanted->set = ds_value_set_new ();
  wanted->fingerprints = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < reply->findings->len; i++)
    {
      const DsFinding *f = g_ptr_array_index (reply->findings, i);
      if (f->fixed || !ds_value_is_distinctive (f->kind, f->proved, f->value))
        continue;
      g_hash_table_add (wanted->fingerprints, g_strdup (f->fingerprint));
      want (wanted, f->kind, FALSE, ds_value_keeps_punctuation (f->kind), f->value);
    }
  if (g_rand_int (choices) % 2 == 0)
    want_some_word (wanted, tree, choices);
  ds_value_set_build (wanted->set);
}

static void
add_edits (const DsScanReply *reply, FuzzOrder *order)
{
  for (guint i = 0; i < reply->findings->len; i++)
    {
      const DsFinding *f = g_ptr_array_index (reply->findings, i);
      if (!f->fixed)
        fuzz_order_add_edit (order, f->leaf, f->text, f->start, f->end,
                             ds_replacement_for_span (f->kind, f->origin == DS_ORIGIN_GIVEN, (DsQuoting) f->quoting, i + 1));
    }
}

static DsRewriteReply *
rewrite (GBytes *blob, const FuzzOrder *order, const DsValueSet *set)
{
  /* As it goes over the socket. */
  const DsRewriteRequest asked = { as_mail, order->edits, order->replacements, places, 0 };
  g_autoptr (GBytes) body = ds_rewrite_request_write (&asked);
  DsRewriteRequest request;
  ds_rewrite_request_read (body, &request);
  DsRewriteReply *reply = ds_work_rewrite (&setup, set, blob, &request);
  ds_rewrite_request_clear (&request);
  fuzz_require ((reply->bytes == NULL) == (reply->error != NULL), "bytes or an error, not both or neither");
  fuzz_count (reply->error == NULL ? "rewritten" : reply->error);
  return reply;
}

/* ---- judging ---- */

static void
require_gone (GBytes *after, const Wanted *wanted)
{
  g_autoptr (DsScanReply) copies = scan (after, DS_SCAN_VALUES, wanted->values, wanted->set);
  for (guint i = 0; i < copies->findings->len; i++)
    {
      const DsFinding *f = g_ptr_array_index (copies->findings, i);
      fuzz_require (f->fixed, "a value that was to go is in part %s, %s, at %zu", f->part, f->text_label, f->start);
    }
}

/* What the rules find now was not to go before; if it is nothing, redacting again changes nothing. */
static void
require_settled (GBytes *after, const Wanted *wanted)
{
  g_autoptr (DsScanReply) found = scan (after, DS_SCAN_RULES | DS_SCAN_KEEP_VALUES, NULL, NULL);
  for (guint i = 0; i < found->findings->len; i++)
    {
      const DsFinding *f = g_ptr_array_index (found->findings, i);
      fuzz_require (f->fixed || !g_hash_table_contains (wanted->fingerprints, f->fingerprint),
                    "the rule %s finds a value again that was to go, in part %s, %s, at %zu", f->rule, f->part, f->text_label, f->start);
    }
  g_auto (FuzzOrder) order;
  fuzz_order_init (&order);
  add_edits (found, &order);
  fuzz_count (order.edits->len == 0 ? "nothing found in what was redacted" : "something new found in what was redacted");
  if (order.edits->len > 0)
    return;
  DsRewriteReply *again = rewrite (after, &order, wanted->set);
  fuzz_require (again->bytes != NULL && g_bytes_equal (again->bytes, after), "redacting again changes something");
  ds_rewrite_reply_free (again);
}

static void
redact (GBytes *blob, DsTree *tree, GRand *choices)
{
  g_autoptr (DsScanReply) found = scan (blob, DS_SCAN_RULES | DS_SCAN_KEEP_VALUES, NULL, NULL);
  g_auto (Wanted) wanted;
  wanted_init (&wanted, found, tree, choices);
  g_autoptr (DsScanReply) copies = scan (blob, DS_SCAN_VALUES, wanted.values, wanted.set);
  g_auto (FuzzOrder) order;
  fuzz_order_init (&order);
  add_edits (found, &order);
  add_edits (copies, &order);
  DsRewriteReply *reply = rewrite (blob, &order, wanted.set);
  fuzz_require (reply->error == NULL || !g_str_equal (reply->error, DS_REFUSAL_UNASKED) || fuzz_may_shift (tree, &order), "%s", reply->error);
  if (order.edits->len == 0 && reply->bytes != NULL)
    fuzz_require (g_bytes_equal (reply->bytes, blob), "nothing was found, and yet bytes changed");
  else if (reply->bytes != NULL)
    {
      g_autoptr (DsTree) after = ds_work_open (&setup, reply->bytes, &as_mail);
      fuzz_require_tiled (after);
      if (!fuzz_same_structure (tree, after))
        {
          fuzz_tell ("before", tree);
          fuzz_tell ("after", after);
          fuzz_require (FALSE, "another structure was let through");
        }
      fuzz_require_edited (tree, &order, after);
      require_gone (reply->bytes, &wanted);
      require_settled (reply->bytes, &wanted);
    }
  ds_rewrite_reply_free (reply);
}

static void
shred (GBytes *blob, DsTree *tree, GRand *choices)
{
  g_auto (FuzzOrder) order;
  fuzz_order_init (&order);
  if (!fuzz_order_choose_part (&order, tree, choices))
    return;
  DsRewriteReply *reply = rewrite (blob, &order, NULL);
  if (reply->bytes != NULL)
    {
      g_autoptr (DsTree) after = ds_work_open (&setup, reply->bytes, &as_mail);
      fuzz_require_tiled (after);
      fuzz_require_replaced (tree, &order, after);
    }
  ds_rewrite_reply_free (reply);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (setup.matcher == NULL)
    set_up ();
  if (size == 0)
    return 0;
  g_autoptr (GBytes) blob = g_bytes_new (data, size);
  g_autoptr (DsTree) tree = ds_work_open (&setup, blob, &as_mail);
  GRand *choices = fuzz_choices (data, size);
  if (g_rand_int (choices) % 5 == 0)
    shred (blob, tree, choices);
  else
    redact (blob, tree, choices);
  g_rand_free (choices);
  return 0;
}
