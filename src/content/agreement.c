#include "config.h"
#include "content/agreement.h"
#include "content/header.h"
#include "content/scan-private.h"
#include <gmime/gmime.h>
#include <string.h>

/* GMime 3.2 needs 170 bytes for each byte of a header, 250 for each byte of an empty part, and a stack frame for each
 * "a:" of an address field, at some 81 KB of which it overflows. */
#define MAX_HEADER_BYTES (256u << 10)
#define MAX_ENTITIES 1000
#define MAX_FIELD (64u << 10)
#define MAX_ADDRESSES (16u << 10)
/* Lines that it could take for delimiters where we do not, as with an empty boundary: each may become a part. */
#define MAX_DASHED_LINES 20000
/* A field's name with its colon, of those that mail has. */
#define LONGEST_NAME 60

/* A leaf's content as one of the two sees it. */
typedef struct
{
  gsize start, end;
  DsEncoding encoding;
  DsPart *part; /* ours: the leaf, or the entity that was opened further */
  gboolean loose;   /* ours: it was opened further by us alone: a message read as it stands, or text with uuencoded files */
  gboolean matched;
} Leaf;

/* ---- is it harmless? ---- */

static gboolean
is_harmless_header (const DsPart *header)
{
  for (guint i = 0; i < header->fields->len; i++)
    {
      const DsField *field = &g_array_index (header->fields, DsField, i);
      gsize size = field->end - field->start;
      if (size > MAX_FIELD || (size > MAX_ADDRESSES && ds_header_is_address_field (header->frame, field)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
has_many_dashed_lines (const DsFrame *frame)
{
  const char *end = frame->data + frame->size;
  guint n = 0;
  for (const char *at = frame->data; n <= MAX_DASHED_LINES && end - at > 3; at++)
    {
      at = memmem (at, (gsize) (end - at), "\n--", 3);
      if (at == NULL)
        break;
      n++;
    }
  return n > MAX_DASHED_LINES;
}

static gboolean
is_harmless (DsTree *tree)
{
  if (tree->header_cut || tree->header_bytes > MAX_HEADER_BYTES || tree->n_entities > MAX_ENTITIES)
    return FALSE;
  for (guint i = 0; i < tree->leaves->len; i++)
    {
      const DsPart *leaf = g_ptr_array_index (tree->leaves, i);
      if (leaf->role == DS_PART_HEADER && !is_harmless_header (leaf))
        return FALSE;
    }
  return TRUE;
}

/* ---- ours ---- */

static gboolean
is_opened_by_both (const DsPart *entity)
{
  return g_str_has_prefix (entity->media_type, "multipart/") || ds_media_type_is_message (entity->media_type);
}

static gsize
content_start (const DsPart *entity)
{
  const DsPart *first = g_ptr_array_index (entity->children, 0);
  return first->role == DS_PART_HEADER ? first->end : entity->start;
}

/* What it was opened as, or NULL. */
static const DsPart *
first_entity (const DsPart *entity)
{
  for (guint i = 0; i < entity->children->len; i++)
    {
      const DsPart *child = g_ptr_array_index (entity->children, i);
      if (child->role == DS_PART_ENTITY)
        return child;
    }
  return NULL;
}

static void
collect_ours (DsPart *entity, GArray *out)
{
  if (is_opened_by_both (entity) && first_entity (entity) != NULL)
    {
      for (guint i = 0; i < entity->children->len; i++)
        {
          DsPart *child = g_ptr_array_index (entity->children, i);
          if (child->role == DS_PART_ENTITY)
            collect_ours (child, out);
        }
      return;
    }
  Leaf leaf = { content_start (entity), entity->end, entity->encoding, entity, first_entity (entity) != NULL, FALSE };
  for (guint i = 0; i < entity->children->len && !leaf.loose; i++)
    {
      DsPart *child = g_ptr_array_index (entity->children, i);
      if (child->role == DS_PART_BODY)
        leaf.part = child;
    }
  g_array_append_val (out, leaf);
}

/* ---- GMime's ---- */

static DsEncoding
encoding_of (GMimeDataWrapper *content)
{
  switch (g_mime_data_wrapper_get_encoding (content))
    {
    case GMIME_CONTENT_ENCODING_BASE64:
      return DS_ENCODING_BASE64;
    case GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE:
      return DS_ENCODING_QUOTED_PRINTABLE;
    case GMIME_CONTENT_ENCODING_UUENCODE:
      return DS_ENCODING_UUENCODE;
    default:
      return DS_ENCODING_IDENTITY;
    }
}

static void
collect_theirs (GMimeObject *object, GArray *out)
{
  GMimeDataWrapper *content = GMIME_IS_PART (object) ? g_mime_part_get_content (GMIME_PART (object)) : NULL;
  GMimeStream *stream = content != NULL ? g_mime_data_wrapper_get_stream (content) : NULL;
  if (stream == NULL)
    return;
  gsize start = (gsize) MAX (stream->bound_start, 0);
  Leaf leaf = { start, MAX (start, (gsize) MAX (stream->bound_end, 0)), encoding_of (content), NULL, FALSE, FALSE };
  g_array_append_val (out, leaf);
}

static void
walk (GMimeObject *object, GArray *out)
{
  if (GMIME_IS_MULTIPART (object))
    {
      int n = g_mime_multipart_get_count (GMIME_MULTIPART (object));
      for (int i = 0; i < n; i++)
        walk (g_mime_multipart_get_part (GMIME_MULTIPART (object), i), out);
    }
  else if (GMIME_IS_MESSAGE_PART (object))
    {
      GMimeMessage *message = g_mime_message_part_get_message (GMIME_MESSAGE_PART (object));
      if (message != NULL && g_mime_message_get_mime_part (message) != NULL)
        walk (g_mime_message_get_mime_part (message), out);
    }
  else if (object != NULL)
    collect_theirs (object, out);
}

static void
parse_theirs (const DsFrame *frame, GArray *out)
{
  GMimeStream *stream = g_mime_stream_mem_new_with_buffer (frame->data, frame->size);
  GMimeParser *parser = g_mime_parser_new_with_stream (stream);
  g_mime_parser_set_persist_stream (parser, TRUE);
  GMimeMessage *message = g_mime_parser_construct_message (parser, NULL);
  if (message != NULL && g_mime_message_get_mime_part (message) != NULL)
    walk (g_mime_message_get_mime_part (message), out);
  g_clear_object (&message);
  g_object_unref (parser);
  g_object_unref (stream);
}

/* ---- comparing ---- */

static gboolean
is_blank (const DsFrame *frame, gsize start, gsize end)
{
  for (gsize i = start; i < end; i++)
    if (!g_ascii_isspace (frame->data[i]))
      return FALSE;
  return TRUE;
}

/* The same stretch but for blanks: line breaks before a boundary, and an empty line more or less before a body. */
static gboolean
same_range (const DsFrame *frame, const Leaf *one, const Leaf *two)
{
  gsize from = MIN (one->start, two->start), begin = MAX (one->start, two->start);
  gsize end = MIN (one->end, two->end), to = MAX (one->end, two->end);
  if (begin >= end)
    return is_blank (frame, from, to);
  return is_blank (frame, from, begin) && is_blank (frame, end, to);
}

/* Ours that holds the beginning of theirs, or the last before it. */
static const Leaf *
leaf_around (const GArray *ours, gsize at)
{
  const Leaf *found = NULL;
  for (guint i = 0; i < ours->len; i++)
    {
      const Leaf *leaf = &g_array_index (ours, Leaf, i);
      if (found == NULL || leaf->start <= at)
        found = leaf;
    }
  return found;
}

static gboolean
opens_files (const Leaf *ours)
{
  return ours->loose && !first_entity (ours->part)->is_message;
}

/* Two plain readings of the same bytes find the same; and so do two that decode the uuencoded files in them. */
static gboolean
reads_alike (const Leaf *ours, const Leaf *theirs)
{
  gboolean plain = theirs->encoding == DS_ENCODING_IDENTITY && (ours->loose || ours->encoding == DS_ENCODING_IDENTITY);
  gboolean files = theirs->encoding == DS_ENCODING_UUENCODE && opens_files (ours);
  return (plain || files) && ours->start <= theirs->start && theirs->end <= ours->end;
}

/* Read the other way, too: ours as it stands where only we decode, theirs decoded where only they do.  theirs is NULL
 * where they have no such leaf. */
static void
disagree (DsTree *tree, const Leaf *ours, const Leaf *theirs)
{
  DsEncoding other = theirs != NULL ? theirs->encoding : DS_ENCODING_IDENTITY;
  ds_tree_add_problem (tree, ours->part, DS_REASON_DISAGREE);
  if (ours->part->role != DS_PART_BODY || ours->encoding == other)
    return;
  if (ours->encoding != DS_ENCODING_IDENTITY)
    ds_part_read_also (ours->part, ours->part->start, ours->part->end, DS_ENCODING_IDENTITY);
  if (other != DS_ENCODING_IDENTITY && theirs->start < theirs->end)
    ds_part_read_also (ours->part, theirs->start, theirs->end, other);
}

/* The first of ours from *i on that is the same stretch as theirs; *i is then behind it. */
static Leaf *
find_same (const DsFrame *frame, const GArray *ours, const Leaf *their, guint *i)
{
  while (*i < ours->len && g_array_index (ours, Leaf, *i).start <= MAX (their->end, their->start + 2))
    {
      Leaf *our = &g_array_index (ours, Leaf, (*i)++);
      if (same_range (frame, our, their))
        return our;
    }
  return NULL;
}

static void
compare_leaves (DsTree *tree, const DsFrame *frame, const GArray *ours, const GArray *theirs)
{
  guint i = 0;
  for (guint k = 0; k < theirs->len; k++)
    {
      const Leaf *their = &g_array_index (theirs, Leaf, k);
      if (is_blank (frame, their->start, their->end))
        continue;
      Leaf *same = find_same (frame, ours, their, &i);
      const Leaf *our = same != NULL ? same : leaf_around (ours, their->start);
      if (same != NULL)
        same->matched = TRUE;
      if (our != NULL && (same == NULL || same->encoding != their->encoding) && !reads_alike (our, their))
        disagree (tree, our, their);
    }
  for (guint k = 0; k < ours->len; k++)
    {
      const Leaf *our = &g_array_index (ours, Leaf, k);
      if (!our->matched && our->encoding != DS_ENCODING_IDENTITY && !is_blank (frame, our->start, our->end))
        disagree (tree, our, NULL);
    }
}

static void
compare_frame (DsTree *tree, const DsFrame *frame)
{
  if (frame->size == 0 || g_str_equal (frame->eol, "\r"))
    return; /* to GMime lone CRs are one line */
  g_autoptr (GArray) ours = g_array_new (FALSE, FALSE, sizeof (Leaf));
  g_autoptr (GArray) theirs = g_array_new (FALSE, FALSE, sizeof (Leaf));
  collect_ours (frame->root, ours);
  parse_theirs (frame, theirs);
  compare_leaves (tree, frame, ours, theirs);
}

/* ---- lone CRs ---- */

static gboolean
is_boundary_line (const DsPart *leaf, gsize at)
{
  const char *text = leaf->frame->data + at;
  if (leaf->end - at < 3 || memcmp (text, "--", 2) != 0)
    return FALSE;
  for (const DsPart *entity = leaf->parent; entity != NULL; entity = entity->parent)
    if (entity->boundary != NULL && entity->boundary[0] == text[2] && leaf->end - at - 2 >= strlen (entity->boundary)
        && memcmp (text + 2, entity->boundary, strlen (entity->boundary)) == 0)
      return TRUE;
  return FALSE;
}

/* A CR without LF is a character of its line to us and to GMime, and ends it to others: a field or a delimiter may stand
 * behind it. */
static void
check_lone_crs (DsTree *tree, const DsPart *leaf)
{
  const DsFrame *frame = leaf->frame;
  const DsScanner s = { .frame = leaf->frame, .data = frame->data, .size = frame->size };
  gboolean header = leaf->role == DS_PART_HEADER;
  if (frame->size == 0 || g_str_equal (frame->eol, "\r"))
    return;
  for (gsize at = leaf->start; at < leaf->end;)
    {
      const char *found = memchr (frame->data + at, '\r', leaf->end - at);
      at = found != NULL ? (gsize) (found - frame->data) + 1 : leaf->end;
      if (at == leaf->end || frame->data[at] == '\n')
        continue;
      if (is_boundary_line (leaf, at) || (header && ds_scan_is_field (&s, at, MIN (leaf->end, at + LONGEST_NAME), TRUE)))
        {
          ds_tree_add_problem (tree, leaf, DS_REASON_DISAGREE);
          return;
        }
    }
}

void
ds_tree_check_agreement (DsTree *tree)
{
  for (guint i = 0; i < tree->leaves->len; i++)
    check_lone_crs (tree, g_ptr_array_index (tree->leaves, i));
  if (!tree->frame->root->is_message || !is_harmless (tree))
    return;
  for (guint i = 0; i < tree->frames->len; i++)
    if (!has_many_dashed_lines (g_ptr_array_index (tree->frames, i)))
      compare_frame (tree, g_ptr_array_index (tree->frames, i));
}
