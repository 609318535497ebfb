#include "config.h"
#include "base/error.h"

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
