/* Any bytes as a mail: they are tiled, and every text of every leaf is valid and leads back into its leaf.  A number that is
 * put anywhere, plain or encoded, is in some text, or what holds it is reported as not looked at; and so is one that
 * GMime, asked on its own, sees in some part. */
#include "config.h"
#include "property.h"
#include "content/agreement.h"
#include "content/preload.h"
#include "content/reading.h"
#include "content/thread.h"
#include "detect/fold.h"
#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER "4111111111111111"

/* With blanks around it, and a letter, so that no escape can claim its digits. */
static const char *const spellings[] = {
  " z " NUMBER " ",
  "\nz " NUMBER " \n",
  "\nIHogNDExMTExMTExMTExMTExMSAg\n", /* in base64 */
  " z =34=31111111111111=31=31 ",     /* in quoted-printable */
};

static DsTree *
open_mail (GBytes *bytes)
{
  const DsLimits limits = DS_LIMITS_DEFAULT;
  DsTree *tree = ds_tree_open_mail (bytes, &limits);
  fuzz_require_tiled (tree);
  ds_tree_check_agreement (tree);
  fuzz_require_tiled (tree);
  return tree;
}

/* ---- is the number seen, or reported? ---- */

static gboolean
has_number (const DsText *text)
{
  g_autoptr (DsFolded) folded = ds_fold (text->utf8, text->size, text->flowed, text->delsp);
  return memmem (folded->bytes, folded->size, NUMBER, strlen (NUMBER)) != NULL;
}

/* Reads every leaf, so that all problems are known. */
static gboolean
is_in_some_text (DsTree *tree)
{
  GPtrArray *leaves = ds_tree_leaves (tree);
  gboolean found = FALSE;
  for (guint i = 0; i < leaves->len; i++)
    {
      g_autoptr (DsReading) reading = ds_reading_new (tree, g_ptr_array_index (leaves, i));
      for (guint k = 0; k < reading->texts->len; k++)
        found |= has_number (g_ptr_array_index (reading->texts, k));
    }
  return found;
}

static gboolean
is_part_of (const char *number, const char *whole)
{
  gsize length = strlen (whole);
  return strncmp (number, whole, length) == 0 && (number[length] == '\0' || number[length] == '.');
}

/* A problem of this leaf, of what it is in, or of what is in it. */
static gboolean
is_reported (DsTree *tree, const DsPart *leaf)
{
  GArray *problems = ds_tree_problems (tree);
  for (guint i = 0; i < problems->len; i++)
    {
      const char *part = g_array_index (problems, DsProblem, i).part;
      if (is_part_of (part, leaf->number) || is_part_of (leaf->number, part) || g_str_equal (part, "0"))
        return TRUE;
    }
  return FALSE;
}

/* ---- what is not read, and why ---- */

static const DsField *
field_at (const DsPart *header, gsize at)
{
  for (guint i = 0; i < header->fields->len; i++)
    {
      const DsField *field = &g_array_index (header->fields, DsField, i);
      if (field->start <= at && at < field->end)
        return field;
    }
  return NULL;
}

/* The fields that are neither findings nor ever edited (DESIGN 4.1), and those with parameters of that sort. */
static gboolean
is_structural (const DsPart *header, gsize at)
{
  static const char *const names[] = {
    "message-id", "references", "in-reply-to", "content-id", "mime-version", "content-transfer-encoding", "date", "content-length",
    "dkim-signature", "arc-seal", "arc-message-signature", "domainkey-signature", "x-google-dkim-signature", "content-md5",
    "x-deskshred", "lines", "x-ms-exchange-antispam-messagedata-0", "x-ms-exchange-antispam-messagedata-1", "content-type",
    "content-disposition", NULL,
  };
  const DsField *field = field_at (header, at);
  if (field == NULL || field->name_end == field->start)
    return FALSE;
  g_autofree char *name = ds_field_name (header->frame, field);
  g_autofree char *lower = g_ascii_strdown (name, -1);
  return g_strv_contains (names, lower);
}

/* The number stands in such a field of some message, however deep: part of a content to GMime, if that is encoded. */
static gboolean
is_in_structural_field (DsTree *tree)
{
  GPtrArray *leaves = ds_tree_leaves (tree);
  for (guint i = 0; i < leaves->len; i++)
    {
      const DsPart *leaf = g_ptr_array_index (leaves, i);
      const char *raw = leaf->frame->data + leaf->start;
      const char *found = leaf->role == DS_PART_HEADER ? memmem (raw, leaf->end - leaf->start, NUMBER, strlen (NUMBER)) : NULL;
      if (found != NULL && is_structural (leaf, (gsize) (found - leaf->frame->data)))
        return TRUE;
    }
  return FALSE;
}

/* In these an ASCII character is not always its byte. */
static gboolean
is_ascii_text (DsTree *tree, DsPart *leaf)
{
  g_autoptr (DsReading) reading = ds_reading_new (tree, leaf);
  if (reading->decoded == NULL)
    return leaf->role == DS_PART_HEADER;
  static const char *const others[] = { "utf-16", "utf-32", "ucs", "7", "2022", "hz", "ibm", "cp037", "cp5", "ebcdic", NULL };
  for (guint i = 0; others[i] != NULL; i++)
    if (strstr (reading->decoded->name, others[i]) != NULL)
      return FALSE;
  return TRUE;
}

static DsPart *
leaf_at (DsTree *tree, gsize at)
{
  GPtrArray *leaves = ds_tree_leaves (tree);
  for (guint i = 0; i < leaves->len; i++)
    {
      DsPart *leaf = g_ptr_array_index (leaves, i);
      if (leaf->frame == ds_tree_frame (tree) && leaf->start <= at && at < leaf->end)
        return leaf;
    }
  return NULL;
}

/* A plain number at at, and where it now stands. */
static void
require_seen (DsTree *tree, gsize at)
{
  DsPart *leaf = leaf_at (tree, at);
  fuzz_require (leaf != NULL, "byte %zu is in no leaf", at);
  if (leaf->role == DS_PART_HEADER ? is_structural (leaf, at) : leaf->inner != NULL || !is_ascii_text (tree, leaf))
    return;
  gboolean plain = leaf->role != DS_PART_BODY || leaf->parent->encoding == DS_ENCODING_IDENTITY
                   || leaf->parent->encoding == DS_ENCODING_QUOTED_PRINTABLE;
  if (plain && !is_in_some_text (tree))
    fuzz_require (is_reported (tree, leaf), "a number at %zu, in leaf %u (%s, %s), is in no text, and nothing is reported", at, leaf->index,
                  leaf->number, leaf->parent->media_type);
}

/* ---- what GMime sees ---- */

static gboolean
content_has_number (GMimePart *part)
{
  GMimeDataWrapper *content = g_mime_part_get_content (part);
  if (content == NULL)
    return FALSE;
  GMimeStream *stream = g_mime_stream_mem_new ();
  g_mime_data_wrapper_write_to_stream (content, stream);
  GByteArray *bytes = g_mime_stream_mem_get_byte_array (GMIME_STREAM_MEM (stream));
  gboolean found = bytes->len > 0 && memmem (bytes->data, bytes->len, NUMBER, strlen (NUMBER)) != NULL;
  g_object_unref (stream);
  return found;
}

static gboolean
object_has_number (GMimeObject *object)
{
  if (GMIME_IS_MULTIPART (object))
    {
      for (int i = 0; i < g_mime_multipart_get_count (GMIME_MULTIPART (object)); i++)
        if (object_has_number (g_mime_multipart_get_part (GMIME_MULTIPART (object), i)))
          return TRUE;
      return FALSE;
    }
  if (GMIME_IS_MESSAGE_PART (object))
    {
      GMimeMessage *message = g_mime_message_part_get_message (GMIME_MESSAGE_PART (object));
      return message != NULL && g_mime_message_get_mime_part (message) != NULL && object_has_number (g_mime_message_get_mime_part (message));
    }
  return GMIME_IS_PART (object) && content_has_number (GMIME_PART (object));
}

static gboolean
gmime_sees_number (GBytes *bytes)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);
  GMimeStream *stream = g_mime_stream_mem_new_with_buffer (data, size);
  GMimeParser *parser = g_mime_parser_new_with_stream (stream);
  GMimeMessage *message = g_mime_parser_construct_message (parser, NULL);
  gboolean seen = message != NULL && g_mime_message_get_mime_part (message) != NULL && object_has_number (g_mime_message_get_mime_part (message));
  g_clear_object (&message);
  g_object_unref (parser);
  g_object_unref (stream);
  return seen;
}

static void
plant (const char *data, gsize size, GRand *choices)
{
  gsize at = g_rand_int (choices) % (size + 1);
  guint spelling = g_rand_int (choices) % G_N_ELEMENTS (spellings);
  while (at < size && ((guchar) data[at] & 0xc0) == 0x80)
    at++;
  g_autoptr (GString) planted = g_string_new_len (data, (gssize) at);
  g_string_append (planted, spellings[spelling]);
  g_string_append_len (planted, data + at, (gssize) (size - at));
  g_autoptr (GBytes) bytes = g_bytes_new (planted->str, planted->len);
  g_autoptr (DsTree) tree = open_mail (bytes);
  if (spelling < 2)
    require_seen (tree, at + strlen (spellings[spelling]) / 2);
  if (gmime_sees_number (bytes) && !is_in_some_text (tree) && !is_in_structural_field (tree))
    fuzz_require (ds_tree_problems (tree)->len > 0, "GMime sees the number at %zu (spelling %u), and we see neither it nor a problem", at,
                  spelling);
}

/* The same bytes as a file of some type. */
static void
read_as_file (GBytes *bytes)
{
  const DsLimits limits = DS_LIMITS_DEFAULT;
  gsize size = g_bytes_get_size (bytes);
  g_autoptr (DsTree) file = ds_tree_open_file (bytes, size % 2 == 0 ? "a.html" : NULL, size % 3 == 0 ? "text/calendar" : NULL, &limits);
  fuzz_require_tiled (file);
  fuzz_require_readings (file);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static gsize ready;
  if (g_once_init_enter (&ready))
    {
      ds_content_preload ();
      g_once_init_leave (&ready, 1);
    }
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (DsTree) tree = open_mail (bytes);
  fuzz_require_readings (tree);
  g_autoptr (DsThreadFields) fields = ds_thread_fields (tree);
  if (fields->subject != NULL)
    fuzz_require_utf8 (fields->subject, strlen (fields->subject));
  read_as_file (bytes);
  GRand *choices = fuzz_choices (data, size);
  for (guint i = 0; i < 3; i++)
    plant ((const char *) data, size, choices);
  g_rand_free (choices);
  return 0;
}
