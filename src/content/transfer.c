#include "config.h"
#include "content/transfer.h"
#include "base/error.h"
#include "content/base64.h"
#include "content/charset.h"
#include "content/line-style.h"
#include "content/quoted-printable.h"
#include "content/uuencode.h"
#include <string.h>

DsTransfer *
ds_transfer_decode (DsEncoding encoding, const char *raw, gsize size)
{
  DsTransfer *transfer = g_new0 (DsTransfer, 1);
  transfer->encoding = encoding;
  switch (encoding)
    {
    case DS_ENCODING_IDENTITY:
      transfer->bytes = g_bytes_new_static (raw, size);
      transfer->map = ds_span_map_new_identity (size);
      break;
    case DS_ENCODING_QUOTED_PRINTABLE:
      transfer->bytes = ds_qp_decode (raw, size, &transfer->map, &transfer->damaged);
      break;
    case DS_ENCODING_BASE64:
      transfer->bytes = ds_base64_decode (raw, size, &transfer->damaged);
      break;
    case DS_ENCODING_UUENCODE:
      transfer->bytes = ds_uu_decode (raw, size);
      break;
    }
  return transfer;
}

void
ds_transfer_free (DsTransfer *transfer)
{
  if (transfer == NULL)
    return;
  g_bytes_unref (transfer->bytes);
  ds_span_map_free (transfer->map);
  g_free (transfer);
}

static GArray *
encode_again (const DsTransfer *transfer, const char *raw, gsize size, const char *eol, GBytes *edited)
{
  gsize new_size = 0, encoded_size = 0;
  const guint8 *data = g_bytes_get_data (edited, &new_size);
  g_autoptr (GBytes) encoded = transfer->encoding == DS_ENCODING_BASE64 ? ds_base64_encode (raw, size, eol, data, new_size)
                                                                        : ds_uu_encode (raw, size, eol, data, new_size);
  const char *text = g_bytes_get_data (encoded, &encoded_size);
  GArray *out = ds_edits_new ();
  ds_edits_add_bytes (out, 0, size, text, encoded_size);
  return out;
}

static GArray *
copy_of (const GArray *edits)
{
  GArray *out = ds_edits_new ();
  for (guint i = 0; i < edits->len; i++)
    {
      const DsEdit *edit = &g_array_index (edits, DsEdit, i);
      ds_edits_add_bytes (out, edit->span.start, edit->span.end, edit->replacement, edit->size);
    }
  return out;
}

/* The edited bytes; with a line break more, if base64 would lose the padding that keeps it from what follows. */
static GBytes *
edited_bytes (const DsTransfer *transfer, const char *raw, gsize size, gboolean followed, const GArray *edits)
{
  gsize decoded_size = 0;
  const char *decoded = g_bytes_get_data (transfer->bytes, &decoded_size);
  GBytes *edited = ds_edits_apply (edits, decoded, decoded_size);
  gsize new_size = g_bytes_get_size (edited);
  if (transfer->encoding != DS_ENCODING_BASE64 || !followed || new_size % 3 != 0 || !ds_base64_is_padded (raw, size))
    return edited;
  GString *longer = g_string_new_len (g_bytes_get_data (edited, NULL), (gssize) new_size);
  g_bytes_unref (edited);
  g_string_append (longer, g_str_has_suffix (longer->str, "\r\n") ? "\r\n" : "\n");
  return g_string_free_to_bytes (longer);
}

GArray *
ds_transfer_edits (const DsTransfer *transfer, const char *raw, gsize size, const char *eol, gboolean followed, const GArray *edits,
                   GError **error)
{
  if (transfer->encoding == DS_ENCODING_IDENTITY)
    return copy_of (edits);
  if (transfer->encoding == DS_ENCODING_BASE64 && !ds_base64_is_one_run (raw, size))
    {
      g_set_error_literal (error, DS_ERROR, DS_ERROR_ITEM, "something that is no base64 stands in the base64, or several stand together");
      return NULL;
    }
  gsize new_size = 0;
  g_autoptr (GBytes) edited = edited_bytes (transfer, raw, size, followed, edits);
  g_autoptr (GArray) out = transfer->encoding == DS_ENCODING_QUOTED_PRINTABLE
                             ? ds_qp_edits (transfer->map, raw, size, ds_line_style (raw, size, 0, eol).eol, edits)
                             : encode_again (transfer, raw, size, eol, edited);
  /* A large part is not held more often than needed: of the edited bytes the digest is enough now, and what is encoded anew as a
   * whole is one edit, of which no copy is made. */
  g_autofree char *meant = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, edited);
  g_clear_pointer (&edited, g_bytes_unref);
  const DsEdit *whole = transfer->map == NULL ? &g_array_index (out, DsEdit, 0) : NULL;
  g_autoptr (GBytes) encoded = whole != NULL ? g_bytes_new_static (whole->replacement, whole->size) : ds_edits_apply (out, raw, size);
  const char *new_raw = g_bytes_get_data (encoded, &new_size);
  g_autoptr (DsTransfer) again = ds_transfer_decode (transfer->encoding, new_raw, new_size);
  g_autofree char *got = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, again->bytes);
  if (g_strcmp0 (got, meant) != 0)
    {
      g_set_error_literal (error, DS_ERROR, DS_ERROR_ITEM, "what was encoded does not decode to the same");
      return NULL;
    }
  return g_steal_pointer (&out);
}

/* ---- "From " at a line start ---- */

#define FROM "From "
#define FROM_LENGTH 5

/* The bytes around one edit as they will be: what precedes it, its replacement, and what follows. */
static GString *
seam (const char *data, gsize start, gsize limit, const DsEdit *edit)
{
  GString *text = g_string_new (NULL);
  g_string_append_c (text, edit->span.start > start ? data[edit->span.start - 1] : '\n');
  g_string_append_len (text, edit->replacement, (gssize) edit->size);
  g_string_append_len (text, data + edit->span.end, (gssize) MIN (limit - edit->span.end, FROM_LENGTH));
  return text;
}

static gboolean
begins_from (const GString *text, gsize at)
{
  gboolean line_start = at > 0 && (text->str[at - 1] == '\n' || text->str[at - 1] == '\r');
  return line_start && text->len - at >= FROM_LENGTH && memcmp (text->str + at, FROM, FROM_LENGTH) == 0;
}

static void
guard_edit (const char *quoted, const char *data, gsize start, gsize limit, DsEdit *edit)
{
  g_autoptr (GString) text = seam (data, start, limit, edit);
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean changed = FALSE;
  gsize behind = 1 + edit->size; /* where what follows begins */
  for (gsize at = 1; at <= behind && at < text->len; at++)
    {
      gboolean from = begins_from (text, at);
      if (at == behind && from)
        edit->span.end++; /* the "F" behind the edit is written by it */
      if (from)
        g_string_append (out, quoted);
      else if (at < behind)
        g_string_append_c (out, text->str[at]);
      changed |= from;
    }
  if (!changed)
    return;
  g_free (edit->replacement);
  edit->size = out->len;
  edit->replacement = g_string_free (g_steal_pointer (&out), FALSE);
}

void
ds_transfer_guard_from (DsEncoding encoding, const char *data, gsize start, gsize end, GArray *edits)
{
  if (encoding == DS_ENCODING_BASE64 || encoding == DS_ENCODING_UUENCODE)
    return;
  const char *quoted = encoding == DS_ENCODING_QUOTED_PRINTABLE ? "=46" : ">F";
  for (guint i = 0; i < edits->len; i++)
    {
      DsEdit *edit = &g_array_index (edits, DsEdit, i);
      gsize limit = i + 1 < edits->len ? g_array_index (edits, DsEdit, i + 1).span.start : end;
      if (edit->span.end <= limit)
        guard_edit (quoted, data, start, limit, edit);
    }
}
