#include "config.h"
#include "run/selection.h"
#include "base/error.h"
#include "run/duration.h"
#include <string.h>

const char *const ds_change_where[] = { "body", "attachment", "filename", "subject", NULL };

DsSelection *
ds_selection_new (void)
{
  DsSelection *selection = g_new0 (DsSelection, 1);
  selection->min_score = DS_MIN_SCORE_DEFAULT;
  return selection;
}

void
ds_selection_free (DsSelection *selection)
{
  if (selection == NULL)
    return;
  g_strfreev (selection->tickets);
  g_strfreev (selection->queues);
  g_strfreev (selection->statuses);
  g_strfreev (selection->rules);
  g_strfreev (selection->where);
  g_free (selection);
}

gboolean
ds_selection_add_kind (DsSelection *selection, const char *name, GError **error)
{
  DsKind kind;
  if (!ds_kind_from_name (name, &kind))
    {
      g_autoptr (GString) known = g_string_new (NULL);
      for (guint i = 0; i < DS_N_KINDS; i++)
        g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", ds_kind_name ((DsKind) i));
      g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "there is no kind \"%s\" (--kind takes one; again for another); there are %s", name, known->str);
      return FALSE;
    }
  selection->kinds |= G_GUINT64_CONSTANT (1) << kind;
  return TRUE;
}

gboolean
ds_selection_set_where (DsSelection *selection, const char *list, GError **error)
{
  g_auto (GStrv) names = g_strsplit (list, ",", -1);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_strstrip (names[i]);
      if (g_str_equal (names[i], "all"))
        {
          g_strfreev (selection->where);
          selection->where = g_strdupv ((char **) ds_where_names);
          return TRUE;
        }
      if (ds_where_intern (names[i]) == NULL)
        {
          g_autofree char *known = g_strjoinv (", ", (char **) ds_where_names);
          g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "--where has no place \"%s\"; there are: %s, all", names[i], known);
          return FALSE;
        }
    }
  g_strfreev (selection->where);
  selection->where = g_steal_pointer (&names);
  return TRUE;
}

gboolean
ds_selection_parse_time (const char *text, gint64 now, gint64 *time_r, GError **error)
{
  gint64 ago = ds_duration_parse (text);
  if (ago > 0)
    {
      *time_r = now - ago;
      return TRUE;
    }
  g_autofree char *full = strchr (text, 'T') != NULL ? g_strdup (text) : g_strconcat (text, "T00:00:00Z", NULL);
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) when = g_date_time_new_from_iso8601 (full, utc);
  if (when == NULL)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "\"%s\" is no time: write 2024-01-31 or, for so long ago, 12h, 30d, 8w, 2y", text);
      return FALSE;
    }
  *time_r = g_date_time_to_unix (when);
  return TRUE;
}

gboolean
ds_selection_lists (char *const *list, const char *name)
{
  return list == NULL || (name != NULL && g_strv_contains ((const char *const *) list, name))
         || g_strv_contains ((const char *const *) list, "*");
}

gboolean
ds_selection_wants_item (const DsSelection *selection, const DsStoreItem *item)
{
  /* What can't be looked at has no date that counts: it may be of any time. */
  if (item->problem == NULL && selection->since != 0 && item->date < selection->since)
    return FALSE;
  if (item->problem == NULL && selection->until != 0 && item->date >= selection->until)
    return FALSE;
  return ds_selection_lists (selection->queues, ds_queue_name (item->queue)) && ds_selection_lists (selection->statuses, item->status);
}

gboolean
ds_selection_wants_finding (const DsSelection *selection, const DsFinding *finding)
{
  if (selection->kinds != 0 && (selection->kinds & (G_GUINT64_CONSTANT (1) << finding->kind)) == 0)
    return FALSE;
  if (finding->score < selection->min_score)
    return FALSE;
  return ds_selection_lists (selection->rules, finding->rule) && ds_selection_lists (selection->where, finding->where);
}
