#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

#define LAST_WITHOUT_CHECK_DIGIT 53
#define LAST_REST_OF_TEN 85
#define FIRST_WITH_MONTHS_70 2004

/* Women have 50 added to the month; since 2004 either sex may have 20 more, where numbers ran out. */
static gboolean
is_birth_date (const char *digits, int century)
{
  int year = century + ds_digits_pair (digits), month = ds_digits_pair (digits + 2);
  if (month > 50)
    month -= 50;
  if (month > 20 && year >= FIRST_WITH_MONTHS_70)
    month -= 20;
  return ds_calendar_birthday_alive (year, month, ds_digits_pair (digits + 4));
}

/* A rest of ten was written as the digit 0 until 1985 (Národní zdravotnický informační systém, číselník DSBET). */
static gboolean
is_rest_of_ten (const char *digits)
{
  int year = ds_digits_pair (digits);
  return year > LAST_WITHOUT_CHECK_DIGIT && year <= LAST_REST_OF_TEN && digits[9] == '0'
         && ds_digits_modulo (digits, 9, 11) == 10;
}

/* Zákon 133/2000 Sb., section 13, and for Slovakia zákon 301/1995 Z. z.: divisible by 11.  Who was born before 1954 and was
 * given a number later has ten digits too. */
static gboolean
is_birth_number (const char *digits)
{
  return (is_birth_date (digits, 1900) || is_birth_date (digits, 2000))
         && (ds_digits_modulo (digits, 10, 11) == 0 || is_rest_of_ten (digits));
}

/* Until 1953: nine digits without a check digit. */
static gboolean
is_old_birth_number (const char *digits)
{
  return ds_digits_pair (digits) <= LAST_WITHOUT_CHECK_DIGIT && is_birth_date (digits, 1900);
}

gboolean
ds_valid_cz_birth_number (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 10, 10, &s) && is_birth_number (s.c);
}

gboolean
ds_valid_cz_birth_number_old (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 9, 9, &s) && is_old_birth_number (s.c);
}

/* Who has no birth number: 6, seven digits, check digit (European Commission, VIES). */
static gboolean
is_tax_only_number (const char *digits)
{
  static const gint8 weights[] = { 8, 7, 6, 5, 4, 3, 2 };
  return digits[0] == '6' && (8 + ds_digits_weighted (digits + 1, 7, weights) % 11) % 10 == digits[8] - '0';
}

/* Daňový řád, section 130: CZ and a person's birth number.  Companies, who have eight digits, are left out. */
gboolean
ds_valid_cz_vat (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || !g_str_has_prefix (s.c, "CZ") || strspn (s.c + 2, "0123456789") + 2 != s.length)
    return FALSE;
  if (s.length == 12)
    return is_birth_number (s.c + 2);
  return s.length == 11 && (is_tax_only_number (s.c + 2) || is_old_birth_number (s.c + 2));
}
