#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* The two digits that a letter stands for: the counties in the order in which they got theirs. */
static int
letter_number (char letter)
{
  static const char letters[] = "ABCDEFGHJKLMNPQRSTUVXYWZIO";
  const char *at = strchr (letters, letter);
  return at != NULL ? (int) (at - letters) + 10 : 0;
}

/* Household Registration Act and the Ministry of the Interior: a letter, 1 or 2 (8 or 9 for residents since 2021; a second
 * letter before), eight digits; weights modulo 10. */
gboolean
ds_valid_tw_identity (const char *match, gsize size)
{
  static const gint8 weights[] = { 7, 6, 5, 4, 3, 2, 1, 1 };
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 10 || !g_ascii_isalpha (s.c[0]) || strspn (s.c + 2, "0123456789") != 8)
    return FALSE;
  int second = s.c[1] - '0';
  if (s.c[1] >= 'A' && s.c[1] <= 'D')
    second = letter_number (s.c[1]) % 10;
  else if (strchr ("1289", s.c[1]) == NULL)
    return FALSE;
  int first = letter_number (s.c[0]);
  return (first / 10 + first % 10 * 9 + second * 8 + ds_digits_weighted (s.c + 2, 8, weights)) % 10 == 0;
}

/* Ministry of Finance, since April 2023: the digits of all products, modulo 5; a 7 in the seventh place counts 1 or 0. */
gboolean
ds_valid_tw_business (const char *match, gsize size)
{
  static const int weights[] = { 1, 2, 1, 2, 1, 2, 4, 1 };
  DsSignificant s;
  if (!ds_significant_digits (match, size, 8, 8, &s) || ds_digits_all_same (s.c, 8))
    return FALSE;
  int sum = 0;
  for (guint i = 0; i < 8; i++)
    {
      int product = (s.c[i] - '0') * weights[i];
      sum += product / 10 + product % 10;
    }
  return sum % 5 == 0 || (s.c[6] == '7' && sum % 5 == 4);
}
