#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

static gboolean
reads_backwards (const char *digits, guint n)
{
  for (guint i = 0; i < n / 2; i++)
    if (digits[i] != digits[n - 1 - i])
      return FALSE;
  return TRUE;
}

/* UIDAI, A UID Numbering Scheme for India: no 0 or 1 first, no palindrome, Verhoeff. */
gboolean
ds_valid_in_aadhaar (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 12, 12, &s) && s.c[0] > '1' && !reads_backwards (s.c, 12)
         && ds_digits_verhoeff (s.c, 12);
}

/* CGST Rules 2017, rule 10: state, PAN, entity, Z, check character: Luhn's way with 36 characters. */
gboolean
ds_valid_in_gstin (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 15 || strspn (s.c, "0123456789") != 2 || s.c[12] == '0' || s.c[13] != 'Z')
    return FALSE;
  guint64 state = ds_digits_number (s.c, 2);
  int sum = 0;
  for (guint i = 0; i < 15; i++)
    {
      int value = ds_char_value (s.c[i]) * (i % 2 == 0 ? 1 : 2);
      sum += value / 36 + value % 36;
    }
  return ((state > 0 && state < 39) || state == 97) && sum % 36 == 0;
}
