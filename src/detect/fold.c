#include "config.h"
#include "detect/fold.h"
#include "detect/label.h"
#include <string.h>

/* What a character beyond ASCII is matched as. */
typedef struct
{
  gunichar character; /* 0: not filled in */
  int folded;         /* an ASCII character, '\n', 0 for nothing, or -1: see plain */
  gsize n;            /* bytes of plain; 0: the character stays */
  char plain[4];
} Form;

#define RECENT_FORMS 64

typedef struct
{
  const char *utf8;
  gsize size;
  gboolean flowed, delsp;
  char *out;
  gsize n; /* bytes in out */
  DsSpanMap *map;
  Form forms[RECENT_FORMS]; /* a text has few characters, and many of each */
  gsize quotes_at;          /* before it, quotes were counted */
  gboolean quotes[2];       /* open on the present line: those as they are, and those behind one backslash */
} Folder;

static void
keep (Folder *f, gsize at, gsize size)
{
  memcpy (f->out + f->n, f->utf8 + at, size);
  f->n += size;
  ds_span_map_linear (f->map, at, size);
}

static void
become (Folder *f, gsize at, gsize size, char c)
{
  f->out[f->n++] = c;
  ds_span_map_atom (f->map, at, size, 1);
}

/* What is not seen: formatting, joiners, fillers, variation selectors, tags. */
static gboolean
is_dropped (gunichar c)
{
  static const struct
  {
    gunichar first, last;
  } ranges[] = {
    { 0x007f, 0x0084 }, { 0x0086, 0x009f }, { 0x00ad, 0x00ad }, { 0x034f, 0x034f }, { 0x061c, 0x061c }, { 0x115f, 0x1160 },
    { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f }, { 0x202a, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 },
    { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe007f },
    { 0xe0100, 0xe01ef },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (ranges) && c >= ranges[i].first; i++)
    if (c <= ranges[i].last)
      return TRUE;
  return FALSE;
}

static gboolean
is_dash (gunichar c)
{
  return (c >= 0x2010 && c <= 0x2015) || c == 0x2043 || c == 0x2212 || c == 0xfe58 || c == 0xfe63 || c == 0xff0d || c == 0x30fc;
}

/* Dots in the middle of a line that people write between groups, and a blank of Braille. */
static gboolean
is_separator (gunichar c)
{
  return c == 0x00b7 || c == 0x2022 || c == 0x2027 || c == 0x2219 || c == 0x22c5 || c == 0x2800 || c == 0x30fb;
}

/* What programs make of the apostrophe in a name while it is typed. */
static gboolean
is_apostrophe (gunichar c)
{
  return c == 0x00b4 || c == 0x02b9 || c == 0x02bc || c == 0x02c8 || (c >= 0x2018 && c <= 0x201b) || c == 0x2032;
}

static gboolean
is_dot (gunichar c)
{
  return c == 0x2024 || c == 0x3002 || c == 0xfe52 || c == 0xff61;
}

/* What a character beyond ASCII is matched as: an ASCII character, '\n', 0 for nothing, or -1 for itself. */
static int
fold_character (gunichar c)
{
  if (is_dropped (c))
    return 0;
  if (is_dash (c))
    return '-';
  if (c >= 0xff01 && c <= 0xff5e)
    return (int) (c - 0xff01 + '!');
  if (c == 0x0085 || c == 0x2028 || c == 0x2029)
    return '\n';
  if (is_dot (c))
    return '.';
  if (is_apostrophe (c))
    return '\'';
  if (c == 0xfe6b)
    return '@';
  if (c == 0x2044 || c == 0x2215)
    return '/';
  GUnicodeType type = g_unichar_type (c);
  if (type == G_UNICODE_SPACE_SEPARATOR || is_separator (c))
    return ' ';
  if (type == G_UNICODE_DECIMAL_NUMBER)
    return '0' + g_unichar_digit_value (c);
  return -1;
}

/* Circled digits that Unicode does not decompose. */
static int
dingbat_digit (gunichar c)
{
  static const gunichar ones[] = { 0x24f5, 0x2776, 0x2780, 0x278a };
  for (gsize i = 0; i < G_N_ELEMENTS (ones); i++)
    if (c >= ones[i] && c <= ones[i] + 8)
      return (int) (c - ones[i]) + 1;
  return c == 0x24ff || c == 0x1f10b || c == 0x1f10c ? 0 : -1;
}

/* Digits as superscripts, in circles, in brackets, with a full stop; letters in circles and of mathematics: what they
 * decompose to, in ASCII, without what is around.  How many characters; never more than c has bytes. */
static gsize
plain_form (gunichar c, char out[4])
{
  int dingbat = dingbat_digit (c);
  if (dingbat >= 0)
    {
      out[0] = (char) ('0' + dingbat);
      return 1;
    }
  gboolean letters = (c >= 0x249c && c <= 0x24e9) || (c >= 0x1d400 && c <= 0x1d7ff);
  gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
  gsize n = g_unichar_fully_decompose (c, TRUE, parts, G_N_ELEMENTS (parts)), length = 0;
  for (gsize i = 0; i < n; i++)
    {
      gboolean kept = parts[i] < 0x80 && (g_ascii_isdigit ((char) parts[i]) || (letters && g_ascii_isalpha ((char) parts[i])));
      if (!kept && (parts[i] >= 0x80 || strchr ("(),.", (int) parts[i]) == NULL))
        return 0;
      if (kept && length < 2)
        out[length++] = (char) parts[i];
    }
  return length;
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

/* Behind a line break: blanks and the quote prefix "> > ". */
static gsize
skip_prefix (const Folder *f, gsize at)
{
  while (at < f->size && (is_blank (f->utf8[at]) || f->utf8[at] == '>'))
    at++;
  return at;
}

/* Does the line before the break go on (RFC 3676, 4.1)?  "-- " is the signature's separator. */
static gboolean
goes_on (const Folder *f, gsize at)
{
  gboolean space = f->flowed && at > 0 && f->utf8[at - 1] == ' ';
  gboolean signature = at >= 3 && memcmp (f->utf8 + at - 3, "-- ", 3) == 0 && (at == 3 || f->utf8[at - 4] == '\n');
  return space && !signature;
}

static gboolean
is_break (char c)
{
  return c == '\n' || c == '\r';
}

/* Blanks from at on and the line break behind them at brk: one '\n' for all of it, or a space where the line goes on. */
static gsize
fold_break (Folder *f, gsize at, gsize brk)
{
  gsize end = brk + (f->utf8[brk] == '\r' && f->utf8[brk + 1] == '\n' ? 2 : 1);
  gsize next = skip_prefix (f, end);
  if (!goes_on (f, brk) && brk == at && end == at + 2 && next == end)
    keep (f, at + 1, 1); /* "\r\n": without the '\r' it goes on in one stretch, so that a line costs one run of the map */
  else if (!goes_on (f, brk))
    become (f, at, next - at, '\n');
  else if (!f->delsp)
    become (f, at, next - at, ' ');
  return next;
}

/* Blanks: one for one or two, two for more, so that columns of a table stay apart. */
static gsize
fold_blanks (Folder *f, gsize at)
{
  gsize end = at;
  while (end < f->size && is_blank (f->utf8[end]))
    end++;
  if (end < f->size && is_break (f->utf8[end]))
    return fold_break (f, at, end);
  if (end - at == 1 && f->utf8[at] == ' ' && !(f->n > 0 && f->out[f->n - 1] == ' '))
    keep (f, at, 1);
  else
    {
      gsize first = end - at > 2 ? end - at - 1 : end - at;
      if (!(f->n > 0 && f->out[f->n - 1] == ' ') || end - at > 2)
        become (f, at, first, ' ');
      if (first < end - at)
        become (f, at + first, 1, ' ');
    }
  return end;
}

/* A mark on a digit (underlined, struck out, a key cap): the digit is what is read. */
static gboolean
is_mark_on_digit (const Folder *f, gunichar c)
{
  if (f->n == 0 || !g_ascii_isdigit (f->out[f->n - 1]))
    return FALSE;
  GUnicodeType type = g_unichar_type (c);
  return type == G_UNICODE_NON_SPACING_MARK || type == G_UNICODE_ENCLOSING_MARK;
}

static const Form *
form_of (Folder *f, gunichar character)
{
  Form *form = &f->forms[character % RECENT_FORMS];
  if (form->character == character)
    return form;
  form->character = character;
  form->folded = fold_character (character);
  form->n = form->folded < 0 ? plain_form (character, form->plain) : 0;
  return form;
}

static gsize
fold_wide (Folder *f, gsize at)
{
  const char *next = g_utf8_next_char (f->utf8 + at);
  gsize length = (gsize) (next - (f->utf8 + at));
  gunichar character = g_utf8_get_char (f->utf8 + at);
  const Form *form = form_of (f, character);
  int c = is_mark_on_digit (f, character) ? 0 : form->folded;
  if (c < 0 && form->n > 0)
    {
      memcpy (f->out + f->n, form->plain, form->n);
      f->n += form->n;
      ds_span_map_atom (f->map, at, length, form->n);
    }
  else if (c < 0)
    keep (f, at, length);
  else if (c == ' ' && f->n > 0 && f->out[f->n - 1] == ' ')
    return at + length;
  else if (c > 0)
    become (f, at, length, (char) c);
  return at + length;
}

/* Controls are not seen; but a form feed ends a line, and what the readers set between two texts stays. */
static gboolean
is_kept_control (char c)
{
  return c == 0x1e || c == 0x1f;
}

static gsize
fold_control (Folder *f, gsize at)
{
  char c = f->utf8[at];
  if (is_kept_control (c))
    keep (f, at, 1);
  else if (c == '\v' || c == '\f')
    become (f, at, 1, '\n');
  return at + 1;
}

/* The value of so many hexadecimal digits, or -1. */
static int
hexadecimal (const Folder *f, gsize at, gsize digits)
{
  int value = 0;
  for (gsize i = 0; i < digits; i++)
    {
      int digit = at + i < f->size ? g_ascii_xdigit_value (f->utf8[at + i]) : -1;
      if (digit < 0)
        return -1;
      value = value << 4 | digit;
    }
  return value;
}

/* A byte that is spelled as %XX, or as %25XX where a link stands in another: its value, or -1; *at moves behind it. */
static int
percent_byte (const Folder *f, gsize *at)
{
  enum { MOST_LINKS = 4 };
  if (*at >= f->size || f->utf8[*at] != '%')
    return -1;
  gsize digits = *at + 1;
  for (guint i = 0; i < MOST_LINKS && hexadecimal (f, digits, 2) == '%' && hexadecimal (f, digits + 2, 2) >= 0; i++)
    digits += 2;
  *at = digits + 2;
  return hexadecimal (f, digits, 2);
}

/* A character of UTF-8 whose bytes are spelled so. */
static gsize
percent_length (const Folder *f, gsize at, gunichar *character_r)
{
  char utf8[5] = { 0 };
  gsize start = at;
  for (gsize n = 0; n < 4; n++)
    {
      int byte = percent_byte (f, &at);
      if (byte < 0)
        return 0;
      utf8[n] = (char) byte;
      gunichar c = g_utf8_get_char_validated (utf8, (gssize) (n + 1));
      if (c == (gunichar) -1)
        return 0;
      *character_r = c;
      if (c != (gunichar) -2)
        return at - start;
    }
  return 0;
}

/* \\xXX or \\uXXXX, with as many backslashes as text within text has. */
static gsize
backslash_length (const Folder *f, gsize at, gunichar *character_r)
{
  enum { MOST_BACKSLASHES = 8 };
  gsize kind = at;
  while (kind < f->size && f->utf8[kind] == '\\' && kind - at < MOST_BACKSLASHES)
    kind++;
  if (f->utf8[kind] != 'x' && f->utf8[kind] != 'u')
    return 0;
  gsize digits = f->utf8[kind] == 'u' ? 4 : 2;
  int value = hexadecimal (f, kind + 1, digits);
  *character_r = (gunichar) value;
  return value >= 0 ? kind + 1 + digits - at : 0;
}

/* How many quotes are open on its line before at, 0 to 2: in a string, and in a string within that string (\\"). */
static guint
open_quotes (Folder *f, gsize at)
{
  for (; f->quotes_at < at; f->quotes_at++)
    {
      char c = f->utf8[f->quotes_at];
      gsize backslashes = 0;
      while (c == '"' && backslashes < 2 && f->quotes_at > backslashes && f->utf8[f->quotes_at - backslashes - 1] == '\\')
        backslashes++;
      if (is_break (c))
        f->quotes[0] = f->quotes[1] = FALSE;
      else if (c == '"' && backslashes < 2)
        f->quotes[backslashes] = !f->quotes[backslashes];
    }
  return f->quotes[0] ? 1 + f->quotes[1] : 0;
}

/* Behind a word in capitals, before a letter in lower case, it is a name's first letter: "CORP\\nancy". */
static gboolean
is_login (const Folder *f, gsize backslash, gsize letter)
{
  gsize start = backslash;
  while (start > 0 && (g_ascii_isupper (f->utf8[start - 1]) || g_ascii_isdigit (f->utf8[start - 1])))
    start--;
  return backslash - start > 1 && (start == 0 || !g_ascii_isalpha (f->utf8[start - 1])) && g_ascii_islower (f->utf8[letter + 1]);
}

/* "\\n", "\\r" and "\\t" in a string in quotes (RFC 8259, 7; most languages), with two backslashes in a string within one.  Elsewhere
 * that may be somebody's name: "DOMAIN\\nancy". */
static gsize
control_length (Folder *f, gsize at, int *folded_r)
{
  gsize kind = at;
  while (kind < f->size && f->utf8[kind] == '\\' && kind - at < 3)
    kind++;
  char c = f->utf8[kind];
  if ((c != 'n' && c != 'r' && c != 't') || kind - at > 2 || (at > 0 && f->utf8[at - 1] == '\\') || kind - at != open_quotes (f, at)
      || is_login (f, at, kind))
    return 0;
  *folded_r = c == 't' ? ' ' : '\n';
  return kind + 1 - at;
}

/* A character spelled as %XX (RFC 3986, 2.1), \\xXX or \\uXXXX (ECMAScript): values in links and scripts that stand in plain text.
 * Only printable ASCII, letters, their marks, and what is matched as ASCII.  Its length, or 0; *folded_r is the ASCII character it is
 * matched as, or -1 for itself. */
static gsize
escape_length (const Folder *f, gsize at, gunichar *character_r, int *folded_r)
{
  gsize length = f->utf8[at] == '%' ? percent_length (f, at, character_r) : backslash_length (f, at, character_r);
  gunichar c = *character_r;
  if (length > 0 && (c == '\n' || c == '\r' || c == '\t'))
    {
      *folded_r = c == '\t' ? ' ' : '\n';
      return length;
    }
  if (length == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0) || !g_unichar_validate (c))
    return 0;
  *folded_r = c < 0x80 ? (int) c : fold_character (c);
  gboolean plain = *folded_r > 0 && *folded_r != '\n';
  return plain || (*folded_r < 0 && (g_unichar_isalpha (c) || g_unichar_ismark (c))) ? length : 0;
}

static gsize
fold_escape (Folder *f, gsize at)
{
  gunichar character = 0;
  int folded = -1;
  gsize length = escape_length (f, at, &character, &folded);
  if (length == 0 && f->utf8[at] == '\\')
    length = control_length (f, at, &folded);
  if (length == 0)
    keep (f, at, 1);
  else if (folded > 0)
    become (f, at, length, (char) folded);
  else
    {
      gsize n = (gsize) g_unichar_to_utf8 (character, f->out + f->n);
      f->n += n;
      ds_span_map_atom (f->map, at, length, n);
    }
  return at + MAX (length, 1);
}

/* How far the bytes from at on stay as they are. */
static gsize
plain_run (const Folder *f, gsize at)
{
  gsize end = at;
  while (end < f->size)
    {
      guchar c = (guchar) f->utf8[end];
      if (c >= 0x7f || c < 0x20 || c == '[' || c == '%' || c == '\\')
        break;
      if (c == ' ' && (is_blank (f->utf8[end + 1]) || is_break (f->utf8[end + 1])))
        break;
      end++;
    }
  return end;
}

/* A line break that is nothing but '\n' between characters that stay needs no folding. */
static gboolean
is_plain_break (const Folder *f, gsize at)
{
  if (f->utf8[at] != '\n')
    return FALSE;
  char next = f->utf8[at + 1];
  return !is_blank (next) && next != '>';
}

static void
fold_all (Folder *f)
{
  for (gsize at = 0; at < f->size;)
    {
      gsize end = plain_run (f, at);
      if (end > at && f->utf8[at] == ' ' && f->n > 0 && f->out[f->n - 1] == ' ')
        at++;
      keep (f, at, end - at);
      at = end;
      if (at >= f->size)
        break;
      gsize label = f->utf8[at] == '[' ? ds_label_length (f->utf8 + at, f->size - at) : 0;
      if (label > 0)
        {
          become (f, at, label, DS_FOLDED_LABEL);
          at += label;
        }
      else if (f->utf8[at] == '[' || is_plain_break (f, at))
        keep (f, at++, 1);
      else if (is_break (f->utf8[at]))
        at = fold_break (f, at, at);
      else if (is_blank (f->utf8[at]))
        at = fold_blanks (f, at);
      else if (f->utf8[at] == '%' || f->utf8[at] == '\\')
        at = fold_escape (f, at);
      else if ((guchar) f->utf8[at] < 0x80)
        at = fold_control (f, at);
      else
        at = fold_wide (f, at);
    }
}

static gboolean
needs_folding (Folder *f)
{
  for (gsize at = 0; at < f->size;)
    {
      at = plain_run (f, at);
      if (at >= f->size)
        break;
      gunichar character = 0;
      int folded = -1;
      char c = f->utf8[at];
      gboolean plain = c == '[' ? ds_label_length (f->utf8 + at, f->size - at) == 0
                       : c == '%' ? escape_length (f, at, &character, &folded) == 0
                       : c == '\\'
                         ? escape_length (f, at, &character, &folded) == 0 && control_length (f, at, &folded) == 0
                         : is_plain_break (f, at) || is_kept_control (c);
      if (!plain)
        return TRUE;
      at++;
    }
  return FALSE;
}

DsFolded *
ds_fold (const char *utf8, gsize size, gboolean flowed, gboolean delsp)
{
  Folder f = { .utf8 = utf8, .size = size, .flowed = flowed, .delsp = delsp };
  DsFolded *folded = g_new0 (DsFolded, 1);
  folded->text = utf8;
  if (!needs_folding (&f))
    {
      folded->bytes = utf8;
      folded->size = size;
      folded->map = ds_span_map_new_identity (size);
      return folded;
    }
  f.out = g_malloc (size + 1); /* folding never lengthens */
  f.map = ds_span_map_new ();
  f.quotes_at = 0;
  f.quotes[0] = f.quotes[1] = FALSE;
  fold_all (&f);
  f.out[f.n] = '\0';
  folded->bytes = folded->owned = f.out;
  folded->size = f.n;
  folded->map = f.map;
  return folded;
}

void
ds_folded_free (DsFolded *folded)
{
  if (folded == NULL)
    return;
  g_free (folded->owned);
  ds_span_map_free (folded->map);
  g_free (folded);
}

gboolean
ds_is_unspaced (gunichar c)
{
  if (c < 0xe00)
    return FALSE;
  switch (g_unichar_get_script (c))
    {
    case G_UNICODE_SCRIPT_HAN:
    case G_UNICODE_SCRIPT_HIRAGANA:
    case G_UNICODE_SCRIPT_KATAKANA:
    case G_UNICODE_SCRIPT_HANGUL:
    case G_UNICODE_SCRIPT_THAI:
    case G_UNICODE_SCRIPT_LAO:
    case G_UNICODE_SCRIPT_KHMER:
    case G_UNICODE_SCRIPT_MYANMAR:
      return TRUE;
    default:
      return FALSE;
    }
}
