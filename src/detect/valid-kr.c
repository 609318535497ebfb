#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"

/* Resident Registration Act: birth date; century and sex (9, 0: 1800s; 1, 2: 1900s; 3, 4: 2000s; 5 to 8: foreigners); and
 * until October 2020 a check digit.  What is computed for foreigners is not published. */
gboolean
ds_valid_kr_resident (const char *match, gsize size)
{
  static const gint8 weights[] = { 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5 };
  static const int centuries[] = { 1800, 1900, 1900, 2000, 2000, 1900, 1900, 2000, 2000, 1800 };
  DsSignificant s;
  if (!ds_significant_digits (match, size, 13, 13, &s))
    return FALSE;
  int kind = s.c[6] - '0', year = centuries[kind] + (int) ds_digits_number (s.c, 2);
  int month = (int) ds_digits_number (s.c + 2, 2);
  if (!ds_calendar_day (year, month, (int) ds_digits_number (s.c + 4, 2)))
    return FALSE;
  gboolean random = year > 2020 || (year == 2020 && month >= 10) || (kind >= 5 && kind <= 8);
  return random || (11 - ds_digits_weighted (s.c, 12, weights) % 11) % 10 == s.c[12] - '0';
}

/* National Tax Service: weights modulo 10, and the tens of the ninth product. */
gboolean
ds_valid_kr_business (const char *match, gsize size)
{
  static const gint8 weights[] = { 1, 3, 7, 1, 3, 7, 1, 3, 5, 1 };
  DsSignificant s;
  return ds_significant_digits (match, size, 10, 10, &s) && ds_digits_number (s.c, 3) > 100 && ds_digits_number (s.c + 3, 2) > 0
         && ds_digits_number (s.c + 5, 4) > 0
         && (ds_digits_weighted (s.c, 10, weights) + (s.c[8] - '0') * 5 / 10) % 10 == 0;
}
