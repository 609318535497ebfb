#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"

/* Where the numbers of a day ran out, the day of birth gets a month that no calendar has. */
#define LAST_SUBSTITUTE_MONTH 15

static gboolean
possible_day (int year, int month, int day)
{
  if (month > 12 && month <= LAST_SUBSTITUTE_MONTH)
    return day > 0 && day < 32;
  return ds_calendar_day_short (year, month, day);
}

/* Serial number from 100, check digit, day, month and year of birth; serial numbers with a remainder of 10 are skipped. */
gboolean
ds_valid_at_social (const char *match, gsize size)
{
  static const gint8 weights[] = { 3, 7, 9, 0, 5, 8, 4, 2, 1, 6 };
  DsSignificant s;
  if (!ds_significant_digits (match, size, 10, 10, &s) || s.c[0] == '0')
    return FALSE;
  return ds_digits_weighted (s.c, 10, weights) % 11 == s.c[3] - '0'
         && possible_day ((int) ds_digits_number (s.c + 8, 2), (int) ds_digits_number (s.c + 6, 2),
                          (int) ds_digits_number (s.c + 4, 2));
}
