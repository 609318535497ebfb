#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"

/* CPR-kontoret, "Personnummeret i CPR-systemet": the seventh digit tells the century, with the year. */
static int
birth_year (const char *digits)
{
  int year = (int) ds_digits_number (digits + 4, 2);
  if (digits[6] < '4')
    return 1900 + year;
  if (digits[6] == '4' || digits[6] == '9')
    return (year < 37 ? 2000 : 1900) + year;
  return (year < 58 ? 2000 : 1800) + year;
}

/* day_added: what substitute numbers have added to the day. */
static gboolean
has_birthday (const char *digits, int day_added)
{
  return ds_calendar_birthday (birth_year (digits), (int) ds_digits_number (digits + 2, 2),
                               (int) ds_digits_number (digits, 2) - day_added);
}

/* All numbers were made so until October 2007, and nearly all are still. */
gboolean
ds_valid_dk_cpr (const char *match, gsize size)
{
  static const gint8 weights[] = { 4, 3, 2, 7, 6, 5, 4, 3, 2, 1 };
  DsSignificant s;
  return ds_significant_digits (match, size, 10, 10, &s) && has_birthday (s.c, 0)
         && ds_digits_weighted (s.c, 10, weights) % 11 == 0;
}

/* Where numbers with a check digit ran out there is none; who has no number may be given a substitute. */
gboolean
ds_valid_dk_cpr_date (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 10, 10, &s) && (has_birthday (s.c, 0) || has_birthday (s.c, 60));
}
