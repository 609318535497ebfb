#include "config.h"
#include "content/encoded-word.h"
#include "content/base64.h"
#include "content/charset.h"
#include <string.h>

typedef struct
{
  char *charset;
  char encoding;     /* 'q' or 'b' */
  gsize text, end;   /* the encoded text */
  gsize after;       /* behind "?=" */
} Word;

/* The end of a token up to '?'. */
static gsize
token_end (const char *raw, gsize at, gsize size)
{
  while (at < size && raw[at] != '?' && raw[at] > ' ')
    at++;
  return at;
}

static gboolean
parse_word (const char *raw, gsize at, gsize size, Word *word)
{
  if (size - at < 7 || raw[at] != '=' || raw[at + 1] != '?')
    return FALSE;
  /* An empty charset is none that an honest mail has, and yet is decoded. */
  gsize charset = at + 2, charset_end = token_end (raw, charset, size);
  if (charset_end + 3 >= size || raw[charset_end] != '?' || raw[charset_end + 2] != '?')
    return FALSE;
  word->encoding = g_ascii_tolower (raw[charset_end + 1]);
  if (word->encoding != 'q' && word->encoding != 'b')
    return FALSE;
  word->text = charset_end + 3;
  /* Words should have no blanks in them, nor be folded; those of many programs do, and are.  They never have "?=". */
  for (gsize i = word->text; i + 1 < size; i++)
    if (raw[i] == '?' && raw[i + 1] == '=' && !(word->encoding == 'q' && i == word->text && i + 2 < size && raw[i + 2] == '?'))
      {
        word->end = i;
        word->after = i + 2;
        g_autofree char *name = g_strndup (raw + charset, charset_end - charset);
        char *language = strchr (name, '*'); /* RFC 2231, section 5 */
        if (language != NULL)
          *language = '\0';
        word->charset = g_steal_pointer (&name);
        return TRUE;
      }
  return FALSE;
}

static void
append_q (GString *bytes, const char *text, gsize size)
{
  for (gsize i = 0; i < size; i++)
    {
      int high = text[i] == '=' && i + 2 < size ? g_ascii_xdigit_value (text[i + 1]) : -1;
      int low = high >= 0 ? g_ascii_xdigit_value (text[i + 2]) : -1;
      if (low >= 0)
        {
          g_string_append_c (bytes, (char) (high << 4 | low));
          i += 2;
        }
      else if (text[i] != '\r' && text[i] != '\n')
        g_string_append_c (bytes, text[i] == '_' ? ' ' : text[i]);
    }
}

/* Without the "=" that end nothing, as most decoders pass over them. */
static GString *
without_stray_padding (const char *text, gsize size)
{
  GString *out = g_string_sized_new (size);
  guint digits = 0, pads = 0; /* of the present four */
  for (gsize i = 0; i < size; i++)
    {
      if (text[i] != '=')
        {
          gboolean digit = g_ascii_isalnum (text[i]) || text[i] == '+' || text[i] == '/';
          g_string_append_c (out, text[i]);
          digits = (digits + digit) % 4;
          pads = digit ? 0 : pads;
        }
      else if (digits >= 2 && digits + ++pads == 4)
        {
          g_string_append (out, pads == 2 ? "==" : "=");
          digits = pads = 0;
        }
    }
  return out;
}

static void
append_b (GString *bytes, const char *text, gsize size)
{
  gboolean damaged = FALSE;
  gsize n = 0;
  g_autoptr (GString) clean = without_stray_padding (text, size);
  g_autoptr (GBytes) decoded = ds_base64_decode (clean->str, clean->len, &damaged);
  const char *data = g_bytes_get_data (decoded, &n);
  g_string_append_len (bytes, data, (gssize) n);
}

static gboolean
has (const GString *bytes, const char *text)
{
  return memmem (bytes->str, bytes->len, text, strlen (text)) != NULL;
}

/* Whether a long number stands there in ASCII, perhaps in groups; or the label of what was removed: then it is read as it was with
 * the number. */
static gboolean
has_long_number (const GString *bytes)
{
  enum { LONG = 10 };
  guint digits = 0, between = 0;
  for (gsize i = 0; i < bytes->len && digits < LONG; i++)
    {
      char c = bytes->str[i];
      gboolean digit = g_ascii_isdigit (c);
      between = digit ? 0 : between + 1;
      gboolean goes_on = digit || (between == 1 && (c == ' ' || c == '-' || c == '.'));
      digits = goes_on ? digits + digit : 0;
    }
  return digits >= LONG || has (bytes, " removed]") || has (bytes, "@redacted.invalid");
}

/* A word whose charset is not what it says may look like ISO-2022 by an escape sequence alone: a number in it would be two
 * Japanese characters to us, and a number to others.  (What looks so is of seven bits.) */
static gboolean
hides_number (const DsDecoded *decoded, const GString *bytes)
{
  return decoded->guessed && g_str_has_prefix (decoded->name, "iso-2022-") && has_long_number (bytes);
}

static void
flush (GString *bytes, const char *charset, GString *out)
{
  if (bytes->len == 0)
    return;
  g_autoptr (DsDecoded) decoded = ds_charset_decode (charset, FALSE, bytes->str, bytes->len);
  gboolean as_they_are = hides_number (decoded, bytes);
  const char *text = as_they_are ? bytes->str : decoded->utf8;
  gsize size = as_they_are ? bytes->len : decoded->size;
  for (gsize i = 0; i < size; i++) /* a NUL would hide what follows */
    if (text[i] != '\0')
      g_string_append_c (out, text[i]);
  g_string_truncate (bytes, 0);
}

/* The run that begins at raw[at], or NULL. */
static char *
decode_run (const char *raw, gsize at, gsize size, gsize *end_r)
{
  Word word = { 0 };
  if (!parse_word (raw, at, size, &word))
    return NULL;
  g_autoptr (GString) bytes = g_string_new (NULL);
  GString *out = g_string_new (NULL);
  g_autofree char *charset = g_strdup (word.charset);
  for (;;)
    {
      if (g_ascii_strcasecmp (charset, word.charset) != 0)
        {
          flush (bytes, charset, out);
          g_free (charset);
          charset = g_strdup (word.charset);
        }
      (word.encoding == 'q' ? append_q : append_b) (bytes, raw + word.text, word.end - word.text);
      g_clear_pointer (&word.charset, g_free);
      *end_r = word.after;
      gsize next = word.after;
      while (next < size && strchr (" \t\r\n", raw[next]) != NULL && raw[next] != '\0')
        next++;
      if (!parse_word (raw, next, size, &word))
        break;
    }
  flush (bytes, charset, out);
  return g_string_free (out, FALSE);
}

static gsize
find (const char *raw, gsize at, gsize size, const char *what)
{
  const char *found = at < size ? memmem (raw + at, size - at, what, strlen (what)) : NULL;
  return found != NULL ? (gsize) (found - raw) : size;
}

char *
ds_encoded_words_next (const char *raw, gsize at, gsize size, gsize *start_r, gsize *end_r)
{
  gsize close = at; /* the next "?=": kept, so that each byte is searched once, whatever openings without an end there are */
  for (;;)
    {
      at = find (raw, at, size, "=?");
      if (at >= size)
        return NULL;
      if (close < at + 2)
        close = find (raw, at + 2, size, "?=");
      if (close >= size)
        return NULL;
      char *words = decode_run (raw, at, size, end_r);
      *start_r = at;
      if (words != NULL)
        return words;
      at += 2;
    }
}

/* ---- encoding ---- */

/* RFC 2047, section 2: a word, delimiters and charset included. */
#define WORD_LENGTH 75
/* The first one stands behind a field's name. */
#define FIRST_LENGTH 60
/* Longer text is encoded, so that it can be folded anywhere: a line has at most 998 characters. */
#define PLAIN_LENGTH 200
#define WORD_START "=?utf-8?q?"
#define WORD_END "?="

static gboolean
is_plain (const char *utf8, gboolean phrase)
{
  if (strlen (utf8) > PLAIN_LENGTH || strstr (utf8, "=?") != NULL)
    return FALSE;
  for (const char *at = utf8; *at != '\0'; at++)
    {
      gboolean atom = *at == ' ' || g_ascii_isalnum (*at) || strchr ("!#$%&'*+-/=?^_`{|}~", *at) != NULL;
      if (!g_ascii_isprint (*at) || (phrase && !atom))
        return FALSE;
    }
  return TRUE;
}

/* RFC 2047, section 5 (3): what may stand in any word as it is. */
static void
append_encoded (const char *character, gsize length, GString *out)
{
  for (gsize i = 0; i < length; i++)
    {
      guchar c = (guchar) character[i];
      if (g_ascii_isalnum (c) || strchr ("!*+-/", c) != NULL)
        g_string_append_c (out, (char) c);
      else if (c == ' ')
        g_string_append_c (out, '_');
      else
        g_string_append_printf (out, "=%02X", c);
    }
}

char *
ds_encoded_words_encode (const char *utf8, gboolean phrase, const char *eol)
{
  if (is_plain (utf8, phrase))
    return g_strdup (utf8);
  GString *out = g_string_new (WORD_START);
  g_autoptr (GString) unit = g_string_new (NULL);
  gsize line = 0, limit = FIRST_LENGTH; /* where the present word begins */
  for (const char *at = utf8; *at != '\0'; at = g_utf8_next_char (at))
    {
      g_string_truncate (unit, 0);
      append_encoded (at, (gsize) (g_utf8_next_char (at) - at), unit);
      if (out->len - line + unit->len + strlen (WORD_END) > limit)
        {
          g_string_append_printf (out, WORD_END "%s ", eol);
          line = out->len;
          limit = WORD_LENGTH;
          g_string_append (out, WORD_START);
        }
      g_string_append_len (out, unit->str, (gssize) unit->len);
    }
  g_string_append (out, WORD_END);
  return g_string_free (out, FALSE);
}
