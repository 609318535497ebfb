#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <stdlib.h>
#include <string.h>

/* The first letters that tell a month in English, German, French, Spanish, Italian and Dutch.  Accented letters end a
 * prefix ("f" + "évrier"), and longer prefixes stand before shorter ones. */
static const struct
{
  const char *prefix;
  int month;
} months[] = {
  { "juin", 6 },  { "juil", 7 }, { "juli", 7 }, { "july", 7 }, { "july", 7 }, { "june", 6 }, { "juni", 6 }, { "jun", 6 },
  { "jul", 7 },   { "jan", 1 },  { "j\xc3\xa4n", 1 }, { "ene", 1 }, { "gen", 1 },  { "giu", 6 },  { "lug", 7 },
  { "feb", 2 },   { "f\xc3\xa9v", 2 }, { "fev", 2 }, { "fe", 2 },  { "mars", 3 }, { "mar", 3 },  { "m\xc3\xa4r", 3 },
  { "maar", 3 },  { "mrt", 3 },  { "mae", 3 },  { "mai", 5 },  { "may", 5 },  { "mag", 5 },  { "mei", 5 },
  { "apr", 4 },   { "avr", 4 },  { "abr", 4 },  { "aug", 8 },  { "ao\xc3\xbb", 8 }, { "aou", 8 }, { "ago", 8 },
  { "sep", 9 },   { "set", 9 },  { "okt", 10 }, { "oct", 10 }, { "ott", 10 }, { "nov", 11 }, { "dez", 12 },
  { "dec", 12 },  { "d\xc3\xa9" "c", 12 }, { "dic", 12 },
};

static int
month_of_name (const char *name, gsize size)
{
  for (guint i = 0; i < G_N_ELEMENTS (months); i++)
    if (strlen (months[i].prefix) <= size && g_ascii_strncasecmp (name, months[i].prefix, strlen (months[i].prefix)) == 0)
      return months[i].month;
  return 0;
}

typedef struct
{
  int numbers[3];
  guint digits[3]; /* how many digits each was written with */
  guint n;
  int named_month;
} DateParts;

static gboolean
is_word_byte (char c)
{
  return g_ascii_isalpha (c) || (guchar) c >= 0x80;
}

/* Numbers and the first word that is a month; ordinals ("3rd", "1er") and "de", "of" are words that are not. */
static gboolean
split_date (const char *match, gsize size, DateParts *parts)
{
  for (gsize i = 0; i < size;)
    {
      gsize start = i;
      while (i < size && g_ascii_isdigit (match[i]))
        i++;
      if (i > start)
        {
          if (parts->n == 3 || i - start > 4)
            return FALSE;
          parts->digits[parts->n] = (guint) (i - start);
          parts->numbers[parts->n++] = (int) ds_digits_number (match + start, (guint) (i - start));
          continue;
        }
      while (i < size && is_word_byte (match[i]))
        i++;
      if (i > start && parts->named_month == 0)
        parts->named_month = month_of_name (match + start, i - start);
      i += i == start;
    }
  return TRUE;
}

/* A birth year: written with two digits it may be of this or the last century. */
static gboolean
possible_birth (int year, guint year_digits, int month, int day)
{
  if (year_digits == 2)
    return ds_calendar_birthday_alive (1900 + year, month, day) || ds_calendar_birthday_alive (2000 + year, month, day);
  return year_digits == 4 && ds_calendar_birthday_alive (year, month, day);
}

gboolean
ds_valid_date_of_birth (const char *match, gsize size)
{
  DateParts p = { 0 };
  if (!split_date (match, size, &p))
    return FALSE;
  const int *n = p.numbers;
  if (p.n == 2 && p.named_month > 0)
    return p.digits[0] == 4 ? possible_birth (n[0], 4, p.named_month, n[1])
                            : possible_birth (n[1], p.digits[1], p.named_month, n[0]);
  if (p.n != 3)
    return FALSE;
  if (p.digits[0] == 4)
    return possible_birth (n[0], 4, n[1], n[2]);
  /* Day first in Europe, month first in the USA: who reads a text can't know. */
  return possible_birth (n[2], p.digits[2], n[1], n[0]) || possible_birth (n[2], p.digits[2], n[0], n[1]);
}

/* Two decimal degrees: latitude, then longitude. */
gboolean
ds_valid_coordinates (const char *match, gsize size)
{
  g_autofree char *text = g_strndup (match, size);
  double degrees[2] = { 0 };
  const char *at = text;
  for (guint i = 0; i < 2; i++)
    {
      at += strcspn (at, "+-0123456789");
      char *end = NULL;
      degrees[i] = g_ascii_strtod (at, &end);
      if (end == at)
        return FALSE;
      at = end;
    }
  return ABS (degrees[0]) <= 90 && ABS (degrees[1]) <= 180 && (degrees[0] != 0 || degrees[1] != 0);
}
