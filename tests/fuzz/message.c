/* Any bytes as a mail: they are tiled, and every text of every leaf is valid and leads back into its leaf. */
#include "config.h"
#include "property.h"
#include "content/agreement.h"
#include "content/preload.h"
#include "content/thread.h"
#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static gsize ready;
  if (g_once_init_enter (&ready))
    {
      ds_content_preload ();
      g_once_init_leave (&ready, 1);
    }
  const DsLimits limits = DS_LIMITS_DEFAULT;
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (DsTree) tree = ds_tree_open_mail (bytes, &limits);
  fuzz_require_tiled (tree);
  ds_tree_check_agreement (tree);
  fuzz_require_tiled (tree);
  fuzz_require_readings (tree);
  g_autoptr (DsThreadFields) fields = ds_thread_fields (tree);
  if (fields->subject != NULL)
    fuzz_require_utf8 (fields->subject, strlen (fields->subject));
  /* The same bytes as a file of some type. */
  g_autoptr (DsTree) file = ds_tree_open_file (bytes, size % 2 == 0 ? "a.html" : NULL, size % 3 == 0 ? "text/calendar" : NULL, &limits);
  fuzz_require_tiled (file);
  fuzz_require_readings (file);
  return 0;
}
