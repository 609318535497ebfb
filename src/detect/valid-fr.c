#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* INSEE, decree 82-103: sex, year, month, department (2A and 2B in Corsica), commune, order, key.  Months above 12 stand
 * for births without a known date. */
gboolean
ds_valid_fr_nir (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 15)
    return FALSE;
  if (s.c[6] == 'A' || s.c[6] == 'B')
    {
      if (s.c[5] != '2')
        return FALSE;
      memcpy (s.c + 5, s.c[6] == 'A' ? "19" : "18", 2);
    }
  if (strspn (s.c, "0123456789") != 15 || strchr ("1234578", s.c[0]) == NULL)
    return FALSE;
  return 97 - ds_digits_number (s.c, 13) % 97 == ds_digits_number (s.c + 13, 2);
}

/* SPI, "numéro fiscal": the last three digits are the first ten modulo 511 (European Commission, TIN algorithms). */
gboolean
ds_valid_fr_tax_id (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 13, 13, &s) && s.c[0] < '4' && !ds_digits_all_same (s.c, 13)
         && ds_digits_number (s.c, 10) % 511 == ds_digits_number (s.c + 10, 3);
}

gboolean
ds_valid_fr_siren (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 9, 9, &s) && !ds_digits_all_same (s.c, 9) && ds_digits_luhn (s.c, 9);
}

/* The many establishments of La Poste ran out of Luhn numbers: there the sum of digits is a multiple of five (INSEE). */
gboolean
ds_valid_fr_siret (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant_digits (match, size, 14, 14, &s) || ds_digits_all_same (s.c, 14) || !ds_digits_luhn (s.c, 9))
    return FALSE;
  if (ds_digits_luhn (s.c, 14))
    return TRUE;
  guint sum = 0;
  for (guint i = 0; i < 14; i++)
    sum += (guint) (s.c[i] - '0');
  return g_str_has_prefix (s.c, "356000000") && sum % 5 == 0;
}

/* Key with a letter, over the 34 characters without I and O (European Commission, VIES algorithms). */
static gboolean
valid_letter_key (const char *key, guint64 siren)
{
  static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
  const char *first = strchr (alphabet, key[0]), *second = strchr (alphabet, key[1]);
  if (first == NULL || second == NULL)
    return FALSE;
  guint64 high = (guint64) (first - alphabet), low = (guint64) (second - alphabet);
  guint64 check = g_ascii_isdigit (key[0]) ? high * 24 + low - 10 : high * 34 + low - 100;
  return (siren + 1 + check / 11) % 11 == check % 11;
}

gboolean
ds_valid_fr_vat (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 13 || !g_str_has_prefix (s.c, "FR")
      || strspn (s.c + 4, "0123456789") != 9)
    return FALSE;
  /* Monaco's numbers begin with 000 and are no SIREN. */
  if (strncmp (s.c + 4, "000", 3) != 0 && !ds_digits_luhn (s.c + 4, 9))
    return FALSE;
  guint64 siren = ds_digits_number (s.c + 4, 9);
  if (g_ascii_isdigit (s.c[2]) && g_ascii_isdigit (s.c[3]))
    return (siren * 100 + 12) % 97 == ds_digits_number (s.c + 2, 2);
  return valid_letter_key (s.c + 2, siren);
}
