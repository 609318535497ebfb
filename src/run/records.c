#include "config.h"
#include "run/records.h"
#include "run/selection.h"
#include <errno.h>
#include <sys/stat.h>

/* What may not be looked at is not absent: opening it tells why. */
static gboolean
is_absent (const char *path)
{
  struct stat status;
  return stat (path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

gboolean
ds_records_ledger (const DsConfiguration *configuration, DsLedger **ledger_r, GError **error)
{
  *ledger_r = NULL;
  if (is_absent (configuration->ledger_path))
    return TRUE;
  *ledger_r = ds_ledger_open_read (configuration->ledger_path, error);
  return *ledger_r != NULL;
}

gboolean
ds_records_state (const DsConfiguration *configuration, DsState **state_r, GError **error)
{
  *state_r = NULL;
  if (is_absent (configuration->state_path))
    return TRUE;
  *state_r = ds_state_open (configuration->state_path, error);
  return *state_r != NULL;
}

gboolean
ds_records_time (const char *text, char **time_r, GError **error)
{
  *time_r = NULL;
  gint64 seconds = 0;
  if (text == NULL)
    return TRUE;
  if (!ds_selection_parse_time (text, g_get_real_time () / G_USEC_PER_SEC, &seconds, error))
    return FALSE;
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);
  *time_r = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S.000Z");
  return TRUE;
}
