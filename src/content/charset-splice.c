#include "config.h"
#include "content/charset-private.h"
#include "base/error.h"
#include <string.h>

static void
clear_edit (gpointer data)
{
  DsEdit *edit = data;
  g_free (edit->replacement);
}

GArray *
ds_edits_new (void)
{
  GArray *edits = g_array_new (FALSE, FALSE, sizeof (DsEdit));
  g_array_set_clear_func (edits, clear_edit);
  return edits;
}

void
ds_edits_add (GArray *edits, gsize start, gsize end, const char *replacement)
{
  ds_edits_add_bytes (edits, start, end, replacement, strlen (replacement));
}

void
ds_edits_add_bytes (GArray *edits, gsize start, gsize end, const char *replacement, gsize size)
{
  DsEdit edit = { { start, end }, g_malloc (size + 1), size };
  memcpy (edit.replacement, replacement, size);
  edit.replacement[size] = '\0';
  g_array_append_val (edits, edit);
}

GBytes *
ds_edits_apply (const GArray *edits, const char *bytes, gsize size)
{
  g_autoptr (GString) out = g_string_sized_new (size + 64);
  gsize copied = 0;
  if (size == 0)
    bytes = ""; /* of empty GBytes they are NULL */
  for (guint i = 0; i < edits->len; i++)
    {
      const DsEdit *edit = &g_array_index (edits, DsEdit, i);
      g_assert (edit->span.start >= copied && edit->span.end >= edit->span.start && edit->span.end <= size);
      g_string_append_len (out, bytes + copied, (gssize) (edit->span.start - copied));
      g_string_append_len (out, edit->replacement, (gssize) edit->size);
      copied = edit->span.end;
    }
  g_string_append_len (out, bytes + copied, (gssize) (size - copied));
  return g_string_free_to_bytes (g_steal_pointer (&out));
}

/* An insertion goes where the character that follows it begins. */
DsSpan
ds_splice_hull (const DsDecoded *decoded, const DsEdit *edit)
{
  gsize start = edit->span.start, end = edit->span.end;
  if (start < end)
    return ds_span_map_hull (decoded->map, start, end);
  if (decoded->size == 0)
    return (DsSpan){ 0, 0 };
  gboolean last = start == decoded->size;
  DsSpan hull = ds_span_map_hull (decoded->map, last ? start - 1 : start, last ? start : start + 1);
  return last ? (DsSpan){ hull.end, hull.end } : (DsSpan){ hull.start, hull.start };
}

static gboolean
write_single (GString *out, const DsCharset *charset, gunichar character)
{
  const gunichar *table = ds_charset_single (charset);
  for (guint i = 0; i < 256; i++)
    if (table[i] == character)
      {
        g_string_append_c (out, (char) i);
        return TRUE;
      }
  return FALSE;
}

static void
write_unit (GString *out, guint32 value, guint unit, gboolean big_endian)
{
  for (guint i = 0; i < unit; i++)
    g_string_append_c (out, (char) (value >> 8 * (big_endian ? unit - 1 - i : i)));
}

static void
write_wide (GString *out, const DsCharset *charset, gunichar character)
{
  guint unit = ds_wide_unit (charset);
  gboolean big_endian = ds_wide_is_big_endian (charset);
  if (unit == 2 && character >= 0x10000)
    {
      write_unit (out, 0xd800 + ((character - 0x10000) >> 10), unit, big_endian);
      character = 0xdc00 + ((character - 0x10000) & 0x3ff);
    }
  write_unit (out, character, unit, big_endian);
}

static gboolean
write_character (GString *out, const DsCharset *charset, gunichar character)
{
  switch (charset->family)
    {
    case DS_FAMILY_UTF8:
      g_string_append_unichar (out, character);
      return TRUE;
    case DS_FAMILY_WIDE:
      write_wide (out, charset, character);
      return TRUE;
    case DS_FAMILY_SINGLE:
      return write_single (out, charset, character);
    default:
      if (character >= 0x80)
        return FALSE;
      g_string_append_c (out, (char) character);
      return TRUE;
    }
}

static char *
encode_replacement (const DsCharset *charset, const char *text, gsize *size, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (!write_character (out, charset, g_utf8_get_char (text)))
      {
        g_set_error (error, DS_ERROR, DS_ERROR_ITEM, "%s can't write a character of the replacement", charset->name);
        return NULL;
      }
  *size = out->len;
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static GArray *
edits_stateless (const DsCharset *charset, const DsDecoded *decoded, const GArray *edits, GError **error)
{
  g_autoptr (GArray) out = ds_edits_new ();
  for (guint i = 0; i < edits->len; i++)
    {
      const DsEdit *edit = &g_array_index (edits, DsEdit, i);
      DsSpan hull = ds_splice_hull (decoded, edit);
      gsize size = 0;
      g_autofree char *replacement = encode_replacement (charset, edit->replacement, &size, error);
      if (replacement == NULL)
        return NULL;
      ds_edits_add_bytes (out, hull.start, hull.end, replacement, size);
    }
  return g_steal_pointer (&out);
}

GArray *
ds_charset_edits (const DsDecoded *decoded, const char *bytes, gsize size, const GArray *edits, GError **error)
{
  const DsCharset *charset = ds_charset_find (decoded->name);
  g_assert (charset != NULL);
  if (charset->family == DS_FAMILY_UTF7)
    return ds_edits_utf7 (decoded, bytes, size, edits);
  if (charset->family == DS_FAMILY_ISO2022)
    return ds_edits_iso2022 (charset, decoded, bytes, size, edits, error);
  return edits_stateless (charset, decoded, edits, error);
}

GBytes *
ds_charset_splice (const DsDecoded *decoded, const char *bytes, gsize size, const GArray *edits, GError **error)
{
  g_autoptr (GArray) spliced = ds_charset_edits (decoded, bytes, size, edits, error);
  return spliced != NULL ? ds_edits_apply (spliced, bytes, size) : NULL;
}
