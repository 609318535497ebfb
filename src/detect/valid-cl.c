#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* Decreto Ley 3 of 1969; Servicio de Impuestos Internos: weights 2 to 7 from the right, modulo 11; K is 10. */
gboolean
ds_valid_cl_rut (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length < 8 || s.length > 9 || strspn (s.c, "0123456789") < s.length - 1
      || ds_digits_all_same (s.c, s.length - 1))
    return FALSE;
  guint sum = 0;
  for (guint i = 0; i + 1 < s.length; i++)
    sum += (guint) (s.c[s.length - 2 - i] - '0') * (2 + i % 6);
  return s.c[s.length - 1] == "0K987654321"[sum % 11];
}
