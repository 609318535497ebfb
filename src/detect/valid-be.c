#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"

/* Year, month and day of birth.  BIS numbers of who is in no population register have 20 or 40 added to the month; what
 * is not known is 00. */
static gboolean
possible_birth (const char *digits, int century)
{
  int year = century + (int) ds_digits_number (digits, 2);
  int month = (int) ds_digits_number (digits + 2, 2), day = (int) ds_digits_number (digits + 4, 2);
  if (month > 52 || month % 20 > 12)
    return FALSE;
  return month % 20 == 0 || day == 0 ? day < 32 : ds_calendar_day (year, month % 20, day);
}

/* Royal decree of 3 April 1984: the check number says the century, as from 2000 on a 2 stands before the nine digits. */
gboolean
ds_valid_be_national (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant_digits (match, size, 11, 11, &s) || ds_digits_number (s.c + 6, 3) == 0)
    return FALSE;
  guint64 number = ds_digits_number (s.c, 9), check = ds_digits_number (s.c + 9, 2);
  return (97 - number % 97 == check && possible_birth (s.c, 1900))
         || (97 - (2000000000 + number) % 97 == check && possible_birth (s.c, 2000));
}
