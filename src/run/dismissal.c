#include "config.h"
#include "run/dismissal.h"

DsDismissalTarget *
ds_dismissal_target_new (DsState *state, const char *word, gboolean is_fingerprint, GError **error)
{
  g_autoptr (DsReference) reference = NULL;
  if (!is_fingerprint)
    {
      reference = ds_reference_read (word, error);
      /* The ticket may have got another name since: threads prove to be one. */
      char *present = reference != NULL ? ds_state_resolve_ticket (state, reference->store, reference->ticket, error) : NULL;
      if (present == NULL)
        return NULL;
      g_free (reference->ticket);
      reference->ticket = present;
    }
  DsDismissalTarget *target = g_new0 (DsDismissalTarget, 1);
  target->word = g_strdup (word);
  target->reference = g_steal_pointer (&reference);
  return target;
}

void
ds_dismissal_target_free (DsDismissalTarget *target)
{
  g_free (target->word);
  ds_reference_free (target->reference);
  g_free (target);
}

static void
dismissable_free (DsDismissable *value)
{
  g_free (value->rule);
  g_free (value->kind);
  g_free (value->masked);
  g_free (value->store);
  g_free (value->ticket);
  g_free (value->message);
  g_free (value->part);
  g_free (value->last_ticket);
  g_free (value);
}

/* Where something stands. */
typedef struct
{
  const char *fingerprint, *store, *ticket, *message, *part;
} Place;

static gboolean
one_of (char *const *wanted, const char *name)
{
  return wanted == NULL || (name != NULL && g_strv_contains ((const char *const *) wanted, name));
}

static gboolean
same_or_any (const char *wanted, const char *name)
{
  return wanted == NULL || g_strcmp0 (wanted, name) == 0;
}

static gboolean
names_ticket (const DsDismissalTarget *target, const Place *place)
{
  const DsReference *reference = target->reference;
  return g_strcmp0 (reference->store, place->store) == 0 && same_or_any (reference->ticket, place->ticket);
}

static gboolean
is_meant (const DsDismissalTarget *target, const Place *place)
{
  const DsReference *reference = target->reference;
  if (reference == NULL)
    return g_str_equal (target->word, place->fingerprint);
  return names_ticket (target, place) && same_or_any (reference->message, place->message) && same_or_any (reference->part, place->part);
}

/* ---- values to dismiss ---- */

typedef struct
{
  GPtrArray *targets;
  char *const *rules, *const *kinds;
  GHashTable *values; /* fingerprint -> DsDismissable */
} Search;

static DsDismissable *
value_of (Search *search, const DsOpenFinding *f)
{
  DsDismissable *value = g_hash_table_lookup (search->values, f->fingerprint);
  if (value != NULL)
    return value;
  value = g_new0 (DsDismissable, 1);
  value->rule = g_strdup (f->rule);
  value->kind = g_strdup (f->kind);
  value->masked = g_strdup (f->masked);
  value->store = g_strdup (f->store);
  value->ticket = g_strdup (f->ticket);
  value->message = g_strdup (f->message);
  value->part = g_strdup (f->part);
  g_hash_table_insert (search->values, g_strdup (f->fingerprint), value);
  return value;
}

static Place
place_of (const DsOpenFinding *f)
{
  return (Place){ f->fingerprint, f->store, f->ticket, f->message, f->part };
}

static gboolean
look_at (const DsOpenFinding *finding, gpointer data, GError **error G_GNUC_UNUSED)
{
  Search *search = data;
  const Place place = place_of (finding);
  gboolean narrowed = search->rules != NULL || search->kinds != NULL, meant = FALSE;
  if (!one_of (search->rules, finding->rule) || !one_of (search->kinds, finding->kind))
    return TRUE;
  for (guint i = 0; i < search->targets->len; i++)
    {
      DsDismissalTarget *target = g_ptr_array_index (search->targets, i);
      if (!is_meant (target, &place))
        continue;
      target->found++;
      meant = TRUE;
      value_of (search, finding)->is_exact |= narrowed || target->reference == NULL || target->reference->part != NULL;
    }
  if (meant)
    value_of (search, finding)->places++;
  return TRUE;
}

/* Findings come ticket by ticket only as far as their messages do, so a ticket may count twice: it is a hint. */
static gboolean
count_elsewhere (const DsOpenFinding *finding, gpointer data, GError **error G_GNUC_UNUSED)
{
  Search *search = data;
  const Place place = place_of (finding);
  DsDismissable *value = g_hash_table_lookup (search->values, finding->fingerprint);
  if (value == NULL)
    return TRUE;
  for (guint i = 0; i < search->targets->len; i++)
    {
      const DsDismissalTarget *target = g_ptr_array_index (search->targets, i);
      if (target->reference == NULL ? g_str_equal (target->word, finding->fingerprint) : names_ticket (target, &place))
        return TRUE;
    }
  value->places_elsewhere++;
  if (g_strcmp0 (value->last_ticket, finding->ticket) == 0)
    return TRUE;
  value->tickets_elsewhere++;
  g_free (value->last_ticket);
  value->last_ticket = g_strdup (finding->ticket);
  return TRUE;
}

GHashTable *
ds_dismissable_find (DsState *state, GPtrArray *targets, char *const *rules, char *const *kinds, GError **error)
{
  g_autoptr (GHashTable) values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) dismissable_free);
  Search search = { targets, rules, kinds, values };
  if (!ds_state_each_open (state, NULL, look_at, &search, error) || !ds_state_each_open (state, NULL, count_elsewhere, &search, error))
    return NULL;
  return g_steal_pointer (&values);
}

gboolean
ds_dismissable_is_shared (const DsDismissable *value)
{
  return !value->is_exact && value->places_elsewhere > 0;
}

/* ---- dismissals to end ---- */

typedef struct
{
  DsState *state;
  GPtrArray *targets;
  char *const *rules, *const *kinds;
  GPtrArray *fingerprints;
} Ending;

static gboolean
look_at_dismissal (const DsDismissal *dismissal, gpointer data, GError **error)
{
  Ending *ending = data;
  if (!one_of (ending->rules, dismissal->rule) || !one_of (ending->kinds, dismissal->kind))
    return TRUE;
  g_autofree char *ticket = NULL;
  if (dismissal->store != NULL && dismissal->ticket != NULL)
    {
      ticket = ds_state_resolve_ticket (ending->state, dismissal->store, dismissal->ticket, error);
      if (ticket == NULL)
        return FALSE;
    }
  const Place place = { dismissal->fingerprint, dismissal->store, ticket, dismissal->message, dismissal->part };
  gboolean meant = FALSE;
  for (guint i = 0; i < ending->targets->len; i++)
    {
      DsDismissalTarget *target = g_ptr_array_index (ending->targets, i);
      if (!is_meant (target, &place))
        continue;
      target->found++;
      meant = TRUE;
    }
  if (meant)
    g_ptr_array_add (ending->fingerprints, g_strdup (dismissal->fingerprint));
  return TRUE;
}

GPtrArray *
ds_dismissals_find (DsState *state, GPtrArray *targets, char *const *rules, char *const *kinds, GError **error)
{
  g_autoptr (GPtrArray) fingerprints = g_ptr_array_new_with_free_func (g_free);
  Ending ending = { state, targets, rules, kinds, fingerprints };
  return ds_state_each_dismissal (state, look_at_dismissal, &ending, error) ? g_steal_pointer (&fingerprints) : NULL;
}
