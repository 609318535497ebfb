#include "config.h"
#include "content/charset-private.h"
#include <iconv.h>
#include <string.h>

#define NO_CONVERTER ((iconv_t) -1)
enum { SLOT_UNKNOWN, SLOT_INVALID, SLOT_FIRST }; /* of the table of pairs: code point + SLOT_FIRST */

/* Kept for the life of the process: a worker can't open a converter once its cage is closed. */
typedef struct
{
  iconv_t handle;
  gunichar *single; /* 256 */
  guint32 *pairs;   /* 65536, filled as they are met: asking iconv costs 50 times as much */
} Converter;

static void
converter_free (gpointer data)
{
  Converter *converter = data;
  if (converter->handle != NO_CONVERTER)
    iconv_close (converter->handle);
  g_free (converter->single);
  g_free (converter->pairs);
  g_free (converter);
}

/* The one converter of that name, made on first use. */
static Converter *
converter_for (const char *name)
{
  static GHashTable *converters;
  static const char *recent_name; /* a text asks for each of its characters */
  static Converter *recent;
  if (name == recent_name)
    return recent;
  if (converters == NULL)
    converters = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, converter_free);
  recent = g_hash_table_lookup (converters, name);
  recent_name = name;
  if (recent != NULL)
    return recent;
  recent = g_new0 (Converter, 1);
  recent->handle = iconv_open ("UTF-8", name);
  g_hash_table_insert (converters, (gpointer) name, recent);
  return recent;
}

gboolean
ds_charset_available (const DsCharset *charset)
{
  return charset->converter == NULL || converter_for (charset->converter)->handle != NO_CONVERTER;
}

/* Exactly these bytes as one character, of up to two code points (Big5-HKSCS 0x8862); its size in UTF-8, 0 if they are
 * none.  The second call flushes what converters hold back to compose it with what follows (TCVN, CP1258, CP1255). */
static gsize
convert (Converter *converter, const char *bytes, gsize size, char *utf8, gsize room)
{
  if (converter->handle == NO_CONVERTER)
    return 0;
  iconv (converter->handle, NULL, NULL, NULL, NULL);
  char *from = (char *) bytes, *to = utf8;
  gsize left = size, space = room;
  if (iconv (converter->handle, &from, &left, &to, &space) == (size_t) -1 || left != 0)
    return 0;
  if (iconv (converter->handle, NULL, NULL, &to, &space) == (size_t) -1)
    return 0;
  return (gsize) (to - utf8);
}

const gunichar *
ds_charset_single (const DsCharset *charset)
{
  Converter *converter = converter_for (charset->converter);
  if (converter->single != NULL)
    return converter->single;
  converter->single = g_new (gunichar, 256);
  for (guint i = 0; i < 256; i++)
    {
      char byte = (char) i, utf8[DS_CHARSET_ROOM];
      gsize size = convert (converter, &byte, 1, utf8, sizeof utf8);
      gboolean one = size > 0 && g_utf8_next_char (utf8) == utf8 + size;
      converter->single[i] = one ? g_utf8_get_char (utf8) : DS_CHARSET_NONE;
    }
  return converter->single;
}

/* One or two bytes, by table where that gives one code point.  No pair begins with 0: that row is for single bytes. */
static gsize
convert_cached (Converter *converter, const char *bytes, gsize size, char *utf8)
{
  if (converter->pairs == NULL)
    converter->pairs = g_new0 (guint32, 65536);
  guint index = size == 1 ? (guchar) bytes[0] : (guint) (guchar) bytes[0] << 8 | (guchar) bytes[1];
  guint32 *slot = &converter->pairs[index];
  if (*slot == SLOT_INVALID)
    return 0;
  if (*slot != SLOT_UNKNOWN)
    return (gsize) g_unichar_to_utf8 (*slot - SLOT_FIRST, utf8);
  gsize utf8_size = convert (converter, bytes, size, utf8, DS_CHARSET_ROOM);
  if (utf8_size == 0)
    *slot = SLOT_INVALID;
  else if (g_utf8_next_char (utf8) == utf8 + utf8_size)
    *slot = g_utf8_get_char (utf8) + SLOT_FIRST;
  return utf8_size;
}

/* How many bytes a character of three or four that begins like this has: GB18030 has a digit in second place, EUC-TW
 * begins with SS2 and EUC-JP with SS3 (0x8E, 0x8F). */
static gsize
long_size (const char *bytes, gsize size)
{
  if (size >= 3 && (guchar) bytes[0] == 0x8f)
    return 3;
  if (size >= 4 && (g_ascii_isdigit (bytes[1]) || (guchar) bytes[0] == 0x8e))
    return 4;
  return 0;
}

/* Bytes that are no character go one at a time where an ASCII byte follows, so that none is swallowed, and two at a
 * time otherwise, so that one character that is missing from the table does not shift all that follow it. */
gsize
ds_charset_multi (const DsCharset *charset, const char *bytes, gsize size, char *utf8, gsize *utf8_size)
{
  Converter *converter = converter_for (charset->converter);
  if ((*utf8_size = convert_cached (converter, bytes, 1, utf8)) != 0)
    return 1;
  if (size >= 2 && (*utf8_size = convert_cached (converter, bytes, 2, utf8)) != 0)
    return 2;
  gsize more = long_size (bytes, size);
  if (more != 0 && (*utf8_size = convert (converter, bytes, more, utf8, DS_CHARSET_ROOM)) != 0)
    return more;
  if (more == 3 && (bytes[1] & bytes[2] & 0x80) != 0)
    return 3;
  return size >= 2 && (bytes[1] & 0x80) != 0 ? 2 : 1;
}
