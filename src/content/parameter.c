#include "config.h"
#include "content/parameter.h"
#include "content/charset.h"
#include "content/encoded-word.h"
#include <string.h>

/* As many pieces as an honest value never has; what follows is text without a name. */
#define MAX_PIECES 1000

/* One "name*section*=value". */
typedef struct
{
  char *name;
  guint section;
  gboolean starred;  /* "name*", "name*0": RFC 2231 */
  gboolean extended; /* percent-encoded */
  gboolean quoted;
  DsSpan whole;
  DsSpan value; /* between the quotes */
} Piece;

static void
piece_clear (gpointer piece)
{
  g_free (((Piece *) piece)->name);
}

static gsize
skip_space (const char *raw, gsize at, gsize end)
{
  while (at < end && g_ascii_isspace (raw[at]))
    at++;
  return at;
}

/* name, then "*", "*0", "*0*": at stands behind it afterwards. */
static gboolean
parse_name (const char *raw, gsize *at, gsize end, Piece *piece)
{
  gsize start = *at;
  while (*at < end && strchr ("=;*\" \t\r\n", raw[*at]) == NULL)
    (*at)++;
  if (*at == start || *at >= end)
    return FALSE;
  piece->name = g_ascii_strdown (raw + start, (gssize) (*at - start));
  piece->section = 0;
  piece->extended = FALSE;
  while (*at < end && raw[*at] == '*')
    {
      piece->starred = TRUE;
      (*at)++;
      gboolean digits = *at < end && g_ascii_isdigit (raw[*at]);
      for (; *at < end && g_ascii_isdigit (raw[*at]); (*at)++)
        piece->section = MIN (piece->section * 10 + (guint) (raw[*at] - '0'), 100000);
      piece->extended |= !digits;
    }
  *at = skip_space (raw, *at, end);
  return *at < end && raw[*at] == '=';
}

static void
parse_value (const char *raw, gsize *at, gsize end, Piece *piece)
{
  *at = skip_space (raw, *at + 1, end);
  piece->quoted = *at < end && raw[*at] == '"';
  if (piece->quoted)
    {
      gsize start = ++*at;
      while (*at < end && raw[*at] != '"')
        *at += raw[*at] == '\\' && *at + 1 < end ? 2 : 1;
      piece->value = (DsSpan){ start, MIN (*at, end) };
      *at = MIN (*at + 1, end);
      return;
    }
  gsize start = *at;
  while (*at < end && raw[*at] != ';') /* blanks in a token are wrong, and common */
    (*at)++;
  gsize last = *at;
  while (last > start && g_ascii_isspace (raw[last - 1]))
    last--;
  piece->value = (DsSpan){ start, last };
}

/* Text between parameters, if it is more than punctuation. */
static void
add_rest (const char *raw, gsize start, gsize end, GArray *rest)
{
  while (start < end && strchr ("; \t\r\n", raw[start]) != NULL && raw[start] != '\0')
    start++;
  while (end > start && strchr ("; \t\r\n", raw[end - 1]) != NULL && raw[end - 1] != '\0')
    end--;
  DsSpan span = { start, end };
  if (start < end)
    g_array_append_val (rest, span);
}

static GArray *
parse_pieces (const char *raw, gsize start, gsize end, GArray *rest)
{
  GArray *pieces = g_array_new (FALSE, TRUE, sizeof (Piece));
  g_array_set_clear_func (pieces, piece_clear);
  const char *semicolon = memchr (raw + start, ';', end - start);
  gsize at = semicolon != NULL ? (gsize) (semicolon - raw) : end, known = start;
  while (at < end && pieces->len < MAX_PIECES)
    {
      at = skip_space (raw, at, end);
      if (at < end && raw[at] == ';')
        {
          at++;
          continue;
        }
      Piece piece = { 0 };
      gsize from = at;
      if (!parse_name (raw, &at, end, &piece))
        {
          g_free (piece.name);
          const char *next = at < end ? memchr (raw + at, ';', end - at) : NULL;
          at = next != NULL ? (gsize) (next - raw) : end;
          continue;
        }
      parse_value (raw, &at, end, &piece);
      piece.whole = (DsSpan){ from, piece.quoted ? at : piece.value.end };
      add_rest (raw, known, from, rest);
      known = piece.whole.end;
      g_array_append_val (pieces, piece);
    }
  add_rest (raw, known, end, rest);
  return pieces;
}

static void
append_piece (const char *raw, const Piece *piece, GString *bytes)
{
  for (gsize i = piece->value.start; i < piece->value.end; i++)
    {
      int high = piece->extended && raw[i] == '%' && i + 2 < piece->value.end ? g_ascii_xdigit_value (raw[i + 1]) : -1;
      int low = high >= 0 ? g_ascii_xdigit_value (raw[i + 2]) : -1;
      if (low >= 0)
        {
          if ((high | low) != 0) /* a NUL would hide what follows */
            g_string_append_c (bytes, (char) (high << 4 | low));
          i += 2;
        }
      else if (piece->quoted && raw[i] == '\\' && i + 1 < piece->value.end)
        g_string_append_c (bytes, raw[++i]);
      else if (raw[i] != '\r' && raw[i] != '\n' && raw[i] != '\0')
        g_string_append_c (bytes, raw[i]);
    }
}

static char *
decode_words (const char *bytes, gsize size)
{
  GString *out = g_string_new (NULL);
  gsize at = 0, start = 0, end = 0;
  for (;;)
    {
      g_autofree char *words = ds_encoded_words_next (bytes, at, size, &start, &end);
      if (words == NULL)
        break;
      g_string_append_len (out, bytes + at, (gssize) (start - at));
      g_string_append (out, words);
      at = end;
    }
  g_string_append_len (out, bytes + at, (gssize) (size - at));
  return g_string_free (out, FALSE);
}

static char *
decode_value (GString *bytes, gboolean extended)
{
  g_autofree char *charset = NULL;
  gsize skip = 0;
  char *first = extended ? memchr (bytes->str, '\'', bytes->len) : NULL;
  char *second = first != NULL ? strchr (first + 1, '\'') : NULL;
  if (second != NULL)
    {
      charset = g_strndup (bytes->str, (gsize) (first - bytes->str));
      skip = (gsize) (second - bytes->str) + 1;
    }
  /* An extended value has said its charset: "=?" in it is nothing but that. */
  g_autofree char *words = second == NULL && strstr (bytes->str, "=?") != NULL ? decode_words (bytes->str, bytes->len) : NULL;
  const char *data = words != NULL ? words : bytes->str + skip;
  gsize size = words != NULL ? strlen (words) : bytes->len - skip;
  g_autoptr (DsDecoded) decoded = ds_charset_decode (charset != NULL && *charset != '\0' ? charset : NULL, FALSE, data, size);
  return g_strndup (decoded->utf8, decoded->size);
}

static int
by_section (gconstpointer a, gconstpointer b)
{
  return (int) (*(Piece *const *) a)->section - (int) (*(Piece *const *) b)->section;
}

static void
parameter_free (DsParameter *parameter)
{
  g_free (parameter->name);
  g_free (parameter->value);
  g_array_unref (parameter->pieces);
  g_free (parameter);
}

/* parts: the pieces of one name. */
static DsParameter *
join_pieces (const char *raw, GPtrArray *parts)
{
  g_ptr_array_sort (parts, by_section);
  const Piece *first = g_ptr_array_index (parts, 0);
  DsParameter *parameter = g_new0 (DsParameter, 1);
  parameter->name = g_strdup (first->name);
  parameter->pieces = g_array_new (FALSE, FALSE, sizeof (DsSpan));
  g_autoptr (GString) bytes = g_string_new (NULL);
  for (guint i = 0; i < parts->len; i++)
    {
      const Piece *piece = g_ptr_array_index (parts, i);
      append_piece (raw, piece, bytes);
      g_array_append_val (parameter->pieces, piece->whole);
    }
  parameter->value = decode_value (bytes, first->extended);
  gsize length = first->value.end - first->value.start;
  if (parts->len == 1 && first->quoted && !first->extended && strlen (parameter->value) == length
      && memcmp (parameter->value, raw + first->value.start, length) == 0)
    parameter->plain = first->value;
  return parameter;
}

/* What the pieces of one value have in common.  A section that comes again belongs to a further value of that name. */
static char *
group_of (const Piece *piece, GHashTable *sections)
{
  const char *star = piece->starred ? "*" : "";
  char *section = g_strdup_printf ("%s%s/%u", piece->name, star, piece->section);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (sections, section));
  g_hash_table_insert (sections, section, GUINT_TO_POINTER (n + 1));
  return g_strdup_printf ("%s%s#%u", piece->name, star, n);
}

GPtrArray *
ds_parameters_parse (const char *raw, gsize start, gsize end, GArray *rest)
{
  GPtrArray *parameters = g_ptr_array_new_with_free_func ((GDestroyNotify) parameter_free);
  g_autoptr (GArray) pieces = parse_pieces (raw, start, end, rest);
  g_autoptr (GHashTable) by_group = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  g_autoptr (GHashTable) sections = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  for (guint i = 0; i < pieces->len; i++)
    {
      Piece *piece = &g_array_index (pieces, Piece, i);
      g_autofree char *group = group_of (piece, sections);
      GPtrArray *parts = g_hash_table_lookup (by_group, group);
      if (parts == NULL)
        {
          parts = g_ptr_array_new ();
          g_hash_table_insert (by_group, g_steal_pointer (&group), parts);
          g_ptr_array_add (order, parts);
        }
      g_ptr_array_add (parts, piece);
    }
  for (guint i = 0; i < order->len; i++)
    g_ptr_array_add (parameters, join_pieces (raw, g_ptr_array_index (order, i)));
  return parameters;
}

/* ---- writing ---- */

/* A value in quotes stays on one line, a piece of an encoded one too. */
#define QUOTED_LENGTH 200
#define PIECE_LENGTH 60

static gboolean
is_printable (const char *value)
{
  for (const char *at = value; *at != '\0'; at++)
    if (!g_ascii_isprint (*at))
      return FALSE;
  return strlen (value) <= QUOTED_LENGTH;
}

static char *
write_quoted (const char *name, const char *value)
{
  g_autoptr (GString) quoted = g_string_new (NULL);
  for (const char *at = value; *at != '\0'; at++)
    {
      if (*at == '"' || *at == '\\')
        g_string_append_c (quoted, '\\');
      g_string_append_c (quoted, *at);
    }
  return g_strdup_printf ("%s=\"%s\"", name, quoted->str);
}

/* RFC 2231, sections 3 and 4.1: no piece ends within "%XX". */
static char *
write_pieces (const char *name, const char *escaped, const char *eol)
{
  GString *out = g_string_new (NULL);
  guint section = 0;
  for (gsize at = 0, size = strlen (escaped); at < size; section++)
    {
      gsize length = MIN (PIECE_LENGTH, size - at);
      while (at + length < size && (escaped[at + length - 1] == '%' || escaped[at + length - 2] == '%'))
        length--;
      if (section > 0)
        g_string_append_printf (out, ";%s ", eol);
      g_string_append_printf (out, "%s*%u*=%s", name, section, section == 0 ? "utf-8''" : "");
      g_string_append_len (out, escaped + at, (gssize) length);
      at += length;
    }
  return g_string_free (out, FALSE);
}

char *
ds_parameter_write (const char *name, const char *value, const char *eol)
{
  if (is_printable (value))
    return write_quoted (name, value);
  g_autofree char *escaped = g_uri_escape_string (value, NULL, FALSE);
  if (strlen (escaped) <= PIECE_LENGTH)
    return g_strdup_printf ("%s*=utf-8''%s", name, escaped);
  return write_pieces (name, escaped, eol);
}
