/* detect/valid: the validator functions behind the table of validators.h, one file a country or family.
 *
 * All have the form DsValidator.valid.  What each proves, and by which standard, stands in the table. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* valid-bank.c */
gboolean ds_valid_luhn (const char *match, gsize size);
gboolean ds_valid_card (const char *match, gsize size);
gboolean ds_valid_iban (const char *match, gsize size);
gboolean ds_valid_bic (const char *match, gsize size);
/* valid-network.c */
gboolean ds_valid_email (const char *match, gsize size);
gboolean ds_valid_ipv4 (const char *match, gsize size);
gboolean ds_valid_ipv6 (const char *match, gsize size);
gboolean ds_valid_mac (const char *match, gsize size);
/* valid-phone.c */
gboolean ds_valid_phone_international (const char *match, gsize size);
gboolean ds_valid_phone_national (const char *match, gsize size);
gboolean ds_valid_phone_nanp (const char *match, gsize size);
/* valid-device.c */
gboolean ds_valid_imei (const char *match, gsize size);
gboolean ds_valid_imsi (const char *match, gsize size);
gboolean ds_valid_iccid (const char *match, gsize size);
gboolean ds_valid_vin (const char *match, gsize size);
/* valid-mrz.c */
gboolean ds_valid_mrz (const char *match, gsize size);
/* valid-date.c */
gboolean ds_valid_date_of_birth (const char *match, gsize size);
gboolean ds_valid_coordinates (const char *match, gsize size);
/* valid-secret.c */
gboolean ds_valid_secret (const char *match, gsize size);
gboolean ds_valid_jwt (const char *match, gsize size);
gboolean ds_valid_pem (const char *match, gsize size);
gboolean ds_valid_crc32_base62 (const char *match, gsize size);
/* valid-crypto.c */
gboolean ds_valid_bitcoin (const char *match, gsize size);
/* valid-de.c */
gboolean ds_valid_de_tax_id (const char *match, gsize size);
gboolean ds_valid_de_pension (const char *match, gsize size);
gboolean ds_valid_de_health (const char *match, gsize size);
gboolean ds_valid_de_document (const char *match, gsize size);
gboolean ds_valid_de_vat (const char *match, gsize size);
/* valid-fr.c */
gboolean ds_valid_fr_nir (const char *match, gsize size);
gboolean ds_valid_fr_tax_id (const char *match, gsize size);
gboolean ds_valid_fr_siren (const char *match, gsize size);
gboolean ds_valid_fr_siret (const char *match, gsize size);
gboolean ds_valid_fr_vat (const char *match, gsize size);
/* valid-es.c */
gboolean ds_valid_es_dni (const char *match, gsize size);
gboolean ds_valid_es_nie (const char *match, gsize size);
gboolean ds_valid_es_cif (const char *match, gsize size);
gboolean ds_valid_es_naf (const char *match, gsize size);
gboolean ds_valid_es_ccc (const char *match, gsize size);
/* valid-it.c */
gboolean ds_valid_it_codice_fiscale (const char *match, gsize size);
gboolean ds_valid_it_vat (const char *match, gsize size);
/* valid-nl.c */
gboolean ds_valid_nl_bsn (const char *match, gsize size);
gboolean ds_valid_nl_vat (const char *match, gsize size);
/* valid-uk.c */
gboolean ds_valid_uk_nhs (const char *match, gsize size);
gboolean ds_valid_uk_nino (const char *match, gsize size);
gboolean ds_valid_uk_driver (const char *match, gsize size);
gboolean ds_valid_uk_vat (const char *match, gsize size);
/* valid-us.c */
gboolean ds_valid_us_ssn (const char *match, gsize size);
gboolean ds_valid_us_itin (const char *match, gsize size);
gboolean ds_valid_us_ein (const char *match, gsize size);
gboolean ds_valid_us_npi (const char *match, gsize size);
gboolean ds_valid_us_dea (const char *match, gsize size);
gboolean ds_valid_us_mbi (const char *match, gsize size);

G_END_DECLS
