#include "config.h"
#include "cmd/change-options.h"

void
ds_change_options_clear (DsChangeOptions *options)
{
  g_free (options->output.format);
  g_free (options->output.path);
  g_free (options->reason);
  g_free (options->case_reference);
}
