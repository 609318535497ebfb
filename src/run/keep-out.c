#include "config.h"
#include "run/keep-out.h"
#include "base/error.h"
#include "base/same-path.h"

static gboolean
refuse (const char *path, const char *what, GError **error)
{
  g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s: %s: results are not written there", path, what);
  return FALSE;
}

/* A database of SQLite's has files beside it. */
static gboolean
is_database (const char *path, const char *database)
{
  static const char *const endings[] = { "", "-wal", "-shm", "-journal" };
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *file = g_strconcat (database, endings[i], NULL);
      if (ds_path_is (path, file))
        return TRUE;
    }
  return FALSE;
}

static gboolean
check_own (const DsConfiguration *configuration, const char *path, GError **error)
{
  if (configuration->path != NULL && ds_path_is (path, configuration->path))
    return refuse (path, "this is the configuration", error);
  if (ds_path_is (path, configuration->key_path))
    return refuse (path, "this is the site key", error);
  if (is_database (path, configuration->ledger_path))
    return refuse (path, "this is the ledger", error);
  if (is_database (path, configuration->state_path))
    return refuse (path, "this is the state", error);
  if (configuration->site_rules != NULL && ds_path_within (path, configuration->site_rules))
    return refuse (path, "this lies in the folder of the site's rules", error);
  return !ds_path_within (path, configuration->lock_folder) || refuse (path, "this lies in the lock folder", error);
}

static gboolean
check_stores (const DsSession *session, const char *path, GError **error)
{
  const GPtrArray *stores = session->configuration->stores;
  if (session->store_path != NULL && ds_path_within (path, session->store_path))
    return refuse (path, "this is, or lies in, what is looked through", error);
  for (guint i = 0; i < stores->len; i++)
    {
      const DsStoreConfiguration *store = g_ptr_array_index (stores, i);
      if (store->path != NULL && ds_path_within (path, store->path))
        return refuse (path, "this is, or lies in, a store of the configuration", error);
    }
  return TRUE;
}

gboolean
ds_keep_out (const DsSession *session, const char *path, GError **error)
{
  return check_own (session->configuration, path, error) && check_stores (session, path, error);
}
