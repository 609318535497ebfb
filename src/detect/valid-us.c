#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* SSA, POMS RM 10201.035: which areas, groups and serials were never given out; the three numbers are known from
 * advertisements. */
gboolean
ds_valid_us_ssn (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant_digits (match, size, 9, 9, &s) || ds_digits_all_same (s.c, 9))
    return FALSE;
  guint64 area = ds_digits_number (s.c, 3);
  return area != 0 && area != 666 && area < 900 && ds_digits_number (s.c + 3, 2) != 0 && ds_digits_number (s.c + 5, 4) != 0
         && strcmp (s.c, "078051120") != 0 && strcmp (s.c, "219099999") != 0 && strcmp (s.c, "457555462") != 0;
}

/* IRS, Publication 1915: 9xx, and fourth and fifth digit 50-65, 70-88, 90-92 or 94-99. */
gboolean
ds_valid_us_itin (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant_digits (match, size, 9, 9, &s) || s.c[0] != '9')
    return FALSE;
  guint64 group = ds_digits_number (s.c + 3, 2);
  return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group != 93);
}

/* IRS: the prefixes that campuses give out. */
gboolean
ds_valid_us_ein (const char *match, gsize size)
{
  static const char unused[] = " 00 07 08 09 17 18 19 28 29 49 69 70 78 79 89 96 97 ";
  DsSignificant s;
  if (!ds_significant_digits (match, size, 9, 9, &s) || ds_digits_all_same (s.c, 9))
    return FALSE;
  const char prefix[] = { ' ', s.c[0], s.c[1], ' ', '\0' };
  return strstr (unused, prefix) == NULL;
}

/* 45 CFR 162.406: Luhn over the number behind the issuer prefix 80840, which alone adds 24; it begins with 1 or 2. */
gboolean
ds_valid_us_npi (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant_digits (match, size, 10, 10, &s) || (s.c[0] != '1' && s.c[0] != '2'))
    return FALSE;
  char card[16] = "80840";
  memcpy (card + 5, s.c, 10);
  return ds_digits_luhn (card, 15);
}

/* 21 CFR 1301: registrant's type, initial of the name (9 for a company), six digits and their check digit. */
gboolean
ds_valid_us_dea (const char *match, gsize size)
{
  static const gint8 weights[] = { 1, 2, 1, 2, 1, 2 };
  DsSignificant s;
  return ds_significant (match, size, &s) && s.length == 9 && strchr ("ABCDEFGHJKLMPRSTUX", s.c[0]) != NULL
         && (g_ascii_isalpha (s.c[1]) || s.c[1] == '9') && strspn (s.c + 2, "0123456789") == 7
         && ds_digits_number (s.c + 2, 7) > 0 && ds_digits_weighted (s.c + 2, 6, weights) % 10 == s.c[8] - '0';
}

/* CMS, "Understanding the MBI format": eleven places, each of its own class, and no S, L, O, I, B, Z. */
gboolean
ds_valid_us_mbi (const char *match, gsize size)
{
  static const char classes[] = "CAXNAXNAANN"; /* C: 1-9, N: 0-9, A: letter, X: either */
  static const char letters[] = "ACDEFGHJKMNPQRTUVWXY";
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 11 || s.c[0] == '0')
    return FALSE;
  for (guint i = 0; i < 11; i++)
    {
      gboolean digit = g_ascii_isdigit (s.c[i]);
      if ((!digit && strchr (letters, s.c[i]) == NULL) || (classes[i] == 'A' && digit)
          || (strchr ("CN", classes[i]) != NULL && !digit))
        return FALSE;
    }
  return TRUE;
}
