#include "config.h"
#include "content/text-builder.h"
#include <string.h>

/* JSON (RFC 8259), as it is found: one document or one a line, with comments, cut off, or wrong. */

typedef struct
{
  const char *text;
  gsize size;
  gsize at;
  DsTextBuilder visible;
  GArray *numbers; /* of DsQuotedSpan */
} JsonReader;

static int
hex4 (const JsonReader *reader, gsize at)
{
  int value = 0;
  if (reader->size - at < 4)
    return -1;
  for (guint i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (reader->text[at + i]);
      if (digit < 0)
        return -1;
      value = value << 4 | digit;
    }
  return value;
}

/* The character of "\uXXXX" at reader->at, or of two of them that are a surrogate pair, and the length of it all; 0 if
 * they are no character. */
static gsize
read_unicode (const JsonReader *reader, gunichar *character)
{
  int high = hex4 (reader, reader->at + 2);
  *character = (gunichar) high;
  if (high >= 0 && (high < 0xd800 || high >= 0xe000))
    return 6;
  gsize second = reader->at + 6;
  if (high < 0 || high >= 0xdc00 || reader->size - second < 6 || memcmp (reader->text + second, "\\u", 2) != 0)
    return 0;
  int low = hex4 (reader, second + 2);
  if (low < 0xdc00 || low >= 0xe000)
    return 0;
  *character = 0x10000 + ((gunichar) (high - 0xd800) << 10) + (gunichar) (low - 0xdc00);
  return 12;
}

static gsize
read_escaped (const JsonReader *reader, gunichar *character)
{
  static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  if (reader->size - reader->at < 2)
    return 0;
  char letter = reader->text[reader->at + 1];
  if (letter == 'u')
    return reader->size - reader->at >= 6 ? read_unicode (reader, character) : 0;
  const char *found = letter != '\0' ? strchr (letters, letter) : NULL;
  if (found == NULL)
    return 0;
  *character = (gunichar) meanings[found - letters];
  return 2;
}

static void
read_escape (JsonReader *reader)
{
  gunichar character;
  gsize size = read_escaped (reader, &character);
  if (size > 0)
    ds_text_builder_put_char (&reader->visible, reader->at, reader->at + size, character);
  else
    ds_text_builder_copy (&reader->visible, reader->at, reader->at + 1);
  reader->at += MAX (size, 1);
}

/* The inside of a string.  A line break ends it: no string of JSON holds one, and after a quote too many the rest of a
 * file of JSON lines is still read rightly. */
static void
read_string (JsonReader *reader)
{
  while (reader->at < reader->size)
    {
      gsize plain = reader->at;
      while (plain < reader->size && memchr ("\"\\\n", reader->text[plain], 3) == NULL)
        plain++;
      ds_text_builder_copy (&reader->visible, reader->at, plain);
      reader->at = plain;
      if (plain == reader->size)
        return;
      if (reader->text[plain] == '\\')
        {
          read_escape (reader);
          continue;
        }
      ds_text_builder_copy (&reader->visible, plain, plain + 1);
      reader->at = plain + 1;
      return;
    }
}

static gboolean
is_word (char byte)
{
  return g_ascii_isalnum (byte) || byte == '_' || byte == '$' || (byte & 0x80) != 0;
}

/* A bare word; if it is a number, a label in its place needs quotes. */
static void
read_word (JsonReader *reader)
{
  gsize start = reader->at;
  char next = start + 1 < reader->size ? reader->text[start + 1] : '\0';
  gboolean number = g_ascii_isdigit (reader->text[start]) || (reader->text[start] == '-' && g_ascii_isdigit (next));
  for (reader->at++; reader->at < reader->size; reader->at++)
    {
      char byte = reader->text[reader->at];
      if (!is_word (byte) && !(number && memchr (".+-", byte, 3) != NULL))
        break;
    }
  gsize from = reader->visible.utf8->len;
  ds_text_builder_copy (&reader->visible, start, reader->at);
  if (!number)
    return;
  DsQuotedSpan span = { { from, reader->visible.utf8->len }, DS_QUOTING_STRING };
  g_array_append_val (reader->numbers, span);
}

/* Comments are no JSON, but of JSON5 and many configuration files; a quote in one begins no string. */
static gboolean
read_comment (JsonReader *reader)
{
  gsize left = reader->size - reader->at;
  const char *at = reader->text + reader->at;
  const char *end;
  if (left >= 2 && memcmp (at, "//", 2) == 0)
    end = memchr (at, '\n', left);
  else if (left >= 2 && memcmp (at, "/*", 2) == 0)
    end = memmem (at + 2, left - 2, "*/", 2);
  else
    return FALSE;
  gsize to = end != NULL ? (gsize) (end - reader->text) : reader->size;
  ds_text_builder_copy (&reader->visible, reader->at, to);
  reader->at = to;
  return TRUE;
}

static void
read_token (JsonReader *reader)
{
  char byte = reader->text[reader->at];
  if (byte == '/' && read_comment (reader))
    return;
  if (is_word (byte) || byte == '-')
    {
      read_word (reader);
      return;
    }
  ds_text_builder_copy (&reader->visible, reader->at, reader->at + 1);
  reader->at++;
  if (byte == '"')
    read_string (reader);
}

void
ds_read_json (const char *utf8, gsize size, GPtrArray *texts)
{
  JsonReader reader = { .text = utf8, .size = size };
  reader.numbers = g_array_new (FALSE, FALSE, sizeof (DsQuotedSpan));
  ds_text_builder_init (&reader.visible, utf8, size);
  while (reader.at < size)
    read_token (&reader);
  DsText *visible = ds_text_builder_end (&reader.visible, DS_TEXT_VISIBLE);
  visible->quotings = reader.numbers;
  g_ptr_array_add (texts, visible);
}
