#include "config.h"
#include "base/database.h"
#include "base/error.h"
#include "state/state.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct
{
  char *folder;
  char *path;
  DsState *state;
} Fixture;

static DsState *
open_state (const char *path)
{
  g_autoptr (GError) error = NULL;
  DsState *state = ds_state_open (path, &error);
  g_assert_no_error (error);
  return state;
}

static void
set_up (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  fixture->folder = g_dir_make_tmp ("test-state-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  fixture->path = g_build_filename (fixture->folder, "made", "state.db", NULL);
  fixture->state = open_state (fixture->path);
}

static void
tear_down (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  ds_state_close (fixture->state);
  for (const char *const *suffix = (const char *const[]){ "", "-wal", "-shm", NULL }; *suffix != NULL; suffix++)
    {
      g_autofree char *file = g_strconcat (fixture->path, *suffix, NULL);
      g_unlink (file);
    }
  g_autofree char *made = g_path_get_dirname (fixture->path);
  g_rmdir (made);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
}

/* references: digests parted by blanks, oldest first. */
static char *
enter (DsState *state, const char *message, const char *own, const char *references, const char *number)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) list = references != NULL ? g_strsplit (references, " ", -1) : NULL;
  DsThread thread = { .own = own, .references = (const char *const *) list, .ticket = number };
  char *ticket = ds_state_index_message (state, "mail", message, message, &thread, &error);
  g_assert_no_error (error);
  return ticket;
}

static void
assert_entered (DsState *state, const char *message, const char *own, const char *references, const char *number,
                const char *expected)
{
  g_autofree char *ticket = enter (state, message, own, references, number);
  g_assert_cmpstr (ticket, ==, expected);
}

static char *
ticket_of (DsState *state, const char *message)
{
  g_autoptr (GError) error = NULL;
  char *ticket = ds_state_ticket_of (state, "mail", message, &error);
  g_assert_no_error (error);
  return ticket;
}

static void
assert_ticket (DsState *state, const char *message, const char *expected)
{
  g_autofree char *ticket = ticket_of (state, message);
  g_assert_cmpstr (ticket, ==, expected);
}

static void
assert_resolves (DsState *state, const char *name, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *ticket = ds_state_resolve_ticket (state, "mail", name, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ticket, ==, expected);
}

/* The messages of a ticket, in order, parted by blanks. */
static char *
messages_of (DsState *state, const char *ticket)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) messages = ds_state_messages_of (state, "mail", ticket, &error);
  g_assert_no_error (error);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < messages->len; i++)
    {
      const DsIndexed *indexed = g_ptr_array_index (messages, i);
      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", indexed->message);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_messages (DsState *state, const char *ticket, const char *expected)
{
  g_autofree char *messages = messages_of (state, ticket);
  g_assert_cmpstr (messages, ==, expected);
}

static gboolean
add_name (const char *ticket, gpointer data, GError **error G_GNUC_UNUSED)
{
  g_string_append_printf (data, "%s ", ticket);
  return TRUE;
}

static void
assert_tickets (DsState *state, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) names = g_string_new (NULL);
  g_assert_true (ds_state_each_ticket (state, "mail", add_name, names, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (names->str, ==, expected);
}

static void
test_open (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  struct stat status;
  g_assert_cmpint (stat (fixture->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  g_clear_pointer (&fixture->state, ds_state_close);
  g_autoptr (sqlite3) database = ds_database_open (fixture->path, DS_DATABASE_WRITE, NULL);
  g_assert_true (ds_database_exec (database, "PRAGMA user_version = 99", NULL));
  g_autoptr (GError) error = NULL;
  g_assert_null (ds_state_open (fixture->path, &error));
  g_assert_error (error, DS_ERROR, DS_ERROR_LEDGER);
  g_assert_nonnull (strstr (error->message, "newer"));
  g_clear_error (&error);
  g_assert_true (ds_database_exec (database, "PRAGMA user_version = 1; PRAGMA application_id = 7", NULL));
  g_assert_null (ds_state_open (fixture->path, &error));
  g_assert_error (error, DS_ERROR, DS_ERROR_LEDGER);
  g_assert_nonnull (strstr (error->message, "is not a deskshred state file"));
}

static void
test_paths (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_assert_true (ds_state_remember_path (fixture->state, "p1", "/one", NULL));
  g_assert_true (ds_state_remember_path (fixture->state, "p1", "/two", NULL));
  g_autoptr (GError) error = NULL;
  g_autofree char *path = ds_state_path_of (fixture->state, "p1", &error);
  g_assert_cmpstr (path, ==, "/two");
  g_assert_null (ds_state_path_of (fixture->state, "p2", &error));
  g_assert_no_error (error);
}

static void
test_thread (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  DsState *state = fixture->state;
  g_autofree char *first = enter (state, "m1", "a", NULL, NULL);
  g_assert_cmpuint (strlen (first), ==, 13);
  g_assert_cmpint (first[0], ==, 't');
  assert_entered (state, "m2", "b", "a", NULL, first);
  assert_entered (state, "m1", "a", NULL, NULL, first);
  g_autofree char *other = enter (state, "m3", "d", "c", NULL);
  g_assert_cmpstr (other, !=, first);
  assert_messages (state, first, "m1 m2");
  /* m4 joins both: the earlier name stands, the later still works. */
  assert_entered (state, "m4", "c", "b", NULL, first);
  assert_resolves (state, other, first);
  assert_resolves (state, first, first);
  assert_resolves (state, "never heard of", "never heard of");
  assert_ticket (state, "m3", first);
  assert_messages (state, first, "m1 m2 m3 m4");
  assert_messages (state, other, "m1 m2 m3 m4");
  assert_messages (state, "never heard of", "");
  g_autofree char *list = g_strconcat (first, " ", NULL);
  assert_tickets (state, list);
  g_assert_null (ticket_of (state, "m9"));
}

/* One sender's word does not make one thread of two, in whatever order the messages are seen, and however often. */
static void
test_two_threads (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const orders[] = { "abm", "amb", "mab", "mba", "bam", "bma" };
  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    for (guint round = 0; round < 2; round++)
      {
        for (const char *at = orders[i]; *at != '\0'; at++)
          {
            g_autofree char *message = g_strdup_printf ("%s-%c-%u", orders[i], *at, round); /* moved, the second time */
            g_autofree char *own = g_strdup_printf ("%s-%c", orders[i], *at);
            g_autofree char *both = g_strdup_printf ("%s-a %s-b", orders[i], orders[i]);
            g_free (enter (fixture->state, message, own, *at == 'm' ? both : NULL, NULL));
          }
        g_autofree char *a = g_strdup_printf ("%s-a-%u", orders[i], round), *b = g_strdup_printf ("%s-b-%u", orders[i], round);
        g_autofree char *ticket_a = ticket_of (fixture->state, a), *ticket_b = ticket_of (fixture->state, b);
        g_assert_cmpstr (ticket_a, !=, ticket_b);
      }
}

static void
test_numbers (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  DsState *state = fixture->state;
  g_autofree char *thread = enter (state, "m1", "a", NULL, NULL);
  assert_entered (state, "m2", "b", "a", "17", "17");
  assert_ticket (state, "m1", "17");
  assert_resolves (state, thread, "17");
  assert_entered (state, "m3", "c", "b", NULL, "17");
  /* It refers to 17 and says 18: they stay apart, and its own answers follow it. */
  assert_entered (state, "m4", "d", "b", "18", "18");
  assert_entered (state, "m5", "e", "b d", NULL, "18");
  assert_entered (state, "m6", "f", "d b", NULL, "17");
  assert_messages (state, thread, "m1 m2 m3 m6");
  assert_messages (state, "18", "m4 m5");
  assert_tickets (state, "17 18 ");
  assert_entered (state, "m5", "e", "b d", NULL, "18");
  assert_entered (state, "m6", "f", "d b", NULL, "17");
}

/* A number in the message's own subject wins over the number of one that referred to it before it was seen. */
static void
test_own_number (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  DsState *state = fixture->state;
  assert_entered (state, "m2", "b", "a", "2", "2");
  assert_entered (state, "m1", "a", NULL, "1", "1");
  assert_entered (state, "m3", "c", "a", NULL, "1");
  /* A second message with the same Message-ID and another number does not take the digest away. */
  assert_entered (state, "m4", "a", NULL, "4", "4");
  assert_entered (state, "m5", "e", "a", NULL, "1");
  assert_messages (state, "1", "m1 m3 m5");
}

static void
test_without_id (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  DsState *state = fixture->state;
  g_autofree char *one = enter (state, "m1", NULL, NULL, NULL);
  g_autofree char *two = enter (state, "m2", NULL, NULL, NULL);
  g_assert_cmpstr (one, !=, two);
  assert_entered (state, "m1", NULL, NULL, NULL, one);
  g_autofree char *three = enter (state, "m3", "x", NULL, NULL);
  assert_entered (state, "m4", NULL, "x", "", three);
}

/* Two threads whose digests begin alike would have one name: forged by taking the name first. */
static void
test_name_taken (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *hex = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "a", -1);
  g_autofree char *name = g_strdup_printf ("t%.12s", hex);
  g_autofree char *longer = g_strdup_printf ("t%.16s", hex);
  assert_entered (fixture->state, "m0", "z", NULL, name, name);
  assert_entered (fixture->state, "m1", "a", NULL, NULL, longer);
  assert_messages (fixture->state, name, "m0");
}

/* ---- random orders ---- */

#define MESSAGES 60
#define TREES 4

typedef struct
{
  int tree;
  char *message, *own, *references, *number;
} Mail;

static void
mail_free (Mail *mail)
{
  g_free (mail->message);
  g_free (mail->own);
  g_free (mail->references);
  g_free (mail->number);
  g_free (mail);
}

/* Answers with short, long or no chains of references; every other tree has a number in some subjects.  A digest here and
 * there is of a message that never comes. */
static GPtrArray *
random_mail (GRand *random)
{
  GPtrArray *mails = g_ptr_array_new_with_free_func ((GDestroyNotify) mail_free);
  for (int i = 0; i < MESSAGES; i++)
    {
      Mail *mail = g_new0 (Mail, 1);
      mail->tree = i % TREES;
      mail->message = g_strdup_printf ("m%d", i);
      mail->own = g_strdup_printf ("d%d", i);
      if (i >= TREES)
        {
          const Mail *parent = g_ptr_array_index (mails, mail->tree + TREES * g_rand_int_range (random, 0, i / TREES));
          mail->references = parent->references != NULL && g_rand_boolean (random)
                               ? g_strconcat (parent->references, " ", parent->own, NULL)
                               : g_strdup (parent->own);
        }
      else
        mail->references = g_strdup_printf ("lost%d", mail->tree);
      if (mail->tree % 2 == 1 && g_rand_int_range (random, 0, 5) == 0)
        mail->number = g_strdup_printf ("%d", 100 + mail->tree);
      g_ptr_array_add (mails, mail);
    }
  return mails;
}

static void
shuffle (GPtrArray *array, GRand *random)
{
  for (guint i = array->len; i > 1; i--)
    {
      guint j = (guint) g_rand_int_range (random, 0, (gint32) i);
      gpointer swap = array->pdata[i - 1];
      array->pdata[i - 1] = array->pdata[j];
      array->pdata[j] = swap;
    }
}

static void
assert_partition (DsState *state, GPtrArray *mails, GPtrArray *names)
{
  char *of_tree[TREES] = { NULL };
  for (guint i = 0; i < mails->len; i++)
    {
      const Mail *mail = g_ptr_array_index (mails, i);
      g_autofree char *ticket = ticket_of (state, mail->message);
      assert_resolves (state, g_ptr_array_index (names, i), ticket);
      if (of_tree[mail->tree] == NULL)
        of_tree[mail->tree] = g_strdup (ticket);
      g_assert_cmpstr (ticket, ==, of_tree[mail->tree]);
    }
  for (int i = 0; i < TREES; i++)
    {
      g_autoptr (GPtrArray) messages = ds_state_messages_of (state, "mail", of_tree[i], NULL);
      g_assert_cmpuint (messages->len, ==, MESSAGES / TREES);
      for (int j = 0; j < i; j++)
        g_assert_cmpstr (of_tree[i], !=, of_tree[j]);
    }
  for (int i = 0; i < TREES; i++)
    g_free (of_tree[i]);
}

static void
test_random_orders (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20240531);
  for (int round = 0; round < 40; round++)
    {
      Fixture fixture;
      set_up (&fixture, NULL);
      g_autoptr (GPtrArray) mails = random_mail (random);
      g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
      shuffle (mails, random);
      g_assert_true (ds_state_begin (fixture.state, NULL));
      for (guint i = 0; i < mails->len; i++)
        {
          const Mail *mail = g_ptr_array_index (mails, i);
          g_ptr_array_add (names, enter (fixture.state, mail->message, mail->own, mail->references, mail->number));
        }
      g_assert_true (ds_state_commit (fixture.state, NULL));
      assert_partition (fixture.state, mails, names);
      tear_down (&fixture, NULL);
    }
}

/* ---- listings ---- */

static void
see (DsState *state, const char *message, const char *locator, gboolean expected)
{
  g_autoptr (GError) error = NULL;
  gboolean known = !expected;
  g_assert_true (ds_state_seen (state, "mail", message, locator, &known, &error));
  g_assert_no_error (error);
  g_assert_cmpint (known, ==, expected);
}

static gboolean
count_finding (const DsOpenFinding *finding G_GNUC_UNUSED, gpointer data, GError **error G_GNUC_UNUSED)
{
  *(guint *) data += 1;
  return TRUE;
}

static guint
count_open (DsState *state, const char *store)
{
  guint n = 0;
  g_autoptr (GError) error = NULL;
  g_assert_true (ds_state_each_open (state, store, count_finding, &n, &error));
  g_assert_no_error (error);
  return n;
}

static void
add_finding (DsState *state, const char *message, const char *fingerprint)
{
  g_autoptr (GError) error = NULL;
  DsOpenFinding finding = { .store = "mail", .ticket = "t0", .message = message, .part = "1", .text = "visible",
                            .where = "body", .rule = "iban", .kind = "iban", .masked = "****", .fingerprint = fingerprint,
                            .queue = "INBOX", .score = 90 };
  g_assert_true (ds_state_add_open (state, &finding, &error));
  g_assert_no_error (error);
}

static void
test_listing (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  DsState *state = fixture->state;
  g_autofree char *ticket = enter (state, "m1", "a", NULL, NULL);
  for (const char *const *more = (const char *const[]){ "m2", "m3", "m4", NULL }; *more != NULL; more++)
    g_free (enter (state, *more, NULL, "a", NULL));
  add_finding (state, "m2", "f2");
  add_finding (state, "m3", "f3");
  g_assert_true (ds_state_begin_listing (state, "mail", NULL));
  see (state, "m1", "elsewhere", TRUE);
  see (state, "m3", "m3", TRUE);
  see (state, "m5", "m5", FALSE);
  g_free (enter (state, "m5", NULL, "a", NULL));
  g_free (enter (state, "m4", NULL, "a", NULL)); /* shown to index_message only */
  assert_messages (state, ticket, "m1 m2 m3 m4 m5");
  g_assert_true (ds_state_end_listing (state, "mail", NULL));
  assert_messages (state, ticket, "m1 m3 m4 m5");
  g_assert_cmpuint (count_open (state, NULL), ==, 1);
  g_assert_true (ds_state_end_listing (state, "mail", NULL)); /* not begun: nothing is dropped */
  g_autoptr (GPtrArray) messages = ds_state_messages_of (state, "mail", ticket, NULL);
  g_assert_cmpstr (((DsIndexed *) g_ptr_array_index (messages, 0))->locator, ==, "elsewhere");
  assert_entered (state, "m2", NULL, NULL, NULL, ticket);
}

/* What another process enters while a listing is under way stays. */
static void
test_listing_beside (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  DsState *state = fixture->state;
  g_autoptr (DsState) beside = open_state (fixture->path);
  g_autofree char *ticket = enter (state, "m1", "a", NULL, NULL);
  g_assert_true (ds_state_begin_listing (state, "mail", NULL));
  g_free (enter (beside, "m2", NULL, "a", NULL));
  g_assert_true (ds_state_end_listing (state, "mail", NULL));
  assert_messages (state, ticket, "m2");
  g_assert_true (ds_state_begin_listing (state, "empty", NULL));
  g_assert_true (ds_state_end_listing (state, "empty", NULL));
  assert_messages (state, ticket, "m2");
  g_assert_true (ds_state_set_locator (state, "mail", "m2", "new place", NULL));
  g_autoptr (GPtrArray) messages = ds_state_messages_of (beside, "mail", ticket, NULL);
  g_assert_cmpstr (((DsIndexed *) g_ptr_array_index (messages, 0))->locator, ==, "new place");
}

/* A hook's write must come through while a scan gathers and never stops writing. */
static gpointer
gather (gpointer path)
{
  g_autoptr (DsState) state = open_state (path);
  gint64 end = g_get_monotonic_time () + 3 * G_USEC_PER_SEC;
  g_assert_true (ds_state_begin (state, NULL));
  for (int i = 0; g_get_monotonic_time () < end; i++)
    {
      g_autofree char *message = g_strdup_printf ("g%d", i);
      add_finding (state, message, "f");
    }
  g_assert_true (ds_state_commit (state, NULL));
  return NULL;
}

static void
test_beside_gathering (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  GThread *thread = g_thread_new ("gather", gather, fixture->path);
  g_usleep (200000);
  gint64 began = g_get_monotonic_time ();
  for (int i = 0; i < 2; i++)
    add_finding (fixture->state, "hook", "f");
  g_assert_cmpint (g_get_monotonic_time () - began, <, 2500000);
  g_thread_join (thread);
}

/* ---- findings, dismissals, jobs ---- */

static gboolean
show_finding (const DsOpenFinding *f, gpointer data, GError **error G_GNUC_UNUSED)
{
  g_string_append_printf (data, "%s/%s/%s/%s/%s/%s/%s/%s/%s/%s/%s/%u\n", f->store, f->ticket, f->message, f->part, f->text,
                          f->where, f->rule, f->kind, f->masked, f->fingerprint, f->queue, f->score);
  return TRUE;
}

static gboolean
show_blind (const DsBlindSpot *spot, gpointer data, GError **error G_GNUC_UNUSED)
{
  g_string_append_printf (data, "%s/%s/%s/%s/%s\n", spot->store, spot->ticket, spot->message, spot->part, spot->reason);
  return TRUE;
}

static gboolean
stop (const DsOpenFinding *finding G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED, GError **error)
{
  g_set_error_literal (error, DS_ERROR, DS_ERROR_STORE, "stopped");
  return FALSE;
}

static void
test_findings (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  DsState *state = fixture->state;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  add_finding (state, "m1", "f1");
  add_finding (state, "m2", "f2");
  add_finding (state, "m1", "f3");
  g_assert_true (ds_state_each_open (state, "mail", show_finding, text, &error));
  g_assert_cmpstr (text->str, ==,
                   "mail/t0/m1/1/visible/body/iban/iban/****/f1/INBOX/90\n"
                   "mail/t0/m1/1/visible/body/iban/iban/****/f3/INBOX/90\n"
                   "mail/t0/m2/1/visible/body/iban/iban/****/f2/INBOX/90\n");
  g_assert_cmpuint (count_open (state, "other"), ==, 0);
  g_assert_false (ds_state_each_open (state, NULL, stop, NULL, &error));
  g_assert_error (error, DS_ERROR, DS_ERROR_STORE);
  g_assert_true (ds_state_forget_message (state, "mail", "m1", NULL));
  g_assert_true (ds_state_forget_message (state, "mail", "unknown", NULL));
  g_assert_cmpuint (count_open (state, NULL), ==, 1);
  add_finding (state, "m1", "f1");
  g_assert_cmpuint (count_open (state, "mail"), ==, 2);
}

/* A report shows the ticket that a message belongs to now, not the one it had when it was scanned. */
static void
test_findings_ticket (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  DsState *state = fixture->state;
  g_autoptr (GString) text = g_string_new (NULL);
  g_free (enter (state, "m1", "a", NULL, NULL));
  g_assert_true (ds_state_begin (state, NULL));
  add_finding (state, "m1", "f1");
  DsBlindSpot spots[] = { { "mail", "t0", "m1", "1.2", "encrypted" }, { "rt", "12", "77", NULL, "damaged" } };
  for (guint i = 0; i < 4; i++)
    g_assert_true (ds_state_add_blind (state, &spots[i % 2], NULL));
  g_assert_true (ds_state_commit (state, NULL));
  g_free (enter (state, "m2", "b", "a", "17"));
  g_assert_true (ds_state_each_open (state, NULL, show_finding, text, NULL));
  g_assert_true (ds_state_each_blind (state, NULL, show_blind, text, NULL));
  g_assert_cmpstr (text->str, ==,
                   "mail/17/m1/1/visible/body/iban/iban/****/f1/INBOX/90\n"
                   "mail/17/m1/1.2/encrypted\n"
                   "rt/12/77//damaged\n");
  g_string_truncate (text, 0);
  g_assert_true (ds_state_each_blind (state, "rt", show_blind, text, NULL));
  g_assert_cmpstr (text->str, ==, "rt/12/77//damaged\n");
}

static gboolean
show_dismissal (const DsDismissal *d, gpointer data, GError **error G_GNUC_UNUSED)
{
  g_assert_cmpuint (strlen (d->time), ==, strlen ("2024-05-31T08:15:00Z"));
  g_string_append_printf (data, "%s/%s/%s/%s/%s/%s/%s/%s/%s/%s/%s\n", d->fingerprint, d->rule, d->kind, d->masked, d->store, d->ticket,
                          d->message, d->part, d->who, d->actor, d->case_reference);
  return TRUE;
}

static void
test_dismissals (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  DsState *state = fixture->state;
  add_finding (state, "m1", "f1");
  add_finding (state, "m1", "f2");
  DsDismissal dismissal = { .fingerprint = "f1", .rule = "iban", .kind = "iban", .masked = "***12", .store = "mail", .ticket = "t1",
                            .message = "m1", .part = "1", .who = "alice", .actor = "zoe", .case_reference = "C-1" };
  g_assert_true (ds_state_dismiss (state, &dismissal, NULL));
  dismissal.who = "bob";
  g_assert_true (ds_state_dismiss (state, &dismissal, NULL));
  g_autoptr (GHashTable) dismissed = ds_state_dismissed (state, NULL);
  g_assert_cmpuint (g_hash_table_size (dismissed), ==, 1);
  g_assert_true (g_hash_table_contains (dismissed, "f1"));
  g_assert_cmpuint (count_open (state, NULL), ==, 1);
  g_autoptr (GString) text = g_string_new (NULL);
  g_assert_true (ds_state_each_dismissal (state, show_dismissal, text, NULL));
  g_assert_cmpstr (text->str, ==, "f1/iban/iban/***12/mail/t1/m1/1/bob/zoe/C-1\n");
  g_assert_true (ds_state_end_dismissal (state, "f2", NULL));
  g_assert_cmpuint (count_open (state, NULL), ==, 1);
  g_assert_true (ds_state_end_dismissal (state, "f1", NULL));
  g_assert_cmpuint (count_open (state, NULL), ==, 2);
}

static void
test_settled (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  DsState *state = fixture->state;
  g_assert_null (ds_state_settled_head (state, "mail", NULL));
  g_assert_true (ds_state_settled (state, "mail", "3:abc", NULL));
  g_assert_true (ds_state_settled (state, "rt", "4:def", NULL));
  g_assert_true (ds_state_settled (state, "mail", "7:fed", NULL));
  g_autofree char *head = ds_state_settled_head (state, "mail", NULL);
  g_assert_cmpstr (head, ==, "7:fed");
}

/* A state of version 1, as it was before dismissals said what they are of. */
static void
test_old_version (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_clear_pointer (&fixture->state, ds_state_close);
  g_autoptr (sqlite3) database = ds_database_open (fixture->path, DS_DATABASE_WRITE, NULL);
  g_assert_true (ds_database_exec (database,
                                   "DROP TABLE settled; DROP TABLE poison; DROP TABLE dismissal;"
                                   "CREATE TABLE dismissal (fingerprint TEXT PRIMARY KEY, rule TEXT, who TEXT, time TEXT NOT NULL) WITHOUT ROWID;"
                                   "INSERT INTO dismissal VALUES ('f1', 'iban', 'alice', '2024-05-31T08:15:00Z');"
                                   "PRAGMA user_version = 1",
                                   NULL));
  fixture->state = ds_state_open (fixture->path, NULL);
  g_assert_nonnull (fixture->state);
  g_autoptr (GString) text = g_string_new (NULL);
  g_assert_true (ds_state_each_dismissal (fixture->state, show_dismissal, text, NULL));
  g_assert_cmpstr (text->str, ==, "f1/iban/(null)/(null)/(null)/(null)/(null)/(null)/alice/(null)/(null)\n");
}

static gboolean
show_job (const DsJob *job, gpointer data, GError **error G_GNUC_UNUSED)
{
  g_assert_cmpuint (strlen (job->last_attempt), ==, strlen ("2024-05-31T08:15:00Z"));
  g_string_append_printf (data, "%s/%s/%s\n", job->command, job->store, job->last_success != NULL ? "yes" : "never");
  return TRUE;
}

static void
test_jobs (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  DsState *state = fixture->state;
  g_autoptr (GString) text = g_string_new (NULL);
  g_assert_true (ds_state_job_done (state, "scan", "mail", TRUE, NULL));
  g_assert_true (ds_state_job_done (state, "scan", "mail", FALSE, NULL));
  g_assert_true (ds_state_job_done (state, "apply", NULL, FALSE, NULL));
  g_assert_true (ds_state_each_job (state, show_job, text, NULL));
  g_assert_cmpstr (text->str, ==, "apply//never\nscan/mail/yes\n");
}

/* ---- what it costs: test-state -m perf ---- */

static void
minimized (const char *what)
{
  double seconds = g_test_timer_elapsed ();
  g_test_minimized_result (seconds, "%s: %.2f s", what, seconds);
}

static void
test_scan_cost (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  DsState *state = fixture->state;
  g_test_timer_start ();
  for (int i = 0; i < 12000; i++)
    {
      g_autofree char *message = g_strdup_printf ("1716000000.M%dP1.host.example.org", i);
      g_autofree char *own = g_strdup_printf ("%032x", i);
      g_autofree char *references = i % 5 == 0 ? NULL : g_strdup_printf ("%032x %032x", i / 5 * 5, i - 1);
      if (i % 200 == 0)
        g_assert_true ((i == 0 || ds_state_commit (state, NULL)) && ds_state_begin (state, NULL));
      g_free (enter (state, message, own, references, NULL));
      g_assert_true (ds_state_forget_message (state, "mail", message, NULL));
      for (int j = 0; j < 25; j++)
        add_finding (state, message, own);
    }
  g_assert_true (ds_state_commit (state, NULL));
  minimized ("12,000 messages, 300,000 findings");
  g_test_timer_start ();
  g_assert_cmpuint (count_open (state, NULL), ==, 300000);
  minimized ("read again");
}

/* Pairs (2k, 2k+1) first, then the links between them in random order: the most merges that a thread can have. */
static void
test_long_thread (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  DsState *state = fixture->state;
  const guint n = g_test_perf () ? 100000 : 2000;
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  g_autoptr (GPtrArray) mails = g_ptr_array_new ();
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (mails, GUINT_TO_POINTER (i));
  shuffle (mails, random);
  g_test_timer_start ();
  g_assert_true (ds_state_begin (state, NULL));
  for (guint i = 0; i < n; i++)
    {
      guint number = GPOINTER_TO_UINT (mails->pdata[i]);
      g_autofree char *message = g_strdup_printf ("m%u", number);
      g_autofree char *own = g_strdup_printf ("d%u", number);
      g_autofree char *parent = g_strdup_printf ("d%u", number - 1);
      g_free (enter (state, message, own, number > 0 ? parent : NULL, NULL));
    }
  g_assert_true (ds_state_commit (state, NULL));
  g_autofree char *ticket = ticket_of (state, "m0");
  g_autoptr (GPtrArray) messages = ds_state_messages_of (state, "mail", ticket, NULL);
  g_assert_cmpuint (messages->len, ==, n);
  minimized ("a long thread in random order");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/state/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("open", test_open);
  ADD ("paths", test_paths);
  ADD ("thread", test_thread);
  ADD ("two-threads", test_two_threads);
  ADD ("numbers", test_numbers);
  ADD ("own-number", test_own_number);
  ADD ("without-id", test_without_id);
  ADD ("name-taken", test_name_taken);
  g_test_add_func ("/state/random-orders", test_random_orders);
  ADD ("listing", test_listing);
  ADD ("listing-beside", test_listing_beside);
  ADD ("beside-gathering", test_beside_gathering);
  ADD ("findings", test_findings);
  ADD ("findings-ticket", test_findings_ticket);
  ADD ("dismissals", test_dismissals);
  ADD ("settled", test_settled);
  ADD ("old-version", test_old_version);
  ADD ("jobs", test_jobs);
  ADD ("long-thread", test_long_thread);
  if (g_test_perf ())
    ADD ("scan-cost", test_scan_cost);
#undef ADD
  return g_test_run ();
}
