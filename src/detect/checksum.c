#include "config.h"
#include "detect/checksum.h"
#include "detect/digits.h"
#include <string.h>

#define MODULUS_MAX 1000000
#define WEIGHT_MAX 1000000

struct _DsChecksum
{
  GArray *weights; /* of gint64 */
  gint64 modulus;
  gint64 remainder;
  gint64 check; /* where the check character stands, or -1 */
  char *check_map;
  gboolean digit_sum;
  guint length; /* how many characters the number has */
};

void
ds_checksum_free (DsChecksum *checksum)
{
  if (checksum == NULL)
    return;
  g_clear_pointer (&checksum->weights, g_array_unref);
  g_free (checksum->check_map);
  g_free (checksum);
}

static gboolean
refuse (DsConfNode *node, GError **error, const char *why)
{
  ds_conf_set_error (error, node, "checksum: %s", why);
  return FALSE;
}

static gboolean
read_keys (DsConfNode *node, DsChecksum *checksum, GError **error)
{
  static const char *const keys[] = { "weights", "modulus", "remainder", "check", "check_map", "digit_sum", NULL };
  const char *map = NULL;
  if (!ds_conf_known (node, keys, error) || !ds_conf_ints (node, "weights", &checksum->weights, error)
      || !ds_conf_int (node, "modulus", &checksum->modulus, error)
      || !ds_conf_int (node, "remainder", &checksum->remainder, error)
      || !ds_conf_int (node, "check", &checksum->check, error) || !ds_conf_string (node, "check_map", &map, error)
      || !ds_conf_bool (node, "digit_sum", &checksum->digit_sum, error))
    return FALSE;
  checksum->check_map = g_strdup (map);
  return TRUE;
}

static gboolean
sane (DsConfNode *node, const DsChecksum *checksum, GError **error)
{
  if (checksum->weights == NULL || checksum->weights->len == 0 || checksum->weights->len > DS_SIGNIFICANT_MAX)
    return refuse (node, error, "\"weights\" must be a list of 1 to 64 whole numbers");
  for (guint i = 0; i < checksum->weights->len; i++)
    if (ABS (g_array_index (checksum->weights, gint64, i)) > WEIGHT_MAX)
      return refuse (node, error, "a weight is too large");
  if (checksum->modulus < 2 || checksum->modulus > MODULUS_MAX)
    return refuse (node, error, "\"modulus\" must be 2 to 1000000");
  if ((checksum->check >= 0) != (checksum->check_map != NULL))
    return refuse (node, error, "\"check\" and \"check_map\" go together");
  if (checksum->check >= DS_SIGNIFICANT_MAX)
    return refuse (node, error, "\"check\" must be 0 to 63");
  if (checksum->check_map != NULL && strlen (checksum->check_map) != (gsize) checksum->modulus)
    return refuse (node, error, "\"check_map\" must have as many characters as \"modulus\" says");
  if ((checksum->remainder >= 0) == (checksum->check >= 0))
    return refuse (node, error, "needs either \"remainder\", or \"check\" with \"check_map\"");
  if (checksum->remainder >= checksum->modulus)
    return refuse (node, error, "\"remainder\" must be less than \"modulus\"");
  return TRUE;
}

DsChecksum *
ds_checksum_parse (DsConfNode *node, GError **error)
{
  DsChecksum *checksum = g_new0 (DsChecksum, 1);
  checksum->remainder = checksum->check = -1;
  if (!read_keys (node, checksum, error) || !sane (node, checksum, error))
    {
      ds_checksum_free (checksum);
      return NULL;
    }
  checksum->length = MAX (checksum->weights->len, (guint) (checksum->check + 1));
  return checksum;
}

static gint64
weighted_sum (const DsChecksum *checksum, const DsSignificant *number)
{
  gint64 sum = 0;
  for (guint i = 0; i < checksum->weights->len; i++)
    {
      gint64 product = ds_char_value (number->c[i]) * g_array_index (checksum->weights, gint64, i);
      for (; checksum->digit_sum && product > 9; product /= 10)
        sum += product % 10;
      sum += product;
    }
  return sum;
}

gboolean
ds_checksum_valid (const DsChecksum *checksum, const char *match, gsize size)
{
  DsSignificant number;
  if (!ds_significant (match, size, &number) || number.length != checksum->length)
    return FALSE;
  /* C's % keeps the sign, and a weight may be negative (the last one of the Dutch 11-test). */
  gint64 rest = weighted_sum (checksum, &number) % checksum->modulus;
  if (rest < 0)
    rest += checksum->modulus;
  if (checksum->check < 0)
    return rest == checksum->remainder;
  return number.c[checksum->check] == checksum->check_map[rest];
}

char *
ds_checksum_describe (const DsChecksum *checksum)
{
  if (checksum == NULL)
    return NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < checksum->weights->len; i++)
    g_string_append_printf (text, "%" G_GINT64_FORMAT " ", g_array_index (checksum->weights, gint64, i));
  g_string_append_printf (text, "%% %" G_GINT64_FORMAT " = %" G_GINT64_FORMAT " @ %" G_GINT64_FORMAT " %s %d",
                          checksum->modulus, checksum->remainder, checksum->check,
                          checksum->check_map != NULL ? checksum->check_map : "",
                          checksum->digit_sum);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
