#include "config.h"
#include "cmd/policy-view.h"
#include "run/selection.h"

static void
write_field (DsWriter *writer, const char *name, const char *value)
{
  const char *cells[] = { name, value };
  ds_writer_row (writer, cells);
}

static void
write_list (DsWriter *writer, const char *name, char *const *list, const char *absent)
{
  g_autofree char *joined = list != NULL ? g_strjoinv (", ", (char **) list) : g_strdup (absent);
  write_field (writer, name, joined);
}

static char *
age (const DsPolicy *policy)
{
  if (policy->older_than == 0)
    return g_strdup ("any");
  gboolean days = policy->older_than % 86400 == 0;
  return g_strdup_printf ("older than %" G_GINT64_FORMAT " %s", policy->older_than / (days ? 86400 : 3600), days ? "days" : "hours");
}

void
ds_policy_view (DsWriter *writer, const DsConfiguration *configuration, const DsPolicy *policy)
{
  static const DsColumn columns[] = { { "field", "Field", 12, 0 }, { "value", "Value", 40, 0 } };
  const DsReason *reason = ds_configuration_reason (configuration, policy->reason);
  g_autofree char *title = g_strdup_printf ("Policy \"%s\"", policy->name);
  g_autofree char *why = g_strdup_printf ("%s: %s%s%s%s", reason->code, reason->text, reason->ground != NULL ? " (" : "",
                                          reason->ground != NULL ? reason->ground : "", reason->ground != NULL ? ")" : "");
  g_autofree char *messages = age (policy);
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT " bytes or more", policy->min_size);
  g_autofree char *score = g_strdup_printf ("%u or more", policy->min_score);
  ds_writer_section (writer, "policy", title, columns, G_N_ELEMENTS (columns));
  write_field (writer, "does", policy->what == DS_DO_SHRED ? "shred: whole attachments become tombstones" : "redact: what was found becomes a label");
  write_list (writer, "kinds", policy->kinds, "any");
  write_list (writer, "rules", policy->rules, "any");
  write_field (writer, "scores", score);
  write_list (writer, "queues", policy->queues, "any");
  write_list (writer, "status", policy->statuses, "any");
  write_list (writer, "media types", policy->media_types, "any");
  write_list (writer, "places", policy->where != NULL ? policy->where : (char *const *) ds_change_where, "");
  write_field (writer, "messages", messages);
  write_field (writer, "parts", policy->min_size > 0 ? size : "of any size");
  write_field (writer, "reason", why);
  write_field (writer, "enabled", policy->enabled ? "yes" : "no: nothing is changed before it is");
  write_field (writer, "digest", policy->digest);
}
