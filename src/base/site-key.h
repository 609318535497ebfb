/* base/site-key: the site's secret key, and the keyed digests made with it (HMAC-SHA-256, RFC 2104, FIPS 180-4).
 *
 * Whoever has the ledger but not the key can't test a guess against a fingerprint.  The key file holds 64 hexadecimal
 * digits and a newline, mode 0600. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _DsSiteKey DsSiteKey;

/* Reads the key; makes a new one first if the file is absent and create is TRUE.  DS_ERROR_CONFIG if the file is
 * malformed or readable by others, DS_ERROR_LEDGER if it cannot be made. */
DsSiteKey *ds_site_key_load (const char *path, gboolean create, GError **error);
/* A key for this process only, never stored: scans without a ledger. */
DsSiteKey *ds_site_key_new_random (void);
void ds_site_key_free (DsSiteKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsSiteKey, ds_site_key_free)

/* A name for the key itself, 8 hexadecimal digits, safe to store. */
const char *ds_site_key_id (const DsSiteKey *key);

/* The keyed digest of bytes, as lower-case hexadecimal (new string).  purpose keeps digests of different use apart
 * ("content", "value", "path", "plan", "message"); hex_digits is 64 or less. */
char *ds_site_key_digest (const DsSiteKey *key, const char *purpose, gconstpointer bytes, gsize size, guint hex_digits);

/* text, encrypted and authenticated with a key made from this one (XSalsa20 and Poly1305, as libsodium's secretbox), as
 * hexadecimal (new string), another each time: for what must be known again but not be read by whoever has the file alone.
 * Its length shows. */
char *ds_site_key_seal (const DsSiteKey *key, const char *text);
/* The text (new string); NULL if it was sealed with another key or damaged. */
char *ds_site_key_unseal (const DsSiteKey *key, const char *sealed);

/* A random identifier of lower-case letters and digits from the kernel (new string). */
char *ds_random_id (guint characters);

G_END_DECLS
