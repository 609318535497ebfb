#include "config.h"
#include "detect/valid.h"
#include "detect/validators.h"

#define CHECKED TRUE
#define PLAUSIBLE FALSE

const DsValidator ds_validators[] = {
  { "bic", PLAUSIBLE, ds_valid_bic, "ISO 9362, ISO 3166-1" },
  { "bitcoin", CHECKED, ds_valid_bitcoin, "Base58Check; BIP 173, BIP 350" },
  { "card", CHECKED, ds_valid_card, "ISO/IEC 7812-1 annex B (Luhn), issuer ranges of the card networks" },
  { "coordinates", PLAUSIBLE, ds_valid_coordinates, "ISO 6709" },
  { "crc32-base62", CHECKED, ds_valid_crc32_base62, "GitHub, \"Behind GitHub's new authentication token formats\", 2021" },
  { "date-of-birth", PLAUSIBLE, ds_valid_date_of_birth, "Gregorian calendar, ISO 8601" },
  { "de-document", CHECKED, ds_valid_de_document, "ICAO Doc 9303-3; BSI TR-03105" },
  { "de-health", CHECKED, ds_valid_de_health, "SGB V, section 290" },
  { "de-pension", CHECKED, ds_valid_de_pension, "VKVV, section 2" },
  { "de-tax-id", CHECKED, ds_valid_de_tax_id, "AO, section 139b; ISO 7064 MOD 11,10" },
  { "de-vat", CHECKED, ds_valid_de_vat, "UStG, section 27a; ISO 7064 MOD 11,10" },
  { "email", PLAUSIBLE, ds_valid_email, "RFC 5321, RFC 1123" },
  { "es-ccc", CHECKED, ds_valid_es_ccc, "Consejo Superior Bancario" },
  { "es-cif", CHECKED, ds_valid_es_cif, "Orden EHA/451/2008" },
  { "es-dni", CHECKED, ds_valid_es_dni, "Real Decreto 1553/2005" },
  { "es-naf", CHECKED, ds_valid_es_naf, "Real Decreto 84/1996; Tesoreria General de la Seguridad Social" },
  { "es-nie", CHECKED, ds_valid_es_nie, "Orden INT/2058/2008; Orden EHA/451/2008" },
  { "fr-nir", CHECKED, ds_valid_fr_nir, "Decret 82-103, INSEE" },
  { "fr-siren", CHECKED, ds_valid_fr_siren, "Code de commerce, R123-221; INSEE" },
  { "fr-siret", CHECKED, ds_valid_fr_siret, "Code de commerce, R123-221; INSEE" },
  { "fr-tax-id", CHECKED, ds_valid_fr_tax_id, "European Commission, TIN algorithms" },
  { "fr-vat", CHECKED, ds_valid_fr_vat, "Code general des impots, 286 ter; VIES" },
  { "iban", CHECKED, ds_valid_iban, "ISO 13616-1, ISO 7064 MOD 97-10, SWIFT IBAN registry" },
  { "iccid", CHECKED, ds_valid_iccid, "ITU-T E.118" },
  { "imei", CHECKED, ds_valid_imei, "3GPP TS 23.003, annex B" },
  { "imsi", PLAUSIBLE, ds_valid_imsi, "ITU-T E.212" },
  { "ipv4", PLAUSIBLE, ds_valid_ipv4, "RFC 791, RFC 6890" },
  { "ipv6", PLAUSIBLE, ds_valid_ipv6, "RFC 4291" },
  { "it-codice-fiscale", CHECKED, ds_valid_it_codice_fiscale, "D.M. 23 dicembre 1976, n. 13813" },
  { "it-vat", CHECKED, ds_valid_it_vat, "D.P.R. 633/1972, art. 35" },
  { "jwt", PLAUSIBLE, ds_valid_jwt, "RFC 7519, RFC 7515" },
  { "luhn", CHECKED, ds_valid_luhn, "ISO/IEC 7812-1 annex B" },
  { "mac", PLAUSIBLE, ds_valid_mac, "IEEE 802" },
  { "mrz", CHECKED, ds_valid_mrz, "ICAO Doc 9303-3 to 9303-7" },
  { "nl-bsn", CHECKED, ds_valid_nl_bsn, "Wet algemene bepalingen burgerservicenummer" },
  { "nl-vat", CHECKED, ds_valid_nl_vat, "Belastingdienst, btw-id since 2020; ISO 7064 MOD 97-10" },
  { "pem", CHECKED, ds_valid_pem, "RFC 7468, RFC 9580" },
  { "phone-international", PLAUSIBLE, ds_valid_phone_international, "ITU-T E.164" },
  { "phone-nanp", PLAUSIBLE, ds_valid_phone_nanp, "NANPA, ATIS-0300055" },
  { "phone-national", PLAUSIBLE, ds_valid_phone_national, "ITU-T E.164" },
  { "secret", PLAUSIBLE, ds_valid_secret, "not a placeholder" },
  { "uk-driver", PLAUSIBLE, ds_valid_uk_driver, "DVLA, INF45P" },
  { "uk-nhs", CHECKED, ds_valid_uk_nhs, "NHS Data Dictionary" },
  { "uk-nino", PLAUSIBLE, ds_valid_uk_nino, "HMRC, NIM39110" },
  { "uk-vat", CHECKED, ds_valid_uk_vat, "HMRC, VAT Notice 700" },
  { "us-dea", CHECKED, ds_valid_us_dea, "21 CFR 1301" },
  { "us-ein", PLAUSIBLE, ds_valid_us_ein, "IRS, valid EIN prefixes" },
  { "us-itin", PLAUSIBLE, ds_valid_us_itin, "IRS, Publication 1915" },
  { "us-mbi", PLAUSIBLE, ds_valid_us_mbi, "CMS, Understanding the MBI Format" },
  { "us-npi", CHECKED, ds_valid_us_npi, "45 CFR 162.406" },
  { "us-ssn", PLAUSIBLE, ds_valid_us_ssn, "SSA, POMS RM 10201.035" },
  { "vin", CHECKED, ds_valid_vin, "ISO 3779, 49 CFR 565.15" },
  { NULL, FALSE, NULL, NULL },
};

const DsValidator *
ds_validator_by_name (const char *name)
{
  for (const DsValidator *validator = ds_validators; validator->name != NULL; validator++)
    if (g_str_equal (validator->name, name))
      return validator;
  return NULL;
}
