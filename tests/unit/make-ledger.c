/* make-ledger: a ledger to try things on.  Needs nothing but src/base and src/ledger.
 *
 *   make-ledger PATH N                appends N varied entries
 *   make-ledger verify PATH [HEAD]    exit status 0 good, 2 malformed head, 3 bad, as "deskshred ledger verify" */
#include "config.h"
#include "base/error.h"
#include "ledger/ledger.h"
#include <stdio.h>
#include <string.h>

static int
fail (GError *error)
{
  fprintf (stderr, "make-ledger: %s\n", error->message);
  int status = ds_error_exit_status (error);
  g_error_free (error);
  return status;
}

/* Most fields full, some absent, some empty, some with what an encoding without lengths would trip over. */
static DsEntry *
varied_entry (guint i)
{
  DsEntry *entry = ds_entry_new ((DsEntryState) (i % 6));
  entry->size = i % 5 == 0 ? -1 : (gint64) i * 1000;
  for (guint field = 0; field < ds_entry_n_fields; field++)
    {
      char **place = (char **) G_STRUCT_MEMBER_P (entry, ds_entry_fields[field].offset);
      guint variety = (i + field) % 13;
      if (variety == 11)
        *place = g_strdup ("");
      else if (variety == 7)
        *place = g_strdup_printf ("größe:%u:\nstate:4:done", i);
      else if (variety != 3)
        *place = g_strdup_printf ("%s-%u", ds_entry_fields[field].name, i / 4);
    }
  if (entry->action_id == NULL)
    entry->action_id = g_strdup_printf ("a%u", i);
  return entry;
}

static int
make (const char *path, guint count)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_entry_free);
  for (guint i = 1; i <= count; i++)
    g_ptr_array_add (entries, varied_entry (i));
  GError *error = NULL;
  g_autoptr (DsLedger) ledger = ds_ledger_open (path, TRUE, &error);
  if (ledger == NULL || !ds_ledger_append (ledger, entries, &error))
    return fail (error);
  return 0;
}

static int
verify (const char *path, const char *head)
{
  GError *error = NULL;
  gint64 count = 0;
  g_autoptr (DsLedger) ledger = ds_ledger_open_read (path, &error);
  if (ledger == NULL || !ds_ledger_verify (ledger, head, &count, &error))
    return fail (error);
  printf ("%" G_GINT64_FORMAT " entries, all good\n", count);
  return 0;
}

int
main (int argc, char **argv)
{
  if ((argc == 3 || argc == 4) && strcmp (argv[1], "verify") == 0)
    return verify (argv[2], argc == 4 ? argv[3] : NULL);
  if (argc == 3)
    return make (argv[1], (guint) g_ascii_strtoull (argv[2], NULL, 10));
  fprintf (stderr, "usage: make-ledger PATH N | make-ledger verify PATH [HEAD]\n");
  return 2;
}
