#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"

/* AMKA (law 3655/2008, article 153): birth date, serial number, Luhn.  Two digits of the year leave the century open. */
gboolean
ds_valid_gr_amka (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant_digits (match, size, 11, 11, &s) || !ds_digits_luhn (s.c, 11))
    return FALSE;
  int day = ds_digits_pair (s.c), month = ds_digits_pair (s.c + 2), year = ds_digits_pair (s.c + 4);
  return ds_calendar_birthday_alive (1900 + year, month, day) || ds_calendar_birthday_alive (2000 + year, month, day);
}
