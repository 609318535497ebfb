#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* Zakon za grazhdanskata registratsia, article 11: who was born since 2000 has 40 added to the month. */
static gboolean
is_egn (const char *digits)
{
  static const gint8 weights[] = { 2, 4, 8, 5, 10, 9, 7, 3, 6 };
  int month = ds_digits_pair (digits + 2), century = month > 40 ? 2000 : 1900;
  return ds_calendar_birthday_alive (century + ds_digits_pair (digits), month > 40 ? month - 40 : month, ds_digits_pair (digits + 4))
         && ds_digits_weighted (digits, 9, weights) % 11 % 10 == digits[9] - '0';
}

gboolean
ds_valid_bg_egn (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 10, 10, &s) && is_egn (s.c);
}

static gboolean
is_foreigner (const char *digits)
{
  static const gint8 weights[] = { 21, 19, 17, 13, 11, 9, 7, 3, 1 };
  return ds_digits_weighted (digits, 9, weights) % 10 == digits[9] - '0';
}

gboolean
ds_valid_bg_foreigner (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 10, 10, &s) && !ds_digits_all_same (s.c, 10) && is_foreigner (s.c);
}

/* A person whom the tax register numbered itself; a check digit of 10 is not given out. */
static gboolean
is_tax_only_number (const char *digits)
{
  static const gint8 weights[] = { 4, 3, 2, 7, 6, 5, 4, 3, 2, 1 };
  return ds_digits_weighted (digits, 10, weights) % 11 == 0;
}

/* ZDDS, article 94: BG and a person's number; the nine digits of companies are left out. */
gboolean
ds_valid_bg_vat (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 12 || !g_str_has_prefix (s.c, "BG")
      || strspn (s.c + 2, "0123456789") != 10 || ds_digits_all_same (s.c + 2, 10))
    return FALSE;
  return is_egn (s.c + 2) || is_foreigner (s.c + 2) || is_tax_only_number (s.c + 2);
}
