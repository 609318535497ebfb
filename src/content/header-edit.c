/* Edits of header texts (header.h).  What is encoded as a whole (DsEncodedRun) is written anew; all else is spliced. */
#include "config.h"
#include "content/charset.h"
#include "content/encoded-word.h"
#include "content/header.h"
#include "content/parameter.h"
#include <string.h>

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

static gboolean
is_break (char c)
{
  return c == '\r' || c == '\n';
}

/* Where the present line, if it is a continuation line, has nothing but blanks before at: the end of the line above,
 * without its break; else at. */
static gsize
line_above (const DsPart *header, gsize at)
{
  const char *raw = header->frame->data;
  gsize start = at;
  while (start > header->start && is_blank (raw[start - 1]))
    start--;
  if (start == header->start || !is_break (raw[start - 1]))
    return at;
  while (start > header->start && is_break (raw[start - 1]))
    start--;
  return start;
}

/* Replaces raw [start, end), and keeps the field whole: no continuation line loses its leading blank, none is left with
 * blanks only, which would end the header for many readers.  Nor does a malformed line become the field before. */
static void
splice (const DsPart *header, gsize start, gsize end, const char *replacement, GArray *out)
{
  const char *raw = header->frame->data;
  gboolean line_start = start > header->start && is_break (raw[start - 1]);
  gboolean line_end = end >= header->end || is_break (raw[end]);
  gsize above = line_above (header, start);
  if (*replacement == '\0' && line_end && (above != start || line_start))
    start = above;
  else if (line_start && is_blank (raw[start]) && !is_blank (*replacement) && (*replacement != '\0' || !is_blank (raw[end])))
    {
      g_autofree char *indented = g_strconcat (" ", replacement, NULL);
      ds_edits_add (out, start, end, indented);
      return;
    }
  ds_edits_add (out, start, end, replacement);
}

/* ---- encoded runs ---- */

/* The run's text with all the edits that touch it; advances *i past those that end in it.  first: from where on an edit's
 * replacement is still to be written. */
static char *
edited_run (const DsText *text, const DsEncodedRun *run, gsize first, const GArray *edits, guint *i)
{
  GString *value = g_string_new (NULL);
  gsize at = run->span.start;
  for (; *i < edits->len; (*i)++)
    {
      const DsEdit *edit = &g_array_index (edits, DsEdit, *i);
      if (edit->span.start >= run->span.end)
        break;
      gsize start = MAX (edit->span.start, run->span.start);
      g_string_append_len (value, text->utf8 + at, (gssize) (start - at));
      if (edit->span.start >= first)
        g_string_append (value, edit->replacement);
      at = MIN (edit->span.end, run->span.end);
      if (edit->span.end > run->span.end)
        break; /* the rest of this edit lies behind the run */
    }
  g_string_append_len (value, text->utf8 + at, (gssize) (run->span.end - at));
  return g_string_free (value, FALSE);
}

/* Whether something stands behind a parameter's value, in the same field, that only its quotes kept apart from it. */
static gboolean
is_followed (const DsPart *header, gsize at)
{
  const char *raw = header->frame->data;
  gsize end = at;
  for (guint i = 0; i < header->fields->len; i++)
    {
      const DsField *field = &g_array_index (header->fields, DsField, i);
      if (field->value <= at && at < field->value_end)
        end = field->value_end;
    }
  while (at < end && (is_blank (raw[at]) || is_break (raw[at])))
    at++;
  return at < end && raw[at] != ';';
}

static void
write_parameter (const DsPart *header, const DsEncodedRun *run, const char *value, GArray *out)
{
  g_autofree char *encoded = ds_parameter_write (run->parameter, value, ds_part_eol (header));
  gboolean quoted = g_str_has_suffix (encoded, "\"");
  for (guint k = 0; k < run->raw->len; k++)
    {
      const DsSpan *span = &g_array_index (run->raw, DsSpan, k);
      gsize start = span->start;
      /* A further piece goes with the semicolon and blanks before it. */
      while (k > 0 && start > header->start && strchr ("; \t\r\n", header->frame->data[start - 1]) != NULL)
        start--;
      /* What a piece that goes stood between is not kept apart by the quotes of the first. */
      gboolean parted = (k == 0 && quoted) || !is_followed (header, span->end);
      g_autofree char *written = g_strconcat (k == 0 ? encoded : "", parted ? "" : ";", NULL);
      ds_edits_add (out, start, span->end, written);
    }
}

static void
write_words (const DsPart *header, const DsText *text, const DsEncodedRun *run, const char *value, GArray *out)
{
  const DsSpan *span = &g_array_index (run->raw, DsSpan, 0);
  gboolean phrase = ds_text_quoting_at (text, run->span.start) == DS_QUOTING_ADDRESS;
  g_autofree char *encoded = ds_encoded_words_encode (value, phrase, ds_part_eol (header));
  splice (header, span->start, span->end, encoded, out);
}

static const DsEncodedRun *
run_touching (const DsText *text, gsize start, gsize end)
{
  guint low = 0, high = text->runs != NULL ? text->runs->len : 0;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (g_array_index (text->runs, DsEncodedRun, middle).span.end <= start)
        low = middle + 1;
      else
        high = middle;
    }
  const DsEncodedRun *run = text->runs != NULL && low < text->runs->len ? &g_array_index (text->runs, DsEncodedRun, low) : NULL;
  return run != NULL && run->span.start < end ? run : NULL;
}

/* The part [start, end) of an edit's span, of which nothing is encoded.  All of its hull goes: the line breaks of a
 * folded field between its pieces, too. */
static void
edit_plain (const DsPart *header, const DsText *text, gsize start, gsize end, const char *replacement, GArray *out)
{
  DsSpan hull = ds_span_map_hull (text->map, start, end);
  if (hull.start < hull.end)
    splice (header, hull.start, hull.end, replacement, out);
}

static gboolean
is_all_blank (const DsText *text, gsize start, gsize end)
{
  while (start < end && g_ascii_isspace (text->utf8[start]))
    start++;
  return start == end;
}

void
ds_header_edits (const DsPart *header, const DsText *text, const GArray *edits, GArray *out)
{
  gsize done = 0; /* what lies before it in the text is written */
  for (guint i = 0; i < edits->len;)
    {
      const DsEdit *edit = &g_array_index (edits, DsEdit, i);
      gsize start = MAX (edit->span.start, done);
      if (start >= edit->span.end)
        {
          i++;
          continue;
        }
      const DsEncodedRun *run = run_touching (text, start, edit->span.end);
      /* Blanks before a run stay, with the line break in them, and the run gets the replacement. */
      gboolean leads = run != NULL && start == edit->span.start && is_all_blank (text, start, run->span.start);
      if (run == NULL || (start < run->span.start && !leads))
        {
          done = run == NULL ? edit->span.end : run->span.start;
          edit_plain (header, text, start, done, start == edit->span.start ? edit->replacement : "", out);
          continue;
        }
      g_autofree char *value = edited_run (text, run, leads ? start : run->span.start, edits, &i);
      if (run->parameter != NULL)
        write_parameter (header, run, value, out);
      else
        write_words (header, text, run, value, out);
      done = run->span.end;
    }
}
