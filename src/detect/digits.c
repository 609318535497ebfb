#include "config.h"
#include "detect/digits.h"
#include <string.h>
#include <time.h>

#define OLDEST_BIRTH 1900

gboolean
ds_significant (const char *match, gsize size, DsSignificant *significant_r)
{
  guint n = 0;
  for (gsize i = 0; i < size; i++)
    {
      char c = match[i];
      if (g_ascii_isalnum (c) && n < DS_SIGNIFICANT_MAX)
        significant_r->c[n++] = g_ascii_toupper (c);
      else if (c == '\0' || strchr (" \n\r\t-+./_():,", c) == NULL)
        return FALSE;
    }
  significant_r->c[n] = '\0';
  significant_r->length = n;
  return n > 0;
}

gboolean
ds_significant_digits (const char *match, gsize size, guint least, guint most, DsSignificant *significant_r)
{
  return ds_significant (match, size, significant_r) && significant_r->length >= least && significant_r->length <= most
         && strspn (significant_r->c, "0123456789") == significant_r->length;
}

int
ds_char_value (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'A' && c <= 'Z')
    return c - 'A' + 10;
  return c == '<' ? 0 : -1;
}

guint64
ds_digits_number (const char *digits, guint n)
{
  guint64 number = 0;
  for (guint i = 0; i < n; i++)
    number = number * 10 + (guint64) (digits[i] - '0');
  return number;
}

int
ds_digits_pair (const char *digits)
{
  return (int) ds_digits_number (digits, 2);
}

guint
ds_digits_modulo (const char *characters, guint n, guint modulus)
{
  guint rest = 0;
  for (guint i = 0; i < n; i++)
    {
      guint value = (guint) ds_char_value (characters[i]);
      rest = (rest * (value < 10 ? 10 : 100) + value) % modulus;
    }
  return rest;
}

int
ds_digits_weighted (const char *characters, guint n, const gint8 *weights)
{
  int sum = 0;
  for (guint i = 0; i < n; i++)
    sum += ds_char_value (characters[i]) * weights[i];
  return sum;
}

gboolean
ds_digits_luhn (const char *digits, guint n)
{
  guint sum = 0;
  for (guint i = 0; i < n; i++)
    {
      guint digit = (guint) (digits[n - 1 - i] - '0') * (i % 2 + 1);
      sum += digit / 10 + digit % 10;
    }
  return sum % 10 == 0;
}

gboolean
ds_digits_iso7064_11_10 (const char *digits, guint n)
{
  guint product = 10;
  for (guint i = 0; i + 1 < n; i++)
    {
      guint sum = (product + (guint) (digits[i] - '0')) % 10;
      product = (sum == 0 ? 10 : sum) * 2 % 11;
    }
  return (product + (guint) (digits[n - 1] - '0')) % 10 == 1;
}

/* The symmetries of the pentagon: 0 to 4 turn it, 5 to 9 flip it. */
static guint
pentagon_product (guint a, guint b)
{
  guint turn = a < 5 ? a + b : a + 10 - b;
  return turn % 5 + ((a < 5) == (b < 5) ? 0 : 5);
}

gboolean
ds_digits_verhoeff (const char *digits, guint n)
{
  static const guint8 moved[] = { 1, 5, 7, 6, 2, 8, 3, 0, 9, 4 };
  guint product = 0;
  for (guint i = 0; i < n; i++)
    {
      guint digit = (guint) (digits[n - 1 - i] - '0');
      for (guint k = 0; k < i % 8; k++)
        digit = moved[digit];
      product = pentagon_product (product, digit);
    }
  return product == 0;
}

int
ds_digits_731 (const char *characters, guint n)
{
  static const int weights[] = { 7, 3, 1 };
  int sum = 0;
  for (guint i = 0; i < n; i++)
    sum += ds_char_value (characters[i]) * weights[i % 3];
  return sum % 10;
}

gboolean
ds_digits_all_same (const char *digits, guint n)
{
  for (guint i = 1; i < n; i++)
    if (digits[i] != digits[0])
      return FALSE;
  return TRUE;
}

/* Each digit times its place, counted from 1 to 9 round and round, and begun at another. */
static guint
sum_of_places (const char *digits, guint n, guint first)
{
  guint sum = 0;
  for (guint i = 0; i < n; i++)
    sum += (guint) (digits[i] - '0') * ((first - 1 + i) % 9 + 1);
  return sum;
}

gboolean
ds_digits_two_sums_11 (const char *digits, guint n)
{
  guint rest = sum_of_places (digits, n - 1, 1) % 11;
  if (rest == 10)
    rest = sum_of_places (digits, n - 1, 3) % 11;
  return rest % 10 == (guint) (digits[n - 1] - '0');
}

gboolean
ds_calendar_day (int year, int month, int day)
{
  return year > 0 && year < 10000 && month > 0 && month < 13 && day > 0 && day < 32
         && g_date_valid_dmy ((GDateDay) day, (GDateMonth) month, (GDateYear) year);
}

gboolean
ds_calendar_day_short (int year, int month, int day)
{
  return ds_calendar_day (1900 + year, month, day) || ds_calendar_day (2000 + year, month, day);
}

/* A text may have a date at each of a million places: no calendar is opened for each. */
static int
current_year (void)
{
  struct tm now;
  time_t seconds = time (NULL);
  return gmtime_r (&seconds, &now) != NULL ? now.tm_year + 1900 : OLDEST_BIRTH;
}

gboolean
ds_calendar_birthday (int year, int month, int day)
{
  return year <= current_year () && ds_calendar_day (year, month, day);
}

gboolean
ds_calendar_birthday_alive (int year, int month, int day)
{
  return year >= OLDEST_BIRTH && ds_calendar_birthday (year, month, day);
}
