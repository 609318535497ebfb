#include "config.h"
#include "detect/finding.h"
#include <string.h>

const char *const ds_where_names[] = { "body", "attachment", "filename", "subject", "headers", "metadata", NULL };

const char *
ds_where_intern (const char *name)
{
  for (guint i = 0; ds_where_names[i] != NULL; i++)
    if (g_str_equal (ds_where_names[i], name))
      return ds_where_names[i];
  return NULL;
}

void
ds_finding_free (DsFinding *finding)
{
  if (finding == NULL)
    return;
  if (finding->value != NULL)
    explicit_bzero (finding->value, strlen (finding->value));
  g_clear_pointer (&finding->part, g_ref_string_release);
  g_clear_pointer (&finding->text_label, g_ref_string_release);
  g_clear_pointer (&finding->extension, g_ref_string_release);
  g_clear_pointer (&finding->media_type, g_ref_string_release);
  g_clear_pointer (&finding->rule, g_ref_string_release);
  g_clear_pointer (&finding->filename, g_ref_string_release);
  g_free (finding->masked);
  g_free (finding->value);
  g_free (finding);
}
