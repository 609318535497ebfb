/* Any text as a rule pack: refused with its name and a line, or loaded, and then its rules can be compiled and run. */
#include "config.h"
#include "property.h"
#include "base/error.h"
#include "detect/matcher.h"
#include "detect/pack.h"
#include <stdlib.h>
#include <string.h>

#define SAMPLE "Born on 1 May 1970, card 4111 1111 1111 1111, IBAN DE89370400440532013000, jane@example.org, +49 30 1234567."

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  DsPack *pack = ds_pack_parse (text, "fuzz.conf", &error);
  if (pack == NULL)
    {
      fuzz_require (error != NULL && error->domain == DS_ERROR, "refused without an error of ours");
      /* In this text, or in a file that it includes. */
      gboolean includes = strstr (text, "@include") != NULL;
      fuzz_require (strstr (error->message, "fuzz.conf") != NULL || (includes && strchr (error->message, ':') != NULL), "the error does not say where: %s", error->message);
      return 0;
    }
  fuzz_require (error == NULL, "loaded, and an error: %s", error->message);
  g_autoptr (GPtrArray) packs = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_pack_free);
  g_ptr_array_add (packs, pack);
  DsOwn own = { NULL };
  g_autoptr (DsMatcher) matcher = ds_matcher_new (packs, &own, &error);
  fuzz_require (matcher != NULL, "a pack that loads cannot be used: %s", error->message);
  g_autoptr (DsFolded) folded = ds_fold (SAMPLE, strlen (SAMPLE), FALSE, FALSE);
  g_autoptr (GPtrArray) matches = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_match_free);
  ds_matcher_run (matcher, folded, G_MAXUINT, matches);
  ds_matches_settle (matches, folded, 0);
  for (guint i = 0; i < matches->len; i++)
    {
      const DsMatch *match = g_ptr_array_index (matches, i);
      fuzz_require (match->start < match->end && match->end <= strlen (SAMPLE), "a match beyond the text");
    }
  return 0;
}
