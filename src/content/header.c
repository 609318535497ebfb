#include "config.h"
#include "content/header.h"
#include "content/charset.h"
#include "content/encoded-word.h"
#include "content/parameter.h"
#include <string.h>

/* No rule looks at them, and they are never edited, but copies of what goes elsewhere are counted: they hold the tree and the thread together (DESIGN 4.1), or are signatures and
 * cryptographic noise whose change would mean nothing. */
static const char *const structural[] = {
  "message-id", "references", "in-reply-to", "content-id", "mime-version", "content-transfer-encoding", "date",
  "content-length", "dkim-signature", "arc-seal", "arc-message-signature", "domainkey-signature", "x-google-dkim-signature", "content-md5",
  "x-deskshred", "lines", "x-ms-exchange-antispam-messagedata-0", "x-ms-exchange-antispam-messagedata-1", NULL,
};

/* Fields of addresses: what is removed must leave a valid one. */
static const char *const address_fields[] = {
  "from", "to", "cc", "bcc", "sender", "reply-to", "resent-from", "resent-to", "resent-cc", "resent-sender", "return-path",
  "delivered-to", "x-original-to", "errors-to", "disposition-notification-to", "return-receipt-to", "mail-followup-to",
  "envelope-to", "x-envelope-from", "x-envelope-to", "apparently-to", NULL,
};

/* Parameters that say how to read the part. */
static const char *const structural_parameters[] = {
  "boundary", "charset", "format", "delsp", "type", "start", "start-info", "protocol", "micalg", "report-type", "size",
  "creation-date", "modification-date", "read-date", "method", "reply-type", "access-type", "differences", "smime-type", NULL,
};

gboolean
ds_header_is_address_field (const DsFrame *frame, const DsField *field)
{
  g_autofree char *name = ds_field_name (frame, field);
  g_autofree char *lower = g_ascii_strdown (name, -1);
  return g_strv_contains (address_fields, lower);
}

/* A text under construction, its map going to the frame's bytes. */
typedef struct
{
  GString *utf8;
  DsSpanMap *map;
  DsText *text; /* made first, so that runs can be noted */
  gboolean address; /* of a field of addresses */
  gboolean quoted;  /* within a quoted string of it */
} Builder;

static Builder
builder_new (DsTextKind kind, const char *name)
{
  Builder b = { .utf8 = g_string_new (NULL), .map = ds_span_map_new () };
  b.text = ds_text_new (kind, name, NULL, 0, NULL);
  return b;
}

static void
builder_finish (Builder *b, GPtrArray *texts)
{
  if (b->utf8->len == 0)
    {
      g_string_free (b->utf8, TRUE);
      ds_span_map_free (b->map);
      ds_text_free (b->text);
      return;
    }
  b->text->size = b->utf8->len;
  b->text->utf8 = b->text->owned = g_string_free (b->utf8, FALSE);
  b->text->map = b->map;
  g_ptr_array_add (texts, b->text);
}

/* A byte from 0x80 as windows-1252 reads it. */
static const char *
western (guchar byte)
{
  static char table[128][8];
  static gboolean ready;
  for (guint i = 0; !ready && i < 128; i++)
    {
      char c = (char) (i + 128);
      g_autoptr (DsDecoded) one = ds_charset_decode ("windows-1252", FALSE, &c, 1);
      g_strlcpy (table[i], one->size > 0 ? one->utf8 : "\xef\xbf\xbd", sizeof table[i]);
    }
  ready = TRUE;
  return table[byte - 128];
}

/* Raw bytes as they stand; 8-bit ones are UTF-8 (RFC 6532) or else windows-1252. */
static void
append_raw (Builder *b, const char *raw, gsize start, gsize end)
{
  if (start == end)
    return;
  if (g_utf8_validate_len (raw + start, end - start, NULL))
    {
      g_string_append_len (b->utf8, raw + start, (gssize) (end - start));
      ds_span_map_linear (b->map, start, end - start);
      return;
    }
  for (gsize i = start; i < end; i++)
    {
      const char *character = (guchar) raw[i] < 0x80 ? NULL : western ((guchar) raw[i]);
      if (character == NULL)
        {
          g_string_append_c (b->utf8, raw[i]);
          ds_span_map_linear (b->map, i, 1);
          continue;
        }
      g_string_append (b->utf8, character);
      ds_span_map_atom (b->map, i, 1, strlen (character));
    }
}

/* RFC 5322, 3.2.4: "\x" is x in a quoted string.  Quotes and backslashes keep theirs: who looks for the quotes of the text
 * (ds_text_quoting_at) must not take one for an end. */
static void
append_quoted_pairs (Builder *b, const char *raw, gsize start, gsize end)
{
  gsize from = start;
  for (gsize at = start; at < end; at++)
    {
      if (raw[at] == '"')
        b->quoted = !b->quoted;
      if (raw[at] != '\\' || at + 1 == end)
        continue;
      char next = raw[++at];
      if (!b->quoted || !g_ascii_isprint (next) || next == '"' || next == '\\')
        continue;
      append_raw (b, raw, from, at - 1);
      g_string_append_c (b->utf8, next);
      ds_span_map_atom (b->map, at - 1, 2, 1);
      from = at + 1;
    }
  append_raw (b, raw, from, end);
}

/* length bytes of text made from raw [start, end) as a whole: a span map's unit has at most 64 KiB of output. */
static void
map_whole (DsSpanMap *map, gsize start, gsize end, gsize length)
{
  for (gsize done = 0; done < length; done += G_MAXUINT16)
    ds_span_map_atom (map, start, end - start, MIN (length - done, G_MAXUINT16));
}

static void
append_run (Builder *b, const char *decoded, gsize start, gsize end)
{
  gsize length = strlen (decoded), from = b->utf8->len;
  if (length == 0)
    return;
  DsSpan span = { start, end };
  GArray *raw = g_array_new (FALSE, FALSE, sizeof (DsSpan));
  g_array_append_val (raw, span);
  g_string_append_len (b->utf8, decoded, (gssize) length);
  map_whole (b->map, start, end, length);
  ds_text_add_run (b->text, from, from + length, raw, NULL);
}

/* Raw bytes without their line breaks. */
static void
append_unfolded (Builder *b, const char *raw, gsize start, gsize end)
{
  for (gsize at = start; at < end;)
    {
      gsize from = at;
      while (at < end && raw[at] != '\r' && raw[at] != '\n')
        at++;
      (b->address ? append_quoted_pairs : append_raw) (b, raw, from, at);
      while (at < end && (raw[at] == '\r' || raw[at] == '\n'))
        at++;
    }
}

/* A field's value: folding undone, encoded words decoded. */
static void
append_value (Builder *b, const char *raw, gsize start, gsize end)
{
  gsize at = start, run = start, after = start;
  for (;;)
    {
      g_autofree char *words = ds_encoded_words_next (raw, at, end, &run, &after);
      if (words == NULL)
        break;
      append_unfolded (b, raw, at, run);
      append_run (b, words, run, after);
      at = after;
    }
  append_unfolded (b, raw, at, end);
}

static gboolean
is_parameter_field (const char *name)
{
  return g_ascii_strcasecmp (name, "Content-Type") == 0 || g_ascii_strcasecmp (name, "Content-Disposition") == 0;
}

static void
parameter_text (const char *name, const DsParameter *parameter, GPtrArray *texts)
{
  gsize length = strlen (parameter->value);
  if (length == 0 || g_strv_contains (structural_parameters, parameter->name))
    return;
  gboolean filename = g_str_equal (parameter->name, "filename") || g_str_equal (parameter->name, "name");
  Builder b = builder_new (filename ? DS_TEXT_FILENAME : DS_TEXT_HEADER, name);
  g_string_append_len (b.utf8, parameter->value, (gssize) length);
  if (parameter->plain.end > parameter->plain.start)
    ds_span_map_linear (b.map, parameter->plain.start, length);
  else
    {
      const DsSpan *first = &g_array_index (parameter->pieces, DsSpan, 0);
      map_whole (b.map, first->start, first->end, length);
      ds_text_add_run (b.text, 0, length, g_array_ref (parameter->pieces), g_strdup (parameter->name));
    }
  builder_finish (&b, texts);
}

/* "text/plain", "attachment": what nearly every field has outside its parameters. */
static gboolean
is_token (const char *raw, const DsSpan *span)
{
  for (gsize i = span->start; i < span->end; i++)
    if (!g_ascii_isalpha (raw[i]) && strchr ("/.+-_", raw[i]) == NULL)
      return FALSE;
  return span->end - span->start < 100;
}

/* What belongs to no parameter: a malformed piece could hold anything. */
static void
rest_text (const char *raw, const GArray *rest, GPtrArray *texts)
{
  Builder b = builder_new (DS_TEXT_METADATA, NULL);
  for (guint i = 0; i < rest->len; i++)
    {
      const DsSpan *span = &g_array_index (rest, DsSpan, i);
      if (is_token (raw, span))
        continue;
      if (b.utf8->len > 0)
        {
          g_string_append_c (b.utf8, DS_TEXT_SEPARATOR);
          ds_span_map_gap (b.map, 1);
        }
      append_value (&b, raw, span->start, span->end);
    }
  builder_finish (&b, texts);
}

static void
parameter_texts (const DsPart *header, const DsField *field, const char *name, GPtrArray *texts)
{
  const char *raw = header->frame->data;
  g_autoptr (GArray) rest = g_array_new (FALSE, FALSE, sizeof (DsSpan));
  g_autoptr (GPtrArray) parameters = ds_parameters_parse (raw, field->value, field->value_end, rest);
  for (guint i = 0; i < parameters->len; i++)
    parameter_text (name, g_ptr_array_index (parameters, i), texts);
  rest_text (raw, rest, texts);
}

/* A name that is none: what looks like one may be a line of text, such as "4111111111111111: mine". */
static gboolean
is_odd_name (const char *name)
{
  guint digits = 0;
  for (const char *at = name; *at != '\0'; at++)
    digits += g_ascii_isdigit (*at);
  return digits > 4 || name[strspn (name, "-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")] != '\0';
}

/* Nothing can be edited in it: the field would be another. */
static void
odd_name_text (const char *name, GPtrArray *texts)
{
  if (!is_odd_name (name))
    return;
  DsSpanMap *map = ds_span_map_new ();
  ds_span_map_gap (map, strlen (name));
  g_ptr_array_add (texts, ds_text_new (DS_TEXT_METADATA, NULL, g_strdup (name), strlen (name), map));
}

/* Whether the encoded words in raw [start, end) have base64 with blanks or other characters in it that do not belong there:
 * some mail programs decode it, others show it as it stands. */
static gboolean
has_odd_base64 (const char *raw, gsize start, gsize end)
{
  for (gsize at = start; at + 3 < end; at++)
    {
      if (raw[at] != '?' || g_ascii_tolower (raw[at + 1]) != 'b' || raw[at + 2] != '?')
        continue;
      gsize from = at += 3;
      while (at < end && (g_ascii_isalnum (raw[at]) || raw[at] == '+' || raw[at] == '/'))
        at++;
      while (at < end && raw[at] == '=')
        at++;
      gboolean ends = at < end && raw[at] == '?' && (at + 1 >= end || raw[at + 1] == '=');
      if ((at - from) % 4 != 0 || !ends)
        return TRUE;
    }
  return FALSE;
}

/* What stands in such words, as it stands; nothing can be edited in it. */
static void
odd_words_text (const char *raw, const DsText *text, GPtrArray *texts)
{
  g_autoptr (GString) words = g_string_new (NULL);
  for (guint i = 0; text->runs != NULL && i < text->runs->len; i++)
    {
      const DsEncodedRun *run = &g_array_index (text->runs, DsEncodedRun, i);
      for (guint k = 0; k < run->raw->len; k++)
        {
          const DsSpan *span = &g_array_index (run->raw, DsSpan, k);
          if (has_odd_base64 (raw, span->start, span->end))
            g_string_append_len (words, raw + span->start, (gssize) (span->end - span->start));
        }
    }
  if (words->len == 0)
    return;
  DsSpanMap *map = ds_span_map_new ();
  char *utf8 = g_utf8_make_valid (words->str, (gssize) words->len);
  ds_span_map_gap (map, strlen (utf8));
  g_ptr_array_add (texts, ds_text_new (DS_TEXT_METADATA, NULL, utf8, strlen (utf8), map));
}

/* Nothing can be edited in it. */
static void
structural_text (const char *raw, const DsField *field, const char *name, GPtrArray *texts)
{
  Builder b = builder_new (DS_TEXT_HEADER, name);
  append_value (&b, raw, field->value, field->value_end);
  ds_span_map_free (b.map);
  b.map = ds_span_map_new ();
  if (b.utf8->len > 0)
    ds_span_map_gap (b.map, b.utf8->len);
  g_clear_pointer (&b.text->runs, g_array_unref);
  b.text->structural = TRUE;
  builder_finish (&b, texts);
}

static void
field_texts (const DsPart *header, const DsField *field, GPtrArray *texts)
{
  const char *raw = header->frame->data;
  if (field->name_end == field->start)
    {
      Builder b = builder_new (DS_TEXT_METADATA, NULL);
      append_value (&b, raw, field->start, field->value_end);
      builder_finish (&b, texts);
      return;
    }
  g_autofree char *name = ds_field_name (header->frame, field);
  g_autofree char *lower = g_ascii_strdown (name, -1);
  odd_name_text (name, texts);
  if (g_strv_contains (structural, lower))
    {
      structural_text (raw, field, name, texts);
      return;
    }
  if (is_parameter_field (name))
    {
      parameter_texts (header, field, name, texts);
      return;
    }
  Builder b = builder_new (g_str_equal (lower, "content-description") ? DS_TEXT_FILENAME : DS_TEXT_HEADER, name);
  b.address = g_strv_contains (address_fields, lower);
  append_value (&b, raw, field->value, field->value_end);
  if (b.utf8->len > 0 && b.address)
    ds_text_add_quoting (b.text, 0, b.utf8->len, DS_QUOTING_ADDRESS);
  builder_finish (&b, texts);
}

/* The file name in the "begin" line of a uuencoded file. */
static void
begin_line_text (const DsPart *header, GPtrArray *texts)
{
  Builder b = builder_new (DS_TEXT_FILENAME, NULL);
  append_raw (&b, header->frame->data, header->name_start, header->name_end);
  builder_finish (&b, texts);
}

void
ds_header_texts (const DsPart *header, GPtrArray *texts)
{
  for (guint i = 0; i < header->fields->len; i++)
    {
      guint first = texts->len;
      field_texts (header, &g_array_index (header->fields, DsField, i), texts);
      for (guint k = first, end = texts->len; k < end; k++)
        odd_words_text (header->frame->data, g_ptr_array_index (texts, k), texts);
    }
  if (header->name_end > header->name_start)
    begin_line_text (header, texts);
}
