#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"

/* Resolution 784 of the Cabinet of Ministers, 2013: birth date YYYYMMDD, four digits, a check digit as in ICAO 9303. */
gboolean
ds_valid_ua_registry (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant_digits (match, size, 13, 13, &s))
    return FALSE;
  int year = (int) ds_digits_number (s.c, 4);
  return year > 1880 && year < 2100 && ds_digits_number (s.c + 8, 4) > 0
         && ds_calendar_day (year, (int) ds_digits_number (s.c + 4, 2), (int) ds_digits_number (s.c + 6, 2))
         && ds_digits_731 (s.c, 12) == s.c[12] - '0';
}
