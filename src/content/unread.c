#include "config.h"
#include "content/unread.h"
#include "content/base64.h"
#include "content/text.h"
#include "content/uuencode.h"
#include <string.h>

/* ---- files in base64 ---- */

/* Whether encoded, the beginning of a file in base64, is that of a picture. */
static gboolean
begins_picture (const char *encoded, gsize size)
{
  static const char *const beginnings[] = { "iVBORw", "/9j/", "R0lGOD", "SUkq", "TU0A" };
  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++)
    if (size >= strlen (beginnings[i]) && memcmp (encoded, beginnings[i], strlen (beginnings[i])) == 0)
      return TRUE;
  return FALSE;
}

/* RFC 2397: whether what stands behind "data:" is in base64, and of what kind. */
static gboolean
is_encoded_data (const char *text, gsize size, gboolean *picture_r)
{
  enum { LONGEST_TYPE = 200 };
  const char *comma = memchr (text, ',', MIN (size, LONGEST_TYPE));
  if (comma == NULL || memchr (text, DS_TEXT_SEPARATOR, (gsize) (comma - text)) != NULL)
    return FALSE;
  g_autofree char *type = g_ascii_strdown (text, (gssize) (comma - text));
  g_strstrip (type);
  *picture_r = g_str_has_prefix (type, "image/");
  return g_str_has_suffix (type, "base64");
}

/* Files within attributes and styles. */
static void
note_data_uris (DsTree *tree, const DsPart *leaf, const DsText *text)
{
  const char *end = text->utf8 + text->size;
  for (const char *at = text->utf8; (at = memchr (at, ':', (gsize) (end - at))) != NULL; at++)
    {
      gboolean picture = FALSE;
      if (at - text->utf8 >= 4 && g_ascii_strncasecmp (at - 4, "data", 4) == 0
          && is_encoded_data (at + 1, (gsize) (end - at - 1), &picture))
        ds_tree_add_problem (tree, leaf, picture ? DS_REASON_IMAGE : DS_REASON_OPAQUE);
    }
}

/* A page within an attribute. */
static gboolean
has_inner_page (const DsDecoded *decoded)
{
  static const char name[] = "srcdoc";
  const char *end = decoded->utf8 + decoded->size;
  for (const char *at = decoded->utf8; (at = memchr (at, '=', (gsize) (end - at))) != NULL; at++)
    {
      const char *name_end = at;
      while (name_end > decoded->utf8 && g_ascii_isspace (name_end[-1]) && at - name_end < 80)
        name_end--;
      gsize length = strlen (name);
      if ((gsize) (name_end - decoded->utf8) > length && g_ascii_strncasecmp (name_end - length, name, length) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
note_files (DsTree *tree, const DsPart *leaf, const DsText *text)
{
  const char *end = text->utf8 + text->size;
  for (const char *at = text->utf8, *next; at < end; at = next + 1)
    {
      next = memchr (at, DS_TEXT_SEPARATOR, (gsize) (end - at)) ?: end;
      gsize size = (gsize) (next - at);
      if (size > 0 && !(size > 5 && g_ascii_strncasecmp (at, "data:", 5) == 0))
        ds_tree_add_problem (tree, leaf, begins_picture (at, size) ? DS_REASON_IMAGE : DS_REASON_OPAQUE);
    }
}

/* ---- blocks in plain text ---- */

/* Whether word stands at the start of a line. */
static gboolean
has_line (const DsDecoded *decoded, const char *word)
{
  const char *at = decoded->utf8, *end = decoded->utf8 + decoded->size;
  for (; (at = memmem (at, (gsize) (end - at), word, strlen (word))) != NULL; at++)
    if (at == decoded->utf8 || at[-1] == '\n' || at[-1] == '\r')
      return TRUE;
  return FALSE;
}

static gboolean
is_quoted_to (const DsDecoded *decoded, const char *at)
{
  while (at > decoded->utf8 && strchr ("> \t", at[-1]) != NULL)
    at--;
  return at == decoded->utf8 || at[-1] == '\n' || at[-1] == '\r';
}

/* A uuencoded file that is no part: the scanner looks for whole ones in plain text as it stands only. */
static gboolean
has_uuencoded (const DsDecoded *decoded)
{
  static const char word[] = "begin";
  const char *at = decoded->utf8, *end = decoded->utf8 + decoded->size;
  for (; (at = memmem (at, (gsize) (end - at), word, strlen (word))) != NULL; at++)
    {
      gsize start = (gsize) (at - decoded->utf8);
      if (is_quoted_to (decoded, at)
          && (g_str_has_prefix (at + strlen (word), "-base64 ") || ds_uu_may_begin_at (decoded->utf8, start, decoded->size)))
        return TRUE;
    }
  return FALSE;
}

/* A message or file in base64 that somebody's mail program put into a text, as bounces do. */
static gboolean
has_base64 (const DsDecoded *decoded)
{
  const char *text = decoded->utf8, *end = text + decoded->size;
  gboolean armored = FALSE; /* signatures, certificates and keys are of base64, and no file */
  for (const char *at = text, *next; at < end; at = next)
    {
      const char *line_end = memchr (at, '\n', (gsize) (end - at));
      next = line_end != NULL ? line_end + 1 : end;
      if (g_str_has_prefix (at, "-----BEGIN "))
        armored = TRUE;
      else if (g_str_has_prefix (at, "-----END "))
        armored = FALSE;
      else if (!armored && ds_base64_block_begins (at, (gsize) (end - at)))
        return TRUE;
    }
  return FALSE;
}

void
ds_unread_note (DsTree *tree, const DsPart *leaf, const DsDecoded *decoded, const GPtrArray *texts)
{
  if (has_line (decoded, "-----BEGIN PGP MESSAGE-----"))
    ds_tree_add_problem (tree, leaf, DS_REASON_ENCRYPTED);
  if (has_line (decoded, "=ybegin ") || has_line (decoded, "(This file must be converted with BinHex")
      || has_uuencoded (decoded) || has_base64 (decoded))
    ds_tree_add_problem (tree, leaf, DS_REASON_OPAQUE);
  gboolean markup = FALSE;
  for (guint i = 0; i < texts->len; i++)
    {
      const DsText *text = g_ptr_array_index (texts, i);
      markup |= text->kind == DS_TEXT_ATTRIBUTE;
      if (text->base64)
        note_files (tree, leaf, text);
      if (text->kind == DS_TEXT_COMMENT || text->kind == DS_TEXT_ATTRIBUTE)
        note_data_uris (tree, leaf, text);
    }
  if (markup && has_inner_page (decoded))
    ds_tree_add_problem (tree, leaf, DS_REASON_OPAQUE);
}
