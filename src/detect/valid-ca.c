#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* Ontario Ministry of Health, Health Card Validation: ten digits, the last by Luhn; then the version code, 0 to 2 letters. */
gboolean
ds_valid_ca_ohip (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length < 10 || s.length > 12 || strspn (s.c, "0123456789") != 10)
    return FALSE;
  gboolean version = strspn (s.c + 10, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == s.length - 10;
  return version && s.c[0] != '0' && !ds_digits_all_same (s.c, 10) && ds_digits_luhn (s.c, 10);
}

/* A birth date YYMMDD; women have 50 added to the month. */
static gboolean
is_birth_date (const char *digits)
{
  int month = (int) ds_digits_number (digits + 2, 2);
  return ds_calendar_day_short ((int) ds_digits_number (digits, 2), month > 50 ? month - 50 : month,
                                (int) ds_digits_number (digits + 4, 2));
}

/* RAMQ: three letters of the surname, one of the first name, birth date, two digits of its own. */
gboolean
ds_valid_ca_ramq (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant (match, size, &s) && s.length == 12 && strspn (s.c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 4
         && strspn (s.c + 4, "0123456789") == 8 && is_birth_date (s.c + 4);
}

/* Ontario Ministry of Transportation: initial of the surname, eight digits, birth date. */
gboolean
ds_valid_ca_on_driver (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant (match, size, &s) && s.length == 15 && g_ascii_isalpha (s.c[0])
         && strspn (s.c + 1, "0123456789") == 14 && is_birth_date (s.c + 9);
}
