#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <arpa/inet.h>
#include <string.h>

/* "logo@2x.png" and "part1.abc@file.docx" have the shape of an address. */
static gboolean
is_file_extension (const char *label)
{
  static const char *const extensions[]
      = { "png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "tif", "tiff", "ico", "css", "js", "json", "xml",
          "html", "htm", "php", "txt", "pdf", "doc", "docx", "xls", "xlsx", "log", "csv", "eml", "msg", "exe",
          "dll", "jar", "tar", "gz", NULL };
  for (guint i = 0; extensions[i] != NULL; i++)
    if (g_ascii_strcasecmp (extensions[i], label) == 0)
      return TRUE;
  return FALSE;
}

/* Labels of 1 to 63 bytes that neither begin nor end with a hyphen (RFC 1123, 2.1); the last one has no digit unless it
 * is an A-label (RFC 3696, 2; RFC 5890, 2.3.2.1). */
static gboolean
valid_domain (const char *domain)
{
  g_auto (GStrv) labels = g_strsplit (domain, ".", -1);
  guint n = g_strv_length (labels);
  for (guint i = 0; i < n; i++)
    {
      gsize size = strlen (labels[i]);
      if (size == 0 || size > 63 || labels[i][0] == '-' || labels[i][size - 1] == '-')
        return FALSE;
    }
  if (n < 2 || strlen (domain) > 253)
    return FALSE;
  const char *top = labels[n - 1];
  return g_ascii_strncasecmp (top, "xn--", 4) == 0
         || (strpbrk (top, "0123456789") == NULL && strlen (top) > 1 && !is_file_extension (top));
}

gboolean
ds_valid_email (const char *match, gsize size)
{
  g_autofree char *address = g_strndup (match, size);
  char *at = strrchr (address, '@');
  if (at == NULL || at == address || at - address > 64)
    return FALSE;
  *at = '\0';
  if (address[0] == '.' || at[-1] == '.' || strstr (address, "..") != NULL)
    return FALSE;
  return valid_domain (at + 1);
}

/* An address that may be somebody's: not "this network", loopback, multicast, reserved or a net mask (RFC 6890), and not
 * four single digits, which number a section. */
gboolean
ds_valid_ipv4 (const char *match, gsize size)
{
  char text[INET_ADDRSTRLEN] = "";
  if (size >= sizeof text)
    return FALSE;
  memcpy (text, match, size);
  struct in_addr address;
  if (inet_pton (AF_INET, text, &address) != 1)
    return FALSE;
  guint first = ntohl (address.s_addr) >> 24;
  return first != 0 && first != 127 && first < 224 && size > strlen ("1.2.3.4");
}

/* Needs two groups and a digit, so that "dead::beef" in code is none; not "::1" and "::" (RFC 4291). */
gboolean
ds_valid_ipv6 (const char *match, gsize size)
{
  char text[INET6_ADDRSTRLEN] = "";
  if (size >= sizeof text)
    return FALSE;
  memcpy (text, match, size);
  struct in6_addr address;
  if (inet_pton (AF_INET6, text, &address) != 1)
    return FALSE;
  guint groups = 0;
  for (gsize i = 0; i < size; i++)
    groups += g_ascii_isxdigit (text[i]) && (i == 0 || text[i - 1] == ':');
  return groups > 1 && strpbrk (text, "0123456789") != NULL && size > strlen ("::a:1");
}

/* Not all zeros, the broadcast address, or a group address (IEEE 802: the lowest bit of the first octet). */
gboolean
ds_valid_mac (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 12 || ds_digits_all_same (s.c, 12))
    return FALSE;
  for (guint i = 0; i < 12; i++)
    if (!g_ascii_isxdigit (s.c[i]))
      return FALSE;
  return g_ascii_xdigit_value (s.c[1]) % 2 == 0;
}
