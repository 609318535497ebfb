#include "config.h"
#include "run/plan-line.h"
#include "base/error.h"
#include "run/reference.h"
#include "run/queue-name.h"
#include <string.h>

#define MAC_DIGITS 32
/* No line that we write comes near it. */
#define MOST_BYTES (1u << 16)
#define MAC_MARK ",\"mac\":\""

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  if (value == NULL)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_number (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) value);
}

/* Ends the object, and puts the MAC of all before it behind. */
static char *
finish (JsonBuilder *builder, const DsSiteKey *key)
{
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, FALSE);
  gsize length = strlen (text) - 1; /* without the closing brace */
  g_autofree char *mac = ds_site_key_digest (key, "plan", text, length, MAC_DIGITS);
  return g_strdup_printf ("%.*s" MAC_MARK "%s\"}\n", (int) length, text, mac);
}

char *
ds_plan_line_header (const DsSession *session, guint min_score)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *now = ds_time_text ();
  json_builder_begin_object (builder);
  add_string (builder, "type", "plan");
  add_number (builder, "version", 1);
  add_string (builder, "store", session->store_name);
  add_string (builder, "incarnation", session->incarnation);
  add_string (builder, "time", now);
  add_string (builder, "run", session->run);
  add_string (builder, "key", ds_site_key_id (session->key));
  add_number (builder, "min_score", min_score);
  return finish (builder, session->key);
}

static void
add_place (JsonBuilder *builder, const DsSession *session, const DsExaminedTicket *ticket, const DsExaminedBlob *blob, const char *part)
{
  g_autofree char *ref = ds_reference_write (session->store_name, ticket->ticket, blob->item->message, part);
  add_string (builder, "ref", ref);
  add_string (builder, "plan", session->run);
  add_string (builder, "ticket", ticket->ticket);
  add_string (builder, "message", blob->item->message);
  add_string (builder, "part", part);
  g_autofree char *queue = ds_queue_shown (session->configuration, session->key, blob->item->queue);
  add_string (builder, "queue", queue);
  add_number (builder, "bytes", blob->size);
  add_string (builder, "before", blob->digest);
}

/* With its digest: a policy that was edited since is another policy. */
static void
add_policy (JsonBuilder *builder, const DsPolicy *policy)
{
  if (policy == NULL)
    return;
  add_string (builder, "policy", policy->name);
  add_string (builder, "policy_digest", policy->digest);
  add_string (builder, "reason", policy->reason);
}

char *
ds_plan_line_edit (const DsSession *session, const DsExaminedTicket *ticket, const DsExaminedBlob *blob, const DsPlannedEdit *edit)
{
  const DsFinding *f = edit->finding;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_string (builder, "type", "action");
  add_string (builder, "action", "redact");
  add_string (builder, "kind", ds_kind_name (f->kind));
  add_string (builder, "masked", f->masked);
  add_string (builder, "where", f->where);
  add_string (builder, "rule", f->rule);
  add_number (builder, "score", f->score);
  add_place (builder, session, ticket, blob, f->part);
  add_string (builder, "text", f->text_label);
  add_policy (builder, edit->policy);
  add_number (builder, "leaf", f->leaf);
  add_number (builder, "text_index", f->text);
  add_number (builder, "start", f->start);
  add_number (builder, "end", f->end);
  add_string (builder, "fingerprint", f->fingerprint);
  return finish (builder, session->key);
}

char *
ds_plan_line_shred (const DsSession *session, const DsExaminedTicket *ticket, const DsExaminedBlob *blob, const DsPlannedShred *shred)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_string (builder, "type", "action");
  add_string (builder, "action", "shred");
  g_autofree char *kinds = ds_planned_shred_kinds (shred);
  add_string (builder, "kinds", kinds);
  add_string (builder, "media_type", shred->part->media_type);
  add_string (builder, "extension", shred->part->extension);
  add_number (builder, "size", shred->part->size);
  add_place (builder, session, ticket, blob, shred->part->number);
  add_policy (builder, shred->policy);
  return finish (builder, session->key);
}

static char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return g_strdup (json_node_get_string (node));
}

static guint64
get_number (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? (guint64) json_node_get_int (node) : 0;
}

static gboolean
mac_is_good (const char *text, const DsSiteKey *key)
{
  const char *mark = g_strrstr (text, MAC_MARK);
  if (mark == NULL)
    return FALSE;
  g_autofree char *mac = ds_site_key_digest (key, "plan", text, (gsize) (mark - text), MAC_DIGITS);
  g_autofree char *tail = g_strconcat (MAC_MARK, mac, "\"}", NULL);
  return g_str_equal (mark, tail);
}

static void
read_for_people (JsonObject *object, DsPlanLine *line)
{
  line->ref = get_string (object, "ref");
  line->kinds = get_string (object, line->shred ? "kinds" : "kind");
  line->masked = get_string (object, "masked");
  line->where = get_string (object, "where");
  line->rule = get_string (object, "rule");
  line->extension = get_string (object, "extension");
}

static gboolean
read_action (JsonObject *object, DsPlanLine *line)
{
  g_autofree char *action = get_string (object, "action");
  line->plan = get_string (object, "plan");
  line->ticket = get_string (object, "ticket");
  line->message = get_string (object, "message");
  line->part = get_string (object, "part");
  line->queue = get_string (object, "queue");
  line->policy = get_string (object, "policy");
  line->policy_digest = get_string (object, "policy_digest");
  line->reason = get_string (object, "reason");
  line->bytes = get_number (object, "bytes");
  line->digest = get_string (object, "before");
  line->fingerprint = get_string (object, "fingerprint");
  if (line->ticket == NULL || line->message == NULL || line->part == NULL || line->digest == NULL)
    return FALSE;
  line->shred = g_strcmp0 (action, "shred") == 0;
  read_for_people (object, line);
  if (line->shred)
    {
      line->key = ds_order_shred_key (line->message, line->part);
      line->place = g_strdup (line->part);
      return TRUE;
    }
  DsFinding place = { .leaf = (guint) get_number (object, "leaf"), .text = (guint) get_number (object, "text_index"),
                      .start = get_number (object, "start"), .end = get_number (object, "end") };
  g_autofree char *text = get_string (object, "text");
  line->key = ds_order_edit_key (line->message, &place);
  line->place = g_strdup_printf ("%s %s %zu-%zu", line->part, text != NULL ? text : "", place.start, place.end);
  return g_strcmp0 (action, "redact") == 0 && line->fingerprint != NULL;
}

static DsPlanLine *
malformed (const char *path, guint64 number, const char *what, GError **error)
{
  g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s:%" G_GUINT64_FORMAT ": %s", path, number, what);
  return NULL;
}

/* A line is one flat object.  The parser goes down into what is nested, as deep as whoever wrote the file likes. */
static gboolean
is_flat (const char *text)
{
  gsize length = strlen (text);
  guint open = 0;
  gboolean quoted = FALSE;
  if (length > MOST_BYTES || !g_utf8_validate (text, (gssize) length, NULL))
    return FALSE;
  for (const char *at = text; *at != '\0'; at++)
    {
      if (quoted && *at == '\\' && at[1] != '\0')
        at++;
      else if (*at == '"')
        quoted = !quoted;
      else if (!quoted && (*at == '{' || *at == '['))
        open++;
    }
  return open == 1 && text[0] == '{';
}

DsPlanLine *
ds_plan_line_read (const char *text, const DsSiteKey *key, const char *path, guint64 number, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  if (!is_flat (text) || !json_parser_load_from_data (parser, text, -1, NULL) || json_parser_get_root (parser) == NULL
      || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    return malformed (path, number, "not a line of a plan", error);
  JsonObject *object = json_node_get_object (json_parser_get_root (parser));
  if (key != NULL && !mac_is_good (text, key))
    return malformed (path, number, "this line was edited, or made with another site's key; lines may be deleted, not changed", error);
  g_autoptr (DsPlanLine) line = g_new0 (DsPlanLine, 1);
  line->number = number;
  g_autofree char *type = get_string (object, "type");
  if (g_strcmp0 (type, "plan") == 0)
    {
      line->is_header = TRUE;
      line->plan = get_string (object, "run");
      line->store = get_string (object, "store");
      line->incarnation = get_string (object, "incarnation");
      line->time = get_string (object, "time");
      line->min_score = (guint) get_number (object, "min_score");
      if (get_number (object, "version") != 1)
        return malformed (path, number, "a plan of a newer deskshred", error);
      return line->store != NULL ? g_steal_pointer (&line) : malformed (path, number, "a plan without a store", error);
    }
  if (g_strcmp0 (type, "action") == 0 && read_action (object, line))
    return g_steal_pointer (&line);
  return malformed (path, number, "not a line of a plan", error);
}

void
ds_plan_line_free (DsPlanLine *line)
{
  if (line == NULL)
    return;
  g_free (line->plan);
  g_free (line->store);
  g_free (line->incarnation);
  g_free (line->time);
  g_free (line->ticket);
  g_free (line->message);
  g_free (line->part);
  g_free (line->policy);
  g_free (line->policy_digest);
  g_free (line->reason);
  g_free (line->queue);
  g_free (line->key);
  g_free (line->place);
  g_free (line->digest);
  g_free (line->fingerprint);
  g_free (line->ref);
  g_free (line->kinds);
  g_free (line->masked);
  g_free (line->where);
  g_free (line->rule);
  g_free (line->extension);
  g_free (line);
}
