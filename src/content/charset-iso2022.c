#include "config.h"
#include "content/charset-private.h"
#include "base/error.h"
#include <string.h>

/* ISO-2022-JP (RFC 1468, 1554, 2237), -KR (RFC 1557), -CN (RFC 1922) and HZ (RFC 1843), read by one machine.
 *
 * A character of theirs is the same character of an EUC charset with the high bits cleared, so that no stateful converter
 * of iconv is needed: those can't tell which bytes a character came from, and had an overflow (CVE-2024-2961). */

enum { ESC = 0x1b, SHIFT_OUT = 0x0e, SHIFT_IN = 0x0f };

typedef enum
{
  G0,
  G1,
  G2,
} Slot;

typedef struct
{
  const char *escape; /* behind ESC */
  Slot slot;
  guint width; /* bytes a character; 0: ASCII, or nearly */
  const char *charset;
  const char *prefix; /* of the character in that charset */
} Set;

enum { SET_NONE, SET_ASCII, SET_ROMAN, SET_KANA_G1, SET_KSC_G1, SET_GB_G1 };

static const Set sets[] = {
  [SET_NONE] = { "", G2, 1, NULL, "" },
  [SET_ASCII] = { "(B", G0, 0, NULL, "" },
  [SET_ROMAN] = { "(J", G0, 0, NULL, "" },
  [SET_KANA_G1] = { ")I", G1, 1, "euc-jp", "\x8e" },
  [SET_KSC_G1] = { "$)C", G1, 2, "euc-kr", "" },
  [SET_GB_G1] = { "$)A", G1, 2, "gb18030", "" },
  { "(H", G0, 0, NULL, "" }, /* ISO646-SE: what some Japanese software took for (J */
  { "(I", G0, 1, "euc-jp", "\x8e" },
  { "$@", G0, 2, "euc-jp", "" },
  { "$B", G0, 2, "euc-jp", "" },
  { "$(@", G0, 2, "euc-jp", "" },
  { "$(B", G0, 2, "euc-jp", "" },
  { "$(D", G0, 2, "euc-jp", "\x8f" },
  { "$(O", G0, 2, "euc-jis-2004", "" },
  { "$(Q", G0, 2, "euc-jis-2004", "" },
  { "$(P", G0, 2, "euc-jis-2004", "\x8f" },
  { "$A", G0, 2, "gb18030", "" },
  { "$(A", G0, 2, "gb18030", "" },
  { "$(C", G0, 2, "euc-kr", "" },
  { "$)E", G1, 2, "gb18030", "" }, /* ISO-IR-165 extends GB 2312 */
  { "$)G", G1, 2, "euc-tw", "" },
  { "$*H", G2, 2, "euc-tw", "\x8e\xa2" },
  { ".A", G2, 1, "windows-1252", "" },
  { ".F", G2, 1, "iso-8859-7", "" },
};

typedef struct
{
  guint8 set[3]; /* by slot */
  gboolean shifted; /* G1 is in force, not G0 */
} State;

typedef enum
{
  DIALECT_JP,
  DIALECT_KR,
  DIALECT_CN,
  DIALECT_HZ,
} Dialect;

typedef struct
{
  const char *bytes;
  gsize size;
  gsize at;
  Dialect dialect;
  State state;
} Machine;

typedef enum
{
  TOKEN_PLAIN,     /* bytes that are themselves */
  TOKEN_CHARACTER, /* utf8 stands for them */
  TOKEN_SWITCH,    /* they change the state */
  TOKEN_INVALID,
} TokenKind;

typedef struct
{
  TokenKind kind;
  gsize size;
  char utf8[DS_CHARSET_ROOM];
  gsize utf8_size;
} Token;

/* Texts without the designation that should come first (RFC 1557, 1922) exist: the usual set is in force from the start. */
static State
initial_state (Dialect dialect)
{
  static const guint8 g1[] = { SET_KANA_G1, SET_KSC_G1, SET_GB_G1, SET_GB_G1 };
  return (State){ { SET_ASCII, g1[dialect], SET_NONE }, FALSE };
}

static void
machine_init (Machine *machine, const DsCharset *charset, const char *bytes, gsize size)
{
  static const struct
  {
    const char *name;
    Dialect dialect;
  } dialects[] = { { "iso-2022-kr", DIALECT_KR }, { "iso-2022-cn", DIALECT_CN }, { "hz-gb-2312", DIALECT_HZ } };
  *machine = (Machine){ bytes, size, 0, DIALECT_JP, { { 0 }, FALSE } };
  for (guint i = 0; i < G_N_ELEMENTS (dialects); i++)
    if (g_str_equal (dialects[i].name, charset->name))
      machine->dialect = dialects[i].dialect;
  machine->state = initial_state (machine->dialect);
}

/* A line ends shifted in (RFC 1557, 1843), and in ISO-2022-CN without designations (RFC 1922, 4). */
static void
end_line (State *state, Dialect dialect)
{
  if (dialect == DIALECT_JP)
    return;
  state->shifted = FALSE;
  if (dialect == DIALECT_CN)
    *state = initial_state (dialect);
}

static const Set *
set_in_force (const State *state)
{
  return &sets[state->set[state->shifted ? G1 : G0]];
}

/* The charset that holds a set's characters; looked up once, since that costs more than the character. */
static const DsCharset *
charset_of (const Set *set)
{
  static const DsCharset *found[G_N_ELEMENTS (sets)];
  const DsCharset **slot = &found[set - sets];
  if (*slot == NULL && set->charset != NULL)
    *slot = ds_charset_find (set->charset);
  return *slot;
}

/* A character of set at bytes [at, at + width), whose high bits do not count. */
static void
read_character (const Machine *machine, gsize at, const Set *set, Token *token)
{
  char native[8];
  gsize size = strlen (set->prefix);
  memcpy (native, set->prefix, size);
  for (guint i = 0; i < set->width; i++)
    native[size + i] = (char) (machine->bytes[at + i] | 0x80);
  size += set->width;
  token->kind = TOKEN_INVALID;
  const DsCharset *charset = charset_of (set);
  if (charset == NULL)
    return;
  if (charset->family == DS_FAMILY_SINGLE)
    {
      gunichar character = ds_charset_single (charset)[(guchar) native[0]];
      if (character == DS_CHARSET_NONE)
        return;
      token->utf8_size = (gsize) g_unichar_to_utf8 (character, token->utf8);
      token->kind = TOKEN_CHARACTER;
      return;
    }
  gsize used = ds_charset_multi (charset, native, size, token->utf8, &token->utf8_size);
  if (token->utf8_size > 0 && used == size)
    token->kind = TOKEN_CHARACTER;
}

static gboolean
is_graphic (char byte)
{
  return byte > 0x20 && byte < 0x7f;
}

static gboolean
has_graphics (const Machine *machine, gsize at, guint count)
{
  for (guint i = 0; i < count; i++)
    if (at + i >= machine->size || !is_graphic ((char) (machine->bytes[at + i] & 0x7f)))
      return FALSE;
  return TRUE;
}

/* SS2: one character of G2. */
static void
read_single_shift (const Machine *machine, Token *token)
{
  const Set *set = &sets[machine->state.set[G2]];
  gboolean whole = set->charset != NULL && has_graphics (machine, machine->at + 2, set->width);
  token->size = whole ? 2 + set->width : 2;
  token->kind = TOKEN_INVALID;
  if (whole)
    read_character (machine, machine->at + 2, set, token);
}

static void
read_escape (Machine *machine, Token *token)
{
  const char *at = machine->bytes + machine->at + 1;
  gsize left = machine->size - machine->at - 1;
  if (left > 0 && *at == 'N')
    {
      read_single_shift (machine, token);
      return;
    }
  for (guint i = SET_ASCII; i < G_N_ELEMENTS (sets); i++)
    {
      gsize size = strlen (sets[i].escape);
      if (left < size || memcmp (at, sets[i].escape, size) != 0)
        continue;
      machine->state.set[sets[i].slot] = (guint8) i;
      token->kind = TOKEN_SWITCH;
      token->size = 1 + size;
      return;
    }
}

/* "~{", "~}", "~~", and "~" at a line's end, which joins it to the next. */
static void
read_tilde (Machine *machine, Token *token)
{
  char next = machine->size - machine->at >= 2 ? machine->bytes[machine->at + 1] : '\0';
  if (next == '\0' || strchr ("{}~\n", next) == NULL)
    return;
  token->size = 2;
  token->kind = next == '~' ? TOKEN_CHARACTER : TOKEN_SWITCH;
  token->utf8[0] = '~';
  token->utf8_size = 1;
  if (next != '~')
    machine->state.shifted = next == '{';
}

/* The run of bytes from here that are ASCII in ASCII. */
static gsize
plain_run (const Machine *machine)
{
  gsize at = machine->at;
  while (at < machine->size && (machine->bytes[at] == ' ' || is_graphic (machine->bytes[at]))
         && !(machine->dialect == DIALECT_HZ && machine->bytes[at] == '~'))
    at++;
  return MAX (at - machine->at, 1);
}

/* JIS X 0201's Roman half is ASCII but for two characters, one of which nobody means: software shows it as '\'. */
static void
read_graphic (const Machine *machine, Token *token)
{
  const Set *set = set_in_force (&machine->state);
  char byte = machine->bytes[machine->at];
  if (set->width == 0 && set == &sets[SET_ROMAN])
    {
      if (byte != '\\' && byte != '~')
        return;
      token->kind = TOKEN_CHARACTER;
      token->utf8_size = (gsize) g_unichar_to_utf8 (byte == '~' ? 0x203e : 0xa5, token->utf8);
    }
  else if (set->width == 0)
    token->size = plain_run (machine);
  else if (!has_graphics (machine, machine->at, set->width))
    token->kind = TOKEN_INVALID;
  else
    {
      token->size = set->width;
      read_character (machine, machine->at, set, token);
    }
}

/* Reads the token at machine->at and applies it to the state.  FALSE at the end. */
static gboolean
machine_next (Machine *machine, Token *token)
{
  if (machine->at == machine->size)
    return FALSE;
  guchar byte = (guchar) machine->bytes[machine->at];
  token->kind = TOKEN_PLAIN;
  token->size = 1;
  if (machine->dialect == DIALECT_HZ && byte == '~')
    read_tilde (machine, token);
  else if (byte == ESC && machine->dialect != DIALECT_HZ)
    read_escape (machine, token);
  else if ((byte == SHIFT_OUT || byte == SHIFT_IN) && machine->dialect != DIALECT_HZ)
    {
      machine->state.shifted = byte == SHIFT_OUT;
      token->kind = TOKEN_SWITCH;
    }
  else if (byte == '\n')
    end_line (&machine->state, machine->dialect);
  else if (byte >= 0x80)
    token->kind = TOKEN_INVALID;
  else if (is_graphic ((char) byte))
    read_graphic (machine, token);
  machine->at += token->size;
  return TRUE;
}

guint
ds_decode_iso2022 (const DsCharset *charset, DsTextBuilder *builder, gsize size)
{
  Machine machine;
  Token token;
  guint invalid = 0;
  machine_init (&machine, charset, builder->source, size);
  while (machine_next (&machine, &token))
    {
      gsize start = machine.at - token.size;
      if (token.kind == TOKEN_PLAIN)
        ds_text_builder_copy (builder, start, machine.at);
      else if (token.kind == TOKEN_CHARACTER)
        ds_text_builder_put (builder, start, machine.at, token.utf8, token.utf8_size);
      else if (token.kind == TOKEN_INVALID)
        {
          ds_decode_put_invalid (builder, start, machine.at);
          invalid++;
        }
    }
  return invalid;
}

static void
designate (GString *out, const Set *set)
{
  if (set->escape[0] == '\0')
    return;
  g_string_append_c (out, ESC);
  g_string_append (out, set->escape);
}

static void
shift (GString *out, Dialect dialect, gboolean shifted)
{
  if (dialect == DIALECT_HZ)
    g_string_append (out, shifted ? "~{" : "~}");
  else
    g_string_append_c (out, shifted ? SHIFT_OUT : SHIFT_IN);
}

/* Writes text, which is ASCII, from whatever state; state becomes the one after it. */
static void
write_ascii (GString *out, Dialect dialect, State *state, const char *text)
{
  if (text[0] == '\0')
    return;
  if (state->shifted)
    shift (out, dialect, FALSE);
  if (state->set[G0] != SET_ASCII)
    designate (out, &sets[SET_ASCII]);
  state->shifted = FALSE;
  state->set[G0] = SET_ASCII;
  for (; *text != '\0'; text++)
    {
      if (dialect == DIALECT_HZ && *text == '~')
        g_string_append_c (out, '~');
      g_string_append_c (out, *text);
      if (*text == '\n')
        end_line (state, dialect);
    }
}

/* Switches from state to the one that the bytes at the machine rely on, as far as they do: not at the end, and not where
 * an escape sequence comes next that designates G0 anew. */
static void
restore_state (GString *out, const Machine *machine, const State *state)
{
  Machine ahead = *machine;
  Token token;
  if (!machine_next (&ahead, &token))
    {
      if (state->shifted)
        shift (out, machine->dialect, FALSE);
      if (state->set[G0] != SET_ASCII)
        designate (out, &sets[SET_ASCII]);
      return;
    }
  const State *wanted = &machine->state;
  gboolean renewed = token.kind == TOKEN_SWITCH && ahead.state.set[G0] != wanted->set[G0];
  for (Slot slot = G0; slot <= G2; slot++)
    if (wanted->set[slot] != state->set[slot] && !(slot == G0 && renewed))
      designate (out, &sets[wanted->set[slot]]);
  if (wanted->shifted != state->shifted)
    shift (out, machine->dialect, wanted->shifted);
}

GArray *
ds_edits_iso2022 (const DsCharset *charset, const DsDecoded *decoded, const char *bytes, gsize size, const GArray *edits,
                  GError **error)
{
  Machine machine;
  Token token;
  machine_init (&machine, charset, bytes, size);
  g_autoptr (GArray) out = ds_edits_new ();
  for (guint i = 0; i < edits->len; i++)
    {
      const DsEdit *edit = &g_array_index (edits, DsEdit, i);
      if (!g_str_is_ascii (edit->replacement))
        {
          g_set_error (error, DS_ERROR, DS_ERROR_ITEM, "%s: a replacement has to be ASCII", charset->name);
          return NULL;
        }
      DsSpan hull = ds_splice_hull (decoded, edit);
      g_autoptr (GString) text = g_string_new (NULL);
      while (machine.at < hull.start && machine_next (&machine, &token))
        ;
      State state = machine.state;
      write_ascii (text, machine.dialect, &state, edit->replacement);
      while (machine.at < hull.end && machine_next (&machine, &token))
        ;
      restore_state (text, &machine, &state);
      ds_edits_add_bytes (out, hull.start, hull.end, text->str, text->len);
    }
  return g_steal_pointer (&out);
}
