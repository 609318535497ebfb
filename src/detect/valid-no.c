#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"

/* The three digits behind the birthday tell the century; 0 for one that is not given out. */
static int
birth_year (const char *digits)
{
  int year = (int) ds_digits_number (digits + 4, 2), individual = (int) ds_digits_number (digits + 6, 3);
  if (individual < 500)
    return 1900 + year;
  if (individual < 750 && year >= 54)
    return 1800 + year;
  if (year < 40)
    return 2000 + year;
  return individual >= 900 ? 1900 + year : 0;
}

/* Skatteetaten, "Nytt fødselsnummer fra 2032": two sums modulo 11.  D-numbers have 40 added to the day, help numbers 40
 * to the month.  From 2032 on the first sum may leave 1, 2 or 3 as well; no such number is given out yet. */
gboolean
ds_valid_no_fodselsnummer (const char *match, gsize size)
{
  static const gint8 first[] = { 3, 7, 6, 1, 8, 9, 4, 5, 2, 1 };
  static const gint8 second[] = { 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1 };
  DsSignificant s;
  if (!ds_significant_digits (match, size, 11, 11, &s))
    return FALSE;
  int day = (int) ds_digits_number (s.c, 2), month = (int) ds_digits_number (s.c + 2, 2);
  return ds_calendar_birthday (birth_year (s.c), month > 40 ? month - 40 : month, day > 40 ? day - 40 : day)
         && ds_digits_weighted (s.c, 10, first) % 11 == 0 && ds_digits_weighted (s.c, 11, second) % 11 == 0;
}
