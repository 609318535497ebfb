#include "config.h"
#include "base/error.h"
#include "charset-samples.h"
#include "content/charset.h"
#include <string.h>

#define CARD "4111 1111 1111 1111"
#define LABEL "[credit-card removed]"

static void
assert_bytes (const char *got, gsize got_size, const char *expected, gsize size)
{
  g_assert_cmpmem (got, got_size, expected, size);
}

static void
assert_sound (const DsDecoded *decoded, gsize input_size)
{
  g_assert_cmpuint (ds_span_map_output_size (decoded->map), ==, decoded->size);
  g_assert_cmpint (decoded->utf8[decoded->size], ==, '\0');
  if (decoded->size == 0)
    return;
  DsSpan hull = ds_span_map_hull (decoded->map, 0, decoded->size);
  g_assert_cmpuint (hull.end, <=, input_size);
}

static GBytes *
splice (const DsDecoded *decoded, const char *bytes, gsize size, const char *value, const char *label)
{
  g_autoptr (GArray) edits = ds_edits_new ();
  gsize value_size = strlen (value), at = 0;
  for (const char *hit; (hit = memmem (decoded->utf8 + at, decoded->size - at, value, value_size)) != NULL;)
    {
      gsize start = (gsize) (hit - decoded->utf8);
      ds_edits_add (edits, start, start + value_size, label);
      at = start + value_size;
    }
  g_assert_cmpuint (edits->len, >, 0);
  g_autoptr (GError) error = NULL;
  GBytes *out = ds_charset_splice (decoded, bytes, size, edits, &error);
  g_assert_no_error (error);
  return out;
}

static void
check_sample (guint i)
{
  g_autofree char *before = g_strconcat (samples[i].before, CARD, samples[i].after, NULL);
  g_autofree char *after = g_strconcat (samples[i].before, LABEL, samples[i].after, NULL);
  g_autoptr (DsDecoded) decoded = ds_charset_decode (samples[i].charset, FALSE, samples[i].bytes, samples[i].size);
  g_assert_cmpstr (decoded->utf8, ==, before);
  g_assert_cmpuint (decoded->invalid, ==, 0);
  g_assert_false (decoded->unknown);
  assert_sound (decoded, samples[i].size);

  g_autoptr (GBytes) spliced = splice (decoded, samples[i].bytes, samples[i].size, CARD, LABEL);
  gsize size;
  const char *bytes = g_bytes_get_data (spliced, &size);
  g_autoptr (DsDecoded) again = ds_charset_decode (samples[i].charset, FALSE, bytes, size);
  g_assert_cmpstr (again->utf8, ==, after);

  /* iconv, where it reads the original alike, reads the whole alike too: the shift states are right. */
  const char *name = samples[i].charset;
  g_autofree char *original = g_convert (samples[i].bytes, (gssize) samples[i].size, "UTF-8", name, NULL, NULL, NULL);
  g_autofree char *whole = g_convert (bytes, (gssize) size, "UTF-8", name, NULL, NULL, NULL);
  if (g_strcmp0 (original, before) == 0)
    g_assert_cmpstr (whole, ==, after);
}

static void
test_samples (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_test_message ("%u %s", i, samples[i].charset);
      check_sample (i);
    }
}

/* Bytes before and behind the card stay as they were, in charsets without states. */
static void
test_untouched_bytes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      const char *card = memmem (samples[i].bytes, samples[i].size, CARD, strlen (CARD));
      if (card == NULL || strstr (samples[i].charset, "2022") || strstr (samples[i].charset, "utf-7"))
        continue;
      gsize before = (gsize) (card - samples[i].bytes);
      g_autoptr (GString) expected = g_string_new_len (samples[i].bytes, (gssize) before);
      g_string_append (expected, LABEL);
      g_string_append_len (expected, card + strlen (CARD), (gssize) (samples[i].size - before - strlen (CARD)));
      g_autoptr (DsDecoded) decoded = ds_charset_decode (samples[i].charset, FALSE, samples[i].bytes, samples[i].size);
      g_autoptr (GBytes) spliced = splice (decoded, samples[i].bytes, samples[i].size, CARD, LABEL);
      gsize size;
      const char *bytes = g_bytes_get_data (spliced, &size);
      assert_bytes (bytes, size, expected->str, expected->len);
    }
}

static void
check_splice (const char *charset, const char *bytes, const char *value, const char *label, const char *expected)
{
  g_autoptr (DsDecoded) decoded = ds_charset_decode (charset, FALSE, bytes, strlen (bytes));
  g_autoptr (GBytes) spliced = splice (decoded, bytes, strlen (bytes), value, label);
  gsize size;
  const char *got = g_bytes_get_data (spliced, &size);
  g_autofree char *shown = g_strndup (got, size);
  g_assert_cmpstr (shown, ==, expected);
}

/* Only what the rest relies on is written. */
static void
test_states (void)
{
  check_splice ("iso-2022-jp", "\x1b$BF|K\\8l\x1b(B", "本", "[x]", "\x1b$BF|\x1b(B[x]\x1b$B8l\x1b(B");
  check_splice ("iso-2022-jp", "\x1b$BF|K\\\x1b(B end", "本", "[x]", "\x1b$BF|\x1b(B[x]\x1b(B end");
  check_splice ("iso-2022-jp", "\x1b$BF|\x1b(Ba1\x1b$BK\\\x1b(B", "a1", "[x]", "\x1b$BF|\x1b(B[x]\x1b$BK\\\x1b(B");
  check_splice ("iso-2022-jp", "1\x1b$BF|\x1b(B2\x1b$BK\\\x1b(B", "1日2", "[x]", "[x]\x1b$BK\\\x1b(B");
  check_splice ("iso-2022-jp", "\x1b$BF|", "日", "[x]", "\x1b$B\x1b(B[x]");
  check_splice ("iso-2022-jp", "\x1b(Ja1b", "1", "[x]", "\x1b(Ja\x1b(B[x]\x1b(Jb");
  check_splice ("iso-2022-kr", "\x1b$)C\x0eGQ1[\x0f.", "한", "[x]", "\x1b$)C\x0e\x0f[x]\x0e" "1[\x0f.");
  check_splice ("hz-gb-2312", "~{VPND~}", "中", "~x", "~{~}~~x~{ND~}");
  check_splice ("utf-7", "+ZeVnLIqe- a", "本", "[x]", "+ZeU-[x]+ip4- a");
  check_splice ("utf-7", "+ZeVnLIqe- 123 +ZeU- +ZeU", "123", "[+]", "+ZeVnLIqe- [+-] +ZeU- +ZeU");
  check_splice ("utf-7", "x+ADEAMgAz-y", "123", "[x]", "x[x]y");
  check_splice ("utf-7", "x+ADEAMgAz-y", "23y", "é", "x+ADE-+AOk-");
}

static void
test_splice_refuses (void)
{
  g_autoptr (DsDecoded) decoded = ds_charset_decode ("iso-8859-2", FALSE, "\xb9 1", 3);
  g_autoptr (GArray) edits = ds_edits_new ();
  ds_edits_add (edits, 3, 4, "日");
  g_autoptr (GError) error = NULL;
  g_assert_null (ds_charset_splice (decoded, "\xb9 1", 3, edits, &error));
  g_assert_error (error, DS_ERROR, DS_ERROR_ITEM);
}

/* Each edit stays its own, also in the charsets with states: what lies between two of them is not touched. */
static void
check_edits (const char *charset, const char *bytes, const char *expected)
{
  gsize size = strlen (bytes);
  g_autoptr (DsDecoded) decoded = ds_charset_decode (charset, FALSE, bytes, size);
  g_autoptr (GArray) edits = ds_edits_new ();
  for (gsize i = 0; i < decoded->size; i++)
    if (g_ascii_isdigit (decoded->utf8[i]))
      ds_edits_add (edits, i, i + 1, "[x]");
  g_autoptr (GArray) out = ds_charset_edits (decoded, bytes, size, edits, NULL);
  g_autoptr (GString) got = g_string_new (NULL);
  for (guint i = 0; i < out->len; i++)
    {
      const DsEdit *edit = &g_array_index (out, DsEdit, i);
      g_string_append_printf (got, "%zu-%zu:%s ", edit->span.start, edit->span.end, edit->replacement);
    }
  g_assert_cmpstr (got->str, ==, expected);
}

static void
test_edits (void)
{
  check_edits ("utf-8", "a1b2", "1-2:[x] 3-4:[x] ");
  check_edits ("windows-1252", "\xe9" "1b2", "1-2:[x] 3-4:[x] ");
  check_edits ("iso-2022-jp", "1\x1b$BF|\x1b(B2", "0-1:[x] 9-10:[x] ");
  check_edits ("utf-7", "1a+ZeU-b2+ADMAYQ-", "0-1:[x] 8-9:[x] 9-17:[x]+AGE- ");
}

static void
test_insertions (void)
{
  static const char *const charsets[] = { "utf-7", "iso-2022-jp", "windows-1252", "utf-8" };
  for (guint i = 0; i < G_N_ELEMENTS (charsets); i++)
    {
      g_autoptr (DsDecoded) decoded = ds_charset_decode (charsets[i], FALSE, "ab", 2);
      g_autoptr (GArray) edits = ds_edits_new ();
      ds_edits_add (edits, 0, 0, "1");
      ds_edits_add (edits, 1, 1, "2");
      ds_edits_add (edits, 2, 2, "3");
      g_autoptr (GBytes) out = ds_charset_splice (decoded, "ab", 2, edits, NULL);
      assert_bytes (g_bytes_get_data (out, NULL), g_bytes_get_size (out), "1a2b3", 5);
    }
}

typedef struct
{
  const char *declared, *bytes, *name, *utf8;
  gboolean html, guessed, unknown;
  guint invalid;
} Guess;

static const Guess guesses[] = {
  { NULL, "plain", "us-ascii", "plain", FALSE, FALSE, FALSE, 0 },
  { "US-ASCII", "caf\xc3\xa9", "utf-8", "café", FALSE, TRUE, FALSE, 0 },
  { "us-ascii", "caf\xe9", "windows-1252", "café", FALSE, TRUE, FALSE, 0 },
  { "utf-8", "caf\xe9", "windows-1252", "café", FALSE, TRUE, FALSE, 0 },
  { "\"UTF8\"", "caf\xc3\xa9", "utf-8", "café", FALSE, FALSE, FALSE, 0 },
  { "utf-8; format=flowed", "caf\xc3\xa9", "utf-8", "café", FALSE, FALSE, FALSE, 0 },
  { "utf-8", "\xc3\xa9\xc3\xa9\xff", "utf-8", "éé\xef\xbf\xbd", FALSE, FALSE, FALSE, 1 },
  { "utf-8", "\xef\xbb\xbfx", "utf-8", "x", FALSE, FALSE, FALSE, 0 },
  { "iso-8859-1", "M\xc3\xbcller", "utf-8", "Müller", FALSE, TRUE, FALSE, 0 },
  { "iso-8859-1", "M\xfcller \x80", "windows-1252", "Müller €", FALSE, FALSE, FALSE, 0 },
  { "iso-8859-1", "\xef\xbb\xbfM\xc3\xbc", "utf-8", "Mü", FALSE, TRUE, FALSE, 0 },
  { "windows-1251", "\xff\xfe", "windows-1251", "яю", FALSE, FALSE, FALSE, 0 },
  { "8bit", "caf\xe9", "windows-1252", "café", FALSE, TRUE, FALSE, 0 },
  { "default", "x", "us-ascii", "x", FALSE, FALSE, FALSE, 0 },
  { "klingon", "caf\xe9", "windows-1252", "café", FALSE, TRUE, TRUE, 0 },
  { "klingon", "caf\xc3\xa9", "utf-8", "café", FALSE, TRUE, TRUE, 0 },
  { "us-ascii", "\x1b$BF|K\\\x1b(B", "iso-2022-jp", "日本", FALSE, TRUE, FALSE, 0 },
  { NULL, "\x1b$BF|K\\\x1b(B", "iso-2022-jp", "日本", FALSE, TRUE, FALSE, 0 },
  { "shift_jis", "caf\xc3\xa9 \xe6\x97\xa5", "utf-8", "café 日", FALSE, TRUE, FALSE, 0 },
  { "gb2312", "\xe6\x97\xa5x\xe6\x97\xa5", "utf-8", "日x日", FALSE, TRUE, FALSE, 0 },
  { "iso-2022-jp", "caf\xc3\xa9", "utf-8", "café", FALSE, TRUE, FALSE, 0 },
  { "utf-16", "just ASCII", "utf-8", "just ASCII", FALSE, TRUE, FALSE, 0 },
  { "utf-7", "call +49 170 1234567", "utf-7", "call +49 170 1234567", FALSE, FALSE, FALSE, 0 },
  { NULL, "<meta charset=koi8-r>\xd1", "koi8-r", "<meta charset=koi8-r>я", TRUE, TRUE, FALSE, 0 },
  { NULL, "<META content='text/html; charset=\"windows-1251\"'>\xff", "windows-1251",
    "<META content='text/html; charset=\"windows-1251\"'>я", TRUE, TRUE, FALSE, 0 },
  { NULL, "<?xml version='1.0' encoding='iso-8859-2'?>\xb9", "iso-8859-2",
    "<?xml version='1.0' encoding='iso-8859-2'?>š", TRUE, TRUE, FALSE, 0 },
  { NULL, "<meta charset=utf-16>\xe9", "windows-1252", "<meta charset=utf-16>é", TRUE, TRUE, FALSE, 0 },
  { "shift_jis", "\x83" "4111", "shift_jis", "\xef\xbf\xbd" "4111", FALSE, FALSE, FALSE, 1 },
};

static void
test_guesses (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (guesses); i++)
    {
      const Guess *guess = &guesses[i];
      g_test_message ("%u %s", i, guess->declared);
      g_autoptr (DsDecoded) decoded = ds_charset_decode (guess->declared, guess->html, guess->bytes, strlen (guess->bytes));
      g_assert_cmpstr (decoded->name, ==, guess->name);
      g_assert_cmpstr (decoded->utf8, ==, guess->utf8);
      g_assert_cmpint (decoded->guessed, ==, guess->guessed);
      g_assert_cmpint (decoded->unknown, ==, guess->unknown);
      g_assert_cmpuint (decoded->invalid, ==, guess->invalid);
    }
}

static void
test_undeclared_utf16 (void)
{
  static const char bytes[] = "C\0a\0r\0d\0 \0" "4\0" "1\0" "1\0" "1\0";
  g_autoptr (DsDecoded) little = ds_charset_decode (NULL, FALSE, bytes, sizeof bytes - 1);
  g_assert_cmpstr (little->utf8, ==, "Card 4111");
  g_assert_cmpstr (little->name, ==, "utf-16le");
  g_autoptr (DsDecoded) big = ds_charset_decode ("us-ascii", FALSE, bytes + 1, sizeof bytes - 3);
  g_assert_cmpstr (big->utf8, ==, "ard 4111");
  g_assert_cmpstr (big->name, ==, "utf-16be");
  g_autoptr (DsDecoded) nul = ds_charset_decode ("utf-8", FALSE, "one\0two", 7);
  assert_bytes (nul->utf8, nul->size, "one\0two", 7);
  g_autoptr (DsDecoded) empty = ds_charset_decode (NULL, FALSE, NULL, 0);
  g_assert_cmpuint (empty->size, ==, 0);
}

/* Any bytes in any charset: valid UTF-8, a sound map, and an edit that leaves the rest. */
static void
check_random (const char *charset, const char *bytes, gsize size)
{
  g_autoptr (DsDecoded) decoded = ds_charset_decode (charset, g_test_rand_bit (), bytes, size);
  for (gsize at = 0; at < decoded->size; at += strlen (decoded->utf8 + at) + 1)
    g_assert_true (g_utf8_validate (decoded->utf8 + at, -1, NULL));
  assert_sound (decoded, size);
  if (decoded->size == 0)
    return;
  gsize start = (gsize) g_test_rand_int_range (0, (gint32) decoded->size);
  gsize end = (gsize) g_test_rand_int_range ((gint32) start, (gint32) decoded->size) + 1;
  while (start > 0 && (decoded->utf8[start] & 0xc0) == 0x80)
    start--;
  while (end < decoded->size && (decoded->utf8[end] & 0xc0) == 0x80)
    end++;
  g_autoptr (GArray) edits = ds_edits_new ();
  ds_edits_add (edits, start, end, "[x]");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) out = ds_charset_splice (decoded, bytes, size, edits, &error);
  g_assert_no_error (error);
  g_assert_nonnull (out);
}

static void
test_random (void)
{
  static const char pieces[] = "\x1b$B\x1b(B\x1b(J\x1bN\x1b.A\x0e\x0f~{}~~\n+-+AB/\xff\xfe\xef\xbb\xbf"
                               "\x81\x30\x81\x39\x8f\xa1";
  for (guint round = 0; round < 4000; round++)
    {
      char bytes[96];
      gsize size = (gsize) g_test_rand_int_range (0, sizeof bytes);
      for (gsize i = 0; i < size; i++)
        bytes[i] = g_test_rand_bit () ? pieces[g_test_rand_int_range (0, sizeof pieces)]
                                      : (char) g_test_rand_int_range (round & 1 ? 0x20 : 0, round & 1 ? 0x7f : 256);
      check_random (samples[round % G_N_ELEMENTS (samples)].charset, bytes, size);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ds_charset_preload ();
  g_test_add_func ("/charset/samples", test_samples);
  g_test_add_func ("/charset/untouched-bytes", test_untouched_bytes);
  g_test_add_func ("/charset/states", test_states);
  g_test_add_func ("/charset/splice-refuses", test_splice_refuses);
  g_test_add_func ("/charset/edits", test_edits);
  g_test_add_func ("/charset/insertions", test_insertions);
  g_test_add_func ("/charset/guesses", test_guesses);
  g_test_add_func ("/charset/undeclared-utf16", test_undeclared_utf16);
  g_test_add_func ("/charset/random", test_random);
  return g_test_run ();
}
