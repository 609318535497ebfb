#include "config.h"
#include "detect/ticket-pattern.h"
#include "run/configuration-private.h"
#include "store/store.h"

void
ds_store_configuration_free (DsStoreConfiguration *store)
{
  g_free (store->name);
  g_free (store->plugin);
  g_free (store->path);
  g_free (store->ticket_pattern);
  g_strfreev (store->never_read);
  g_strfreev (store->queues);
  g_free (store);
}

static gboolean
check_name (DsConfNode *group, const DsConfiguration *configuration, const char *name, GError **error)
{
  if (!ds_configuration_is_name (name))
    {
      ds_conf_set_error (error, group, "a store's name must be 1 to 32 of a-z, 0-9, \"_\", \"-\"");
      return FALSE;
    }
  if (ds_configuration_store (configuration, name) != NULL)
    {
      ds_conf_set_error (error, group, "the store \"%s\" stands twice", name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_plugin (DsConfNode *group, const char *plugin, GError **error)
{
  if (ds_store_ops_by_name (plugin) != NULL)
    return TRUE;
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; ds_store_list[i] != NULL; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", ds_store_list[i]->name);
  ds_conf_set_error (error, group, "there is no plugin \"%s\"; there are: %s", plugin, names->str);
  return FALSE;
}

static gboolean
check_ticket_pattern (DsConfNode *group, const char *pattern, GError **error)
{
  g_autoptr (GError) problem = NULL;
  G_GNUC_UNUSED g_autoptr (DsTicketPattern) compiled = pattern != NULL ? ds_ticket_pattern_new (pattern, &problem) : NULL;
  if (problem != NULL)
    ds_conf_set_error (error, group, "%s", problem->message);
  return problem == NULL;
}

static gboolean
fill (DsConfNode *group, const DsConfiguration *configuration, DsStoreConfiguration *store, GError **error)
{
  store->node = group;
  return ds_configuration_need_text (group, "name", &store->name, error)
         && check_name (group, configuration, store->name, error)
         && ds_configuration_need_text (group, "plugin", &store->plugin, error) && check_plugin (group, store->plugin, error)
         && ds_configuration_read_path (group, "path", &store->path, error)
         && ds_configuration_read_text (group, "ticket_pattern", &store->ticket_pattern, error)
         && check_ticket_pattern (group, store->ticket_pattern, error)
         && ds_configuration_read_texts (group, "never_read", &store->never_read, error)
         && ds_configuration_read_texts (group, "queues", &store->queues, error);
}

static gboolean
read_store (DsConfNode *group, DsConfiguration *configuration, GError **error)
{
  DsStoreConfiguration *store = g_new0 (DsStoreConfiguration, 1);
  if (!fill (group, configuration, store, error))
    {
      ds_store_configuration_free (store);
      return FALSE;
    }
  g_ptr_array_add (configuration->stores, store);
  return TRUE;
}

gboolean
ds_configuration_read_stores (DsConfiguration *configuration, GError **error)
{
  return ds_configuration_each (configuration, "stores", read_store, error);
}

const DsStoreConfiguration *
ds_configuration_store (const DsConfiguration *configuration, const char *name)
{
  for (guint i = 0; i < configuration->stores->len; i++)
    {
      const DsStoreConfiguration *store = g_ptr_array_index (configuration->stores, i);
      if (g_str_equal (store->name, name))
        return store;
    }
  return NULL;
}
