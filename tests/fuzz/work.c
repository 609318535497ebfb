/* Any bytes as a mail, through what a worker does: found by the shipped packs, edited, parsed again.  The worker's own
 * proof may refuse a hostile mail, but never because a part changed that nobody asked to change. */
#include "config.h"
#include "property.h"
#include "action/replacement.h"
#include "content/preload.h"
#include "detect/value.h"
#include "worker/blob-work.h"
#include <stdlib.h>
#include <string.h>

static DsWorkSetup setup = { .limits = DS_LIMITS_DEFAULT };
static const char *const places[] = { "body", "attachment", "filename", "subject", "headers", "metadata", NULL };

static void
set_up (void)
{
  const char *folder = g_getenv ("DESKSHRED_RULES");
  g_autoptr (GError) error = NULL;
  ds_content_preload ();
  g_autoptr (GPtrArray) packs = ds_packs_load (folder != NULL ? folder : "rules", NULL, NULL, &error);
  fuzz_require (packs != NULL, "set DESKSHRED_RULES: %s", error->message);
  setup.matcher = ds_matcher_new (packs, NULL, &error);
  fuzz_require (setup.matcher != NULL, "%s", error->message);
  setup.key = ds_site_key_new_random ();
}

static DsScanReply *
scan (GBytes *blob, DsScanFlags flags, GPtrArray *values, const DsValueSet *set)
{
  const DsBlobForm form = { FALSE, NULL, NULL };
  g_autoptr (GVariant) request = g_variant_ref_sink (ds_task_scan_request (&form, flags, 0));
  g_autoptr (DsScanReply) reply = ds_work_scan (&setup, values, set, blob, request);
  /* As it goes over the socket. */
  g_autoptr (GVariant) variant = g_variant_ref_sink (ds_scan_reply_write (reply));
  DsScanReply *read = ds_scan_reply_read (variant);
  fuzz_require (read != NULL, "an honest reply is refused");
  return read;
}

/* The distinctive values of the findings, as the closure takes them. */
static GPtrArray *
distinctive_values (const DsScanReply *reply, DsValueSet *set)
{
  GPtrArray *values = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_wanted_value_free);
  for (guint i = 0; i < reply->findings->len; i++)
    {
      const DsFinding *f = g_ptr_array_index (reply->findings, i);
      if (!ds_value_is_distinctive (f->kind, f->proved, f->value))
        continue;
      DsWantedValue *value = g_new0 (DsWantedValue, 1);
      *value = (DsWantedValue){ f->kind, FALSE, ds_value_keeps_punctuation (f->kind), g_strdup (f->value) };
      g_ptr_array_add (values, value);
      ds_value_set_add (set, value->value, value->literal);
    }
  ds_value_set_build (set);
  return values;
}

static void
edit_clear (gpointer edit)
{
  g_free (((DsTextEdit *) edit)->replacement);
}

static void
add_edits (const DsScanReply *reply, GArray *edits)
{
  for (guint i = 0; i < reply->findings->len; i++)
    {
      const DsFinding *f = g_ptr_array_index (reply->findings, i);
      DsTextEdit edit = { f->leaf, f->text, { f->start, f->end },
                          ds_replacement_for_span (f->kind, f->origin == DS_ORIGIN_GIVEN, (DsQuoting) f->quoting, i + 1) };
      g_array_append_val (edits, edit);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (setup.matcher == NULL)
    set_up ();
  g_autoptr (GBytes) blob = g_bytes_new (data, size);
  g_autoptr (DsScanReply) found = scan (blob, DS_SCAN_RULES | DS_SCAN_KEEP_VALUES, NULL, NULL);
  g_autoptr (DsValueSet) set = ds_value_set_new ();
  g_autoptr (GPtrArray) values = distinctive_values (found, set);
  g_autoptr (DsScanReply) copies = scan (blob, DS_SCAN_VALUES, values, set);
  g_autoptr (GArray) edits = g_array_new (FALSE, FALSE, sizeof (DsTextEdit));
  g_array_set_clear_func (edits, edit_clear);
  add_edits (found, edits);
  add_edits (copies, edits);
  g_autoptr (GPtrArray) replacements = g_ptr_array_new ();
  const DsBlobForm form = { FALSE, NULL, NULL };
  g_autoptr (GVariant) request = g_variant_ref_sink (ds_task_rewrite_request (&form, edits, replacements, places, 0));
  DsRewriteReply *reply = ds_work_rewrite (&setup, set, blob, request);
  fuzz_require ((reply->bytes == NULL) == (reply->error != NULL), "bytes or an error, not both or neither");
  fuzz_require (reply->error == NULL || strstr (reply->error, "nobody asked") == NULL, "%s", reply->error);
  if (edits->len == 0 && reply->bytes != NULL)
    fuzz_require (g_bytes_equal (reply->bytes, blob), "nothing was found, and yet bytes changed");
  ds_rewrite_reply_free (reply);
  return 0;
}
