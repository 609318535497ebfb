/* Any line as a plan's: refused with file and line, or read; with a key only what bears its MAC.  References as well. */
#include "config.h"
#include "property.h"
#include "base/error.h"
#include "base/site-key.h"
#include "run/plan-line.h"
#include "run/reference.h"
#include <stdlib.h>
#include <string.h>

static void
read_line (const char *text, const DsSiteKey *key)
{
  g_autoptr (GError) error = NULL;
  DsPlanLine *line = ds_plan_line_read (text, key, "fuzz.plan", 7, &error);
  fuzz_require ((line == NULL) == (error != NULL), "an error or a line, not both or neither");
  if (line == NULL)
    fuzz_require (g_str_has_prefix (error->message, "fuzz.plan:7: "), "the error does not say where: %s", error->message);
  else
    {
      fuzz_require (key == NULL, "a line that no key made is taken");
      fuzz_require (line->is_header ? line->store != NULL : line->key != NULL && line->digest != NULL, "a line without what it decides by");
    }
  ds_plan_line_free (line);
}

/* A reference that is read can be written, and is the same again. */
static void
read_reference (const char *text)
{
  g_autoptr (DsReference) reference = ds_reference_read (text, NULL);
  if (reference == NULL)
    return;
  g_autofree char *written = ds_reference_write (reference->store, reference->ticket, reference->message, reference->part);
  g_autoptr (DsReference) again = ds_reference_read (written, NULL);
  fuzz_require (again != NULL, "what was written cannot be read: %s", written);
  fuzz_require (g_str_equal (again->store, reference->store) && g_str_equal (again->ticket, reference->ticket)
                && g_strcmp0 (again->message, reference->message) == 0 && g_strcmp0 (again->part, reference->part) == 0,
                "%s is another reference", written);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static DsSiteKey *key;
  if (key == NULL)
    key = ds_site_key_new_random ();
  g_autofree char *text = g_strndup ((const char *) data, size);
  read_line (text, NULL);
  read_line (text, key);
  read_reference (text);
  return 0;
}
