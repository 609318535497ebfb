#include "config.h"
#include "content/entities.h"
#include "content/html-private.h"
#include <string.h>

static void
reader_init (HtmlReader *reader, const char *utf8, gsize size, gboolean xml)
{
  *reader = (HtmlReader){ .text = utf8, .size = size, .xml = xml };
  reader->quotings = g_array_new (FALSE, FALSE, sizeof (DsQuotedSpan));
  ds_text_builder_init (&reader->visible, utf8, size / 4);
  ds_text_builder_init (&reader->attribute, utf8, size / 16);
  ds_text_builder_init (&reader->comment, utf8, 0);
}

static void
reader_end (HtmlReader *reader, GPtrArray *texts)
{
  g_autofree HtmlReader *fallback = reader->fallback;
  ds_text_builder_end_into (&reader->visible, DS_TEXT_VISIBLE, texts);
  if (reader->attribute.utf8->len > 0)
    {
      DsText *attribute = ds_text_builder_end (&reader->attribute, DS_TEXT_ATTRIBUTE);
      attribute->quotings = g_array_ref (reader->quotings);
      g_ptr_array_add (texts, attribute);
    }
  ds_text_builder_end_into (&reader->comment, DS_TEXT_COMMENT, texts);
  ds_text_builder_clear (&reader->attribute);
  g_array_unref (reader->quotings);
  if (fallback != NULL)
    reader_end (fallback, texts);
}

static gboolean
ends_in_gap (const HtmlReader *reader)
{
  return reader->visible.utf8->len == reader->visible.gap_end;
}

/* One line break however many blocks begin and end here; it takes the place of a cell's tab. */
static void
break_line (HtmlReader *reader)
{
  GString *visible = reader->visible.utf8;
  if (!ends_in_gap (reader))
    ds_text_builder_gap (&reader->visible, '\n');
  else if (visible->len > 0)
    visible->str[visible->len - 1] = '\n';
}

static void
break_cell (HtmlReader *reader)
{
  if (!ends_in_gap (reader))
    ds_text_builder_gap (&reader->visible, '\t');
}

/* A run of white space is one space, and none where the line begins or one stands already (CSS Text 3, 4.1.1). */
static void
put_space (HtmlReader *reader, gsize start, gsize end)
{
  const GString *visible = reader->visible.utf8;
  if (ends_in_gap (reader) || visible->str[visible->len - 1] == ' ')
    return;
  ds_text_builder_put (&reader->visible, start, end, " ", 1);
}

static gboolean
collapses_space (const HtmlReader *reader)
{
  return reader->preformatted == 0 && !reader->xml;
}

static gsize
put_entity (HtmlReader *reader, gsize start, gsize end)
{
  char utf8[DS_ENTITY_ROOM];
  gsize utf8_size, used = ds_entity_read (reader->text + start, end - start, FALSE, utf8, &utf8_size);
  if (used == 0)
    ds_text_builder_copy (&reader->visible, start, start + 1);
  else if (utf8_size == 1 && ds_html_is_space (utf8[0]) && collapses_space (reader))
    put_space (reader, start, start + used);
  else
    ds_text_builder_put (&reader->visible, start, start + used, utf8, utf8_size);
  return start + MAX (used, 1);
}

/* 13.2.5.6: which '<' begins markup.  XML names may begin with more (XML 1.0, 2.3). */
static gboolean
begins_markup (const HtmlReader *reader, gsize at)
{
  if (at + 1 == reader->size)
    return FALSE;
  char next = reader->text[at + 1];
  if (next == '/')
    return at + 2 < reader->size;
  if (next == '!' || next == '?' || g_ascii_isalpha (next))
    return TRUE;
  return reader->xml && (next == '_' || next == ':' || (next & 0x80) != 0);
}

/* The end of what is text just as it stands: single spaces between words too. */
static gsize
plain_run (const HtmlReader *reader, gsize at, gsize end, gboolean markup)
{
  gboolean collapse = collapses_space (reader);
  for (gsize start = at; at < end; at++)
    {
      char byte = reader->text[at];
      if (byte == '&' || (byte == '<' && markup && begins_markup (reader, at)))
        return at;
      if (!collapse || !ds_html_is_space (byte))
        continue;
      if (byte != ' ' || at == start || at + 1 == end || ds_html_is_space (reader->text[at + 1]))
        return at;
    }
  return end;
}

/* Text up to end, or if there may be markup, to the next of it. */
static void
read_text (HtmlReader *reader, gsize end, gboolean markup)
{
  while (reader->at < end)
    {
      gsize plain = plain_run (reader, reader->at, end, markup);
      ds_text_builder_copy (&reader->visible, reader->at, plain);
      reader->at = plain;
      if (plain == end || reader->text[plain] == '<')
        return;
      if (reader->text[plain] == '&')
        {
          reader->at = put_entity (reader, plain, end);
          continue;
        }
      while (reader->at < end && ds_html_is_space (reader->text[reader->at]))
        reader->at++;
      put_space (reader, plain, reader->at);
    }
}

static gboolean
looking_at (const HtmlReader *reader, gsize at, const char *text)
{
  gsize size = strlen (text);
  return reader->size - at >= size && memcmp (reader->text + at, text, size) == 0;
}

/* Where the needle, a few bytes, ends the stretch from start; the end of the input if nowhere.  (Under a sanitizer each
 * memmem costs the whole haystack.) */
static gsize
find_end (const HtmlReader *reader, gsize start, const char *needle)
{
  for (gsize at = start; at < reader->size; at++)
    {
      const char *found = memchr (reader->text + at, needle[0], reader->size - at);
      if (found == NULL)
        return reader->size;
      at = (gsize) (found - reader->text);
      if (looking_at (reader, at, needle))
        return at;
    }
  return reader->size;
}

static void read_rest (HtmlReader *reader);

/* Reads [start, end) as markup, apart from what is around it. */
static void
read_apart (HtmlReader *reader, gsize start, gsize end)
{
  if (reader->fallback == NULL)
    {
      reader->fallback = g_new (HtmlReader, 1);
      reader_init (reader->fallback, reader->text, 0, FALSE);
      reader->fallback->is_fallback = TRUE;
    }
  HtmlReader *fallback = reader->fallback;
  ds_text_builder_separate (&fallback->visible);
  fallback->at = start;
  fallback->size = end;
  fallback->preformatted = 0;
  read_rest (fallback);
}

static void
keep_comment (HtmlReader *reader, gsize start, gsize end)
{
  if (start >= end)
    return;
  ds_text_builder_separate (&reader->comment);
  ds_text_builder_copy (&reader->comment, start, end);
}

static void
keep_comment_until (HtmlReader *reader, gsize start, const char *needle)
{
  gsize end = find_end (reader, start, needle);
  keep_comment (reader, start, end);
  reader->at = MIN (end + strlen (needle), reader->size);
}

/* A comment, or what Word takes for none: "<!--[if mso]>...<![endif]-->". */
static void
keep_conditional (HtmlReader *reader, gsize start, gsize end)
{
  const char *open = reader->is_fallback || reader->xml || !looking_at (reader, start, "[if") ? NULL : memchr (reader->text + start, '>', end - start);
  gsize content = open != NULL ? (gsize) (open - reader->text) + 1 : end;
  keep_comment (reader, start, content);
  if (content < end)
    read_apart (reader, content, end);
}

/* 13.2.5.43 and on: "<!-->" and "<!--->" are whole comments, "--!>" ends one too. */
static void
read_comment (HtmlReader *reader)
{
  gsize start = reader->at + strlen ("<!--");
  gsize short_end = looking_at (reader, start, ">") ? start + 1 : looking_at (reader, start, "->") ? start + 2 : 0;
  if (short_end != 0 && !reader->xml)
    {
      reader->at = short_end;
      return;
    }
  for (gsize at = start; (at = find_end (reader, at, "--")) < reader->size; at++)
    {
      const char *behind = reader->text + at + 2;
      gsize left = reader->size - at - 2;
      gsize close = left > 0 && behind[0] == '>' ? 1 : left > 1 && behind[0] == '!' && behind[1] == '>' ? 2 : 0;
      if (close == 0)
        continue;
      keep_conditional (reader, start, at);
      reader->at = at + 2 + close;
      return;
    }
  keep_conditional (reader, start, reader->size);
  reader->at = reader->size;
}

/* A declaration's end, in XML behind its internal subset with quoted values and comments (XML 1.0, 2.8). */
static gsize
declaration_end (const HtmlReader *reader, gsize start)
{
  if (!reader->xml)
    return find_end (reader, start, ">");
  int depth = 0;
  for (gsize at = start; at < reader->size; at++)
    {
      char byte = reader->text[at];
      if (byte == '"' || byte == '\'')
        at = find_end (reader, at + 1, (const char[]){ byte, '\0' });
      else if (looking_at (reader, at, "<!--"))
        at = find_end (reader, at + 4, "-->") + 2;
      else if (byte == '[')
        depth++;
      else if (byte == ']')
        depth--;
      else if (byte == '>' && depth <= 0)
        return at;
      else if (byte == '<')
        depth++;
      else if (byte == '>')
        depth--;
    }
  return reader->size;
}

static void
read_declaration (HtmlReader *reader)
{
  gsize start = reader->at + 2;
  if (looking_at (reader, start, "--"))
    {
      read_comment (reader);
      return;
    }
  if (reader->xml && looking_at (reader, start, "[CDATA["))
    {
      start += strlen ("[CDATA[");
      gsize end = find_end (reader, start, "]]>");
      ds_text_builder_copy (&reader->visible, start, end);
      reader->at = MIN (end + 3, reader->size);
      return;
    }
  gsize end = declaration_end (reader, start);
  keep_comment (reader, start, end);
  reader->at = MIN (end + 1, reader->size);
}

/* Where the end tag of a raw text element begins (13.2.5.14). */
static gsize
raw_end (const HtmlReader *reader, const HtmlTag *tag)
{
  gsize name_size = tag->name_end - tag->name;
  for (gsize at = reader->at; (at = find_end (reader, at, "</")) < reader->size; at++)
    {
      gsize name = at + 2;
      if (reader->size - name < name_size
          || g_ascii_strncasecmp (reader->text + name, reader->text + tag->name, name_size) != 0)
        continue;
      char next = reader->size - name > name_size ? reader->text[name + name_size] : '>';
      if (next == '>' || next == '/' || ds_html_is_space (next))
        return at;
    }
  return reader->size;
}

static void
enter_raw (HtmlReader *reader, const HtmlTag *tag, ElementKind kind)
{
  gsize end = kind == ELEMENT_PLAINTEXT ? reader->size : raw_end (reader, tag);
  if (kind == ELEMENT_HIDDEN)
    keep_comment (reader, reader->at, end);
  else if (kind == ELEMENT_FALLBACK)
    read_apart (reader, reader->at, end);
  else if (kind == ELEMENT_TITLE || kind == ELEMENT_TEXTAREA)
    {
      reader->preformatted += kind == ELEMENT_TEXTAREA;
      read_text (reader, end, FALSE);
      reader->preformatted -= kind == ELEMENT_TEXTAREA;
    }
  else
    ds_text_builder_copy (&reader->visible, reader->at, end);
  reader->at = end;
}

static void
apply_tag (HtmlReader *reader, const HtmlTag *tag)
{
  ElementKind kind = ds_html_element (reader->text + tag->name, tag->name_end - tag->name);
  if (kind == ELEMENT_BREAK)
    ds_text_builder_gap (&reader->visible, '\n');
  else if (kind == ELEMENT_CELL)
    break_cell (reader);
  else if (kind != ELEMENT_INLINE && kind != ELEMENT_HIDDEN && kind != ELEMENT_FALLBACK)
    break_line (reader);
  if (kind == ELEMENT_PREFORMATTED && !tag->is_end)
    reader->preformatted++;
  else if (kind == ELEMENT_PREFORMATTED && reader->preformatted > 0)
    reader->preformatted--;
  if (kind >= ELEMENT_TITLE && !tag->is_end && !(kind == ELEMENT_FALLBACK && reader->is_fallback))
    enter_raw (reader, tag, kind);
}

static void
read_tag (HtmlReader *reader)
{
  gboolean is_end = reader->text[reader->at + 1] == '/';
  reader->at += is_end ? 2 : 1;
  HtmlTag tag = ds_html_read_tag (reader, is_end);
  if (reader->xml)
    break_line (reader);
  else
    apply_tag (reader, &tag);
}

static void
read_markup (HtmlReader *reader)
{
  char next = reader->text[reader->at + 1];
  char after = reader->at + 2 < reader->size ? reader->text[reader->at + 2] : '\0';
  if (next == '!')
    read_declaration (reader);
  else if (next == '?')
    keep_comment_until (reader, reader->at + 2, reader->xml ? "?>" : ">");
  else if (next == '/' && !g_ascii_isalpha (after) && !reader->xml)
    keep_comment_until (reader, reader->at + 2, ">");
  else
    read_tag (reader);
}

static void
read_rest (HtmlReader *reader)
{
  while (reader->at < reader->size)
    {
      read_text (reader, reader->size, TRUE);
      if (reader->at < reader->size)
        read_markup (reader);
    }
}

static void
read_all (const char *utf8, gsize size, gboolean xml, GPtrArray *texts)
{
  HtmlReader reader;
  reader_init (&reader, utf8, size, xml);
  read_rest (&reader);
  reader_end (&reader, texts);
}

void
ds_read_html (const char *utf8, gsize size, GPtrArray *texts)
{
  read_all (utf8, size, FALSE, texts);
}

void
ds_read_xml (const char *utf8, gsize size, GPtrArray *texts)
{
  read_all (utf8, size, TRUE, texts);
}
