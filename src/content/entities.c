#include "config.h"
#include "content/entities.h"
#include "content/entities-private.h"
#include <string.h>

enum { LONGEST_NAME = 31, LONGEST_LEGACY = 6, SHORTEST_LEGACY = 2 };

static const DsEntity *
find (const char *name, gsize size)
{
  guint low = 0, high = ds_n_entities;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      int order = strncmp (name, ds_entities[middle].name, size);
      if (order == 0 && ds_entities[middle].name[size] == '\0')
        return &ds_entities[middle];
      if (order <= 0)
        high = middle;
      else
        low = middle + 1;
    }
  return NULL;
}

/* What windows-1252 has there, since that is what was meant (13.2.5.80). */
static gunichar
repair (gunichar character)
{
  static const guint16 c1[] = { 0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
                                0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
                                0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178 };
  if (character >= 0x80 && character < 0xa0)
    return c1[character - 0x80];
  if (character == 0 || character > 0x10ffff || (character >= 0xd800 && character < 0xe000))
    return 0xfffd;
  return character;
}

static gsize
read_number (const char *text, gsize size, char *utf8, gsize *utf8_size)
{
  gboolean hex = size > 2 && (text[2] == 'x' || text[2] == 'X');
  gsize first = hex ? 3 : 2, at = first;
  gunichar character = 0;
  for (; at < size; at++)
    {
      int digit = hex ? g_ascii_xdigit_value (text[at]) : g_ascii_digit_value (text[at]);
      if (digit < 0)
        break;
      if (character <= 0x10ffff)
        character = character * (hex ? 16 : 10) + (gunichar) digit;
    }
  if (at == first)
    return 0;
  *utf8_size = (gsize) g_unichar_to_utf8 (repair (character), utf8);
  return at < size && text[at] == ';' ? at + 1 : at;
}

static gsize
take (const DsEntity *entity, gsize length, char *utf8, gsize *utf8_size)
{
  *utf8_size = strlen (entity->utf8);
  memcpy (utf8, entity->utf8, *utf8_size);
  return length;
}

/* Without its semicolon a legacy name counts even as the beginning of a longer word, save in an attribute. */
static gsize
read_legacy (const char *text, gsize length, gsize size, gboolean attribute, char *utf8, gsize *utf8_size)
{
  for (gsize n = MIN (length, LONGEST_LEGACY); n >= SHORTEST_LEGACY; n--)
    {
      const DsEntity *entity = find (text + 1, n);
      if (entity == NULL || !entity->legacy)
        continue;
      char next = 1 + n < size ? text[1 + n] : '\0';
      if (attribute && (next == '=' || g_ascii_isalnum (next)))
        return 0;
      return take (entity, 1 + n, utf8, utf8_size);
    }
  return 0;
}

gsize
ds_entity_read (const char *text, gsize size, gboolean attribute, char *utf8, gsize *utf8_size)
{
  if (size > 1 && text[1] == '#')
    return read_number (text, size, utf8, utf8_size);
  gsize length = 0;
  while (length < LONGEST_NAME && 1 + length < size && g_ascii_isalnum (text[1 + length]))
    length++;
  if (length == 0)
    return 0;
  if (1 + length < size && text[1 + length] == ';')
    {
      const DsEntity *entity = find (text + 1, length);
      if (entity != NULL)
        return take (entity, 2 + length, utf8, utf8_size);
    }
  return read_legacy (text, length, size, attribute, utf8, utf8_size);
}
