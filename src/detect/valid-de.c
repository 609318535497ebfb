#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* Of the first ten digits exactly one comes twice or three times, and no other more than once. */
static gboolean
repeats_as_issued (const char *digits)
{
  guint counts[10] = { 0 }, repeated = 0;
  for (guint i = 0; i < 10; i++)
    counts[digits[i] - '0']++;
  for (guint i = 0; i < 10; i++)
    {
      if (counts[i] > 3)
        return FALSE;
      repeated += counts[i] > 1;
    }
  return repeated == 1;
}

/* Section 139b of the Abgabenordnung; the first digit 0 is kept for tests. */
gboolean
ds_valid_de_tax_id (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 11, 11, &s) && s.c[0] != '0' && repeats_as_issued (s.c)
         && ds_digits_iso7064_11_10 (s.c, 11);
}

/* Number with its letter written as two digits, each product as the sum of its digits. */
static guint
digit_sum_check (const char *number, guint n, guint letter_at, const guint8 *weights)
{
  guint sum = 0, w = 0;
  for (guint i = 0; i < n; i++)
    {
      guint value = i == letter_at ? (guint) (number[i] - 'A' + 1) : (guint) (number[i] - '0');
      guint pair[] = { value / 10, value % 10 };
      for (guint k = i == letter_at ? 0 : 1; k < 2; k++)
        {
          guint product = pair[k] * weights[w++];
          sum += product / 10 + product % 10;
        }
    }
  return sum % 10;
}

static gboolean
is_digits_but (const DsSignificant *s, guint letter_at)
{
  for (guint i = 0; i < s->length; i++)
    if (g_ascii_isdigit (s->c[i]) == (i == letter_at))
      return FALSE;
  return TRUE;
}

/* VKVV section 2: area, birth date, initial, serial number, check digit.  A day or month that is not known is 00, and
 * days have 50 added where numbers ran out. */
gboolean
ds_valid_de_pension (const char *match, gsize size)
{
  static const guint8 weights[] = { 2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1 };
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 12 || !is_digits_but (&s, 8))
    return FALSE;
  guint64 day = ds_digits_number (s.c + 2, 2), month = ds_digits_number (s.c + 4, 2);
  if (day % 50 > 31 || month > 12)
    return FALSE;
  return digit_sum_check (s.c, 11, 8, weights) == (guint) (s.c[11] - '0');
}

/* Section 290 SGB V, the unchanging part of the number. */
gboolean
ds_valid_de_health (const char *match, gsize size)
{
  static const guint8 weights[] = { 1, 2, 1, 2, 1, 2, 1, 2, 1, 2 };
  DsSignificant s;
  return ds_significant (match, size, &s) && s.length == 10 && is_digits_but (&s, 0)
         && digit_sum_check (s.c, 9, 0, weights) == (guint) (s.c[9] - '0');
}

/* Serial number of identity card or passport with its check digit (ICAO 9303-3); BSI TR-03105 names the letters. */
gboolean
ds_valid_de_document (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 10 || strspn (s.c, "0123456789CFGHJKLMNPRTVWXYZ") != 10)
    return FALSE;
  return ds_digits_731 (s.c, 9) == s.c[9] - '0';
}

gboolean
ds_valid_de_vat (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant (match, size, &s) && s.length == 11 && g_str_has_prefix (s.c, "DE")
         && strspn (s.c + 2, "0123456789") == 9 && s.c[2] != '0' && ds_digits_iso7064_11_10 (s.c + 2, 9);
}
