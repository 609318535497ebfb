#include "config.h"
#include "base/error.h"
#include "run/configuration-private.h"
#include <string.h>

#define SYSTEM_FOLDER SYSCONFDIR "/deskshred"
#define WORKER_SECONDS 30
#define WORKER_MEMORY (G_GINT64_CONSTANT (1) << 30)

static DsConfiguration *
configuration_new (void)
{
  DsConfiguration *configuration = g_new0 (DsConfiguration, 1);
  configuration->stores = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_store_configuration_free);
  configuration->reasons = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_reason_free);
  configuration->policies = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_policy_free);
  configuration->actors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_strfreev);
  configuration->brake = (DsBrake){ .tickets = 200, .share = 0.02, .hours = 24, .first = 20 };
  configuration->limits = (DsLimits) DS_LIMITS_DEFAULT;
  configuration->worker_seconds = WORKER_SECONDS;
  configuration->worker_memory = WORKER_MEMORY;
  return configuration;
}

void
ds_configuration_free (DsConfiguration *configuration)
{
  if (configuration == NULL)
    return;
  g_ptr_array_unref (configuration->stores);
  g_ptr_array_unref (configuration->reasons);
  g_ptr_array_unref (configuration->policies);
  g_hash_table_unref (configuration->actors);
  g_free (configuration->path);
  g_free (configuration->ledger_path);
  g_free (configuration->key_path);
  g_free (configuration->state_path);
  g_free (configuration->lock_folder);
  g_free (configuration->site_rules);
  g_strfreev (configuration->packs);
  g_strfreev (configuration->own_domains);
  g_strfreev (configuration->show_values);
  ds_conf_free (configuration->file);
  g_free (configuration);
}

static gboolean
refuse (const DsConfiguration *configuration, const char *what, GError **error)
{
  g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s: %s", configuration->path, what);
  return FALSE;
}

static gboolean
read_ledger (DsConfiguration *configuration, GError **error)
{
  static const char *const keys[] = { "path", "key_file", NULL };
  DsConfNode *ledger = NULL;
  if (!ds_conf_group (ds_conf_root (configuration->file), "ledger", &ledger, error))
    return FALSE;
  if (ledger == NULL)
    return refuse (configuration, "\"ledger\" is missing: { path = \"...\"; key_file = \"...\"; }", error);
  if (!ds_conf_known (ledger, keys, error)
      || !ds_configuration_read_path (ledger, "path", &configuration->ledger_path, error)
      || !ds_configuration_read_path (ledger, "key_file", &configuration->key_path, error))
    return FALSE;
  if (configuration->ledger_path != NULL && configuration->key_path != NULL)
    return TRUE;
  ds_conf_set_error (error, ledger, "\"ledger\" needs both \"path\" and \"key_file\"");
  return FALSE;
}

static gboolean
read_state (DsConfiguration *configuration, GError **error)
{
  static const char *const keys[] = { "path", NULL };
  DsConfNode *state = NULL;
  if (!ds_conf_group (ds_conf_root (configuration->file), "state", &state, error))
    return FALSE;
  if (state != NULL
      && (!ds_conf_known (state, keys, error)
          || !ds_configuration_read_path (state, "path", &configuration->state_path, error)))
    return FALSE;
  g_autofree char *folder = g_path_get_dirname (configuration->ledger_path);
  if (configuration->state_path == NULL)
    configuration->state_path = g_build_filename (folder, "state.db", NULL);
  configuration->lock_folder = g_build_filename (folder, "locks", NULL);
  if (!g_str_equal (configuration->state_path, configuration->ledger_path))
    return TRUE;
  return refuse (configuration, "state and ledger must be two files", error);
}

/* A pack's name becomes a file's name: none leads elsewhere. */
static gboolean
read_packs (DsConfiguration *configuration, GError **error)
{
  DsConfNode *root = ds_conf_root (configuration->file);
  if (!ds_configuration_read_texts (root, "packs", &configuration->packs, error))
    return FALSE;
  for (char **pack = configuration->packs; pack != NULL && *pack != NULL; pack++)
    if (!ds_configuration_is_name (*pack))
      return refuse (configuration, "a name in \"packs\" must be 1 to 32 of a-z, 0-9, \"_\", \"-\"", error);
  return TRUE;
}

static gboolean
read_own (DsConfiguration *configuration, GError **error)
{
  static const char *const keys[] = { "domains", NULL };
  DsConfNode *own = NULL;
  if (!ds_conf_group (ds_conf_root (configuration->file), "own", &own, error))
    return FALSE;
  if (own == NULL)
    return TRUE;
  if (!ds_conf_known (own, keys, error) || !ds_configuration_read_texts (own, "domains", &configuration->own_domains, error))
    return FALSE;
  for (char **domain = configuration->own_domains; domain != NULL && *domain != NULL; domain++)
    {
      if (strpbrk (*domain, "@ *") != NULL || (*domain)[0] == '.')
        {
          ds_conf_set_error (error, own, "\"%s\" is no domain such as \"example.org\"", *domain);
          return FALSE;
        }
      char *lower = g_utf8_strdown (*domain, -1);
      g_free (*domain);
      *domain = lower;
    }
  return TRUE;
}

static gboolean
read_actors (DsConfiguration *configuration, GError **error)
{
  DsConfNode *actors = NULL;
  if (!ds_conf_group (ds_conf_root (configuration->file), "actors", &actors, error))
    return FALSE;
  if (actors == NULL)
    return TRUE;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint i = 0; i < configuration->stores->len; i++)
    {
      const DsStoreConfiguration *store = g_ptr_array_index (configuration->stores, i);
      char **users = NULL;
      if (!ds_configuration_read_texts (actors, store->name, &users, error))
        return FALSE;
      if (users != NULL)
        g_hash_table_insert (configuration->actors, g_strdup (store->name), users);
      g_ptr_array_add (names, store->name);
    }
  g_ptr_array_add (names, NULL);
  return ds_conf_known (actors, (const char *const *) names->pdata, error);
}

static gboolean
read_brake (DsConfiguration *configuration, GError **error)
{
  static const char *const keys[] = { "tickets", "share", "hours", "first", NULL };
  DsBrake *brake = &configuration->brake;
  DsConfNode *group = NULL;
  if (!ds_conf_group (ds_conf_root (configuration->file), "brake", &group, error))
    return FALSE;
  if (group == NULL)
    return TRUE;
  if (!ds_conf_known (group, keys, error)
      || !ds_configuration_read_number (group, "tickets", 1, G_MAXINT32, &brake->tickets, error)
      || !ds_configuration_read_number (group, "hours", 1, 24 * 366, &brake->hours, error)
      || !ds_configuration_read_number (group, "first", 1, G_MAXINT32, &brake->first, error)
      || !ds_conf_double (group, "share", &brake->share, error))
    return FALSE;
  if (brake->share > 0 && brake->share <= 1)
    return TRUE;
  ds_conf_set_error (error, group, "\"share\" must be more than 0.0 and at most 1.0");
  return FALSE;
}

static gboolean
read_limits (DsConfiguration *configuration, GError **error)
{
  static const char *const keys[] = { "blob_bytes", "text_bytes", "header_bytes", "parts", "depth", "findings", "worker_seconds",
                                      "worker_memory", NULL };
  DsLimits *limits = &configuration->limits;
  gint64 blob = (gint64) limits->blob_bytes, header = (gint64) limits->header_bytes, parts = limits->parts;
  gint64 text = (gint64) limits->text_bytes;
  gint64 depth = limits->depth, findings = limits->findings;
  gint64 seconds = configuration->worker_seconds, memory = (gint64) configuration->worker_memory;
  DsConfNode *group = NULL;
  if (!ds_conf_group (ds_conf_root (configuration->file), "limits", &group, error))
    return FALSE;
  if (group == NULL)
    return TRUE;
  /* The upper bounds keep an extra digit from undoing what the limits are for; depth is our own recursion. */
  if (!ds_conf_known (group, keys, error)
      || !ds_configuration_read_number (group, "blob_bytes", 1024, G_GINT64_CONSTANT (1) << 36, &blob, error)
      || !ds_configuration_read_number (group, "text_bytes", 1024, G_GINT64_CONSTANT (1) << 36, &text, error)
      || !ds_configuration_read_number (group, "header_bytes", 1024, 64 << 20, &header, error)
      || !ds_configuration_read_number (group, "parts", 1, 100000, &parts, error)
      || !ds_configuration_read_number (group, "depth", 1, 500, &depth, error)
      || !ds_configuration_read_number (group, "findings", 1, 10000000, &findings, error)
      || !ds_configuration_read_number (group, "worker_seconds", 1, 3600, &seconds, error)
      || !ds_configuration_read_number (group, "worker_memory", 64 << 20, G_GINT64_CONSTANT (1) << 40, &memory, error))
    return FALSE;
  *limits = (DsLimits){ .blob_bytes = (guint64) blob, .text_bytes = (guint64) text, .header_bytes = (guint64) header, .parts = (guint) parts,
                        .depth = (guint) depth, .findings = (guint) findings };
  configuration->worker_seconds = (guint) seconds;
  configuration->worker_memory = (guint64) memory;
  return TRUE;
}

static gboolean
read_file (DsConfiguration *configuration, GError **error)
{
  static const char *const keys[] = { "stores", "ledger", "state", "packs", "own", "actors", "show_values", "reasons",
                                      "brake", "limits", "policies", NULL };
  DsConfNode *root = ds_conf_root (configuration->file);
  return ds_conf_known (root, keys, error) && read_ledger (configuration, error) && read_state (configuration, error)
         && read_packs (configuration, error) && read_own (configuration, error)
         && ds_configuration_read_texts (root, "show_values", &configuration->show_values, error)
         && read_brake (configuration, error) && read_limits (configuration, error)
         && ds_configuration_read_stores (configuration, error) && read_actors (configuration, error)
         && ds_configuration_read_reasons (configuration, error) && ds_configuration_read_policies (configuration, error);
}

static DsConfiguration *
load_file (const char *path, GError **error)
{
  g_autoptr (DsConfiguration) configuration = configuration_new ();
  g_autofree char *folder = g_path_get_dirname (path);
  configuration->path = g_strdup (path);
  configuration->site_rules = g_build_filename (folder, "rules.d", NULL);
  configuration->file = ds_conf_load (path, error);
  if (configuration->file == NULL || !read_file (configuration, error))
    return NULL;
  return g_steal_pointer (&configuration);
}

static DsConfiguration *
defaults (GError **error)
{
  g_autoptr (DsConfiguration) configuration = configuration_new ();
  /* A relative path in the variable is to be ignored (XDG Base Directory Specification 0.8). */
  const char *home = g_getenv ("XDG_STATE_HOME");
  g_autofree char *folder = home != NULL && g_path_is_absolute (home)
                              ? g_build_filename (home, "deskshred", NULL)
                              : g_build_filename (g_get_home_dir (), ".local", "state", "deskshred", NULL);
  configuration->ledger_path = g_build_filename (folder, "ledger.db", NULL);
  configuration->key_path = g_build_filename (folder, "site.key", NULL);
  configuration->state_path = g_build_filename (folder, "state.db", NULL);
  configuration->lock_folder = g_build_filename (folder, "locks", NULL);
  configuration->site_rules = g_strdup (SYSTEM_FOLDER "/rules.d");
  return ds_configuration_read_reasons (configuration, error) ? g_steal_pointer (&configuration) : NULL;
}

DsConfiguration *
ds_configuration_load (const char *path, GError **error)
{
  static const char system_path[] = SYSTEM_FOLDER "/deskshred.conf";
  if (path == NULL && g_file_test (system_path, G_FILE_TEST_EXISTS))
    path = system_path;
  return path != NULL ? load_file (path, error) : defaults (error);
}

gboolean
ds_configuration_may_claim (const DsConfiguration *configuration, const char *store, const char *user)
{
  GHashTableIter iterator;
  gpointer name, users;
  g_hash_table_iter_init (&iterator, configuration->actors);
  while (g_hash_table_iter_next (&iterator, &name, &users))
    if ((store == NULL || g_str_equal (name, store)) && g_strv_contains (users, user))
      return TRUE;
  return FALSE;
}
