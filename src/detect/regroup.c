#include "config.h"
#include "detect/regroup.h"
#include <stdlib.h>
#include <string.h>

#define MOST_GROUPS 7
#define LEAST_CHARACTERS 6
#define MOST_CHARACTERS 24
#define LEAST_DIGITS 4
/* One of digits alone has more: any eight have the right check digit once in ten times. */
#define LEAST_ONLY_DIGITS 9
/* A group without a digit is no longer: a country, a check letter. */
#define MOST_LETTERS 3
/* Without a word as near as this there is no context. */
#define NEAR_BYTES 200
/* The text's bytes that were passed pay for words: four each.  What is not spent is kept up to a bound, so that a table spends
 * nothing of what comes behind it. */
#define WORDS_A_BYTE 4
#define MOST_SAVED 8192
/* So many bytes of words are handed out at once. */
#define HANDFUL (64u << 10)

/* What stands between two groups, or at an end of a stretch. */
typedef enum
{
  JOINT_OPEN,  /* nothing that belongs to a number */
  JOINT_TIGHT, /* a mark, or what makes it no number */
  JOINT_BLANK, /* a blank */
  JOINT_WIDE,  /* a line's end, a mark with blanks */
} Joint;

typedef struct
{
  gsize start, end;
  guint digits;
  gboolean begins; /* a number may begin here */
  gboolean lower;  /* it has a letter in lower case */
  Joint before;    /* what parts it from the group before it */
} Group;

struct _DsRegrouper
{
  const char *text;
  gsize size;
  gsize position;            /* what is before it was looked at */
  Joint before;              /* what stands there */
  gboolean behind_letters;   /* and before that */
  Group groups[MOST_GROUPS]; /* the last of the present stretch */
  guint n;
  gboolean telephone;        /* the stretch began with a plus sign */
  gsize last_word;           /* end of the last word, 0: none yet */
  gsize next_word;           /* not before this the next one begins; size: none */
  gsize saved;               /* bytes of words that may be written */
  GString *words;            /* secret */
  GArray *numbers;           /* of DsRegroupedNumber, by at */
};

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\n';
}

static gboolean
is_mark (char c)
{
  return c == '-' || c == '.' || c == '/';
}

static char
byte_at (const DsRegrouper *r, gsize i)
{
  return i < r->size ? r->text[i] : '\0';
}

/* Bytes of a letter: of any script. */
static gboolean
is_letter (char c)
{
  return g_ascii_isalpha (c) || ((guchar) c & 0x80) != 0;
}

/* What is behind a group that ends at end; *next_r is where the next one begins, if it belongs to the same stretch. */
static Joint
joint_behind (const DsRegrouper *r, gsize end, gsize *next_r)
{
  gsize i = end;
  gboolean loose = is_blank (byte_at (r, i)), line = byte_at (r, i) == '\n';
  i += is_blank (byte_at (r, i));
  i += is_mark (byte_at (r, i));
  gboolean mark = i > end && is_mark (byte_at (r, i - 1)), blank = mark && is_blank (byte_at (r, i));
  i += blank;
  *next_r = i;
  if (g_ascii_isalnum (byte_at (r, i)) && i > end)
    return line || (mark && (loose || blank)) ? JOINT_WIDE : loose ? JOINT_BLANK : JOINT_TIGHT;
  char c = byte_at (r, end);
  gboolean goes_on = ((c == ',' || c == ':') && g_ascii_isdigit (byte_at (r, end + 1))) || c == '@' || c == '_' || ((guchar) c & 0x80) != 0;
  *next_r = 0;
  return goes_on ? JOINT_TIGHT : JOINT_OPEN;
}

/* May a number begin at the first group of a stretch? */
static gboolean
may_begin (const DsRegrouper *r, gsize start)
{
  char c = start > 0 ? r->text[start - 1] : ' ';
  if (c == ',' || c == ':' || is_mark (c))
    return start < 2 || !g_ascii_isdigit (r->text[start - 2]);
  return c != '@' && c != '_' && ((guchar) c & 0x80) == 0;
}

/* ---- context ---- */

static gboolean
is_word_at (const DsRegrouper *r, gsize i)
{
  gsize next = byte_at (r, i + 1) == '.' ? i + 2 : i + 1; /* "N.I.P." */
  return is_letter (byte_at (r, i)) && is_letter (byte_at (r, next));
}

static gboolean
has_word_near (DsRegrouper *r, gsize start, gsize end)
{
  if (r->last_word > 0 && r->last_word + NEAR_BYTES >= start) /* letters of its own count too */
    return TRUE;
  r->next_word = MAX (r->next_word, end);
  while (r->next_word < r->size && r->next_word <= end + NEAR_BYTES && !is_word_at (r, r->next_word))
    r->next_word++;
  return r->next_word < r->size && r->next_word <= end + NEAR_BYTES;
}

/* ---- numbers ---- */

static gboolean
is_all_digits (const Group *group)
{
  return group->digits == group->end - group->start;
}

static gboolean
is_year (const DsRegrouper *r, const Group *group)
{
  const char *at = r->text + group->start;
  return group->digits == 4 && is_all_digits (group) && (memcmp (at, "19", 2) == 0 || memcmp (at, "20", 2) == 0);
}

static gboolean
is_of_digits (const Group *group, guint least, guint most)
{
  return is_all_digits (group) && group->digits >= least && group->digits <= most;
}

/* 14.11.2023, 2023-11-14. */
static gboolean
is_date (const DsRegrouper *r, const Group *three)
{
  return is_of_digits (&three[1], 1, 2)
         && ((is_of_digits (&three[0], 1, 2) && is_year (r, &three[2])) || (is_year (r, &three[0]) && is_of_digits (&three[2], 1, 2)));
}

/* 14.11.23: the whole of it, since a personal number may begin so. */
static gboolean
is_short_date (const Group *three)
{
  return is_of_digits (&three[0], 1, 2) && is_of_digits (&three[1], 1, 2) && is_of_digits (&three[2], 2, 2);
}

/* 192.0.2.10 */
static gboolean
is_address (const DsRegrouper *r, const Group *four)
{
  for (guint i = 0; i < 4; i++)
    if (!is_of_digits (&four[i], 1, 3) || strtoul (r->text + four[i].start, NULL, 10) > 255 || (i > 0 && r->text[four[i].start - 1] != '.'))
      return FALSE;
  return TRUE;
}

/* Groups that marks hold together, and blanks part from others: a thing of its own that is no part of a number.  2024/0017 is a
 * number of that year; somebody's may begin with all of a birthday. */
static gboolean
is_other_thing (const DsRegrouper *r, const Group *groups, guint n, gboolean whole)
{
  return (n == 2 && is_year (r, &groups[0]) && is_year (r, &groups[1])) || (n == 3 && is_date (r, groups))
         || (n == 3 && whole && is_short_date (groups)) || (n == 4 && is_address (r, groups))
         || (n > 1 && is_year (r, &groups[0]) && r->text[groups[1].start - 1] != '.' && !(n > 3 && is_date (r, groups)));
}

/* 10.30, 52.384615 */
static gboolean
is_decimal (const DsRegrouper *r, const Group *groups, guint n)
{
  return n == 2 && groups[1].before == JOINT_TIGHT && r->text[groups[1].start - 1] == '.' && is_all_digits (&groups[0])
         && is_all_digits (&groups[1]);
}

/* "a", "y": a word of one letter. */
static gboolean
is_letter_word (const Group *groups, guint i, guint n)
{
  gboolean loose = (i > 0 && groups[i].before != JOINT_TIGHT) || (i + 1 < n && groups[i + 1].before != JOINT_TIGHT);
  return loose && groups[i].digits == 0 && groups[i].lower && groups[i].end - groups[i].start == 1;
}

/* What parts the groups of a candidate. */
typedef struct
{
  guint blanks, lines;
  gboolean sentence; /* a full stop and a blank */
  gboolean mixed;    /* a mark behind a blank */
} Joints;

static Joints
joints_of (const DsRegrouper *r, const Group *groups, guint n)
{
  Joints joints = { 0 };
  for (guint i = 1; i < n; i++)
    {
      const char *at = r->text + groups[i - 1].end;
      gsize size = groups[i].start - groups[i - 1].end;
      joints.mixed |= groups[i].before == JOINT_TIGHT && joints.blanks > 0;
      joints.blanks += groups[i].before == JOINT_BLANK;
      joints.lines += memchr (at, '\n', size) != NULL;
      joints.sentence |= size > 1 && memchr (at, '.', size) != NULL && memchr (at, ' ', size) != NULL;
    }
  return joints;
}

/* Is there a letter on its line before the group? */
static gboolean
is_behind_words (const DsRegrouper *r, const Group *group)
{
  for (gsize i = group->start; i > 0 && r->text[i - 1] != '\n'; i--)
    if (is_letter (r->text[i - 1]))
      return TRUE;
  return FALSE;
}

/* A line ends behind a mark of the number, at one of its blanks, or in the midst of what stands at the end of a sentence's line;
 * numbers one below the other are several. */
static gboolean
may_be_joined (const DsRegrouper *r, const Group *groups, guint n)
{
  const Joints joints = joints_of (r, groups, n);
  if (joints.sentence || joints.lines > 1 || (n > 3 && joints.mixed))
    return FALSE;
  for (guint i = 1; i < n; i++)
    if (joints.blanks == 0 && r->text[groups[i - 1].end] == '\n'
        && (groups[i].end - groups[i].start < 3 || !is_behind_words (r, &groups[0])))
      return FALSE;
  return TRUE;
}

static gboolean
may_be_number (const DsRegrouper *r, const Group *groups, guint n)
{
  if (is_decimal (r, groups, n) || !may_be_joined (r, groups, n))
    return FALSE;
  for (guint i = 0, end; i < n; i = end)
    {
      for (end = i + 1; end < n && groups[end].before == JOINT_TIGHT;)
        end++;
      if (is_other_thing (r, groups + i, end - i, end - i == n))
        return FALSE;
    }
  for (guint i = 0; i < n; i++)
    if (is_letter_word (groups, i, n))
      return FALSE;
  return TRUE;
}

/* Writes the number as one word.  with_marks: those between its groups stay, and only blanks go ("190678 - 329U"). */
static void
write_word (DsRegrouper *r, const Group *groups, guint n, gboolean with_marks)
{
  GString *words = r->words;
  const DsRegroupedNumber number = { words->len, groups[0].start, groups[n - 1].end };
  gsize from = words->len;
  for (gsize i = number.start; i < number.end; i++)
    if (g_ascii_isalnum (r->text[i]) || (with_marks && is_mark (r->text[i])))
      g_string_append_c (words, g_ascii_toupper (r->text[i]));
  gsize length = words->len - from + 1;
  if (length > r->saved)
    {
      g_string_truncate (words, from);
      return;
    }
  r->saved -= length;
  g_array_append_val (r->numbers, number);
  g_string_append_c (words, DS_REGROUP_SEPARATOR);
}

static void
add (DsRegrouper *r, const Group *groups, guint n)
{
  gboolean marks = FALSE, blanks = FALSE;
  for (gsize i = groups[0].start; i < groups[n - 1].end; i++)
    {
      marks = marks || is_mark (r->text[i]);
      blanks = blanks || is_blank (r->text[i]);
    }
  write_word (r, groups, n, FALSE);
  if (marks && blanks)
    write_word (r, groups, n, TRUE);
}

/* All numbers that end with the last group. */
static void
add_ending_here (DsRegrouper *r)
{
  gsize characters = 0;
  guint digits = 0;
  gboolean lower = FALSE;
  for (guint i = r->n; i-- > 0;)
    {
      const Group *first = &r->groups[i];
      guint n = r->n - i;
      characters += first->end - first->start;
      digits += first->digits;
      lower = lower || first->lower;
      if (characters > MOST_CHARACTERS)
        return;
      gboolean long_enough = characters > digits ? characters >= LEAST_CHARACTERS && digits >= LEAST_DIGITS : digits >= LEAST_ONLY_DIGITS;
      if (first->begins && long_enough && (n > 1 || lower) && may_be_number (r, first, n)
          && has_word_near (r, first->start, r->groups[r->n - 1].end))
        add (r, first, n);
    }
}

static void
add_group (DsRegrouper *r, const Group *group)
{
  if (r->n == MOST_GROUPS)
    memmove (r->groups, r->groups + 1, (MOST_GROUPS - 1) * sizeof *r->groups);
  else
    r->n++;
  r->groups[r->n - 1] = *group;
}

static Group
read_group (const DsRegrouper *r, gsize start)
{
  Group group = { .start = start, .end = start };
  for (; g_ascii_isalnum (byte_at (r, group.end)); group.end++)
    {
      char c = r->text[group.end];
      group.digits += g_ascii_isdigit (c);
      group.lower = group.lower || g_ascii_islower (c);
    }
  return group;
}

/* Takes a group into its stretch; what is no part of a number ends that. */
static void
take_group (DsRegrouper *r, const Group *group, gboolean ends)
{
  gsize length = group->end - group->start;
  if (length > MOST_CHARACTERS || (group->digits == 0 && length > MOST_LETTERS))
    {
      r->n = 0;
      return;
    }
  add_group (r, group);
  if (ends && !r->telephone)
    add_ending_here (r);
}

/* May a number begin or end at a joint?  Where a line ends, or blanks stand around a mark; where a group has letters only; but not at
 * a blank between two numbers: that may be one within the number. */
static gboolean
is_cut (const Group *before, const Group *behind, Joint joint)
{
  return joint == JOINT_WIDE || (joint == JOINT_BLANK && (before->digits == 0 || behind->digits == 0));
}

/* One group, or one byte that is none; moves on. */
static void
step (DsRegrouper *r)
{
  gsize start = r->position, next = 0;
  if (!g_ascii_isalnum (r->text[start]))
    {
      if (is_letter (r->text[start]))
        r->last_word = start + 1;
      r->position++;
      return;
    }
  Group group = read_group (r, start);
  Joint behind = joint_behind (r, group.end, &next);
  const Group none = { 0 }, *last = r->n > 0 ? &r->groups[r->n - 1] : &none;
  group.before = r->before;
  if (r->before == JOINT_OPEN)
    r->telephone = start > 0 && r->text[start - 1] == '+';
  /* A full stop behind letters parts a word from its number: "Nr.751". */
  group.begins = r->behind_letters || (r->before == JOINT_OPEN ? may_begin (r, start) : is_cut (last, &group, r->before));
  const Group following = next > 0 ? read_group (r, next) : none;
  take_group (r, &group, next > 0 ? is_cut (&group, &following, behind) : behind == JOINT_OPEN);
  if (group.end - group.start >= group.digits + 2 || (group.digits == 0 && r->text[group.end] == '.'))
    r->last_word = group.end;
  r->behind_letters = next > 0 && group.digits == 0 && r->text[group.end] == '.';
  r->before = next > 0 ? behind : JOINT_OPEN;
  if (next == 0)
    r->n = 0;
  r->position = next > 0 ? next : group.end;
}

/* ---- from outside ---- */

DsRegrouper *
ds_regrouper_new (const char *text, gsize size)
{
  DsRegrouper *r = g_new0 (DsRegrouper, 1);
  r->text = text;
  r->size = size;
  r->before = JOINT_OPEN;
  r->saved = MOST_SAVED;
  r->words = g_string_new (NULL);
  r->numbers = g_array_new (FALSE, FALSE, sizeof (DsRegroupedNumber));
  return r;
}

static void
forget (DsRegrouper *r)
{
  explicit_bzero (r->words->str, r->words->len);
  g_string_truncate (r->words, 0);
  g_array_set_size (r->numbers, 0);
}

void
ds_regrouper_free (DsRegrouper *r)
{
  if (r == NULL)
    return;
  forget (r);
  g_string_free (r->words, TRUE);
  g_array_unref (r->numbers);
  g_free (r);
}

const GString *
ds_regrouper_next (DsRegrouper *r)
{
  forget (r);
  g_string_append_c (r->words, DS_REGROUP_SEPARATOR);
  while (r->position < r->size && r->words->len < HANDFUL)
    {
      gsize before = r->position;
      step (r);
      r->saved = MIN (MOST_SAVED, r->saved + (r->position - before) * WORDS_A_BYTE);
    }
  return r->numbers->len > 0 ? r->words : NULL;
}

static int
by_at (gconstpointer key, gconstpointer member)
{
  gsize start = *(const gsize *) key, there = ((const DsRegroupedNumber *) member)->at;
  return start < there ? -1 : start > there;
}

const DsRegroupedNumber *
ds_regrouper_number (const DsRegrouper *r, gsize start, gsize end)
{
  if (end >= r->words->len || r->words->str[end] != DS_REGROUP_SEPARATOR)
    return NULL;
  return bsearch (&start, r->numbers->data, r->numbers->len, sizeof (DsRegroupedNumber), by_at);
}
