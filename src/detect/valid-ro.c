#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

static gboolean
is_day_of (int century, const char *digits)
{
  return ds_calendar_birthday_alive (century + ds_digits_pair (digits), ds_digits_pair (digits + 2), ds_digits_pair (digits + 4));
}

/* The first digit of a CNP: sex and century; 7 and 8 are residents from abroad, 9 other foreigners, of either century. */
static gboolean
is_birth (const char *cnp)
{
  gboolean last_century = strchr ("12789", cnp[0]) != NULL, this_century = strchr ("56789", cnp[0]) != NULL;
  return (last_century && is_day_of (1900, cnp + 1)) || (this_century && is_day_of (2000, cnp + 1));
}

/* OUG 97/2005 and HG 1375/2006: birth date, county, serial number, and modulo 11 a check digit, which is 1 for a rest of
 * ten. */
gboolean
ds_valid_ro_cnp (const char *match, gsize size)
{
  static const gint8 weights[] = { 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9 };
  DsSignificant s;
  if (!ds_significant_digits (match, size, 13, 13, &s) || !is_birth (s.c))
    return FALSE;
  int rest = ds_digits_weighted (s.c, 12, weights) % 11;
  return (rest == 10 ? 1 : rest) == s.c[12] - '0';
}

/* Codul fiscal, article 316 (RO before the code); weights of the European Commission, VIES.  Two to ten digits. */
gboolean
ds_valid_ro_vat (const char *match, gsize size)
{
  static const gint8 weights[] = { 7, 5, 3, 2, 1, 7, 5, 3, 2 };
  DsSignificant s;
  if (!ds_significant (match, size, &s) || !g_str_has_prefix (s.c, "RO"))
    return FALSE;
  const char *digits = s.c + 2;
  guint n = (guint) strspn (digits, "0123456789");
  if (n + 2 != s.length || n < 2 || n > 10 || digits[0] == '0')
    return FALSE;
  return ds_digits_weighted (digits, n - 1, weights + (10 - n)) * 10 % 11 % 10 == digits[n - 1] - '0';
}
