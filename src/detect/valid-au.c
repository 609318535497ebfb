#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"

/* Services Australia; NEHTA, Use of Healthcare Identifiers in Health Software Systems: eight digits (the first 2 to 6),
 * their check digit, the number of the card's issue, and perhaps whose line on the card it is. */
gboolean
ds_valid_au_medicare (const char *match, gsize size)
{
  static const gint8 weights[] = { 1, 3, 7, 9, 1, 3, 7, 9 };
  DsSignificant s;
  return ds_significant_digits (match, size, 10, 11, &s) && s.c[0] >= '2' && s.c[0] <= '6' && s.c[9] != '0'
         && s.c[s.length - 1] != '0' && ds_digits_weighted (s.c, 8, weights) % 10 == s.c[8] - '0';
}
