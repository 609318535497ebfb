#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"

/* The code of those who were registered before July 2017: birthday, century (0: the 19th), three digits, and a check
 * digit that is known from programs, which agree, and not from an authority.  What is given out since begins with 32 to
 * 39 and tells nothing. */
gboolean
ds_valid_lv_personas_kods (const char *match, gsize size)
{
  static const gint8 weights[] = { 10, 5, 8, 4, 2, 1, 6, 3, 7, 9 };
  DsSignificant s;
  if (!ds_significant_digits (match, size, 11, 11, &s))
    return FALSE;
  int year = 1800 + (s.c[6] - '0') * 100 + (int) ds_digits_number (s.c + 4, 2);
  return ds_calendar_birthday (year, (int) ds_digits_number (s.c + 2, 2), (int) ds_digits_number (s.c, 2))
         && (ds_digits_weighted (s.c, 10, weights) + 1) % 11 % 10 == s.c[10] - '0';
}
