#include "config.h"
#include "detect/digits.h"
#include "detect/validators.h"
#include <string.h>

/* Numbers that their authorities publish as examples, or made up with a right check digit. */
static const struct
{
  const char *validator;
  const char *number;
} good[] = {
  { "bic", "COBADEFFXXX" }, { "bic", "DEUTDEFF" }, { "bic", "BNPA FR PP" },
  { "bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa" }, { "bitcoin", "3P14159f73E4gFr7JterCCQh9QjiTjiZrG" },
  { "bitcoin", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq" },
  { "bitcoin", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0" }, /* BIP 350 */
  { "card", "4111 1111 1111 1111" }, { "card", "5555-5555-5555-4444" }, { "card", "378282246310005" },
  { "card", "30569309025904" }, { "card", "6011111111111117" }, { "card", "3530111333300000" },
  { "card", "2223003122003222" },
  { "card", "4222222222222" }, { "card", "6200000000000005" }, { "card", "6759649826438453" },
  { "coordinates", "52.520008, 13.404954" }, { "coordinates", "-33.8568 151.2153" },
  { "date-of-birth", "12.08.1974" }, { "date-of-birth", "1974-08-12" }, { "date-of-birth", "08/31/74" },
  { "date-of-birth", "29.02.2000" }, { "date-of-birth", "3. M\xc3\xa4rz 1985" }, { "date-of-birth", "14 juillet 1969" },
  { "date-of-birth", "March 3rd, 1985" }, { "date-of-birth", "5 de mayo de 1990" },
  { "date-of-birth", "31 ao\xc3\xbbt 1970" },
  { "date-of-birth", "31 d\xc3\xa9" "cembre 1970" }, { "date-of-birth", "28 febbraio 1961" },
  { "date-of-birth", "30 juni 1950" },
  { "de-document", "T220001293" }, { "de-document", "L01X00T471" },
  { "de-health", "A123456780" }, { "de-pension", "15 070649 C 103" }, { "de-pension", "65170839J003" },
  { "de-tax-id", "36574261809" }, { "de-tax-id", "86 095 742 719" }, { "de-vat", "DE136695976" },
  { "email", "jane.doe@example.org" }, { "email", "j\xc3\xbcrgen@example.org" }, { "email", "x@xn--mller-kva.example" },
  { "es-ccc", "2100 0418 45 0200051332" }, { "es-cif", "A13585625" }, { "es-cif", "J99216582" }, { "es-dni", "12345678Z" },
  { "es-dni", "54.362.315-K" }, { "es-naf", "281234567840" }, { "es-nie", "X-2482300-W" },
  { "fr-nir", "295109912611193" }, { "fr-siren", "732829320" }, { "fr-siret", "73282932000074" },
  { "fr-siret", "35600000000048" }, { "fr-siret", "35600000049837" }, { "fr-tax-id", "3023217600053" },
  { "fr-vat", "FR40303265045" }, { "fr-vat", "FR23334175221" }, { "fr-vat", "FRK7399859412" },
  { "iban", "DE89 3704 0044 0532 0130 00" }, { "iban", "gb29nwbk60161331926819" }, { "iban", "FR1420041010050500013M02606" },
  { "iban", "NO9386011117947" }, { "iban", "MT84MALT011000012345MTLCAST001S" },
  { "iban", "LC55HEMM000100010012001200023015" },
  { "iccid", "89014103211118510720" }, { "imei", "490154203237518" }, { "imei", "35-209900-176148-1" },
  { "imsi", "310150123456789" }, { "ipv4", "203.0.113.42" }, { "ipv6", "2001:db8::17" },
  { "ipv6", "::ffff:203.0.113.42" }, { "it-codice-fiscale", "RCCMNL83S18D969H" },
  { "it-codice-fiscale", "RSSMRA85T10A56NH" },
  { "it-vat", "00743110157" }, { "it-vat", "IT07643520567" },
  { "jwt", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.x" }, { "luhn", "79927398713" },
  { "mac", "00:00:5e:00:53:af" }, { "nl-bsn", "111222333" }, { "nl-bsn", "10000008" }, { "nl-vat", "NL004495445B01" },
  { "nl-vat", "NL000099998B57" }, { "phone-international", "+49 (0)30 23125-000" },
  { "phone-international", "0033639981234" },
  { "phone-international", "+1 (202) 555-0143" }, { "phone-nanp", "(202) 555-0143" }, { "phone-national", "030 23125-123" },
  { "secret", "hunter2" }, { "uk-driver", "MORGA657054SM9IJ" }, { "uk-driver", "DOE99801261A99XX" },
  { "uk-nhs", "943 476 5919" },
  { "uk-nino", "AB 12 34 56 C" }, { "uk-vat", "GB980780684" }, { "us-dea", "AB1234563" }, { "us-ein", "91-1144442" },
  { "us-itin", "912-90-3456" }, { "us-mbi", "1EG4-TE5-MK73" }, { "us-npi", "1234567893" }, { "us-ssn", "123-45-6789" },
  { "vin", "1M8GDM9AXKP042788" }, { "vin", "5GZCZ43D13S812715" },
}, bad[] = {
  { "bic", "COBAZZFF" }, { "bic", "COBADEF" }, { "bic", "C0BADEFF" },
  { "bitcoin", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdp" },
  { "bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfN0" }, { "card", "4444444444444444" }, { "card", "9111111111111111" },
  { "card", "41111111111111111" }, { "card", "0000000000000000" }, { "coordinates", "95.1, 13.4" },
  { "coordinates", "52.5, 190.2" },
  { "coordinates", "0.0000 0.0000" }, { "date-of-birth", "31.02.1974" }, { "date-of-birth", "12.08.1874" },
  { "date-of-birth", "12.08.2999" }, { "date-of-birth", "30 February 1980" }, { "date-of-birth", "29.02.1999" },
  { "date-of-birth", "1974-13-12" }, { "date-of-birth", "12.08" }, { "de-document", "A220001293" },
  { "de-pension", "15990649C103" },
  { "de-tax-id", "12345678901" }, { "de-tax-id", "06574261809" }, { "de-vat", "136695976" }, { "email", "a..b@example.org" },
  { "email", "logo@2x.png" }, { "email", "jane@localhost" }, { "email", "jane@-a.org" }, { "email", ".a@example.org" },
  { "email", "a@example.c0m" }, { "es-ccc", "00000000000000000000" }, { "es-dni", "1234567Z" }, { "es-naf", "991234567840" },
  { "es-nie", "A2482300W" }, { "fr-nir", "695109912611193" }, { "fr-siret", "00000000000000" },
  { "fr-vat", "FR41303265045" },
  { "iban", "DE8937040044053201300" }, { "iban", "ZZ89370400440532013000" }, { "iban", "DE89370400440532O13000" },
  { "iccid", "79014103211118510720" }, { "imei", "000000000000000" }, { "imsi", "910150123456789" }, { "ipv4", "127.0.0.1" },
  { "ipv4", "1.2.3.4" }, { "ipv4", "256.1.2.30" }, { "ipv4", "255.255.255.0" }, { "ipv4", "239.255.255.250" },
  { "ipv6", "::1" },
  { "ipv6", "12:30:45" }, { "ipv6", "dead::beef" }, { "it-codice-fiscale", "RCCMNL83S99D969H" }, { "it-vat", "00000000000" },
  { "jwt", "eyJmb28iOiJiYXIifQ.x.y" }, { "jwt", "nodots" }, { "mac", "ff:ff:ff:ff:ff:ff" }, { "mac", "01:00:5e:00:00:fb" },
  { "nl-bsn", "000000000" }, { "nl-vat", "NL004495445A01" }, { "phone-international", "+999 12345678" },
  { "phone-international", "+49 1" }, { "phone-international", "+1 102 555 0143" }, { "phone-nanp", "2021550143" },
  { "phone-national", "0000000" }, { "phone-national", "12345" }, { "secret", "********" }, { "secret", "xxxx" },
  { "secret", "" },
  { "uk-driver", "MORGA677054SM9IJ" }, { "uk-driver", "MO9GA657054SM9IJ" }, { "uk-nino", "BG123456C" },
  { "uk-nino", "DA123456C" },
  { "uk-nino", "AB123456E" }, { "us-ein", "07-1144442" }, { "us-itin", "912-89-3456" }, { "us-mbi", "1SG4-TE5-MK73" },
  { "us-npi", "3234567893" }, { "us-ssn", "666-45-6789" }, { "us-ssn", "078-05-1120" }, { "vin", "IM8GDM9AXKP042788" },
};

/* Numbers in which every change of one digit must be noticed: the modulus is prime to every weight's differences. */
static const struct
{
  const char *validator;
  const char *number;
} guarded[] = {
  { "card", "4111111111111111" }, { "card", "378282246310005" }, { "de-tax-id", "86095742719" }, { "de-vat", "DE136695976" },
  { "es-dni", "12345678Z" }, { "es-nie", "X2482300W" }, { "es-cif", "A13585625" }, { "es-naf", "281234567840" },
  { "es-ccc", "21000418450200051332" }, { "fr-nir", "295109912611193" }, { "fr-siren", "732829320" },
  { "fr-siret", "73282932000074" }, { "fr-tax-id", "3023217600053" }, { "fr-vat", "FR40303265045" },
  { "iban", "DE89370400440532013000" }, { "iban", "GB29NWBK60161331926819" }, { "iccid", "89014103211118510720" },
  { "imei", "490154203237518" }, { "it-vat", "00743110157" }, { "luhn", "79927398713" }, { "nl-bsn", "111222333" },
  { "uk-nhs", "9434765919" }, { "us-npi", "1234567893" },
  { "de-document", "T220001293" }, { "it-codice-fiscale", "RCCMNL83S18D969H" },
  { "bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa" }, { "bitcoin", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq" },
  { "mrz", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10" },
};

/* Examples of ICAO Doc 9303. */
static const char *const zones[] = {
  "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
  "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6",
  "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
  "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<",
  "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL8988901C4XXX4009078F9612109<<<<<<<<",
};

static gboolean
valid (const char *validator, const char *number)
{
  const DsValidator *v = ds_validator_by_name (validator);
  g_assert_nonnull (v);
  return v->valid (number, strlen (number));
}

static void
test_good (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    if (!valid (good[i].validator, good[i].number))
      {
        g_test_message ("%s refuses %s", good[i].validator, good[i].number);
        g_test_fail ();
      }
}

static void
test_bad (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    if (valid (bad[i].validator, bad[i].number))
      {
        g_test_message ("%s takes %s", bad[i].validator, bad[i].number);
        g_test_fail ();
      }
}

/* An MRZ's names, nationality and sex have no check digit: its digits all do. */
static void
change_each_digit (const char *validator, const char *number)
{
  g_autofree char *changed = g_strdup (number);
  g_assert_true (valid (validator, number));
  for (gsize i = 0; number[i] != '\0'; i++)
    {
      for (char c = '0'; g_ascii_isdigit (number[i]) && c <= '9'; c++)
        {
          changed[i] = c;
          if (c != number[i] && valid (validator, changed))
            {
              g_test_message ("%s does not notice %s in place of %s", validator, changed, number);
              g_test_fail ();
            }
        }
      changed[i] = number[i];
    }
}

static void
test_one_digit (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (guarded); i++)
    change_each_digit (guarded[i].validator, guarded[i].number);
  for (gsize i = 0; i < G_N_ELEMENTS (zones); i++)
    g_assert_true (valid ("mrz", zones[i]));
}

/* Neither a longer nor a shorter number is the number. */
static void
test_length (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (guarded); i++)
    {
      g_autofree char *longer = g_strconcat (guarded[i].number, "0", NULL);
      g_autofree char *shorter = g_strndup (guarded[i].number, strlen (guarded[i].number) - 1);
      /* These have several lengths, and a check digit of ten values. */
      if (g_str_equal (guarded[i].validator, "luhn") || g_str_equal (guarded[i].validator, "iccid"))
        continue;
      if (valid (guarded[i].validator, longer) || valid (guarded[i].validator, shorter))
        {
          g_test_message ("%s takes %s longer or shorter", guarded[i].validator, guarded[i].number);
          g_test_fail ();
        }
    }
}

/* Separators, also a line break and its like, change nothing where they separate. */
static void
test_separators (void)
{
  g_assert_true (valid ("card", "4111 1111\n1111-1111"));
  g_assert_true (valid ("iban", "DE89\n3704.0044 0532/0130-00"));
  g_assert_true (valid ("nl-bsn", "1112.22.333"));
  g_assert_false (valid ("card", "4111\x1f""111111111111"));
  g_assert_false (valid ("iban", "DE89*370400440532013000"));
}

/* Whatever the bytes, a validator gives an answer and stays within them. */
static void
test_rubbish (void)
{
  static const char alphabet[] = "0123456789ABCXYZabc<@:.-+ \n\x1f\xc3\xa9\0";
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  for (guint round = 0; round < 20000; round++)
    {
      gsize size = (gsize) g_rand_int_range (random, 0, 120);
      g_autofree char *bytes = g_malloc (size + (size == 0)); /* no NUL behind: an overrun is one for the sanitizer */
      for (gsize i = 0; i < size; i++)
        bytes[i] = alphabet[g_rand_int_range (random, 0, sizeof alphabet)];
      for (const DsValidator *v = ds_validators; v->name != NULL; v++)
        v->valid (bytes, size);
    }
}

/* Good numbers cut and spoilt at every place: the paths behind the first checks see rubbish too. */
static void
test_spoilt (void)
{
  static const char spoilers[] = "A<\n\x80\0Zz@.-";
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      const DsValidator *v = ds_validator_by_name (good[i].validator);
      gsize size = strlen (good[i].number);
      for (gsize at = 0; at < size; at++)
        for (gsize s = 0; s < sizeof spoilers; s++)
          {
            g_autofree char *bytes = g_memdup2 (good[i].number, size);
            bytes[at] = spoilers[s];
            v->valid (bytes, size);
            v->valid (bytes, at);
          }
    }
}

static void
test_table (void)
{
  const char *last = "";
  for (const DsValidator *v = ds_validators; v->name != NULL; v++)
    {
      g_assert_cmpstr (last, <, v->name);
      g_assert_true (ds_validator_by_name (v->name) == v);
      g_assert_true (v->valid != NULL && v->source[0] != '\0');
      last = v->name;
    }
  g_assert_null (ds_validator_by_name ("none such"));
}

static void
test_secrets (void)
{
  g_assert_true (valid ("crc32-base62", "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"));
  g_assert_false (valid ("crc32-base62", "ghp_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18"));
  g_assert_false (valid ("crc32-base62", "ghp_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq1"));
#define BODY "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"
  g_assert_true (valid ("pem", "-----BEGIN PRIVATE KEY-----\n" BODY "\n-----END PRIVATE KEY-----"));
  g_assert_true (valid ("pem", "-----BEGIN PRIVATE KEY----- " BODY " -----END PRIVATE KEY-----"));
  g_assert_true (valid ("pem", "-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: x\n\n" BODY "\n-----END RSA PRIVATE KEY-----"));
  g_assert_false (valid ("pem", "-----BEGIN RSA PRIVATE KEY-----\n" BODY "\n-----END EC PRIVATE KEY-----"));
  g_assert_false (valid ("pem", "-----BEGIN PUBLIC KEY-----\n" BODY "\n-----END PUBLIC KEY-----"));
  g_assert_false (valid ("pem", "-----BEGIN PRIVATE KEY-----\nsee the other mail, please\n-----END PRIVATE KEY-----"));
  g_assert_false (valid ("pem", "-----BEGIN PRIVATE KEY-----END PRIVATE KEY-----"));
}

static void
test_arithmetic (void)
{
  g_assert_cmpuint (ds_digits_number ("0123456789", 10), ==, 123456789);
  g_assert_cmpuint (ds_digits_modulo ("WEST12345698765432GB82", 22, 97), ==, 1);
  g_assert_cmpint (ds_digits_731 ("520727", 6), ==, 3); /* ICAO 9303-3, appendix A */
  g_assert_true (ds_digits_iso7064_11_10 ("07945", 5)); /* ISO 7064's own example */
  g_assert_true (ds_calendar_day (2024, 2, 29));
  g_assert_false (ds_calendar_day (2023, 2, 29));
  g_assert_false (ds_calendar_day (0, 1, 1));
  DsSignificant s;
  g_assert_true (ds_significant ("a-1", 3, &s));
  g_assert_cmpstr (s.c, ==, "A1");
  g_assert_false (ds_significant ("", 0, &s));
  g_assert_false (ds_significant ("a\0b", 3, &s));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/validators/table", test_table);
  g_test_add_func ("/validators/good", test_good);
  g_test_add_func ("/validators/bad", test_bad);
  g_test_add_func ("/validators/one-digit", test_one_digit);
  g_test_add_func ("/validators/length", test_length);
  g_test_add_func ("/validators/separators", test_separators);
  g_test_add_func ("/validators/secrets", test_secrets);
  g_test_add_func ("/validators/arithmetic", test_arithmetic);
  g_test_add_func ("/validators/rubbish", test_rubbish);
  g_test_add_func ("/validators/spoilt", test_spoilt);
  return g_test_run ();
}
