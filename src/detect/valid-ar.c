#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"

/* Banco Central, Comunicacion A 2622: bank and branch, then account, each with a check digit modulo 10. */
gboolean
ds_valid_ar_cbu (const char *match, gsize size)
{
  static const gint8 weights[] = { 3, 9, 7, 1, 3, 9, 7, 1, 3, 9, 7, 1, 3 };
  DsSignificant s;
  return ds_significant_digits (match, size, 22, 22, &s) && !ds_digits_all_same (s.c, 22)
         && (ds_digits_weighted (s.c, 7, weights + 6) + s.c[7] - '0') % 10 == 0
         && (ds_digits_weighted (s.c + 8, 13, weights) + s.c[21] - '0') % 10 == 0;
}
