#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* The check digit of the Receita Federal: 11 less the sum modulo 11, and 0 where that has two digits. */
static int
check_digit (int sum)
{
  return sum % 11 < 2 ? 0 : 11 - sum % 11;
}

/* Instrucao Normativa RFB 2172/2024. */
gboolean
ds_valid_br_cpf (const char *match, gsize size)
{
  static const gint8 weights[] = { 11, 10, 9, 8, 7, 6, 5, 4, 3, 2 };
  DsSignificant s;
  return ds_significant_digits (match, size, 11, 11, &s) && !ds_digits_all_same (s.c, 11)
         && check_digit (ds_digits_weighted (s.c, 9, weights + 1)) == s.c[9] - '0'
         && check_digit (ds_digits_weighted (s.c, 10, weights)) == s.c[10] - '0';
}

/* A letter counts as its ASCII code less 48, as a digit does: A=17. */
static int
cnpj_sum (const char *number, guint n, const gint8 *weights)
{
  int sum = 0;
  for (guint i = 0; i < n; i++)
    sum += (number[i] - '0') * weights[i];
  return sum;
}

/* Instrucao Normativa RFB 2229/2024: since July 2026 the first twelve may be letters. */
gboolean
ds_valid_br_cnpj (const char *match, gsize size)
{
  static const gint8 weights[] = { 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2 };
  DsSignificant s;
  return ds_significant (match, size, &s) && s.length == 14 && !ds_digits_all_same (s.c, 14)
         && strspn (s.c + 12, "0123456789") == 2 && check_digit (cnpj_sum (s.c, 12, weights + 1)) == s.c[12] - '0'
         && check_digit (cnpj_sum (s.c, 13, weights)) == s.c[13] - '0';
}

/* Registro nacional of the driving licence (Denatran): where the first check digit would be 10, it is 0 and the second is
 * less by 2. */
gboolean
ds_valid_br_cnh (const char *match, gsize size)
{
  static const gint8 down[] = { 9, 8, 7, 6, 5, 4, 3, 2, 1 }, up[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
  DsSignificant s;
  if (!ds_significant_digits (match, size, 11, 11, &s) || ds_digits_all_same (s.c, 11))
    return FALSE;
  int first = ds_digits_weighted (s.c, 9, down) % 11, second = ds_digits_weighted (s.c, 9, up) % 11;
  if (first == 10 && second < 10)
    second = (second + 9) % 11;
  return first % 10 == s.c[9] - '0' && second % 10 == s.c[10] - '0';
}

/* Resolucao TSE 23.659/2021: eight digits, the state (01 to 28), two check digits, which in SP and MG are 1 in place of 0. */
gboolean
ds_valid_br_voter (const char *match, gsize size)
{
  static const gint8 weights[] = { 2, 3, 4, 5, 6, 7, 8, 9 };
  DsSignificant s;
  if (!ds_significant_digits (match, size, 12, 12, &s))
    return FALSE;
  guint64 state = ds_digits_number (s.c + 8, 2);
  int first = ds_digits_weighted (s.c, 8, weights) % 11;
  int second = ds_digits_weighted (s.c + 8, 3, weights + 5) % 11;
  int least = state < 3 ? 1 : 0;
  first = first == 0 ? least : first % 10;
  second = second == 0 ? least : second % 10;
  return state > 0 && state < 29 && ds_digits_number (s.c, 8) > 0 && first == s.c[10] - '0' && second == s.c[11] - '0';
}
