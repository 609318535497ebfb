#include "config.h"
#include "detect/valid.h"
#include <string.h>

/* "****", "-----", "xxxx" and "......" stand where a secret was not written down. */
gboolean
ds_valid_secret (const char *match, gsize size)
{
  guint distinct = 0, significant = 0;
  gboolean seen[256] = { FALSE };
  for (gsize i = 0; i < size; i++)
    {
      guchar c = (guchar) match[i];
      distinct += !seen[c];
      seen[c] = TRUE;
      significant += g_ascii_isalnum (c) || c >= 0x80;
    }
  return distinct > 2 && significant > 0;
}

/* The first part is the base64url of a JSON object that names an algorithm (RFC 7515, 4.1.1). */
gboolean
ds_valid_jwt (const char *match, gsize size)
{
  const char *dot = memchr (match, '.', size);
  if (dot == NULL)
    return FALSE;
  g_autoptr (GString) head = g_string_new_len (match, dot - match);
  g_string_replace (head, "-", "+", 0);
  g_string_replace (head, "_", "/", 0);
  while (head->len % 4 != 0)
    g_string_append_c (head, '=');
  gsize json_size = 0;
  g_autofree guchar *json = g_base64_decode (head->str, &json_size);
  return json_size > 2 && json[0] == '{' && g_strstr_len ((const char *) json, (gssize) json_size, "\"alg\"") != NULL;
}

#define BEGIN "-----BEGIN "
#define END "-----END "

/* Base64 that decodes to something; header lines ("Proc-Type: ...", "Comment: ...") and the checksum line of OpenPGP
 * ("=ab12") may stand around it. */
static gboolean
has_base64_body (const char *body, gsize size)
{
  g_autofree char *text = g_strndup (body, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  gsize characters = 0;
  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *line = g_strstrip (lines[i]);
      if (strpbrk (line, ":") != NULL || line[0] == '=')
        continue;
      /* Lines are joined by spaces where a mail program flowed the text. */
      gsize base64 = strspn (line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= ");
      if (line[base64] != '\0')
        return FALSE;
      characters += base64;
    }
  return characters >= 40;
}

/* RFC 7468, 2 and 10; RFC 9580, 6.2: the labels at both ends are the same, and name a private key. */
gboolean
ds_valid_pem (const char *match, gsize size)
{
  g_autofree char *text = g_strndup (match, size);
  if (!g_str_has_prefix (text, BEGIN))
    return FALSE;
  char *label = text + strlen (BEGIN), *label_end = strstr (label, "-----"), *end = strstr (label, END);
  if (label_end == NULL || end == NULL)
    return FALSE;
  g_autofree char *name = g_strndup (label, (gsize) (label_end - label));
  g_autofree char *tail = g_strconcat (END, name, "-----", NULL);
  const char *body = label_end + strlen ("-----");
  return strstr (name, "PRIVATE KEY") != NULL && g_str_has_prefix (end, tail) && body <= end
         && has_base64_body (body, (gsize) (end - body));
}

/* CRC-32 of ISO 3309, as in zlib. */
static guint32
crc32_of (const char *bytes, gsize size)
{
  guint32 crc = 0xffffffff;
  for (gsize i = 0; i < size; i++)
    {
      crc ^= (guchar) bytes[i];
      for (guint bit = 0; bit < 8; bit++)
        crc = (crc >> 1) ^ ((crc & 1) * 0xedb88320);
    }
  return ~crc;
}

/* GitHub's and npm's tokens: prefix, "_", 30 random characters, and six of base 62 that are their CRC-32. */
gboolean
ds_valid_crc32_base62 (const char *match, gsize size)
{
  static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const char *underscore = memchr (match, '_', size);
  if (underscore == NULL || (gsize) (match + size - underscore) != 37)
    return FALSE;
  guint32 crc = crc32_of (underscore + 1, 30);
  for (int i = 5; i >= 0; i--, crc /= 62)
    if (underscore[31 + i] != digits[crc % 62])
      return FALSE;
  return TRUE;
}
