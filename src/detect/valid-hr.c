#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* Zakon o osobnom identifikacijskom broju, article 5. */
gboolean
ds_valid_hr_oib (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s))
    return FALSE;
  const char *digits = g_str_has_prefix (s.c, "HR") ? s.c + 2 : s.c;
  return strlen (digits) == 11 && strspn (digits, "0123456789") == 11 && !ds_digits_all_same (digits, 11)
         && ds_digits_iso7064_11_10 (digits, 11);
}
