#include "config.h"
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

#define SCAN_REPLY_TYPE "(msasmsa(uuussssmssuuttbssmsub)a(ss)a(ssmstbb)tub)"

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
  g_free (reply->error);
  g_free (reply->part);
  g_free (reply);
}

GVariant *
ds_task_scan_request (const DsBlobForm *form, DsScanFlags flags, guint min_score)
{
  return g_variant_new (DS_SCAN_REQUEST_TYPE, form->is_file, form->filename, form->media_type, (guint32) flags, min_score);
}

GVariant *
ds_task_rewrite_request (const DsBlobForm *form, GArray *edits, GPtrArray *replacements, const char *const *where,
                         guint spared)
{
  GVariantBuilder edit_builder, replacement_builder;
  g_variant_builder_init (&edit_builder, G_VARIANT_TYPE ("a(uutts)"));
  for (guint i = 0; i < edits->len; i++)
    {
      const DsTextEdit *edit = &g_array_index (edits, DsTextEdit, i);
      g_variant_builder_add (&edit_builder, "(uutts)", edit->leaf, edit->text, (guint64) edit->span.start, (guint64) edit->span.end,
                             edit->replacement);
    }
  g_variant_builder_init (&replacement_builder, G_VARIANT_TYPE ("a(sss)"));
  for (guint i = 0; i < replacements->len; i++)
    {
      const DsReplacement *replacement = g_ptr_array_index (replacements, i);
      g_variant_builder_add (&replacement_builder, "(sss)", replacement->number, replacement->fields, replacement->text);
    }
  return g_variant_new ("(bmsms@a(uutts)@a(sss)@asu)", form->is_file, form->filename, form->media_type,
                        g_variant_builder_end (&edit_builder), g_variant_builder_end (&replacement_builder),
                        g_variant_new_strv (where, -1), spared);
}

static GVariant *
write_findings (GPtrArray *findings)
{
  GVariantBuilder builder;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(uuussssmssuuttbssmsub)"));
  for (guint i = 0; i < findings->len; i++)
    {
      const DsFinding *f = g_ptr_array_index (findings, i);
      GVariant *one = g_variant_ref_sink (
        g_variant_new ("(uuussssmssuuttbssmsub)", (guint32) f->origin, f->leaf, f->text, f->part, f->text_label, f->where, f->media_type,
                       f->extension, f->rule, (guint32) f->kind, f->score, (guint64) f->start, (guint64) f->end, f->proved, f->masked,
                       f->fingerprint, f->value, f->quoting, f->fixed));
      g_variant_get_data (one); /* one block of bytes instead of a variant a field: a tenth of the memory */
      g_variant_builder_add_value (&builder, one);
      g_variant_unref (one);
    }
  return g_variant_builder_end (&builder);
}

GVariant *
ds_scan_reply_write (const DsScanReply *reply)
{
  GVariantBuilder problems, parts;
  g_variant_builder_init (&problems, G_VARIANT_TYPE ("a(ss)"));
  for (guint i = 0; i < reply->not_looked_at->len; i++)
    {
      const DsNotLookedAt *entry = g_ptr_array_index (reply->not_looked_at, i);
      g_variant_builder_add (&problems, "(ss)", entry->part, entry->reason);
    }
  g_variant_builder_init (&parts, G_VARIANT_TYPE ("a(ssmstbb)"));
  for (guint i = 0; i < reply->parts->len; i++)
    {
      const DsPartInfo *part = g_ptr_array_index (reply->parts, i);
      g_variant_builder_add (&parts, "(ssmstbb)", part->number, part->media_type, part->extension, part->size, part->attachment,
                             part->tombstone);
    }
  static const char *const none[] = { NULL };
  const char *const *references = reply->references != NULL ? (const char *const *) reply->references : none;
  return g_variant_new ("(ms@asms@a(uuussssmssuuttbssmsub)@a(ss)@a(ssmstbb)tub)", reply->own, g_variant_new_strv (references, -1),
                        reply->ticket, write_findings (reply->findings), g_variant_builder_end (&problems),
                        g_variant_builder_end (&parts), reply->text_bytes, reply->n_texts, reply->is_signed);
}

/* ---- what a worker says, and whether it can be ---- */

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
  return text == NULL || is_of (text, LOWER DIGITS, 8);
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
    DS_REASON_SIZE, DS_REASON_FINDINGS, DS_REASON_MATCH, DS_REASON_IMAGE, DS_REASON_CRASHED, DS_REASON_TIME,
  };
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (g_str_equal (reasons[i], name))
      return reasons[i];
  return NULL;
}

static gboolean
is_honest (const DsFinding *f)
{
  return f->where != NULL && f->start < f->end && f->score <= 100 && f->quoting <= DS_QUOTING_ADDRESS && is_part (f->part)
         && is_of (f->text_label, LOWER UPPER ":-", 60) && is_of (f->rule, LOWER DIGITS "-", 64) && is_extension (f->extension)
         && ds_task_is_media_type (f->media_type) && is_digest (f->fingerprint) && ds_task_is_masked (f->masked);
}

static gboolean
is_honest_thread (const DsScanReply *reply)
{
  for (guint i = 0; reply->references[i] != NULL; i++)
    if (!is_digest (reply->references[i]))
      return FALSE;
  return (reply->own == NULL || is_digest (reply->own)) && (reply->ticket == NULL || is_of (reply->ticket, LOWER UPPER DIGITS "_-", 40));
}

static GPtrArray *
read_findings (GVariant *list)
{
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_finding_free);
  GVariantIter iter;
  GVariant *child;
  g_variant_iter_init (&iter, list);
  while ((child = g_variant_iter_next_value (&iter)) != NULL)
    {
      DsFinding *f = g_new0 (DsFinding, 1);
      guint32 origin = 0, kind = 0;
      guint64 start = 0, end = 0;
      const char *where = NULL;
      g_variant_get (child, "(uuuss&ssmssuuttbssmsub)", &origin, &f->leaf, &f->text, &f->part, &f->text_label, &where, &f->media_type,
                     &f->extension, &f->rule, &kind, &f->score, &start, &end, &f->proved, &f->masked, &f->fingerprint, &f->value,
                     &f->quoting, &f->fixed);
      f->origin = origin;
      f->kind = kind;
      f->where = ds_where_intern (where);
      f->start = start;
      f->end = end;
      gboolean good = origin <= DS_ORIGIN_GIVEN && kind < DS_N_KINDS && is_honest (f);
      g_variant_unref (child);
      g_ptr_array_add (findings, f);
      if (!good)
        return NULL;
    }
  return g_steal_pointer (&findings);
}

static gboolean
read_problems (GVariant *problems, DsScanReply *reply)
{
  GVariantIter iter;
  const char *part, *reason;
  g_variant_iter_init (&iter, problems);
  while (g_variant_iter_next (&iter, "(&s&s)", &part, &reason))
    {
      DsNotLookedAt *entry = g_new0 (DsNotLookedAt, 1);
      entry->part = g_strdup (part);
      entry->reason = intern_reason (reason);
      g_ptr_array_add (reply->not_looked_at, entry);
      if (entry->reason == NULL || !is_part (part))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_parts (GVariant *parts, DsScanReply *reply)
{
  GVariantIter iter;
  GVariant *child;
  g_variant_iter_init (&iter, parts);
  while ((child = g_variant_iter_next_value (&iter)) != NULL)
    {
      DsPartInfo *info = g_new0 (DsPartInfo, 1);
      g_variant_get (child, "(ssmstbb)", &info->number, &info->media_type, &info->extension, &info->size, &info->attachment,
                     &info->tombstone);
      g_ptr_array_add (reply->parts, info);
      g_variant_unref (child);
      if (!is_part (info->number) || !ds_task_is_media_type (info->media_type) || !is_extension (info->extension))
        return FALSE;
    }
  return TRUE;
}

DsScanReply *
ds_scan_reply_read (GVariant *variant)
{
  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE (SCAN_REPLY_TYPE)) || !g_variant_is_normal_form (variant))
    return NULL;
  g_autoptr (DsScanReply) reply = g_new0 (DsScanReply, 1);
  g_autoptr (GVariant) findings = NULL, problems = NULL, parts = NULL;
  reply->not_looked_at = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_not_looked_at_free);
  reply->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_part_info_free);
  g_variant_get (variant, "(ms^asms@a(uuussssmssuuttbssmsub)@a(ss)@a(ssmstbb)tub)", &reply->own, &reply->references, &reply->ticket,
                 &findings, &problems, &parts, &reply->text_bytes, &reply->n_texts, &reply->is_signed);
  reply->findings = read_findings (findings);
  if (reply->findings == NULL || !read_problems (problems, reply) || !read_parts (parts, reply) || !is_honest_thread (reply))
    return NULL;
  return g_steal_pointer (&reply);
}
