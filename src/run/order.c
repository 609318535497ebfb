#include "config.h"
#include "run/order.h"
#include <string.h>

char *
ds_order_edit_key (const char *message, const DsFinding *f)
{
  return g_strdup_printf ("%s redact %u %u %zu %zu", message, f->leaf, f->text, f->start, f->end);
}

char *
ds_order_shred_key (const char *message, const char *part)
{
  return g_strdup_printf ("%s shred %s", message, part);
}

static gboolean
type_in_list (char *const *list, const char *type)
{
  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    if (g_str_has_suffix (list[i], "/") ? g_str_has_prefix (type, list[i]) : g_str_equal (type, list[i]))
      return TRUE;
  return list == NULL;
}

/* *beyond_r: all but the place is as the policy says. */
static gboolean
policy_wants (const DsPolicy *policy, gint64 now, const DsCircumstances *m, const DsFinding *f, const DsPartInfo *part,
              gboolean *beyond_r)
{
  if (!ds_selection_lists (policy->kinds, ds_kind_name (f->kind)) || !ds_selection_lists (policy->rules, f->rule) || f->score < policy->min_score)
    return FALSE;
  if (!ds_selection_lists (policy->queues, ds_queue_name (m->queue)) || !ds_selection_lists (policy->statuses, m->status))
    return FALSE;
  if (policy->older_than > 0 && (m->date == 0 || m->date > now - policy->older_than))
    return FALSE;
  if (!type_in_list (policy->media_types, f->media_type) || (policy->min_size > 0 && (part == NULL || part->size < policy->min_size)))
    return FALSE;
  /* A part is shredded for what is in it or for its name; text in place is redacted where the policy reaches. */
  if (policy->what == DS_DO_SHRED)
    return part != NULL && part->attachment && !part->tombstone;
  const char *const *where = policy->where != NULL ? (const char *const *) policy->where : ds_change_where;
  gboolean reaches = g_strv_contains (where, f->where);
  *beyond_r = *beyond_r || !reaches;
  return reaches;
}

static DsDecision
decide_by_policies (const DsOrder *order, const DsCircumstances *m, const DsFinding *f, const DsPartInfo *part)
{
  gboolean beyond = FALSE;
  for (guint i = 0; i < order->policies->len; i++)
    {
      const DsPolicy *policy = g_ptr_array_index (order->policies, i);
      if (f->fixed && policy->what == DS_DO_REDACT)
        continue; /* a file's own name: it can be shredded with the file, not redacted */
      if (policy_wants (policy, order->now, m, f, part, &beyond))
        return (DsDecision){ TRUE, FALSE, policy->what, policy };
    }
  return (DsDecision){ FALSE, beyond, DS_DO_REDACT, NULL };
}

void
ds_order_line_free (DsOrderLine *line)
{
  g_free (line->message);
  g_free (line->digest);
  g_free (line->place);
  g_free (line->fingerprint);
  g_free (line);
}

/* The plan's line of that key, if it was made for this very content (and value); it counts as used. */
static DsOrderLine *
use_line (const DsOrder *order, const DsCircumstances *m, char *key, const char *fingerprint)
{
  DsOrderLine *line = g_hash_table_lookup (order->lines, key);
  g_free (key);
  if (line == NULL || g_strcmp0 (line->digest, m->digest) != 0 || g_strcmp0 (line->fingerprint, fingerprint) != 0)
    return NULL;
  line->used = TRUE;
  return line;
}

static gboolean
has_part (const DsOrder *order, const char *message, const char *part)
{
  g_autofree char *key = g_strconcat (message, " ", part, NULL);
  return g_hash_table_contains (order->parts, key);
}

/* Is the finding in what references name? */
static gboolean
is_named (const DsOrder *order, const DsCircumstances *m, const DsFinding *f)
{
  if (order->messages != NULL && !g_hash_table_contains (order->messages, m->message))
    return FALSE;
  return order->parts == NULL || has_part (order, m->message, f->part);
}

DsDecision
ds_order_decide (const DsOrder *order, const DsCircumstances *m, const DsFinding *f, const DsPartInfo *part)
{
  DsDecision no = { FALSE, FALSE, DS_DO_REDACT, NULL };
  gboolean shreds = order->kind == DS_ORDER_COMMAND && order->what == DS_DO_SHRED;
  if (f->fixed && order->kind != DS_ORDER_POLICIES && !shreds)
    return no;
  if (order->kind == DS_ORDER_POLICIES)
    return is_named (order, m, f) ? decide_by_policies (order, m, f, part) : no;
  if (order->kind == DS_ORDER_LINES)
    {
      const DsOrderLine *line = use_line (order, m, ds_order_edit_key (m->message, f), f->fingerprint);
      return (DsDecision){ line != NULL, FALSE, DS_DO_REDACT, line != NULL ? line->policy : NULL };
    }
  if (order->by_name)
    return no;
  if (order->only_values && f->origin != DS_ORIGIN_GIVEN)
    return no;
  if (!is_named (order, m, f))
    return no;
  gboolean in_place = order->selection->where != NULL || g_strv_contains (ds_change_where, f->where);
  if (f->origin == DS_ORIGIN_GIVEN)
    {
      no.chosen = in_place && ds_order_reaches (order, m, f, &no.policy);
      return no;
    }
  if (!ds_selection_wants_finding (order->selection, f))
    return no;
  if (!in_place)
    {
      no.beyond = order->what == DS_DO_REDACT;
      return no;
    }
  if (order->what == DS_DO_SHRED)
    return (DsDecision){ part != NULL && part->attachment && !part->tombstone, FALSE, DS_DO_SHRED, NULL };
  return (DsDecision){ TRUE, FALSE, DS_DO_REDACT, NULL };
}

gboolean
ds_order_shreds_part (const DsOrder *order, const DsCircumstances *m, const DsPartInfo *part, const DsPolicy **policy_r)
{
  *policy_r = NULL;
  if (part->tombstone)
    return FALSE;
  if (order->kind == DS_ORDER_LINES)
    {
      const DsOrderLine *line = use_line (order, m, ds_order_shred_key (m->message, part->number), NULL);
      *policy_r = line != NULL ? line->policy : NULL;
      return line != NULL;
    }
  return order->what == DS_DO_SHRED && ds_order_names_part (order, m, part) && ds_order_may_shred (part);
}

gboolean
ds_order_names_part (const DsOrder *order, const DsCircumstances *m, const DsPartInfo *part)
{
  return order->kind == DS_ORDER_COMMAND && order->parts != NULL && has_part (order, m->message, part->number);
}

gboolean
ds_order_may_shred (const DsPartInfo *part)
{
  return !part->tombstone && (part->attachment || !g_str_has_prefix (part->media_type, "text/"));
}

gboolean
ds_order_reaches (const DsOrder *order, const DsCircumstances *m, const DsFinding *copy, const DsPolicy **policy_r)
{
  if (copy->fixed)
    return FALSE;
  if (order->kind == DS_ORDER_LINES)
    {
      const DsOrderLine *line = use_line (order, m, ds_order_edit_key (m->message, copy), copy->fingerprint);
      if (line != NULL)
        *policy_r = line->policy;
      return line != NULL;
    }
  return g_strv_contains (ds_order_where (order), copy->where);
}

const char *const *
ds_order_where (const DsOrder *order)
{
  if (order->kind == DS_ORDER_COMMAND && order->selection->where != NULL)
    return (const char *const *) order->selection->where;
  if (order->kind == DS_ORDER_POLICIES && order->reach != NULL)
    return (const char *const *) order->reach;
  return ds_change_where;
}

char **
ds_order_reach (GPtrArray *policies)
{
  GPtrArray *reach = g_ptr_array_new ();
  for (guint i = 0; ds_where_names[i] != NULL; i++)
    for (guint k = 0; k < policies->len; k++)
      {
        const DsPolicy *policy = g_ptr_array_index (policies, k);
        const char *const *where = policy->where != NULL ? (const char *const *) policy->where : ds_change_where;
        if (!g_strv_contains (where, ds_where_names[i]))
          continue;
        g_ptr_array_add (reach, g_strdup (ds_where_names[i]));
        break;
      }
  g_ptr_array_add (reach, NULL);
  return (char **) g_ptr_array_free (reach, FALSE);
}

guint
ds_order_min_score (const DsOrder *order)
{
  guint score = order->kind == DS_ORDER_COMMAND ? order->selection->min_score : DS_MIN_SCORE_DEFAULT;
  for (guint i = 0; order->kind == DS_ORDER_POLICIES && i < order->policies->len; i++)
    score = MIN (score, ((const DsPolicy *) g_ptr_array_index (order->policies, i))->min_score);
  return order->kind == DS_ORDER_LINES ? order->min_score : score;
}
