#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* Número de identificação civil: modulo 11, with 0 also in the place of a check digit of 10. */
static gboolean
is_civil_number (const char *digits)
{
  static const gint8 weights[] = { 9, 8, 7, 6, 5, 4, 3, 2, 1 };
  int rest = ds_digits_weighted (digits, 9, weights) % 11;
  return rest == 0 || (rest == 1 && digits[8] == '0');
}

/* Autenticação.gov, Validação de Número de Documento do Cartão de Cidadão: Luhn over twelve characters, letters as A=10. */
static gboolean
is_document_number (const char *characters)
{
  int sum = 0;
  for (guint i = 0; i < 12; i++)
    {
      int value = ds_char_value (characters[i]) * (i % 2 == 0 ? 2 : 1);
      sum += i % 2 == 0 && value > 9 ? value - 9 : value;
    }
  return sum % 10 == 0;
}

/* Cartão de cidadão: civil number with its check digit, two characters of the version, check digit over all. */
gboolean
ds_valid_pt_citizen_card (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant (match, size, &s) && s.length == 12 && strspn (s.c, "0123456789") >= 9 && g_ascii_isdigit (s.c[11])
         && is_civil_number (s.c) && is_document_number (s.c);
}
