#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* D.M. 345/1976: characters in odd places count by this table (letters and digits alike), those in even places by their
 * order. */
static char
codice_check (const char *code)
{
  static const guint8 odd[] = { 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23 };
  guint sum = 0;
  for (guint i = 0; i < 15; i++)
    {
      guint order = (guint) (g_ascii_isdigit (code[i]) ? code[i] - '0' : code[i] - 'A');
      sum += i % 2 == 0 ? odd[order] : order;
    }
  return (char) ('A' + sum % 26);
}

/* Omocodia: where two people would share a code, digits become letters, from the right. */
static gboolean
undo_omocodia (char code[16])
{
  static const guint8 places[] = { 6, 7, 9, 10, 12, 13, 14 };
  static const char letters[] = "LMNPQRSTUV";
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      char *c = code + places[i];
      const char *letter = strchr (letters, *c);
      if (g_ascii_isalpha (*c) && letter == NULL)
        return FALSE;
      if (letter != NULL)
        *c = (char) ('0' + (letter - letters));
    }
  return TRUE;
}

static gboolean
has_letters (const char *code)
{
  static const guint8 places[] = { 0, 1, 2, 3, 4, 5, 8, 11, 15 };
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (!g_ascii_isalpha (code[places[i]]))
      return FALSE;
  return TRUE;
}

gboolean
ds_valid_it_codice_fiscale (const char *match, gsize size)
{
  static const char months[] = "ABCDEHLMPRST";
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length != 16 || !has_letters (s.c) || codice_check (s.c) != s.c[15])
    return FALSE;
  const char *month = strchr (months, s.c[8]);
  if (month == NULL || !undo_omocodia (s.c))
    return FALSE;
  int year = (int) ds_digits_number (s.c + 6, 2);
  int day = (int) ds_digits_number (s.c + 9, 2) % 40; /* women have 40 added */
  return ds_digits_number (s.c + 9, 2) < 72 && ds_calendar_day_short (year, (int) (month - months) + 1, day);
}

/* Partita IVA: Luhn; digits eight to ten are the province's office (001-100, 120, 121, 888, 999). */
gboolean
ds_valid_it_vat (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s))
    return FALSE;
  const char *digits = g_str_has_prefix (s.c, "IT") ? s.c + 2 : s.c;
  if (strlen (digits) != 11 || strspn (digits, "0123456789") != 11 || strncmp (digits, "0000000", 7) == 0)
    return FALSE;
  guint64 office = ds_digits_number (digits + 7, 3);
  return ((office > 0 && office <= 100) || office == 120 || office == 121 || office == 888 || office == 999)
         && ds_digits_luhn (digits, 11);
}
