/* deskshred stores: the stores compiled in and those configured; whether one can be worked on. */
#include "config.h"
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/output.h"
#include "cmd/subcommand.h"
#include <stdlib.h>

static int run_check (const DsGlobalOptions *globals, int argc, char **argv, GError **error);
static const DsCommand command_check
  = { "stores check", "NAME|PATH", "tell whether a store can be read and changed, and what it does not clean", run_check };

/* ---- list ---- */

static void
write_compiled (DsWriter *writer)
{
  static const DsColumn columns[] = {
    { "plugin", "Plugin", 10, 0 },
    { "summary", "What it is for", 50, DS_COLUMN_WIDE },
  };
  ds_writer_section (writer, "plugin", "Stores compiled in", columns, G_N_ELEMENTS (columns));
  for (guint i = 0; ds_store_list[i] != NULL; i++)
    {
      const char *cells[] = { ds_store_list[i]->name, ds_store_list[i]->summary };
      ds_writer_row (writer, cells);
    }
}

static void
write_configured (DsWriter *writer, const DsConfiguration *configuration)
{
  static const DsColumn columns[] = {
    { "store", "Store", 12, 0 },
    { "plugin", "Plugin", 8, 0 },
    { "path", "Where", 30, DS_COLUMN_WIDE | DS_COLUMN_CODE },
    { "ticket_pattern", "Ticket pattern", 16, DS_COLUMN_CODE },
    { "never_read", "Never read", 12, 0 },
  };
  ds_writer_section (writer, "store", "Stores configured", columns, G_N_ELEMENTS (columns));
  for (guint i = 0; i < configuration->stores->len; i++)
    {
      const DsStoreConfiguration *store = g_ptr_array_index (configuration->stores, i);
      g_autofree char *never = store->never_read != NULL ? g_strjoinv (", ", store->never_read) : NULL;
      const char *cells[] = { store->name, store->plugin, store->path, store->ticket_pattern, never };
      ds_writer_row (writer, cells);
    }
}

static const char list_help[] =
  "`deskshred stores check NAME`, or PATH, tells whether a store can be read and changed with the rights\n"
  "that deskshred has, and where it keeps personal data that deskshred does not clean.";

static int
run_list (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  DsOutputOptions options = { NULL, NULL };
  const GOptionEntry entries[] = { DS_OUTPUT_ENTRIES (options), G_OPTION_ENTRY_NULL };
  gboolean ok = ds_command_parse (&ds_command_stores, entries, list_help, &argc, &argv, error);
  if (ok && argc > 1)
    {
      ds_command_usage (error, &ds_command_stores, "there is no command \"stores %s\"; there is: check", argv[1]);
      ok = FALSE;
    }
  g_autoptr (DsSession) session = ok ? ds_session_open (globals, 0, NULL, FALSE, FALSE, error) : NULL;
  g_autoptr (DsOutput) output = session != NULL ? ds_output_open (&options, session, error) : NULL;
  g_free (options.format);
  g_free (options.path);
  if (output == NULL)
    return -1;
  ds_writer_begin (ds_output_writer (output), NULL, NULL);
  write_compiled (ds_output_writer (output));
  write_configured (ds_output_writer (output), session->configuration);
  return ds_output_close (output, error) ? DS_EXIT_DONE : -1;
}

/* ---- check ---- */

/* A store speaks of its place as it resolved it; where links lead, whose names may name people, nobody asked. */
static char *
as_asked (const char *text, const char *target, const char *resolved)
{
  GString *shown = g_string_new (text);
  if (resolved != NULL)
    g_string_replace (shown, resolved, target, 0);
  return g_string_free (shown, FALSE);
}

/* Writes the facts; TRUE if none of them is bad.  target: what was asked about; resolved: where that is, if it is a PATH. */
static gboolean
write_facts (DsWriter *writer, DsStore *store, const char *target, const char *resolved)
{
  static const DsColumn columns[] = {
    { "level", "", 4, 0 },
    { "fact", "What was found", 46, DS_COLUMN_WIDE },
    { "remedy", "What to do", 24, DS_COLUMN_WIDE },
  };
  static const char *const levels[] = { [DS_FACT_GOOD] = "good", [DS_FACT_NOTE] = "note", [DS_FACT_BAD] = "bad" };
  g_autoptr (GPtrArray) facts = store->ops->check (store);
  gboolean good = TRUE;
  ds_writer_section (writer, "fact", NULL, columns, G_N_ELEMENTS (columns));
  for (guint i = 0; i < facts->len; i++)
    {
      const DsStoreFact *fact = g_ptr_array_index (facts, i);
      g_autofree char *text = as_asked (fact->text, target, resolved);
      const char *cells[] = { levels[fact->level], text, fact->remedy };
      ds_writer_row (writer, cells);
      good = good && fact->level != DS_FACT_BAD;
    }
  return good;
}

static int
check (const DsGlobalOptions *globals, const char *target, const DsOutputOptions *options, GError **error)
{
  g_autoptr (DsConfiguration) configuration = ds_configuration_load (globals->config, error);
  if (configuration == NULL)
    return -1;
  gboolean is_store = ds_configuration_store (configuration, target) != NULL;
  g_autoptr (DsSession) session = ds_session_open (globals, 0, target, is_store, FALSE, error);
  g_autoptr (DsOutput) output = session != NULL ? ds_output_open (options, session, error) : NULL;
  if (output == NULL)
    return -1;
  const char *facts[] = { "store", session->store_name, "plugin", session->store->ops->name, NULL };
  ds_writer_begin (ds_output_writer (output), NULL, facts);
  char *real = is_store ? NULL : realpath (target, NULL);
  gboolean good = write_facts (ds_output_writer (output), session->store, target, real);
  free (real);
  if (!ds_output_close (output, error))
    return -1;
  return good ? DS_EXIT_DONE : DS_EXIT_SOME_FAILED;
}

static const char check_help[] =
  "NAME is a store of the configuration, PATH a Maildir, an mbox, an .eml file, or any file or folder.\n"
  "Nothing is changed.\n"
  "\n"
  "Exit status: 0 nothing is wrong; 1 something is bad; 2, 3 the store could not be opened.";

static int
run_check (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  DsOutputOptions options = { NULL, NULL };
  const GOptionEntry entries[] = { DS_OUTPUT_ENTRIES (options), G_OPTION_ENTRY_NULL };
  int status = -1;
  if (!ds_command_parse (&command_check, entries, check_help, &argc, &argv, error))
    return -1;
  if (argc != 2)
    ds_command_usage (error, &command_check, "which store? name one of the configuration, or a PATH");
  else
    status = check (globals, argv[1], &options, error);
  g_free (options.format);
  g_free (options.path);
  return status;
}

/* ---- */

static int
run (const DsGlobalOptions *globals, int argc, char **argv, GError **error)
{
  static const DsCommand *const subcommands[] = { &command_check, NULL };
  gboolean listing = argc < 2 || !g_str_equal (argv[1], "check");
  return listing ? run_list (globals, argc, argv, error)
                 : ds_subcommand_run (&ds_command_stores, subcommands, globals, argc, argv, error);
}

const DsCommand ds_command_stores
  = { "stores", "[check NAME|PATH]", "the stores compiled in and configured; check one", run };
