#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* The eleven-test (Wet algemene bepalingen burgerservicenummer; Logisch Ontwerp BSN): weights 9 to 2, and -1. */
static gboolean
eleven_test (const char *digits)
{
  static const gint8 weights[] = { 9, 8, 7, 6, 5, 4, 3, 2, -1 };
  return ds_digits_weighted (digits, 9, weights) % 11 == 0 && ds_digits_number (digits, 9) > 0;
}

/* Eight digits are nine with a leading zero left out. */
gboolean
ds_valid_nl_bsn (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant_digits (match, size, 8, 9, &s) || ds_digits_all_same (s.c, s.length))
    return FALSE;
  char digits[10] = "0";
  memcpy (digits + 9 - s.length, s.c, s.length);
  return eleven_test (digits);
}

/* Btw-id: since 2020 modulo 97 over the whole; before that (and still for companies) the number's BSN or RSIN. */
gboolean
ds_valid_nl_vat (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 14 || !g_str_has_prefix (s.c, "NL") || s.c[11] != 'B'
      || strspn (s.c + 2, "0123456789") != 9 || strspn (s.c + 12, "0123456789") != 2)
    return FALSE;
  if (ds_digits_number (s.c + 2, 9) == 0 || ds_digits_number (s.c + 12, 2) == 0)
    return FALSE;
  return eleven_test (s.c + 2) || ds_digits_modulo (s.c, 14, 97) == 1;
}
