#include "config.h"
#include "base/flat.h"
#include <string.h>

guint
ds_flat_write_number (guint8 *bytes, guint64 number)
{
  guint n = 0;
  for (; number >= 0x80; number >>= 7)
    bytes[n++] = (guint8) (number | 0x80);
  bytes[n++] = (guint8) number;
  return n;
}

void
ds_flat_put_number (GByteArray *flat, guint64 number)
{
  guint8 bytes[DS_FLAT_MOST_BYTES];
  g_byte_array_append (flat, bytes, ds_flat_write_number (bytes, number));
}

void
ds_flat_put_text (GByteArray *flat, const char *text)
{
  if (text == NULL)
    {
      ds_flat_put_number (flat, 0);
      return;
    }
  gsize length = strlen (text);
  ds_flat_put_number (flat, length + 1);
  g_byte_array_append (flat, (const guint8 *) text, (guint) length + 1);
}

DsFlatReader
ds_flat_reader (GBytes *bytes)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  return (DsFlatReader){ data, data + size, FALSE };
}

static void
spoil (DsFlatReader *reader)
{
  reader->bad = TRUE;
  reader->at = reader->end;
}

guint64
ds_flat_number (DsFlatReader *reader)
{
  guint64 number = 0;
  for (guint i = 0; reader->at < reader->end && i < DS_FLAT_MOST_BYTES; i++)
    {
      guint8 byte = *reader->at++;
      number |= (guint64) (byte & 0x7f) << (7 * i);
      if (byte < 0x80)
        return number;
    }
  spoil (reader);
  return 0;
}

guint64
ds_flat_number_to (DsFlatReader *reader, guint64 most)
{
  guint64 number = ds_flat_number (reader);
  if (number <= most)
    return number;
  spoil (reader);
  return 0;
}

gsize
ds_flat_count (DsFlatReader *reader)
{
  guint64 count = ds_flat_number (reader);
  if (count <= (guint64) (reader->end - reader->at))
    return (gsize) count;
  spoil (reader);
  return 0;
}

const char *
ds_flat_text (DsFlatReader *reader)
{
  guint64 size = ds_flat_number (reader);
  if (size == 0)
    return NULL;
  const char *text = (const char *) reader->at;
  if (size > (guint64) (reader->end - reader->at) || memchr (text, '\0', size) != text + size - 1)
    {
      spoil (reader);
      return NULL;
    }
  reader->at += size;
  return text;
}

const char *
ds_flat_some_text (DsFlatReader *reader)
{
  const char *text = ds_flat_text (reader);
  if (text == NULL)
    spoil (reader);
  return text;
}

gboolean
ds_flat_is_done (const DsFlatReader *reader)
{
  return !reader->bad && reader->at == reader->end;
}
