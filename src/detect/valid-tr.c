#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"

/* Nufus Hizmetleri Kanunu 5490, article 46: the tenth digit is 7 times the odd places less the even ones, the eleventh the
 * sum of the ten, modulo 10. */
gboolean
ds_valid_tr_identity (const char *match, gsize size)
{
  static const gint8 weights[] = { 7, 9, 7, 9, 7, 9, 7, 9, 7 }; /* 9 is -1 modulo 10 */
  static const gint8 ones[] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
  DsSignificant s;
  return ds_significant_digits (match, size, 11, 11, &s) && s.c[0] != '0'
         && ds_digits_weighted (s.c, 9, weights) % 10 == s.c[9] - '0'
         && ds_digits_weighted (s.c, 10, ones) % 10 == s.c[10] - '0';
}

/* Gelir Idaresi Baskanligi: each digit has 9 to 1 added by its place, and is multiplied by that power of two modulo 9. */
gboolean
ds_valid_tr_tax (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant_digits (match, size, 10, 10, &s) || ds_digits_all_same (s.c, 10))
    return FALSE;
  int sum = 0;
  for (int i = 0; i < 9; i++)
    {
      int digit = (s.c[i] - '0' + 9 - i) % 10;
      int rest = digit * (1 << (9 - i)) % 9;
      sum += digit != 0 && rest == 0 ? 9 : rest;
    }
  return (10 - sum % 10) % 10 == s.c[9] - '0';
}
