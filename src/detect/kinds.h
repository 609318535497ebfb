/* detect/kinds: what a rule can find: one fixed list, in one place (DESIGN 4.3). */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* X (CODE, "name", "title", mask, distinctive)
 * mask: how much of a value a masked sample shows.
 * distinctive: FALSE where a value of this kind is too common a string to be removed from every copy, whatever its length. */
#define DS_KINDS(X)                                                        \
  X (EMAIL, "email", "e-mail address", EMAIL, TRUE)                        \
  X (PHONE, "phone", "telephone number", LAST2, TRUE)                      \
  X (CREDIT_CARD, "credit-card", "payment card number", LAST4, TRUE)       \
  X (CARD_SECURITY, "card-security", "card security code", NOTHING, FALSE) \
  X (IBAN, "iban", "IBAN", LAST4, TRUE)                                    \
  X (BANK_ACCOUNT, "bank-account", "bank account", LAST4, TRUE)            \
  X (NATIONAL_ID, "national-id", "national number", LAST2, TRUE)           \
  X (TAX_ID, "tax-id", "tax number", LAST2, TRUE)                          \
  X (HEALTH_ID, "health-id", "health insurance number", LAST2, TRUE)       \
  X (SOCIAL_SECURITY, "social-security", "social security number", LAST2, TRUE) \
  X (PASSPORT, "passport", "passport number", LAST2, TRUE)                 \
  X (ID_CARD, "id-card", "identity card number", LAST2, TRUE)              \
  X (DRIVING_LICENCE, "driving-licence", "driving licence number", LAST2, TRUE) \
  X (MRZ, "mrz", "machine-readable zone", NOTHING, TRUE)                   \
  X (DATE_OF_BIRTH, "date-of-birth", "date of birth", NOTHING, FALSE)      \
  X (IP_ADDRESS, "ip-address", "IP address", NETWORK, TRUE)                \
  X (MAC_ADDRESS, "mac-address", "MAC address", LAST2, TRUE)               \
  X (IMEI, "imei", "IMEI", LAST2, TRUE)                                    \
  X (IMSI, "imsi", "IMSI", LAST2, TRUE)                                    \
  X (ICCID, "iccid", "SIM card number", LAST2, TRUE)                       \
  X (VIN, "vin", "vehicle identification number", LAST2, TRUE)             \
  X (LICENCE_PLATE, "licence-plate", "licence plate", LAST2, FALSE)        \
  X (GEO_LOCATION, "geo-location", "geographic location", NOTHING, TRUE)   \
  X (CRYPTO_ADDRESS, "crypto-address", "crypto-currency address", LAST4, TRUE) \
  X (COOKIE, "cookie", "cookie", NOTHING, TRUE)                            \
  X (DEVICE_ID, "device-id", "device identifier", LAST2, TRUE)             \
  X (ACCOUNT_ID, "account-id", "account identifier", LAST2, TRUE)          \
  X (PASSWORD, "password", "password", NOTHING, FALSE)                     \
  X (PRIVATE_KEY, "private-key", "private key", NOTHING, TRUE)             \
  X (TOKEN, "token", "access token", NOTHING, TRUE)                        \
  X (USERNAME, "username", "user name", NOTHING, FALSE)                    \
  X (POSTAL_ADDRESS, "postal-address", "postal address", NOTHING, FALSE)   \
  X (PERSON, "person", "person", NOTHING, FALSE)                           \
  X (SPECIAL_CATEGORY, "special-category", "special category of Article 9", NOTHING, FALSE)

typedef enum
{
#define X(code, name, title, mask, distinctive) DS_KIND_##code,
  DS_KINDS (X)
#undef X
  DS_N_KINDS
} DsKind;

typedef enum
{
  DS_MASK_NOTHING, /* only stars */
  DS_MASK_LAST2,
  DS_MASK_LAST4,
  DS_MASK_EMAIL,   /* j***@***.org */
  DS_MASK_NETWORK, /* 192.***.***.*** */
} DsMask;

const char *ds_kind_name (DsKind kind);
const char *ds_kind_title (DsKind kind);
DsMask ds_kind_mask (DsKind kind);
gboolean ds_kind_is_distinctive (DsKind kind);
/* FALSE if there is no such kind. */
gboolean ds_kind_from_name (const char *name, DsKind *kind_r);

G_END_DECLS
