#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

static char
check_letter (const char *digits)
{
  static const guint8 odd_place[] = { 1, 0, 5, 7, 9, 13, 15, 17, 19, 21 };
  guint sum = 0;
  for (guint i = 0; i < 8; i++)
    sum += i % 2 == 0 ? odd_place[digits[i] - '0'] : (guint) (digits[i] - '0');
  return (char) ('A' + sum % 26);
}

/* A tax number is a VAT number too, then with CY before it; none begins with 12. */
gboolean
ds_valid_cy_tic (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s))
    return FALSE;
  const char *number = g_str_has_prefix (s.c, "CY") ? s.c + 2 : s.c;
  return strlen (number) == 9 && strspn (number, "0123456789") == 8 && !g_str_has_prefix (number, "12")
         && ds_digits_number (number, 8) > 0 && number[8] == check_letter (number);
}
