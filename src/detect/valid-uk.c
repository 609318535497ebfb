#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* NHS Data Dictionary: weights 10 to 2, modulo 11; CHI and H&C numbers are made the same way. */
gboolean
ds_valid_uk_nhs (const char *match, gsize size)
{
  static const gint8 weights[] = { 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 };
  DsSignificant s;
  return ds_significant_digits (match, size, 10, 10, &s) && !ds_digits_all_same (s.c, 10)
         && ds_digits_weighted (s.c, 10, weights) % 11 == 0;
}

/* HMRC NIM39110: which prefixes are given out. */
gboolean
ds_valid_uk_nino (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 9 || strspn (s.c + 2, "0123456789") != 6)
    return FALSE;
  const char prefix[] = { ' ', s.c[0], s.c[1], ' ', '\0' };
  return g_ascii_isalpha (s.c[0]) && g_ascii_isalpha (s.c[1]) && strpbrk (prefix, "DFIQUV") == NULL && s.c[1] != 'O'
         && strstr (" BG GB NK KN TN NT ZZ ", prefix) == NULL && s.c[8] >= 'A' && s.c[8] <= 'D';
}

/* DVLA driver number: five of the surname (9 fills), decade, month (+50 for women), day, year, initials, three more. */
gboolean
ds_valid_uk_driver (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 16 || strspn (s.c + 5, "0123456789") < 6 || !g_ascii_isalpha (s.c[0]))
    return FALSE;
  /* Once a surname has ended, only 9s follow. */
  gsize letters = strspn (s.c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  if (letters < 5 && letters + strspn (s.c + letters, "9") < 5)
    return FALSE;
  int month = (int) ds_digits_number (s.c + 6, 2) % 50;
  int day = (int) ds_digits_number (s.c + 8, 2);
  int year = (s.c[5] - '0') * 10 + (s.c[10] - '0');
  gboolean month_ok = ds_digits_number (s.c + 6, 2) < 63;
  return month_ok && ds_calendar_day_short (year, month, day)
         && (g_ascii_isalpha (s.c[11]) || s.c[11] == '9') && (g_ascii_isalpha (s.c[12]) || s.c[12] == '9')
         && g_ascii_isalpha (s.c[14]) && g_ascii_isalpha (s.c[15]);
}

/* HMRC: weights 8 to 2, then the two-digit check number; modulo 97, and with 55 added since 2010. */
gboolean
ds_valid_uk_vat (const char *match, gsize size)
{
  static const gint8 weights[] = { 8, 7, 6, 5, 4, 3, 2, 10, 1 };
  DsSignificant s;
  if (!ds_significant (match, size, &s))
    return FALSE;
  const char *digits = g_str_has_prefix (s.c, "GB") || g_str_has_prefix (s.c, "XI") ? s.c + 2 : s.c;
  gsize n = strlen (digits);
  if ((n != 9 && n != 12) || strspn (digits, "0123456789") != n || ds_digits_number (digits, 9) == 0)
    return FALSE;
  int rest = ds_digits_weighted (digits, 9, weights) % 97;
  /* Numbers under 100 000 000 were all given out by the old rule. */
  return rest == 0 || (digits[0] != '0' && (rest == 42 || rest == 55));
}
