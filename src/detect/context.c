#include "config.h"
#include "detect/context.h"
#include "detect/fold.h"
#include <string.h>

/* Letters that are no other letter with a mark to Unicode, and that people write as such. */
static const struct
{
  gunichar letter;
  const char *plain;
} plain_letters[] = { { 0x00e6, "ae" }, { 0x00f0, "d" }, { 0x00f8, "o" },  { 0x00fe, "th" }, { 0x0111, "d" },
                      { 0x0131, "i" },  { 0x0142, "l" }, { 0x0153, "oe" }, { 0x03c2, "\xcf\x83" } };

/* What is compared: letters and digits, case-folded, without marks.  Each byte has a flag, and so has the end. */
typedef struct
{
  char *letters;
  guint8 *flags;
  gsize n;
} Plain;

/* Of a byte, and of the gap before it. */
enum
{
  GAP_BLANK = 1, /* a blank */
  GAP_MARK = 2,  /* a mark that people set within a word: "St.-Nr." */
  GAP_EDGE = 4,  /* a word begins or ends here */
  ACCENTED = 8,  /* the letter has marks, or is written as another one */
};

/* Takes no more bytes than c has in UTF-8. */
static void
append_letter (Plain *plain, gunichar c, guint8 gap)
{
  gsize n = (gsize) g_unichar_to_utf8 (c, plain->letters + plain->n);
  for (gsize i = 0; c >= 0x80 && i < G_N_ELEMENTS (plain_letters); i++)
    if (plain_letters[i].letter == c)
      {
        n = strlen (plain_letters[i].plain);
        gap |= ACCENTED;
        memcpy (plain->letters + plain->n, plain_letters[i].plain, n);
      }
  memset (plain->flags + plain->n, 0, n);
  plain->flags[plain->n] = gap;
  plain->n += n;
}

/* What a character that is no letter does to the gap. */
static guint8
gap_of (gunichar c)
{
  if (c == ' ' || c == '\n')
    return GAP_BLANK | GAP_EDGE;
  return c == '.' || c == '-' || c == '/' || c == '_' ? GAP_MARK | GAP_EDGE : 0;
}

static void
append_text (Plain *plain, const char *text)
{
  guint8 gap = GAP_EDGE;
  gboolean unspaced = FALSE; /* the last letter */
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      if (c < 0x80 ? g_ascii_isalnum ((char) c) : g_unichar_isalnum (c))
        {
          gboolean own = c >= 0x80 && ds_is_unspaced (c);
          append_letter (plain, c, gap | (own || unspaced ? GAP_EDGE : 0));
          gap = 0;
          unspaced = own;
        }
      else if (gap_of (c) != 0)
        gap |= gap_of (c);
      else if (c >= 0x80 && g_unichar_ismark (c))
        {
          if (plain->n > 0)
            plain->flags[plain->n - 1] |= ACCENTED;
        }
      else
        {
          append_letter (plain, c, GAP_EDGE); /* a word of its own: nothing is joined over it */
          gap = GAP_EDGE;
        }
    }
  plain->letters[plain->n] = '\0';
  plain->flags[plain->n] = gap | GAP_EDGE;
}

/* Text in which case is folded and marks are apart from their letters. */
static char *
decompose (const char *text, gsize size)
{
  g_autofree char *folded = g_utf8_casefold (text, (gssize) size);
  return g_utf8_normalize (folded, -1, G_NORMALIZE_NFKD);
}

static Plain
plain_of (const char *text)
{
  gsize size = strlen (text);
  Plain plain = { g_malloc (size + 1), g_malloc (size + 1), 0 };
  append_text (&plain, text);
  return plain;
}

static void
plain_clear (Plain *plain)
{
  g_free (plain->letters);
  g_free (plain->flags);
}

/* Of a shorter word the pieces must not be words of their own ("is in" is no "SIN"). */
#define LEAST_PARTED 6

static gboolean
has_gap (const Plain *plain, gsize from, gsize to, guint8 gap)
{
  for (gsize i = from; i < to; i++)
    if (plain->flags[i] & gap)
      return TRUE;
  return FALSE;
}

typedef struct
{
  char *letters;
  gsize length;
  gboolean parted; /* it has a blank of its own */
  guint8 own; /* of a short one: GAP_MARK if it has marks ("C.I." may not be the word "ci"), ACCENTED ("né" not "ne") */
} Word;

static void
word_clear (gpointer word)
{
  g_free (((Word *) word)->letters);
}

GArray *
ds_context_prepare (char *const *words)
{
  GArray *prepared = g_array_new (FALSE, FALSE, sizeof (Word));
  g_array_set_clear_func (prepared, word_clear);
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    {
      g_autoptr (DsFolded) folded = ds_fold (words[i], strlen (words[i]), FALSE, FALSE);
      g_autofree char *text = decompose (folded->bytes, folded->size);
      Plain plain = plain_of (text);
      guint8 own = (has_gap (&plain, 1, plain.n, GAP_MARK) ? GAP_MARK : 0) | (has_gap (&plain, 0, plain.n, ACCENTED) ? ACCENTED : 0);
      const Word word = { g_strdup (plain.letters), plain.n, strchr (text, ' ') != NULL, plain.n < LEAST_PARTED ? own : 0 };
      if (plain.n > 0)
        g_array_append_val (prepared, word);
      else
        g_free (word.letters);
      plain_clear (&plain);
    }
  return prepared;
}

/* Presidio's "lic" in "dupLICate": a context word counts only as a whole word, or as several that make it ("Personal Nummer"). */
static gboolean
is_whole (const Plain *window, gsize at, const Word *word)
{
  const guint8 *flags = window->flags;
  if (!(flags[at] & GAP_EDGE) || !(flags[at + word->length] & (GAP_BLANK | GAP_MARK | GAP_EDGE)))
    return FALSE;
  if ((word->own & GAP_MARK && !has_gap (window, at + 1, at + word->length, GAP_MARK))
      || (word->own & ACCENTED && !has_gap (window, at, at + word->length, ACCENTED)))
    return FALSE;
  return word->parted || word->length >= LEAST_PARTED || !has_gap (window, at + 1, at + word->length, GAP_BLANK);
}

/* Of a longer word one slip is seen through: two letters changed places ("passprot"), one is missing ("refernce"), one too many
 * ("tajj szám").  Not another letter: "passwort" is no "passport"; nor at the word's ends. */
#define LEAST_MISTYPED 7

/* Where the word ends, mistyped, that begins at at; 0 if it does not.  The letters of both end in NUL. */
static gsize
mistyped_end (const Plain *window, gsize at, const Word *word)
{
  const char *is = window->letters + at, *should = word->letters;
  gsize same = 0;
  while (same < word->length && is[same] == should[same])
    same++;
  if (same == 0 || same + 1 >= word->length || !g_ascii_isalpha (is[same]) || !g_ascii_isalpha (should[same]))
    return 0;
  const char *left = should + same, *there = is + same;
  gsize rest = word->length - same;
  if (there[0] == left[1] && there[1] == left[0] && strncmp (there + 2, left + 2, rest - 2) == 0)
    return at + word->length;
  if (strncmp (there, left + 1, rest - 1) == 0)
    return at + word->length - 1;
  return strncmp (there + 1, left, rest) == 0 ? at + word->length + 1 : 0;
}

static gboolean
has_mistyped (const Plain *window, const GArray *words)
{
  for (gsize at = 0; at < window->n; at++)
    for (guint i = 0; (window->flags[at] & GAP_EDGE) && i < words->len; i++)
      {
        const Word *word = &g_array_index (words, Word, i);
        gsize end = word->length >= LEAST_MISTYPED && *word->letters == window->letters[at] ? mistyped_end (window, at, word) : 0;
        if (end > 0 && window->flags[end] & (GAP_BLANK | GAP_MARK | GAP_EDGE))
          return TRUE;
      }
  return FALSE;
}

static gboolean
has_word (const Plain *window, const GArray *words)
{
  for (guint i = 0; i < words->len; i++)
    {
      const Word *word = &g_array_index (words, Word, i);
      for (const char *at = strstr (window->letters, word->letters); at != NULL; at = strstr (at + 1, word->letters))
        if (is_whole (window, (gsize) (at - window->letters), word))
          return TRUE;
    }
  return has_mistyped (window, words);
}

/* A piece of folded text, cut at whole characters, with its NULs made blanks.  ASCII needs no more than lower case, and much sooner
 * so: a text may have a candidate at each byte. */
static char *
cut_out (const char *folded, gsize start, gsize end)
{
  while (start < end && ((guchar) folded[start] & 0xc0) == 0x80)
    start++;
  char *piece = g_strndup (folded + start, end - start);
  gboolean ascii = TRUE;
  for (gsize i = 0; i < end - start; i++)
    {
      char c = folded[start + i];
      piece[i] = c == '\0' ? ' ' : g_ascii_tolower (c);
      ascii = ascii && ((guchar) c & 0x80) == 0;
    }
  piece[end - start] = '\0';
  if (ascii)
    return piece;
  g_autofree char *raw = piece, *valid = g_utf8_make_valid (raw, -1);
  return decompose (valid, strlen (valid));
}

gboolean
ds_context_has_letter (const char *text, gsize start, gsize end)
{
  for (gsize i = start; i < end; i++)
    if (g_ascii_isalpha (text[i]) || ((guchar) text[i] & 0x80) != 0)
      return TRUE;
  return FALSE;
}

static gboolean
has_word_in (const GArray *words, const char *folded, gsize start, gsize end)
{
  if (!ds_context_has_letter (folded, start, end)) /* as all of a long table of numbers */
    return FALSE;
  g_autofree char *text = cut_out (folded, start, end);
  Plain window = plain_of (text);
  gboolean has = has_word (&window, words);
  plain_clear (&window);
  return has;
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
ds_context_near (const GArray *words, guint distance, const char *folded, gsize size, gsize start, gsize end)
{
  if (words->len == 0)
    return FALSE;
  return has_word_in (words, folded, characters_before (folded, start, distance), start)
         || has_word_in (words, folded, end, characters_after (folded, size, end, distance));
}
