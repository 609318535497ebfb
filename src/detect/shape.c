#include "config.h"
#include "detect/shape.h"
#include <pcre2.h>
#include <string.h>

typedef struct
{
  const char *pattern;
  gsize at;
  gboolean lost; /* something was met that changes how the rest is to be read */
} Reader;

/* What is known of a piece of a pattern. */
typedef struct
{
  guint min, max;
  guint taken[DS_N_FEATURES]; /* at least so many among the bytes it takes */
  guint seen[DS_N_FEATURES];  /* at least so many among those it takes or looks ahead to */
  guint reach;                /* how far it looks or takes from its start */
} Piece;

static const Piece nothing = { 0 };
static const Piece anything = { .max = DS_SHAPE_UNBOUNDED, .reach = DS_SHAPE_UNBOUNDED };

static guint
add (guint a, guint b)
{
  return a > DS_SHAPE_UNBOUNDED - b ? DS_SHAPE_UNBOUNDED : a + b;
}

static Piece
sequence (Piece a, Piece b)
{
  Piece both = { .min = add (a.min, b.min), .max = add (a.max, b.max), .reach = MAX (a.reach, add (a.max, b.reach)) };
  for (guint i = 0; i < DS_N_FEATURES; i++)
    {
      both.taken[i] = add (a.taken[i], b.taken[i]);
      both.seen[i] = MAX (both.taken[i], MAX (a.seen[i], add (a.taken[i], b.seen[i])));
    }
  return both;
}

static Piece
either (Piece a, Piece b)
{
  Piece one = { .min = MIN (a.min, b.min), .max = MAX (a.max, b.max), .reach = MAX (a.reach, b.reach) };
  for (guint i = 0; i < DS_N_FEATURES; i++)
    {
      one.taken[i] = MIN (a.taken[i], b.taken[i]);
      one.seen[i] = MIN (a.seen[i], b.seen[i]);
    }
  return one;
}

static guint
times (guint a, guint n)
{
  if (a == 0 || n == 0)
    return 0;
  return a == DS_SHAPE_UNBOUNDED ? a : (guint) MIN ((guint64) a * n, DS_SHAPE_UNBOUNDED);
}

static Piece
repeat (Piece a, guint least, guint most)
{
  Piece many = { .min = times (a.min, least), .max = times (a.max, most) };
  many.reach = most > 0 ? add (times (a.max, most - 1), a.reach) : 0;
  for (guint i = 0; i < DS_N_FEATURES; i++)
    {
      many.taken[i] = times (a.taken[i], least);
      many.seen[i] = least > 0 ? MAX (many.taken[i], a.seen[i]) : 0;
    }
  return many;
}

/* What a look ahead tells of the bytes behind it, of which it takes none. */
static Piece
look_ahead (Piece a)
{
  Piece seen = { .reach = a.reach };
  for (guint i = 0; i < DS_N_FEATURES; i++)
    seen.seen[i] = a.seen[i];
  return seen;
}

/* One byte, and which features it surely is of. */
static Piece
byte_of (gboolean digit, gboolean at, gboolean colon)
{
  return (Piece){ .min = 1, .max = 1, .taken = { digit, at, colon }, .seen = { digit, at, colon }, .reach = 1 };
}

gsize
ds_shape_class_end (const char *pattern, gsize at)
{
  for (at += pattern[at + 1] == ']' ? 2 : 1; pattern[at] != '\0' && pattern[at] != ']'; at++)
    {
      const char *posix = pattern[at] == '[' && pattern[at + 1] == ':' ? strstr (pattern + at + 2, ":]") : NULL;
      if (posix != NULL)
        at = (gsize) (posix + 1 - pattern);
      else if (pattern[at] == '\\' && pattern[at + 1] != '\0')
        at++;
    }
  return pattern[at] == ']' ? at + 1 : at;
}

/* PCRE2 itself is asked which bytes a class takes. */
static Piece
class_piece (const char *text, gsize size)
{
  int code = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code *class = pcre2_compile ((PCRE2_SPTR) text, size, 0, &code, &offset, NULL);
  if (class == NULL)
    return byte_of (FALSE, FALSE, FALSE);
  pcre2_match_data *data = pcre2_match_data_create (1, NULL);
  guint digits = 0, ats = 0, colons = 0, all = 0;
  for (guint byte = 0; byte < 256; byte++)
    {
      const guint8 one = (guint8) byte;
      if (pcre2_match (class, &one, 1, 0, 0, data, NULL) < 0)
        continue;
      all++;
      digits += g_ascii_isdigit (one);
      ats += one == '@';
      colons += one == ':';
    }
  pcre2_match_data_free (data);
  pcre2_code_free (class);
  return byte_of (all > 0 && digits == all, all > 0 && ats == all, all > 0 && colons == all);
}

static Piece
read_class (Reader *reader)
{
  gsize start = reader->at;
  reader->at = ds_shape_class_end (reader->pattern, start);
  return class_piece (reader->pattern + start, reader->at - start);
}

static Piece
read_escape (Reader *reader)
{
  char c = reader->pattern[reader->at + 1];
  reader->at += c == 'x' ? 4 : 2;
  if (c == 'd')
    return byte_of (TRUE, FALSE, FALSE);
  if (strchr ("bBAz", c) != NULL)
    return nothing;
  if (g_ascii_isdigit (c)) /* what a group took before */
    return anything;
  return byte_of (FALSE, c == '@', c == ':');
}

/* The bounds of "?", "{n}" or "{n,m}" behind an item, 1 and 1 without; "+" or "?" behind it changes only what is tried first. */
static void
read_quantifier (Reader *reader, guint *least, guint *most)
{
  const char *here = reader->pattern + reader->at;
  *least = *most = 1;
  if (*here == '?')
    {
      *least = 0;
      reader->at++;
    }
  else if (*here == '{' && g_ascii_isdigit (here[1]))
    {
      char *end = NULL;
      guint64 low = g_ascii_strtoull (here + 1, &end, 10), high = low;
      if (*end == ',')
        high = g_ascii_strtoull (end + 1, &end, 10);
      if (*end != '}')
        return;
      *least = (guint) MIN (low, G_MAXUINT);
      *most = (guint) MIN (high, G_MAXUINT);
      reader->at = (gsize) (end + 1 - reader->pattern);
    }
  else
    return;
  if (reader->pattern[reader->at] == '?' || reader->pattern[reader->at] == '+')
    reader->at++;
}

static Piece read_alternatives (Reader *reader);

typedef enum
{
  GROUP_TAKES,
  GROUP_LOOKS_AHEAD,
  GROUP_ONLY_REFUSES, /* and a look behind, of which nothing follows */
  GROUP_UNKNOWN,
} Group;

/* At "(": moves past what tells of which kind it is. */
static Group
read_group_head (Reader *reader)
{
  const char *kind = reader->pattern + reader->at + 2;
  reader->at++;
  if (kind[-1] != '?')
    return GROUP_TAKES;
  reader->at++;
  gboolean behind = *kind == '<' && (kind[1] == '=' || kind[1] == '!');
  gsize flags = strspn (kind, "imsx-");
  if (behind || *kind == '=' || *kind == '!')
    {
      reader->at += behind ? 2 : 1;
      return *kind == '=' ? GROUP_LOOKS_AHEAD : GROUP_ONLY_REFUSES;
    }
  if (*kind == '<' || *kind == '\'' || (*kind == 'P' && kind[1] == '<'))
    {
      gsize name = strcspn (kind + 2, ">'");
      reader->at += 2 + name + (kind[2 + name] != '\0');
    }
  else if (*kind == ':' || *kind == '>')
    reader->at++;
  else if (flags > 0)
    {
      reader->at += flags + (kind[flags] == ':');
      reader->lost |= memchr (kind, 'x', flags) != NULL;
    }
  else
    return GROUP_UNKNOWN; /* a condition, a recursion: no pack has one */
  return GROUP_TAKES;
}

static Piece
read_group (Reader *reader)
{
  Group group = read_group_head (reader);
  Piece inner = read_alternatives (reader);
  if (reader->pattern[reader->at] == ')')
    reader->at++;
  else
    reader->lost = TRUE;
  if (group == GROUP_TAKES)
    return inner;
  return group == GROUP_LOOKS_AHEAD ? look_ahead (inner) : group == GROUP_ONLY_REFUSES ? nothing : anything;
}

static Piece
read_item (Reader *reader)
{
  char c = reader->pattern[reader->at];
  if (c == '[')
    return read_class (reader);
  if (c == '\\')
    return read_escape (reader);
  if (c == '(')
    return read_group (reader);
  reader->at++;
  return c == '^' || c == '$' ? nothing : byte_of (g_ascii_isdigit (c), c == '@', c == ':');
}

static Piece
read_sequence (Reader *reader)
{
  Piece whole = nothing;
  for (char c; (c = reader->pattern[reader->at]) != '\0' && c != '|' && c != ')';)
    {
      guint least = 1, most = 1;
      Piece item = read_item (reader);
      read_quantifier (reader, &least, &most);
      whole = sequence (whole, repeat (item, least, most));
    }
  return whole;
}

static Piece
read_alternatives (Reader *reader)
{
  Piece whole = read_sequence (reader);
  while (reader->pattern[reader->at] == '|')
    {
      reader->at++;
      whole = either (whole, read_sequence (reader));
    }
  return whole;
}

DsShape
ds_shape_of (const char *pattern)
{
  Reader reader = { pattern, 0, FALSE };
  Piece whole = read_alternatives (&reader);
  if (reader.lost || pattern[reader.at] != '\0')
    whole = anything;
  DsShape shape = { .min = whole.min, .max = whole.max, .reach = whole.reach };
  for (guint i = 0; i < DS_N_FEATURES; i++)
    shape.least[i] = whole.seen[i];
  return shape;
}
