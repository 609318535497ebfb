#include "config.h"
#include "edits.h"
#include "action/replacement.h"
#include "content/reading.h"
#include <stdlib.h>
#include <string.h>

/* ---- counting ---- */

static GHashTable *counts; /* borrowed string -> guint64 * */

static void
tell_counts (void)
{
  GHashTableIter iter;
  gpointer what, count;
  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &what, &count))
    g_printerr ("count: %" G_GUINT64_FORMAT " %s\n", *(guint64 *) count, (const char *) what);
}

void
fuzz_count (const char *what)
{
  static int wanted = -1;
  if (wanted < 0)
    wanted = g_getenv ("FUZZ_COUNT") != NULL;
  if (!wanted)
    return;
  if (counts == NULL)
    {
      counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      atexit (tell_counts);
    }
  guint64 *count = g_hash_table_lookup (counts, what);
  if (count == NULL)
    g_hash_table_insert (counts, g_strdup (what), count = g_new0 (guint64, 1));
  (*count)++;
}

/* ---- choosing ---- */

static void
edit_clear (gpointer edit)
{
  g_free ((char *) ((DsTextEdit *) edit)->replacement);
}

void
fuzz_order_init (FuzzOrder *order)
{
  order->edits = g_array_new (FALSE, FALSE, sizeof (DsTextEdit));
  g_array_set_clear_func (order->edits, edit_clear);
  order->replacements = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_replacement_free);
}

void
fuzz_order_clear (FuzzOrder *order)
{
  g_array_unref (order->edits);
  g_ptr_array_unref (order->replacements);
}

void
fuzz_order_add_edit (FuzzOrder *order, guint leaf, guint text, gsize start, gsize end, char *replacement)
{
  DsTextEdit edit = { leaf, text, { start, end }, replacement };
  g_array_append_val (order->edits, edit);
}

/* One of two dashes: a comment begins or ends with them. */
static gboolean
is_comment_mark (const DsText *text, gsize at)
{
  return text->utf8[at] == '-' && (text->utf8[at + 1] == '-' || (at > 0 && text->utf8[at - 1] == '-'));
}

/* Where a text's marks say how the rest is to be read, a span lies between them, as what rules find does. */
static gsize
before_marks (const DsPart *leaf, const DsText *text, DsSpan span)
{
  static const char marks[] = "\"'\\{}[]:;=,<>&/*!\r\n";
  const char *type = leaf->parent->media_type;
  if (leaf->role != DS_PART_BODY || g_str_equal (type, "text/plain"))
    return span.end;
  if (strstr (type, "calendar") != NULL || strstr (type, "vcard") != NULL)
    for (gsize at = span.start; at > 0 && text->utf8[at - 1] != ':'; at--)
      if (at == 1 || text->utf8[at - 1] == '\n')
        return span.start; /* in a name, or a parameter of it */
  gsize word = span.start;
  while (word > 0 && g_ascii_isalnum (text->utf8[word - 1]))
    word--;
  if (word > 0 && text->utf8[word - 1] == '[')
    return span.start; /* "[if": a condition */
  for (gsize at = span.start; at < span.end; at++)
    if ((text->utf8[at] != '\0' && strchr (marks, text->utf8[at]) != NULL) || is_comment_mark (text, at))
      return at;
  return span.end;
}

/* Behind an escape sequence of ISO 2022 that stands in a text as it is (ESC ( B). */
static gsize
behind_escape (const DsText *text, gsize at)
{
  enum { SEQUENCE = 4 };
  for (gsize i = at; i > 0 && at - i < SEQUENCE; i--)
    if (text->utf8[i - 1] == '\033')
      return MIN (text->size, i - 1 + SEQUENCE);
  return at;
}

/* As no rule matches across the separator, so no edit lies across it; nor does one begin or end within a character, or within what
 * says how the text is encoded. */
static DsSpan
choose_span (const DsPart *leaf, const DsText *text, GRand *choices)
{
  gsize start = behind_escape (text, g_rand_int (choices) % text->size), length = 1 + g_rand_int (choices) % 40;
  while (start > 0 && ((guchar) text->utf8[start] & 0xc0) == 0x80)
    start--;
  gsize end = MIN (text->size, start + length);
  while (end < text->size && ((guchar) text->utf8[end] & 0xc0) == 0x80)
    end++;
  const char *separator = memchr (text->utf8 + start, DS_TEXT_SEPARATOR, end - start);
  if (separator != NULL)
    end = (gsize) (separator - text->utf8);
  return (DsSpan){ start, before_marks (leaf, text, (DsSpan){ start, end }) };
}

static void
choose_edit (FuzzOrder *order, DsTree *tree, GRand *choices)
{
  GPtrArray *leaves = ds_tree_leaves (tree);
  DsPart *leaf = g_ptr_array_index (leaves, g_rand_int (choices) % leaves->len);
  g_autoptr (DsReading) reading = ds_reading_new (tree, leaf);
  if (reading->texts->len == 0)
    return;
  guint which = g_rand_int (choices) % reading->texts->len;
  const DsText *text = g_ptr_array_index (reading->texts, which);
  if (text->size == 0)
    return;
  DsSpan span = choose_span (leaf, text, choices);
  if (span.start >= span.end)
    return;
  DsQuoting quoting = ds_text_quoting_at (text, span.start);
  DsKind kind = quoting == DS_QUOTING_ADDRESS ? DS_KIND_EMAIL : (DsKind) (g_rand_int (choices) % DS_N_KINDS);
  char *label = ds_replacement_for_span (kind, g_rand_boolean (choices), quoting, order->edits->len + 1);
  fuzz_order_add_edit (order, leaf->index, which, span.start, span.end, label);
}

void
fuzz_order_choose_edits (FuzzOrder *order, DsTree *tree, GRand *choices, guint n)
{
  for (guint i = 0; i < n && ds_tree_leaves (tree)->len > 0; i++)
    choose_edit (order, tree, choices);
}

gboolean
fuzz_order_choose_part (FuzzOrder *order, DsTree *tree, GRand *choices)
{
  GPtrArray *leaves = ds_tree_leaves (tree);
  const DsPart *leaf = g_ptr_array_index (leaves, g_rand_int (choices) % leaves->len);
  const DsTombstone stone = { "aaaaaaaaaaaa", NULL, "application/octet-stream", leaf->end - leaf->start, "2024-05-01T12:00:00Z",
                              "the help desk", "verified", NULL };
  if (leaf->role != DS_PART_BODY || ds_tree_find (tree, leaf->number) == NULL)
    return FALSE;
  g_ptr_array_add (order->replacements, ds_tombstone_write (leaf->number, &stone));
  return TRUE;
}

/* ---- judging: leaves ---- */

/* Of headers: the names of the fields, one by one. */
static gboolean
same_fields (const DsPart *one, const DsPart *two)
{
  if (one->role != DS_PART_HEADER)
    return TRUE;
  if (one->fields->len != two->fields->len)
    return FALSE;
  for (guint i = 0; i < one->fields->len; i++)
    {
      const DsField *a = &g_array_index (one->fields, DsField, i), *b = &g_array_index (two->fields, DsField, i);
      gsize length = a->name_end - a->start;
      if (length != b->name_end - b->start || memcmp (one->frame->data + a->start, two->frame->data + b->start, length) != 0)
        return FALSE;
    }
  return TRUE;
}

gboolean
fuzz_same_structure (DsTree *before, DsTree *after)
{
  GPtrArray *old = ds_tree_leaves (before), *new = ds_tree_leaves (after);
  if (old->len != new->len)
    return FALSE;
  for (guint i = 0; i < old->len; i++)
    {
      const DsPart *one = g_ptr_array_index (old, i), *two = g_ptr_array_index (new, i);
      if (one->role != two->role || !g_str_equal (one->number, two->number) || (one->inner == NULL) != (two->inner == NULL)
          || one->parent->encoding != two->parent->encoding || g_str_equal (one->frame->eol, "\r") != g_str_equal (two->frame->eol, "\r")
          || !g_str_equal (one->parent->media_type, two->parent->media_type) || !same_fields (one, two))
        return FALSE;
    }
  return TRUE;
}

static const DsPart *
tree_next (DsTree *tree, const DsPart *leaf)
{
  GPtrArray *leaves = ds_tree_leaves (tree);
  return leaf->index + 1 < leaves->len ? g_ptr_array_index (leaves, leaf->index + 1) : NULL;
}

static gboolean
ends_by_guess (DsTree *tree, const DsPart *leaf)
{
  const DsPart *next = tree_next (tree, leaf);
  return leaf->other != NULL || (next != NULL && next->role == DS_PART_GAP)
         || (leaf->role == DS_PART_BODY && leaf->end > leaf->start
             && memmem (leaf->frame->data + leaf->start, leaf->end - leaf->start, "begin ", 6) != NULL);
}

gboolean
fuzz_may_shift (DsTree *tree, const FuzzOrder *order)
{
  for (guint i = 0; i < order->edits->len; i++)
    for (const DsPart *at = g_ptr_array_index (ds_tree_leaves (tree), g_array_index (order->edits, DsTextEdit, i).leaf); at != NULL;
         at = at->frame->container)
      if (ends_by_guess (tree, at))
        return TRUE;
  return FALSE;
}

static gboolean
same_bytes (const DsPart *one, const DsPart *two)
{
  gsize size = one->end - one->start;
  return size == two->end - two->start && memcmp (one->frame->data + one->start, two->frame->data + two->start, size) == 0;
}

/* The leaves that an edit is in, and those that contain them. */
static GHashTable *
touched_leaves (DsTree *tree, const FuzzOrder *order)
{
  GHashTable *touched = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < order->edits->len; i++)
    for (const DsPart *at = g_ptr_array_index (ds_tree_leaves (tree), g_array_index (order->edits, DsTextEdit, i).leaf); at != NULL;
         at = at->frame->container)
      g_hash_table_add (touched, (gpointer) at);
  return touched;
}

/* Whether each edited body has the bytes that ds_tree_rewrite meant for it.  Of trees of the same structure. */
static gboolean
as_meant (DsTree *before, GHashTable *meant, DsTree *after)
{
  GPtrArray *old = ds_tree_leaves (before), *new = ds_tree_leaves (after);
  for (guint i = 0; i < old->len && i < new->len; i++)
    {
      const char *digest = g_hash_table_lookup (meant, g_ptr_array_index (old, i));
      const DsPart *leaf = g_ptr_array_index (new, i);
      g_autofree char *is = digest != NULL ? ds_rewrite_digest (leaf->frame->data + leaf->start, leaf->end - leaf->start) : NULL;
      if (digest != NULL && !g_str_equal (is, digest))
        return FALSE;
    }
  return TRUE;
}

static gboolean
others_kept (DsTree *before, const FuzzOrder *order, DsTree *after)
{
  g_autoptr (GHashTable) touched = touched_leaves (before, order);
  GPtrArray *old = ds_tree_leaves (before), *new = ds_tree_leaves (after);
  for (guint i = 0; i < old->len; i++)
    if (!g_hash_table_contains (touched, g_ptr_array_index (old, i)) && !same_bytes (g_ptr_array_index (old, i), g_ptr_array_index (new, i)))
      return FALSE;
  return TRUE;
}

gboolean
fuzz_would_be_taken (DsTree *before, const FuzzOrder *order, GHashTable *meant, DsTree *after)
{
  const char *refusal = NULL;
  if (!fuzz_same_structure (before, after))
    refusal = "another structure";
  else if (!as_meant (before, meant, after))
    refusal = "not as it was meant";
  else if (fuzz_may_shift (before, order) && !others_kept (before, order, after))
    refusal = "a shift";
  fuzz_count (refusal != NULL ? refusal : "to be taken");
  return refusal == NULL;
}

/* ---- judging: what is left of an edited leaf ---- */

/* A text's span as a span of the decoded bytes; empty if the text has none of its own. */
static DsSpan
decoded_span (const DsReading *reading, const DsText *text, DsSpan span)
{
  DsSpan source = ds_span_map_hull (text->map, span.start, span.end);
  return source.start < source.end && reading->decoded != NULL ? ds_span_map_hull (reading->decoded->map, source.start, source.end) : source;
}

/* The hull of all edits of a body in its decoded bytes. */
static DsSpan
edited_hull (const DsReading *reading, const FuzzOrder *order)
{
  DsSpan hull = { G_MAXSIZE, 0 };
  for (guint i = 0; i < order->edits->len; i++)
    {
      const DsTextEdit *edit = &g_array_index (order->edits, DsTextEdit, i);
      if (edit->leaf != reading->leaf->index)
        continue;
      DsSpan span = decoded_span (reading, g_ptr_array_index (reading->texts, edit->text), edit->span);
      if (span.start == span.end)
        continue;
      hull.start = MIN (hull.start, span.start);
      hull.end = MAX (hull.end, span.end);
    }
  return hull;
}

/* For whoever has to find out what went wrong. */
static void
tell_leaf (const char *what, const DsPart *leaf)
{
  g_autoptr (GString) bytes = g_string_new_len (leaf->frame->data + leaf->start, (gssize) (leaf->end - leaf->start));
  for (gsize i = 0; i < bytes->len; i++)
    if (bytes->str[i] == '\0')
      bytes->str[i] = '?';
  g_autofree char *escaped = g_strescape (bytes->str, NULL);
  g_printerr ("%s: \"%s\"\n", what, escaped);
}

static gboolean
may_get_line_break (const DsPart *leaf)
{
  for (; leaf != NULL; leaf = leaf->frame->container)
    if (leaf->parent->encoding == DS_ENCODING_BASE64 && ds_part_is_followed (leaf))
      return TRUE;
  return FALSE;
}

/* The size without the line break that keeps base64 padded before a footer. */
static gsize
without_line_break (const DsPart *leaf, const char *was, gsize was_size, const char *is, gsize is_size, gsize behind)
{
  static const char *const breaks[] = { "", "\n", "\r\n" };
  for (guint i = 0; may_get_line_break (leaf) && i < G_N_ELEMENTS (breaks); i++)
    {
      gsize more = strlen (breaks[i]);
      if (is_size >= behind + more && memcmp (is + is_size - more, breaks[i], more) == 0
          && memcmp (was + was_size - behind, is + is_size - more - behind, behind) == 0)
        return is_size - more;
    }
  return is_size;
}

static void
require_frame (const DsPart *leaf, const char *was, gsize was_size, const char *is, gsize is_size, DsSpan hull)
{
  gsize behind = was_size - hull.end;
  is_size = without_line_break (leaf, was, was_size, is, is_size, behind);
  fuzz_require (is_size >= hull.start && memcmp (was, is, hull.start) == 0, "leaf %u (%s): bytes before the first edit at %zu changed",
                leaf->index, leaf->number, hull.start);
  fuzz_require (is_size >= behind && memcmp (was + hull.end, is + is_size - behind, behind) == 0,
                "leaf %u (%s): bytes behind the last edit at %zu changed", leaf->index, leaf->number, hull.end);
}

/* An "F" that came to a line's beginning is spelled, so that no mbox takes "From " there for a message. */
static gboolean
is_guarded_from (const char *behind, gsize size, const char *is, gsize is_size)
{
  static const char spelled[] = "=46";
  const gsize more = strlen (spelled);
  return size > 0 && behind[0] == 'F' && is_size >= size - 1 + more && memcmp (is + is_size - (size - 1) - more, spelled, more) == 0
         && memcmp (is + is_size - (size - 1), behind + 1, size - 1) == 0;
}

/* Before the first edit and behind the last one a body has its bytes; a base64 one its decoded bytes. */
static void
require_rest (const DsReading *old, const DsReading *new, const FuzzOrder *order)
{
  DsSpan hull = edited_hull (old, order);
  const DsPart *leaf = old->leaf;
  if (g_getenv ("FUZZ_TELL") != NULL)
    {
      tell_leaf ("before", leaf);
      tell_leaf ("after", new->leaf);
    }
  if (hull.start > hull.end)
    {
      /* As if it had been at the end of nothing: what it is in may get a line break. */
      const DsPart *other = new->leaf;
      const char *was = leaf->frame->data + leaf->start, *is = other->frame->data + other->start;
      gsize size = leaf->end - leaf->start, rest = without_line_break (leaf, was, size, is, other->end - other->start, size);
      fuzz_require (rest == size && memcmp (was, is, size) == 0, "leaf %u (%s) changed, and no edit has bytes in it", leaf->index, leaf->number);
      return;
    }
  gsize was_size = 0, is_size = 0;
  const char *was = g_bytes_get_data (old->transfer->bytes, &was_size), *is = g_bytes_get_data (new->transfer->bytes, &is_size);
  /* UTF-7 writes what an edit leaves of a run of base64 anew. */
  if (old->decoded == NULL || strchr (old->decoded->name, '7') == NULL)
    require_frame (leaf, was, was_size, is, is_size, hull);
  if (old->transfer->map == NULL || (old->decoded != NULL && strchr (old->decoded->name, '7') != NULL))
    return;
  const char *raw = leaf->frame->data + leaf->start, *new_raw = new->leaf->frame->data + new->leaf->start;
  gsize size = leaf->end - leaf->start, new_size = new->leaf->end - new->leaf->start;
  DsSpan raw_hull = ds_span_map_hull (old->transfer->map, hull.start, hull.end);
  raw_hull.end += is_guarded_from (raw + raw_hull.end, size - raw_hull.end, new_raw, new_size);
  require_frame (leaf, raw, size, new_raw, new_size, raw_hull);
}

/* ---- judging: texts ---- */

/* The span and what cannot be parted from it: all that was made of the same bytes. */
static DsSpan
whole_units (const DsReading *reading, const DsText *text, DsSpan span)
{
  if (reading->leaf->role == DS_PART_HEADER)
    return span;
  g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (DsSpan));
  ds_span_map_pieces (text->map, span.start, span.end, pieces);
  for (guint i = 0; i < pieces->len; i++)
    {
      DsSpan piece = g_array_index (pieces, DsSpan, i);
      DsSpan bytes = ds_span_map_hull (reading->decoded->map, piece.start, piece.end);
      DsSpan source = bytes.start < bytes.end ? ds_span_map_forward (reading->decoded->map, bytes.start, bytes.end) : piece;
      DsSpan all = ds_span_map_forward (text->map, source.start, source.end);
      span.start = MIN (span.start, all.start);
      span.end = MAX (span.end, all.end);
    }
  return span;
}

static int
by_start (gconstpointer a, gconstpointer b)
{
  const DsTextEdit *one = a, *two = b;
  return one->span.start < two->span.start ? -1 : one->span.start > two->span.start;
}

/* The edits of one text, in order, joined where they overlap: the first one's label stays.  Borrows. */
static GArray *
edits_of_text (const DsReading *reading, guint which, const FuzzOrder *order)
{
  GArray *own = g_array_new (FALSE, FALSE, sizeof (DsTextEdit));
  const DsText *text = g_ptr_array_index (reading->texts, which);
  for (guint i = 0; i < order->edits->len; i++)
    {
      DsTextEdit edit = g_array_index (order->edits, DsTextEdit, i);
      if (edit.leaf != reading->leaf->index || edit.text != which)
        continue;
      edit.span = whole_units (reading, text, edit.span);
      g_array_append_val (own, edit);
    }
  g_array_sort (own, by_start);
  for (guint i = 1; i < own->len;)
    {
      DsTextEdit *last = &g_array_index (own, DsTextEdit, i - 1), *edit = &g_array_index (own, DsTextEdit, i);
      if (edit->span.start >= last->span.end)
        {
          i++;
          continue;
        }
      last->span.end = MAX (last->span.end, edit->span.end);
      g_array_remove_index (own, i);
    }
  return own;
}

/* What is made of nothing, such as the line break that a tag stands for, stays: only blanks are so made. */
static gboolean
has_gap (const DsText *text, DsSpan span)
{
  for (gsize at = span.start; at < span.end; at++)
    {
      DsSpan source = ds_span_map_hull (text->map, at, at + 1);
      if (source.start == source.end)
        return TRUE;
    }
  return FALSE;
}

/* The text as it should read now. */
static char *
expected_text (const DsText *text, const GArray *edits, gboolean *loose_r)
{
  GString *out = g_string_new (NULL);
  gsize at = 0;
  for (guint i = 0; i < edits->len; i++)
    {
      const DsTextEdit *edit = &g_array_index (edits, DsTextEdit, i);
      g_autofree char *label = g_strdup (edit->replacement);
      for (char *blank; (blank = strstr (label, "&#32;")) != NULL;)
        {
          *blank = ' ';
          memmove (blank + 1, blank + 5, strlen (blank + 5) + 1);
        }
      *loose_r |= has_gap (text, edit->span);
      DsSpan source = ds_span_map_hull (text->map, edit->span.start, edit->span.end);
      if (source.start == source.end)
        continue; /* nothing of it has bytes */
      g_string_append_len (out, text->utf8 + at, (gssize) (edit->span.start - at));
      g_string_append (out, label);
      at = edit->span.end;
    }
  g_string_append_len (out, text->utf8 + at, (gssize) (text->size - at));
  return g_string_free (out, FALSE);
}

static char *
without_blanks (const char *text, gsize size, char but)
{
  GString *out = g_string_new (NULL);
  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isspace (text[i]) && text[i] != '\0' && text[i] != DS_TEXT_SEPARATOR && text[i] != but)
      g_string_append_c (out, text[i]);
  return g_string_free (out, FALSE);
}

/* Whether nothing of it has bytes of its own: another reading of bytes that are read already. */
static gboolean
is_second_reading (const DsText *text)
{
  DsSpan source = ds_span_map_hull (text->map, 0, text->size);
  return source.start == source.end;
}

/* The n-th text of a kind with bytes of its own; second readings come and go. */
static const DsText *
own_text (const DsReading *reading, DsTextKind kind, guint n)
{
  for (guint i = 0; i < reading->texts->len; i++)
    {
      const DsText *text = g_ptr_array_index (reading->texts, i);
      if (text->kind == kind && text->size > 0 && !is_second_reading (text) && n-- == 0)
        return text;
    }
  return NULL;
}

static gboolean
is_parameter (const DsText *text)
{
  return text->kind == DS_TEXT_FILENAME || (text->name != NULL && g_ascii_strncasecmp (text->name, "Content-", 8) == 0);
}

static gboolean
has_pieces (const DsPart *header)
{
  return memchr (header->frame->data + header->start, '*', header->end - header->start) != NULL;
}

static void
require_text (const DsReading *old, guint which, const DsText *is, const DsReading *new, const FuzzOrder *order)
{
  const DsText *was = g_ptr_array_index (old->texts, which);
  /* Of values in pieces, those of two parameters of one name may come together in another way. */
  if (is == NULL && old->leaf->role == DS_PART_HEADER && has_pieces (old->leaf) && is_parameter (was))
    return;
  fuzz_require (is != NULL, "leaf %u (%s): text %u is no longer there", old->leaf->index, old->leaf->number, which);
  if (strlen (was->utf8) != was->size)
    return;
  g_autoptr (GArray) edits = edits_of_text (old, which, order);
  gboolean loose = FALSE;
  g_autofree char *expected = expected_text (was, edits, &loose);
  /* A header's line keeps its leading blank, and words that are encoded anew are parted from what is not encoded. */
  loose |= may_get_line_break (old->leaf) || old->leaf->role == DS_PART_HEADER || strstr (old->leaf->parent->media_type, "ml") != NULL;
  fuzz_count (edits->len == 0 ? "texts that stay compared" : "edited texts compared");
  gsize size = strlen (expected);
  if (size == is->size && memcmp (expected, is->utf8, size) == 0)
    return;
  /* In markup blanks come and go with what is beside them; in a header a backslash is a quoted pair's only within quotes, and an
   * edit may take a quote. */
  char pair = old->leaf->role == DS_PART_HEADER ? '\\' : '\0';
  g_autofree char *one = without_blanks (expected, size, pair), *two = without_blanks (is->utf8, is->size, pair);
  g_autofree char *escaped = g_strescape (was->utf8, NULL), *wanted = g_strescape (expected, NULL), *found = g_strescape (is->utf8, NULL);
  if (loose && g_str_equal (one, two))
    return;
  if (old->leaf->role == DS_PART_HEADER && (has_pieces (old->leaf) || has_pieces (new->leaf)) && is_parameter (was))
    return;
  /* A header's 8-bit characters are UTF-8 or not, which is a guess. */
  if (old->leaf->role == DS_PART_HEADER && !g_utf8_validate_len (old->leaf->frame->data + old->leaf->start, old->leaf->end - old->leaf->start, NULL))
    return;
  /* What was no encoded word may be one without what stood in its way. */
  if (old->leaf->role == DS_PART_HEADER && strstr (was->utf8, "=?") != NULL)
    return;
  tell_leaf ("before", old->leaf);
  tell_leaf ("after", new->leaf);
  fuzz_require (FALSE, "leaf %u (%s, %s) text %u: \"%s\" should read \"%s\", but reads \"%s\"", old->leaf->index,
                old->leaf->number, old->leaf->parent->media_type, which, escaped, wanted, found);
}

/* A malformed run of UTF-7 or HZ is read as it stands, and what an edit leaves of one may be well formed. */
static gboolean
may_have_runs (const DsDecoded *decoded)
{
  if (strchr (decoded->name, '7') != NULL)
    return memchr (decoded->utf8, '+', decoded->size) != NULL || memchr (decoded->utf8, '&', decoded->size) != NULL;
  return g_str_has_prefix (decoded->name, "hz") && memchr (decoded->utf8, '~', decoded->size) != NULL;
}

/* Reading it depends on more than the edited bytes: what is no character, and a charset that has to be guessed. */
static gboolean
reads_alike (const DsReading *old, const DsReading *new)
{
  if (old->decoded == NULL || new->decoded == NULL)
    return old->decoded == new->decoded;
  return old->decoded->invalid == 0 && new->decoded->invalid == 0 && !may_have_runs (old->decoded) && g_str_equal (old->decoded->name, new->decoded->name);
}

/* What looks like a value may be an attribute's or a tag's odd name; with a label in it, the markup around it is another.  So
 * it is where a label's bracket stands before those that end a CDATA section. */
static gboolean
moves_markup (const DsReading *reading, const FuzzOrder *order)
{
  if (reading->decoded != NULL && memmem (reading->decoded->utf8, reading->decoded->size, "CDATA", 5) != NULL)
    return TRUE;
  for (guint i = 0; i < order->edits->len; i++)
    {
      const DsTextEdit *edit = &g_array_index (order->edits, DsTextEdit, i);
      if (edit->leaf == reading->leaf->index && ((const DsText *) g_ptr_array_index (reading->texts, edit->text))->kind == DS_TEXT_ATTRIBUTE)
        return TRUE;
    }
  return FALSE;
}

static void
require_leaf (DsTree *before, DsTree *after, guint i, const FuzzOrder *order)
{
  g_autoptr (DsReading) old = ds_reading_new (before, g_ptr_array_index (ds_tree_leaves (before), i));
  g_autoptr (DsReading) new = ds_reading_new (after, g_ptr_array_index (ds_tree_leaves (after), i));
  if (old->leaf->role != DS_PART_HEADER && old->leaf->inner == NULL)
    require_rest (old, new, order);
  if (old->leaf->inner != NULL || !reads_alike (old, new))
    return;
  if (moves_markup (old, order))
    return;
  guint seen[DS_TEXT_METADATA + 1] = { 0 };
  for (guint k = 0; k < old->texts->len; k++)
    {
      const DsText *was = g_ptr_array_index (old->texts, k);
      if (was->size > 0 && !is_second_reading (was))
        require_text (old, k, own_text (new, was->kind, seen[was->kind]++), new, order);
    }
  for (guint kind = 0; kind <= DS_TEXT_METADATA; kind++)
    fuzz_require (own_text (new, kind, seen[kind]) == NULL, "leaf %u (%s): there is a further text", i, old->leaf->number);
}

void
fuzz_tell (const char *what, DsTree *tree)
{
  tell_leaf (what, ds_tree_frame (tree)->root);
}

void
fuzz_require_edited (DsTree *before, const FuzzOrder *order, DsTree *after)
{
  g_autoptr (GHashTable) touched = touched_leaves (before, order);
  GPtrArray *old = ds_tree_leaves (before), *new = ds_tree_leaves (after);
  for (guint i = 0; i < old->len; i++)
    {
      const DsPart *leaf = g_ptr_array_index (old, i);
      if (g_hash_table_contains (touched, leaf))
        require_leaf (before, after, i, order);
      else
        fuzz_require (same_bytes (leaf, g_ptr_array_index (new, i)), "leaf %u (%s), which nobody edited, changed", i, leaf->number);
    }
}

/* ---- judging: replaced parts ---- */

/* The replaced part's place in its frame: before it and behind it, everything is the same, and so on outwards. */
static void
require_around (const DsPart *old, const DsPart *new)
{
  while (old != NULL && new != NULL)
    {
      gsize behind = old->frame->size - old->end;
      fuzz_require (old->start == new->start && memcmp (old->frame->data, new->frame->data, old->start) == 0,
                    "part %s: bytes before it changed", old->number);
      fuzz_require (new->frame->size - new->end == behind
                      && memcmp (old->frame->data + old->end, new->frame->data + new->end, behind) == 0,
                    "part %s: bytes behind it changed", old->number);
      old = old->frame->container;
      new = new->frame->container;
    }
  fuzz_require (old == new, "a part is encoded more or less often than before");
}

void
fuzz_require_replaced (DsTree *before, const FuzzOrder *order, DsTree *after)
{
  for (guint i = 0; i < order->replacements->len; i++)
    {
      const DsReplacement *replacement = g_ptr_array_index (order->replacements, i);
      const DsPart *old = ds_tree_find (before, replacement->number), *new = ds_tree_find (after, replacement->number);
      if (new == NULL || !new->is_tombstone)
        tell_leaf ("after", ds_tree_frame (after)->root);
      fuzz_require (new != NULL && new->is_tombstone, "there is no tombstone for part %s", replacement->number);
      fuzz_count ("parts that became tombstones");
      if (order->replacements->len == 1 && order->edits->len == 0)
        require_around (old, new);
    }
}
