/* The forms of values that several sections of the configuration share. */
#include "config.h"
#include "run/duration.h"
#include "run/configuration-private.h"
#include <string.h>

#define LONGEST_NAME 32

gboolean
ds_configuration_is_name (const char *text)
{
  gsize length = strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789_-");
  return length > 0 && length <= LONGEST_NAME && text[length] == '\0';
}

/* Such a text may end up in a mail header, a log line or a terminal. */
static gboolean
is_plain (const char *text)
{
  if (*text == '\0' || !g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (g_unichar_iscntrl (g_utf8_get_char (text)))
      return FALSE;
  return TRUE;
}

gboolean
ds_configuration_read_text (DsConfNode *group, const char *key, char **value_r, GError **error)
{
  const char *text = NULL;
  if (!ds_conf_string (group, key, &text, error))
    return FALSE;
  if (text == NULL)
    return TRUE;
  if (!is_plain (text))
    {
      ds_conf_set_error (error, group, "\"%s\" must be a text in UTF-8, not empty, without control characters", key);
      return FALSE;
    }
  *value_r = g_strdup (text);
  return TRUE;
}

gboolean
ds_configuration_need_text (DsConfNode *group, const char *key, char **value_r, GError **error)
{
  if (!ds_configuration_read_text (group, key, value_r, error))
    return FALSE;
  if (*value_r == NULL)
    ds_conf_set_error (error, group, "\"%s\" is missing", key);
  return *value_r != NULL;
}

gboolean
ds_configuration_read_texts (DsConfNode *group, const char *key, char ***value_r, GError **error)
{
  g_auto (GStrv) texts = NULL;
  if (!ds_conf_strings (group, key, &texts, error))
    return FALSE;
  if (texts == NULL)
    return TRUE;
  gboolean ok = texts[0] != NULL;
  for (guint i = 0; ok && texts[i] != NULL; i++)
    ok = is_plain (texts[i]);
  if (!ok)
    {
      ds_conf_set_error (error, group,
                         "\"%s\" must name at least one (leave the key out if it is not to matter), and no name may be"
                         " empty or have control characters",
                         key);
      return FALSE;
    }
  *value_r = g_steal_pointer (&texts);
  return TRUE;
}

gboolean
ds_configuration_read_path (DsConfNode *group, const char *key, char **value_r, GError **error)
{
  g_autofree char *path = NULL;
  if (!ds_configuration_read_text (group, key, &path, error))
    return FALSE;
  if (path != NULL && !g_path_is_absolute (path))
    {
      ds_conf_set_error (error, group, "\"%s\" must begin with a slash", key);
      return FALSE;
    }
  if (path != NULL)
    *value_r = g_steal_pointer (&path);
  return TRUE;
}

gboolean
ds_configuration_read_number (DsConfNode *group, const char *key, gint64 least, gint64 most, gint64 *value_r, GError **error)
{
  gint64 value = *value_r;
  if (!ds_conf_int (group, key, &value, error))
    return FALSE;
  if (value < least || value > most)
    {
      ds_conf_set_error (error, group, "\"%s\" must be from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, key, least, most);
      return FALSE;
    }
  *value_r = value;
  return TRUE;
}

gboolean
ds_configuration_read_duration (DsConfNode *group, const char *key, gint64 *value_r, GError **error)
{
  const char *text = NULL;
  if (!ds_conf_string (group, key, &text, error))
    return FALSE;
  if (text == NULL)
    return TRUE;
  gint64 seconds = ds_duration_parse (text);
  if (seconds == 0)
    {
      ds_conf_set_error (error, group, "\"%s\" must be a time such as \"12h\", \"30d\", \"6w\" or \"2y\"", key);
      return FALSE;
    }
  *value_r = seconds;
  return TRUE;
}

gboolean
ds_configuration_each (DsConfiguration *configuration, const char *key, DsReadGroup read, GError **error)
{
  DsConfNode *list = NULL;
  if (!ds_conf_list (ds_conf_root (configuration->file), key, &list, error))
    return FALSE;
  for (guint i = 0; i < ds_conf_length (list); i++)
    {
      DsConfNode *group = ds_conf_nth (list, i, error);
      if (group == NULL || !read (group, configuration, error))
        return FALSE;
    }
  return TRUE;
}
