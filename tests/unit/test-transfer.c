/* Transfer encodings: edits keep what they do not touch, and new lines look like the old ones. */
#include "config.h"
#include "content/charset.h"
#include "content/transfer.h"
#include <string.h>

#define ROUNDS 3000

static char *
apply (DsEncoding encoding, const char *raw, gsize size, gsize start, gsize end, const char *replacement, gsize *size_r)
{
  g_autoptr (DsTransfer) transfer = ds_transfer_decode (encoding, raw, size);
  g_autoptr (GArray) edits = ds_edits_new ();
  ds_edits_add (edits, start, end, replacement);
  g_autoptr (GArray) raw_edits = ds_transfer_edits (transfer, raw, size, "\n", FALSE, edits, NULL);
  ds_transfer_guard_from (encoding, raw, 0, size, raw_edits);
  g_autoptr (GBytes) bytes = ds_edits_apply (raw_edits, raw, size);
  gsize length = 0;
  const char *data = g_bytes_get_data (bytes, &length);
  if (size_r != NULL)
    *size_r = length;
  return g_strndup (data, length);
}

static void
assert_edit (DsEncoding encoding, const char *raw, const char *value, const char *replacement, const char *expected)
{
  g_autoptr (DsTransfer) transfer = ds_transfer_decode (encoding, raw, strlen (raw));
  gsize size = 0;
  const char *data = g_bytes_get_data (transfer->bytes, &size);
  const char *found = memmem (data, size, value, strlen (value));
  g_assert_nonnull (found);
  gsize at = (gsize) (found - data);
  g_autofree char *got = apply (encoding, raw, strlen (raw), at, at + strlen (value), replacement, NULL);
  g_assert_cmpstr (got, ==, expected);
}

static void
test_qp_details (void)
{
  DsEncoding qp = DS_ENCODING_QUOTED_PRINTABLE;
  assert_edit (qp, "caf=C3=A9 41=\n11 =3D\n", "4111", "[x]", "caf=C3=A9 [x] =3D\n");
  assert_edit (qp, "a 4111=20\r\nb", "4111", "=\xc3\xa9", "a =3D=C3=A9=20\r\nb");
  assert_edit (qp, "4111\nx", "4111", "x ", "x=20\nx");
  /* A soft break before the label, and one behind it. */
  assert_edit (qp, "123456789 123456789 123456789 123456789 123456789 123456789 123456789 4111\r\n", "4111", "[x removed]",
               "123456789 123456789 123456789 123456789 123456789 123456789 123456789 =\r\n[x removed]\r\n");
  assert_edit (qp, "4111 123456789 123456789 123456789 123456789 123456789 123456789 123456789\n", "4111", "[x removed]",
               "[x removed]=\n 123456789 123456789 123456789 123456789 123456789 123456789 123456789\n");
}

static void
test_from_lines (void)
{
  assert_edit (DS_ENCODING_QUOTED_PRINTABLE, "a\n4111From b\n", "4111", "", "a\n=46rom b\n");
  assert_edit (DS_ENCODING_QUOTED_PRINTABLE, "a\n4111 b\n", "4111", "From", "a\n=46rom b\n");
  assert_edit (DS_ENCODING_IDENTITY, "a\n4111From b\n", "4111", "", "a\n>From b\n");
  assert_edit (DS_ENCODING_IDENTITY, "4111\n", "4111", "x\nFrom y", "x\n>From y\n");
  assert_edit (DS_ENCODING_IDENTITY, "From 4111\n", "4111", "x", "From x\n");
  assert_edit (DS_ENCODING_BASE64, "YQo0MTExRnJvbSBiCg==", "4111", "", "YQpGcm9tIGIK");
}

static void
test_base64_style (void)
{
  const char *raw = "NDExMSAx\r\nMTExIDEx\r\nMTE=\r\n";
  assert_edit (DS_ENCODING_BASE64, raw, "4111 1", "[x removed]", "W3ggcmVt\r\nb3ZlZF0x\r\nMTEgMTEx\r\nMQ==\r\n");
  assert_edit (DS_ENCODING_BASE64, "NDExMQ", "4111", "[x removed]", "W3ggcmVtb3ZlZF0=");
}

static void
test_uuencode_style (void)
{
  assert_edit (DS_ENCODING_UUENCODE, "begin 644 a\r\n#86)C\r\n`\r\nend\r\n", "b", "xy", "begin 644 a\r\n$87AY8P``\r\n`\r\nend\r\n");
}

/* Random bytes, encoded as a mail program would. */
static char *
random_raw (DsEncoding encoding, const guint8 *data, gsize size)
{
  GString *raw = g_string_new (NULL);
  g_autofree char *flat = encoding == DS_ENCODING_BASE64 ? g_base64_encode (data, size) : NULL;
  for (gsize i = 0; flat != NULL && i < strlen (flat); i += 60)
    g_string_append_printf (raw, "%.60s\n", flat + i);
  for (gsize i = 0, column = 0; flat == NULL && i < size; i++)
    {
      gboolean plain = g_ascii_isalnum (data[i]) || data[i] == ' ';
      if (column > 70)
        g_string_append (raw, "=\n");
      column = column > 70 ? 0 : column;
      column += plain ? 1 : 3;
      if (plain)
        g_string_append_c (raw, (char) data[i]);
      else
        g_string_append_printf (raw, "=%02X", data[i]);
    }
  return g_string_free (raw, FALSE);
}

static gsize
longest_line (const char *raw, gsize size)
{
  gsize longest = 0, start = 0;
  for (gsize i = 0; i <= size; i++)
    if (i == size || raw[i] == '\n')
      {
        longest = MAX (longest, i - start);
        start = i + 1;
      }
  return longest;
}

/* Decoding the edited raw bytes gives the edited bytes; lines stay short. */
static void
check_round (DsEncoding encoding)
{
  guint8 data[400];
  gsize size = (gsize) g_test_rand_int_range (1, sizeof data);
  for (gsize i = 0; i < size; i++)
    data[i] = g_test_rand_bit () ? (guint8) g_test_rand_int_range (0, 256) : 'a';
  g_autofree char *raw = random_raw (encoding, data, size);
  g_autoptr (DsTransfer) transfer = ds_transfer_decode (encoding, raw, strlen (raw));
  g_autoptr (GArray) edits = ds_edits_new ();
  for (gsize at = 0; at + 1 < size;)
    {
      gsize start = at + (gsize) g_test_rand_int_range (0, 60), end = start + (gsize) g_test_rand_int_range (1, 40);
      if (end > size)
        break;
      ds_edits_add (edits, start, end, g_test_rand_bit () ? "[credit-card removed]" : g_test_rand_bit () ? "" : "\xc3\xa9=");
      at = end;
    }
  g_autoptr (GArray) raw_edits = ds_transfer_edits (transfer, raw, strlen (raw), "\n", FALSE, edits, NULL);
  g_autoptr (GBytes) after = ds_edits_apply (raw_edits, raw, strlen (raw));
  g_autoptr (GBytes) wanted = ds_edits_apply (edits, (const char *) data, size);
  gsize length = 0;
  const char *bytes = g_bytes_get_data (after, &length);
  g_autoptr (DsTransfer) again = ds_transfer_decode (encoding, bytes, length);
  g_assert_true (g_bytes_equal (again->bytes, wanted));
  g_assert_cmpuint (longest_line (bytes, length), <=, 76);
}

static void
test_random (gconstpointer encoding)
{
  for (guint i = 0; i < ROUNDS; i++)
    check_round (GPOINTER_TO_INT (encoding));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transfer/qp/details", test_qp_details);
  g_test_add_func ("/transfer/from-lines", test_from_lines);
  g_test_add_func ("/transfer/base64/style", test_base64_style);
  g_test_add_func ("/transfer/uuencode/style", test_uuencode_style);
  g_test_add_data_func ("/transfer/qp/random", GINT_TO_POINTER (DS_ENCODING_QUOTED_PRINTABLE), test_random);
  g_test_add_data_func ("/transfer/base64/random", GINT_TO_POINTER (DS_ENCODING_BASE64), test_random);
  return g_test_run ();
}
