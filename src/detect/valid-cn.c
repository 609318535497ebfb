#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* GB/T 2260: provinces, and as an identity card has them also Hong Kong, Macao, Taiwan (81 to 83) and foreigners (9). */
static gboolean
is_province (const char *digits)
{
  static const char provinces[] = " 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65"
                                  " 71 81 82 83 ";
  const char wanted[] = { ' ', digits[0], digits[1], ' ', '\0' };
  return digits[0] == '9' || strstr (provinces, wanted) != NULL;
}

/* GB 11643-1999: where, birth date, serial number, check character by ISO 7064 MOD 11-2. */
gboolean
ds_valid_cn_identity (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 18 || strspn (s.c, "0123456789") < 17 || !is_province (s.c))
    return FALSE;
  int year = (int) ds_digits_number (s.c + 6, 4);
  if (year < 1850 || year > 2099
      || !ds_calendar_day (year, (int) ds_digits_number (s.c + 10, 2), (int) ds_digits_number (s.c + 12, 2)))
    return FALSE;
  int sum = 0;
  for (guint i = 0; i < 17; i++)
    sum = (sum + s.c[i] - '0') * 2 % 11;
  return s.c[17] == "10X98765432"[sum];
}

/* GB 32100-2015: who registers, kind, place (100000: the nation's), body, check character: 31 characters, weights the
 * powers of 3 modulo 31. */
gboolean
ds_valid_cn_credit_code (const char *match, gsize size)
{
  static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 18 || strspn (s.c, alphabet) != 18
      || strspn (s.c + 2, "0123456789") < 6 || (strncmp (s.c + 2, "10", 2) != 0 && !is_province (s.c + 2)))
    return FALSE;
  int sum = 0, weight = 1;
  for (guint i = 0; i < 17; i++, weight = weight * 3 % 31)
    sum += (int) (strchr (alphabet, s.c[i]) - alphabet) * weight;
  return s.c[17] == alphabet[(31 - sum % 31) % 31];
}
