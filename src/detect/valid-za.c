#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"

/* Identification Act 68 of 1997: birth date, serial number, citizen or resident (0, 1; 2 for a refugee), a digit that
 * was a race's until 1986, check digit by Luhn. */
gboolean
ds_valid_za_id (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 13, 13, &s) && s.c[10] <= '2'
         && ds_calendar_day_short ((int) ds_digits_number (s.c, 2), (int) ds_digits_number (s.c + 2, 2),
                                   (int) ds_digits_number (s.c + 4, 2))
         && ds_digits_luhn (s.c, 13);
}
