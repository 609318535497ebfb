#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* A letter's place is its value. */
static const char alphabet[] = "WABCDEFGHIJKLMNOPQRSTUV";

static int
letter_value (char letter)
{
  const char *at = strchr (alphabet, letter);
  return at != NULL && letter != '\0' ? (int) (at - alphabet) : -1;
}

/* The check letter of seven digits and the value of the letter behind it (0 if there is none). */
static gboolean
letter_checks (const char *digits, int behind, char check)
{
  static const gint8 weights[] = { 8, 7, 6, 5, 4, 3, 2 };
  return ds_digits_number (digits, 7) > 0
         && (ds_digits_weighted (digits, 7, weights) + 9 * behind) % 23 == letter_value (check);
}

/* A, B and H came with the numbers of 2013 and later and are checked; W, T and X of the older numbers are not. */
gboolean
ds_valid_ie_ppsn (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length < 8 || s.length > 9 || strspn (s.c, "0123456789") != 7)
    return FALSE;
  if (s.length == 8 || strchr ("WTX", s.c[8]) != NULL)
    return letter_checks (s.c, 0, s.c[7]);
  return strchr ("ABH", s.c[8]) != NULL && letter_checks (s.c, letter_value (s.c[8]), s.c[7]);
}

/* Old numbers have a letter in the second place, and their first digit counts as the last of the seven.  Those that have
 * + or * there are not taken. */
static gboolean
old_vat (const char *number)
{
  char digits[8] = "0";
  if (!g_ascii_isdigit (number[0]) || !g_ascii_isupper (number[1]) || strspn (number + 2, "0123456789") != 5)
    return FALSE;
  memcpy (digits + 1, number + 2, 5);
  digits[6] = number[0];
  return letter_checks (digits, 0, number[7]);
}

gboolean
ds_valid_ie_vat (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length < 10 || s.length > 11 || !g_str_has_prefix (s.c, "IE"))
    return FALSE;
  const char *number = s.c + 2;
  if (strspn (number, "0123456789") != 7)
    return s.length == 10 && old_vat (number);
  if (s.length == 10)
    return letter_checks (number, 0, number[7]);
  return strchr ("ABCDEFGHIW", number[8]) != NULL && letter_checks (number, letter_value (number[8]), number[7]);
}
