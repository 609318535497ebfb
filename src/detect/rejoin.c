#include "config.h"
#include "detect/rejoin.h"
#include "detect/context.h"
#include <string.h>

/* So much of a line is written, in bytes. */
#define REACH 48
/* A group without a digit is no longer: a country, a series, a check letter. */
#define MOST_LETTERS 3
/* Two groups that are one have as many characters. */
#define LEAST_IN_ONE 6
/* A top-level domain that is no longer is likely one: "com", "info". */
#define MOST_TOP_LEVEL 4
/* Without a letter as near as this there is no word of context, as in a table of numbers. */
#define NEAR_BYTES 200
/* What pays for the joined lines, as for the words of detect/regroup. */
#define LINES_A_BYTE 2
#define MOST_SAVED 8192
#define HANDFUL (64u << 10)

/* One joined line: [at, joint) of the lines is what stands at tail of the text, and what begins at behind is what stands at head. */
typedef struct
{
  gsize at, joint, behind;
  gsize tail, head;
} Joined;

struct _DsRejoiner
{
  const char *text;
  gsize size;
  gsize position; /* what is before it was looked at */
  gsize saved;    /* bytes of lines that may be written */
  GString *lines; /* secret */
  GArray *joined; /* of Joined, by at */
};

static gboolean
is_mark (char c)
{
  return c != '\0' && strchr ("-./:@_", c) != NULL;
}

static gboolean
is_edge (char c)
{
  return c == '\n' || c == '\x1e' || c == '\x1f';
}

/* Letters of other scripts too: Greek identity cards have them. */
static gboolean
is_of_group (char c)
{
  return g_ascii_isalnum (c) || ((guchar) c & 0x80) != 0;
}

/* Whether [start, end) is a part of a value, or may be: it has a digit, or is a few capitals. */
static gboolean
may_be_piece (const char *text, gsize start, gsize end)
{
  guint letters = 0;
  for (gsize i = start; i < end; i++)
    if (g_ascii_isdigit (text[i]))
      return TRUE;
    else if (g_ascii_islower (text[i]))
      return FALSE;
    else
      letters += ((guchar) text[i] & 0xc0) != 0x80;
  return end > start && letters <= MOST_LETTERS;
}

static gboolean
has_digit (const char *text, gsize start, gsize end)
{
  for (gsize i = start; i < end; i++)
    if (g_ascii_isdigit (text[i]))
      return TRUE;
  return FALSE;
}

/* The line that ends at end, from where it is written: not from within a word. */
static gsize
tail_of (const DsRejoiner *r, gsize end)
{
  gsize start = end;
  while (start > 0 && end - start < REACH && !is_edge (r->text[start - 1]))
    start--;
  if (start > 0 && !is_edge (r->text[start - 1]))
    while (start < end && r->text[start] != ' ')
      start++;
  return start;
}

/* The same of the line that begins at start. */
static gsize
head_of (const DsRejoiner *r, gsize start)
{
  gsize end = start;
  while (end < r->size && end - start < REACH && !is_edge (r->text[end]))
    end++;
  if (end < r->size && !is_edge (r->text[end]))
    while (end > start && r->text[end] != ' ')
      end--;
  return end;
}

/* The last group before end, and the first behind start. */
static gsize
group_before (const DsRejoiner *r, gsize tail, gsize end)
{
  gsize start = end;
  while (start > tail && is_of_group (r->text[start - 1]))
    start--;
  return start;
}

static gsize
group_behind (const DsRejoiner *r, gsize start, gsize head)
{
  gsize end = start;
  while (end < head && is_of_group (r->text[end]))
    end++;
  return end;
}

static gboolean
is_digit_at (const DsRejoiner *r, gsize i)
{
  return i < r->size && g_ascii_isdigit (r->text[i]);
}

/* Whether the two groups may be one that was broken in its midst: blanks part no others from them on their lines. */
static gboolean
may_be_one (const DsRejoiner *r, DsSpan before, DsSpan behind)
{
  gboolean parted = (before.start > 1 && r->text[before.start - 1] == ' ' && is_digit_at (r, before.start - 2))
                    || (behind.end < r->size && r->text[behind.end] == ' ' && is_digit_at (r, behind.end + 1));
  return !parted && before.end - before.start + behind.end - behind.start >= LEAST_IN_ONE;
}

static void
write_joined (DsRejoiner *r, DsSpan tail, DsSpan head, const char *between)
{
  gsize length = tail.end - tail.start + strlen (between) + head.end - head.start + 1;
  if (length > r->saved)
    return;
  r->saved -= length;
  Joined joined = { .at = r->lines->len, .tail = tail.start, .head = head.start };
  g_string_append_len (r->lines, r->text + tail.start, (gssize) (tail.end - tail.start));
  joined.joint = r->lines->len;
  g_string_append (r->lines, between);
  joined.behind = r->lines->len;
  g_string_append_len (r->lines, r->text + head.start, (gssize) (head.end - head.start));
  g_string_append_c (r->lines, DS_REJOIN_SEPARATOR);
  g_array_append_val (r->joined, joined);
}

/* Whether [start, end), behind what holds an "@", may be the rest of a domain: "example.net", "com".  A sentence goes on with a word. */
static gboolean
may_be_domain (const char *text, gsize start, gsize end)
{
  gsize label = start;
  while (label < end && g_ascii_islower (text[label]))
    label++;
  return label > start && (label - start <= MOST_TOP_LEVEL || (label + 1 < end && text[label] == '.' && g_ascii_islower (text[label + 1])));
}

/* What no blank parts from the line's end has a digit, or is an address. */
static gboolean
may_be_marked (const DsRejoiner *r, DsSpan tail, DsSpan head)
{
  const char *text = r->text;
  gsize start = tail.end;
  while (start > tail.start && text[start - 1] != ' ')
    start--;
  return has_digit (text, start, tail.end) || text[tail.end - 1] == '@' || text[head.start] == '@'
         || (memchr (text + start, '@', tail.end - start) != NULL && may_be_domain (text, head.start, head.end));
}

static gboolean
has_letter_near (const DsRejoiner *r, gsize start, gsize end)
{
  return ds_context_has_letter (r->text, start > NEAR_BYTES ? start - NEAR_BYTES : 0, MIN (r->size, end + NEAR_BYTES));
}

/* The line ends at end. */
static void
join (DsRejoiner *r, gsize end)
{
  const DsSpan tail = { tail_of (r, end), end }, head = { end + 1, head_of (r, end + 1) };
  if (tail.start == tail.end || head.start == head.end)
    return;
  const char *text = r->text;
  gboolean mark_before = is_mark (text[end - 1]), mark_behind = is_mark (text[head.start]);
  DsSpan before = { 0, end - mark_before }, behind = { head.start + mark_behind, 0 };
  before.start = group_before (r, tail.start, before.end);
  behind.end = group_behind (r, behind.start, head.end);
  if ((mark_before && mark_behind) || before.start == before.end || behind.start == behind.end
      || !has_letter_near (r, tail.start, head.end))
    return;
  if (mark_before || mark_behind)
    {
      if (may_be_marked (r, tail, head))
        write_joined (r, tail, head, "");
      return;
    }
  if (!may_be_piece (text, before.start, before.end) || !may_be_piece (text, behind.start, behind.end)
      || !(has_digit (text, tail.start, tail.end) || has_digit (text, head.start, head.end)))
    return;
  if (may_be_one (r, before, behind))
    write_joined (r, tail, head, "");
  write_joined (r, tail, head, " ");
}

/* ---- from outside ---- */

DsRejoiner *
ds_rejoiner_new (const char *text, gsize size)
{
  DsRejoiner *r = g_new0 (DsRejoiner, 1);
  r->text = text;
  r->size = size;
  r->saved = MOST_SAVED;
  r->lines = g_string_new (NULL);
  r->joined = g_array_new (FALSE, FALSE, sizeof (Joined));
  return r;
}

static void
forget (DsRejoiner *r)
{
  explicit_bzero (r->lines->str, r->lines->len);
  g_string_truncate (r->lines, 0);
  g_array_set_size (r->joined, 0);
}

void
ds_rejoiner_free (DsRejoiner *r)
{
  if (r == NULL)
    return;
  forget (r);
  g_string_free (r->lines, TRUE);
  g_array_unref (r->joined);
  g_free (r);
}

const GString *
ds_rejoiner_next (DsRejoiner *r)
{
  forget (r);
  g_string_append_c (r->lines, DS_REJOIN_SEPARATOR);
  while (r->position < r->size && r->lines->len < HANDFUL)
    {
      const char *line_end = memchr (r->text + r->position, '\n', r->size - r->position);
      gsize end = line_end != NULL ? (gsize) (line_end - r->text) : r->size;
      r->saved = MIN (MOST_SAVED, r->saved + (end + 1 - r->position) * LINES_A_BYTE);
      if (end > r->position && end + 1 < r->size)
        join (r, end);
      r->position = end + 1;
    }
  return r->joined->len > 0 ? r->lines : NULL;
}

gboolean
ds_rejoiner_locate (const DsRejoiner *r, gsize start, gsize end, DsSpan *place_r)
{
  guint low = 0, high = r->joined->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (g_array_index (r->joined, Joined, middle).at <= start)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == 0)
    return FALSE;
  const Joined *joined = &g_array_index (r->joined, Joined, low - 1);
  if (start >= joined->joint || end <= joined->behind)
    return FALSE;
  *place_r = (DsSpan){ joined->tail + (start - joined->at), joined->head + (end - joined->behind) };
  return TRUE;
}
