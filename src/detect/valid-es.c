#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

static const char dni_letters[] = "TRWAGMYFPDXBNJZSQVHLCKE";

/* Real Decreto 1553/2005: eight digits modulo 23 give the letter. */
gboolean
ds_valid_es_dni (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant (match, size, &s) && s.length == 9 && strspn (s.c, "0123456789") == 8
         && !ds_digits_all_same (s.c, 8) && dni_letters[ds_digits_number (s.c, 8) % 23] == s.c[8];
}

/* Orden INT/2058/2008 (foreigners: X, Y, Z stand for 0, 1, 2) and Orden EHA/451/2008 (K, L, M: the seven digits alone). */
gboolean
ds_valid_es_nie (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 9 || strspn (s.c + 1, "0123456789") != 7)
    return FALSE;
  const char *foreign = strchr ("XYZ", s.c[0]);
  if (foreign == NULL && strchr ("KLM", s.c[0]) == NULL)
    return FALSE;
  guint64 number = ds_digits_number (s.c + 1, 7) + (foreign == NULL ? 0 : (guint64) (foreign - "XYZ") * 10000000);
  return dni_letters[number % 23] == s.c[8];
}

/* Orden EHA/451/2008.  Which forms of company have a digit and which a letter is not told apart here. */
gboolean
ds_valid_es_cif (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 9 || strchr ("ABCDEFGHJNPQRSUVW", s.c[0]) == NULL
      || strspn (s.c + 1, "0123456789") < 7)
    return FALSE;
  guint sum = 0;
  for (guint i = 0; i < 7; i++)
    {
      guint digit = (guint) (s.c[i + 1] - '0') * (i % 2 == 0 ? 2 : 1);
      sum += digit / 10 + digit % 10;
    }
  guint check = (10 - sum % 10) % 10;
  return s.c[8] == (char) ('0' + check) || s.c[8] == "JABCDEFGHI"[check];
}

/* Social security (Tesorería General): province, number, and both modulo 97.  Numbers under ten million lose a zero. */
gboolean
ds_valid_es_naf (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant_digits (match, size, 12, 12, &s))
    return FALSE;
  guint64 province = ds_digits_number (s.c, 2), number = ds_digits_number (s.c + 2, 8);
  if (province == 0 || province > 66 || number == 0)
    return FALSE;
  guint64 whole = number < 10000000 ? number + province * 10000000 : number + province * 100000000;
  return whole % 97 == ds_digits_number (s.c + 10, 2);
}

static char
ccc_digit (const char *digits, guint n)
{
  static const gint8 weights[] = { 1, 2, 4, 8, 5, 10, 9, 7, 3, 6 };
  int rest = 11 - ds_digits_weighted (digits, n, weights + (10 - n)) % 11;
  return rest == 10 ? '1' : rest == 11 ? '0' : (char) ('0' + rest);
}

/* Código cuenta cliente (Consejo Superior Bancario): bank and branch, two check digits, account. */
gboolean
ds_valid_es_ccc (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 20, 20, &s) && !ds_digits_all_same (s.c, 20) && ccc_digit (s.c, 8) == s.c[8]
         && ccc_digit (s.c + 10, 10) == s.c[9];
}
