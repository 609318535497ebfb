#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"

/* Þjóðskrá, "Útreikningur vartölu": the birthday, two digits, their check digit, and the century (8, 9, 0).  Companies
 * have 40 added to the day and are nobody. */
gboolean
ds_valid_is_kennitala (const char *match, gsize size)
{
  static const gint8 weights[] = { 3, 2, 7, 6, 5, 4, 3, 2, 1 };
  DsSignificant s;
  if (!ds_significant_digits (match, size, 10, 10, &s) || (s.c[9] > '0' && s.c[9] < '8'))
    return FALSE;
  int century = s.c[9] == '0' ? 2000 : 1000 + (s.c[9] - '0') * 100;
  return ds_calendar_birthday (century + (int) ds_digits_number (s.c + 4, 2), (int) ds_digits_number (s.c + 2, 2),
                               (int) ds_digits_number (s.c, 2))
         && ds_digits_weighted (s.c, 9, weights) % 11 == 0;
}
