/* Any line as a plan's: refused with file and line, or read; with a key only what bears its MAC.  The same line with its MAC is
 * read to the same end, and no longer if a byte of it is another.  References as well. */
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

static void
require_same (const DsPlanLine *one, const DsPlanLine *two)
{
  fuzz_require ((one == NULL) == (two == NULL), "a line is read with its MAC or without, not both");
  if (one == NULL)
    return;
  fuzz_require (one->is_header == two->is_header && one->shred == two->shred && one->min_score == two->min_score, "another line");
  fuzz_require (g_strcmp0 (one->store, two->store) == 0 && g_strcmp0 (one->ticket, two->ticket) == 0
                  && g_strcmp0 (one->message, two->message) == 0 && g_strcmp0 (one->part, two->part) == 0
                  && g_strcmp0 (one->key, two->key) == 0 && g_strcmp0 (one->digest, two->digest) == 0
                  && g_strcmp0 (one->fingerprint, two->fingerprint) == 0 && g_strcmp0 (one->policy, two->policy) == 0,
                "a line says something else with its MAC");
}

/* text is an object: its closing brace makes room for the MAC, as when a line is written. */
static void
read_signed (const char *text, const DsSiteKey *key, GRand *choices)
{
  gsize length = strlen (text);
  if (length < 2 || text[length - 1] != '}')
    return;
  g_autofree char *mac = ds_site_key_digest (key, "plan", text, length - 1, 32);
  g_autofree char *signed_line = g_strdup_printf ("%.*s,\"mac\":\"%s\"}", (int) length - 1, text, mac);
  DsPlanLine *without = ds_plan_line_read (signed_line, NULL, "fuzz.plan", 7, NULL), *with = ds_plan_line_read (signed_line, key, "fuzz.plan", 7, NULL);
  require_same (without, with);
  ds_plan_line_free (without);
  ds_plan_line_free (with);
  gsize at = g_rand_int (choices) % strlen (signed_line);
  signed_line[at] = (char) (signed_line[at] ^ (1 << g_rand_int (choices) % 7));
  DsPlanLine *forged = ds_plan_line_read (signed_line, key, "fuzz.plan", 7, NULL);
  fuzz_require (forged == NULL, "a line is taken whose byte %zu was changed", at);
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
  GRand *choices = fuzz_choices (data, size);
  read_signed (text, key, choices);
  g_rand_free (choices);
  read_reference (text);
  return 0;
}
