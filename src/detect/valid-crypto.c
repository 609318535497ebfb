#include "config.h"
#include "detect/valid.h"
#include <string.h>

#define BASE58_BYTES 25 /* version, 20 bytes of hash, 4 of checksum */

static gboolean
decode_base58 (const char *text, gsize size, guchar bytes[BASE58_BYTES])
{
  static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  memset (bytes, 0, BASE58_BYTES);
  for (gsize i = 0; i < size; i++)
    {
      const char *digit = memchr (alphabet, text[i], 58);
      if (digit == NULL)
        return FALSE;
      guint carry = (guint) (digit - alphabet);
      for (int b = BASE58_BYTES - 1; b >= 0; b--, carry >>= 8)
        {
          carry += 58u * bytes[b];
          bytes[b] = (guchar) carry;
        }
      if (carry != 0)
        return FALSE;
    }
  return TRUE;
}

static void
sha256 (const guchar *bytes, gsize size, guchar digest[32])
{
  gsize digest_size = 32;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (checksum, bytes, (gssize) size);
  g_checksum_get_digest (checksum, digest, &digest_size);
}

static gboolean
valid_base58check (const char *text, gsize size)
{
  guchar bytes[BASE58_BYTES], once[32], twice[32];
  if (!decode_base58 (text, size, bytes))
    return FALSE;
  sha256 (bytes, BASE58_BYTES - 4, once);
  sha256 (once, sizeof once, twice);
  return memcmp (twice, bytes + BASE58_BYTES - 4, 4) == 0;
}

static guint32
polymod_step (guint32 sum, guint value)
{
  static const guint32 generator[] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
  guint top = sum >> 25;
  sum = (sum & 0x1ffffff) << 5 ^ value;
  for (guint i = 0; i < 5; i++)
    sum ^= (top >> i & 1) * generator[i];
  return sum;
}

/* BIP 173 and BIP 350 with the human-readable part "bc". */
static gboolean
valid_bech32 (const char *text, gsize size)
{
  static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  guint32 sum = 1;
  static const guint prefix[] = { 'b' >> 5, 'c' >> 5, 0, 'b' & 31, 'c' & 31 };
  for (guint i = 0; i < G_N_ELEMENTS (prefix); i++)
    sum = polymod_step (sum, prefix[i]);
  for (gsize i = 3; i < size; i++)
    {
      const char *value = memchr (alphabet, g_ascii_tolower (text[i]), 32);
      if (value == NULL)
        return FALSE;
      sum = polymod_step (sum, (guint) (value - alphabet));
    }
  return sum == 1 || sum == 0x2bc830a3;
}

gboolean
ds_valid_bitcoin (const char *match, gsize size)
{
  if (size > 3 && size <= 90 && g_ascii_strncasecmp (match, "bc1", 3) == 0)
    return valid_bech32 (match, size);
  return size >= 26 && size <= 35 && (match[0] == '1' || match[0] == '3') && valid_base58check (match, size);
}
