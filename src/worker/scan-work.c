#include "config.h"
#include "worker/blob-work.h"
#include "content/agreement.h"
#include "content/reading.h"
#include "content/thread.h"
#include "detect/value.h"
#include <string.h>

void
ds_wanted_value_free (DsWantedValue *value)
{
  explicit_bzero (value->value, strlen (value->value));
  g_free (value->value);
  g_free (value);
}

typedef struct
{
  const DsWorkSetup *setup;
  GPtrArray *values;
  const DsValueSet *set;
  DsScanFlags flags;
  guint min_score;
  DsTree *tree;
  DsScanReply *reply;
  /* Findings come in order: the quotes before the last one need not be counted again for the next. */
  gsize quotes_to;
  guint quotes;
} Scan;

/* Header fields that are named in findings.  Any other name is the sender's to choose, and could say something. */
static const char *const known_fields[] = {
  "apparently-to", "authentication-results", "bcc", "cc", "comments", "content-description", "content-disposition", "content-location",
  "content-type", "delivered-to", "disposition-notification-to", "envelope-to", "errors-to", "from", "keywords", "list-id",
  "list-unsubscribe", "mail-followup-to", "organization", "received", "received-spf", "reply-to", "resent-cc", "resent-from",
  "resent-sender", "resent-to", "return-path", "return-receipt-to", "sender", "subject", "thread-topic", "to", "user-agent",
  "x-envelope-from", "x-envelope-to", "x-forwarded-to", "x-mailer", "x-original-to", "x-originating-ip", "x-sender", NULL,
};

static char *
safe_label (const DsText *text)
{
  if (text->kind != DS_TEXT_HEADER || text->name == NULL)
    return ds_text_label (text);
  g_autofree char *lower = g_ascii_strdown (text->name, -1);
  return g_strv_contains (known_fields, lower) ? ds_text_label (text) : g_strdup ("header:other");
}

/* A file's type is the help desk's word, and may be the sender's. */
static char *
safe_media_type (const char *type)
{
  return g_strdup (ds_task_is_media_type (type) ? type : "application/octet-stream");
}

static DsFinding *
add_finding (Scan *scan, const DsReading *reading, guint text_index, DsKind kind, const char *normal)
{
  const DsText *text = g_ptr_array_index (reading->texts, text_index);
  const DsPart *entity = ds_part_entity (reading->leaf);
  DsFinding *finding = g_new0 (DsFinding, 1);
  finding->leaf = reading->leaf->index;
  finding->text = text_index;
  finding->part = g_strdup (reading->leaf->number);
  finding->text_label = safe_label (text);
  finding->where = ds_where_intern (ds_text_where (reading->leaf, text));
  finding->extension = ds_extension (entity->filename);
  finding->media_type = safe_media_type (entity->media_type);
  finding->kind = kind;
  finding->masked = ds_value_mask (kind, normal);
  if (!ds_task_is_masked (finding->masked))
    {
      g_free (finding->masked);
      finding->masked = g_strdup ("***");
    }
  finding->fingerprint = ds_value_fingerprint (scan->setup->key, kind, normal);
  finding->value = scan->flags & DS_SCAN_KEEP_VALUES ? g_strdup (normal) : NULL;
  g_ptr_array_add (scan->reply->findings, finding);
  return finding;
}

/* In an address header an address becomes another one; any other label stands in quotes, being no atoms (RFC 5322, 3.2),
 * unless it is in quotes already, or in words that are encoded again as a whole. */
static DsQuoting
quoting_in_address (Scan *scan, const DsText *text, DsKind kind, gsize start)
{
  if (kind == DS_KIND_EMAIL)
    return DS_QUOTING_ADDRESS;
  for (guint i = 0; text->runs != NULL && i < text->runs->len; i++)
    {
      const DsEncodedRun *run = &g_array_index (text->runs, DsEncodedRun, i);
      if (start >= run->span.start && start < run->span.end)
        return DS_QUOTING_NONE;
    }
  if (start < scan->quotes_to)
    scan->quotes_to = scan->quotes = 0;
  for (; scan->quotes_to < start; scan->quotes_to++)
    {
      gsize i = scan->quotes_to;
      scan->quotes += text->utf8[i] == '"' && (i == 0 || text->utf8[i - 1] != '\\');
    }
  return scan->quotes % 2 == 1 ? DS_QUOTING_NONE : DS_QUOTING_STRING;
}

/* Where an edit would go: its quoting, and whether there are bytes to change at all. */
static void
place_finding (Scan *scan, const DsText *text, DsFinding *finding, gsize start, gsize end)
{
  finding->start = start;
  finding->end = end;
  finding->quoting = ds_text_quoting_at (text, start);
  if (finding->quoting == DS_QUOTING_ADDRESS)
    finding->quoting = quoting_in_address (scan, text, finding->kind, start);
  DsSpan hull = ds_span_map_hull (text->map, start, end);
  finding->fixed = hull.start == hull.end;
}

/* How many findings the blob may still have. */
static guint
room_for_findings (const Scan *scan)
{
  guint most = scan->setup->limits.findings;
  return most - MIN (most, scan->reply->findings->len);
}

static GPtrArray *
match_rules (Scan *scan, const DsReading *reading, const DsFolded *folded)
{
  GPtrArray *matches = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_match_free);
  DsMatcherLimits struck = ds_matcher_run (scan->setup->matcher, folded, room_for_findings (scan), matches);
  if (struck & DS_MATCHER_EFFORT)
    ds_tree_add_problem (scan->tree, reading->leaf, DS_REASON_MATCH);
  if (struck & DS_MATCHER_TOO_MANY)
    ds_tree_add_problem (scan->tree, reading->leaf, DS_REASON_FINDINGS);
  ds_matches_settle (matches, folded, scan->min_score);
  return matches;
}

/* In a file's name the extension is no part of a value, unless the value is nothing without it: what is found in the name
 * before it counts first, so that "anna@example.org.pdf" stays a PDF. */
static GPtrArray *
match_file_name (Scan *scan, const DsReading *reading, const DsText *text)
{
  g_autofree char *extension = ds_extension (text->utf8);
  if (extension == NULL || strlen (text->utf8) != text->size)
    return NULL;
  g_autofree char *stem = g_strndup (text->utf8, text->size - strlen (extension) - 1);
  g_autoptr (DsFolded) folded = ds_fold (stem, strlen (stem), FALSE, FALSE);
  g_autoptr (GPtrArray) matches = match_rules (scan, reading, folded);
  return matches->len > 0 ? g_steal_pointer (&matches) : NULL;
}

static void
scan_rules (Scan *scan, const DsReading *reading, guint text_index, const DsFolded *folded)
{
  const DsText *text = g_ptr_array_index (reading->texts, text_index);
  g_autoptr (GPtrArray) matches = text->kind == DS_TEXT_FILENAME ? match_file_name (scan, reading, text) : NULL;
  if (matches == NULL)
    matches = match_rules (scan, reading, folded);
  for (guint i = 0; i < matches->len; i++)
    {
      const DsMatch *match = g_ptr_array_index (matches, i);
      DsFinding *finding = add_finding (scan, reading, text_index, match->kind, match->value);
      finding->origin = DS_ORIGIN_RULE;
      finding->rule = g_strdup (match->rule->id);
      finding->score = match->score;
      finding->proved = match->proved;
      place_finding (scan, text, finding, match->start, match->end);
    }
}

static void
scan_values (Scan *scan, const DsReading *reading, guint text_index, const DsFolded *folded)
{
  const DsText *text = g_ptr_array_index (reading->texts, text_index);
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (DsValueHit));
  ds_value_set_find (scan->set, folded, hits);
  guint room = room_for_findings (scan);
  if (hits->len > room)
    ds_tree_add_problem (scan->tree, reading->leaf, DS_REASON_FINDINGS);
  for (guint i = 0; i < MIN (hits->len, room); i++)
    {
      const DsValueHit *hit = &g_array_index (hits, DsValueHit, i);
      const DsWantedValue *wanted = g_ptr_array_index (scan->values, hit->value);
      DsFinding *finding = add_finding (scan, reading, text_index, wanted->kind, wanted->value);
      finding->origin = wanted->given ? DS_ORIGIN_GIVEN : DS_ORIGIN_COPY;
      finding->rule = g_strdup (wanted->given ? "value" : "copy");
      finding->score = 100;
      finding->proved = TRUE;
      DsSpan span = ds_span_map_hull (folded->map, hit->start, hit->end);
      place_finding (scan, text, finding, span.start, span.end);
    }
}

static void
scan_leaf (Scan *scan, DsPart *leaf)
{
  g_autoptr (DsReading) reading = ds_reading_new (scan->tree, leaf);
  ds_reading_drop_bytes (reading);
  for (guint i = 0; i < reading->texts->len; i++)
    {
      const DsText *text = g_ptr_array_index (reading->texts, i);
      g_autoptr (DsFolded) folded = ds_fold (text->utf8, text->size, text->flowed, text->delsp);
      scan->reply->text_bytes += text->size;
      scan->reply->n_texts++;
      scan->quotes_to = scan->quotes = 0;
      if (scan->flags & DS_SCAN_RULES)
        scan_rules (scan, reading, i, folded);
      if (scan->flags & DS_SCAN_VALUES && scan->set != NULL)
        scan_values (scan, reading, i, folded);
    }
}

/* A ticket's number stands in ledger and references.  What the pattern took for one may be a card number that somebody wrote
 * into a subject: such a ticket is named by its keyed digest.  Takes number over. */
static char *
ticket_name (const Scan *scan, char *number)
{
  if (number == NULL)
    return NULL;
  g_autofree char *taken = number;
  g_autoptr (DsFolded) folded = ds_fold (taken, strlen (taken), FALSE, FALSE);
  g_autoptr (GPtrArray) matches = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_match_free);
  DsMatcherLimits struck = ds_matcher_run (scan->setup->matcher, folded, G_MAXUINT, matches);
  if (struck == 0 && matches->len == 0)
    return g_steal_pointer (&taken);
  g_autofree char *digest = ds_site_key_digest (scan->setup->key, "ticket", taken, strlen (taken), 12);
  return g_strconcat ("n", digest, NULL);
}

/* The thread's identifiers leave the worker as keyed digests only. */
static void
read_thread (Scan *scan)
{
  g_autoptr (DsThreadFields) fields = ds_thread_fields (scan->tree);
  const DsSiteKey *key = scan->setup->key;
  if (fields->own != NULL)
    scan->reply->own = ds_site_key_digest (key, "message-id", fields->own, strlen (fields->own), 32);
  GPtrArray *references = g_ptr_array_new ();
  for (guint i = 0; i < fields->references->len; i++)
    {
      const char *id = g_ptr_array_index (fields->references, i);
      g_ptr_array_add (references, ds_site_key_digest (key, "message-id", id, strlen (id), 32));
    }
  g_ptr_array_add (references, NULL);
  scan->reply->references = (char **) g_ptr_array_free (references, FALSE);
  if (scan->setup->ticket_pattern != NULL && fields->subject != NULL)
    scan->reply->ticket = ticket_name (scan, ds_ticket_pattern_find (scan->setup->ticket_pattern, fields->subject));
}

static gboolean
is_signature_type (const char *type)
{
  return g_str_equal (type, "multipart/signed") || g_str_has_prefix (type, "application/pkcs7")
         || g_str_has_prefix (type, "application/x-pkcs7");
}

static void
add_part (Scan *scan, const DsPart *leaf)
{
  const DsPart *entity = leaf->parent;
  scan->reply->is_signed |= is_signature_type (entity->media_type);
  if (leaf->role != DS_PART_BODY && !(leaf->role == DS_PART_HEADER && g_str_has_prefix (entity->media_type, "message/")))
    return;
  /* Text around a uuencoded file makes several bodies of one number: one part to a person. */
  GPtrArray *parts = scan->reply->parts;
  if (parts->len > 0 && g_str_equal (((const DsPartInfo *) g_ptr_array_index (parts, parts->len - 1))->number, leaf->number))
    return;
  DsPartInfo *info = g_new0 (DsPartInfo, 1);
  info->number = g_strdup (leaf->number);
  info->media_type = safe_media_type (entity->media_type);
  info->extension = ds_extension (entity->filename);
  info->size = entity->end - entity->start;
  if (leaf->role == DS_PART_BODY)
    {
      info->size = leaf->end - leaf->start;
      if (entity->encoding != DS_ENCODING_IDENTITY)
        {
          g_autoptr (DsTransfer) transfer = ds_transfer_decode (entity->encoding, leaf->frame->data + leaf->start, info->size);
          info->size = g_bytes_get_size (transfer->bytes);
        }
    }
  info->attachment = entity->attachment;
  info->tombstone = entity->is_tombstone;
  g_ptr_array_add (scan->reply->parts, info);
}

DsTree *
ds_work_open (const DsWorkSetup *setup, GBytes *blob, gboolean is_file, const char *filename, const char *media_type)
{
  if (is_file)
    return ds_tree_open_file (blob, filename, media_type, &setup->limits);
  DsTree *tree = ds_tree_open_mail (blob, &setup->limits);
  ds_tree_check_agreement (tree);
  return tree;
}

static void
copy_problems (Scan *scan)
{
  GArray *problems = ds_tree_problems (scan->tree);
  for (guint i = 0; i < problems->len; i++)
    {
      const DsProblem *problem = &g_array_index (problems, DsProblem, i);
      DsNotLookedAt *entry = g_new0 (DsNotLookedAt, 1);
      entry->part = g_strdup (problem->part);
      entry->reason = problem->reason;
      g_ptr_array_add (scan->reply->not_looked_at, entry);
    }
}

DsScanReply *
ds_work_scan (const DsWorkSetup *setup, GPtrArray *values, const DsValueSet *set, GBytes *blob, GVariant *request)
{
  gboolean is_file = FALSE;
  const char *filename = NULL, *media_type = NULL;
  guint32 flags = 0, min_score = 0;
  g_variant_get (request, "(bm&sm&suu)", &is_file, &filename, &media_type, &flags, &min_score);
  DsScanReply *reply = g_new0 (DsScanReply, 1);
  reply->findings = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_finding_free);
  reply->not_looked_at = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_not_looked_at_free);
  reply->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_part_info_free);
  g_autoptr (DsTree) tree = ds_work_open (setup, blob, is_file, filename, media_type);
  Scan scan = { setup, values, set, flags, min_score, tree, reply, 0, 0 };
  read_thread (&scan);
  if (flags & DS_SCAN_THREAD_ONLY)
    return reply;
  GPtrArray *leaves = ds_tree_leaves (tree);
  for (guint i = 0; i < leaves->len; i++)
    {
      DsPart *leaf = g_ptr_array_index (leaves, i);
      scan_leaf (&scan, leaf);
      add_part (&scan, leaf);
    }
  copy_problems (&scan);
  return reply;
}
