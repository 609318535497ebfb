#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* The first digit tells sex and century of birth (1 and 2: the 19th), and the day follows. */
static gboolean
has_birthday (const char *digits)
{
  int century = 1800 + (digits[0] - '1') / 2 * 100;
  return digits[0] != '0'
         && ds_calendar_birthday (century + (int) ds_digits_number (digits + 1, 2), (int) ds_digits_number (digits + 3, 2),
                                  (int) ds_digits_number (digits + 5, 2));
}

gboolean
ds_valid_ee_isikukood (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 11, 11, &s) && has_birthday (s.c) && ds_digits_two_sums_11 (s.c, 11);
}

/* RST 1185-91; a code that begins with 9 tells no birthday. */
gboolean
ds_valid_lt_asmens_kodas (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 11, 11, &s) && (s.c[0] == '9' || has_birthday (s.c))
         && ds_digits_two_sums_11 (s.c, 11);
}

/* Twelve digits are a natural person's (or a payer's for a time); the last but one is 1.  Companies have nine. */
gboolean
ds_valid_lt_vat (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s))
    return FALSE;
  const char *digits = g_str_has_prefix (s.c, "LT") ? s.c + 2 : s.c;
  return strlen (digits) == 12 && strspn (digits, "0123456789") == 12 && digits[10] == '1'
         && ds_digits_two_sums_11 (digits, 12);
}
