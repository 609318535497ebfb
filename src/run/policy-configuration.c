#include "config.h"
#include "detect/finding.h"
#include "run/configuration-private.h"
#include "run/selection.h"
#include <string.h>

void
ds_policy_free (DsPolicy *policy)
{
  g_free (policy->name);
  g_strfreev (policy->kinds);
  g_strfreev (policy->rules);
  g_strfreev (policy->queues);
  g_strfreev (policy->statuses);
  g_strfreev (policy->media_types);
  g_strfreev (policy->where);
  g_free (policy->reason);
  g_free (policy->digest);
  g_free (policy);
}

static gboolean
is_kind (const char *name)
{
  DsKind kind;
  return ds_kind_from_name (name, &kind);
}

static gboolean
is_where (const char *name)
{
  return g_str_equal (name, "all") || ds_where_intern (name) != NULL;
}

/* "image/" or "image/png", in lower case as the tree gives them. */
static gboolean
is_media_type (const char *name)
{
  gsize length = strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789.+-_/");
  const char *slash = strchr (name, '/');
  return name[length] == '\0' && slash != NULL && slash != name && strchr (slash + 1, '/') == NULL;
}

/* texts may be NULL. */
static gboolean
check_all (DsConfNode *group, char **texts, gboolean (*is_good) (const char *name), const char *what, GError **error)
{
  for (char **text = texts; text != NULL && *text != NULL; text++)
    if (!is_good (*text))
      {
        ds_conf_set_error (error, group, "\"%s\" is no %s", *text, what);
        return FALSE;
      }
  return TRUE;
}

static gboolean
read_numbers (DsConfNode *when, DsPolicy *policy, GError **error)
{
  gint64 size = 0, score = DS_MIN_SCORE_DEFAULT; /* as a scan shows: what nobody was shown must not go */
  if (!ds_configuration_read_number (when, "min_size", 0, G_MAXINT64, &size, error)
      || !ds_configuration_read_number (when, "min_score", 0, 100, &score, error)
      || !ds_configuration_read_duration (when, "older_than", &policy->older_than, error))
    return FALSE;
  policy->min_size = (guint64) size;
  policy->min_score = (guint) score;
  return TRUE;
}

/* "all" is a word of the configuration only: what comes later compares places. */
static void
expand_where (DsPolicy *policy)
{
  if (policy->where == NULL || !g_strv_contains ((const char *const *) policy->where, "all"))
    return;
  g_strfreev (policy->where);
  policy->where = g_strdupv ((char **) ds_where_names);
}

/* A policy with no word on what it is about would be about everything. */
static gboolean
check_narrow (DsConfNode *when, const DsPolicy *policy, GError **error)
{
  if (policy->kinds != NULL || policy->rules != NULL || policy->media_types != NULL || policy->older_than > 0)
    return TRUE;
  ds_conf_set_error (error, when, "\"when\" needs at least one of \"kinds\", \"rules\", \"media_types\", \"older_than\"");
  return FALSE;
}

static gboolean
read_when (DsConfNode *group, DsPolicy *policy, GError **error)
{
  static const char *const keys[] = { "kinds", "rules", "queues", "status", "media_types", "older_than", "min_size",
                                      "min_score", "where", NULL };
  DsConfNode *when = NULL;
  if (!ds_conf_group (group, "when", &when, error))
    return FALSE;
  if (when == NULL)
    {
      ds_conf_set_error (error, group, "\"when\" is missing");
      return FALSE;
    }
  return ds_conf_known (when, keys, error) && ds_configuration_read_texts (when, "kinds", &policy->kinds, error)
         && ds_configuration_read_texts (when, "rules", &policy->rules, error)
         && ds_configuration_read_texts (when, "queues", &policy->queues, error)
         && ds_configuration_read_texts (when, "status", &policy->statuses, error)
         && ds_configuration_read_texts (when, "media_types", &policy->media_types, error)
         && ds_configuration_read_texts (when, "where", &policy->where, error) && read_numbers (when, policy, error)
         && check_all (when, policy->kinds, is_kind, "kind of finding", error)
         && check_all (when, policy->media_types, is_media_type, "media type such as \"image/png\" or \"image/\"", error)
         && check_all (when, policy->where, is_where, "place that --where knows", error)
         && check_narrow (when, policy, error);
}

static gboolean
read_do (DsConfNode *group, DsPolicy *policy, GError **error)
{
  g_autofree char *what = NULL;
  if (!ds_configuration_need_text (group, "do", &what, error))
    return FALSE;
  policy->what = g_str_equal (what, "shred") ? DS_DO_SHRED : DS_DO_REDACT;
  if (g_str_equal (what, "shred") || g_str_equal (what, "redact"))
    return TRUE;
  ds_conf_set_error (error, group, "\"do\" must be \"redact\" or \"shred\", not \"%s\"", what);
  return FALSE;
}

static gboolean
read_reason (DsConfNode *group, const DsConfiguration *configuration, DsPolicy *policy, GError **error)
{
  if (!ds_configuration_need_text (group, "reason", &policy->reason, error))
    return FALSE;
  if (ds_configuration_reason (configuration, policy->reason) != NULL)
    return TRUE;
  ds_conf_set_error (error, group, "there is no reason with the code \"%s\"", policy->reason);
  return FALSE;
}

static gboolean
read_name (DsConfNode *group, const DsConfiguration *configuration, DsPolicy *policy, GError **error)
{
  g_autofree char *name = NULL;
  if (!ds_configuration_need_text (group, "name", &name, error))
    return FALSE;
  if (!ds_configuration_is_name (name))
    {
      ds_conf_set_error (error, group, "a policy's name must be 1 to 32 of a-z, 0-9, \"_\", \"-\"");
      return FALSE;
    }
  if (ds_configuration_policy (configuration, name) != NULL)
    {
      ds_conf_set_error (error, group, "the policy \"%s\" stands twice", name);
      return FALSE;
    }
  policy->name = g_steal_pointer (&name);
  return TRUE;
}

/* Each text with its length before it, so that no two policies are written alike. */
static void
write_text (GString *out, const char *key, const char *text)
{
  g_string_append_printf (out, "%s %zu %s\n", key, strlen (text), text);
}

static void
write_texts (GString *out, const char *key, char **texts)
{
  g_string_append_printf (out, "%s %d\n", key, texts != NULL ? (int) g_strv_length (texts) : -1);
  for (char **text = texts; text != NULL && *text != NULL; text++)
    write_text (out, "-", *text);
}

/* Changing one byte of this voids every confirmation there is. */
static char *
policy_digest (const DsPolicy *policy)
{
  g_autoptr (GString) out = g_string_new ("deskshred policy 1\n");
  write_text (out, "name", policy->name);
  write_texts (out, "kinds", policy->kinds);
  write_texts (out, "rules", policy->rules);
  write_texts (out, "queues", policy->queues);
  write_texts (out, "status", policy->statuses);
  write_texts (out, "media_types", policy->media_types);
  write_texts (out, "where", policy->where);
  g_string_append_printf (out, "older_than %" G_GINT64_FORMAT "\nmin_size %" G_GUINT64_FORMAT "\nmin_score %u\n",
                          policy->older_than, policy->min_size, policy->min_score);
  write_text (out, "do", policy->what == DS_DO_SHRED ? "shred" : "redact");
  write_text (out, "reason", policy->reason);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, out->str, (gssize) out->len);
  return g_strndup (digest, 16);
}

static gboolean
read_policy (DsConfNode *group, DsConfiguration *configuration, GError **error)
{
  static const char *const keys[] = { "name", "enabled", "when", "do", "reason", NULL };
  DsPolicy *policy = g_new0 (DsPolicy, 1);
  if (!ds_conf_known (group, keys, error) || !read_name (group, configuration, policy, error)
      || !ds_conf_bool (group, "enabled", &policy->enabled, error) || !read_when (group, policy, error)
      || !read_do (group, policy, error) || !read_reason (group, configuration, policy, error))
    {
      ds_policy_free (policy);
      return FALSE;
    }
  expand_where (policy);
  policy->digest = policy_digest (policy);
  g_ptr_array_add (configuration->policies, policy);
  return TRUE;
}

gboolean
ds_configuration_read_policies (DsConfiguration *configuration, GError **error)
{
  return ds_configuration_each (configuration, "policies", read_policy, error);
}

const DsPolicy *
ds_configuration_policy (const DsConfiguration *configuration, const char *name)
{
  for (guint i = 0; i < configuration->policies->len; i++)
    {
      const DsPolicy *policy = g_ptr_array_index (configuration->policies, i);
      if (g_str_equal (policy->name, name))
        return policy;
    }
  return NULL;
}
