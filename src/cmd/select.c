#include "config.h"
#include "cmd/select.h"
#include "base/error.h"
#include "run/reference.h"

DsSelection *
ds_select_selection (const DsSelectOptions *options, GError **error)
{
  g_autoptr (DsSelection) selection = ds_selection_new ();
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  for (guint i = 0; options->kinds != NULL && options->kinds[i] != NULL; i++)
    if (!ds_selection_add_kind (selection, options->kinds[i], error))
      return NULL;
  if (options->where != NULL && !ds_selection_set_where (selection, options->where, error))
    return NULL;
  if (options->since != NULL && !ds_selection_parse_time (options->since, now, &selection->since, error))
    return NULL;
  if (options->until != NULL && !ds_selection_parse_time (options->until, now, &selection->until, error))
    return NULL;
  if (options->min_score < 0 || options->min_score > 100 || options->limit < 0)
    {
      g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE, "--min-score must be 0 to 100, and --limit not negative");
      return NULL;
    }
  selection->min_score = (guint) options->min_score;
  selection->limit = (guint64) options->limit;
  selection->tickets = g_strdupv (options->tickets);
  selection->queues = g_strdupv (options->queues);
  selection->statuses = g_strdupv (options->statuses);
  selection->rules = g_strdupv (options->rules);
  return g_steal_pointer (&selection);
}

static gboolean
add_reference (DsTarget *target, const char *word, GError **error)
{
  DsReference *reference = ds_reference_read (word, error);
  if (reference == NULL)
    return FALSE;
  if (target->references == NULL)
    target->references = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_reference_free);
  g_ptr_array_add (target->references, reference);
  const DsReference *first = g_ptr_array_index (target->references, 0);
  if (g_str_equal (first->store, reference->store))
    return TRUE;
  g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE, "references of several stores at once: one store a run");
  return FALSE;
}

/* A reference's store: a configured one, or the name that stands for a PATH given earlier. */
static gboolean
find_store (const DsGlobalOptions *globals, DsTarget *target, GError **error)
{
  const char *name = ((const DsReference *) g_ptr_array_index (target->references, 0))->store;
  g_autoptr (DsConfiguration) configuration = ds_configuration_load (globals->config, error);
  if (configuration == NULL)
    return FALSE;
  if (ds_configuration_store (configuration, name) != NULL)
    {
      target->target = g_strdup (name);
      target->is_store = TRUE;
      return TRUE;
    }
  g_autoptr (GError) path_error = NULL;
  target->target = ds_session_path_of (globals, name, &path_error);
  if (target->target != NULL)
    return TRUE;
  if (path_error != NULL)
    g_propagate_error (error, g_steal_pointer (&path_error));
  else
    g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "no store is called \"%s\": neither in the configuration, nor for a PATH scanned before", name);
  return FALSE;
}

DsTarget *
ds_select_target (const DsGlobalOptions *globals, const DsSelectOptions *options, char **words, GError **error)
{
  g_autoptr (DsTarget) target = g_new0 (DsTarget, 1);
  guint n = words != NULL ? g_strv_length (words) : 0;
  if (options->store != NULL)
    {
      target->target = g_strdup (options->store);
      target->is_store = TRUE;
    }
  for (guint i = 0; i < n; i++)
    if (ds_reference_looks_like (words[i]))
      {
        if (!add_reference (target, words[i], error))
          return NULL;
      }
    else if (target->target == NULL && target->references == NULL)
      target->target = g_strdup (words[i]);
    else
      {
        g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE, "one PATH, or --store, or references; not several of them");
        return NULL;
      }
  if (target->target != NULL && target->references != NULL)
    {
      g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE, "references name their store themselves: no PATH or --store beside them");
      return NULL;
    }
  if (target->target == NULL && target->references == NULL)
    {
      g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE, "on what? name a PATH, a store with --store, or a REF as a scan shows it");
      return NULL;
    }
  if (target->references != NULL && !find_store (globals, target, error))
    return NULL;
  return g_steal_pointer (&target);
}

void
ds_target_free (DsTarget *target)
{
  if (target == NULL)
    return;
  g_free (target->target);
  g_clear_pointer (&target->references, g_ptr_array_unref);
  g_free (target);
}

void
ds_select_options_clear (DsSelectOptions *options)
{
  g_free (options->store);
  g_strfreev (options->tickets);
  g_strfreev (options->queues);
  g_strfreev (options->statuses);
  g_strfreev (options->kinds);
  g_strfreev (options->rules);
  g_free (options->since);
  g_free (options->until);
  g_free (options->where);
}
