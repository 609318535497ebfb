#include "config.h"
#include "content/text-builder.h"
#include <string.h>

/* iCalendar (RFC 5545) and vCard (2.1, RFC 2426, RFC 6350): content lines, folded. */

typedef enum
{
  VALUE_TEXT,
  VALUE_QUOTED_PRINTABLE, /* vCard 2.1 and iCalendar 1.0 */
  VALUE_BINARY,           /* base64: a photo, a key, an attachment */
  VALUE_HTML,             /* X-ALT-DESC of many invitations: text, and that is HTML */
} ValueKind;

typedef struct
{
  const char *text;
  gsize size;
  gsize at;
  DsTextBuilder visible;
  DsTextBuilder comment;
  DsTextBuilder html;
} CalendarReader;

/* Bytes of the line break at this place, 0 if there is none. */
static gsize
break_size (const CalendarReader *reader, gsize at)
{
  if (at < reader->size && reader->text[at] == '\n')
    return 1;
  return at + 1 < reader->size && reader->text[at] == '\r' && reader->text[at + 1] == '\n' ? 2 : 0;
}

/* The same with the one space behind it that makes it a fold (RFC 5545, 3.1), 0 if the line ends here. */
static gsize
fold_size (const CalendarReader *reader, gsize at)
{
  gsize size = break_size (reader, at);
  if (size == 0 || at + size >= reader->size)
    return 0;
  char next = reader->text[at + size];
  return next == ' ' || next == '\t' ? size + 1 : 0;
}

/* Skips folds from at on: the next byte of the line, wherever it is. */
static gsize
skip_folds (const CalendarReader *reader, gsize at)
{
  for (gsize fold; (fold = fold_size (reader, at)) > 0;)
    at += fold;
  return at;
}

static gboolean
at_line_end (const CalendarReader *reader)
{
  return reader->at >= reader->size || (break_size (reader, reader->at) > 0 && fold_size (reader, reader->at) == 0);
}

/* Copies from reader->at to the next byte of stops, fold or line end. */
static void
copy_plain (CalendarReader *reader, DsTextBuilder *builder, const char *stops)
{
  gsize start = reader->at, stops_size = strlen (stops);
  while (reader->at < reader->size && memchr (stops, reader->text[reader->at], stops_size) == NULL
         && break_size (reader, reader->at) == 0)
    reader->at++;
  ds_text_builder_copy (builder, start, reader->at);
}

static gboolean
parameter_is (const GString *parameter, const char *name, const char *value)
{
  const char *equals = strchr (parameter->str, '=');
  if (equals == NULL)
    return g_ascii_strcasecmp (parameter->str, value) == 0; /* vCard 2.1: ";QUOTED-PRINTABLE" */
  gsize length = (gsize) (equals - parameter->str);
  return length == strlen (name) && g_ascii_strncasecmp (parameter->str, name, length) == 0 && g_ascii_strcasecmp (equals + 1, value) == 0;
}

static ValueKind
kind_of (const GString *parameter, ValueKind known)
{
  if (parameter_is (parameter, "ENCODING", "QUOTED-PRINTABLE"))
    return VALUE_QUOTED_PRINTABLE;
  if (parameter_is (parameter, "ENCODING", "BASE64") || parameter_is (parameter, "ENCODING", "B"))
    return VALUE_BINARY;
  if (known == VALUE_TEXT && parameter_is (parameter, "FMTTYPE", "text/html"))
    return VALUE_HTML;
  return known;
}

/* The name with its parameters, up to and with the ':'; says how the value is written. */
static ValueKind
read_name (CalendarReader *reader)
{
  enum { LONGEST = 64 }; /* no parameter that counts is longer */
  g_autoptr (GString) parameter = g_string_sized_new (LONGEST);
  ValueKind kind = VALUE_TEXT;
  gboolean quoted = FALSE, named = FALSE;
  while (!at_line_end (reader))
    {
      gsize start = skip_folds (reader, reader->at);
      if (start != reader->at)
        {
          reader->at = start;
          continue;
        }
      char byte = reader->text[reader->at++];
      ds_text_builder_copy (&reader->visible, start, reader->at);
      quoted = quoted != (byte == '"');
      if (!quoted && (byte == ';' || byte == ':'))
        {
          /* The property's own name comes first, and may be "B" or "BASE64" itself. */
          kind = named ? kind_of (parameter, kind) : kind;
          named = TRUE;
          g_string_truncate (parameter, 0);
        }
      else if (parameter->len < LONGEST)
        g_string_append_c (parameter, byte);
      if (!quoted && byte == ':')
        break;
    }
  return kind;
}

/* A backslash escape, which a fold may split (RFC 5545, 3.3.11; RFC 6350, 3.4). */
static void
read_escape (CalendarReader *reader)
{
  gsize start = reader->at, next = skip_folds (reader, start + 1);
  char byte = next < reader->size ? reader->text[next] : '\0';
  gboolean escaped = byte == 'n' || byte == 'N' || byte == '\\' || byte == ',' || byte == ';' || byte == ':';
  if (!escaped)
    {
      ds_text_builder_copy (&reader->visible, start, start + 1);
      reader->at = start + 1;
      return;
    }
  char meaning = byte == 'n' || byte == 'N' ? '\n' : byte;
  ds_text_builder_put (&reader->visible, start, next + 1, &meaning, 1);
  reader->at = next + 1;
}

static void
read_text_value (CalendarReader *reader)
{
  while (!at_line_end (reader))
    {
      gsize fold = fold_size (reader, reader->at);
      if (fold > 0)
        reader->at += fold;
      else if (reader->text[reader->at] == '\\')
        read_escape (reader);
      else
        copy_plain (reader, &reader->visible, "\\");
    }
}

/* As text, but apart. */
static void
read_html_value (CalendarReader *reader)
{
  DsTextBuilder visible = reader->visible;
  reader->visible = reader->html;
  ds_text_builder_separate (&reader->visible);
  read_text_value (reader);
  reader->html = reader->visible;
  reader->visible = visible;
}

static void
read_binary_value (CalendarReader *reader)
{
  ds_text_builder_separate (&reader->comment);
  while (!at_line_end (reader))
    {
      reader->at += fold_size (reader, reader->at);
      copy_plain (reader, &reader->comment, "");
    }
}

/* A soft line break, whose next line begins anywhere (vCard 2.1, 2.1.4.2); 0 if there is none. */
static gsize
soft_break (const CalendarReader *reader, gsize at)
{
  if (at >= reader->size || reader->text[at] != '=')
    return 0;
  gsize size = break_size (reader, at + 1);
  return size > 0 ? 1 + size : 0;
}

/* The byte of the "=XX" at *at, and *at behind it; -1 if there is none. */
static int
quoted_byte (const CalendarReader *reader, gsize *at)
{
  gsize first = *at;
  for (gsize soft; (soft = soft_break (reader, first)) > 0;)
    first += soft;
  if (first >= reader->size || reader->size - first < 3 || reader->text[first] != '=')
    return -1;
  int high = g_ascii_xdigit_value (reader->text[first + 1]), low = g_ascii_xdigit_value (reader->text[first + 2]);
  if (high < 0 || low < 0)
    return -1;
  *at = first + 3;
  return high << 4 | low;
}

/* "=XX" one or several, as the UTF-8 of a character.  What is not UTF-8 is Latin-1: phones that write vCard 2.1 know no
 * third way, whatever CHARSET says. */
static void
read_quoted (CalendarReader *reader)
{
  char utf8[4];
  gsize size = 0, start = reader->at, at = start, first_end = start;
  for (int byte; size < sizeof utf8 && (byte = quoted_byte (reader, &at)) >= 0;)
    {
      utf8[size++] = (char) byte;
      first_end = size == 1 ? at : first_end;
      if (byte != 0 && !g_utf8_validate_len (utf8, size, NULL))
        continue;
      ds_text_builder_put (&reader->visible, start, at, utf8, size);
      reader->at = at;
      return;
    }
  if (size == 0)
    ds_text_builder_copy (&reader->visible, start, start + 1);
  else
    ds_text_builder_put_char (&reader->visible, start, first_end, (guchar) utf8[0]);
  reader->at = size == 0 ? start + 1 : first_end;
}

static void
read_quoted_value (CalendarReader *reader)
{
  while (!at_line_end (reader))
    {
      gsize skipped = fold_size (reader, reader->at);
      if (skipped == 0)
        skipped = soft_break (reader, reader->at);
      if (skipped > 0)
        reader->at += skipped;
      else if (reader->text[reader->at] == '=')
        read_quoted (reader);
      else
        copy_plain (reader, &reader->visible, "=");
    }
}

/* A data: URI of RFC 6350 ("PHOTO:data:image/jpeg;base64,..."). */
static gboolean
is_data_uri (const CalendarReader *reader)
{
  enum { LONGEST_TYPE = 80 };
  gsize at = reader->at, left = reader->size - at;
  return left > 5 && g_ascii_strncasecmp (reader->text + at, "data:", 5) == 0
         && memmem (reader->text + at, MIN (left, LONGEST_TYPE), ";base64,", 8) != NULL;
}

static void
read_line (CalendarReader *reader)
{
  ValueKind kind = read_name (reader);
  if (kind == VALUE_BINARY || is_data_uri (reader))
    read_binary_value (reader);
  else if (kind == VALUE_QUOTED_PRINTABLE)
    read_quoted_value (reader);
  else if (kind == VALUE_HTML)
    read_html_value (reader);
  else
    read_text_value (reader);
  gsize line_end = reader->at + break_size (reader, reader->at);
  ds_text_builder_copy (&reader->visible, reader->at, line_end);
  reader->at = line_end;
}

void
ds_read_calendar (const char *utf8, gsize size, GPtrArray *texts)
{
  CalendarReader reader = { .text = utf8, .size = size };
  ds_text_builder_init (&reader.visible, utf8, size);
  ds_text_builder_init (&reader.comment, utf8, 0);
  ds_text_builder_init (&reader.html, utf8, 0);
  while (reader.at < size)
    read_line (&reader);
  ds_text_builder_end_into (&reader.visible, DS_TEXT_VISIBLE, texts);
  guint others = texts->len;
  ds_text_builder_end_into (&reader.comment, DS_TEXT_COMMENT, texts);
  if (texts->len > others)
    ((DsText *) g_ptr_array_index (texts, others))->base64 = TRUE;
  ds_text_builder_read_into (&reader.html, ds_read_html, texts);
}
