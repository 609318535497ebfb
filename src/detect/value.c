#include "config.h"
#include "detect/value.h"
#include <string.h>

/* At least so many letters and digits make a value without check digit distinctive. */
#define DISTINCTIVE_CHARACTERS 8

gboolean
ds_value_keeps_punctuation (DsKind kind)
{
  return kind == DS_KIND_EMAIL || kind == DS_KIND_PASSWORD || kind == DS_KIND_TOKEN || kind == DS_KIND_USERNAME
         || kind == DS_KIND_PRIVATE_KEY || kind == DS_KIND_COOKIE || kind == DS_KIND_GEO_LOCATION || kind == DS_KIND_IP_ADDRESS
         || kind == DS_KIND_DATE_OF_BIRTH || kind == DS_KIND_PERSON;
}

char *
ds_value_normal (DsKind kind, const char *text, gsize size)
{
  g_autofree char *copy = g_strndup (text, size);
  g_autofree char *lower = kind == DS_KIND_PASSWORD || kind == DS_KIND_TOKEN || kind == DS_KIND_PRIVATE_KEY
                             ? g_strdup (copy)
                             : g_utf8_strdown (copy, -1);
  explicit_bzero (copy, size);
  if (ds_value_keeps_punctuation (kind))
    return g_steal_pointer (&lower);
  char *to = lower;
  for (const char *at = lower; *at != '\0'; at++)
    if (g_ascii_isalnum (*at) || (guchar) *at >= 0x80)
      *to++ = *at;
  explicit_bzero (to, strlen (to));
  return g_steal_pointer (&lower);
}

/* A long top-level domain could be a word of the sender's own. */
#define TOP_LEVEL_LETTERS 6

static char *
mask_email (const char *normal)
{
  const char *at = strrchr (normal, '@');
  const char *dot = at != NULL ? strrchr (at, '.') : NULL;
  gsize letters = dot != NULL ? strspn (dot + 1, "abcdefghijklmnopqrstuvwxyz") : 0;
  if (letters == 0 || letters > TOP_LEVEL_LETTERS || dot[1 + letters] != '\0' || !g_ascii_isalnum (normal[0]))
    return g_strdup ("***");
  return g_strdup_printf ("%c***@***%s", normal[0], dot);
}

/* The first number of an address, never all of what has none. */
static char *
mask_network (const char *normal)
{
  gsize length = strcspn (normal, ".:");
  if (length > 4 || normal[length] == '\0')
    return g_strdup ("***");
  return g_strdup_printf ("%.*s.***", (int) length, normal);
}

static char *
mask_last (const char *normal, gsize shown)
{
  gsize length = strlen (normal);
  if (length < 3 * shown || !g_str_is_ascii (normal))
    return g_strdup ("***");
  return g_strdup_printf ("***%s", normal + length - shown);
}

char *
ds_value_mask (DsKind kind, const char *normal)
{
  switch (ds_kind_mask (kind))
    {
    case DS_MASK_EMAIL:
      return mask_email (normal);
    case DS_MASK_LAST2:
      return mask_last (normal, 2);
    case DS_MASK_LAST4:
      return mask_last (normal, 4);
    case DS_MASK_NETWORK:
      return mask_network (normal);
    case DS_MASK_NOTHING:
      break;
    }
  return g_strdup ("***");
}

char *
ds_value_fingerprint (const DsSiteKey *key, DsKind kind, const char *normal)
{
  g_autofree char *text = g_strconcat (ds_kind_name (kind), ":", normal, NULL);
  char *digest = ds_site_key_digest (key, "value", text, strlen (text), 32);
  explicit_bzero (text, strlen (text));
  return digest;
}

gboolean
ds_value_is_distinctive (DsKind kind, gboolean proved, const char *normal)
{
  if (!ds_kind_is_distinctive (kind))
    return FALSE;
  if (proved || kind == DS_KIND_EMAIL)
    return TRUE;
  gsize significant = 0;
  for (const char *at = normal; *at != '\0'; at = g_utf8_next_char (at))
    significant += g_unichar_isalnum (g_utf8_get_char (at));
  return significant >= DISTINCTIVE_CHARACTERS;
}
