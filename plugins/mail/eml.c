/* One mail in a file of its own. */
#include "config.h"
#include "file.h"
#include "mail-store.h"
#include "place.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

typedef struct
{
  DsStore base;
  const DsSiteKey *key;
  char *path;
  char *name; /* base name */
  int folder;
  gboolean listed;
} Eml;

static void
eml_close (DsStore *store)
{
  Eml *eml = (Eml *) store;
  if (eml->folder >= 0)
    close (eml->folder);
  g_free (eml->path);
  g_free (eml->name);
  g_free (eml->base.name);
  g_free (eml);
}

static gboolean
eml_list (DsStore *store, const DsSelect *select, GError **error)
{
  ((Eml *) store)->listed = FALSE;
  return ds_store_has_one_queue (store, select, error);
}

static DsStoreItem *
only_item (Eml *eml, const char *message, GError **error)
{
  struct stat status;
  return ds_file_status (eml->folder, eml->name, message, &status, error)
             ? ds_file_item (eml->key, eml->name, DS_BLOB_MAIL, &status)
             : NULL;
}

static DsStoreItem *
eml_next (DsStore *store, GError **error)
{
  Eml *eml = (Eml *) store;
  if (eml->listed)
    return NULL;
  eml->listed = TRUE;
  g_autofree char *message = ds_file_key (eml->key, eml->name);
  g_autoptr (GError) own = NULL;
  DsStoreItem *item = only_item (eml, message, &own);
  if (item == NULL && !g_error_matches (own, DS_ERROR, DS_ERROR_GONE))
    g_propagate_error (error, g_steal_pointer (&own));
  return item;
}

static DsStoreItem *
eml_find (DsStore *store, const char *message, const char *locator G_GNUC_UNUSED, GError **error)
{
  Eml *eml = (Eml *) store;
  g_autofree char *own = ds_file_key (eml->key, eml->name);
  if (g_str_equal (own, message))
    return only_item (eml, message, error);
  errno = ENOENT;
  ds_place_set_error (error, message);
  return NULL;
}

static GBytes *
eml_read (DsStore *store, const DsStoreItem *item, guint blob G_GNUC_UNUSED, guint64 limit, GError **error)
{
  return ds_file_read (((Eml *) store)->folder, item, limit, error);
}

/* A change made from a REF alone has no locator; there is only one file it can mean. */
static char *
eml_place (DsStore *store, const DsChange *change, GError **error)
{
  Eml *eml = (Eml *) store;
  g_autofree char *own = ds_file_key (eml->key, eml->name);
  if (g_str_equal (own, change->message))
    return g_strdup (eml->name);
  errno = ENOENT;
  ds_place_set_error (error, change->message);
  return NULL;
}

static gboolean
eml_prepare (DsStore *store, DsChange **changes G_GNUC_UNUSED, guint n G_GNUC_UNUSED, GError **error)
{
  const Eml *eml = (const Eml *) store;
  return ds_place_may_be_written (eml->folder, eml->path, error);
}

static gboolean
eml_put (DsStore *store, DsChange **changes, guint n, GError **error)
{
  Eml *eml = (Eml *) store;
  if (ds_file_put (store, eml->key, eml->folder, eml_place, changes, n, error))
    return TRUE;
  g_prefix_error (error, "%s: ", eml->path);
  return FALSE;
}

static gboolean
eml_settle (DsStore *store, DsChange *change, DsSettled *settled_r, GError **error)
{
  Eml *eml = (Eml *) store;
  return ds_file_settle (store, eml->key, eml->folder, eml_place, change, settled_r, error);
}

static char *
eml_incarnation (DsStore *store, GError **error)
{
  Eml *eml = (Eml *) store;
  struct stat status;
  g_autofree char *digest = ds_file_key (eml->key, eml->path);
  if (fstat (eml->folder, &status) == 0)
    return g_strdup_printf ("eml:%" G_GINT64_MODIFIER "x:%" G_GINT64_MODIFIER "x:%s", (guint64) status.st_dev,
                            (guint64) status.st_ino, digest);
  g_set_error (error, DS_ERROR, DS_ERROR_STORE, "%s: %s", eml->path, g_strerror (errno));
  return NULL;
}

static GPtrArray *
eml_check (DsStore *store)
{
  Eml *eml = (Eml *) store;
  GPtrArray *facts = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_store_fact_free);
  g_ptr_array_add (facts, ds_store_fact_new (DS_FACT_GOOD, g_strdup_printf ("%s: a single mail", eml->path), NULL));
  ds_place_check_access (facts, eml->path);
  ds_place_check_exchange (facts, eml->path);
  ds_place_check_links (facts, eml->path);
  return facts;
}

static const DsStoreOps eml_ops = {
  .name = "mail",
  .summary = "a single mail",
  .close = eml_close,
  .list = eml_list,
  .next = eml_next,
  .find = eml_find,
  .read = eml_read,
  .prepare = eml_prepare,
  .put = eml_put,
  .settle = eml_settle,
  .incarnation = eml_incarnation,
  .check = eml_check,
};

DsStore *
ds_eml_open (const DsStoreOptions *options, const char *path, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);
  int folder = open (parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s: its folder: %s", path, g_strerror (errno));
      return NULL;
    }
  Eml *eml = g_new0 (Eml, 1);
  eml->base.ops = &eml_ops;
  eml->base.flags = DS_STORE_NAMED_LOCATORS;
  eml->base.name = g_strdup (options->name);
  eml->key = options->key;
  eml->path = g_strdup (path);
  eml->name = g_path_get_basename (path);
  eml->folder = folder;
  return &eml->base;
}
