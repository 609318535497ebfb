#include "config.h"
#include "run/records.h"
#include "base/error.h"
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

static gboolean
note_entry (const DsEntry *entry G_GNUC_UNUSED, gpointer data, GError **error G_GNUC_UNUSED)
{
  *(gboolean *) data = TRUE;
  return FALSE;
}

gboolean
ds_records_know_store (const DsConfiguration *configuration, DsLedger *ledger, DsState *state, const char *name, GError **error)
{
  if (name == NULL || ds_configuration_store (configuration, name) != NULL)
    return TRUE;
  gboolean known = FALSE;
  const DsEntryFilter filter = { .store = name };
  g_autoptr (GError) own = NULL;
  if (ledger != NULL && !ds_ledger_each (ledger, &filter, note_entry, &known, &own))
    {
      g_propagate_error (error, g_steal_pointer (&own));
      return FALSE;
    }
  g_autofree char *path = !known && state != NULL ? ds_state_path_of (state, name, &own) : NULL;
  if (own != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&own));
      return FALSE;
    }
  if (known || path != NULL)
    return TRUE;
  g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "there is no store \"%s\": neither in the configuration, nor in the record", name);
  return FALSE;
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
