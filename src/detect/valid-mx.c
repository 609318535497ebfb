#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static gboolean
is_short_date (const char *digits)
{
  return strspn (digits, "0123456789") >= 6
         && ds_calendar_day_short ((int) ds_digits_number (digits, 2), (int) ds_digits_number (digits + 2, 2),
                                   (int) ds_digits_number (digits + 4, 2));
}

/* The states as RENAPO abbreviates them; NE is born abroad. */
static gboolean
is_state (const char *two)
{
  static const char states[] = " AS BC BS CC CH CL CM CS DF DG GR GT HG JC MC MN MS NE NL NT OC PL QR QT SL SP SR TC TL TS VZ"
                               " YN ZS ";
  const char wanted[] = { ' ', two[0], two[1], ' ', '\0' };
  return strstr (states, wanted) != NULL;
}

/* Between N and O stands an N with tilde in the alphabet of the CURP, and an ampersand in that of the RFC. */
static int
letter_value (char c)
{
  return ds_char_value (c) + (c > 'N' ? 1 : 0);
}

/* RENAPO, Instructivo normativo para la asignacion de la CURP (DOF 18 October 2021): a digit in place 17 says born before
 * 2000, a letter since. */
gboolean
ds_valid_mx_curp (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 18 || strspn (s.c, LETTERS) != 4 || !is_short_date (s.c + 4)
      || strchr ("HMX", s.c[10]) == NULL || strspn (s.c + 11, LETTERS) < 5 || !g_ascii_isdigit (s.c[17]))
    return FALSE;
  int century = g_ascii_isdigit (s.c[16]) ? 1900 : 2000, sum = 0;
  for (guint i = 0; i < 17; i++)
    sum += letter_value (s.c[i]) * (18 - (int) i);
  return is_state (s.c + 11) && (10 - sum % 10) % 10 == s.c[17] - '0'
         && ds_calendar_day (century + (int) ds_digits_number (s.c + 4, 2), (int) ds_digits_number (s.c + 6, 2),
                             (int) ds_digits_number (s.c + 8, 2));
}

/* SAT: a person's has four letters, birth date, two characters against homonyms, and a check character. */
gboolean
ds_valid_mx_rfc_form (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant (match, size, &s) && s.length == 13 && strspn (s.c, LETTERS) == 4 && is_short_date (s.c + 4);
}

/* The check character is 0 to 9 or A, modulo 11; some 1.5 % of those in use are wrong. */
gboolean
ds_valid_mx_rfc (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_valid_mx_rfc_form (match, size) || !ds_significant (match, size, &s))
    return FALSE;
  int sum = 0;
  for (guint i = 0; i < 12; i++)
    sum += letter_value (s.c[i]) * (13 - (int) i);
  return s.c[12] == "0A987654321"[sum % 11];
}

/* INE: six letters of the names, birth date, state (01 to 32; 87, 88 abroad), sex, three digits. */
gboolean
ds_valid_mx_voter (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 18 || strspn (s.c, LETTERS) != 6 || strspn (s.c + 6, "0123456789") != 8)
    return FALSE;
  guint64 state = ds_digits_number (s.c + 12, 2);
  return is_short_date (s.c + 6) && ((state > 0 && state < 33) || state == 87 || state == 88)
         && (s.c[14] == 'H' || s.c[14] == 'M') && strspn (s.c + 15, "0123456789") == 3;
}
