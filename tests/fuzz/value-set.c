/* The value set against a search that looks for each value at each place.
 * Input: values, one a line ("=" before one: literal), an empty line, the text. */
#include "config.h"
#include "property.h"
#include "detect/value-set.h"
#include <stdlib.h>
#include <string.h>

#define MOST_VALUES 12

/* The characters that count, and where each came from. */
typedef struct
{
  GArray *characters; /* of gunichar */
  GArray *spans;      /* of DsSpan in the folded text */
} Plain;

static void
take (Plain *plain, gunichar c, gsize start, gsize end)
{
  DsSpan span = { start, end };
  g_array_append_val (plain->characters, c);
  g_array_append_val (plain->spans, span);
}

typedef enum
{
  COMPACT,
  LITERAL,
  WORDS,
} Reading;

static gunichar
last_of (const Plain *plain)
{
  guint n = plain->characters->len;
  return n > 0 ? g_array_index (plain->characters, gunichar, n - 1) : 0;
}

static gboolean
is_parting (gunichar c, Reading reading)
{
  return c == ' ' || c == '\n' || c == '\t' || (reading == WORDS && strchr ("_-+.", (int) c) != NULL);
}

/* A character beyond ASCII: case-folded and decomposed, but for what would be a digit only then (one half, "hour two"). */
static void
take_wide (Plain *plain, gunichar c, gsize start, gsize end, Reading reading)
{
  char utf8[7] = { 0 };
  g_unichar_to_utf8 (c == 0x130 || c == 0x131 ? 'i' : c, utf8);
  g_autofree char *folded = g_utf8_casefold (utf8, -1), *parts = g_utf8_normalize (folded, -1, G_NORMALIZE_NFKD);
  gboolean digits = strcspn (parts, "0123456789") < strlen (parts);
  for (const char *part = digits ? utf8 : parts; *part != '\0'; part = g_utf8_next_char (part))
    {
      gunichar p = g_utf8_get_char (part);
      if (reading != COMPACT || g_unichar_isalnum (p) || g_unichar_ismark (p))
        take (plain, p, start, end);
    }
}

static Plain
plain_of (const char *utf8, gsize size, Reading reading)
{
  Plain plain = { g_array_new (FALSE, FALSE, sizeof (gunichar)), g_array_new (FALSE, FALSE, sizeof (DsSpan)) };
  for (gsize at = 0; at < size;)
    {
      gsize end = at + (gsize) (g_utf8_next_char (utf8 + at) - (utf8 + at));
      gunichar c = g_utf8_get_char (utf8 + at), last = last_of (&plain);
      if (c < 0x80 && c != 0 && is_parting (c, reading))
        {
          gboolean joined = last == ' ' || (reading == LITERAL && last != 0 && last < 0x80 && strchr ("-.@/_", (int) last) != NULL);
          if (reading != COMPACT && !joined)
            take (&plain, ' ', at, end);
        }
      else if (c >= 0x80)
        take_wide (&plain, c, at, end, reading);
      else if (reading != COMPACT || g_ascii_isalnum ((char) c) || c < ' ')
        take (&plain, (gunichar) g_ascii_tolower ((char) c), at, end);
      at = end;
    }
  return plain;
}

static void
plain_clear (Plain *plain)
{
  g_array_unref (plain->characters);
  g_array_unref (plain->spans);
}

/* Of a script whose words have blanks around them. */
static gboolean
is_word (gunichar c)
{
  return g_unichar_isalnum (c) && !ds_is_unspaced (c);
}

static gboolean
is_whole (const char *utf8, gsize size, gsize start, gsize end)
{
  gunichar first = g_utf8_get_char (utf8 + start), last = g_utf8_get_char (g_utf8_prev_char (utf8 + end));
  if (is_word (first) && start > 0 && is_word (g_utf8_get_char (g_utf8_prev_char (utf8 + start))))
    return FALSE;
  if (end < size && g_unichar_ismark (g_utf8_get_char (utf8 + end)))
    return FALSE;
  return !is_word (last) || end >= size || !is_word (g_utf8_get_char (utf8 + end));
}

/* Several words, and nothing but words. */
static gboolean
is_name (const DsFolded *value)
{
  gboolean several = FALSE;
  for (gsize at = 0; at < value->size; at = (gsize) (g_utf8_next_char (value->bytes + at) - value->bytes))
    {
      gunichar c = g_utf8_get_char (value->bytes + at);
      gboolean blank = c == ' ' || c == '\n' || c == '\t';
      if (!blank && !g_unichar_isalnum (c) && !g_unichar_ismark (c) && (c >= 0x80 || strchr ("-.'", (int) c) == NULL))
        return FALSE;
      several |= blank || (c == '-' && g_unichar_isupper (g_utf8_get_char (value->bytes + at + 1)));
    }
  return several;
}

/* Does a character of the text begin there? */
static gboolean
is_boundary (const Plain *text, guint i)
{
  return i == 0 || i == text->spans->len || g_array_index (text->spans, DsSpan, i).start != g_array_index (text->spans, DsSpan, i - 1).start;
}

typedef struct
{
  DsSpan span;
  gboolean must; /* be found */
} Place;

/* One blank or dash may stand between groups of any number and the words of any name; what else may, and of which values the groups
 * are their own, only the value set knows. */
static gboolean
must_be_found (const char *value, const DsSpan *span, const DsFolded *folded, Reading reading)
{
  DsSpan source = ds_span_map_hull (folded->map, span->start, span->end);
  if (memchr (folded->text + source.start, '\t', source.end - source.start) != NULL)
    return FALSE;
  if (reading == COMPACT && strpbrk (value, ".,:/") != NULL)
    return FALSE;
  if (reading == LITERAL && strchr (value, '@') != NULL
      && ((span->start > 0 && strchr (".+-_", folded->bytes[span->start - 1]) != NULL)
          || (folded->bytes[span->end] != '\0' && strchr (".-", folded->bytes[span->end]) != NULL)))
    return FALSE;
  for (gsize i = span->start; i < span->end; i++)
    {
      char c = folded->bytes[i];
      gboolean apart = (guchar) c < 0x80 && !g_ascii_isalnum (c);
      if (apart && ((c != ' ' && c != '-') || (i > 0 && !g_ascii_isalnum (folded->bytes[i - 1]))))
        return FALSE;
      if (apart && reading == LITERAL)
        return FALSE;
    }
  return TRUE;
}

/* Every place of one value. */
static void
search (const char *value, gboolean literal, const DsFolded *folded, GArray *places)
{
  g_autofree char *copy = g_strstrip (g_strdup (value));
  g_autoptr (DsFolded) short_text = ds_fold (copy, strlen (copy), FALSE, FALSE);
  Reading reading = !literal ? COMPACT : is_name (short_text) ? WORDS : LITERAL;
  Plain key = plain_of (short_text->bytes, short_text->size, reading), text = plain_of (folded->bytes, folded->size, reading);
  while (last_of (&key) == ' ')
    g_array_set_size (key.characters, key.characters->len - 1);
  guint n = key.characters->len, skip = n > 0 && g_array_index (key.characters, gunichar, 0) == ' ';
  n -= skip;
  for (guint i = 0; n > 0 && i + n <= text.characters->len; i++)
    if (memcmp (&g_array_index (text.characters, gunichar, i), (const gunichar *) (gconstpointer) key.characters->data + skip, n * sizeof (gunichar)) == 0
        && is_boundary (&text, i) && is_boundary (&text, i + n))
      {
        Place place = { { g_array_index (text.spans, DsSpan, i).start, g_array_index (text.spans, DsSpan, i + n - 1).end }, FALSE };
        place.must = must_be_found (short_text->bytes, &place.span, folded, reading);
        if (is_whole (folded->bytes, folded->size, place.span.start, place.span.end))
          g_array_append_val (places, place);
      }
  plain_clear (&key);
  plain_clear (&text);
}

/* Every byte of it lies in some hit: of two values that overlap nothing may be left either. */
static gboolean
is_covered (const DsSpan *place, const GArray *hits)
{
  gsize reached = place->start;
  for (guint i = 0; i < hits->len; i++)
    {
      const DsValueHit *hit = &g_array_index (hits, DsValueHit, i);
      if (hit->start <= reached && hit->end > reached)
        reached = hit->end;
    }
  return reached >= place->end;
}

/* A hit begins where some value does, and ends where some value does. */
static gboolean
is_place (const DsValueHit *hit, const GArray *places)
{
  gboolean begins = FALSE, ends = FALSE;
  for (guint i = 0; i < places->len; i++)
    {
      const DsSpan *place = &g_array_index (places, Place, i).span;
      begins |= place->start == hit->start;
      ends |= place->end == hit->end;
    }
  return begins && ends;
}

static void
compare (char **values, const char *text)
{
  g_autoptr (DsFolded) folded = ds_fold (text, strlen (text), FALSE, FALSE);
  g_autoptr (DsValueSet) set = ds_value_set_new ();
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (DsValueHit));
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (Place));
  for (guint i = 0; values[i] != NULL && i < MOST_VALUES; i++)
    {
      gboolean literal = values[i][0] == '=';
      if (ds_value_set_add (set, values[i] + literal, literal))
        search (values[i] + literal, literal, folded, places);
    }
  ds_value_set_build (set);
  ds_value_set_find (set, folded, hits);
  for (guint i = 0; i < hits->len; i++)
    {
      const DsValueHit *hit = &g_array_index (hits, DsValueHit, i);
      fuzz_require (hit->end <= folded->size && is_place (hit, places), "a hit [%zu, %zu) where no value is", hit->start, hit->end);
      fuzz_require (i == 0 || hit->start >= g_array_index (hits, DsValueHit, i - 1).end, "hits overlap at %zu", hit->start);
    }
  for (guint i = 0; i < places->len; i++)
    {
      const Place *place = &g_array_index (places, Place, i);
      fuzz_require (!place->must || is_covered (&place->span, hits), "a value at [%zu, %zu) is not found", place->span.start, place->span.end);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *input = g_utf8_make_valid ((const char *) data, (gssize) size);
  char *parting = strstr (input, "\n\n");
  if (parting == NULL)
    return 0;
  *parting = '\0';
  g_auto (GStrv) values = g_strsplit (input, "\n", MOST_VALUES + 1);
  compare (values, parting + 2);
  return 0;
}
