/* Looks the command up; the only place that prints an error and picks the exit status. */
#include "config.h"
#include "base/error.h"
#include "cmd/command.h"
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define WAIT_SECONDS 60
#define MOST_JOBS 256

static char *
description (void)
{
  GString *text = g_string_new ("Commands:\n");
  for (guint i = 0; ds_commands[i] != NULL; i++)
    g_string_append_printf (text, "  %-9s %s\n", ds_commands[i]->name, ds_commands[i]->summary);
  g_string_append (text, "\n`deskshred COMMAND --help` tells a command's options.\n"
                         "\nExit status: 0 done; 1 some items failed; 2 wrong usage, configuration or pack; 3 a store or the\n"
                         "ledger failed; 4 all or part refused; 10 findings, under --fail-on-findings; 75 a lock was not had;\n"
                         "141 the reader of the output went away.");
  return g_string_free (text, FALSE);
}

static const DsCommand *
find_command (const char *name)
{
  for (guint i = 0; ds_commands[i] != NULL; i++)
    if (g_str_equal (ds_commands[i]->name, name))
      return ds_commands[i];
  return NULL;
}

/* How many of argv belong to the global options: those before the command's name. */
static gboolean
parse_globals (DsGlobalOptions *options, int *argc, char ***argv, GError **error)
{
  gboolean version = FALSE;
  const GOptionEntry entries[] = {
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &options->config, "configuration (/etc/deskshred/deskshred.conf)", "FILE" },
    { "rules", 0, 0, G_OPTION_ARG_FILENAME, &options->rules, "folder of rule packs (the installed ones)", "DIR" },
    { "jobs", 'j', 0, G_OPTION_ARG_INT, &options->jobs, "worker processes (one a processor)", "N" },
    { "actor", 0, 0, G_OPTION_ARG_STRING, &options->actor, "for whom a hook acts; the configuration says who may", "NAME" },
    { "wait", 0, 0, G_OPTION_ARG_INT, &options->wait, "seconds to wait for a lock (60)", "S" },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet, "no messages but errors", NULL },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &options->verbose, "tell more", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, "print the version", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("COMMAND [ARGUMENT…]");
  g_autofree char *text = description ();
  g_option_context_set_summary (context, "Finds personal data in help-desk tickets and mail, removes exactly that, and can prove it.");
  g_option_context_set_description (context, text);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_strict_posix (context, TRUE);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (options->jobs < 0 || options->wait < 0)
    {
      g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE, "--jobs and --wait take no negative number");
      return FALSE;
    }
  if (options->jobs > MOST_JOBS)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "--jobs: at most %d", MOST_JOBS);
      return FALSE;
    }
  if (version)
    {
      printf ("deskshred %s\n", PACKAGE_VERSION);
      exit (0);
    }
  return TRUE;
}

/* A descriptor that is closed would be given to the next file or socket, and output written into that. */
static gboolean
open_standard_descriptors (GError **error)
{
  gboolean closed = fcntl (STDOUT_FILENO, F_GETFD) < 0;
  for (int fd = 0; fd <= STDERR_FILENO; fd++)
    if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", O_RDWR) != fd)
      break;
  if (closed)
    g_set_error_literal (error, DS_ERROR, DS_ERROR_LEDGER, "standard output is closed");
  return !closed;
}

/* What waits in the buffer may fail only now. */
static gboolean
flush_output (GError **error)
{
  errno = 0;
  if (fflush (stdout) == 0 && !ferror (stdout))
    return TRUE;
  ds_error_set_output (error, errno != 0 ? errno : EIO);
  return FALSE;
}

/* Some errors quote a file that anybody may have written: nothing of it steers the terminal. */
static void
print_error (const char *message)
{
  g_autofree char *valid = g_utf8_make_valid (message, -1);
  fputs ("deskshred: ", stderr);
  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      GUnicodeType type = g_unichar_type (c);
      if (c != '\n' && (type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT))
        fprintf (stderr, "\\u{%04X}", c);
      else
        fprintf (stderr, "%.*s", (int) (g_utf8_next_char (at) - at), at);
    }
  fputc ('\n', stderr);
}

static int
run (DsGlobalOptions *options, int argc, char **argv, GError **error)
{
  options->wait = WAIT_SECONDS;
  if (!parse_globals (options, &argc, &argv, error))
    return -1;
  const DsCommand *command = argc > 1 ? find_command (argv[1]) : NULL;
  if (command == NULL)
    {
      if (argc > 1)
        g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "there is no command \"%s\" (see `deskshred --help`)", argv[1]);
      else
        g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE, "which command? (see `deskshred --help`)");
      return -1;
    }
  int status = command->run (options, argc - 1, argv + 1, error);
  return status < 0 || flush_output (error) ? status : -1;
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_set_prgname ("deskshred");
  signal (SIGXFSZ, SIG_IGN); /* a file that may grow no more is an error with a name */
  signal (SIGPIPE, SIG_IGN); /* a reader that goes away ends a scan, and never a change */
  /* Tickets' content passes through this process: no core dump of it. */
  struct rlimit none = { 0, 0 };
  setrlimit (RLIMIT_CORE, &none);
  prctl (PR_SET_DUMPABLE, 0);
  DsGlobalOptions options = { 0 };
  g_autoptr (GError) error = NULL;
  int status = open_standard_descriptors (&error) ? run (&options, argc, argv, &error) : -1;
  if (status < 0)
    {
      if (!g_error_matches (error, DS_ERROR, DS_ERROR_READER))
        print_error (error != NULL ? error->message : "failed without a reason");
      status = error != NULL ? ds_error_exit_status (error) : 3;
    }
  g_free (options.config);
  g_free (options.rules);
  g_free (options.actor);
  return status;
}
