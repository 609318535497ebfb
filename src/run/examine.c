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
  GPtrArray *values;    /* of DsWantedValue: what every copy of is to go */
} Examination;

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
  g_free (shred->kinds);
  g_free (shred);
}

static void
blob_free (DsExaminedBlob *blob)
{
  ds_store_item_free (blob->item);
  g_free (blob->digest);
  g_free (blob->failure);
  g_ptr_array_unref (blob->edits);
  g_ptr_array_unref (blob->shreds);
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

static void
want_value (Examination *e, const DsFinding *finding)
{
  gboolean known = g_hash_table_contains (e->ordinals, finding->fingerprint);
  ordinal_of (e, finding->fingerprint);
  if (known || finding->value == NULL || !ds_value_is_distinctive (finding->kind, finding->proved, finding->value))
    return;
  if (g_ascii_strcasecmp (finding->value, e->ticket->ticket) == 0)
    return; /* the ticket's own number is no personal datum */
  DsWantedValue *value = g_new0 (DsWantedValue, 1);
  *value = (DsWantedValue){ finding->kind, FALSE, ds_value_keeps_punctuation (finding->kind), g_strdup (finding->value) };
  g_ptr_array_add (e->values, value);
}

static const DsPartInfo *
part_of (const DsScanReply *reply, const char *number)
{
  for (guint i = 0; i < reply->parts->len; i++)
    {
      const DsPartInfo *part = g_ptr_array_index (reply->parts, i);
      if (g_str_equal (part->number, number))
        return part;
    }
  return NULL;
}

static DsPlannedShred *
add_shred (DsExaminedBlob *blob, const DsPartInfo *part, const DsPolicy *policy)
{
  for (guint i = 0; i < blob->shreds->len; i++)
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
  shred->policy = policy;
  shred->kinds = g_strdup ("");
  g_ptr_array_add (blob->shreds, shred);
  return shred;
}

static void
note_kind (DsPlannedShred *shred, DsKind kind)
{
  g_auto (GStrv) known = g_strsplit (shred->kinds, " ", -1);
  if (g_strv_contains ((const char *const *) known, ds_kind_name (kind)))
    return;
  char *kinds = g_strconcat (shred->kinds, *shred->kinds != '\0' ? " " : "", ds_kind_name (kind), NULL);
  g_free (shred->kinds);
  shred->kinds = kinds;
}

static DsCircumstances
circumstances (const DsExaminedBlob *blob)
{
  const DsStoreItem *item = blob->item;
  return (DsCircumstances){ item->message, blob->digest, item->queue, item->status, item->date };
}

/* What the order makes of the findings of the rules; chosen ones are taken out of the reply. */
static void
choose (Examination *e, DsExaminedBlob *blob, DsScanReply *reply)
{
  const DsCircumstances m = circumstances (blob);
  gboolean selected = e->order->kind != DS_ORDER_COMMAND || ds_selection_wants_item (e->order->selection, blob->item);
  for (guint i = 0; selected && i < reply->findings->len; i++)
    {
      DsFinding *finding = g_ptr_array_index (reply->findings, i);
      const DsPartInfo *part = part_of (reply, finding->part);
      if (g_hash_table_contains (e->session->dismissed, finding->fingerprint))
        continue;
      DsDecision decision = ds_order_decide (e->order, &m, finding, part);
      if (!decision.chosen)
        continue;
      want_value (e, finding);
      if (decision.what == DS_DO_SHRED)
        {
          note_kind (add_shred (blob, part, decision.policy), finding->kind);
          continue;
        }
      DsPlannedEdit *edit = g_new0 (DsPlannedEdit, 1);
      edit->policy = decision.policy;
      edit->ordinal = ordinal_of (e, finding->fingerprint);
      edit->finding = finding;
      reply->findings->pdata[i] = g_new0 (DsFinding, 1); /* an empty one in its place */
      g_ptr_array_add (blob->edits, edit);
    }
  for (guint i = 0; i < reply->parts->len; i++)
    {
      const DsPartInfo *part = g_ptr_array_index (reply->parts, i);
      const DsPolicy *policy = NULL;
      if (ds_order_shreds_part (e->order, &m, part, &policy))
        add_shred (blob, part, policy);
    }
  blob->is_signed = reply->is_signed;
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

/* Does copy overlap one of the first n edits, which are in order (as workers give them)? */
static gboolean
overlaps_edit (const DsExaminedBlob *blob, guint n, const DsFinding *copy)
{
  guint low = 0, high = n;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      int order = compare_place (((const DsPlannedEdit *) g_ptr_array_index (blob->edits, middle))->finding, copy);
      if (order == 0)
        return TRUE;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return FALSE;
}

static gboolean
in_shredded_part (const DsExaminedBlob *blob, const DsFinding *copy)
{
  for (guint i = 0; i < blob->shreds->len; i++)
    {
      const char *number = ((const DsPlannedShred *) g_ptr_array_index (blob->shreds, i))->part->number;
      gsize length = strlen (number);
      if (strncmp (copy->part, number, length) == 0 && (copy->part[length] == '\0' || copy->part[length] == '.'))
        return TRUE;
    }
  return FALSE;
}

static void
count_left (Examination *e, DsExaminedBlob *blob, const DsFinding *copy)
{
  if (g_strv_contains (ds_order_where (e->order), copy->where) && !copy->fixed)
    blob->spared++;
  else
    blob->left++;
  if (g_str_equal (copy->where, "headers"))
    e->ticket->left_headers++;
  else if (g_str_equal (copy->where, "metadata"))
    e->ticket->left_metadata++;
  else
    e->ticket->left_elsewhere++;
}

/* Copies of the values, found by the set matcher in the whole ticket. */
static void
add_copies (Examination *e, DsExaminedBlob *blob, DsScanReply *reply)
{
  const DsCircumstances m = circumstances (blob);
  const guint n_edits = blob->edits->len;
  for (guint i = 0; i < reply->findings->len; i++)
    {
      DsFinding *copy = g_ptr_array_index (reply->findings, i);
      if (overlaps_edit (blob, n_edits, copy) || in_shredded_part (blob, copy))
        continue;
      if (!ds_order_reaches (e->order, &m, copy))
        {
          count_left (e, blob, copy);
          continue;
        }
      DsPlannedEdit *edit = g_new0 (DsPlannedEdit, 1);
      edit->finding = copy;
      edit->ordinal = ordinal_of (e, copy->fingerprint);
      reply->findings->pdata[i] = g_new0 (DsFinding, 1);
      g_ptr_array_add (blob->edits, edit);
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
      if (item != NULL && !ds_listing_may_read (session, item))
        g_clear_pointer (&item, ds_store_item_free);
      if (item != NULL)
        g_ptr_array_add (e->ticket->blobs, blob_new (item, 0));
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
      e->ticket->not_looked_at++;
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
        blob->failure = g_strdup (g_error_matches (read_error, DS_ERROR, DS_ERROR_ITEM) ? DS_REASON_SIZE : "cannot be read");
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
  blob->failure = g_strdup ("changed while it was looked at");
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
      DsBlobForm form = ds_blob_form (blob->item, blob->blob);
      ds_pool_submit (e->session->pool, DS_TASK_SCAN, ds_task_scan_request (&form, flags, min_score), bytes, blob);
      while (!ds_pool_wants_more (e->session->pool))
        if (!take_one (e, take, error))
          return FALSE;
    }
  while (ds_pool_pending (e->session->pool) > 0)
    if (!take_one (e, take, error))
      return FALSE;
  return TRUE;
}

static guint
min_score_of (const DsOrder *order)
{
  guint score = order->kind == DS_ORDER_COMMAND ? order->selection->min_score : DS_MIN_SCORE_DEFAULT;
  for (guint i = 0; order->kind == DS_ORDER_POLICIES && i < order->policies->len; i++)
    score = MIN (score, ((const DsPolicy *) g_ptr_array_index (order->policies, i))->min_score);
  return order->kind == DS_ORDER_LINES ? 0 : score;
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
  if (!pass (e, flags, min_score_of (e->order), choose, error))
    return FALSE;
  add_given_values (e);
  e->ticket->n_values = g_hash_table_size (e->ordinals);
  gboolean any = e->values->len > 0;
  ds_pool_set_values (e->session->pool, g_steal_pointer (&e->values));
  if (any && !pass (e, DS_SCAN_VALUES, 0, add_copies, error))
    return FALSE;
  e->ticket->n_values = MAX (e->ticket->n_values, g_hash_table_size (e->ordinals));
  for (guint i = 0; i < e->ticket->blobs->len; i++)
    {
      const DsExaminedBlob *blob = g_ptr_array_index (e->ticket->blobs, i);
      e->ticket->has_work |= blob->edits->len > 0 || blob->shreds->len > 0;
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
  Examination e = { session, order, examined, ordinals, g_ptr_array_new_with_free_func ((GDestroyNotify) ds_wanted_value_free) };
  gboolean ok = examine (&e, error);
  g_clear_pointer (&e.values, g_ptr_array_unref);
  return ok ? g_steal_pointer (&examined) : NULL;
}
