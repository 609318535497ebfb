#include "config.h"
#include "detect/value-set.h"
#include "detect/automaton.h"
#include <string.h>

/* Whether the groups of a value are its own: 1.12.1980 is another day than 11.2.1980, and 10.1.23.4 another machine than 10.12.3.4. */
typedef enum
{
  GROUPS_ANY,
  GROUPS_OWN_OR_NONE,
  GROUPS_OWN,
} Groups;

/* How a value may be parted in a text. */
typedef struct
{
  guint32 marks;    /* ASCII from 0x20 to 0x3f that stands in the value as it was given */
  gboolean is_long; /* so long that it is hardly made of two others */
  gboolean spaced;  /* it has a blank behind a mark, as it was given */
  Groups groups;
  guint32 ends;     /* bit n: a group ends behind its n-th character */
} Parting;

#define LONG_BYTES 9
#define LONG_GROUP 4

/* How a text is read. */
typedef enum
{
  READ_COMPACT, /* letters and digits only */
  READ_LITERAL, /* with punctuation */
  READ_WORDS,   /* words, whatever parts them */
} Reading;

#define READINGS 3

struct _DsValueSet
{
  DsAutomaton automata[READINGS];
  GArray *partings;  /* of Parting, by number */
  guint size;
};

/* What a character beyond ASCII is read as. */
typedef struct
{
  gunichar character; /* 0: not filled in */
  guint n;            /* bytes */
  guint8 bytes[6 * G_UNICHAR_MAX_DECOMPOSITION_LENGTH]; /* enough for three characters, as folding gives at most */
} Spelling;

#define RECENT_SPELLINGS 16

/* A text as an automaton reads it: byte after byte, each with the span of the character in the folded text that gave it. */
typedef struct _Stream Stream;
struct _Stream
{
  /* first, last: of the bytes of one character. */
  void (*take) (Stream *stream, guint8 byte, gsize start, gsize end, gboolean first, gboolean last);
  Reading reading;
  guint8 last; /* the last byte taken; 0 before the first */
  Spelling spellings[RECENT_SPELLINGS]; /* a text has few characters, and many of each */
  GByteArray *key; /* of a value that is added */
  /* of a text that is searched */
  const DsAutomaton *automaton;
  const gboolean *idle; /* of 256: ASCII with which no value begins */
  const DsFolded *folded;
  const GArray *partings;
  GArray *hits;
  guint32 state;
  gsize n;        /* bytes taken */
  gsize *starts;  /* of the last bytes, or G_MAXSIZE within a character: a ring as long as the longest key, rounded up to a power
                     of two */
  gsize mask;
};

DsValueSet *
ds_value_set_new (void)
{
  DsValueSet *set = g_new0 (DsValueSet, 1);
  for (guint i = 0; i < READINGS; i++)
    ds_automaton_init (&set->automata[i]);
  set->partings = g_array_new (FALSE, FALSE, sizeof (Parting));
  return set;
}

void
ds_value_set_free (DsValueSet *set)
{
  if (set == NULL)
    return;
  for (guint i = 0; i < READINGS; i++)
    ds_automaton_clear (&set->automata[i]);
  g_array_unref (set->partings);
  g_free (set);
}

static gboolean
is_significant (gunichar c)
{
  return g_unichar_isalnum (c) || g_unichar_ismark (c);
}

static void
emit (Stream *stream, const guint8 *bytes, gsize n, gsize at, gsize end)
{
  for (gsize i = 0; i < n; i++)
    stream->take (stream, bytes[i], at, end, i == 0, i + 1 == n);
  if (n > 0)
    stream->last = bytes[n - 1];
}

static void
emit_ascii (Stream *stream, char c, gsize at, gsize end)
{
  guint8 byte = (guint8) c;
  emit (stream, &byte, 1, at, end);
}

/* Case is folded in full (Unicode Standard, 5.18): a sharp s is two, and the final sigma one like others.  The Turkish i with and
 * without a dot are one, and one with that of other languages: nobody sees in capitals of which it is. */
static void
spell (Spelling *spelling, gunichar c, Reading reading)
{
  enum { CAPITAL_I_WITH_DOT = 0x130, SMALL_I_WITHOUT_DOT = 0x131 };
  char utf8[7] = { 0 };
  g_unichar_to_utf8 (c == CAPITAL_I_WITH_DOT || c == SMALL_I_WITHOUT_DOT ? 'i' : c, utf8);
  g_autofree char *folded = g_utf8_casefold (utf8, -1), *parts = g_utf8_normalize (folded, -1, G_NORMALIZE_NFKD);
  /* Folding made ASCII digits of all that are digits; others (one half, a square) may not spell a number here that no rule
   * can see there. */
  const char *read = strpbrk (parts, "0123456789") != NULL ? utf8 : parts;
  *spelling = (Spelling){ .character = c };
  for (const char *at = read; *at != '\0'; at = g_utf8_next_char (at))
    {
      gsize n = (gsize) (g_utf8_next_char (at) - at);
      if ((reading == READ_COMPACT && !is_significant (g_utf8_get_char (at))) || spelling->n + n > sizeof spelling->bytes)
        continue;
      memcpy (spelling->bytes + spelling->n, at, n);
      spelling->n += (guint) n;
    }
}

static gboolean
is_blank (gunichar c)
{
  return c == ' ' || c == '\n' || c == '\t';
}

/* What parts words in a text, in a file's name, in a link: "Ann_Lee.pdf", "ann.lee@", "?name=Ann+Lee". */
static gboolean
parts_words (gunichar c)
{
  return is_blank (c) || c == '_' || c == '-' || c == '+' || c == '.';
}

/* A line may end behind these, in the midst of a value ("Jean-", "Luc"): see is_whole_value. */
static gboolean
may_end_line (gunichar c)
{
  return c == '-' || c == '.' || c == '@' || c == '/' || c == '_';
}

static void
stream_parting (Stream *stream, gsize at, gsize end)
{
  if (stream->reading != READ_COMPACT && stream->last != ' ' && !(stream->reading == READ_LITERAL && may_end_line (stream->last)))
    emit_ascii (stream, ' ', at, end);
}

/* One character of the folded text, at [at, end). */
static void
stream_character (Stream *stream, gunichar c, gsize at, gsize end)
{
  if (stream->reading == READ_WORDS ? parts_words (c) : is_blank (c))
    {
      stream_parting (stream, at, end);
      return;
    }
  if (c < 0x80)
    {
      /* A label or hard separator keeps what is before and after it apart. */
      if (stream->reading != READ_COMPACT || g_ascii_isalnum ((char) c) || c < 0x20)
        emit_ascii (stream, g_ascii_tolower ((char) c), at, end);
      return;
    }
  Spelling *spelling = &stream->spellings[c % RECENT_SPELLINGS];
  if (spelling->character != c)
    spell (spelling, c, stream->reading);
  emit (stream, spelling->bytes, spelling->n, at, end);
}

/* No value is begun, and none begins with what is skipped: most of most texts. */
static const char *
skip_idle (Stream *stream, const char *at, const char *end)
{
  const char *start = at;
  while (at < end && stream->idle[(guint8) *at])
    at++;
  if (at > start)
    stream->last = is_blank ((guint8) at[-1]) ? ' ' : (guint8) at[-1];
  return at;
}

static void
stream_text (Stream *stream, const char *utf8, gsize size)
{
  for (const char *at = utf8; at < utf8 + size;)
    {
      if (stream->idle != NULL && stream->state == 0)
        at = skip_idle (stream, at, utf8 + size);
      if (at == utf8 + size)
        break;
      const char *next = g_utf8_next_char (at);
      stream_character (stream, g_utf8_get_char (at), (gsize) (at - utf8), (gsize) (next - utf8));
      at = next;
    }
}

static void
take_key_byte (Stream *stream, guint8 byte, gsize start G_GNUC_UNUSED, gsize end G_GNUC_UNUSED, gboolean first G_GNUC_UNUSED,
               gboolean last G_GNUC_UNUSED)
{
  g_byte_array_append (stream->key, &byte, 1);
}

static gboolean
is_mark (char c)
{
  return c >= 0x20 && c < 0x40 && !g_ascii_isdigit (c);
}

static guint32
marks_of (const DsFolded *folded)
{
  guint32 marks = 0;
  for (gsize i = 0; i < folded->size; i++)
    if (is_mark (folded->bytes[i]))
      marks |= 1u << (folded->bytes[i] - 0x20);
  return marks;
}

/* Two or more words, and nothing else: a name.  A hyphen parts words only before a capital: "no-reply" is one. */
static gboolean
is_words (const DsFolded *folded)
{
  gboolean parted = FALSE;
  for (const char *at = folded->bytes; at < folded->bytes + folded->size; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      if (!is_significant (c) && !is_blank (c) && c != '-' && c != '.' && c != '\'')
        return FALSE;
      parted = parted || is_blank (c) || (c == '-' && g_unichar_isupper (g_utf8_get_char (at + 1)));
    }
  return parted;
}

static gboolean
has_blank_behind_mark (const DsFolded *folded)
{
  for (gsize i = 1; i < folded->size; i++)
    if (folded->bytes[i] == ' ' && may_end_line ((guchar) folded->bytes[i - 1]))
      return TRUE;
  return FALSE;
}

/* Behind which characters of [start, end) groups end; *n_r: how many characters there are. */
static guint32
ends_of_groups (const char *bytes, gsize start, gsize end, guint *n_r)
{
  guint32 ends = 0;
  guint n = 0;
  for (gsize i = start; i < end; i++)
    {
      gboolean apart = (guchar) bytes[i] < 0x80 && !g_ascii_isalnum (bytes[i]);
      n += !apart && ((guchar) bytes[i] & 0xc0) != 0x80;
      if (apart && n > 0 && n < 32)
        ends |= 1u << n;
    }
  *n_r = n;
  return ends;
}

#define MARK(c) (1u << ((c) - 0x20))

/* A date has three groups, of a day, a month and a year; a machine's address four that dots part; a time has a colon, and a price a
 * comma. */
static Groups
groups_of (const DsFolded *folded, Parting *parting)
{
  guint n = 0, groups = 1, longest = 0;
  gboolean of_date = TRUE;
  parting->ends = ends_of_groups (folded->bytes, 0, folded->size, &n);
  for (guint i = 1, last = 0; i <= MIN (n, 31); i++)
    if (i == n || (parting->ends & 1u << i) != 0)
      {
        longest = MAX (longest, i - last);
        of_date = of_date && (i - last == 1 || i - last == 2 || i - last == 4);
        groups += i < n;
        last = i;
      }
  if (groups == 4 && longest <= 3 && parting->marks == MARK ('.'))
    return GROUPS_OWN;
  gboolean date = groups == 3 && of_date && (parting->marks & (MARK ('.') | MARK ('/'))) != 0;
  gboolean colon_or_comma = groups > 1 && longest <= LONG_GROUP && (parting->marks & (MARK (':') | MARK (','))) != 0;
  return (date || colon_or_comma) && !parting->is_long ? GROUPS_OWN_OR_NONE : GROUPS_ANY;
}

/* What parts words at the ends is no part of them. */
static void
strip_key (GByteArray *key)
{
  while (key->len > 0 && key->data[key->len - 1] == ' ')
    g_byte_array_set_size (key, key->len - 1);
  while (key->len > 0 && key->data[0] == ' ')
    g_byte_array_remove_index (key, 0);
}

gboolean
ds_value_set_add (DsValueSet *set, const char *value, gboolean literal)
{
  guint number = set->size++;
  g_autofree char *copy = g_strstrip (g_strdup (value));
  g_autoptr (DsFolded) folded = ds_fold (copy, strlen (copy), FALSE, FALSE);
  Reading reading = !literal ? READ_COMPACT : is_words (folded) ? READ_WORDS : READ_LITERAL;
  Stream stream = { .take = take_key_byte, .reading = reading, .key = g_byte_array_new () };
  stream_text (&stream, folded->bytes, folded->size);
  strip_key (stream.key);
  guint length = stream.key->len;
  Parting parting = { .marks = marks_of (folded), .is_long = length >= LONG_BYTES, .spaced = has_blank_behind_mark (folded) };
  parting.groups = groups_of (folded, &parting);
  g_array_append_val (set->partings, parting);
  guint32 first = length > 0 ? ds_automaton_add (&set->automata[reading], stream.key->data, length, number) : number;
  Parting *known = &g_array_index (set->partings, Parting, first);
  known->marks |= parting.marks;
  known->spaced |= parting.spaced;
  if (known->ends != parting.ends)
    known->groups = GROUPS_ANY; /* the same digits were given in two ways */
  explicit_bzero (copy, strlen (copy));
  g_byte_array_unref (stream.key);
  return length > 0;
}

void
ds_value_set_build (DsValueSet *set)
{
  for (guint i = 0; i < READINGS; i++)
    ds_automaton_build (&set->automata[i]);
}

/* Whether the characters before and at a place are of one word. */
static gboolean
is_within_word (const DsFolded *folded, gsize at)
{
  if (at == 0 || at >= folded->size)
    return FALSE;
  gunichar before = g_utf8_get_char (g_utf8_prev_char (folded->bytes + at)), behind = g_utf8_get_char (folded->bytes + at);
  return g_unichar_isalnum (before) && g_unichar_isalnum (behind) && !ds_is_unspaced (before) && !ds_is_unspaced (behind);
}

/* Letters and digits of ASCII and anything beyond it make words; a hit must not be part of a longer word, nor lack the marks of its
 * last letter. */
static gboolean
is_whole_token (const DsFolded *folded, gsize start, gsize end)
{
  gboolean marked = end < folded->size && g_unichar_ismark (g_utf8_get_char (folded->bytes + end));
  return !marked && !is_within_word (folded, start) && !is_within_word (folded, end);
}

static gboolean
is_cell_border (const DsFolded *folded, gsize at)
{
  return at < folded->size && (folded->bytes[at] == ',' || folded->bytes[at] == ';');
}

/* Cells of a table are parted by a tab. */
static gboolean
is_tab (const DsFolded *folded, gsize at)
{
  DsSpan source = ds_span_map_hull (folded->map, at, at + 1);
  return folded->bytes[at] == ' ' && memchr (folded->text + source.start, '\t', source.end - source.start) != NULL;
}

/* Between the groups of one number stands little: what lies in two cells of a table, two elements of a list or two sentences is
 * not one, nor a time or a price the short number of its digits. */
static gboolean
is_of_one_piece (const DsFolded *folded, const DsValueHit *hit, const Parting *parting)
{
  enum { MOST_BETWEEN = 4 };
  /* Half of it in the last cell of one line, half in the first of the next. */
  gboolean cells = hit->start > 0 && is_cell_border (folded, hit->start - 1) && is_cell_border (folded, hit->end);
  guint between = 0, breaks = 0;
  for (gsize i = hit->start; i < hit->end; i++)
    {
      char c = folded->bytes[i];
      gboolean apart = (guchar) c < 0x80 && !g_ascii_isalnum (c);
      gboolean own = is_mark (c) && (parting->marks & 1u << (c - 0x20)) != 0;
      between = apart ? between + !own : 0;
      breaks = apart ? breaks + (c == '\n') : 0;
      if (apart && is_tab (folded, i))
        return FALSE;
      if (!apart || own)
        continue;
      gboolean quote = c == '|' && folded->bytes[i - 1] == '\n';
      gboolean usual = parting->is_long ? quote || strchr (",;|\"[]{}<>$", c) == NULL : c == ' ' || c == '-';
      if (!usual || between > (parting->is_long ? MOST_BETWEEN : 1) || breaks > (cells ? 0 : 1))
        return FALSE;
    }
  guint n = 0;
  guint32 ends = ends_of_groups (folded->bytes, hit->start, hit->end, &n);
  return parting->groups == GROUPS_ANY || ends == parting->ends || (parting->groups == GROUPS_OWN_OR_NONE && ends == 0);
}

/* Between two words of a name stands one blank, one line's end, one mark with neither, or a hyphen at a line's end; and a full stop
 * with a blank where the name has such: what stands in two sentences, paragraphs or items of a list is two. */
static gboolean
is_word_gap (const char *gap, gsize size, const Parting *parting)
{
  gboolean stop = gap[0] == '.' && (parting->marks & 1u << ('.' - 0x20)) != 0;
  if (size == 1)
    return TRUE;
  return size == 2 && ((gap[0] == ' ' && gap[1] == ' ') || (gap[0] == '-' && gap[1] == '\n') || (stop && is_blank ((guchar) gap[1])));
}

static gboolean
is_one_name (const DsFolded *folded, const DsValueHit *hit, const Parting *parting)
{
  for (gsize i = hit->start, end; i < hit->end; i = MAX (end, i + 1))
    {
      for (end = i; end < hit->end && parts_words ((guchar) folded->bytes[end]);)
        end++;
      if (end > i && !is_word_gap (folded->bytes + i, end - i, parting))
        return FALSE;
    }
  return TRUE;
}

/* Of a longer address it is a part: "mary.john@example.org", "john@example.org.uk". */
static gboolean
is_within_address (const DsFolded *folded, const DsValueHit *hit)
{
  const char *bytes = folded->bytes;
  gsize start = hit->start, end = hit->end;
  if (memchr (bytes + start, '@', end - start) == NULL)
    return FALSE;
  gboolean before = start > 1 && strchr (".+-_", bytes[start - 1]) != NULL && g_ascii_isalnum (bytes[start - 2]);
  gboolean behind = end + 1 < folded->size && (bytes[end] == '.' || bytes[end] == '-') && g_ascii_islower (bytes[end + 1]);
  return before || behind;
}

/* Blanks behind a mark count for nothing where a line ends, or where the value has them itself: "a test. User" is no "test.user". */
static gboolean
is_one_literal (const DsFolded *folded, const DsValueHit *hit, const Parting *parting)
{
  for (gsize i = hit->start + 1; i < hit->end; i++)
    {
      gboolean behind = is_blank ((guchar) folded->bytes[i]) && may_end_line ((guchar) folded->bytes[i - 1]);
      if (behind && !parting->spaced && (folded->bytes[i] != '\n' || is_blank ((guchar) folded->bytes[i + 1])))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_whole_value (const Stream *stream, const DsValueHit *hit)
{
  const Parting *parting = &g_array_index (stream->partings, Parting, hit->value);
  if (hit->start == G_MAXSIZE || !is_whole_token (stream->folded, hit->start, hit->end))
    return FALSE;
  switch (stream->reading)
    {
    case READ_COMPACT:
      return is_of_one_piece (stream->folded, hit, parting);
    case READ_LITERAL:
      return !is_within_address (stream->folded, hit) && is_one_literal (stream->folded, hit, parting);
    case READ_WORDS:
      return is_one_name (stream->folded, hit, parting);
    }
  return FALSE;
}

static void
take_text_byte (Stream *stream, guint8 byte, gsize start, gsize end, gboolean first, gboolean last)
{
  const DsAutomaton *a = stream->automaton;
  stream->starts[stream->n++ & stream->mask] = first ? start : G_MAXSIZE;
  stream->state = ds_automaton_step (a, stream->state, byte);
  /* Longest first: the state itself, then along its fails; one whole token at this end is enough. */
  for (guint32 out = last ? ds_automaton_state (a, stream->state)->output : 0; out != 0; out = ds_automaton_state (a, ds_automaton_state (a, out)->fail)->output)
    {
      gsize begin = stream->n - ds_automaton_state (a, out)->length;
      DsValueHit hit = { ds_automaton_state (a, out)->value - 1, stream->starts[begin & stream->mask], end };
      if (!is_whole_value (stream, &hit))
        continue;
      g_array_append_val (stream->hits, hit);
      break;
    }
}

static void
find_idle (const DsAutomaton *a, gboolean idle[256])
{
  for (guint byte = 0; byte < 256; byte++)
    idle[byte] = byte < 0x80 && a->first[(guint8) g_ascii_tolower ((char) byte)] == 0;
}

static void
find_as (const DsValueSet *set, Reading reading, const DsFolded *folded, GArray *hits)
{
  const DsAutomaton *a = &set->automata[reading];
  if (a->states->len == 1)
    return;
  gsize room = 1;
  while (room < a->longest)
    room *= 2;
  g_autofree gsize *starts = g_new (gsize, room);
  gboolean idle[256];
  find_idle (a, idle);
  Stream stream = { .take = take_text_byte, .reading = reading, .automaton = a, .idle = idle, .folded = folded, .partings = set->partings,
                    .hits = hits, .starts = starts, .mask = room - 1 };
  stream_text (&stream, folded->bytes, folded->size);
}

static int
by_start_longest (gconstpointer a, gconstpointer b)
{
  const DsValueHit *one = a, *two = b;
  if (one->start != two->start)
    return one->start < two->start ? -1 : 1;
  return one->end > two->end ? -1 : one->end < two->end;
}

void
ds_value_set_find (const DsValueSet *set, const DsFolded *folded, GArray *hits)
{
  for (guint i = 0; i < READINGS; i++)
    find_as (set, (Reading) i, folded, hits);
  g_array_sort (hits, by_start_longest);
  guint kept = 0;
  for (guint i = 0; i < hits->len; i++)
    {
      const DsValueHit *hit = &g_array_index (hits, DsValueHit, i);
      DsValueHit *last = kept > 0 ? &g_array_index (hits, DsValueHit, kept - 1) : NULL;
      if (last != NULL && hit->start < last->end)
        {
          last->end = MAX (last->end, hit->end); /* two values that overlap go together: no residue of either */
          continue;
        }
      g_array_index (hits, DsValueHit, kept++) = *hit;
    }
  g_array_set_size (hits, kept);
}
