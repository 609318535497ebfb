#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* 3GPP TS 23.003, 6.2.1 and annex B. */
gboolean
ds_valid_imei (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 15, 15, &s) && !ds_digits_all_same (s.c, 15) && ds_digits_luhn (s.c, 15);
}

/* Mobile country codes are 2xx to 7xx (ITU-T E.212). */
gboolean
ds_valid_imsi (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 14, 15, &s) && s.c[0] >= '2' && s.c[0] <= '7'
         && !ds_digits_all_same (s.c, s.length);
}

/* ITU-T E.118: "89", then country and issuer, with a Luhn digit at the end. */
gboolean
ds_valid_iccid (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 18, 20, &s) && s.c[0] == '8' && s.c[1] == '9' && ds_digits_luhn (s.c, s.length);
}

/* ISO 3779 with the check digit of 49 CFR 565.15 at place nine. */
gboolean
ds_valid_vin (const char *match, gsize size)
{
  static const gint8 weights[] = { 8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2 };
  /* A to Z; 0 for the letters I, O, Q that a VIN hasn't. */
  static const char values[] = "12345678012345070923456789";
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 17 || ds_digits_all_same (s.c, 17))
    return FALSE;
  char digits[17];
  for (guint i = 0; i < 17; i++)
    {
      digits[i] = g_ascii_isalpha (s.c[i]) ? values[s.c[i] - 'A'] : s.c[i];
      if (strchr ("IOQ", s.c[i]) != NULL)
        return FALSE;
    }
  return "0123456789X"[ds_digits_weighted (digits, 17, weights) % 11] == s.c[8];
}
