#include "config.h"
#include "base/site-key.h"
#include "base/atomic-file.h"
#include "base/error.h"
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#define KEY_BYTES 32

struct _DsSiteKey
{
  guint8 bytes[KEY_BYTES];
  char id[9];
};

static void
random_bytes (guint8 *out, gsize size)
{
  while (size > 0)
    {
      ssize_t n = getrandom (out, MIN (size, 256), 0);
      if (n < 0 && errno != EINTR)
        g_error ("the kernel gives no random bytes: %s", g_strerror (errno));
      if (n > 0)
        {
          out += n;
          size -= (gsize) n;
        }
    }
}

static DsSiteKey *
key_new (const guint8 *bytes)
{
  DsSiteKey *key = g_new0 (DsSiteKey, 1);
  memcpy (key->bytes, bytes, KEY_BYTES);
  g_autofree char *id = ds_site_key_digest (key, "key-id", "", 0, 8);
  g_strlcpy (key->id, id, sizeof key->id);
  return key;
}

DsSiteKey *
ds_site_key_new_random (void)
{
  guint8 bytes[KEY_BYTES];
  random_bytes (bytes, sizeof bytes);
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
  random_bytes (bytes, sizeof bytes);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < KEY_BYTES; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  g_string_append_c (text, '\n');
  return ds_atomic_file_create (path, 0600, text->str, text->len, error);
}

DsSiteKey *
ds_site_key_load (const char *path, gboolean create, GError **error)
{
  if (create && !g_file_test (path, G_FILE_TEST_EXISTS) && !make_key_file (path, error))
    return NULL;
  struct stat status;
  g_autofree char *text = NULL;
  gsize length = 0;
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
  g_autoptr (GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA256, key->bytes, KEY_BYTES);
  g_hmac_update (hmac, (const guchar *) purpose, (gssize) strlen (purpose) + 1);
  /* GHmac counts in gssize and takes -1 as "a string": blobs over 2 GiB are legal here, so feed it in pieces. */
  for (const guchar *at = bytes; size > 0;)
    {
      gsize piece = MIN (size, 1u << 30);
      g_hmac_update (hmac, at, (gssize) piece);
      at += piece;
      size -= piece;
    }
  return g_strndup (g_hmac_get_string (hmac), hex_digits);
}

char *
ds_random_id (guint characters)
{
  static const char alphabet[] = "abcdefghjkmnpqrstuvwxyz23456789_";
  g_autofree guint8 *bytes = g_malloc (characters);
  random_bytes (bytes, characters);
  char *id = g_malloc (characters + 1);
  for (guint i = 0; i < characters; i++)
    id[i] = alphabet[bytes[i] % 31];
  id[characters] = '\0';
  return id;
}
