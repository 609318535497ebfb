#include "config.h"
#include "content/charset-private.h"
#include <string.h>

enum { SAMPLE = 4096 }; /* bytes looked at for a pattern of NULs, a <meta>, an XML declaration */

static const struct
{
  const char *bytes;
  gsize size;
  const char *charset;
} byte_order_marks[] = {
  { "\xef\xbb\xbf", 3, "utf-8" },       { "\xff\xfe\0\0", 4, "utf-32le" }, { "\0\0\xfe\xff", 4, "utf-32be" },
  { "\xff\xfe", 2, "utf-16le" },        { "\xfe\xff", 2, "utf-16be" },
};

static gboolean
is_unicode (const DsCharset *charset)
{
  return charset == NULL || charset->family == DS_FAMILY_UTF8 || charset->family == DS_FAMILY_WIDE;
}

/* UTF-16 or UTF-32 without a mark, by where the NULs are: Latin text has them in every second byte, or in three of four;
 * any other script still has its spaces, digits and line ends so.  NULL if it looks like neither. */
static const DsCharset *
wide_by_nuls (const char *bytes, gsize size)
{
  gsize nuls[4] = { 0 }, sample = MIN (size, SAMPLE) & ~(gsize) 3;
  for (gsize i = 0; i < sample; i++)
    nuls[i & 3] += bytes[i] == '\0';
  gsize even = nuls[0] + nuls[2], odd = nuls[1] + nuls[3];
  gsize quarter = sample / 4, few = sample / 64, many = MAX (sample / 16, 2);
  if (sample == 0 || even + odd == 0)
    return NULL;
  if (nuls[2] + nuls[3] == 2 * quarter && nuls[0] <= few && size % 4 == 0)
    return ds_charset_find ("utf-32le");
  if (nuls[0] + nuls[1] == 2 * quarter && nuls[3] <= few && size % 4 == 0)
    return ds_charset_find ("utf-32be");
  if (odd >= many && even <= few && odd > 8 * even)
    return ds_charset_find ("utf-16le");
  if (even >= many && odd <= few && even > 8 * odd)
    return ds_charset_find ("utf-16be");
  return NULL;
}

/* A mark counts for itself in Unicode; FF FE may be two letters of a declared 8-bit charset unless NULs say otherwise. */
static const DsCharset *
by_mark (const DsCharset *declared, const char *bytes, gsize size, gsize *bom)
{
  for (guint i = 0; i < G_N_ELEMENTS (byte_order_marks); i++)
    {
      gsize length = byte_order_marks[i].size;
      if (size < length || memcmp (bytes, byte_order_marks[i].bytes, length) != 0)
        continue;
      gboolean certain = length == 3 || is_unicode (declared) || wide_by_nuls (bytes + length, size - length) != NULL;
      if (!certain || (length == 4 && size % 4 != 0))
        continue;
      *bom = length;
      return ds_charset_find (byte_order_marks[i].charset);
    }
  return NULL;
}

/* Whoever writes ISO-2022 without saying so (old Japanese gateways) at least writes its escape sequences. */
static const DsCharset *
by_escapes (const char *bytes, gsize size)
{
  static const struct
  {
    const char *escape, *charset;
  } escapes[] = { { "\x1b$B", "iso-2022-jp" },  { "\x1b$@", "iso-2022-jp" },  { "\x1b(J", "iso-2022-jp" },
                  { "\x1b(I", "iso-2022-jp" },  { "\x1b$(D", "iso-2022-jp" }, { "\x1b$)C", "iso-2022-kr" },
                  { "\x1b$)A", "iso-2022-cn" }, { "\x1b$)G", "iso-2022-cn" } };
  for (const char *at = memchr (bytes, 0x1b, size); at != NULL;)
    {
      gsize left = size - (gsize) (at - bytes);
      for (guint i = 0; i < G_N_ELEMENTS (escapes); i++)
        if (left >= strlen (escapes[i].escape) && memcmp (at, escapes[i].escape, strlen (escapes[i].escape)) == 0)
          return ds_charset_find (escapes[i].charset);
      at = memchr (at + 1, 0x1b, left - 1);
    }
  return NULL;
}

/* The value behind "name =" at the first place where it stands in text, without quotes; NULL if none. */
static char *
value_of (const char *text, const char *name)
{
  const char *at = strstr (text, name);
  if (at == NULL)
    return NULL;
  at += strlen (name);
  at += strspn (at, " \t\r\n");
  if (*at != '=')
    return NULL;
  at += 1 + strspn (at + 1, " \t\r\n\"'");
  return g_strndup (at, strcspn (at, " \t\r\n\"';>/?"));
}

/* <meta charset=...>, <meta http-equiv=content-type content="...; charset=...">, or the XML declaration.  A document that
 * could be read so far as to find it is not in UTF-16, whatever it says (WHATWG, prescan a byte stream). */
static const DsCharset *
by_markup (const char *bytes, gsize size)
{
  g_autofree char *head = g_ascii_strdown (bytes, (gssize) MIN (size, SAMPLE));
  g_autofree char *name = NULL;
  if (g_str_has_prefix (head, "<?xml"))
    name = value_of (head, "encoding");
  for (char *at = strstr (head, "<meta"); at != NULL && name == NULL; at = strstr (at + 1, "<meta"))
    {
      g_autofree char *tag = g_strndup (at, strcspn (at, ">"));
      name = value_of (tag, "charset");
    }
  const DsCharset *charset = name != NULL ? ds_charset_find (name) : NULL;
  return charset != NULL && charset->family == DS_FAMILY_WIDE ? ds_charset_find ("utf-8") : charset;
}

/* Whether bytes with more than ASCII are UTF-8 but for some damage: more characters than stray bytes. */
static gboolean
is_damaged_utf8 (const char *bytes, gsize size)
{
  gsize characters = 0, stray = 0;
  for (gsize at = ds_ascii_run (bytes, 0, size); at < size; at = ds_ascii_run (bytes, at, size))
    {
      gunichar character = g_utf8_get_char_validated (bytes + at, (gssize) MIN (size - at, 6));
      gboolean valid = character < 0x110000;
      characters += valid;
      stray += !valid;
      at += valid ? (gsize) g_utf8_skip[(guchar) bytes[at]] : 1;
    }
  return characters > stray;
}

/* Nothing, ASCII or UTF-8 is declared (what a mailer says that does not know), or a name that nobody knows. */
static const DsCharset *
by_content (const DsCharset *declared, gboolean html, const char *bytes, gsize size)
{
  const DsCharset *charset = wide_by_nuls (bytes, size);
  if (charset != NULL)
    return charset;
  gboolean seven_bit = ds_ascii_run (bytes, 0, size) == size;
  if (seven_bit && (charset = by_escapes (bytes, size)) != NULL)
    return charset;
  if (seven_bit)
    return declared != NULL ? declared : ds_charset_find ("us-ascii");
  if (ds_is_utf8 (bytes, size))
    return ds_charset_find ("utf-8");
  if (html && (charset = by_markup (bytes, size)) != NULL)
    if (charset->family != DS_FAMILY_UTF8)
      return charset;
  charset = is_damaged_utf8 (bytes, size) ? ds_charset_find ("utf-8") : ds_charset_find ("windows-1252");
  return charset != NULL ? charset : ds_charset_find ("utf-8");
}

/* UTF-16 was declared: which, or is it plain 8-bit text after all? */
static const DsCharset *
by_wide (const DsCharset *declared, const char *bytes, gsize size)
{
  if (memchr (bytes, '\0', size) == NULL && size >= 4 && ds_is_utf8 (bytes, size))
    return ds_charset_find ("utf-8");
  gboolean order_declared = g_str_has_suffix (declared->name, "e");
  const DsCharset *seen = wide_by_nuls (bytes, size);
  if (seen != NULL && ds_wide_unit (seen) == ds_wide_unit (declared))
    return seen;
  if (order_declared)
    return declared;
  return ds_charset_find (ds_wide_unit (declared) == 4 ? "utf-32le" : "utf-16le");
}

const DsCharset *
ds_charset_guess (const DsCharset *declared, gboolean nothing_declared, gboolean html, const char *bytes, gsize size,
                  gsize *bom, gboolean *guessed)
{
  *bom = 0;
  const DsCharset *charset = by_mark (declared, bytes, size, bom);
  if (charset == NULL && (declared == NULL || declared->family == DS_FAMILY_UTF8))
    charset = by_content (declared, html, bytes, size);
  if (charset == NULL && declared->family == DS_FAMILY_WIDE)
    charset = by_wide (declared, bytes, size);
  if (charset == NULL && declared->family == DS_FAMILY_SINGLE && ds_ascii_run (bytes, 0, size) == size)
    charset = by_escapes (bytes, size);
  if (charset == NULL)
    charset = declared;
  gboolean plain = charset->family == DS_FAMILY_UTF8 && ds_ascii_run (bytes, *bom, size) == size;
  gboolean same = declared != NULL && g_str_has_prefix (charset->name, declared->name);
  *guessed = !same && !(plain && nothing_declared);
  return charset;
}

/* Single-byte text is never at fault, and with its half-width katakana Shift_JIS hardly ever: text whose every byte above
 * 0x7F pairs up so is UTF-8 nevertheless, save in tests.  In the others a short word of ideographs may be both, and
 * it takes a fault. */
DsUtf8Claim
ds_charset_utf8_claim (const DsCharset *charset, const char *bytes, gsize size)
{
  gboolean bytewise = charset->family == DS_FAMILY_SINGLE || charset->family == DS_FAMILY_MULTI;
  if (!bytewise && charset->family != DS_FAMILY_UTF7 && charset->family != DS_FAMILY_ISO2022)
    return DS_UTF8_NO;
  if (ds_ascii_run (bytes, 0, size) == size || !ds_is_utf8 (bytes, size))
    return DS_UTF8_NO;
  gboolean certain = charset->family == DS_FAMILY_SINGLE || g_str_equal (charset->name, "shift_jis");
  return certain ? DS_UTF8_YES : DS_UTF8_IF_AT_FAULT;
}
