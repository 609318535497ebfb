#include "config.h"
#include "run/examine.h"
#include "base/error.h"
#include "content/tree.h"
#include "detect/value.h"
#include <string.h>

/* While it is being examined: the blob and what was found in it. */
typedef struct
{
  DsSession *session;
  const DsOrder *order;
  DsExaminedTicket *ticket;
  GHashTable *ordinals; /* fingerprint -> ordinal of its value */
  GHashTable *policies; /* fingerprint -> the policy for whose sake the value goes, with every copy of it */
  GPtrArray *values;    /* of DsWantedValue: what every copy of is to go */
  GHashTable *sought;   /* set: their fingerprints */
  GPtrArray *others;    /* of Other */
} Examination;

/* A finding that the order does not choose, of a value that is not sought everywhere; if that goes for another finding's sake,
 * this one is a copy of it. */
typedef struct
{
  DsExaminedBlob *blob;
  DsFinding *finding;
  gboolean beyond; /* for the place alone: a setting leaves it where it is */
} Other;

static void
edit_free (DsPlannedEdit *edit)
{
  ds_finding_free (edit->finding);
  g_free (edit);
}

static void
shred_free (DsPlannedShred *shred)
{
  ds_part_info_free (shred->part);
  g_hash_table_unref (shred->rules);
  g_free (shred);
}

static void
blob_free (DsExaminedBlob *blob)
{
  ds_store_item_free (blob->item);
  g_free (blob->digest);
  g_free (blob->failure);
  g_free (blob->failed_how);
  g_ptr_array_unref (blob->edits);
  g_ptr_array_unref (blob->shreds);
  g_clear_pointer (&blob->parts, g_ptr_array_unref);
  g_free (blob);
}

void
ds_examined_ticket_free (DsExaminedTicket *ticket)
{
  if (ticket == NULL)
    return;
  g_free (ticket->ticket);
  g_ptr_array_unref (ticket->blobs);
  g_free (ticket);
}

static guint
ordinal_of (Examination *e, const char *fingerprint)
{
  guint ordinal = GPOINTER_TO_UINT (g_hash_table_lookup (e->ordinals, fingerprint));
  if (ordinal == 0)
    {
      ordinal = g_hash_table_size (e->ordinals) + 1;
      g_hash_table_insert (e->ordinals, g_strdup (fingerprint), GUINT_TO_POINTER (ordinal));
    }
  return ordinal;
}

static gboolean
is_distinctive (const DsFinding *finding)
{
  return finding->value != NULL && ds_value_is_distinctive (finding->kind, finding->proved, finding->value);
}

static void
want_value (Examination *e, const DsFinding *finding, const DsPolicy *policy)
{
  gboolean known = g_hash_table_contains (e->ordinals, finding->fingerprint);
  ordinal_of (e, finding->fingerprint);
  if (policy != NULL && !g_hash_table_contains (e->policies, finding->fingerprint))
    g_hash_table_insert (e->policies, g_strdup (finding->fingerprint), (gpointer) policy);
  if (known || !is_distinctive (finding))
    return;
  if (g_ascii_strcasecmp (finding->value, e->ticket->ticket) == 0)
    return; /* the ticket's own number is no personal datum */
  DsWantedValue *value = g_new0 (DsWantedValue, 1);
  *value = (DsWantedValue){ finding->kind, FALSE, ds_value_keeps_punctuation (finding->kind), g_strdup (finding->value) };
  g_ptr_array_add (e->values, value);
  g_hash_table_add (e->sought, g_strdup (finding->fingerprint));
}

static void
other_free (Other *other)
{
  ds_finding_free (other->finding);
  g_free (other);
}

/* The parts of a reply by their numbers; borrowed. */
static GHashTable *
parts_by_number (const DsScanReply *reply)
{
  GHashTable *parts = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < reply->parts->len; i++)
    {
      DsPartInfo *part = g_ptr_array_index (reply->parts, i);
      g_hash_table_insert (parts, part->number, part);
    }
  return parts;
}

DsPlannedShred *
ds_examined_blob_shred (DsExaminedBlob *blob, const DsPartInfo *part)
{
  for (guint i = blob->shreds->len; i-- > 0;)
    {
      DsPlannedShred *shred = g_ptr_array_index (blob->shreds, i);
      if (g_str_equal (shred->part->number, part->number))
        return shred;
    }
  DsPlannedShred *shred = g_new0 (DsPlannedShred, 1);
  shred->part = g_new0 (DsPartInfo, 1);
  *shred->part = *part;
  shred->part->number = g_strdup (part->number);
  shred->part->media_type = g_strdup (part->media_type);
  shred->part->extension = g_strdup (part->extension);
  shred->rules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_ptr_array_add (blob->shreds, shred);
  return shred;
}

char *
ds_planned_shred_kinds (const DsPlannedShred *shred)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < DS_N_KINDS; i++)
    if (shred->kinds[i] > 0)
      g_string_append_printf (text, "%s%s=%u", text->len > 0 ? " " : "", ds_kind_name ((DsKind) i), shred->kinds[i]);
  return g_string_free (text, FALSE);
}

/* The planned shred that holds a part, or NULL: its own number, or one above it. */
static DsPlannedShred *
shred_of (const DsExaminedBlob *blob, const char *part)
{
  for (guint i = 0; i < blob->shreds->len; i++)
    {
      DsPlannedShred *shred = g_ptr_array_index (blob->shreds, i);
      gsize length = strlen (shred->part->number);
      if (strncmp (part, shred->part->number, length) == 0 && (part[length] == '\0' || part[length] == '.'))
        return shred;
    }
  return NULL;
}

static DsCircumstances
circumstances (const DsExaminedBlob *blob)
{
  const DsStoreItem *item = blob->item;
  return (DsCircumstances){ item->message, blob->digest, item->queue, item->status, item->date };
}

/* A plan's line that names the value is enough for its copies to be wanted: a shredded part has no line for each. */
static gboolean
is_wanted_by_line (const DsOrder *order, const DsFinding *finding)
{
  return order->kind == DS_ORDER_LINES && g_hash_table_contains (order->fingerprints, finding->fingerprint);
}

/* A finding in bytes that no edit reaches (junk in an encoding, a file's own name): what the order wants of it rises to the
 * attachment it is in, or is counted, so that nobody says "0 left". */
static void
choose_fixed (Examination *e, DsExaminedBlob *blob, const DsCircumstances *m, const DsPartInfo *part, DsFinding *finding)
{
  DsFinding movable = *finding;
  movable.fixed = FALSE;
  DsDecision decision = e->order->kind == DS_ORDER_LINES ? (DsDecision){ FALSE, FALSE, DS_DO_REDACT, NULL }
                                                         : ds_order_decide (e->order, m, &movable, part);
  if (!decision.chosen || decision.what == DS_DO_SHRED)
    return;
  want_value (e, finding, decision.policy);
  if (g_str_equal (finding->where, "filename"))
    e->ticket->left_elsewhere++;
  else if (part != NULL && part->attachment && !part->tombstone)
    ds_examined_blob_shred (blob, part)->policy = decision.policy;
  else
    e->ticket->unrewritable++;
}

/* Takes the finding. */
static void
note_other (Examination *e, DsExaminedBlob *blob, DsFinding *finding, gboolean beyond)
{
  Other *other = g_new0 (Other, 1);
  *other = (Other){ blob, finding, beyond };
  g_ptr_array_add (e->others, other);
}

/* One finding: takes it if the order wants it changed. */
static void
choose_finding (Examination *e, DsExaminedBlob *blob, const DsCircumstances *m, GHashTable *parts, DsFinding **place)
{
  DsFinding *finding = *place;
  const DsPartInfo *part = g_hash_table_lookup (parts, finding->part);
  if (g_hash_table_contains (e->session->dismissed, finding->fingerprint))
    return;
  DsDecision decision = ds_order_decide (e->order, m, finding, part);
  if (decision.chosen || is_wanted_by_line (e->order, finding))
    want_value (e, finding, decision.policy);
  if (!decision.chosen && finding->fixed)
    choose_fixed (e, blob, m, part, finding);
  if (!decision.chosen && !finding->fixed && (decision.beyond || !is_distinctive (finding)))
    {
      note_other (e, blob, finding, decision.beyond);
      *place = NULL;
    }
  if (!decision.chosen)
    return;
  if (decision.what == DS_DO_SHRED)
    {
      DsPlannedShred *shred = ds_examined_blob_shred (blob, part);
      shred->policy = shred->policy != NULL ? shred->policy : decision.policy;
      return;
    }
  DsPlannedEdit *edit = g_new0 (DsPlannedEdit, 1);
  edit->policy = decision.policy;
  edit->ordinal = ordinal_of (e, finding->fingerprint);
  edit->finding = finding;
  *place = NULL;
  g_ptr_array_add (blob->edits, edit);
}

static void
choose_parts (Examination *e, DsExaminedBlob *blob, const DsCircumstances *m, const DsScanReply *reply)
{
  for (guint i = 0; i < reply->parts->len; i++)
    {
      const DsPartInfo *part = g_ptr_array_index (reply->parts, i);
      const DsPolicy *policy = NULL;
      if (ds_order_shreds_part (e->order, m, part, &policy))
        ds_examined_blob_shred (blob, part)->policy = policy;
      else if (part->tombstone && ds_order_names_part (e->order, m, part))
        e->ticket->tombstones++;
    }
  /* What is in a part that goes, for the record; edits inside it are not needed. */
  for (guint i = 0; blob->shreds->len > 0 && i < reply->findings->len; i++)
    {
      const DsFinding *finding = g_ptr_array_index (reply->findings, i);
      DsPlannedShred *shred = finding != NULL ? shred_of (blob, finding->part) : NULL;
      if (shred == NULL || finding->score < DS_MIN_SCORE_DEFAULT)
        continue;
      shred->kinds[finding->kind]++;
      if (!g_hash_table_contains (shred->rules, finding->rule))
        g_hash_table_add (shred->rules, g_strdup (finding->rule));
    }
}

/* What the order makes of the findings of the rules; chosen ones are taken out of the reply. */
static void
choose (Examination *e, DsExaminedBlob *blob, DsScanReply *reply)
{
  const DsCircumstances m = circumstances (blob);
  const DsSelection *selection = e->order->selection;
  gboolean selected = selection == NULL || ds_selection_wants_item (selection, blob->item);
  g_autoptr (GHashTable) parts = parts_by_number (reply);
  for (guint i = 0; selected && i < reply->findings->len; i++)
    choose_finding (e, blob, &m, parts, (DsFinding **) &reply->findings->pdata[i]);
  choose_parts (e, blob, &m, reply);
  blob->is_signed = reply->is_signed;
  blob->parts = g_ptr_array_ref (reply->parts);
  e->ticket->not_looked_at += reply->not_looked_at->len;
}

/* -1, 0, 1: edit lies before copy, overlaps it, lies behind it. */
static int
compare_place (const DsFinding *edit, const DsFinding *copy)
{
  if (edit->leaf != copy->leaf)
    return edit->leaf < copy->leaf ? -1 : 1;
  if (edit->text != copy->text)
    return edit->text < copy->text ? -1 : 1;
  if (edit->end <= copy->start)
    return -1;
  return edit->start >= copy->end ? 1 : 0;
}

/* Does copy lie within one of the first n edits, which are in order (as workers give them)?  One that reaches beyond is an
 * edit of its own: overlapping edits are joined. */
static gboolean
within_edit (const DsExaminedBlob *blob, guint n, const DsFinding *copy)
{
  guint low = 0, high = n;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const DsFinding *edit = ((const DsPlannedEdit *) g_ptr_array_index (blob->edits, middle))->finding;
      int order = compare_place (edit, copy);
      if (order == 0)
        return edit->start <= copy->start && edit->end >= copy->end;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return FALSE;
}

static void
count_left_in (DsExaminedTicket *ticket, const char *where)
{
  if (g_str_equal (where, "headers"))
    ticket->left_headers++;
  else if (g_str_equal (where, "metadata"))
    ticket->left_metadata++;
  else
    ticket->left_elsewhere++;
}

static void
count_left (Examination *e, DsExaminedBlob *blob, const DsFinding *copy)
{
  if (g_strv_contains (ds_order_where (e->order), copy->where) && !copy->fixed)
    blob->spared++;
  else
    blob->left++;
  if (copy->fixed)
    e->ticket->left_elsewhere++;
  else
    count_left_in (e->ticket, copy->where);
}

/* A copy of a value that goes: it goes as well, or is counted. */
static void
take_copy (Examination *e, DsExaminedBlob *blob, const DsCircumstances *m, DsFinding **place)
{
  DsFinding *copy = *place;
  const DsPolicy *policy = g_hash_table_lookup (e->policies, copy->fingerprint);
  if (!ds_order_reaches (e->order, m, copy, &policy))
    {
      count_left (e, blob, copy);
      return;
    }
  DsPlannedEdit *edit = g_new0 (DsPlannedEdit, 1);
  edit->finding = copy;
  edit->policy = policy;
  edit->ordinal = ordinal_of (e, copy->fingerprint);
  *place = NULL;
  g_ptr_array_add (blob->edits, edit);
}

/* Copies of the values that are sought, found by the set matcher in the whole ticket. */
static void
take_copies (Examination *e, DsExaminedBlob *blob, DsScanReply *reply)
{
  const DsCircumstances m = circumstances (blob);
  const guint n_edits = blob->edits->len;
  for (guint i = 0; i < reply->findings->len; i++)
    {
      DsFinding *copy = g_ptr_array_index (reply->findings, i);
      if (copy->origin == DS_ORIGIN_GIVEN && e->order->given_found != NULL)
        g_hash_table_add (e->order->given_found, g_strdup (copy->fingerprint));
      if (!within_edit (blob, n_edits, copy) && shred_of (blob, copy->part) == NULL)
        take_copy (e, blob, &m, (DsFinding **) &reply->findings->pdata[i]);
    }
}

/* Copies of the values that are not sought: what rules found. */
static void
take_others (Examination *e)
{
  for (guint i = 0; i < e->others->len; i++)
    {
      Other *other = g_ptr_array_index (e->others, i);
      const char *fingerprint = other->finding->fingerprint;
      gboolean goes = other->beyond || g_hash_table_contains (e->ordinals, fingerprint);
      if (!goes || g_hash_table_contains (e->sought, fingerprint) || shred_of (other->blob, other->finding->part) != NULL)
        continue;
      ordinal_of (e, fingerprint);
      const DsCircumstances m = circumstances (other->blob);
      take_copy (e, other->blob, &m, &other->finding);
    }
}

static DsExaminedBlob *
blob_new (DsStoreItem *item, guint index)
{
  DsExaminedBlob *blob = g_new0 (DsExaminedBlob, 1);
  blob->item = item;
  blob->blob = index;
  blob->edits = g_ptr_array_new_with_free_func ((GDestroyNotify) edit_free);
  blob->shreds = g_ptr_array_new_with_free_func ((GDestroyNotify) shred_free);
  return blob;
}

/* The ticket's messages as the store has them now. */
static gboolean
gather (Examination *e, GError **error)
{
  DsSession *session = e->session;
  g_autoptr (GPtrArray) messages = ds_state_messages_of (session->state, session->store_name, e->ticket->ticket, error);
  for (guint i = 0; messages != NULL && i < messages->len; i++)
    {
      const DsIndexed *indexed = g_ptr_array_index (messages, i);
      g_autoptr (GError) find_error = NULL;
      DsStoreItem *item = session->store->ops->find (session->store, indexed->message, indexed->locator, &find_error);
      if (item == NULL && !ds_error_is_item (find_error))
        {
          g_propagate_error (error, g_steal_pointer (&find_error));
          return FALSE;
        }
      /* One that may not be opened, or cannot, is not looked at, and no "0 left" is said of it; one that is gone is gone. */
      gboolean gone = item == NULL && g_error_matches (find_error, DS_ERROR, DS_ERROR_GONE);
      if (item != NULL && !ds_listing_may_read (session, item))
        g_clear_pointer (&item, ds_store_item_free);
      if (item != NULL)
        g_ptr_array_add (e->ticket->blobs, blob_new (item, 0));
      else if (!gone)
        e->ticket->not_looked_at++;
    }
  return messages != NULL;
}

typedef void (*TakeReply) (Examination *e, DsExaminedBlob *blob, DsScanReply *reply);

static gboolean
take_one (Examination *e, TakeReply take, GError **error)
{
  g_autoptr (DsResult) result = ds_pool_next (e->session->pool, error);
  if (result == NULL)
    return FALSE;
  DsExaminedBlob *blob = result->data;
  if (result->failure != NULL)
    {
      g_free (blob->failure);
      blob->failure = g_strdup (result->failure);
      blob->unsure = TRUE;
    }
  else
    take (e, blob, result->scan);
  return TRUE;
}

/* Reads a blob; a change since the first look makes it unreadable for this run. */
static GBytes *
read_blob (Examination *e, DsExaminedBlob *blob, GError **error)
{
  DsSession *session = e->session;
  g_autoptr (GError) read_error = blob->item->problem != NULL ? g_error_copy (blob->item->problem) : NULL;
  GBytes *bytes = NULL;
  if (read_error == NULL)
    bytes = session->store->ops->read (session->store, blob->item, blob->blob, session->configuration->limits.blob_bytes, &read_error);
  if (bytes == NULL)
    {
      if (!ds_error_is_item (read_error))
        g_propagate_error (error, g_steal_pointer (&read_error));
      else
        {
          blob->failure = g_strdup (ds_listing_reason (read_error));
          blob->failed_how = g_strdup (read_error->message);
          blob->unsure = ds_error_is_unsure (read_error);
        }
      return NULL;
    }
  char *digest = ds_content_digest (session->key, bytes);
  if (blob->digest == NULL)
    {
      blob->digest = digest;
      blob->size = g_bytes_get_size (bytes);
      return bytes;
    }
  gboolean same = g_str_equal (blob->digest, digest);
  g_free (digest);
  if (same)
    return bytes;
  blob->failure = g_strdup (DS_REASON_CHANGED);
  g_bytes_unref (bytes);
  return NULL;
}

/* Sends every blob through the workers once. */
static gboolean
pass (Examination *e, DsScanFlags flags, guint min_score, TakeReply take, GError **error)
{
  for (guint i = 0; i < e->ticket->blobs->len; i++)
    {
      DsExaminedBlob *blob = g_ptr_array_index (e->ticket->blobs, i);
      g_autoptr (GError) read_error = NULL;
      GBytes *bytes = blob->failure == NULL ? read_blob (e, blob, &read_error) : NULL;
      if (read_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&read_error));
          return FALSE;
        }
      if (bytes == NULL)
        continue;
      const DsScanRequest request = { ds_blob_form (blob->item, blob->blob), flags, min_score };
      ds_pool_submit (e->session->pool, DS_TASK_SCAN, ds_scan_request_write (&request), bytes, blob);
      while (!ds_pool_wants_more (e->session->pool))
        if (!take_one (e, take, error))
          return FALSE;
    }
  while (ds_pool_pending (e->session->pool) > 0)
    if (!take_one (e, take, error))
      return FALSE;
  return TRUE;
}

static void
add_given_values (Examination *e)
{
  for (guint i = 0; e->order->values != NULL && i < e->order->values->len; i++)
    {
      const DsWantedValue *given = g_ptr_array_index (e->order->values, i);
      DsWantedValue *value = g_new0 (DsWantedValue, 1);
      *value = *given;
      value->value = g_strdup (given->value);
      g_ptr_array_add (e->values, value);
    }
}

static gboolean
examine (Examination *e, GError **error)
{
  if (!gather (e, error))
    return FALSE;
  DsScanFlags flags = DS_SCAN_KEEP_VALUES | (e->order->only_values ? 0 : DS_SCAN_RULES);
  ds_pool_set_values (e->session->pool, NULL);
  if (!pass (e, flags, ds_order_min_score (e->order), choose, error))
    return FALSE;
  add_given_values (e);
  e->ticket->n_values = g_hash_table_size (e->ordinals);
  gboolean any = e->values->len > 0;
  ds_pool_set_values (e->session->pool, g_steal_pointer (&e->values));
  if (any && !pass (e, DS_SCAN_VALUES, 0, take_copies, error))
    return FALSE;
  take_others (e);
  e->ticket->n_values = MAX (e->ticket->n_values, g_hash_table_size (e->ordinals));
  for (guint i = 0; i < e->ticket->blobs->len; i++)
    {
      const DsExaminedBlob *blob = g_ptr_array_index (e->ticket->blobs, i);
      e->ticket->not_looked_at += blob->failure != NULL;
      e->ticket->has_work |= blob->edits->len > 0 || blob->shreds->len > 0;
      if (e->order->present != NULL && (blob->unsure || (blob->digest != NULL && blob->failure == NULL)))
        g_hash_table_insert (e->order->present, g_strdup (blob->item->message), blob->unsure ? NULL : g_strdup (blob->digest));
    }
  return TRUE;
}

DsExaminedTicket *
ds_examine (DsSession *session, const char *ticket, const DsOrder *order, GError **error)
{
  g_autoptr (DsExaminedTicket) examined = g_new0 (DsExaminedTicket, 1);
  examined->ticket = g_strdup (ticket);
  examined->blobs = g_ptr_array_new_with_free_func ((GDestroyNotify) blob_free);
  g_autoptr (GHashTable) ordinals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) policies = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) sought = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func ((GDestroyNotify) other_free);
  Examination e = { session, order, examined, ordinals, policies,
                    g_ptr_array_new_with_free_func ((GDestroyNotify) ds_wanted_value_free), sought, others };
  gboolean ok = examine (&e, error);
  g_clear_pointer (&e.values, g_ptr_array_unref);
  return ok ? g_steal_pointer (&examined) : NULL;
}
