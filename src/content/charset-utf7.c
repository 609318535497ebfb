#include "config.h"
#include "content/charset-private.h"
#include <string.h>

/* UTF-7 (RFC 2152): ASCII with runs of modified base64 between '+' and '-'. */

typedef enum
{
  TOKEN_DIRECT, /* bytes that are themselves */
  TOKEN_PLUS,   /* "+-" */
  TOKEN_RUN,
  TOKEN_INVALID,
} TokenKind;

typedef struct
{
  TokenKind kind;
  gsize start;
  gsize end;
  gsize body_end; /* of a run: where its base64 ends */
} Token;

static int
sextet (char byte)
{
  if (byte >= 'A' && byte <= 'Z')
    return byte - 'A';
  if (byte >= 'a' && byte <= 'z')
    return byte - 'a' + 26;
  if (byte >= '0' && byte <= '9')
    return byte - '0' + 52;
  return byte == '+' ? 62 : byte == '/' ? 63 : -1;
}

/* A run holds whole UTF-16 units and fewer than six zero bits after them (RFC 2152, rule 2).  One that doesn't is no
 * run but, say, a phone number with its '+' in text that was never UTF-7: it is read as it stands. */
static gboolean
is_sound_run (const char *bytes, gsize start, gsize end)
{
  gsize rest = (end - start) * 6 % 16;
  return end - start >= 3 && rest < 6 && (sextet (bytes[end - 1]) & ((1 << rest) - 1)) == 0;
}

static void
read_plus (const char *bytes, gsize at, gsize size, Token *token)
{
  gsize end = at + 1;
  while (end < size && sextet (bytes[end]) >= 0)
    end++;
  gboolean closed = end < size && bytes[end] == '-';
  token->body_end = end;
  token->end = closed ? end + 1 : end;
  if (end == at + 1 && closed)
    token->kind = TOKEN_PLUS;
  else if (is_sound_run (bytes, at + 1, end))
    token->kind = TOKEN_RUN;
  else
    token->end = end;
}

static gboolean
next_token (const char *bytes, gsize at, gsize size, Token *token)
{
  if (at == size)
    return FALSE;
  *token = (Token){ TOKEN_DIRECT, at, at + 1, at };
  if (bytes[at] == '+')
    read_plus (bytes, at, size, token);
  else if ((bytes[at] & 0x80) != 0)
    token->kind = TOKEN_INVALID;
  else
    while (token->end < size && bytes[token->end] != '+' && (bytes[token->end] & 0x80) == 0)
      token->end++;
  return TRUE;
}

/* One UTF-16 unit, or the two of a surrogate pair, for bytes [start, end).  Returns 1 if it is no character. */
static guint
put_units (DsTextBuilder *builder, gsize start, gsize end, guint32 high, guint32 unit)
{
  gboolean is_low = unit >= 0xdc00 && unit < 0xe000;
  if (high != 0 && is_low)
    {
      ds_text_builder_put_char (builder, start, end, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
      return 0;
    }
  if (high != 0 || is_low)
    {
      ds_decode_put_invalid (builder, start, end);
      return 1;
    }
  ds_text_builder_put_char (builder, start, end, unit);
  return 0;
}

/* A unit begins within a byte; that byte counts for the character before, so that no byte belongs to two. */
static guint
decode_run (DsTextBuilder *builder, const Token *token)
{
  guint32 bits = 0, held = 0, high = 0;
  guint invalid = 0;
  gsize start = token->start + 1, high_end = start;
  for (gsize at = start; at < token->body_end; at++)
    {
      bits = bits << 6 | (guint32) sextet (builder->source[at]);
      held += 6;
      if (held < 16)
        continue;
      held -= 16;
      guint32 unit = bits >> held & 0xffff;
      gboolean is_high = unit >= 0xd800 && unit < 0xdc00, is_low = unit >= 0xdc00 && unit < 0xe000;
      if (high != 0 && !is_low)
        {
          invalid += put_units (builder, start, high_end, high, 0);
          start = high_end;
          high = 0;
        }
      high_end = at + 1;
      if (is_high)
        {
          high = unit;
          continue;
        }
      invalid += put_units (builder, start, at + 1, high, unit);
      start = at + 1;
      high = 0;
    }
  return high != 0 ? invalid + put_units (builder, start, high_end, high, 0) : invalid;
}

static guint
decode_token (DsTextBuilder *builder, const Token *token)
{
  switch (token->kind)
    {
    case TOKEN_DIRECT:
      ds_text_builder_copy (builder, token->start, token->end);
      return 0;
    case TOKEN_PLUS:
      ds_text_builder_put (builder, token->start, token->end, "+", 1);
      return 0;
    case TOKEN_RUN:
      return decode_run (builder, token);
    case TOKEN_INVALID:
      ds_decode_put_invalid (builder, token->start, token->end);
      return 1;
    }
  g_return_val_if_reached (0);
}

guint
ds_decode_utf7 (DsTextBuilder *builder, gsize size)
{
  Token token;
  guint invalid = 0;
  for (gsize at = 0; next_token (builder->source, at, size, &token); at = token.end)
    invalid += decode_token (builder, &token);
  return invalid;
}

static void
write_sextets (GString *out, guint32 *bits, guint *held, gboolean last)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (; *held >= 6; *held -= 6)
    g_string_append_c (out, digits[*bits >> (*held - 6) & 63]);
  if (last && *held > 0)
    g_string_append_c (out, digits[*bits << (6 - *held) & 63]);
}

/* The end is always marked: whatever comes next, it can't become part of the run. */
static void
write_run (GString *out, const char *utf8, gsize size)
{
  guint32 bits = 0;
  guint held = 0;
  if (size == 0)
    return;
  g_string_append_c (out, '+');
  for (const char *at = utf8; at < utf8 + size; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);
      if (character >= 0x10000)
        {
          bits = bits << 16 | (0xd800 + ((character - 0x10000) >> 10));
          held += 16;
          write_sextets (out, &bits, &held, FALSE);
          character = 0xdc00 + ((character - 0x10000) & 0x3ff);
        }
      bits = bits << 16 | character;
      held += 16;
      write_sextets (out, &bits, &held, FALSE);
    }
  write_sextets (out, &bits, &held, TRUE);
  g_string_append_c (out, '-');
}

static void
write_replacement (GString *out, const char *text)
{
  while (*text != '\0')
    {
      const char *end = text;
      while ((*end & 0x80) != 0)
        end++;
      write_run (out, text, (gsize) (end - text));
      if (*end == '+')
        g_string_append (out, "+-");
      else if (*end != '\0')
        g_string_append_c (out, *end);
      text = *end != '\0' ? end + 1 : end;
    }
}

typedef struct
{
  const char *bytes;
  const DsDecoded *decoded;
  const GArray *edits;
  guint edit;    /* the first that is not done with */
  GString *text; /* what comes in a token's place */
  GArray *out;
} Splice;

/* The part [from, to) of decoded->utf8, which is a token that is not direct, or part of one. */
static void
write_kept (Splice *splice, const Token *token, gsize from, gsize to)
{
  if (from >= to)
    return;
  if (token->kind == TOKEN_RUN)
    write_run (splice->text, splice->decoded->utf8 + from, to - from);
  else
    g_string_append_len (splice->text, splice->bytes + token->start, (gssize) (token->end - token->start));
}

static void
end_edit (Splice *splice, gsize start, gsize end)
{
  ds_edits_add_bytes (splice->out, start, end, splice->text->str, splice->text->len);
  g_string_truncate (splice->text, 0);
}

/* A token whose text is [base, end) of decoded->utf8.  A run that an edit touches is written anew, in as many runs as the
 * edits leave of it. */
static void
splice_token (Splice *splice, const Token *token, gsize base, gsize end)
{
  gsize kept = base;
  gboolean direct = token->kind == TOKEN_DIRECT, touched = FALSE;
  for (; splice->edit < splice->edits->len; splice->edit++)
    {
      const DsEdit *edit = &g_array_index (splice->edits, DsEdit, splice->edit);
      if (edit->span.start >= end)
        break;
      gsize from = MAX (edit->span.start, base), to = MIN (edit->span.end, end);
      touched = TRUE;
      if (!direct)
        write_kept (splice, token, kept, from);
      if (edit->span.start >= base)
        write_replacement (splice->text, edit->replacement);
      if (direct)
        end_edit (splice, token->start + (from - base), token->start + (to - base));
      kept = to;
      if (edit->span.end > end)
        break;
    }
  if (direct || !touched)
    return;
  write_kept (splice, token, kept, end);
  end_edit (splice, token->start, token->end);
}

GArray *
ds_edits_utf7 (const DsDecoded *decoded, const char *bytes, gsize size, const GArray *edits)
{
  Token token;
  g_auto (DsTextBuilder) again; /* the text anew, token by token, for their sizes */
  ds_text_builder_init (&again, bytes, decoded->size);
  g_autoptr (GString) text = g_string_new (NULL);
  Splice splice = { bytes, decoded, edits, 0, text, ds_edits_new () };
  for (gsize at = 0; next_token (bytes, at, size, &token) && splice.edit < edits->len; at = token.end)
    {
      gsize base = again.utf8->len;
      decode_token (&again, &token);
      splice_token (&splice, &token, base, again.utf8->len);
    }
  for (; splice.edit < edits->len; splice.edit++)
    {
      write_replacement (text, g_array_index (edits, DsEdit, splice.edit).replacement);
      end_edit (&splice, size, size);
    }
  return splice.out;
}
