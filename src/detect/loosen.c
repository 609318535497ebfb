#include "config.h"
#include "detect/loosen.h"
#include "detect/shape.h"
#include <string.h>

/* A longer repeat becomes one without an end, and one that must be longer only that long: a counter of hundreds, or of a
 * group with choices in it, is dear to compile, and keeps hardly a false match away. */
#define LONG_REPEAT 16
#define LONG_GROUP 8

/* Where the group that begins at '(' ends: the offset behind its ')'. */
static gsize
group_end (const char *pattern, gsize at)
{
  guint depth = 0;
  do
    {
      char c = pattern[at];
      if (c == '[')
        {
          at = ds_shape_class_end (pattern, at);
          continue;
        }
      depth += c == '(';
      depth -= c == ')';
      at += c == '\\' && pattern[at + 1] != '\0' ? 2 : 1;
    }
  while (depth > 0 && pattern[at] != '\0');
  return at;
}

/* The assertion that begins at '(': how long its head is, or 0 if it is none. */
static gsize
assertion_head (const char *here)
{
  if (g_str_has_prefix (here, "(?=") || g_str_has_prefix (here, "(?!"))
    return 3;
  return g_str_has_prefix (here, "(?<=") || g_str_has_prefix (here, "(?<!") ? 4 : 0;
}

/* The class between head and the ')' before end, if there is nothing else: its text without "[" ; new string or NULL. */
static char *
only_class (const char *pattern, gsize start, gsize end)
{
  if (pattern[start] != '[' || ds_shape_class_end (pattern, start) != end - 1)
    return NULL;
  return g_strndup (pattern + start + 1, end - 1 - (start + 1));
}

/* Behind "{n,m}", "?" or nothing at at: what is to be written for it. */
static gsize
copy_repeat (const char *pattern, gsize at, GString *out)
{
  gsize start = at;
  guint most_counted = at > 0 && pattern[at - 1] == ')' ? LONG_GROUP : LONG_REPEAT;
  if (pattern[at] == '?')
    at++;
  else if (pattern[at] == '{' && g_ascii_isdigit (pattern[at + 1]))
    at += strcspn (pattern + at, "}") + 1;
  else
    return at;
  guint64 least = g_ascii_strtoull (pattern + start + 1, NULL, 10), most = least;
  const char *comma = memchr (pattern + start, ',', at - start);
  if (comma != NULL)
    most = g_ascii_strtoull (comma + 1, NULL, 10);
  if (pattern[start] == '{' && most > most_counted)
    g_string_append_printf (out, "{%u,}", (guint) MIN (least, most_counted));
  else
    g_string_append_len (out, pattern + start, (gssize) (at - start));
  /* Lazy or possessive. */
  return pattern[at] == '?' || pattern[at] == '+' ? at + 1 : at;
}

static gsize
skip_repeat (const char *pattern, gsize at)
{
  g_autoptr (GString) nothing = g_string_new (NULL);
  return copy_repeat (pattern, at, nothing);
}

/* "(" with what follows it up to its content. */
static gsize
copy_group_head (const char *pattern, gsize at, GString *out)
{
  const char *kind = pattern + at + 2;
  if (pattern[at + 1] != '?')
    {
      g_string_append_c (out, '(');
      return at + 1;
    }
  gboolean named = *kind == '<' || *kind == '\'' || *kind == 'P';
  if (!named && *kind != '>')
    {
      g_string_append_c (out, '(');
      return at + 1;
    }
  g_string_append (out, "(?:");
  return at + 3 + (named ? strcspn (kind + 1 + (*kind == 'P'), ">'") + 1 + (*kind == 'P') : 0);
}

/* One item of pattern with its repeat, loosened. */
static gsize
copy_item (const char *pattern, gsize at, GString *out)
{
  gsize end = at + 1;
  if (pattern[at] == '(' && assertion_head (pattern + at) > 0)
    return skip_repeat (pattern, group_end (pattern, at));
  if (pattern[at] == '(')
    return copy_group_head (pattern, at, out);
  if (pattern[at] == '[')
    end = ds_shape_class_end (pattern, at);
  else if (pattern[at] == '\\')
    end = at + (pattern[at + 1] == 'x' ? 4 : 2);
  g_string_append_len (out, pattern + at, (gssize) (end - at));
  return pattern[at] == '|' ? end : copy_repeat (pattern, end, out);
}

/* TRUE if the pattern is one sequence, not alternatives. */
static gboolean
is_sequence (const char *pattern)
{
  for (gsize at = 0; pattern[at] != '\0';)
    {
      if (pattern[at] == '|')
        return FALSE;
      if (pattern[at] == '(')
        at = group_end (pattern, at);
      else if (pattern[at] == '[')
        at = ds_shape_class_end (pattern, at);
      else
        at += pattern[at] == '\\' ? 2 : 1;
    }
  return TRUE;
}

/* The looks behind that a sequence begins with; the first that is a class alone becomes "the edge, or another byte". */
static gsize
copy_front (const char *pattern, gsize at, GString *out)
{
  g_autofree char *class = NULL;
  while (g_str_has_prefix (pattern + at, "(?<!") || g_str_has_prefix (pattern + at, "(?<="))
    {
      gsize end = group_end (pattern, at);
      if (class == NULL && pattern[at + 3] == '!')
        class = only_class (pattern, at + 4, end);
      at = end;
    }
  if (class != NULL)
    g_string_append_printf (out, "(?:^|[^%s)", class);
  return at;
}

/* The same for the looks ahead that the sequence ends with: the class, or NULL; *end is where the first of them begins. */
static char *
take_back (const char *pattern, gsize start, gsize *end)
{
  gsize first = 0;
  g_autofree char *class = NULL;
  for (gsize at = start, next; pattern[at] != '\0'; at = next)
    {
      gboolean ahead = g_str_has_prefix (pattern + at, "(?!") || g_str_has_prefix (pattern + at, "(?=");
      next = pattern[at] == '(' ? group_end (pattern, at) : pattern[at] == '[' ? ds_shape_class_end (pattern, at) : at + (pattern[at] == '\\' ? 2 : 1);
      if (!ahead)
        {
          first = 0;
          g_clear_pointer (&class, g_free);
          continue;
        }
      first = first > 0 ? first : at;
      if (class == NULL && pattern[at + 2] == '!')
        class = only_class (pattern, at + 3, next);
    }
  *end = class != NULL ? first : strlen (pattern);
  return g_steal_pointer (&class);
}

char *
ds_loosen (const char *pattern)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gsize at = 0, end = strlen (pattern);
  if (g_str_has_prefix (pattern, "(?i)"))
    {
      g_string_append (out, "(?i)");
      at = 4;
    }
  g_autofree char *back = NULL;
  if (is_sequence (pattern))
    {
      at = copy_front (pattern, at, out);
      back = take_back (pattern, at, &end);
    }
  while (at < end)
    at = copy_item (pattern, at, out);
  if (back != NULL)
    g_string_append_printf (out, "(?:$|[^%s)", back);
  return g_string_free (g_steal_pointer (&out), FALSE);
}
