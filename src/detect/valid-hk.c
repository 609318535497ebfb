#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* Immigration Department: one or two letters (A=10; none is 36), six digits, check character 0 to 9 or A, modulo 11. */
gboolean
ds_valid_hk_identity (const char *match, gsize size)
{
  static const gint8 weights[] = { 9, 8, 7, 6, 5, 4, 3, 2, 1 };
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length < 8 || s.length > 9)
    return FALSE;
  guint letters = s.length - 7;
  if (strspn (s.c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != letters || strspn (s.c + letters, "0123456789") < 6
      || strchr ("0123456789A", s.c[s.length - 1]) == NULL)
    return FALSE;
  int blank = letters == 1 ? 36 * 9 : 0;
  return (blank + ds_digits_weighted (s.c, s.length, weights + 9 - s.length)) % 11 == 0;
}
