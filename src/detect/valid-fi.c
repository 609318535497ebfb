#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* Valtioneuvoston asetus väestötietojärjestelmästä 128/2010, section 2, as changed by 690/2022: the birthday, a letter or
 * '-' or '+' for the century, a number from 002 on (from 900 on for a time only), and the remainder modulo 31 of these
 * nine digits. */
gboolean
ds_valid_fi_henkilotunnus (const char *match, gsize size)
{
  static const char remainders[] = "0123456789ABCDEFHJKLMNPRSTUVWXY";
  DsSignificant s;
  /* The sign is dropped, and the letter is not. */
  if (!ds_significant (match, size, &s) || (s.length != 10 && s.length != 11))
    return FALSE;
  gboolean has_letter = s.length == 11;
  if (has_letter && strchr ("ABCDEFUVWXY", s.c[6]) == NULL)
    return FALSE;
  char digits[10] = "";
  memcpy (digits, s.c, 6);
  memcpy (digits + 6, s.c + s.length - 4, 3);
  if (strspn (digits, "0123456789") != 9 || ds_digits_number (digits + 6, 3) < 2)
    return FALSE;
  /* The years of the 19th and 20th century that have a sign have the same leap days. */
  int century = has_letter && s.c[6] < 'U' ? 2000 : 1900;
  return ds_calendar_birthday (century + (int) ds_digits_number (digits + 4, 2), (int) ds_digits_number (digits + 2, 2),
                               (int) ds_digits_number (digits, 2))
         && s.c[s.length - 1] == remainders[ds_digits_number (digits, 9) % 31];
}
