#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"

/* A month or day that is not known is 00. */
static gboolean
possible_birth (const char *digits)
{
  int year = (int) ds_digits_number (digits, 4);
  int month = (int) ds_digits_number (digits + 4, 2), day = (int) ds_digits_number (digits + 6, 2);
  if (year < 1850 || year > 2099)
    return FALSE;
  return ds_calendar_day (year, month == 0 ? 1 : month, day == 0 ? 1 : day);
}

/* Règlement grand-ducal of 28 November 2013, article 1: the date of birth and three digits, then the check digit of Luhn
 * and that of Verhoeff, each over these eleven. */
gboolean
ds_valid_lu_matricule (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant_digits (match, size, 13, 13, &s) || !possible_birth (s.c) || !ds_digits_luhn (s.c, 12))
    return FALSE;
  s.c[11] = s.c[12];
  return ds_digits_verhoeff (s.c, 12);
}

/* Règlement grand-ducal of 21 December 1987: where the two digits of a day ran out, the check digit was counted from 12
 * and then from 13 in place of 11. */
gboolean
ds_valid_lu_matricule_old (const char *match, gsize size)
{
  static const gint8 weights[] = { 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1 };
  DsSignificant s;
  return ds_significant_digits (match, size, 11, 11, &s) && possible_birth (s.c)
         && ds_digits_weighted (s.c, 11, weights) % 11 <= 2;
}
