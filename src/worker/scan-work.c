#include "config.h"
#include "worker/blob-work.h"
#include "content/agreement.h"
#include "content/reading.h"
#include "content/thread.h"
#include "detect/value.h"
#include <string.h>

typedef struct
{
  const DsWorkSetup *setup;
  GPtrArray *values;
  const DsValueSet *set;
  DsScanFlags flags;
  guint min_score;
  DsTree *tree;
  DsScanReply *reply;
  /* What the blob may still have, and of that the present leaf: bytes of text to run rules over, and findings (spent, and up to
   * where it may spend). */
  gsize text_left, leaf_text;
  gsize spent, leaf_findings; /* as many findings as they weigh */
  /* Findings come in order: the quotes before the last one need not be counted again for the next. */
  gsize quotes_to;
  guint quotes;
  DsFinding *last; /* borrowed; of the present text, or NULL: it has the strings that all of the text share */
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

static GRefString *
ref_string_new_take (char *text)
{
  GRefString *shared = text != NULL ? g_ref_string_new (text) : NULL;
  g_free (text);
  return shared;
}

static GRefString *
ref_string_acquire (GRefString *text)
{
  return text != NULL ? g_ref_string_acquire (text) : NULL;
}

/* What all findings of a text share. */
static void
set_place (const Scan *scan, const DsReading *reading, guint text_index, DsFinding *finding)
{
  const DsText *text = g_ptr_array_index (reading->texts, text_index);
  const DsPart *entity = ds_part_entity (reading->leaf);
  finding->part = g_ref_string_new (reading->leaf->number);
  finding->text_label = ref_string_new_take (safe_label (text));
  finding->where = ds_where_intern (ds_text_where (reading->leaf, text));
  finding->extension = ref_string_new_take (ds_extension (entity->filename));
  finding->media_type = ref_string_new_take (safe_media_type (entity->media_type));
  if (scan->flags & DS_SCAN_KEEP_VALUES && entity->filename != NULL)
    finding->filename = ref_string_new_take (g_utf8_make_valid (entity->filename, -1));
}

static void
share_place (const DsFinding *last, DsFinding *finding)
{
  finding->part = g_ref_string_acquire (last->part);
  finding->text_label = g_ref_string_acquire (last->text_label);
  finding->where = last->where;
  finding->extension = ref_string_acquire (last->extension);
  finding->media_type = g_ref_string_acquire (last->media_type);
  finding->filename = ref_string_acquire (last->filename);
}

static void
set_value (const Scan *scan, DsFinding *finding, DsKind kind, const char *normal)
{
  finding->kind = kind;
  finding->masked = ds_value_mask (kind, normal);
  if (!ds_task_is_masked (finding->masked))
    {
      g_free (finding->masked);
      finding->masked = g_strdup ("***");
    }
  g_autofree char *fingerprint = ds_value_fingerprint (scan->setup->key, kind, normal);
  g_strlcpy (finding->fingerprint, fingerprint, sizeof finding->fingerprint);
  if (scan->flags & DS_SCAN_KEEP_VALUES)
    finding->value = g_strdup (normal);
}

static DsFinding *
add_finding (Scan *scan, const DsReading *reading, guint text_index, const char *rule, DsKind kind, const char *normal)
{
  DsFinding *finding = g_new0 (DsFinding, 1);
  const DsFinding *last = scan->last;
  finding->leaf = reading->leaf->index;
  finding->text = text_index;
  if (last != NULL)
    share_place (last, finding);
  else
    set_place (scan, reading, text_index, finding);
  finding->rule = last != NULL && g_str_equal (last->rule, rule) ? g_ref_string_acquire (last->rule) : g_ref_string_new (rule);
  set_value (scan, finding, kind, normal);
  scan->last = finding;
  g_ptr_array_add (scan->reply->findings, finding);
  return finding;
}

/* The address of which something unquoted at finding's place is a part: what is to be replaced then is all of it, or the rest
 * would be no address.  FALSE where there is none. */
static gboolean
widen_to_address (const DsText *text, DsFinding *finding)
{
  enum { LONGEST = 320 }; /* RFC 3696, section 3, so that a hostile field is not searched for each finding */
  static const char ends[] = " \t\r\n<>()\",;"; /* and NUL */
  gsize start = finding->start, end = finding->end;
  gsize first = start - MIN (start, LONGEST), last = MIN (text->size, end + LONGEST);
  for (gsize i = start; i < end; i++)
    if (memchr ("<>\",;", text->utf8[i], 5) != NULL)
      return FALSE;
  while (start > first && memchr (ends, text->utf8[start - 1], sizeof ends) == NULL)
    start--;
  while (end < last && memchr (ends, text->utf8[end], sizeof ends) == NULL)
    end++;
  if (memchr (text->utf8 + start, '@', end - start) == NULL)
    return FALSE;
  finding->start = start;
  finding->end = end;
  return TRUE;
}

/* A number of JSON becomes a string, with its sign and fraction. */
static void
widen_to_number (const DsQuotedSpan *number, DsFinding *finding)
{
  if (finding->end <= number->span.end)
    {
      finding->start = number->span.start;
      finding->end = number->span.end;
    }
}

/* In an address header an address becomes another one, whatever was found in it; any other label stands in quotes, being no
 * atoms (RFC 5322, 3.2), unless it is in quotes already, or in words that are encoded again as a whole. */
static DsQuoting
quoting_in_address (Scan *scan, const DsText *text, DsFinding *finding)
{
  gsize start = finding->start;
  DsQuoting inside = finding->kind == DS_KIND_EMAIL ? DS_QUOTING_ADDRESS : DS_QUOTING_NONE;
  for (guint i = 0; text->runs != NULL && i < text->runs->len; i++)
    {
      const DsEncodedRun *run = &g_array_index (text->runs, DsEncodedRun, i);
      if (start >= run->span.start && start < run->span.end)
        return inside;
    }
  if (start < scan->quotes_to)
    scan->quotes_to = scan->quotes = 0;
  for (; scan->quotes_to < start; scan->quotes_to++)
    {
      gsize i = scan->quotes_to;
      scan->quotes += text->utf8[i] == '"' && (i == 0 || text->utf8[i - 1] != '\\');
    }
  if (scan->quotes % 2 == 1)
    return inside;
  if (widen_to_address (text, finding) || finding->kind == DS_KIND_EMAIL)
    return DS_QUOTING_ADDRESS;
  return DS_QUOTING_STRING;
}

/* A long value, or one in many pieces, costs as much as several: to find again everywhere, and to cut out. */
#define BYTES_A_FINDING 32

/* Where an edit would go: its quoting, and whether there are bytes to change at all. */
static void
place_finding (Scan *scan, const DsText *text, DsFinding *finding, gsize start, gsize end)
{
  finding->start = start;
  finding->end = end;
  const DsQuotedSpan *quoted = ds_text_quoted_at (text, start);
  finding->quoting = quoted != NULL ? quoted->quoting : DS_QUOTING_NONE;
  if (finding->quoting == DS_QUOTING_ADDRESS)
    finding->quoting = quoting_in_address (scan, text, finding);
  else if (finding->quoting == DS_QUOTING_STRING)
    widen_to_number (quoted, finding);
  DsSpan hull = ds_span_map_hull (text->map, finding->start, finding->end);
  finding->fixed = hull.start == hull.end;
  scan->spent += 1 + MAX (end - start, hull.end - hull.start) / BYTES_A_FINDING;
}

/* A limit of the whole blob is not one leaf's to use up: as much stays for those behind it, or half of what is left. */
#define RESERVED_FINDINGS 10000
#define RESERVED_TEXT_BYTES (1u << 20)
/* A text costs so much however short it is: each rule is asked. */
#define TEXT_COST 64

static gsize
share_of (gsize left, gsize reserved)
{
  return left - MIN (left / 2, reserved);
}

static void
begin_leaf (Scan *scan)
{
  gsize most = scan->setup->limits.findings;
  scan->leaf_text = share_of (scan->text_left, RESERVED_TEXT_BYTES);
  scan->leaf_findings = scan->spent + share_of (most - MIN (most, scan->spent), RESERVED_FINDINGS);
}

/* How many findings the leaf may still have. */
static guint
room_for_findings (const Scan *scan)
{
  return (guint) (scan->leaf_findings - MIN (scan->leaf_findings, scan->spent));
}

/* FALSE if there is no room for another one; said once. */
static gboolean
may_add (Scan *scan, const DsReading *reading)
{
  if (scan->spent < scan->leaf_findings)
    return TRUE;
  ds_tree_add_problem (scan->tree, reading->leaf, DS_REASON_FINDINGS);
  return FALSE;
}

/* How much of the next text rules may still be run over, cut between two characters. */
static gsize
affordable (Scan *scan, const DsReading *reading, const DsText *text)
{
  gsize size = text->size;
  if (MAX (size, TEXT_COST) > scan->leaf_text)
    {
      ds_tree_add_problem (scan->tree, reading->leaf, DS_REASON_TEXT);
      size = scan->leaf_text < TEXT_COST ? 0 : MIN (size, scan->leaf_text);
    }
  while (size > 0 && size < text->size && ((guchar) text->utf8[size] & 0xc0) == 0x80)
    size--;
  gsize cost = MIN (scan->leaf_text, MAX (size, TEXT_COST));
  scan->leaf_text -= cost;
  scan->text_left -= cost;
  return size;
}

/* What reaches to where a text was cut may be a piece of something longer. */
static void
drop_pieces (GPtrArray *matches, gsize end)
{
  for (guint i = matches->len; i-- > 0;)
    if (((const DsMatch *) matches->pdata[i])->end >= end)
      g_ptr_array_remove_index_fast (matches, i);
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
  ds_matches_settle (matches, folded, scan->min_score);
  return matches->len > 0 ? g_steal_pointer (&matches) : NULL;
}

static void
add_matches (Scan *scan, const DsReading *reading, guint text_index, const GPtrArray *matches)
{
  const DsText *text = g_ptr_array_index (reading->texts, text_index);
  for (guint i = 0; i < matches->len && may_add (scan, reading); i++)
    {
      const DsMatch *match = g_ptr_array_index (matches, i);
      DsFinding *finding = add_finding (scan, reading, text_index, match->rule->id, match->kind, match->value);
      finding->origin = DS_ORIGIN_RULE;
      finding->score = match->score;
      finding->proved = match->proved;
      place_finding (scan, text, finding, match->start, match->end);
    }
}

/* Folding looks at the NUL behind a text. */
static char *
first_bytes (const char *utf8, gsize size)
{
  char *bytes = g_malloc (size + 1);
  memcpy (bytes, utf8, size);
  bytes[size] = '\0';
  return bytes;
}

static void
scan_rules (Scan *scan, const DsReading *reading, guint text_index)
{
  const DsText *text = g_ptr_array_index (reading->texts, text_index);
  gsize size = affordable (scan, reading, text);
  if (size == 0)
    return;
  g_autoptr (GPtrArray) matches = text->kind == DS_TEXT_FILENAME ? match_file_name (scan, reading, text) : NULL;
  if (matches == NULL)
    {
      g_autofree char *cut = size < text->size ? first_bytes (text->utf8, size) : NULL;
      g_autoptr (DsFolded) folded = ds_fold (cut != NULL ? cut : text->utf8, size, text->flowed, text->delsp);
      matches = match_rules (scan, reading, folded);
      if (cut != NULL)
        drop_pieces (matches, folded->size);
      ds_matches_settle (matches, folded, scan->min_score);
    }
  add_matches (scan, reading, text_index, matches);
}

static void
scan_values (Scan *scan, const DsReading *reading, guint text_index)
{
  const DsText *text = g_ptr_array_index (reading->texts, text_index);
  g_autoptr (DsFolded) folded = ds_fold (text->utf8, text->size, text->flowed, text->delsp);
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (DsValueHit));
  ds_value_set_find (scan->set, folded, hits);
  for (guint i = 0; i < hits->len && may_add (scan, reading); i++)
    {
      const DsValueHit *hit = &g_array_index (hits, DsValueHit, i);
      const DsWantedValue *wanted = g_ptr_array_index (scan->values, hit->value);
      DsFinding *finding = add_finding (scan, reading, text_index, wanted->given ? "value" : "copy", wanted->kind, wanted->value);
      finding->origin = wanted->given ? DS_ORIGIN_GIVEN : DS_ORIGIN_COPY;
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
  begin_leaf (scan);
  for (guint i = 0; i < reading->texts->len; i++)
    {
      const DsText *text = g_ptr_array_index (reading->texts, i);
      scan->reply->text_bytes += text->size;
      scan->reply->n_texts++;
      scan->quotes_to = scan->quotes = 0;
      scan->last = NULL;
      if (scan->flags & DS_SCAN_RULES && !text->structural)
        scan_rules (scan, reading, i);
      if (scan->flags & DS_SCAN_VALUES && scan->set != NULL)
        scan_values (scan, reading, i);
    }
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
  const DsTicketPattern *pattern = scan->setup->ticket_pattern;
  g_autofree char *number = pattern != NULL && fields->subject != NULL ? ds_ticket_pattern_find (pattern, fields->subject) : NULL;
  if (number != NULL)
    scan->reply->ticket = ds_ticket_pattern_name (pattern, number, scan->setup->matcher, key);
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
ds_work_open (const DsWorkSetup *setup, GBytes *blob, const DsBlobForm *form)
{
  if (form->is_file)
    return ds_tree_open_file (blob, form->filename, form->media_type, &setup->limits);
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
ds_work_scan (const DsWorkSetup *setup, GPtrArray *values, const DsValueSet *set, GBytes *blob, const DsScanRequest *request)
{
  DsScanReply *reply = g_new0 (DsScanReply, 1);
  reply->findings = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_finding_free);
  reply->not_looked_at = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_not_looked_at_free);
  reply->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_part_info_free);
  g_autoptr (DsTree) tree = ds_work_open (setup, blob, &request->form);
  Scan scan = { .setup = setup, .values = values, .set = set, .flags = request->flags, .min_score = request->min_score,
                .tree = tree, .reply = reply, .text_left = setup->limits.text_bytes };
  read_thread (&scan);
  if (request->flags & DS_SCAN_THREAD_ONLY)
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
