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
/* valid-dk.c */
gboolean ds_valid_dk_cpr (const char *match, gsize size);
gboolean ds_valid_dk_cpr_date (const char *match, gsize size);
/* valid-se.c */
gboolean ds_valid_se_personnummer (const char *match, gsize size);
/* valid-no.c */
gboolean ds_valid_no_fodselsnummer (const char *match, gsize size);
/* valid-fi.c */
gboolean ds_valid_fi_henkilotunnus (const char *match, gsize size);
/* valid-is.c */
gboolean ds_valid_is_kennitala (const char *match, gsize size);
/* valid-baltic.c */
gboolean ds_valid_ee_isikukood (const char *match, gsize size);
gboolean ds_valid_lt_asmens_kodas (const char *match, gsize size);
gboolean ds_valid_lt_vat (const char *match, gsize size);
/* valid-lv.c */
gboolean ds_valid_lv_personas_kods (const char *match, gsize size);
/* valid-at.c */
gboolean ds_valid_at_social (const char *match, gsize size);
/* valid-be.c */
gboolean ds_valid_be_national (const char *match, gsize size);
/* valid-lu.c */
gboolean ds_valid_lu_matricule (const char *match, gsize size);
gboolean ds_valid_lu_matricule_old (const char *match, gsize size);
/* valid-ie.c */
gboolean ds_valid_ie_ppsn (const char *match, gsize size);
gboolean ds_valid_ie_vat (const char *match, gsize size);
/* valid-cy.c */
gboolean ds_valid_cy_tic (const char *match, gsize size);
/* valid-pl.c */
gboolean ds_valid_pl_pesel (const char *match, gsize size);
/* valid-cz.c */
gboolean ds_valid_cz_birth_number (const char *match, gsize size);
gboolean ds_valid_cz_birth_number_old (const char *match, gsize size);
gboolean ds_valid_cz_vat (const char *match, gsize size);
/* valid-hu.c */
gboolean ds_valid_hu_personal (const char *match, gsize size);
/* valid-jmbg.c */
gboolean ds_valid_jmbg (const char *match, gsize size);
/* valid-hr.c */
gboolean ds_valid_hr_oib (const char *match, gsize size);
/* valid-ro.c */
gboolean ds_valid_ro_cnp (const char *match, gsize size);
gboolean ds_valid_ro_vat (const char *match, gsize size);
/* valid-bg.c */
gboolean ds_valid_bg_egn (const char *match, gsize size);
gboolean ds_valid_bg_foreigner (const char *match, gsize size);
gboolean ds_valid_bg_vat (const char *match, gsize size);
/* valid-gr.c */
gboolean ds_valid_gr_amka (const char *match, gsize size);
/* valid-pt.c */
gboolean ds_valid_pt_citizen_card (const char *match, gsize size);
/* valid-ca.c */
gboolean ds_valid_ca_ohip (const char *match, gsize size);
gboolean ds_valid_ca_on_driver (const char *match, gsize size);
gboolean ds_valid_ca_ramq (const char *match, gsize size);
/* valid-au.c */
gboolean ds_valid_au_medicare (const char *match, gsize size);
/* valid-nz.c */
gboolean ds_valid_nz_ird (const char *match, gsize size);
gboolean ds_valid_nz_nhi (const char *match, gsize size);
gboolean ds_valid_nz_bank_account (const char *match, gsize size);
/* valid-br.c */
gboolean ds_valid_br_cpf (const char *match, gsize size);
gboolean ds_valid_br_cnpj (const char *match, gsize size);
gboolean ds_valid_br_cnh (const char *match, gsize size);
gboolean ds_valid_br_voter (const char *match, gsize size);
/* valid-za.c */
gboolean ds_valid_za_id (const char *match, gsize size);
/* valid-tr.c */
gboolean ds_valid_tr_identity (const char *match, gsize size);
gboolean ds_valid_tr_tax (const char *match, gsize size);
/* valid-in.c */
gboolean ds_valid_in_aadhaar (const char *match, gsize size);
gboolean ds_valid_in_gstin (const char *match, gsize size);
/* valid-mx.c */
gboolean ds_valid_mx_curp (const char *match, gsize size);
gboolean ds_valid_mx_rfc (const char *match, gsize size);
gboolean ds_valid_mx_rfc_form (const char *match, gsize size);
gboolean ds_valid_mx_voter (const char *match, gsize size);
/* valid-sg.c */
gboolean ds_valid_sg_nric (const char *match, gsize size);
/* valid-kr.c */
gboolean ds_valid_kr_resident (const char *match, gsize size);
gboolean ds_valid_kr_business (const char *match, gsize size);
/* valid-cn.c */
gboolean ds_valid_cn_identity (const char *match, gsize size);
gboolean ds_valid_cn_credit_code (const char *match, gsize size);
/* valid-hk.c */
gboolean ds_valid_hk_identity (const char *match, gsize size);
/* valid-tw.c */
gboolean ds_valid_tw_identity (const char *match, gsize size);
gboolean ds_valid_tw_business (const char *match, gsize size);
/* valid-ar.c */
gboolean ds_valid_ar_cbu (const char *match, gsize size);
/* valid-cl.c */
gboolean ds_valid_cl_rut (const char *match, gsize size);
/* valid-ua.c */
gboolean ds_valid_ua_registry (const char *match, gsize size);

G_END_DECLS
