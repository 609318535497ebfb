/* Any bytes in any charset: valid UTF-8 with a map; a splice leaves what is before and behind it.
 * Input: the charset's name, a line break, the bytes. */
#include "config.h"
#include "property.h"
#include "content/charset.h"
#include <stdlib.h>
#include <string.h>

#define LABEL "[iban removed]"

/* A span of whole units: what the map says is one stays whole. */
static DsSpan
choose_span (const DsDecoded *decoded, GRand *choices)
{
  gsize start = g_rand_int (choices) % decoded->size, length = 1 + g_rand_int (choices) % 20;
  gsize end = MIN (decoded->size, start + length);
  while (start > 0 && ((guchar) decoded->utf8[start] & 0xc0) == 0x80)
    start--;
  while (end < decoded->size && ((guchar) decoded->utf8[end] & 0xc0) == 0x80)
    end++;
  DsSpan hull = ds_span_map_hull (decoded->map, start, end);
  return hull.start < hull.end ? ds_span_map_forward (decoded->map, hull.start, hull.end) : (DsSpan){ 0, 0 };
}

static void
splice (const char *name, const DsDecoded *decoded, const char *bytes, gsize size, DsSpan span)
{
  g_autoptr (GArray) edits = ds_edits_new ();
  ds_edits_add (edits, span.start, span.end, LABEL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) after = ds_charset_splice (decoded, bytes, size, edits, &error);
  fuzz_require (after != NULL, "%s cannot take ASCII: %s", decoded->name, error != NULL ? error->message : "no error");
  gsize length = 0;
  const char *spliced = g_bytes_get_data (after, &length);
  g_autoptr (DsDecoded) again = ds_charset_decode (name, FALSE, spliced, length);
  fuzz_require_utf8 (again->utf8, again->size);
  fuzz_require_map (again->map, again->size, 0, length);
  /* What is broken may read differently beside a label; what is guessed may be guessed anew. */
  if (decoded->invalid > 0 || g_strcmp0 (again->name, decoded->name) != 0)
    return;
  /* A malformed run of UTF-7 is read as it stands, and half of one may be well formed. */
  gboolean shifted = memchr (decoded->utf8, '+', decoded->size) != NULL || memchr (decoded->utf8, '&', decoded->size) != NULL;
  if (strchr (decoded->name, '7') != NULL && shifted)
    return;
  if (g_str_has_prefix (decoded->name, "hz") && memchr (decoded->utf8, '~', decoded->size) != NULL)
    return; /* likewise */
  gsize behind = decoded->size - span.end;
  fuzz_require (again->size >= span.start + strlen (LABEL) + behind, "%s: [%zu, %zu) edited: %zu bytes are left of %zu", decoded->name, span.start, span.end, again->size, decoded->size);
  fuzz_require (memcmp (again->utf8, decoded->utf8, span.start) == 0, "%s: the text before %zu changed", decoded->name, span.start);
  fuzz_require (memcmp (again->utf8 + span.start, LABEL, strlen (LABEL)) == 0, "%s: no label at %zu", decoded->name, span.start);
  fuzz_require (again->size == span.start + strlen (LABEL) + behind
                && memcmp (again->utf8 + again->size - behind, decoded->utf8 + span.end, behind) == 0,
                "%s: the text behind %zu changed", decoded->name, span.end);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static gsize ready;
  if (g_once_init_enter (&ready))
    {
      ds_charset_preload ();
      g_once_init_leave (&ready, 1);
    }
  const char *text = (const char *) data;
  const char *line = size > 0 ? memchr (text, '\n', MIN (size, 40)) : NULL;
  if (line == NULL)
    return 0;
  g_autofree char *name = g_strndup (text, (gsize) (line - text));
  g_autofree char *bytes = g_malloc (size); /* of exactly its size, for AddressSanitizer */
  size -= (gsize) (line + 1 - text);
  memcpy (bytes, line + 1, size);
  g_autoptr (DsDecoded) decoded = ds_charset_decode (name[0] != '\0' ? name : NULL, size % 2 == 1, bytes, size);
  fuzz_require_utf8 (decoded->utf8, decoded->size);
  fuzz_require_map (decoded->map, decoded->size, 0, size);
  g_autoptr (DsDecoded) plain = ds_charset_decode (name, FALSE, bytes, size);
  GRand *choices = fuzz_choices (data, size);
  for (guint i = 0; i < 4 && plain->size > 0; i++)
    {
      DsSpan span = choose_span (plain, choices);
      if (span.start < span.end)
        splice (name, plain, bytes, size, span);
    }
  g_rand_free (choices);
  return 0;
}
