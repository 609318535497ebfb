#include "config.h"
#include "base/flat.h"
#include "worker/task.h"
#include "content/text.h"
#include "content/tree.h"
#include <string.h>

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* A part's number at the greatest depth that can be configured. */
#define PART_BYTES 4000
#define MASKED_BYTES 64

void
ds_part_info_free (DsPartInfo *info)
{
  g_free (info->number);
  g_free (info->media_type);
  g_free (info->extension);
  g_free (info);
}

void
ds_not_looked_at_free (DsNotLookedAt *entry)
{
  g_free (entry->part);
  g_free (entry);
}

void
ds_scan_reply_free (DsScanReply *reply)
{
  if (reply == NULL)
    return;
  g_free (reply->own);
  g_strfreev (reply->references);
  g_free (reply->ticket);
  g_clear_pointer (&reply->findings, g_ptr_array_unref);
  g_clear_pointer (&reply->not_looked_at, g_ptr_array_unref);
  g_clear_pointer (&reply->parts, g_ptr_array_unref);
  g_free (reply);
}

void
ds_rewrite_reply_free (DsRewriteReply *reply)
{
  if (reply == NULL)
    return;
  g_clear_pointer (&reply->bytes, g_bytes_unref);
  g_free (reply->part);
  g_free (reply);
}

/* ---- what findings share ---- */

/* Mostly it is what the finding before has there. */
static void
put_shared (GByteArray *body, const char *text, const char *before)
{
  gboolean same = g_strcmp0 (text, before) == 0;
  ds_flat_put_number (body, same);
  if (!same)
    ds_flat_put_text (body, text);
}

static GRefString *
read_shared (DsFlatReader *reader, GRefString *before)
{
  if (ds_flat_number_to (reader, 1) == 1)
    return before != NULL ? g_ref_string_acquire (before) : NULL;
  const char *text = ds_flat_text (reader);
  return text != NULL ? g_ref_string_new (text) : NULL;
}

/* ---- writing ---- */

static void
put_finding (GByteArray *body, const DsFinding *f, const DsFinding *before)
{
  ds_flat_put_number (body, f->origin);
  ds_flat_put_number (body, f->leaf);
  ds_flat_put_number (body, f->text);
  put_shared (body, f->part, before->part);
  put_shared (body, f->text_label, before->text_label);
  put_shared (body, f->where, before->where);
  put_shared (body, f->extension, before->extension);
  put_shared (body, f->media_type, before->media_type);
  put_shared (body, f->rule, before->rule);
  put_shared (body, f->filename, before->filename);
  ds_flat_put_number (body, f->kind);
  ds_flat_put_number (body, f->score);
  ds_flat_put_number (body, f->start);
  ds_flat_put_number (body, f->end);
  ds_flat_put_number (body, f->proved);
  ds_flat_put_number (body, f->quoting);
  ds_flat_put_number (body, f->fixed);
  ds_flat_put_text (body, f->masked);
  ds_flat_put_text (body, f->fingerprint);
  ds_flat_put_text (body, f->value);
}

static void
put_findings (GByteArray *body, GPtrArray *findings)
{
  static const DsFinding none;
  ds_flat_put_number (body, findings->len);
  for (guint i = 0; i < findings->len; i++)
    put_finding (body, g_ptr_array_index (findings, i), i > 0 ? g_ptr_array_index (findings, i - 1) : &none);
}

static void
put_problems (GByteArray *body, GPtrArray *problems)
{
  ds_flat_put_number (body, problems->len);
  for (guint i = 0; i < problems->len; i++)
    {
      const DsNotLookedAt *entry = g_ptr_array_index (problems, i);
      ds_flat_put_text (body, entry->part);
      ds_flat_put_text (body, entry->reason);
    }
}

static void
put_parts (GByteArray *body, GPtrArray *parts)
{
  ds_flat_put_number (body, parts->len);
  for (guint i = 0; i < parts->len; i++)
    {
      const DsPartInfo *part = g_ptr_array_index (parts, i);
      ds_flat_put_text (body, part->number);
      ds_flat_put_text (body, part->media_type);
      ds_flat_put_text (body, part->extension);
      ds_flat_put_number (body, part->size);
      ds_flat_put_number (body, part->attachment);
      ds_flat_put_number (body, part->tombstone);
    }
}

GBytes *
ds_scan_reply_write (const DsScanReply *reply)
{
  GByteArray *body = g_byte_array_new ();
  ds_flat_put_text (body, reply->own);
  for (guint i = 0; reply->references != NULL && reply->references[i] != NULL; i++)
    ds_flat_put_text (body, reply->references[i]);
  ds_flat_put_text (body, NULL);
  ds_flat_put_text (body, reply->ticket);
  put_findings (body, reply->findings);
  put_problems (body, reply->not_looked_at);
  put_parts (body, reply->parts);
  ds_flat_put_number (body, reply->text_bytes);
  ds_flat_put_number (body, reply->n_texts);
  ds_flat_put_number (body, reply->is_signed);
  return g_byte_array_free_to_bytes (body);
}

GBytes *
ds_rewrite_reply_write (const DsRewriteReply *reply)
{
  GByteArray *body = g_byte_array_new ();
  ds_flat_put_text (body, reply->error);
  ds_flat_put_text (body, reply->part);
  ds_flat_put_number (body, reply->left);
  return g_byte_array_free_to_bytes (body);
}

/* ---- reading: what a worker says, and whether it can be ---- */

static gboolean
is_of (const char *text, const char *alphabet, gsize most)
{
  gsize length = strlen (text);
  return length > 0 && length <= most && strspn (text, alphabet) == length;
}

static gboolean
is_part (const char *text)
{
  return is_of (text, DIGITS ".", PART_BYTES);
}

static gboolean
is_digest (const char *text)
{
  return is_of (text, DIGITS "abcdef", 32) && strlen (text) == 32;
}

static gboolean
is_extension (const char *text)
{
  g_autofree char *name = text != NULL ? g_strconcat (".", text, NULL) : NULL;
  g_autofree char *known = ds_extension (name);
  return g_strcmp0 (known, text) == 0;
}

gboolean
ds_task_is_media_type (const char *type)
{
  guint digits = 0;
  for (const char *at = type; *at != '\0'; at++)
    {
      digits = g_ascii_isdigit (*at) ? digits + 1 : 0;
      if (digits > 6)
        return FALSE;
    }
  return is_of (type, LOWER UPPER DIGITS "/.+-_", 100);
}

gboolean
ds_task_is_masked (const char *masked)
{
  if (strlen (masked) > MASKED_BYTES || !g_utf8_validate (masked, -1, NULL))
    return FALSE;
  for (const char *at = masked; *at != '\0'; at = g_utf8_next_char (at))
    {
      GUnicodeType type = g_unichar_type (g_utf8_get_char (at));
      /* Controls of writing direction and line separators deceive a reader, too. */
      if (type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT || type == G_UNICODE_LINE_SEPARATOR
          || type == G_UNICODE_PARAGRAPH_SEPARATOR)
        return FALSE;
    }
  return TRUE;
}

/* The static string for a reason, or NULL if there is none of that name. */
static const char *
intern_reason (const char *name)
{
  static const char *const reasons[] = {
    DS_REASON_ENCRYPTED, DS_REASON_OPAQUE, DS_REASON_CHARSET, DS_REASON_DAMAGED_TEXT, DS_REASON_DAMAGED_ENCODING,
    DS_REASON_UNKNOWN_ENCODING, DS_REASON_STRUCTURE, DS_REASON_DISAGREE, DS_REASON_PARTS, DS_REASON_DEPTH, DS_REASON_HEADERS,
    DS_REASON_SIZE, DS_REASON_TEXT, DS_REASON_FINDINGS, DS_REASON_MATCH, DS_REASON_IMAGE, DS_REASON_CRASHED, DS_REASON_TIME,
  };
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (g_str_equal (reasons[i], name))
      return reasons[i];
  return NULL;
}

/* What it shares with the finding before was judged with that. */
static gboolean
is_honest (const DsFinding *f, const DsFinding *before)
{
  return f->part != NULL && f->text_label != NULL && f->rule != NULL && f->media_type != NULL && f->masked != NULL && f->where != NULL
         && f->start < f->end && f->score <= 100 && f->quoting <= DS_QUOTING_ADDRESS && is_digest (f->fingerprint)
         && ds_task_is_masked (f->masked) && (f->part == before->part || is_part (f->part))
         && (f->text_label == before->text_label || is_of (f->text_label, LOWER UPPER ":-", 60))
         && (f->rule == before->rule || is_of (f->rule, LOWER DIGITS "-", 64))
         && (f->extension == before->extension || is_extension (f->extension))
         && (f->media_type == before->media_type || ds_task_is_media_type (f->media_type))
         && (f->filename == before->filename || f->filename == NULL || g_utf8_validate (f->filename, -1, NULL))
         && (f->value == NULL || g_utf8_validate (f->value, -1, NULL));
}

static gboolean
is_honest_thread (const DsScanReply *reply)
{
  for (guint i = 0; reply->references[i] != NULL; i++)
    if (!is_digest (reply->references[i]))
      return FALSE;
  return (reply->own == NULL || is_digest (reply->own)) && (reply->ticket == NULL || is_of (reply->ticket, LOWER UPPER DIGITS "_-", 40));
}

static DsFinding *
read_finding (DsFlatReader *reader, const DsFinding *before)
{
  DsFinding *f = g_new0 (DsFinding, 1);
  f->origin = (DsOrigin) ds_flat_number_to (reader, DS_ORIGIN_GIVEN);
  f->leaf = (guint) ds_flat_number_to (reader, G_MAXUINT);
  f->text = (guint) ds_flat_number_to (reader, G_MAXUINT);
  f->part = read_shared (reader, before->part);
  f->text_label = read_shared (reader, before->text_label);
  gboolean same_where = ds_flat_number_to (reader, 1) == 1;
  const char *where = same_where ? NULL : ds_flat_some_text (reader);
  f->where = same_where ? before->where : where != NULL ? ds_where_intern (where) : NULL;
  f->extension = read_shared (reader, before->extension);
  f->media_type = read_shared (reader, before->media_type);
  f->rule = read_shared (reader, before->rule);
  f->filename = read_shared (reader, before->filename);
  f->kind = (DsKind) ds_flat_number_to (reader, DS_N_KINDS - 1);
  f->score = (guint) ds_flat_number_to (reader, 100);
  f->start = ds_flat_number (reader);
  f->end = ds_flat_number (reader);
  f->proved = ds_flat_number_to (reader, 1) == 1;
  f->quoting = (guint) ds_flat_number_to (reader, DS_QUOTING_ADDRESS);
  f->fixed = ds_flat_number_to (reader, 1) == 1;
  f->masked = g_strdup (ds_flat_some_text (reader));
  const char *fingerprint = ds_flat_some_text (reader);
  g_strlcpy (f->fingerprint, fingerprint != NULL && strlen (fingerprint) < sizeof f->fingerprint ? fingerprint : "", sizeof f->fingerprint);
  f->value = g_strdup (ds_flat_text (reader));
  return f;
}

static GPtrArray *
read_findings (DsFlatReader *reader)
{
  static const DsFinding none;
  gsize n = ds_flat_count (reader);
  g_autoptr (GPtrArray) findings = g_ptr_array_new_full ((guint) n, (GDestroyNotify) ds_finding_free);
  const DsFinding *before = &none;
  for (gsize i = 0; i < n; i++)
    {
      DsFinding *f = read_finding (reader, before);
      g_ptr_array_add (findings, f);
      if (reader->bad || !is_honest (f, before))
        return NULL;
      before = f;
    }
  return g_steal_pointer (&findings);
}

static gboolean
read_problems (DsFlatReader *reader, DsScanReply *reply)
{
  gsize n = ds_flat_count (reader);
  reply->not_looked_at = g_ptr_array_new_full ((guint) n, (GDestroyNotify) ds_not_looked_at_free);
  for (gsize i = 0; i < n; i++)
    {
      const char *part = ds_flat_some_text (reader), *reason = ds_flat_some_text (reader);
      if (reader->bad || !is_part (part) || intern_reason (reason) == NULL)
        return FALSE;
      DsNotLookedAt *entry = g_new0 (DsNotLookedAt, 1);
      *entry = (DsNotLookedAt){ g_strdup (part), intern_reason (reason) };
      g_ptr_array_add (reply->not_looked_at, entry);
    }
  return TRUE;
}

static gboolean
read_parts (DsFlatReader *reader, DsScanReply *reply)
{
  gsize n = ds_flat_count (reader);
  reply->parts = g_ptr_array_new_full ((guint) n, (GDestroyNotify) ds_part_info_free);
  for (gsize i = 0; i < n; i++)
    {
      DsPartInfo *info = g_new0 (DsPartInfo, 1);
      g_ptr_array_add (reply->parts, info);
      info->number = g_strdup (ds_flat_some_text (reader));
      info->media_type = g_strdup (ds_flat_some_text (reader));
      info->extension = g_strdup (ds_flat_text (reader));
      info->size = ds_flat_number (reader);
      info->attachment = ds_flat_number_to (reader, 1) == 1;
      info->tombstone = ds_flat_number_to (reader, 1) == 1;
      if (reader->bad || !is_part (info->number) || !ds_task_is_media_type (info->media_type) || !is_extension (info->extension))
        return FALSE;
    }
  return TRUE;
}

static void
read_thread (DsFlatReader *reader, DsScanReply *reply)
{
  g_autoptr (GStrvBuilder) references = g_strv_builder_new ();
  reply->own = g_strdup (ds_flat_text (reader));
  const char *reference;
  while ((reference = ds_flat_text (reader)) != NULL)
    g_strv_builder_add (references, reference);
  reply->references = g_strv_builder_end (references);
  reply->ticket = g_strdup (ds_flat_text (reader));
}

DsScanReply *
ds_scan_reply_read (GBytes *body)
{
  DsFlatReader reader = ds_flat_reader (body);
  g_autoptr (DsScanReply) reply = g_new0 (DsScanReply, 1);
  read_thread (&reader, reply);
  reply->findings = read_findings (&reader);
  if (reply->findings == NULL || !read_problems (&reader, reply) || !read_parts (&reader, reply) || !is_honest_thread (reply))
    return NULL;
  reply->text_bytes = ds_flat_number (&reader);
  reply->n_texts = (guint) ds_flat_number_to (&reader, G_MAXUINT);
  reply->is_signed = ds_flat_number_to (&reader, 1) == 1;
  return ds_flat_is_done (&reader) ? g_steal_pointer (&reply) : NULL;
}

/* The static string for a refusal, or NULL if there is none of that name. */
static const char *
intern_refusal (const char *name)
{
  static const char *const refusals[] = { DS_REFUSAL_PART, DS_REFUSAL_STRUCTURE, DS_REFUSAL_UNASKED, DS_REFUSAL_UNMEANT,
                                          DS_REFUSAL_LEFT };
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    if (g_str_equal (refusals[i], name))
      return refusals[i];
  return NULL;
}

DsRewriteReply *
ds_rewrite_reply_read (GBytes *body, GBytes *bytes)
{
  DsFlatReader reader = ds_flat_reader (body);
  g_autoptr (DsRewriteReply) reply = g_new0 (DsRewriteReply, 1);
  const char *error = ds_flat_text (&reader);
  reply->part = g_strdup (ds_flat_text (&reader));
  reply->left = (guint) ds_flat_number_to (&reader, G_MAXUINT);
  reply->error = error != NULL ? intern_refusal (error) : NULL;
  reply->bytes = error == NULL && bytes != NULL ? g_bytes_ref (bytes) : NULL;
  gboolean honest = ds_flat_is_done (&reader) && (reply->bytes == NULL) == (reply->error != NULL)
                    && (reply->part == NULL || is_part (reply->part));
  return honest ? g_steal_pointer (&reply) : NULL;
}
