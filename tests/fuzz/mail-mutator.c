/* A mutator that knows mail, for the programs whose input is one: it moves, wraps and encodes parts, and writes values the
 * ways people and programs write them.  Chance alone gets none of that right. */
#include "config.h"
#include "property.h"
#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerMutate (uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator (uint8_t *data, size_t size, size_t max_size, unsigned int seed);

static const char *const fields[] = {
  "Content-Type: text/html; charset=utf-8", "Content-Type: text/plain; charset=iso-8859-1; format=flowed; delsp=yes",
  "Content-Type: text/plain; charset=utf-16", "Content-Type: text/plain; charset=utf-7", "Content-Type: text/plain; charset=iso-2022-jp",
  "Content-Type: application/json", "Content-Type: text/calendar", "Content-Type: text/csv; name=a.csv", "Content-Type: image/png",
  "Content-Type: application/octet-stream; name=\"mail.eml\"", "Content-Type: message/rfc822", "Content-Type: multipart/mixed; boundary=b",
  "Content-Type: multipart/alternative; boundary=\"bb\"", "Content-Type: multipart/digest; boundary=b", "Content-Type: text/rfc822-headers",
  "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: quoted-printable", "Content-Transfer-Encoding: 8bit",
  "Content-Transfer-Encoding: x-uuencode", "Content-Disposition: attachment; filename=\"jane@example.org.pdf\"",
  "Content-Disposition: attachment;\n filename*0*=utf-8''DE89370400;\n filename*1*=440532013000.txt", "To: Jane Doe <jane@example.org>, \"4111 1111 1111 1111\" <a@example.org>",
  "From: =?utf-8?q?Jane_=3Cjane=40example=2Eorg=3E?= <jane@example.org>", "Subject: =?utf-8?B?NDExMSAxMTExIDExMTEgMTExMQ==?= and\n =?iso-8859-1?Q?DE89_3704_0044_0532_0130_00?=",
  "Subject: card 4111 1111\n 1111 1111", "X-Deskshred: v=1; id=aaaaaaaaaaaa; type=text/plain; size=1; time=2024-05-01T12:00:00Z; reason=verified",
  "MIME-Version: 1.0", "Message-ID: <a@example.org>", "no field at all", "Received: from a (b [192.0.2.1]) by c",
};

static const char *const values[] = {
  "4111 1111 1111 1111", "4111-1111-1111-1111", "DE89 3704 0044 0532 0130 00", "DE89370400440532013000", "jane@example.org",
  "jane=40example=2Eorg", "4111&nbsp;1111<b>1111</b>&#32;1111", "+41111=\n11111=\n111111", "4111\302\2401111\342\200\2131111 1111",
  "\357\274\224111 1111 1111 1111", "4111 1111\n> 1111 1111", "<a href=\"mailto:jane%40example.org?cc=bob@example.org\">", "NDExMTExMTExMTExMTExMQ==",
  "password: tr0ub4dor&3", "{\"iban\": \"DE89\\u0033704 0044 0532 0130 00\", \"card\": 4111111111111111}", "[credit-card removed]", "[email-removed]",
  "begin 644 jane@example.org.txt\n.:F%N94!E>&%M<&QE+F]R9P``\n`\nend\n", "[An attachment was removed here.]\n\nWhat it was: .pdf file, 9 bytes\nType: application/pdf\nRemoved: 2024 by x\nReason: verified\nRecord: aaaaaaaaaaaa\n",
  "-----BEGIN PGP MESSAGE-----\n", "From jane@example.org Wed May  1 12:00:00 2024\n", "From here\n", "\n--b\n", "\n--b--\n", "\n--bb\n", "\n\n", "\r\n",
  "+AC0-", "\x1b$B\x46\x7c\x1b(B", "=\n", "<!-- jane@example.org -->", "BEGIN:VCARD\nEMAIL;TYPE=work:jane@exa\n mple.org\nEND:VCARD\n",
};

static gsize
random_at (GRand *random, gsize size)
{
  return g_rand_int (random) % (size + 1);
}

static const char *
one_of (GRand *random, const char *const *list, gsize n)
{
  return list[g_rand_int (random) % n];
}

/* The start of some line. */
static gsize
random_line (GRand *random, const GString *mail)
{
  gsize at = random_at (random, mail->len);
  while (at > 0 && mail->str[at - 1] != '\n')
    at--;
  return at;
}

static void
add_field (GRand *random, GString *mail)
{
  g_autofree char *line = g_strconcat (one_of (random, fields, G_N_ELEMENTS (fields)), "\n", NULL);
  g_string_insert (mail, (gssize) (g_rand_boolean (random) ? 0 : random_line (random, mail)), line);
}

static void
add_value (GRand *random, GString *mail)
{
  g_string_insert (mail, (gssize) random_at (random, mail->len), one_of (random, values, G_N_ELEMENTS (values)));
}

/* ---- encoding ---- */

static char *
to_base64 (GRand *random, const char *bytes, gsize size)
{
  g_autofree char *plain = g_base64_encode ((const guchar *) bytes, size);
  GString *out = g_string_new (NULL);
  gsize line = 4 * (gsize) g_rand_int_range (random, 4, 25);
  for (gsize at = 0; at < strlen (plain); at += line)
    g_string_append_printf (out, "%.*s\n", (int) line, plain + at);
  return g_string_free (out, FALSE);
}

static char *
to_quoted_printable (GRand *random, const char *bytes, gsize size)
{
  GString *out = g_string_new (NULL);
  guint often = 1 + g_rand_int (random) % 8;
  for (gsize i = 0; i < size; i++)
    {
      if (bytes[i] == '\n')
        g_string_append_c (out, '\n');
      else if (bytes[i] == '=' || (bytes[i] & 0x80) != 0 || g_rand_int (random) % often == 0)
        g_string_append_printf (out, "=%02X", (guchar) bytes[i]);
      else
        g_string_append_c (out, bytes[i]);
      if (g_rand_int (random) % 40 == 0)
        g_string_append (out, "=\n");
    }
  return g_string_free (out, FALSE);
}

static char *
to_charset (GRand *random, const char *bytes, gsize size, gsize *size_r, const char **name_r)
{
  static const char *const names[] = { "utf-16", "utf-16le", "utf-7", "iso-8859-1", "windows-1252", "iso-2022-jp", "shift_jis", "gb18030", "euc-kr", "utf-32", "koi8-r" };
  *name_r = one_of (random, names, G_N_ELEMENTS (names));
  return g_convert (bytes, (gssize) size, *name_r, "utf-8", NULL, size_r, NULL);
}

/* Some body: what is between an empty line and the next line of dashes. */
static gboolean
find_body (GRand *random, const GString *mail, gsize *start_r, gsize *end_r)
{
  gsize at = random_at (random, mail->len);
  const char *empty = strstr (mail->str + at, "\n\n");
  if (empty == NULL)
    empty = strstr (mail->str, "\n\n");
  if (empty == NULL)
    return FALSE;
  const char *end = strstr (empty + 2, "\n--");
  *start_r = (gsize) (empty + 2 - mail->str);
  *end_r = end != NULL && g_rand_int (random) % 4 != 0 ? (gsize) (end - mail->str) : mail->len;
  return *start_r < *end_r;
}

/* Replaces the body, and says so in a field before the empty line. */
static void
put_body (GString *mail, gsize start, gsize end, const char *field, const char *bytes, gsize size)
{
  g_string_erase (mail, (gssize) start, (gssize) (end - start));
  g_string_insert_len (mail, (gssize) start, bytes, (gssize) size);
  g_string_insert (mail, (gssize) start - 1, "\n");
  g_string_insert (mail, (gssize) start - 1, field);
}

static void
encode_body (GRand *random, GString *mail)
{
  gsize start = 0, end = 0, size = 0;
  const char *charset = NULL;
  if (!find_body (random, mail, &start, &end))
    return;
  const char *body = mail->str + start;
  guint how = g_rand_int (random) % 3;
  g_autofree char *bytes = how == 0   ? to_base64 (random, body, end - start)
                           : how == 1 ? to_quoted_printable (random, body, end - start)
                                      : to_charset (random, body, end - start, &size, &charset);
  if (bytes == NULL)
    return;
  g_autofree char *field = charset != NULL ? g_strdup_printf ("Content-Type: text/plain; charset=%s", charset) : NULL;
  put_body (mail, start, end, how == 0 ? "Content-Transfer-Encoding: base64" : how == 1 ? "Content-Transfer-Encoding: quoted-printable" : field,
            bytes, charset != NULL ? size : strlen (bytes));
}

/* ---- structure ---- */

/* The whole mail becomes a part of another, as it is or encoded. */
static void
wrap_mail (GRand *random, GString *mail)
{
  static const char *const types[] = { "message/rfc822", "message/rfc822", "application/octet-stream; name=a.eml", "text/rfc822-headers", "text/plain" };
  guint how = g_rand_int (random) % 3;
  char boundary = (char) ('a' + g_rand_int (random) % 4);
  g_autofree char *inner = how == 0   ? g_strndup (mail->str, mail->len)
                           : how == 1 ? to_base64 (random, mail->str, mail->len)
                                      : to_quoted_printable (random, mail->str, mail->len);
  static const char *const encodings[] = { "7bit", "base64", "quoted-printable" };
  g_string_printf (mail, "Subject: wrapped\nContent-Type: multipart/mixed; boundary=%c\n\npreamble\n--%c\n\ntext jane@example.org\n--%c\n"
                         "Content-Type: %s\nContent-Transfer-Encoding: %s\n\n%s\n--%c--\nepilogue\n",
                   boundary, boundary, boundary, one_of (random, types, G_N_ELEMENTS (types)), encodings[how], inner, boundary);
}

static void
wrap_body (GRand *random, GString *mail)
{
  gsize start = 0, end = 0;
  if (!find_body (random, mail, &start, &end))
    return;
  static const char *const types[] = { "mixed", "alternative", "related", "signed", "report", "digest" };
  char boundary = (char) ('a' + g_rand_int (random) % 4);
  g_autofree char *body = g_strndup (mail->str + start, end - start);
  g_autofree char *bytes = g_strdup_printf ("--%c\nContent-Type: text/plain\n\n%s\n--%c\nContent-Type: text/html\n\n<p>%s</p>\n--%c--\n", boundary, body,
                                            boundary, one_of (random, values, G_N_ELEMENTS (values)), boundary);
  g_autofree char *field = g_strdup_printf ("Content-Type: multipart/%s; boundary=%c", one_of (random, types, G_N_ELEMENTS (types)), boundary);
  put_body (mail, start, end, field, bytes, strlen (bytes));
}

static void
change_line_ends (GRand *random, GString *mail)
{
  static const char *const ends[] = { "\n", "\r\n", "\r" };
  gsize from = g_rand_boolean (random) ? 0 : random_line (random, mail);
  const char *end = ends[g_rand_int (random) % 8 == 0 ? 2 : g_rand_int (random) % 2];
  g_autoptr (GString) out = g_string_new_len (mail->str, (gssize) from);
  for (gsize i = from; i < mail->len; i++)
    {
      gboolean pair = mail->str[i] == '\r' && i + 1 < mail->len && mail->str[i + 1] == '\n';
      if (pair || mail->str[i] == '\n' || mail->str[i] == '\r')
        g_string_append (out, end);
      else
        g_string_append_c (out, mail->str[i]);
      i += pair;
    }
  g_string_truncate (mail, 0);
  g_string_append_len (mail, out->str, (gssize) out->len);
}

/* Some lines again at another place, or gone. */
static void
move_lines (GRand *random, GString *mail)
{
  gsize start = random_line (random, mail), end = random_line (random, mail);
  if (start > end)
    {
      gsize other = start;
      start = end;
      end = other;
    }
  g_autofree char *lines = g_memdup2 (mail->str + start, end - start + 1);
  if (g_rand_int (random) % 3 != 0)
    g_string_insert_len (mail, (gssize) random_line (random, mail), lines, (gssize) (end - start));
  else if (end - start < mail->len)
    g_string_erase (mail, (gssize) start, (gssize) (end - start));
}

static void
fold_line (GRand *random, GString *mail)
{
  static const char *const folds[] = { "\n ", "\r\n\t", "\n  ", " \n", "\n> ", "=\n", "\n" };
  g_string_insert (mail, (gssize) random_at (random, mail->len), one_of (random, folds, G_N_ELEMENTS (folds)));
}

size_t
LLVMFuzzerCustomMutator (uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
  static void (*const mutators[]) (GRand *, GString *) = { add_field, add_value, add_value, encode_body, wrap_mail, wrap_body, change_line_ends, move_lines, fold_line };
  GRand *random = g_rand_new_with_seed (seed);
  gsize result = 0;
  if (g_rand_int (random) % 3 != 0)
    {
      g_autoptr (GString) mail = g_string_new_len ((const char *) data, (gssize) size);
      guint rounds = 1 + g_rand_int (random) % 3;
      for (guint i = 0; i < rounds; i++)
        mutators[g_rand_int (random) % G_N_ELEMENTS (mutators)](random, mail);
      result = MIN (mail->len, max_size);
      memcpy (data, mail->str, result);
    }
  if (result == 0 || g_rand_int (random) % 4 == 0)
    result = LLVMFuzzerMutate (data, result != 0 ? result : size, max_size);
  g_rand_free (random);
  return result;
}
