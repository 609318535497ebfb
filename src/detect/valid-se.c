#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"

/* Folkbokföringslagen (1991:481), section 18: the birthday, three digits and Luhn's over these ten, with or without the
 * century before them.  A coordination number (2022:1697) has 60 added to the day. */
gboolean
ds_valid_se_personnummer (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant_digits (match, size, 10, 12, &s) || s.length == 11)
    return FALSE;
  const char *digits = s.c + s.length - 10;
  int year = (int) ds_digits_number (s.c, s.length - 8);
  int month = (int) ds_digits_number (digits + 2, 2), day = (int) ds_digits_number (digits + 4, 2) % 60;
  gboolean real = s.length == 10 ? ds_calendar_day_short (year, month, day)
                                 : year >= 1800 && ds_calendar_birthday (year, month, day);
  return real && ds_digits_luhn (digits, 10);
}
