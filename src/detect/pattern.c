#include "config.h"
#include "base/error.h"
#include "detect/pattern.h"
#include <pcre2.h>
#include <string.h>

typedef struct
{
  const char *pattern;
  gsize at;
  gboolean in_class;
} Scan;

static gboolean
refuse (const Scan *scan, GError **error, const char *why)
{
  g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s (at offset %" G_GSIZE_FORMAT ")", why, scan->at);
  return FALSE;
}

/* \xHH and \x{HH} at scan->at, the backslash; moves past it. */
static gboolean
scan_hex (Scan *scan, GError **error)
{
  const char *digits = scan->pattern + scan->at + 2;
  if (!g_ascii_isxdigit (digits[0]) || !g_ascii_isxdigit (digits[1]))
    return refuse (scan, error, "write a byte as \\\\x and two hexadecimal digits");
  int byte = g_ascii_xdigit_value (digits[0]) * 16 + g_ascii_xdigit_value (digits[1]);
  if (byte < 0x20 || byte == 0x7f)
    return refuse (scan, error, "a control character is not allowed: write \\\\n, \\\\t, or \\\\b for a word boundary");
  if (byte >= 0x80 && !scan->in_class)
    return refuse (scan, error, "a byte of 0x80 or more is allowed only in a class, such as [\\\\x80-\\\\xff]");
  scan->at += 4;
  return TRUE;
}

static gboolean
scan_escape (Scan *scan, GError **error)
{
  char c = scan->pattern[scan->at + 1];
  if (c == '\0')
    return refuse (scan, error, "a backslash at the end");
  if (c == 'x')
    return scan_hex (scan, error);
  /* In byte mode \h takes 0xa0 and \v takes 0x85, which are halves of characters. */
  if (strchr ("pPXCNRDWSHVhv", c) != NULL)
    return refuse (scan, error, "this escape could match a byte of 0x80 or more: name the characters in a class");
  if (scan->in_class && c == 'b')
    return refuse (scan, error, "\\\\b in a class is a control character (backspace)");
  /* Octal and control escapes, quoting, moved match starts and recursion: nothing that a pack needs. */
  if (strchr ("aefcoQEKgkGZ0", c) != NULL)
    return refuse (scan, error, "this escape is not allowed in a pack");
  if (scan->in_class && strchr ("ntrs", c) != NULL && scan->pattern[scan->at + 2] == '-'
      && scan->pattern[scan->at + 3] != ']')
    return refuse (scan, error, "a range must not begin with a control character");
  scan->at += 2;
  return TRUE;
}

/* A POSIX class within a class: [:alpha:]. */
static gboolean
scan_posix (Scan *scan, GError **error)
{
  const char *name = scan->pattern + scan->at + 2;
  if (name[0] == '^')
    return refuse (scan, error, "a negated class could match a byte of 0x80 or more");
  if (g_str_has_prefix (name, "cntrl:]") || g_str_has_prefix (name, "ascii:]"))
    return refuse (scan, error, "this class has control characters");
  const char *end = strstr (name, ":]");
  scan->at += end != NULL ? (gsize) (end + 2 - (name - 2)) : 2;
  return TRUE;
}

static gboolean
scan_in_class (Scan *scan, GError **error)
{
  const char *here = scan->pattern + scan->at;
  if (here[0] == '[' && here[1] == ':')
    return scan_posix (scan, error);
  if (here[0] == ']')
    scan->in_class = FALSE;
  scan->at++;
  return TRUE;
}

static gboolean
scan_open_class (Scan *scan, GError **error)
{
  if (scan->pattern[scan->at + 1] == '^')
    return refuse (scan, error, "a negated class could match a byte of 0x80 or more: name the characters");
  scan->in_class = TRUE;
  /* A ']' that comes first stands for itself. */
  scan->at += scan->pattern[scan->at + 1] == ']' ? 2 : 1;
  return TRUE;
}

/* {n,} has no bound; {n} and {n,m} have one. */
static gboolean
is_open_repeat (const char *here)
{
  gsize digits = strspn (here + 1, "0123456789");
  return here[0] == '{' && digits > 0 && here[1 + digits] == ',' && here[2 + digits] == '}';
}

static gboolean
scan_outside (Scan *scan, GError **error)
{
  const char *here = scan->pattern + scan->at;
  if (here[0] == '[')
    return scan_open_class (scan, error);
  if (here[0] == '.')
    return refuse (scan, error, "\".\" could match a byte of 0x80 or more: write \\\\. or a class");
  if (g_str_has_prefix (here, "(*"))
    return refuse (scan, error, "verbs such as (*UTF) are not allowed");
  if (here[0] == '*' || here[0] == '+' || is_open_repeat (here))
    {
      /* A '+' behind "{n,m}" or "?" makes that possessive and repeats nothing. */
      gboolean possessive = here[0] == '+' && scan->at > 0 && strchr ("}?", here[-1]) != NULL;
      if (!possessive)
        return refuse (scan, error, "a repeat without an end: write {1,64} or another bound");
    }
  scan->at++;
  return TRUE;
}

static gboolean
scan_one (Scan *scan, GError **error)
{
  guchar c = (guchar) scan->pattern[scan->at];
  if (c < 0x20 || c == 0x7f)
    return refuse (scan, error, "a control character: in a libconfig string write \\\\b, not \\b");
  if (c >= 0x80)
    return refuse (scan, error, "a byte of 0x80 or more: write it as a class of \\\\xHH");
  if (c == '\\')
    return scan_escape (scan, error);
  return scan->in_class ? scan_in_class (scan, error) : scan_outside (scan, error);
}

static gboolean
compiles (const char *pattern, GError **error)
{
  int code = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code *compiled = pcre2_compile ((PCRE2_SPTR) pattern, PCRE2_ZERO_TERMINATED, 0, &code, &offset, NULL);
  if (compiled != NULL)
    {
      pcre2_code_free (compiled);
      return TRUE;
    }
  PCRE2_UCHAR text[256];
  pcre2_get_error_message (code, text, sizeof text);
  g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "PCRE2: %s (at offset %" G_GSIZE_FORMAT ")", (const char *) text, offset);
  return FALSE;
}

gboolean
ds_pattern_check (const char *pattern, GError **error)
{
  Scan scan = { pattern, 0, FALSE };
  while (scan.pattern[scan.at] != '\0')
    if (!scan_one (&scan, error))
      return FALSE;
  return compiles (pattern, error);
}
