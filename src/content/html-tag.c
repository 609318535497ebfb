#include "config.h"
#include "content/entities.h"
#include "content/html-private.h"
#include <string.h>

/* A name that is none, such as the address in <jane@example.org>, or the digits in <card 4111 1111 1111 1111>: a browser
 * hides it, the value is there all the same.  Neighbours are joined as they stand. */
static void
keep_odd_name (HtmlReader *reader, gsize start, gsize end)
{
  if (ds_html_is_plain_name (reader->text + start, end - start))
    return;
  gsize from = reader->odd_end;
  while (from != 0 && from < start && ds_html_is_space (reader->text[from]))
    from++;
  gboolean joined = from == start;
  if (!joined)
    ds_text_builder_separate (&reader->attribute);
  ds_text_builder_copy (&reader->attribute, joined ? reader->odd_end : start, end);
  reader->odd_end = end;
}

static int
percent_byte (const char *text, gsize at, gsize end)
{
  if (end - at < 3 || text[at] != '%' || !g_ascii_isxdigit (text[at + 1]) || !g_ascii_isxdigit (text[at + 2]))
    return -1;
  return g_ascii_xdigit_value (text[at + 1]) << 4 | g_ascii_xdigit_value (text[at + 2]);
}

/* The character that "%XX..." at start stands for, in UTF-8 (RFC 3986, 2.5); what is none stays as it is. */
static gsize
put_percent (HtmlReader *reader, gsize start, gsize end)
{
  char utf8[4];
  gsize size = 0, at = start;
  for (int byte; size < sizeof utf8 && (byte = percent_byte (reader->text, at, end)) >= 0; at += 3)
    {
      utf8[size++] = (char) byte;
      if (byte == 0)
        break;
      if (!g_utf8_validate_len (utf8, size, NULL))
        continue;
      ds_text_builder_put (&reader->attribute, start, at + 3, utf8, size);
      return at + 3;
    }
  ds_text_builder_copy (&reader->attribute, start, start + 1);
  return start + 1;
}

static gsize
put_entity (HtmlReader *reader, gsize start, gsize end)
{
  char utf8[DS_ENTITY_ROOM];
  gsize utf8_size, used = ds_entity_read (reader->text + start, end - start, TRUE, utf8, &utf8_size);
  if (used == 0)
    ds_text_builder_copy (&reader->attribute, start, start + 1);
  else
    ds_text_builder_put (&reader->attribute, start, start + used, utf8, utf8_size);
  return start + MAX (used, 1);
}

/* In a query '+' is a space (application/x-www-form-urlencoded), but people write "?tel=+49..." as well. */
static gboolean
is_plus_for_space (const HtmlReader *reader, gsize at, gsize end)
{
  return reader->text[at] == '+' && at + 1 < end && g_ascii_isalnum (reader->text[at - 1])
         && g_ascii_isalnum (reader->text[at + 1]);
}

static gboolean
is_url (const HtmlReader *reader, gsize name, gsize name_end, gsize start, gsize end)
{
  return ds_html_is_url_attribute (reader->text + name, name_end - name)
         || memmem (reader->text + start, end - start, "://", 3) != NULL;
}

static gboolean
is_special (char byte, gboolean url)
{
  return byte == '&' || (url && (byte == '%' || byte == '+' || byte == '?'));
}

static void
put_value (HtmlReader *reader, gsize start, gsize end, gboolean url)
{
  gboolean query = FALSE;
  for (gsize at = start; at < end;)
    {
      gsize plain = at;
      while (at < end && !is_special (reader->text[at], url))
        at++;
      ds_text_builder_copy (&reader->attribute, plain, at);
      if (at == end)
        return;
      if (reader->text[at] == '&')
        at = put_entity (reader, at, end);
      else if (reader->text[at] == '%')
        at = put_percent (reader, at, end);
      else
        {
          query = query || reader->text[at] == '?';
          if (query && is_plus_for_space (reader, at, end))
            ds_text_builder_put (&reader->attribute, at, at + 1, " ", 1);
          else
            ds_text_builder_copy (&reader->attribute, at, at + 1);
          at++;
        }
    }
}

static void
keep_value (HtmlReader *reader, gsize name, gsize name_end, gsize start, gsize end, gboolean quoted)
{
  if (start == end)
    return;
  ds_text_builder_separate (&reader->attribute);
  gsize from = reader->attribute.utf8->len;
  put_value (reader, start, end, is_url (reader, name, name_end, start, end));
  if (quoted)
    return;
  DsQuotedSpan span = { { from, reader->attribute.utf8->len }, DS_QUOTING_NO_SPACE };
  g_array_append_val (reader->quotings, span);
}

static void
skip_space (HtmlReader *reader)
{
  while (reader->at < reader->size && ds_html_is_space (reader->text[reader->at]))
    reader->at++;
}

/* 13.2.5.36 to .38.  An unclosed quote takes all to the end, as in a browser. */
static void
read_value (HtmlReader *reader, gsize name, gsize name_end)
{
  skip_space (reader);
  if (reader->at == reader->size)
    return;
  char quote = reader->text[reader->at];
  if (quote == '"' || quote == '\'')
    {
      gsize start = ++reader->at;
      const char *close = memchr (reader->text + start, quote, reader->size - start);
      gsize end = close != NULL ? (gsize) (close - reader->text) : reader->size;
      keep_value (reader, name, name_end, start, end, TRUE);
      reader->at = MIN (end + 1, reader->size);
      return;
    }
  gsize start = reader->at;
  while (reader->at < reader->size && reader->text[reader->at] != '>' && !ds_html_is_space (reader->text[reader->at]))
    reader->at++;
  keep_value (reader, name, name_end, start, reader->at, FALSE);
}

static gboolean
ends_name (char byte)
{
  return byte == '/' || byte == '>' || ds_html_is_space (byte);
}

static void
read_attribute (HtmlReader *reader)
{
  gsize name = reader->at++;
  while (reader->at < reader->size && reader->text[reader->at] != '=' && !ends_name (reader->text[reader->at]))
    reader->at++;
  gsize name_end = reader->at;
  keep_odd_name (reader, name, name_end);
  skip_space (reader);
  if (reader->at == reader->size || reader->text[reader->at] != '=')
    return;
  reader->at++;
  read_value (reader, name, name_end);
}

HtmlTag
ds_html_read_tag (HtmlReader *reader, gboolean is_end)
{
  HtmlTag tag = { reader->at, reader->at, is_end };
  while (reader->at < reader->size && !ends_name (reader->text[reader->at]))
    reader->at++;
  tag.name_end = reader->at;
  keep_odd_name (reader, tag.name, tag.name_end);
  while (reader->at < reader->size)
    {
      char byte = reader->text[reader->at];
      if (byte == '/' || ds_html_is_space (byte))
        reader->at++;
      else if (byte == '>')
        {
          reader->at++;
          break;
        }
      else
        read_attribute (reader);
    }
  reader->odd_end = 0;
  return tag;
}
