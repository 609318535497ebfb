#include "config.h"
#include "cmd/plan-view.h"

#define NUMBER_TEXT(n) g_strdup_printf ("%" G_GUINT64_FORMAT, (guint64) (n))

/* ---- totals ---- */

static void
write_actions (DsWriter *writer, const DsPlanTotals *totals)
{
  static const DsColumn columns[] = {
    { "count", "Count", 7, DS_COLUMN_NUMBER },
    { "action", "Action", 8, 0 },
    { "kind", "Kind", 18, 0 },
  };
  ds_writer_section (writer, "by-kind", "What would be done", columns, G_N_ELEMENTS (columns));
  for (guint kind = 0; kind < DS_N_KINDS; kind++)
    {
      g_autofree char *count = NUMBER_TEXT (totals->by_kind[kind]);
      const char *cells[] = { count, "redact", ds_kind_name ((DsKind) kind) };
      if (totals->by_kind[kind] > 0)
        ds_writer_row (writer, cells);
    }
  g_autofree char *shreds = NUMBER_TEXT (totals->shreds);
  const char *cells[] = { shreds, "shred", "(attachments)" };
  if (totals->shreds > 0)
    ds_writer_row (writer, cells);
}

static void
write_policies (DsWriter *writer, const DsConfiguration *configuration, const DsPlanTotals *totals)
{
  static const DsColumn columns[] = {
    { "count", "Count", 7, DS_COLUMN_NUMBER },
    { "policy", "Policy", 18, 0 },
    { "reason", "Reason", 18, 0 },
  };
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (totals->by_policy), (GCompareFunc) g_strcmp0);
  if (names == NULL)
    return;
  ds_writer_section (writer, "by-policy", "For which policy", columns, G_N_ELEMENTS (columns));
  for (GList *at = names; at != NULL; at = at->next)
    {
      const char *name = at->data;
      const DsPolicy *policy = ds_configuration_policy (configuration, name);
      g_autofree char *count = NUMBER_TEXT (GPOINTER_TO_SIZE (g_hash_table_lookup (totals->by_policy, name)));
      const char *cells[] = { count, *name != '\0' ? name : "(by hand)",
                              *name == '\0' ? "(given to apply)" : policy != NULL ? policy->reason : "(no longer configured)" };
      ds_writer_row (writer, cells);
    }
}

static void
add_count (GString *text, guint64 n, const char *one, const char *many)
{
  g_string_append_printf (text, "%s%" G_GUINT64_FORMAT " %s", text->len > 0 ? ", " : "", n, n == 1 ? one : many);
}

static void
write_size (DsWriter *writer, const DsPlanTotals *totals)
{
  g_autoptr (GString) text = g_string_new (NULL);
  add_count (text, totals->messages, "message", "messages");
  g_string_append (text, " in");
  g_autoptr (GString) tickets = g_string_new (NULL);
  add_count (tickets, totals->tickets, "ticket", "tickets");
  g_string_append_printf (text, " %s would be written anew: %" G_GUINT64_FORMAT " bytes.", tickets->str, totals->message_bytes);
  if (totals->copies > 0)
    g_string_append_printf (text, " Further copies of the values, in the same tickets: %" G_GUINT64_FORMAT ".", totals->copies);
  ds_writer_note (writer, text->str);
}

static void
write_rest (DsWriter *writer, const DsPlanTotals *totals)
{
  g_autoptr (GString) left = g_string_new (NULL);
  if (totals->left_headers > 0)
    add_count (left, totals->left_headers, "place in headers", "places in headers");
  if (totals->left_metadata > 0)
    add_count (left, totals->left_metadata, "place in metadata", "places in metadata");
  if (totals->left_elsewhere > 0)
    add_count (left, totals->left_elsewhere, "other place", "other places");
  g_autofree char *text = g_strdup_printf ("Would be left: %s. Not looked at: %" G_GUINT64_FORMAT ".",
                                           left->len > 0 ? left->str : "nothing", totals->not_looked_at);
  ds_writer_note (writer, text);
  g_autofree char *braked = g_strdup_printf ("The brake holds back %" G_GUINT64_FORMAT " further ticket%s.", totals->braked,
                                             totals->braked == 1 ? "" : "s");
  if (totals->braked > 0)
    ds_writer_note (writer, braked);
}

void
ds_plan_view_totals (DsWriter *writer, const DsConfiguration *configuration, const DsPlanTotals *totals, gboolean of_store)
{
  write_actions (writer, totals);
  write_policies (writer, configuration, totals);
  write_size (writer, totals);
  if (of_store)
    write_rest (writer, totals);
}

/* ---- lines ---- */

static const DsColumn columns[] = {
  { "action", "Action", 6, 0 },
  { "kind", "Kind", 15, 0 },
  { "masked", "Sample", 14, 0 },
  { "where", "Where", 10, 0 },
  { "ref", "Reference", 44, DS_COLUMN_CODE },
  { "policy", "Policy", 14, 0 },
  { "reason", "Reason", 0, DS_COLUMN_MACHINE },
  { "rule", "Rule", 0, DS_COLUMN_MACHINE },
  { "extension", "Ext", 0, DS_COLUMN_MACHINE },
  { "ticket", "Ticket", 0, DS_COLUMN_MACHINE },
  { "queue", "Queue", 0, DS_COLUMN_MACHINE },
  { "bytes", "Bytes", 0, DS_COLUMN_NUMBER | DS_COLUMN_MACHINE },
};

typedef struct
{
  DsWriter *writer;
  DsPlanTotals totals;
  char *ticket, *message; /* of the line before: lines of one message stand together */
} View;

static gboolean
is_another (char **last, const char *name)
{
  if (g_strcmp0 (*last, name) == 0)
    return FALSE;
  g_free (*last);
  *last = g_strdup (name);
  return TRUE;
}

static gboolean
show_line (const DsPlanLine *line, gpointer data, GError **error G_GNUC_UNUSED)
{
  View *view = data;
  DsKind kind = (DsKind) 0;
  if (!line->shred && line->kinds != NULL)
    ds_kind_from_name (line->kinds, &kind);
  ds_plan_totals_add (&view->totals, line->shred, kind, line->policy);
  view->totals.tickets += is_another (&view->ticket, line->ticket);
  if (is_another (&view->message, line->message))
    {
      view->totals.messages++;
      view->totals.message_bytes += line->bytes;
    }
  g_autofree char *bytes = NUMBER_TEXT (line->bytes);
  g_autofree char *what = line->extension != NULL && line->shred ? g_strdup_printf (".%s file", line->extension) : NULL;
  const char *cells[] = { line->shred ? "shred" : "redact", line->kinds, line->shred ? what : line->masked,
                          line->shred ? "attachment" : line->where, line->ref, line->policy, line->reason, line->rule,
                          line->extension, line->ticket, line->queue, bytes };
  ds_writer_row (view->writer, cells);
  return TRUE;
}

gboolean
ds_plan_view (const DsSession *session, FILE *in, const char *path, DsOutput *output, GError **error)
{
  View view = { .writer = ds_output_writer (output) };
  gboolean text = ds_output_format (output) == DS_FORMAT_TEXT;
  g_autofree char *store = ds_plan_store (in, path, error);
  if (store == NULL)
    return FALSE;
  const char *facts[] = { "store", store, "plan", path, NULL };
  ds_plan_totals_init (&view.totals);
  ds_writer_begin (view.writer, text ? NULL : "What a plan would do", text ? NULL : facts);
  ds_writer_section (view.writer, "action", NULL, columns, G_N_ELEMENTS (columns));
  g_autofree char *time = NULL;
  gboolean ok = ds_plan_each (in, session->key, path, show_line, &view, &time, error);
  if (ok)
    {
      ds_plan_view_totals (view.writer, session->configuration, &view.totals, FALSE);
      g_autofree char *made = g_strdup_printf ("Made at %s for the store \"%s\". What would be left, and what was not looked at, `deskshred plan` "
                                               "told when it made it.", time != NULL ? time : "an unknown time", store);
      ds_writer_note (view.writer, made);
    }
  ds_plan_totals_clear (&view.totals);
  g_free (view.ticket);
  g_free (view.message);
  return ok && ds_output_close (output, error);
}
