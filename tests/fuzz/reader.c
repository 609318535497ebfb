/* The readers of markup and data: every text valid, and a number that is put anywhere into the source is in some text.
 * Input: a media type, a line break, the source. */
#include "config.h"
#include "property.h"
#include "content/text.h"
#include "detect/fold.h"
#include <stdlib.h>
#include <string.h>

#define NUMBER "4111111111111111"

static GPtrArray *
read_texts (DsReader read, const char *source, gsize size)
{
  GPtrArray *texts = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_text_free);
  read (source, size, texts);
  for (guint i = 0; i < texts->len; i++)
    fuzz_require_text (g_ptr_array_index (texts, i), 0, size);
  return texts;
}

static gboolean
has_number (const GPtrArray *texts)
{
  for (guint i = 0; i < texts->len; i++)
    {
      const DsText *text = g_ptr_array_index (texts, i);
      g_autoptr (DsFolded) folded = ds_fold (text->utf8, text->size, FALSE, FALSE);
      if (memmem (folded->bytes, folded->size, NUMBER, strlen (NUMBER)) != NULL)
        return TRUE;
    }
  return FALSE;
}

/* Between two characters of the source, with blanks and a letter before it so that no escape can claim its digits. */
static void
hide (DsReader read, const char *source, gsize size, GRand *choices)
{
  gsize at = g_rand_int (choices) % (size + 1);
  while (at < size && ((guchar) source[at] & 0xc0) == 0x80)
    at++;
  g_autoptr (GString) hidden = g_string_new_len (source, (gssize) at);
  g_string_append (hidden, " z " NUMBER " ");
  g_string_append_len (hidden, source + at, (gssize) (size - at));
  g_autoptr (GPtrArray) texts = read_texts (read, hidden->str, hidden->len);
  fuzz_require (has_number (texts), "a number at %zu is in no text", at);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *input = (const char *) data;
  const char *line = size > 0 ? memchr (input, '\n', MIN (size, 40)) : NULL;
  if (line == NULL)
    return 0;
  g_autofree char *type = g_strndup (input, (gsize) (line - input));
  DsReader read = ds_reader_for (type, NULL);
  if (read == NULL)
    return 0;
  g_autofree char *source = g_utf8_make_valid (line + 1, (gssize) (size - (gsize) (line + 1 - input)));
  gsize length = strlen (source);
  g_ptr_array_unref (read_texts (read, source, length));
  GRand *choices = fuzz_choices (data, size);
  for (guint i = 0; i < 4; i++)
    hide (read, source, length, choices);
  g_rand_free (choices);
  return 0;
}
