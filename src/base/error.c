#include "config.h"
#include "base/error.h"
#include <errno.h>

G_DEFINE_QUARK (ds-error-quark, ds_error)

int
ds_error_exit_status (const GError *error)
{
  if (error->domain == G_OPTION_ERROR)
    return 2;
  if (error->domain != DS_ERROR)
    return 3;
  switch ((DsErrorCode) error->code)
    {
    case DS_ERROR_USAGE:
    case DS_ERROR_CONFIG:
      return 2;
    case DS_ERROR_LOCKED:
      return 75;
    case DS_ERROR_REFUSED:
      return 4;
    case DS_ERROR_CHANGED:
    case DS_ERROR_GONE:
    case DS_ERROR_LIMIT:
    case DS_ERROR_ITEM:
      return 1;
    case DS_ERROR_STORE:
    case DS_ERROR_LEDGER:
      return 3;
    case DS_ERROR_READER:
      return 141;
    }
  return 3;
}

gboolean
ds_error_is_item (const GError *error)
{
  return error->domain == DS_ERROR
         && (error->code == DS_ERROR_CHANGED || error->code == DS_ERROR_GONE || error->code == DS_ERROR_LIMIT
             || error->code == DS_ERROR_ITEM);
}

gboolean
ds_error_is_unsure (const GError *error)
{
  return ds_error_is_item (error) && error->code != DS_ERROR_CHANGED && error->code != DS_ERROR_GONE;
}

void
ds_error_set_output (GError **error, int code)
{
  if (code == EPIPE)
    g_set_error_literal (error, DS_ERROR, DS_ERROR_READER, "nobody reads the output any more");
  else
    g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "cannot write the output: %s", g_strerror (code));
}
