#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* Inland Revenue, RWT and NRWT specification: weights modulo 11; where the check digit would be 10, other weights. */
gboolean
ds_valid_nz_ird (const char *match, gsize size)
{
  static const gint8 weights[] = { 3, 2, 7, 6, 5, 4, 3, 2 }, others[] = { 7, 4, 3, 2, 5, 2, 7, 6 };
  DsSignificant s;
  if (!ds_significant_digits (match, size, 8, 9, &s))
    return FALSE;
  guint64 number = ds_digits_number (s.c, s.length);
  if (number <= 10000000 || number >= 150000000)
    return FALSE;
  char digits[10] = "0";
  memcpy (digits + 9 - s.length, s.c, s.length);
  int rest = ds_digits_weighted (digits, 8, weights) % 11;
  if (rest == 1)
    rest = ds_digits_weighted (digits, 8, others) % 11;
  return (11 - rest) % 11 == digits[8] - '0';
}

/* HISO 10046: A=1 to Z=24 without I and O; -1 for those. */
static int
nhi_value (char c)
{
  static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ";
  if (g_ascii_isdigit (c))
    return c - '0';
  const char *at = strchr (letters, c);
  return at != NULL ? (int) (at - letters) + 1 : -1;
}

/* HISO 10046 and the NHI validation routine: AAANNNC modulo 11, or AAANNAX modulo 23. */
gboolean
ds_valid_nz_nhi (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 7)
    return FALSE;
  gboolean old = g_ascii_isdigit (s.c[5]);
  int sum = 0;
  for (guint i = 0; i < 7; i++)
    {
      int value = nhi_value (s.c[i]);
      gboolean digit = i == 3 || i == 4 || (old && i > 4);
      if (value < 0 || digit != g_ascii_isdigit (s.c[i]))
        return FALSE;
      sum += i < 6 ? value * (7 - (int) i) : 0;
    }
  if (old)
    return sum % 11 != 0 && (11 - sum % 11) % 10 == nhi_value (s.c[6]);
  return 23 - sum % 23 == nhi_value (s.c[6]);
}

/* Which weights a bank's numbers have, and modulo what each product (if at all) and their sum are taken. */
typedef struct
{
  gint8 weights[16];
  int product_modulus;
  int modulus;
} AccountCheck;

static const AccountCheck account_a = { { 0, 0, 6, 3, 7, 9, 0, 10, 5, 8, 4, 2, 1, 0, 0, 0 }, 0, 11 };
static const AccountCheck account_b = { { 0, 0, 0, 0, 0, 0, 0, 10, 5, 8, 4, 2, 1, 0, 0, 0 }, 0, 11 };
static const AccountCheck account_d = { { 0, 0, 0, 0, 0, 0, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0 }, 0, 11 };
static const AccountCheck account_e = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 4, 3, 2, 0, 0, 1 }, 9, 11 };
static const AccountCheck account_f = { { 0, 0, 0, 0, 0, 0, 1, 7, 3, 1, 7, 3, 1, 0, 0, 0 }, 0, 10 };
static const AccountCheck account_g = { { 0, 0, 0, 0, 0, 0, 1, 3, 7, 1, 3, 7, 1, 3, 7, 1 }, 9, 10 };

/* By bank and, in most, by the account's number; NULL if no such bank is a member of Payments NZ. */
static const AccountCheck *
account_check (guint64 bank, guint64 account)
{
  switch (bank)
    {
    case 8:
      return &account_d;
    case 9:
      return &account_e;
    case 25:
    case 33:
      return &account_f;
    case 26:
    case 28:
    case 29:
      return &account_g;
    case 1:
    case 2:
    case 3:
    case 4:
    case 6:
    case 30:
    case 35:
    case 38:
      return account < 990000 ? &account_a : &account_b;
    default:
      return (bank >= 10 && bank <= 24) || bank == 27 ? (account < 990000 ? &account_a : &account_b) : NULL;
    }
}

/* Inland Revenue, RWT and NRWT specification: bank, branch, account (7 digits) and suffix (2 or 3). */
gboolean
ds_valid_nz_bank_account (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant_digits (match, size, 15, 16, &s))
    return FALSE;
  const AccountCheck *check = account_check (ds_digits_number (s.c, 2), ds_digits_number (s.c + 6, 7));
  if (check == NULL || ds_digits_number (s.c + 6, 7) == 0)
    return FALSE;
  char digits[17];
  memcpy (digits, s.c, 13);
  digits[13] = '0';
  memcpy (digits + 29 - s.length, s.c + 13, s.length - 13);
  int sum = 0;
  for (guint i = 0; i < 16; i++)
    {
      int product = (digits[i] - '0') * check->weights[i];
      sum += check->product_modulus != 0 && product > check->product_modulus ? product % check->product_modulus : product;
    }
  return sum % check->modulus == 0;
}
