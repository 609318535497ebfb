/* Which ticket a message belongs to.  Every message has a digest of its own (of its Message-ID, or made of its key), and
 * every digest that was ever seen belongs to a ticket, whether its message was seen or only answered to.
 *
 * Who refers to whom is a sender's word, and one message must not make one ticket of two others: a message is linked to one
 * parent only, once.  So each link that joins two threads is what a message says of itself. */
#include "config.h"
#include "state/internal.h"

/* Hostile mail can refer to a hundred thousand messages; a reader that shortens References keeps its first entry and the
 * last ones (RFC 5537, 3.4.4), and so do we. */
#define MOST_REFERENCES 100

typedef struct
{
  const char *digest;
  gint64 ticket; /* 0: not seen before */
  int own;       /* OWN_... */
} Mention;

/* What is known of a digest's own message. */
enum
{
  OWN_AWAITED,  /* only an answer to it was seen */
  OWN_NUMBERED, /* it was seen, and gave it a number */
  OWN_SEEN      /* it was seen */
};

static gboolean
look_up (DsState *state, const char *store, Mention *mention, GError **error)
{
  static const char sql[] = "SELECT ticket, own FROM thread WHERE store = ?1 AND digest = ?2";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  if (statement == NULL || !ds_database_bind (statement, error, "ss", store, mention->digest))
    return FALSE;
  int code = ds_database_step (statement, error);
  if (code != SQLITE_ROW)
    return code != -1;
  mention->ticket = sqlite3_column_int64 (statement, 0);
  mention->own = sqlite3_column_int (statement, 1);
  return TRUE;
}

static gboolean
enter (DsState *state, const char *store, const char *digest, gint64 ticket, int own, GError **error)
{
  static const char sql[] = "INSERT INTO thread (store, digest, ticket, own) VALUES (?1, ?2, ?3, ?4)"
                            " ON CONFLICT (store, digest) DO UPDATE SET ticket = excluded.ticket, own = excluded.own";
  g_autoptr (DsKeptStatement) statement = ds_state_statement (state, sql, error);
  return statement != NULL && ds_database_bind (statement, error, "ssii", store, digest, ticket, (gint64) own)
         && ds_database_step (statement, error) != -1;
}

static gboolean
mention (DsState *state, const char *store, GArray *mentions, const char *digest, GError **error)
{
  Mention mention = { .digest = digest };
  if (!look_up (state, store, &mention, error))
    return FALSE;
  g_array_append_val (mentions, mention);
  return TRUE;
}

/* The nearest that a message refers to and that is known, else the nearest, to be awaited: the last entry of References is
 * the parent (RFC 5322, 3.6.4). */
static gboolean
collect_parent (DsState *state, const char *store, const char *own, const char *const *references, GArray *mentions,
                GError **error)
{
  guint n = references != NULL ? g_strv_length ((char **) references) : 0;
  Mention awaited = { 0 };
  for (guint i = 0; i < MIN (n, MOST_REFERENCES); i++)
    {
      Mention parent = { .digest = references[i == MOST_REFERENCES - 1 ? 0 : n - 1 - i] };
      if (g_str_equal (parent.digest, own)) /* mail that refers to itself */
        continue;
      if (!look_up (state, store, &parent, error))
        return FALSE;
      if (parent.ticket != 0)
        {
          g_array_append_val (mentions, parent);
          return TRUE;
        }
      if (awaited.digest == NULL)
        awaited = parent;
    }
  if (awaited.digest != NULL)
    g_array_append_val (mentions, awaited);
  return TRUE;
}

/* The message's own digest first, then its parent's.  A message that was seen before has been linked: what it refers to
 * may have become known since, and would be a second link. */
static gboolean
collect (DsState *state, const char *store, const char *own, const char *const *references, GArray *mentions, GError **error)
{
  if (!mention (state, store, mentions, own, error))
    return FALSE;
  const Mention *first = &g_array_index (mentions, Mention, 0);
  return (first->ticket != 0 && first->own != OWN_AWAITED)
         || collect_parent (state, store, own, references, mentions, error);
}

/* For a message without a number: the nearest ticket that has one, else the nearest thread, else a new one. */
static gboolean
choose (DsState *state, const char *store, const GArray *mentions, DsTicketClass *class_r, GError **error)
{
  gboolean found = FALSE;
  for (guint i = 0; i < mentions->len; i++)
    {
      const Mention *mention = &g_array_index (mentions, Mention, i);
      if (mention->ticket == 0 || (found && mention->ticket == class_r->id))
        continue;
      DsTicketClass class;
      if (!ds_ticket_class_of (state, mention->ticket, &class, error))
        return FALSE;
      if (!found || class.numbered)
        *class_r = class;
      found = TRUE;
      if (class.numbered)
        return TRUE;
    }
  return found || ds_ticket_class_new (state, store, g_array_index (mentions, Mention, 0).digest, class_r, error);
}

static gboolean
join_all (DsState *state, const GArray *mentions, DsTicketClass *class, GError **error)
{
  for (guint i = 0; i < mentions->len; i++)
    {
      gint64 ticket = g_array_index (mentions, Mention, i).ticket;
      DsTicketClass other;
      if (ticket == 0 || ticket == class->id)
        continue;
      if (!ds_ticket_class_of (state, ticket, &other, error) || !ds_ticket_class_join (state, class, &other, error))
        return FALSE;
    }
  return TRUE;
}

/* A number in a message's own subject says more of it than another's reference did: its digest may change over to that
 * ticket once.  (Of two messages with one Message-ID and two numbers, the first keeps the digest.) */
static gboolean
enter_all (DsState *state, const char *store, const GArray *mentions, const DsTicketClass *class, gboolean numbered,
           GError **error)
{
  const Mention *own = &g_array_index (mentions, Mention, 0);
  gboolean moves = own->ticket == 0 || (numbered && own->own != OWN_NUMBERED);
  if ((moves || own->own == OWN_AWAITED)
      && !enter (state, store, own->digest, moves ? class->id : own->ticket, numbered ? OWN_NUMBERED : OWN_SEEN, error))
    return FALSE;
  const Mention *parent = mentions->len > 1 ? &g_array_index (mentions, Mention, 1) : NULL;
  return parent == NULL || parent->ticket != 0 || enter (state, store, parent->digest, class->id, OWN_AWAITED, error);
}

gboolean
ds_thread_place (DsState *state, const char *store, const char *message, const DsThread *thread,
                 DsTicketClass *class_r, GError **error)
{
  const char *number = thread->ticket != NULL && *thread->ticket != '\0' ? thread->ticket : NULL;
  g_autofree char *key = thread->own == NULL ? g_strconcat ("message ", message, NULL) : NULL;
  g_autoptr (GArray) mentions = g_array_new (FALSE, FALSE, sizeof (Mention));
  if (!collect (state, store, key != NULL ? key : thread->own, thread->references, mentions, error))
    return FALSE;
  gboolean chosen = number != NULL ? ds_ticket_class_numbered (state, store, number, class_r, error)
                                   : choose (state, store, mentions, class_r, error);
  return chosen && join_all (state, mentions, class_r, error)
         && enter_all (state, store, mentions, class_r, number != NULL, error);
}
