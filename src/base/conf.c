#include "config.h"
#include "base/conf.h"
#include "base/error.h"
#include <errno.h>
#include <libconfig.h>
#include <stdarg.h>
#include <string.h>

struct _DsConf
{
  config_t config;
  char *name;
};

static DsConf *
conf_new (const char *name)
{
  DsConf *conf = g_new0 (DsConf, 1);
  config_init (&conf->config);
  conf->name = g_strdup (name);
  return conf;
}

void
ds_conf_free (DsConf *conf)
{
  if (conf == NULL)
    return;
  config_destroy (&conf->config);
  g_free (conf->name);
  g_free (conf);
}

static DsConf *
conf_finish (DsConf *conf, gboolean ok, GError **error)
{
  if (ok)
    {
      /* A node that came from a string has no file name: the root's hook carries it. */
      config_setting_set_hook (config_root_setting (&conf->config), conf->name);
      return conf;
    }
  const char *file = config_error_file (&conf->config);
  if (config_error_type (&conf->config) == CONFIG_ERR_FILE_IO)
    g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s: cannot be read: %s", conf->name, errno != 0 ? g_strerror (errno) : "not a file");
  else
    g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s:%d: %s", file != NULL ? file : conf->name,
                 config_error_line (&conf->config), config_error_text (&conf->config));
  ds_conf_free (conf);
  return NULL;
}

/* libconfig ends the process when it is to include a folder, and reads a device for ever.  (In its scanner an @include stands
 * at the beginning of a line; what it names is taken from where the process runs.) */
static gboolean includes_are_files (const char *text, gsize size, const char *name, GHashTable *seen, GError **error);

/* seen: paths that were looked at.  What cannot be read here, libconfig says. */
static gboolean
file_includes_files (const char *path, GHashTable *seen, GError **error)
{
  g_autofree char *text = NULL;
  gsize size = 0;
  return !g_hash_table_add (seen, g_strdup (path)) || !g_file_test (path, G_FILE_TEST_IS_REGULAR)
         || !g_file_get_contents (path, &text, &size, NULL) || includes_are_files (text, size, path, seen, error);
}

static gboolean
includes_are_files (const char *text, gsize size, const char *name, GHashTable *seen, GError **error)
{
  if (memmem (text, size, "@include", strlen ("@include")) == NULL)
    return TRUE;
  g_autoptr (GRegex) pattern =
    g_regex_new ("^[ \\t]*@include[ \\t]+\"((?:[^\"\\\\]|\\\\.)*)\"", G_REGEX_MULTILINE | G_REGEX_RAW, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  gboolean good = TRUE;
  for (gboolean more = g_regex_match_full (pattern, text, (gssize) size, 0, 0, &match, NULL); more && good;
       more = g_match_info_next (match, NULL))
    {
      g_autofree char *written = g_match_info_fetch (match, 1);
      g_autofree char *included = g_strcompress (written);
      int start = 0, line = 1;
      g_match_info_fetch_pos (match, 1, &start, NULL);
      for (int i = 0; i < start; i++)
        line += text[i] == '\n';
      if (g_file_test (included, G_FILE_TEST_EXISTS) && !g_file_test (included, G_FILE_TEST_IS_REGULAR))
        {
          g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s:%d: only a file can be included: %s", name, line, included);
          return FALSE;
        }
      good = file_includes_files (included, seen, error);
    }
  return good;
}

DsConf *
ds_conf_load (const char *path, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!file_includes_files (path, seen, error))
    return NULL;
  DsConf *conf = conf_new (path);
  errno = 0; /* libconfig tells only that a file cannot be read */
  return conf_finish (conf, config_read_file (&conf->config, path) == CONFIG_TRUE, error);
}

DsConf *
ds_conf_parse (const char *text, const char *name, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!includes_are_files (text, strlen (text), name, seen, error))
    return NULL;
  DsConf *conf = conf_new (name);
  return conf_finish (conf, config_read_string (&conf->config, text) == CONFIG_TRUE, error);
}

DsConfNode *
ds_conf_root (const DsConf *conf)
{
  return config_root_setting (&conf->config);
}

static const char *
node_file (DsConfNode *node)
{
  const char *file = config_setting_source_file (node);
  if (file != NULL)
    return file;
  while (config_setting_parent (node) != NULL)
    node = config_setting_parent (node);
  file = config_setting_get_hook (node);
  return file != NULL ? file : "(text)";
}

void
ds_conf_set_error (GError **error, DsConfNode *node, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  guint line = config_setting_source_line (node); /* the file as a whole has none */
  g_autofree char *place = line > 0 ? g_strdup_printf ("%s:%u", node_file (node), line) : g_strdup (node_file (node));
  g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s: %s", place, text);
}

gboolean
ds_conf_known (DsConfNode *group, const char *const *keys, GError **error)
{
  for (int i = 0; i < config_setting_length (group); i++)
    {
      DsConfNode *child = config_setting_get_elem (group, i);
      if (!g_strv_contains (keys, config_setting_name (child)))
        {
          ds_conf_set_error (error, child, "unknown key \"%s\"", config_setting_name (child));
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
wrong_type (DsConfNode *node, const char *wanted, GError **error)
{
  const char *name = config_setting_name (node);
  ds_conf_set_error (error, node, "\"%s\" must be %s", name != NULL ? name : "entry", wanted);
  return FALSE;
}

gboolean
ds_conf_string (DsConfNode *group, const char *key, const char **value_r, GError **error)
{
  DsConfNode *node = config_setting_get_member (group, key);
  if (node == NULL)
    return TRUE;
  if (config_setting_type (node) != CONFIG_TYPE_STRING)
    return wrong_type (node, "a string in quotes", error);
  *value_r = config_setting_get_string (node);
  return TRUE;
}

static gboolean
node_int (DsConfNode *node, gint64 *value_r)
{
  int type = config_setting_type (node);
  if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
    return FALSE;
  *value_r = config_setting_get_int64 (node);
  return TRUE;
}

gboolean
ds_conf_int (DsConfNode *group, const char *key, gint64 *value_r, GError **error)
{
  DsConfNode *node = config_setting_get_member (group, key);
  if (node == NULL)
    return TRUE;
  return node_int (node, value_r) || wrong_type (node, "a whole number", error);
}

gboolean
ds_conf_bool (DsConfNode *group, const char *key, gboolean *value_r, GError **error)
{
  DsConfNode *node = config_setting_get_member (group, key);
  if (node == NULL)
    return TRUE;
  if (config_setting_type (node) != CONFIG_TYPE_BOOL)
    return wrong_type (node, "true or false", error);
  *value_r = config_setting_get_bool (node);
  return TRUE;
}

gboolean
ds_conf_double (DsConfNode *group, const char *key, double *value_r, GError **error)
{
  DsConfNode *node = config_setting_get_member (group, key);
  if (node == NULL)
    return TRUE;
  if (config_setting_type (node) != CONFIG_TYPE_FLOAT)
    return wrong_type (node, "a number with a decimal point", error);
  *value_r = config_setting_get_float (node);
  return TRUE;
}

/* The list or array under key, or NULL; FALSE if something else is there. */
static gboolean
sequence (DsConfNode *group, const char *key, DsConfNode **node_r, GError **error)
{
  *node_r = config_setting_get_member (group, key);
  if (*node_r == NULL || config_setting_is_list (*node_r) || config_setting_is_array (*node_r))
    return TRUE;
  return wrong_type (*node_r, "a list", error);
}

gboolean
ds_conf_strings (DsConfNode *group, const char *key, char ***value_r, GError **error)
{
  DsConfNode *list = NULL;
  if (!sequence (group, key, &list, error))
    return FALSE;
  if (list == NULL)
    return TRUE;
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);
  for (int i = 0; i < config_setting_length (list); i++)
    {
      const char *string = config_setting_get_string_elem (list, i);
      if (string == NULL)
        return wrong_type (list, "a list of strings", error);
      g_ptr_array_add (strings, g_strdup (string));
    }
  g_ptr_array_add (strings, NULL);
  *value_r = (char **) g_ptr_array_free (g_steal_pointer (&strings), FALSE);
  return TRUE;
}

gboolean
ds_conf_ints (DsConfNode *group, const char *key, GArray **value_r, GError **error)
{
  DsConfNode *list = NULL;
  if (!sequence (group, key, &list, error))
    return FALSE;
  if (list == NULL)
    return TRUE;
  g_autoptr (GArray) ints = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (int i = 0; i < config_setting_length (list); i++)
    {
      gint64 value = 0;
      if (!node_int (config_setting_get_elem (list, i), &value))
        return wrong_type (list, "a list of whole numbers", error);
      g_array_append_val (ints, value);
    }
  *value_r = g_steal_pointer (&ints);
  return TRUE;
}

gboolean
ds_conf_group (DsConfNode *group, const char *key, DsConfNode **value_r, GError **error)
{
  DsConfNode *node = config_setting_get_member (group, key);
  *value_r = node;
  return node == NULL || config_setting_is_group (node) || wrong_type (node, "a group in braces", error);
}

gboolean
ds_conf_list (DsConfNode *group, const char *key, DsConfNode **value_r, GError **error)
{
  return sequence (group, key, value_r, error);
}

guint
ds_conf_length (DsConfNode *list)
{
  return list == NULL ? 0 : (guint) config_setting_length (list);
}

DsConfNode *
ds_conf_nth (DsConfNode *list, guint i, GError **error)
{
  DsConfNode *node = config_setting_get_elem (list, i);
  if (node != NULL && config_setting_is_group (node))
    return node;
  wrong_type (node != NULL ? node : list, "a group in braces", error);
  return NULL;
}
