#include "config.h"
#include "base/site-key.h"
#include "base/atomic-file.h"
#include "base/error.h"
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#define KEY_BYTES 32
#define NONCE_BYTES crypto_secretbox_NONCEBYTES
#define MAC_BYTES crypto_secretbox_MACBYTES

struct _DsSiteKey
{
  guint8 bytes[KEY_BYTES];
  crypto_auth_hmacsha256_state keyed;      /* what a digest begins with */
  guint8 sealing[crypto_secretbox_KEYBYTES]; /* derived: one key for one use */
  char id[9];
};

static void
begin (void)
{
  if (sodium_init () < 0)
    g_error ("the kernel gives no random bytes");
}

static void
digest (const DsSiteKey *key, const char *purpose, gconstpointer bytes, gsize size, guint8 out[crypto_auth_hmacsha256_BYTES])
{
  crypto_auth_hmacsha256_state state = key->keyed;
  crypto_auth_hmacsha256_update (&state, (const guint8 *) purpose, strlen (purpose) + 1);
  crypto_auth_hmacsha256_update (&state, bytes, size);
  crypto_auth_hmacsha256_final (&state, out);
}

static DsSiteKey *
key_new (const guint8 *bytes)
{
  begin ();
  DsSiteKey *key = g_new0 (DsSiteKey, 1);
  memcpy (key->bytes, bytes, KEY_BYTES);
  crypto_auth_hmacsha256_init (&key->keyed, bytes, KEY_BYTES);
  digest (key, "sealing-key", "", 0, key->sealing);
  g_autofree char *id = ds_site_key_digest (key, "key-id", "", 0, 8);
  g_strlcpy (key->id, id, sizeof key->id);
  return key;
}

DsSiteKey *
ds_site_key_new_random (void)
{
  guint8 bytes[KEY_BYTES];
  begin ();
  randombytes_buf (bytes, sizeof bytes);
  return key_new (bytes);
}

void
ds_site_key_free (DsSiteKey *key)
{
  if (key == NULL)
    return;
  explicit_bzero (key, sizeof *key);
  g_free (key);
}

static gboolean
make_key_file (const char *path, GError **error)
{
  guint8 bytes[KEY_BYTES];
  begin ();
  randombytes_buf (bytes, sizeof bytes);
  char text[2 * KEY_BYTES + 2];
  sodium_bin2hex (text, sizeof text, bytes, sizeof bytes);
  text[2 * KEY_BYTES] = '\n';
  return ds_atomic_file_create (path, 0600, text, 2 * KEY_BYTES + 1, error);
}

DsSiteKey *
ds_site_key_load (const char *path, gboolean create, GError **error)
{
  if (create && !g_file_test (path, G_FILE_TEST_EXISTS) && !make_key_file (path, error))
    return NULL;
  struct stat status;
  g_autofree char *text = NULL;
  gsize length = 0;
  if (stat (path, &status) == 0 && !S_ISREG (status.st_mode))
    {
      g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s: the site key is no regular file", path);
      return NULL;
    }
  if (stat (path, &status) != 0 || !g_file_get_contents (path, &text, &length, NULL))
    {
      g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s: the site key cannot be read: %s", path, g_strerror (errno));
      return NULL;
    }
  if ((status.st_mode & 077) != 0)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s: the site key is readable by others (mode %04o): chmod 600 it", path,
                   status.st_mode & 07777);
      return NULL;
    }
  guint8 bytes[KEY_BYTES];
  gboolean good = length == 2 * KEY_BYTES || (length == 2 * KEY_BYTES + 1 && text[2 * KEY_BYTES] == '\n');
  for (guint i = 0; good && i < KEY_BYTES; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]), low = g_ascii_xdigit_value (text[2 * i + 1]);
      good = high >= 0 && low >= 0;
      bytes[i] = good ? (guint8) (high << 4 | low) : 0;
    }
  explicit_bzero (text, length);
  if (good)
    return key_new (bytes);
  g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s: not a site key (64 hexadecimal digits)", path);
  return NULL;
}

const char *
ds_site_key_id (const DsSiteKey *key)
{
  return key->id;
}

char *
ds_site_key_digest (const DsSiteKey *key, const char *purpose, gconstpointer bytes, gsize size, guint hex_digits)
{
  guint8 out[crypto_auth_hmacsha256_BYTES];
  char text[2 * sizeof out + 1];
  digest (key, purpose, bytes, size, out);
  sodium_bin2hex (text, sizeof text, out, sizeof out);
  return g_strndup (text, hex_digits);
}

/* The nonce, and the box. */
char *
ds_site_key_seal (const DsSiteKey *key, const char *text)
{
  gsize size = strlen (text), sealed_size = NONCE_BYTES + MAC_BYTES + size;
  g_autofree guint8 *sealed = g_malloc (sealed_size);
  randombytes_buf (sealed, NONCE_BYTES);
  crypto_secretbox_easy (sealed + NONCE_BYTES, (const guint8 *) text, size, sealed, key->sealing);
  char *hexadecimal = g_malloc (2 * sealed_size + 1);
  return sodium_bin2hex (hexadecimal, 2 * sealed_size + 1, sealed, sealed_size);
}

char *
ds_site_key_unseal (const DsSiteKey *key, const char *sealed)
{
  gsize length = strlen (sealed), size = 0;
  g_autofree guint8 *bytes = g_malloc (length / 2 + 1);
  const char *end = NULL;
  if (sodium_hex2bin (bytes, length / 2, sealed, length, NULL, &size, &end) != 0 || *end != '\0' || size < NONCE_BYTES + MAC_BYTES)
    return NULL;
  g_autofree char *text = g_malloc0 (size - NONCE_BYTES - MAC_BYTES + 1);
  if (crypto_secretbox_open_easy ((guint8 *) text, bytes + NONCE_BYTES, size - NONCE_BYTES, bytes, key->sealing) != 0)
    return NULL;
  return g_steal_pointer (&text);
}

char *
ds_random_id (guint characters)
{
  static const char alphabet[] = "abcdefghjkmnpqrstuvwxyz23456789"; /* none that is taken for another */
  begin ();
  char *id = g_malloc (characters + 1);
  for (guint i = 0; i < characters; i++)
    id[i] = alphabet[randombytes_uniform (sizeof alphabet - 1)];
  id[characters] = '\0';
  return id;
}
