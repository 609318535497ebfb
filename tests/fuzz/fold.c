/* Any text folded: the map is valid, folding never lengthens, and a label put anywhere is one byte that leads back to
 * exactly the label. */
#include "config.h"
#include "property.h"
#include "detect/fold.h"
#include "detect/label.h"
#include <stdlib.h>
#include <string.h>

static void
require_folded (const DsFolded *folded, gsize size)
{
  fuzz_require_utf8 (folded->bytes, folded->size);
  fuzz_require_map (folded->map, folded->size, 0, size);
  fuzz_require (folded->size <= size, "%zu bytes became %zu", size, folded->size);
}

static void
put_label (const char *text, gsize size, GRand *choices)
{
  gsize at = g_rand_int (choices) % (size + 1);
  while (at < size && ((guchar) text[at] & 0xc0) == 0x80)
    at++;
  DsKind kind = (DsKind) (g_rand_int (choices) % DS_N_KINDS);
  g_autofree char *label = ds_label_for_kind (kind);
  g_autoptr (GString) with = g_string_new_len (text, (gssize) at);
  g_string_append (with, label);
  g_string_append_len (with, text + at, (gssize) (size - at));
  g_autoptr (DsFolded) folded = ds_fold (with->str, with->len, g_rand_boolean (choices), g_rand_boolean (choices));
  require_folded (folded, with->len);
  DsSpan span = ds_span_map_forward (folded->map, at, at + strlen (label));
  fuzz_require (span.end - span.start == 1 && folded->bytes[span.start] == DS_FOLDED_LABEL, "%s at %zu is no label", label, at);
  DsSpan back = ds_span_map_hull (folded->map, span.start, span.end);
  fuzz_require (back.start == at && back.end == at + strlen (label), "the label at %zu leads to [%zu, %zu)", at, back.start, back.end);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_utf8_make_valid ((const char *) data, (gssize) size);
  size = strlen (text);
  for (guint flowed = 0; flowed < 4; flowed++)
    {
      g_autoptr (DsFolded) folded = ds_fold (text, size, (flowed & 1) != 0, (flowed & 2) != 0);
      require_folded (folded, size);
    }
  GRand *choices = fuzz_choices ((const uint8_t *) text, size);
  for (guint i = 0; i < 4; i++)
    put_label (text, size, choices);
  g_rand_free (choices);
  return 0;
}
