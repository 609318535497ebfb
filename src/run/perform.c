#include "config.h"
#include "run/perform.h"
#include "base/error.h"
#include <stdlib.h>
#include <string.h>

/* Fewer letters and digits than this make a value that stands in every text. */
#define VALUE_CHARACTERS 4
#define VALUE_LINES 1000000

/* ---- the warrant ---- */

static gboolean
holds_personal_data (DsSession *session, const char *text)
{
  g_autoptr (DsFolded) folded = ds_fold (text, strlen (text), FALSE, FALSE);
  g_autoptr (GPtrArray) matches = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_match_free);
  ds_matcher_run (session->matcher, folded, G_MAXUINT, matches);
  ds_matches_settle (matches, folded, DS_MIN_SCORE_DEFAULT);
  return matches->len > 0;
}

static gboolean
is_short_code (const char *text)
{
  for (const char *at = text; *at != '\0'; at++)
    if (!g_ascii_isprint (*at))
      return FALSE;
  return strlen (text) <= 80;
}

gboolean
ds_case_check (DsSession *session, const char *text, GError **error)
{
  if (text != NULL && !is_short_code (text))
    g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE, "--case: a short reference of at most 80 printable ASCII characters");
  else if (text != NULL && holds_personal_data (session, text))
    g_set_error_literal (error, DS_ERROR, DS_ERROR_REFUSED, "--case holds personal data: it stands in the record for ever; use a number");
  else
    return TRUE;
  return FALSE;
}

static gboolean
holds_value (const DsValueSet *set, const char *text)
{
  if (text == NULL)
    return FALSE;
  g_autoptr (DsFolded) folded = ds_fold (text, strlen (text), FALSE, FALSE);
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (DsValueHit));
  ds_value_set_find (set, folded, hits);
  return hits->len > 0;
}

/* The option that holds one of the values [first, end), or NULL. */
static const char *
option_with_value (const DsSession *session, const DsWarrant *warrant, const GPtrArray *values, guint first, guint end)
{
  g_autoptr (DsValueSet) set = ds_value_set_new ();
  for (guint i = first; i < end; i++)
    {
      const DsWantedValue *value = g_ptr_array_index (values, i);
      ds_value_set_add (set, value->value, value->literal);
    }
  ds_value_set_build (set);
  if (holds_value (set, warrant->case_reference))
    return "--case";
  return holds_value (set, session->options->actor) ? "--actor" : NULL;
}

gboolean
ds_warrant_check_values (const DsSession *session, const DsWarrant *warrant, const GPtrArray *values, GError **error)
{
  enum { AT_ONCE = 1000 }; /* of a million the set would be large */
  gboolean named = warrant->case_reference != NULL || session->options->actor != NULL;
  for (guint first = 0; named && values != NULL && first < values->len; first += AT_ONCE)
    {
      const char *option = option_with_value (session, warrant, values, first, MIN (values->len, first + AT_ONCE));
      if (option == NULL)
        continue;
      g_set_error (error, DS_ERROR, DS_ERROR_REFUSED, "%s holds a value that is to be removed: it stands in the record for ever", option);
      return FALSE;
    }
  return TRUE;
}

static gboolean
refuse_reason (const DsSession *session, const char *why, GError **error)
{
  g_autoptr (GString) codes = g_string_new (NULL);
  const GPtrArray *reasons = session->configuration->reasons;
  for (guint i = 0; i < reasons->len; i++)
    g_string_append_printf (codes, "%s%s", i > 0 ? ", " : "", ((const DsReason *) g_ptr_array_index (reasons, i))->code);
  g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s: the codes are %s", why, codes->str);
  return FALSE;
}

gboolean
ds_warrant_check_reason (const DsSession *session, const DsWarrant *warrant, GError **error)
{
  return warrant->reason != NULL || refuse_reason (session, "a change needs --reason CODE", error);
}

gboolean
ds_warrant_make (DsSession *session, const char *command, const char *reason, const char *case_reference, DsWarrant *warrant,
                 GError **error)
{
  const DsReason *known = reason != NULL ? ds_configuration_reason (session->configuration, reason) : NULL;
  if (reason != NULL && known == NULL)
    return refuse_reason (session, "--reason: no such code", error);
  if (!ds_case_check (session, case_reference, error))
    return FALSE;
  if (session->options->actor != NULL && !is_short_code (session->options->actor))
    {
      g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE, "--actor: a name of at most 80 printable ASCII characters");
      return FALSE;
    }
  *warrant = (DsWarrant){ command, known, case_reference };
  return TRUE;
}

/* ---- which tickets ---- */

static gboolean
collect_ticket (const char *ticket, gpointer data, GError **error G_GNUC_UNUSED)
{
  g_ptr_array_add (data, g_strdup (ticket));
  return TRUE;
}

static void
add_once (GPtrArray *tickets, char *ticket)
{
  if (g_ptr_array_find_with_equal_func (tickets, ticket, g_str_equal, NULL))
    g_free (ticket);
  else
    g_ptr_array_add (tickets, ticket);
}

static gboolean
add_named (DsSession *session, const char *name, GPtrArray *tickets, GError **error)
{
  char *ticket = NULL;
  g_autoptr (GPtrArray) messages = ds_listing_messages (session, name, &ticket, error);
  if (messages != NULL && messages->len == 0)
    g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE, "there is no such ticket in this store");
  if (messages == NULL || messages->len == 0)
    {
      g_free (ticket);
      return FALSE;
    }
  add_once (tickets, ticket);
  return TRUE;
}

static GHashTable *
string_set (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static gboolean
add_reference (DsSession *session, const DsReference *reference, GPtrArray *tickets, GHashTable **messages, GHashTable **parts, GError **error)
{
  if (!add_named (session, reference->ticket, tickets, error))
    return FALSE;
  if (reference->message == NULL)
    return TRUE;
  g_autofree char *holder = ds_state_ticket_of (session->state, session->store_name, reference->message, error);
  g_autofree char *named = ds_state_resolve_ticket (session->state, session->store_name, reference->ticket, error);
  if (g_strcmp0 (holder, named) != 0)
    {
      if (error != NULL && *error == NULL)
        g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE, "a reference names a message that is not in its ticket");
      return FALSE;
    }
  *messages = *messages != NULL ? *messages : string_set ();
  g_hash_table_add (*messages, g_strdup (reference->message));
  if (reference->part != NULL)
    {
      *parts = *parts != NULL ? *parts : string_set ();
      g_hash_table_add (*parts, g_strconcat (reference->message, " ", reference->part, NULL));
    }
  return TRUE;
}

GPtrArray *
ds_perform_tickets (DsSession *session, const DsSelection *selection, GPtrArray *references, GHashTable **messages_r, GHashTable **parts_r,
                    GError **error)
{
  g_autoptr (GPtrArray) tickets = g_ptr_array_new_with_free_func (g_free);
  *messages_r = *parts_r = NULL;
  /* Only whether there are such queues is of interest here. */
  if (!ds_listing_begin (session, selection, error))
    return NULL;
  for (guint i = 0; references != NULL && i < references->len; i++)
    if (!add_reference (session, g_ptr_array_index (references, i), tickets, messages_r, parts_r, error))
      return NULL;
  for (guint i = 0; selection->tickets != NULL && selection->tickets[i] != NULL; i++)
    if (!add_named (session, selection->tickets[i], tickets, error))
      return NULL;
  gboolean all = references == NULL && selection->tickets == NULL;
  session->narrowed = !all;
  if (all && !ds_state_each_ticket (session->state, session->store_name, collect_ticket, tickets, error))
    return NULL;
  if (selection->limit > 0 && tickets->len > selection->limit)
    g_ptr_array_set_size (tickets, (gint) selection->limit);
  return g_steal_pointer (&tickets);
}

/* ---- the work ---- */

gboolean
ds_perform (DsSession *session, GPtrArray *tickets, const DsOrder *order, const DsWarrant *warrant, DsChangeTotals *totals, GError **error)
{
  DsRecovered recovered;
  if (!ds_state_job_done (session->state, warrant->command, session->store_name, FALSE, error) || !ds_recover (session, &recovered, error))
    return FALSE;
  ds_change_totals_recovered (totals, &recovered);
  ds_change_totals_unindexed (totals, session);
  g_autoptr (DsChanger) changer = ds_changer_new (session, warrant, totals);
  for (guint i = 0; i < tickets->len; i++)
    {
      ds_session_tell (session, i, tickets->len);
      if (!ds_changer_ticket (changer, g_ptr_array_index (tickets, i), order, error))
        return FALSE;
    }
  if (!ds_changer_flush (changer, error))
    return FALSE;
  return ds_state_job_done (session->state, warrant->command, session->store_name, TRUE, error);
}

int
ds_change_totals_status (const DsChangeTotals *totals, gboolean strict)
{
  if (totals->changed_by_another > 0 || totals->refused > 0)
    return 4;
  return totals->failed > 0 || (strict && totals->not_looked_at > 0) ? 1 : 0;
}

/* ---- given values ---- */

static guint
significant (const char *text, guint *digits)
{
  guint n = 0;
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      n += g_unichar_isalnum (g_utf8_get_char (at));
      *digits += g_ascii_isdigit (*at);
    }
  return n;
}

static gboolean
add_value (GPtrArray *values, char *line, guint number, GError **error)
{
  g_strstrip (line);
  if (*line == '\0')
    return TRUE;
  guint digits = 0;
  if (!g_utf8_validate (line, -1, NULL) || significant (line, &digits) < VALUE_CHARACTERS)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "value in line %u: needs at least %u letters or digits, in UTF-8", number, VALUE_CHARACTERS);
      return FALSE;
    }
  DsWantedValue *value = g_new0 (DsWantedValue, 1);
  /* A number is found however its groups are parted; a name, an address or a link keeps its punctuation. */
  gboolean literal = digits < 4 || strchr (line, '@') != NULL || strstr (line, "://") != NULL;
  *value = (DsWantedValue){ DS_KIND_PERSON, TRUE, literal, g_strdup (line) };
  g_ptr_array_add (values, value);
  return TRUE;
}

GPtrArray *
ds_values_read (FILE *stream, GError **error)
{
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_wanted_value_free);
  char *line = NULL;
  size_t room = 0;
  gboolean ok = TRUE;
  for (guint number = 1; ok && getline (&line, &room, stream) >= 0; number++)
    {
      ok = number <= VALUE_LINES && add_value (values, line, number, error);
      if (number > VALUE_LINES)
        g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "--values-file: more than %u values at once", VALUE_LINES);
    }
  if (line != NULL)
    explicit_bzero (line, room);
  free (line);
  if (ok && values->len > 0)
    return g_steal_pointer (&values);
  if (ok)
    g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE, "--values-file: standard input held no value");
  return NULL;
}
