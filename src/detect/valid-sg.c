#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* National Registration Act; Immigration & Checkpoints Authority: NRIC of those born before 2000 (S) and since (T), FIN of
 * foreigners before 2000 (F), since (G), and since 2022 (M). */
gboolean
ds_valid_sg_nric (const char *match, gsize size)
{
  static const gint8 weights[] = { 2, 7, 6, 5, 4, 3, 2 };
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 9 || strspn (s.c + 1, "0123456789") != 7)
    return FALSE;
  int sum = ds_digits_weighted (s.c + 1, 7, weights);
  switch (s.c[0])
    {
    case 'S':
      return s.c[8] == "JZIHGFEDCBA"[sum % 11];
    case 'T':
      return s.c[8] == "JZIHGFEDCBA"[(sum + 4) % 11];
    case 'F':
      return s.c[8] == "XWUTRQPNMLK"[sum % 11];
    case 'G':
      return s.c[8] == "XWUTRQPNMLK"[(sum + 4) % 11];
    case 'M':
      return s.c[8] == "XWUTRQPNJLK"[(sum + 3) % 11];
    default:
      return FALSE;
    }
}
