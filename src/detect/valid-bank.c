#include "config.h"
#include "detect/digits.h"
#include "detect/valid.h"
#include <string.h>

/* Ranges of issuer numbers (ISO/IEC 7812-2, as the networks publish them) by their first six digits, and the lengths
 * that they issue. */
static const struct
{
  guint32 first;
  guint32 last;
  guint8 shortest;
  guint8 longest;
} issuers[] = {
  { 220000, 220499, 16, 19 }, /* Mir */
  { 222100, 272099, 16, 16 }, /* Mastercard */
  { 300000, 305999, 14, 19 }, /* Diners Club */
  { 309500, 309599, 14, 19 }, /* Diners Club */
  { 340000, 349999, 15, 15 }, /* American Express */
  { 352800, 358999, 16, 19 }, /* JCB */
  { 360000, 369999, 14, 19 }, /* Diners Club */
  { 370000, 379999, 15, 15 }, /* American Express */
  { 380000, 399999, 14, 19 }, /* Diners Club */
  { 400000, 499999, 13, 13 }, /* Visa, old */
  { 400000, 499999, 16, 16 }, /* Visa */
  { 400000, 499999, 18, 19 }, /* Visa */
  { 500000, 509999, 12, 19 }, /* Maestro, RuPay, Dankort */
  { 510000, 559999, 16, 16 }, /* Mastercard */
  { 560000, 589999, 12, 19 }, /* Maestro, UnionPay co-branded */
  { 600000, 609999, 16, 19 }, /* RuPay, Discover */
  { 620000, 629999, 16, 19 }, /* UnionPay */
  { 630000, 639999, 12, 19 }, /* Maestro */
  { 644000, 659999, 16, 19 }, /* Discover */
  { 670000, 679999, 12, 19 }, /* Maestro */
  { 810000, 829999, 16, 19 }, /* UnionPay, RuPay */
  { 979200, 979299, 16, 16 }, /* Troy */
};

gboolean
ds_valid_luhn (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 2, DS_SIGNIFICANT_MAX, &s) && !ds_digits_all_same (s.c, s.length)
         && ds_digits_luhn (s.c, s.length);
}

static gboolean
has_issuer (const DsSignificant *card)
{
  guint64 number = ds_digits_number (card->c, 6);
  for (guint i = 0; i < G_N_ELEMENTS (issuers); i++)
    if (number >= issuers[i].first && number <= issuers[i].last && card->length >= issuers[i].shortest
        && card->length <= issuers[i].longest)
      return TRUE;
  return FALSE;
}

static gboolean
is_card (const DsSignificant *s)
{
  return !ds_digits_all_same (s->c, s->length) && has_issuer (s) && ds_digits_luhn (s->c, s->length);
}

/* Four groups of four that are a card by themselves, and a group behind them: that is another number (a security code, a
 * house number), which would pass as the end of a longer card one time in ten. */
static gboolean
is_card_and_more (const char *match, gsize size, const DsSignificant *s)
{
  gsize at = 0;
  for (guint digits = 0; at < size && digits < 16; at++)
    digits += g_ascii_isdigit (match[at]) != 0;
  if (s->length <= 16 || at >= size || g_ascii_isdigit (match[at]))
    return FALSE;
  DsSignificant first = *s;
  first.c[16] = '\0';
  first.length = 16;
  return is_card (&first);
}

gboolean
ds_valid_card (const char *match, gsize size)
{
  DsSignificant s;
  return ds_significant_digits (match, size, 12, 19, &s) && is_card (&s) && !is_card_and_more (match, size, &s);
}

/* BBAN structure by country, from the SWIFT IBAN registry (ISO 13616-2): n digits, a letters, c either. */
static const struct
{
  char country[3];
  char structure[12];
} ibans[] = {
  { "AD", "8n12c" }, { "AE", "19n" }, { "AL", "8n16c" }, { "AT", "16n" }, { "AZ", "4a20c" },
  { "BA", "16n" }, { "BE", "12n" }, { "BG", "4a6n8c" }, { "BH", "4a14c" }, { "BI", "23n" },
  { "BR", "23n1a1c" }, { "BY", "4c4n16c" }, { "CH", "5n12c" }, { "CR", "18n" }, { "CY", "8n16c" },
  { "CZ", "20n" }, { "DE", "18n" }, { "DJ", "23n" }, { "DK", "14n" }, { "DO", "4c20n" },
  { "EE", "16n" }, { "EG", "25n" }, { "ES", "20n" }, { "FI", "14n" }, { "FK", "2a12n" },
  { "FO", "14n" }, { "FR", "10n11c2n" }, { "GB", "4a14n" }, { "GE", "2a16n" }, { "GI", "4a15c" },
  { "GL", "14n" }, { "GR", "7n16c" }, { "GT", "24c" }, { "HN", "4a20n" }, { "HR", "17n" },
  { "HU", "24n" }, { "IE", "4a14n" }, { "IL", "19n" }, { "IQ", "4a15n" }, { "IS", "22n" },
  { "IT", "1a10n12c" }, { "JO", "4a4n18c" }, { "KW", "4a22c" }, { "KZ", "3n13c" }, { "LB", "4n20c" },
  { "LC", "4a24c" }, { "LI", "5n12c" }, { "LT", "16n" }, { "LU", "3n13c" }, { "LV", "4a13c" },
  { "LY", "21n" }, { "MC", "10n11c2n" }, { "MD", "20c" }, { "ME", "18n" }, { "MK", "3n10c2n" },
  { "MN", "16n" }, { "MR", "23n" }, { "MT", "4a5n18c" }, { "MU", "4a19n3a" }, { "NI", "4a20n" },
  { "NL", "4a10n" }, { "NO", "11n" }, { "OM", "3n16c" }, { "PK", "4a16c" }, { "PL", "24n" },
  { "PS", "4a21c" }, { "PT", "21n" }, { "QA", "4a21c" }, { "RO", "4a16c" }, { "RS", "18n" },
  { "RU", "14n15c" }, { "SA", "2n18c" }, { "SC", "4a20n3a" }, { "SD", "14n" }, { "SE", "20n" },
  { "SI", "15n" }, { "SK", "20n" }, { "SM", "1a10n12c" }, { "SO", "19n" }, { "ST", "21n" },
  { "SV", "4a20n" }, { "TL", "19n" }, { "TN", "20n" }, { "TR", "6n16c" }, { "UA", "6n19c" },
  { "VA", "18n" }, { "VG", "4a16n" }, { "XK", "16n" }, { "YE", "4a4n18c" },
};

static gboolean
fits_structure (const char *bban, const char *structure)
{
  while (*structure != '\0')
    {
      char *class = NULL;
      guint64 n = g_ascii_strtoull (structure, &class, 10);
      for (; n > 0; n--, bban++)
        if (*bban == '\0' || (*class == 'n' && !g_ascii_isdigit (*bban)) || (*class == 'a' && !g_ascii_isalpha (*bban)))
          return FALSE;
      structure = class + 1;
    }
  return *bban == '\0';
}

gboolean
ds_valid_iban (const char *match, gsize size)
{
  DsSignificant s;
  if (!ds_significant (match, size, &s) || s.length < 15 || s.length > 34
      || !g_ascii_isdigit (s.c[2]) || !g_ascii_isdigit (s.c[3]))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (ibans); i++)
    if (memcmp (ibans[i].country, s.c, 2) == 0)
      {
        if (!fits_structure (s.c + 4, ibans[i].structure))
          return FALSE;
        g_autofree char *moved = g_strdup_printf ("%s%.4s", s.c + 4, s.c);
        return ds_digits_modulo (moved, s.length, 97) == 1;
      }
  return FALSE;
}

/* ISO 9362: the fifth and sixth letter are a country of ISO 3166-1 (or XK, Kosovo). */
gboolean
ds_valid_bic (const char *match, gsize size)
{
  static const char countries[]
      = " AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY"
        " BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK"
        " FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR"
        " IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK"
        " ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM"
        " PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF"
        " TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW ";
  DsSignificant s;
  if (!ds_significant (match, size, &s) || (s.length != 8 && s.length != 11))
    return FALSE;
  for (guint i = 0; i < 6; i++)
    if (!g_ascii_isalpha (s.c[i]))
      return FALSE;
  const char country[] = { ' ', s.c[4], s.c[5], ' ', '\0' };
  return strstr (countries, country) != NULL;
}
