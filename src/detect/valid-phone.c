#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* Country codes of ITU-T E.164 annex D (no code begins another), with the shortest and longest national significant
 * number of their numbering plans (ITU Operational Bulletin).  Where a plan allows very short numbers the least is what
 * people have, not services. */
static const struct
{
  char code[4];
  guint8 shortest;
  guint8 longest;
} plans[] = {
  { "1", 10, 10 },  { "7", 10, 10 },  { "20", 8, 10 },  { "211", 9, 9 },  { "212", 9, 9 },  { "213", 8, 9 },  { "216", 8, 8 },
  { "218", 8, 9 },  { "220", 7, 7 },  { "221", 9, 9 },  { "222", 8, 8 },  { "223", 8, 8 },  { "224", 8, 9 },  { "225", 8, 10 },
  { "226", 8, 8 },  { "227", 8, 8 },  { "228", 8, 8 },  { "229", 8, 10 }, { "230", 7, 8 },  { "231", 7, 9 },  { "232", 8, 8 },
  { "233", 9, 9 },  { "234", 7, 10 }, { "235", 8, 8 },  { "236", 8, 8 },  { "237", 8, 9 },  { "238", 7, 7 },  { "239", 7, 7 },
  { "240", 9, 9 },  { "241", 7, 8 },  { "242", 9, 9 },  { "243", 7, 9 },  { "244", 9, 9 },  { "245", 7, 9 },  { "246", 7, 7 },
  { "247", 4, 6 },  { "248", 7, 7 },  { "249", 9, 9 },  { "250", 8, 9 },  { "251", 9, 9 },  { "252", 7, 9 },  { "253", 8, 8 },
  { "254", 7, 10 }, { "255", 9, 9 },  { "256", 9, 9 },  { "257", 8, 8 },  { "258", 8, 9 },  { "260", 9, 9 },  { "261", 9, 10 },
  { "262", 9, 9 },  { "263", 7, 10 }, { "264", 7, 9 },  { "265", 7, 9 },  { "266", 8, 8 },  { "267", 7, 8 },  { "268", 8, 8 },
  { "269", 7, 7 },  { "27", 9, 9 },   { "290", 4, 5 },  { "291", 7, 7 },  { "297", 7, 7 },  { "298", 6, 6 },  { "299", 6, 6 },
  { "30", 10, 10 }, { "31", 8, 11 },  { "32", 8, 9 },   { "33", 9, 9 },   { "34", 9, 9 },   { "350", 8, 8 },  { "351", 9, 9 },
  { "352", 6, 11 }, { "353", 7, 10 }, { "354", 7, 9 },  { "355", 7, 9 },  { "356", 8, 8 },  { "357", 8, 8 },  { "358", 5, 12 },
  { "359", 7, 9 },  { "36", 8, 9 },   { "370", 8, 8 },  { "371", 8, 8 },  { "372", 7, 8 },  { "373", 8, 8 },  { "374", 8, 8 },
  { "375", 9, 10 }, { "376", 6, 9 },  { "377", 8, 9 },  { "378", 6, 10 }, { "379", 9, 11 }, { "380", 9, 9 },  { "381", 7, 10 },
  { "382", 8, 8 },  { "383", 8, 9 },  { "385", 8, 9 },  { "386", 8, 8 },  { "387", 8, 9 },  { "389", 8, 8 },  { "39", 6, 12 },
  { "40", 9, 9 },   { "41", 9, 9 },   { "420", 9, 9 },  { "421", 9, 9 },  { "423", 7, 9 },  { "43", 7, 13 },  { "44", 9, 10 },
  { "45", 8, 8 },   { "46", 7, 10 },  { "47", 8, 8 },   { "48", 9, 9 },   { "49", 6, 13 },  { "500", 5, 5 },  { "501", 7, 7 },
  { "502", 8, 8 },  { "503", 8, 8 },  { "504", 8, 8 },  { "505", 8, 8 },  { "506", 8, 8 },  { "507", 7, 8 },  { "508", 6, 9 },
  { "509", 8, 8 },  { "51", 8, 9 },   { "52", 10, 11 }, { "53", 6, 8 },   { "54", 10, 11 }, { "55", 10, 11 }, { "56", 9, 9 },
  { "57", 8, 10 },  { "58", 10, 10 }, { "590", 9, 9 },  { "591", 8, 8 },  { "592", 7, 7 },  { "593", 8, 9 },  { "594", 9, 9 },
  { "595", 8, 9 },  { "596", 9, 9 },  { "597", 6, 7 },  { "598", 8, 8 },  { "599", 7, 8 },  { "60", 8, 10 },  { "61", 9, 9 },
  { "62", 7, 12 },  { "63", 8, 10 },  { "64", 8, 10 },  { "65", 8, 8 },   { "66", 8, 9 },   { "670", 7, 8 },  { "672", 6, 6 },
  { "673", 7, 7 },  { "674", 7, 7 },  { "675", 7, 8 },  { "676", 5, 7 },  { "677", 5, 7 },  { "678", 5, 7 },  { "679", 7, 7 },
  { "680", 7, 7 },  { "681", 6, 6 },  { "682", 5, 5 },  { "683", 4, 7 },  { "685", 5, 7 },  { "686", 5, 8 },  { "687", 6, 6 },
  { "688", 5, 7 },  { "689", 8, 8 },  { "690", 4, 7 },  { "691", 7, 7 },  { "692", 7, 7 },  { "81", 9, 10 },  { "82", 8, 11 },
  { "84", 8, 10 },  { "850", 8, 10 }, { "852", 8, 8 },  { "853", 8, 8 },  { "855", 8, 9 },  { "856", 8, 10 }, { "86", 9, 11 },
  { "870", 9, 9 },  { "880", 8, 10 }, { "881", 8, 9 },  { "882", 7, 12 }, { "883", 7, 12 }, { "886", 8, 9 },  { "90", 10, 10 },
  { "91", 10, 10 }, { "92", 8, 10 },  { "93", 9, 9 },   { "94", 9, 9 },   { "95", 7, 10 },  { "960", 7, 7 },  { "961", 7, 8 },
  { "962", 8, 9 },  { "963", 8, 9 },  { "964", 8, 10 }, { "965", 8, 8 },  { "966", 9, 9 },  { "967", 7, 9 },  { "968", 8, 8 },
  { "970", 8, 9 },  { "971", 8, 9 },  { "972", 8, 9 },  { "973", 8, 8 },  { "974", 8, 8 },  { "975", 7, 8 },  { "976", 8, 8 },
  { "977", 8, 10 }, { "98", 10, 10 }, { "992", 9, 9 },  { "993", 8, 8 },  { "994", 9, 9 },  { "995", 9, 9 },  { "996", 9, 9 },
  { "998", 9, 9 },
};

/* North American numbers: area and exchange begin with 2 to 9; no area has 9 in the middle (NANPA, ATIS-0300055). */
static gboolean
plausible_nanp (const char *digits)
{
  return digits[0] >= '2' && digits[1] != '9' && digits[3] >= '2' && !ds_digits_all_same (digits, 10)
         && !(digits[1] == '1' && digits[2] == '1');
}

gboolean
ds_valid_phone_nanp (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant_digits (match, size, 10, 11, &s))
    return FALSE;
  return s.length == 10 ? plausible_nanp (s.c) : s.c[0] == '1' && plausible_nanp (s.c + 1);
}

/* The digits, without '+' or 00 before the country code, and without the "(0)" that people write behind it, which
 * nobody dials from abroad. */
static guint
international_digits (const char *match, gsize size, char digits[16])
{
  guint n = 0;
  gsize i = 0;
  while (i < size && match[i] != '+' && !g_ascii_isdigit (match[i]))
    i++;
  if (size - i > 2 && memcmp (match + i, "00", 2) == 0)
    i += 2;
  for (; i < size; i++)
    {
      if (size - i >= 3 && memcmp (match + i, "(0)", 3) == 0)
        i += 2;
      else if (g_ascii_isdigit (match[i]))
        {
          if (n == 15) /* the longest number of E.164 */
            return 0;
          digits[n++] = match[i];
        }
    }
  digits[n] = '\0';
  return n;
}

gboolean
ds_valid_phone_international (const char *match, gsize size)
{
  char digits[16];
  guint n = international_digits (match, size, digits);
  for (guint i = 0; n > 6 && i < G_N_ELEMENTS (plans); i++)
    {
      gsize code = strlen (plans[i].code);
      if (strncmp (digits, plans[i].code, code) != 0)
        continue;
      guint national = n - (guint) code;
      if (national < plans[i].shortest || national > plans[i].longest || ds_digits_all_same (digits + code, national))
        return FALSE;
      return code > 1 || digits[0] != '1' || plausible_nanp (digits + 1);
    }
  return FALSE;
}

/* No numbering plan is known here: long enough to be somebody's, and not a filler such as 000000. */
gboolean
ds_valid_phone_national (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant_digits (match, size, 6, 14, &s))
    return FALSE;
  gboolean seen[10] = { FALSE };
  guint distinct = 0;
  for (guint i = 0; i < s.length; i++)
    {
      distinct += !seen[s.c[i] - '0'];
      seen[s.c[i] - '0'] = TRUE;
    }
  return distinct > 2;
}
