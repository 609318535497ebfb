#include "config.h"
#include "detect/context.h"
#include "detect/fold.h"
#include <string.h>

char **
ds_context_prepare (char *const *words)
{
  GPtrArray *prepared = g_ptr_array_new ();
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    {
      g_autoptr (DsFolded) folded = ds_fold (words[i], strlen (words[i]), FALSE, FALSE);
      g_ptr_array_add (prepared, g_utf8_casefold (folded->bytes, (gssize) folded->size));
    }
  g_ptr_array_add (prepared, NULL);
  return (char **) g_ptr_array_free (prepared, FALSE);
}

static gboolean
is_word_character (gunichar c)
{
  return (g_unichar_isalnum (c) && !ds_is_unspaced (c)) || c == '_';
}

/* Presidio's "lic" in "dupLICate": a context word counts only as a whole word. */
static gboolean
stands_alone (const char *window, const char *at, gsize length)
{
  gunichar first = g_utf8_get_char (at);
  const char *last = g_utf8_find_prev_char (window, at + length);
  if (at > window && is_word_character (first) && is_word_character (g_utf8_get_char (g_utf8_prev_char (at))))
    return FALSE;
  return at[length] == '\0' || last == NULL || !is_word_character (g_utf8_get_char (last))
         || !is_word_character (g_utf8_get_char (at + length));
}

static gboolean
has_word_as_written (const char *window, char *const *words)
{
  for (guint i = 0; words[i] != NULL; i++)
    {
      gsize length = strlen (words[i]);
      for (const char *at = strstr (window, words[i]); at != NULL; at = strstr (at + 1, words[i]))
        if (stands_alone (window, at, length))
          return TRUE;
    }
  return FALSE;
}

/* "N.H.S." is "NHS". */
static gboolean
has_word (char *window, char *const *words)
{
  if (has_word_as_written (window, words))
    return TRUE;
  if (strchr (window, '.') == NULL)
    return FALSE;
  char *out = window;
  for (const char *in = window; *in != '\0'; in++)
    if (*in != '.')
      *out++ = *in;
  *out = '\0';
  return has_word_as_written (window, words);
}

/* ASCII casefolded is ASCII in lower case, and much sooner so: a text may have a candidate at each byte. */
static char *
ascii_window (const char *folded, gsize start, gsize end)
{
  char *window = g_malloc (end - start + 1), *out = window;
  for (gsize i = start; i < end; i++)
    {
      if ((folded[i] & 0x80) != 0 || folded[i] == '\0')
        {
          g_free (window);
          return NULL;
        }
      *out++ = folded[i] == '\n' ? ' ' : g_ascii_tolower (folded[i]);
    }
  *out = '\0';
  return window;
}

/* A piece of folded text, cut at whole characters, NUL and line breaks made blanks, casefolded. */
static char *
window_of (const char *folded, gsize start, gsize end)
{
  while (start < end && ((guchar) folded[start] & 0xc0) == 0x80)
    start++;
  char *ascii = ascii_window (folded, start, end);
  if (ascii != NULL)
    return ascii;
  g_autofree char *raw = g_utf8_make_valid (folded + start, (gssize) (end - start));
  for (char *at = raw; *at != '\0'; at++)
    if (*at == '\n')
      *at = ' ';
  return g_utf8_casefold (raw, -1);
}

/* So many characters before at, and after: a byte that is none counts as one. */
static gsize
characters_before (const char *folded, gsize at, guint characters)
{
  for (; characters > 0 && at > 0; characters--)
    for (at--; at > 0 && ((guchar) folded[at] & 0xc0) == 0x80;)
      at--;
  return at;
}

static gsize
characters_after (const char *folded, gsize size, gsize at, guint characters)
{
  for (; characters > 0 && at < size; characters--)
    for (at++; at < size && ((guchar) folded[at] & 0xc0) == 0x80;)
      at++;
  return at;
}

gboolean
ds_context_near (char *const *words, guint distance, const char *folded, gsize size, gsize start, gsize end)
{
  if (words == NULL || words[0] == NULL)
    return FALSE;
  g_autofree char *before = window_of (folded, characters_before (folded, start, distance), start);
  if (has_word (before, words))
    return TRUE;
  g_autofree char *after = window_of (folded, end, characters_after (folded, size, end, distance));
  return has_word (after, words);
}
