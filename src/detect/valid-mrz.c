#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* ICAO Doc 9303: part 4 (TD3, passports), 5 (TD1), 6 (TD2), 7 (visas).  Offsets are into the lines joined. */

#define TD1_SIZE 90
#define TD2_SIZE 72
#define TD3_SIZE 88

typedef struct
{
  guint start;
  guint size;
} Stretch;

/* Lines joined, without the white space between them; 0 if there is anything else, or too much. */
static gsize
join_lines (const char *match, gsize size, char joined[TD1_SIZE])
{
  gsize n = 0;
  for (gsize i = 0; i < size; i++)
    {
      if (match[i] == ' ' || match[i] == '\n')
        continue;
      if (n == TD1_SIZE || ds_char_value (match[i]) < 0)
        return 0;
      joined[n++] = match[i];
    }
  return n;
}

/* The check digit stands right behind what it checks; '<' stands for 0 where the field is empty. */
static gboolean
checks (const char *mrz, guint start, guint size)
{
  char check = mrz[start + size];
  return (g_ascii_isdigit (check) || check == '<') && ds_digits_731 (mrz + start, size) == ds_char_value (check);
}

/* Composite check digit: over several stretches, the weights running on. */
static gboolean
checks_all (const char *mrz, const Stretch *stretches, guint n, char check)
{
  char all[TD1_SIZE];
  guint size = 0;
  for (guint i = 0; i < n; i++)
    {
      memcpy (all + size, mrz + stretches[i].start, stretches[i].size);
      size += stretches[i].size;
    }
  return g_ascii_isdigit (check) && ds_digits_731 (all, size) == ds_char_value (check);
}

/* A document number of more than nine characters: '<' in the check digit's place, the rest and its check digit at the
 * start of the optional data (9303-5, 4.2.2 note j). */
static gboolean
checks_number (const char *mrz, guint start, guint optional)
{
  if (mrz[start + 9] != '<' || mrz[optional] == '<')
    return checks (mrz, start, 9);
  char number[TD1_SIZE];
  guint size = 9;
  memcpy (number, mrz + start, 9);
  for (guint i = optional; size < 22 && mrz[i] != '<'; i++)
    number[size++] = mrz[i];
  return g_ascii_isdigit (number[size - 1]) && ds_digits_731 (number, size - 1) == ds_char_value (number[size - 1]);
}

static gboolean
valid_td1 (const char *mrz)
{
  static const Stretch all[] = { { 5, 25 }, { 30, 7 }, { 38, 7 }, { 48, 11 } };
  return checks_number (mrz, 5, 15) && checks (mrz, 30, 6) && checks (mrz, 38, 6)
         && checks_all (mrz, all, G_N_ELEMENTS (all), mrz[59]);
}

static gboolean
valid_td2 (const char *mrz)
{
  static const Stretch all[] = { { 36, 10 }, { 49, 7 }, { 57, 14 } };
  return checks_number (mrz, 36, 64) && checks (mrz, 49, 6) && checks (mrz, 57, 6)
         && checks_all (mrz, all, G_N_ELEMENTS (all), mrz[71]);
}

static gboolean
valid_td3 (const char *mrz)
{
  static const Stretch all[] = { { 44, 10 }, { 57, 7 }, { 65, 22 } };
  return checks (mrz, 44, 9) && checks (mrz, 57, 6) && checks (mrz, 65, 6) && checks (mrz, 72, 14)
         && checks_all (mrz, all, G_N_ELEMENTS (all), mrz[87]);
}

/* Visas have no composite check digit. */
static gboolean
valid_visa (const char *mrz, guint line)
{
  return checks (mrz, line, 9) && checks (mrz, line + 13, 6) && checks (mrz, line + 21, 6);
}

/* The French identity card of 1994 to 2021 has the size of TD2 and fields of its own. */
static gboolean
valid_old_french (const char *mrz)
{
  static const Stretch all[] = { { 0, 71 } };
  return checks (mrz, 36, 12) && checks (mrz, 63, 6) && checks_all (mrz, all, G_N_ELEMENTS (all), mrz[71]);
}

gboolean
ds_valid_mrz (const char *match, gsize size)
{
  char mrz[TD1_SIZE];
  gsize n = join_lines (match, size, mrz);
  if (n == TD1_SIZE)
    return valid_td1 (mrz);
  if (n != TD2_SIZE && n != TD3_SIZE)
    return FALSE;
  if (mrz[0] == 'V')
    return valid_visa (mrz, (guint) n / 2);
  if (n == TD3_SIZE)
    return valid_td3 (mrz);
  return memcmp (mrz, "IDFRA", 5) == 0 ? valid_old_french (mrz) : valid_td2 (mrz);
}
