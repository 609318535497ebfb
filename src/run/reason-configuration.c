#include "config.h"
#include "run/configuration-private.h"

/* Only a ground that the code itself states is claimed, in the words of Regulation (EU) 2016/679:
 *   17(1)(a)  "no longer necessary in relation to the purposes for which they were collected or otherwise processed"
 *   17(1)(d)  "unlawfully processed"
 *   17(1)     "the right to obtain from the controller the erasure": on a request, for one of the grounds (a) to (f) (withdrawn
 *             consent, an objection, ...); which of them, the case must tell
 *   5(1)(e)   storage limitation: "no longer than is necessary"
 *   5(1)(c)   data minimisation: "limited to what is necessary", which what came by mistake never was */
static const struct
{
  const char *code;
  const char *text;
  const char *ground;
} built_in[] = {
  { "no-longer-needed", "no longer needed for the purpose it was collected for", "GDPR 17(1)(a)" },
  { "verified", "was needed to verify something, which is done", "GDPR 17(1)(a)" },
  { "erasure-request", "the person concerned asked for erasure", "GDPR 17(1)" },
  { "retention", "its retention period is over", "GDPR 5(1)(e)" },
  { "unlawful", "was processed unlawfully", "GDPR 17(1)(d)" },
  { "mistake", "was sent or stored by mistake", "GDPR 5(1)(c)" },
  { "other", "another reason, told by the case reference", NULL },
};

void
ds_reason_free (DsReason *reason)
{
  g_free (reason->code);
  g_free (reason->text);
  g_free (reason->ground);
  g_free (reason->legal_basis);
  g_free (reason);
}

static gboolean
read_reason (DsConfNode *group, DsConfiguration *configuration, GError **error)
{
  static const char *const keys[] = { "code", "text", "ground", "legal_basis", NULL };
  DsReason *reason = g_new0 (DsReason, 1);
  const guint before = configuration->reasons->len;
  g_ptr_array_add (configuration->reasons, reason);
  if (!ds_conf_known (group, keys, error) || !ds_configuration_need_text (group, "code", &reason->code, error)
      || !ds_configuration_need_text (group, "text", &reason->text, error)
      || !ds_configuration_read_text (group, "ground", &reason->ground, error)
      || !ds_configuration_read_text (group, "legal_basis", &reason->legal_basis, error))
    return FALSE;
  if (!ds_configuration_is_name (reason->code))
    {
      ds_conf_set_error (error, group, "the code \"%s\" must be 1 to 32 of a-z, 0-9, \"_\", \"-\"", reason->code);
      return FALSE;
    }
  for (guint i = 0; i < before; i++)
    if (g_str_equal (((const DsReason *) g_ptr_array_index (configuration->reasons, i))->code, reason->code))
      {
        ds_conf_set_error (error, group, "the reason \"%s\" stands twice", reason->code);
        return FALSE;
      }
  return TRUE;
}

static void
add_built_in (DsConfiguration *configuration)
{
  for (guint i = 0; i < G_N_ELEMENTS (built_in); i++)
    {
      if (ds_configuration_reason (configuration, built_in[i].code) != NULL)
        continue;
      DsReason *reason = g_new0 (DsReason, 1);
      reason->code = g_strdup (built_in[i].code);
      reason->text = g_strdup (built_in[i].text);
      reason->ground = g_strdup (built_in[i].ground);
      g_ptr_array_add (configuration->reasons, reason);
    }
}

gboolean
ds_configuration_read_reasons (DsConfiguration *configuration, GError **error)
{
  if (configuration->file != NULL && !ds_configuration_each (configuration, "reasons", read_reason, error))
    return FALSE;
  add_built_in (configuration);
  return TRUE;
}

const DsReason *
ds_configuration_reason (const DsConfiguration *configuration, const char *code)
{
  for (guint i = 0; i < configuration->reasons->len; i++)
    {
      const DsReason *reason = g_ptr_array_index (configuration->reasons, i);
      if (g_str_equal (reason->code, code))
        return reason;
    }
  return NULL;
}
