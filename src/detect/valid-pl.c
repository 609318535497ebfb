#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"

/* Ustawa o ewidencji ludności, art. 15 and 16: who was born since 2000 has 20 added to the month. */
gboolean
ds_valid_pl_pesel (const char *match, gsize size)
{
  static const gint8 weights[] = { 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1 };
  DsSignificant s;
  if (!ds_significant_digits (match, size, 11, 11, &s))
    return FALSE;
  int month = ds_digits_pair (s.c + 2), century = month > 20 ? 2000 : 1900;
  return ds_calendar_birthday_alive (century + ds_digits_pair (s.c), month > 20 ? month - 20 : month, ds_digits_pair (s.c + 4))
         && ds_digits_weighted (s.c, 11, weights) % 10 == 0;
}
