#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

#define FIRST_WITH_DESCENDING_WEIGHTS 1997

/* 1996. évi XX. törvény, annexes 3 and 4: sex and century (5 to 8: foreigners), birth date, serial number, and modulo 11 a
 * check digit, whose weights rise from 1 to 10 for those born before 1997 and fall from 10 to 1 for the others. */
gboolean
ds_valid_hu_personal (const char *match, gsize size)
{
  static const gint8 rising[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
  static const gint8 falling[] = { 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 };
  DsSignificant s;
  if (!ds_significant_digits (match, size, 11, 11, &s) || strchr ("12345678", s.c[0]) == NULL)
    return FALSE;
  int year = ds_digits_pair (s.c + 1) + (strchr ("1256", s.c[0]) != NULL ? 1900 : 2000);
  const gint8 *weights = year < FIRST_WITH_DESCENDING_WEIGHTS ? rising : falling;
  return ds_calendar_birthday_alive (year, ds_digits_pair (s.c + 3), ds_digits_pair (s.c + 5))
         && ds_digits_weighted (s.c, 10, weights) % 11 == s.c[10] - '0';
}
