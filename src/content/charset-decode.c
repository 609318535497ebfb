#include "config.h"
#include "content/charset-private.h"
#include <string.h>

void
ds_decode_put_invalid (DsTextBuilder *builder, gsize start, gsize end)
{
  ds_text_builder_put (builder, start, end, "\xef\xbf\xbd", 3);
}

gsize
ds_ascii_run (const char *bytes, gsize start, gsize size)
{
  gsize at = start;
  for (; size - at >= sizeof (guint64); at += sizeof (guint64))
    {
      guint64 eight;
      memcpy (&eight, bytes + at, sizeof eight);
      if ((eight & G_GUINT64_CONSTANT (0x8080808080808080)) != 0)
        break;
    }
  while (at < size && (bytes[at] & 0x80) == 0)
    at++;
  return at;
}

/* The end of the UTF-8 that begins at start: g_utf8_validate_len stops at NUL, which is a character like others. */
static gsize
utf8_run (const char *bytes, gsize start, gsize size)
{
  gsize at = start;
  while (at < size)
    {
      const char *end;
      if (g_utf8_validate_len (bytes + at, size - at, &end))
        return size;
      at = (gsize) (end - bytes);
      if (bytes[at] != '\0')
        return at;
      at++;
    }
  return at;
}

gboolean
ds_is_utf8 (const char *bytes, gsize size)
{
  return utf8_run (bytes, 0, size) == size;
}

guint
ds_decode_utf8 (DsTextBuilder *builder, gsize start, gsize size)
{
  guint invalid = 0;
  for (gsize at = start; at < size;)
    {
      gsize end = utf8_run (builder->source, at, size);
      ds_text_builder_copy (builder, at, end);
      if (end < size)
        {
          ds_decode_put_invalid (builder, end, end + 1);
          invalid++;
          end++;
        }
      at = end;
    }
  return invalid;
}

static gboolean
is_ascii_compatible (const gunichar *table)
{
  for (guint i = 0; i < 0x80; i++)
    if (table[i] != i)
      return FALSE;
  return TRUE;
}

guint
ds_decode_single (const DsCharset *charset, DsTextBuilder *builder, gsize size)
{
  const gunichar *table = ds_charset_single (charset);
  gboolean ascii = is_ascii_compatible (table);
  guint invalid = 0;
  for (gsize at = 0; at < size; at++)
    {
      gsize plain = ascii ? ds_ascii_run (builder->source, at, size) : at;
      ds_text_builder_copy (builder, at, plain);
      if ((at = plain) == size)
        break;
      gunichar character = table[(guchar) builder->source[at]];
      if (character == DS_CHARSET_NONE)
        invalid++;
      ds_text_builder_put_char (builder, at, at + 1, character == DS_CHARSET_NONE ? 0xfffd : character);
    }
  return invalid;
}

guint
ds_decode_multi (const DsCharset *charset, DsTextBuilder *builder, gsize size)
{
  guint invalid = 0;
  for (gsize at = 0; at < size;)
    {
      gsize plain = ds_ascii_run (builder->source, at, size);
      ds_text_builder_copy (builder, at, plain);
      if ((at = plain) == size)
        break;
      char utf8[DS_CHARSET_ROOM];
      gsize utf8_size, used = ds_charset_multi (charset, builder->source + at, size - at, utf8, &utf8_size);
      if (utf8_size > 0)
        ds_text_builder_put (builder, at, at + used, utf8, utf8_size);
      else
        {
          ds_decode_put_invalid (builder, at, at + used);
          invalid++;
        }
      at += used;
    }
  return invalid;
}

guint
ds_wide_unit (const DsCharset *charset)
{
  return g_str_has_prefix (charset->name, "utf-32") ? 4 : 2;
}

gboolean
ds_wide_is_big_endian (const DsCharset *charset)
{
  return g_str_has_suffix (charset->name, "be");
}

static guint32
read_unit (const char *bytes, guint unit, gboolean big_endian)
{
  guint32 value = 0;
  for (guint i = 0; i < unit; i++)
    value = value << 8 | (guchar) bytes[big_endian ? i : unit - 1 - i];
  return value;
}

#define IS_HIGH_SURROGATE(unit) ((unit) >= 0xd800 && (unit) < 0xdc00)
#define IS_LOW_SURROGATE(unit) ((unit) >= 0xdc00 && (unit) < 0xe000)

guint
ds_decode_wide (const DsCharset *charset, DsTextBuilder *builder, gsize start, gsize size)
{
  guint unit = ds_wide_unit (charset), invalid = 0;
  gboolean big_endian = ds_wide_is_big_endian (charset);
  gsize at = start;
  while (size - at >= unit)
    {
      guint32 character = read_unit (builder->source + at, unit, big_endian);
      gsize used = unit;
      if (unit == 2 && IS_HIGH_SURROGATE (character) && size - at >= 4)
        {
          guint32 low = read_unit (builder->source + at + 2, unit, big_endian);
          if (IS_LOW_SURROGATE (low))
            {
              character = 0x10000 + ((character - 0xd800) << 10) + (low - 0xdc00);
              used = 4;
            }
        }
      gboolean valid = character < 0x110000 && !IS_HIGH_SURROGATE (character) && !IS_LOW_SURROGATE (character);
      ds_text_builder_put_char (builder, at, at + used, valid ? character : 0xfffd);
      invalid += !valid;
      at += used;
    }
  if (at < size)
    {
      ds_decode_put_invalid (builder, at, size);
      invalid++;
    }
  return invalid;
}
