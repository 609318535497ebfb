#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"

/* The number of a citizen of Yugoslavia, which Slovenia (EMŠO: Uradni list RS 8/1999) still gives out and Croatia gave out
 * until 2022 (Narodne novine 9/1992): birth date with three digits of the year, region, serial number, check digit.  A
 * serial number whose check digit would be 10 is not given out. */
gboolean
ds_valid_jmbg (const char *match, gsize size)
{
  static const gint8 weights[] = { 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1 };
  DsSignificant s;
  if (!ds_significant_digits (match, size, 13, 13, &s))
    return FALSE;
  int year = (int) ds_digits_number (s.c + 4, 3);
  year += year < 900 ? 2000 : 1000;
  return ds_calendar_birthday_alive (year, ds_digits_pair (s.c + 2), ds_digits_pair (s.c))
         && ds_digits_weighted (s.c, 13, weights) % 11 == 0;
}
