#include "config.h"
#include "run/plan.h"
#include "base/error.h"
#include "run/brake.h"
#include "run/confirmation.h"
#include "run/done-before.h"
#include "run/perform.h"
#include "run/queue-name.h"
#include <errno.h>
#include <string.h>

/* ---- totals ---- */

void
ds_plan_totals_init (DsPlanTotals *totals)
{
  *totals = (DsPlanTotals){ .by_policy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL) };
}

void
ds_plan_totals_clear (DsPlanTotals *totals)
{
  g_clear_pointer (&totals->by_policy, g_hash_table_unref);
}

void
ds_plan_totals_add (DsPlanTotals *totals, gboolean shred, DsKind kind, const char *policy)
{
  const char *name = policy != NULL ? policy : "";
  gsize n = GPOINTER_TO_SIZE (g_hash_table_lookup (totals->by_policy, name));
  g_hash_table_insert (totals->by_policy, g_strdup (name), GSIZE_TO_POINTER (n + 1));
  totals->shreds += shred;
  totals->edits += !shred;
  totals->by_kind[kind] += !shred;
}

/* ---- writing ---- */

static gboolean
write_line (FILE *out, char *line, GError **error)
{
  gboolean ok = fputs (line, out) >= 0;
  g_free (line);
  if (!ok)
    ds_error_set_output (error, errno);
  return ok;
}

/* A ticket of which some policy may not change any more is left out whole: half a ticket is no state to be in. */
static gboolean
brake_allows (const DsSession *session, DsBrakeCount *brake, const DsExaminedTicket *ticket)
{
  for (guint i = 0; i < ticket->blobs->len; i++)
    {
      const DsExaminedBlob *blob = g_ptr_array_index (ticket->blobs, i);
      g_autofree char *queue = ds_queue_shown (session->configuration, session->key, blob->item->queue);
      for (guint k = 0; k < blob->edits->len; k++)
        {
          const DsPlannedEdit *edit = g_ptr_array_index (blob->edits, k);
          if (edit->policy != NULL && !ds_brake_allows (brake, edit->policy, queue, ticket->ticket))
            return FALSE;
        }
      for (guint k = 0; k < blob->shreds->len; k++)
        {
          const DsPlannedShred *shred = g_ptr_array_index (blob->shreds, k);
          if (shred->policy != NULL && !ds_brake_allows (brake, shred->policy, queue, ticket->ticket))
            return FALSE;
        }
    }
  return TRUE;
}

static int
by_place (gconstpointer a, gconstpointer b)
{
  const DsFinding *one = (*(DsPlannedEdit *const *) a)->finding, *two = (*(DsPlannedEdit *const *) b)->finding;
  if (one->leaf != two->leaf)
    return one->leaf < two->leaf ? -1 : 1;
  if (one->text != two->text)
    return one->text < two->text ? -1 : 1;
  return one->start < two->start ? -1 : one->start > two->start;
}

static gboolean
write_blob (DsSession *session, const DsExaminedTicket *ticket, DsExaminedBlob *blob, FILE *out, DsPlanTotals *totals, GError **error)
{
  if (blob->edits->len == 0 && blob->shreds->len == 0)
    return TRUE;
  totals->messages++;
  totals->message_bytes += blob->size;
  g_ptr_array_sort (blob->edits, by_place);
  for (guint i = 0; i < blob->shreds->len; i++)
    {
      const DsPlannedShred *shred = g_ptr_array_index (blob->shreds, i);
      ds_plan_totals_add (totals, TRUE, (DsKind) 0, shred->policy != NULL ? shred->policy->name : NULL);
      if (!write_line (out, ds_plan_line_shred (session, ticket, blob, shred), error))
        return FALSE;
    }
  for (guint i = 0; i < blob->edits->len; i++)
    {
      const DsPlannedEdit *edit = g_ptr_array_index (blob->edits, i);
      totals->copies += edit->finding->origin == DS_ORIGIN_COPY;
      ds_plan_totals_add (totals, FALSE, edit->finding->kind, edit->policy != NULL ? edit->policy->name : NULL);
      if (!write_line (out, ds_plan_line_edit (session, ticket, blob, edit), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_ticket (DsSession *session, DsExaminedTicket *ticket, FILE *out, DsPlanTotals *totals, GError **error)
{
  totals->tickets++;
  for (guint i = 0; i < ticket->blobs->len; i++)
    if (!write_blob (session, ticket, g_ptr_array_index (ticket->blobs, i), out, totals, error))
      return FALSE;
  return TRUE;
}

gboolean
ds_plan_write (DsSession *session, GPtrArray *tickets, const DsOrder *order, FILE *out, DsPlanTotals *totals, GError **error)
{
  g_autoptr (DsBrakeCount) brake = order->kind == DS_ORDER_POLICIES ? ds_brake_new (session, tickets->len, error) : NULL;
  if ((order->kind == DS_ORDER_POLICIES && brake == NULL) || !write_line (out, ds_plan_line_header (session, ds_order_min_score (order)), error))
    return FALSE;
  totals->not_looked_at += session->unindexed;
  for (guint i = 0; i < tickets->len; i++)
    {
      ds_session_tell (session, i, tickets->len);
      g_autoptr (DsExaminedTicket) ticket = ds_examine (session, g_ptr_array_index (tickets, i), order, error);
      if (ticket == NULL)
        return FALSE;
      totals->not_looked_at += ticket->not_looked_at;
      totals->left_headers += ticket->left_headers;
      totals->left_metadata += ticket->left_metadata;
      totals->left_elsewhere += ticket->left_elsewhere + ticket->unrewritable;
      if (!ticket->has_work)
        continue;
      if (brake != NULL && !brake_allows (session, brake, ticket))
        totals->braked++;
      else if (!write_ticket (session, ticket, out, totals, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- reading ---- */

/* The next line, or NULL: at the end, or with an error. */
static DsPlanLine *
any_line (FILE *in, const DsSiteKey *key, const char *path, guint64 *number, GError **error)
{
  char *text = NULL;
  size_t room = 0;
  ssize_t length = getline (&text, &room, in);
  DsPlanLine *line = NULL;
  if (length > 0)
    {
      (*number)++;
      if (text[length - 1] == '\n')
        text[--length] = '\0';
      if (strlen (text) == (gsize) length)
        line = ds_plan_line_read (text, key, path, *number, error);
      else
        g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s:%" G_GUINT64_FORMAT ": not a line of a plan", path, *number);
    }
  else if (ferror (in))
    g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s: cannot be read: %s", path, g_strerror (errno));
  free (text);
  return line;
}

/* The next line of the plan that the header begins.  Each line is signed for itself: one of another plan, for another store
 * perhaps, is as good as this one's. */
static DsPlanLine *
next_line (FILE *in, const DsPlanLine *header, const DsSiteKey *key, const char *path, guint64 *number, GError **error)
{
  g_autoptr (DsPlanLine) line = any_line (in, key, path, number, error);
  if (line == NULL || line->is_header || g_strcmp0 (line->plan, header->plan) == 0)
    return g_steal_pointer (&line);
  g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s:%" G_GUINT64_FORMAT ": this line is of another plan", path, *number);
  return NULL;
}

static gboolean
read_header (FILE *in, const DsSiteKey *key, const char *path, guint64 *number, DsPlanLine **header_r, GError **error)
{
  GError *local = NULL;
  rewind (in);
  *number = 0;
  *header_r = any_line (in, key, path, number, &local);
  if (*header_r != NULL && (*header_r)->is_header)
    return TRUE;
  g_clear_pointer (header_r, ds_plan_line_free);
  if (local != NULL)
    g_propagate_error (error, local);
  else
    g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s:1: not a plan: its header is missing", path);
  return FALSE;
}

char *
ds_plan_store (FILE *in, const char *path, GError **error)
{
  guint64 number = 0;
  g_autoptr (DsPlanLine) header = NULL;
  return read_header (in, NULL, path, &number, &header, error) ? g_strdup (header->store) : NULL;
}

gboolean
ds_plan_each (FILE *in, const DsSiteKey *key, const char *path, DsPlanVisit visit, gpointer data, char **time_r, GError **error)
{
  guint64 number = 0;
  g_autoptr (DsPlanLine) header = NULL;
  if (!read_header (in, key, path, &number, &header, error))
    return FALSE;
  if (time_r != NULL)
    *time_r = g_strdup (header->time);
  g_autoptr (GError) read_error = NULL;
  for (;;)
    {
      g_autoptr (DsPlanLine) line = next_line (in, header, key, path, &number, &read_error);
      if (line == NULL)
        break;
      if (line->is_header)
        {
          g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s:%" G_GUINT64_FORMAT ": a second header: two plans in one file", path, number);
          return FALSE;
        }
      if (!visit (line, data, error))
        return FALSE;
    }
  if (read_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&read_error));
  return FALSE;
}

static gboolean
check_header (DsSession *session, const DsPlanLine *header, const char *path, GError **error)
{
  if (!g_str_equal (header->store, session->store_name))
    g_set_error (error, DS_ERROR, DS_ERROR_REFUSED, "%s: this plan is for the store \"%s\"", path, header->store);
  else if (g_strcmp0 (header->incarnation, session->incarnation) != 0)
    g_set_error (error, DS_ERROR, DS_ERROR_REFUSED,
                 "%s: the store is not the one the plan was made for (restored, moved or failed over): plan again", path);
  else
    return TRUE;
  return FALSE;
}

/* Against what the lines are checked. */
typedef struct
{
  DsBrakeCount *brake;
  GHashTable *confirmations;
  const DsWarrant *warrant;
  guint64 n_lines; /* so many were checked */
} Conditions;

static void
conditions_clear (Conditions *conditions)
{
  g_clear_pointer (&conditions->brake, ds_brake_free);
  g_clear_pointer (&conditions->confirmations, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Conditions, conditions_clear)

/* A policy that a line names must exist, be enabled and confirmed as it is written now, and have brake left. */
static gboolean
check_policy (DsSession *session, const Conditions *conditions, const DsPlanLine *line, const char *path, GError **error)
{
  if (line->policy == NULL)
    return TRUE;
  const DsPolicy *policy = ds_configuration_policy (session->configuration, line->policy);
  g_autofree char *unconfirmed = NULL;
  const char *why = NULL;
  if (policy != NULL && !ds_confirmations_hold (conditions->confirmations, policy))
    {
      g_autofree char *command = ds_confirm_command (session, policy);
      unconfirmed = g_strdup_printf ("its policy, as it is written now, was not confirmed; to confirm it: %s", command);
    }
  if (policy == NULL)
    why = "its policy is no longer in the configuration";
  else if (g_strcmp0 (policy->digest, line->policy_digest) != 0)
    why = "its policy was edited since: plan again";
  else if (!policy->enabled)
    why = "its policy is not enabled";
  else if (unconfirmed != NULL)
    why = unconfirmed;
  else if (!ds_brake_claim (conditions->brake, policy, error))
    return FALSE;
  else if (!ds_brake_allows (conditions->brake, policy, line->queue, line->ticket))
    why = "the brake: the policy has changed as many tickets as it may for now";
  if (why == NULL)
    return TRUE;
  g_set_error (error, DS_ERROR, DS_ERROR_REFUSED, "%s:%" G_GUINT64_FORMAT ": refused: %s (policy \"%s\")", path, line->number, why, line->policy);
  return FALSE;
}

static gboolean
count_ticket (const char *ticket G_GNUC_UNUSED, gpointer data, GError **error G_GNUC_UNUSED)
{
  (*(guint64 *) data)++;
  return TRUE;
}

/* A line without a policy was planned by hand: only who applies it can say why. */
static gboolean
check_reason (DsSession *session, const DsWarrant *warrant, const DsPlanLine *line, const char *path, GError **error)
{
  if (line->policy != NULL || ds_warrant_check_reason (session, warrant, error))
    return TRUE;
  g_prefix_error (error, "%s:%" G_GUINT64_FORMAT ": this line is of no policy, which would have a reason: ", path, line->number);
  return FALSE;
}

/* One line checked. */
typedef struct
{
  DsSession *session;
  Conditions *conditions;
  const char *path;
} Check;

static gboolean
check_line (const DsPlanLine *line, gpointer data, GError **error)
{
  const Check *check = data;
  check->conditions->n_lines++;
  return check_reason (check->session, check->conditions->warrant, line, check->path, error)
         && check_policy (check->session, check->conditions, line, check->path, error);
}

/* Every line is read and checked before the first is carried out.  What the conditions hold is held until the end. */
static gboolean
check_all (DsSession *session, FILE *in, const char *path, Conditions *conditions, GError **error)
{
  guint64 number = 0, n_tickets = 0;
  g_autoptr (DsPlanLine) header = NULL;
  if (!read_header (in, session->key, path, &number, &header, error) || !check_header (session, header, path, error))
    return FALSE;
  if (!ds_state_each_ticket (session->state, session->store_name, count_ticket, &n_tickets, error))
    return FALSE;
  conditions->brake = ds_brake_new (session, n_tickets, error);
  conditions->confirmations = conditions->brake != NULL ? ds_confirmations_read (session, error) : NULL;
  Check check = { session, conditions, path };
  return conditions->confirmations != NULL && ds_plan_each (in, session->key, path, check_line, &check, NULL, error);
}

/* ---- carrying out ---- */

static void
add_line (DsSession *session, GHashTable *lines, DsPlanLine *line)
{
  DsOrderLine *entry = g_new0 (DsOrderLine, 1);
  entry->message = g_strdup (line->message);
  entry->place = g_strdup (line->place);
  entry->digest = g_strdup (line->digest);
  entry->fingerprint = g_strdup (line->fingerprint);
  entry->policy = line->policy != NULL ? ds_configuration_policy (session->configuration, line->policy) : NULL;
  g_hash_table_insert (lines, g_strdup (line->key), entry);
}

/* The values that the lines name; borrows their strings. */
static GHashTable *
fingerprints_of (GHashTable *lines)
{
  GHashTable *fingerprints = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer line = NULL;
  g_hash_table_iter_init (&iter, lines);
  while (g_hash_table_iter_next (&iter, NULL, &line))
    if (((DsOrderLine *) line)->fingerprint != NULL)
      g_hash_table_add (fingerprints, ((DsOrderLine *) line)->fingerprint);
  return fingerprints;
}

static gboolean
apply_ticket (DsSession *session, DsChanger *changer, const char *name, guint min_score, GHashTable *lines, DsChangeTotals *totals,
              GError **error)
{
  g_autoptr (GHashTable) fingerprints = fingerprints_of (lines);
  g_autoptr (GHashTable) present = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  DsOrder order = { .kind = DS_ORDER_LINES, .lines = lines, .fingerprints = fingerprints, .min_score = min_score, .present = present };
  g_autofree char *ticket = ds_state_resolve_ticket (session->state, session->store_name, name, error);
  DsDoneBefore unused = { 0, 0 };
  if (ticket == NULL || !ds_changer_ticket (changer, ticket, &order, error)
      || !ds_done_before (session, &order, ticket, name, &unused, error))
    return FALSE;
  totals->already_done += unused.done;
  totals->refused += unused.other;
  if (unused.other == 0)
    return TRUE;
  g_autofree char *ref = ds_reference_write (session->store_name, ticket, NULL, NULL);
  g_ptr_array_add (totals->problems, g_strdup_printf ("%s: changed since the plan was made: %u item%s refused", ref, unused.other,
                                                      unused.other == 1 ? "" : "s"));
  return TRUE;
}

static GHashTable *
lines_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ds_order_line_free);
}

static gboolean
apply_all (DsSession *session, DsChanger *changer, FILE *in, const char *path, guint64 n_lines, DsChangeTotals *totals, GError **error)
{
  guint64 number = 0;
  g_autoptr (DsPlanLine) header = NULL;
  if (!read_header (in, session->key, path, &number, &header, error))
    return FALSE;
  g_autoptr (GHashTable) lines = lines_new ();
  g_autofree char *ticket = NULL;
  g_autoptr (GError) read_error = NULL;
  for (;;)
    {
      g_autoptr (DsPlanLine) line = next_line (in, header, session->key, path, &number, &read_error);
      gboolean next_ticket = line == NULL || g_strcmp0 (line->ticket, ticket) != 0;
      if (next_ticket && ticket != NULL && !apply_ticket (session, changer, ticket, header->min_score, lines, totals, error))
        return FALSE;
      if (line == NULL)
        break;
      if (next_ticket)
        {
          g_hash_table_unref (lines);
          lines = lines_new ();
          g_free (ticket);
          ticket = g_strdup (line->ticket);
        }
      add_line (session, lines, line);
      ds_session_tell (session, number - 1, n_lines);
    }
  if (read_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&read_error));
  return FALSE;
}

gboolean
ds_plan_apply (DsSession *session, FILE *in, const char *path, const DsWarrant *warrant, DsChangeTotals *totals, GError **error)
{
  DsRecovered recovered;
  g_auto (Conditions) conditions = { .warrant = warrant };
  if (!ds_state_job_done (session->state, warrant->command, session->store_name, FALSE, error)
      || !check_all (session, in, path, &conditions, error) || !ds_recover (session, &recovered, error))
    return FALSE;
  ds_change_totals_recovered (totals, &recovered);
  session->narrowed = TRUE; /* the plan's lines say what is to be changed */
  ds_change_totals_unindexed (totals, session);
  g_autoptr (DsChanger) changer = ds_changer_new (session, warrant, totals);
  return apply_all (session, changer, in, path, conditions.n_lines, totals, error) && ds_changer_flush (changer, error)
         && ds_state_job_done (session->state, warrant->command, session->store_name, TRUE, error);
}
