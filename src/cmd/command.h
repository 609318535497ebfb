/* cmd/command: what a subcommand is.  One file a subcommand: options -> run -> report, no logic of its own.  A new one: a
 * file that ends in a const DsCommand, and a line in list.c. */
#pragma once
#include "run/session.h"
#include <glib.h>

G_BEGIN_DECLS

/* Exit statuses beside those of errors (base/error.h), DESIGN 4.1. */
#define DS_EXIT_DONE 0
#define DS_EXIT_SOME_FAILED 1
#define DS_EXIT_REFUSED 4
#define DS_EXIT_FINDINGS 10

typedef struct
{
  const char *name;
  const char *arguments; /* for the usage line: "[SELECT]" */
  const char *summary;   /* one line */
  /* argv[0] is the command's name.  The exit status, or -1 with an error. */
  int (*run) (const DsGlobalOptions *options, int argc, char **argv, GError **error);
} DsCommand;

/* All of them, NULL-terminated, in the order of --help. */
extern const DsCommand *const ds_commands[];

extern const DsCommand ds_command_scan, ds_command_plan, ds_command_apply, ds_command_redact, ds_command_shred, ds_command_report,
  ds_command_status, ds_command_ledger, ds_command_rules, ds_command_dismiss, ds_command_stores;

/* Parses the options of a command (entries: NULL-terminated GOption table); what is left in argv are its arguments.
 * --help prints and exits.  description: paragraphs for --help. */
gboolean ds_command_parse (const DsCommand *command, const GOptionEntry *entries, const char *description, int *argc, char ***argv,
                           GError **error);

/* DS_ERROR_USAGE with a hint at --help. */
void ds_command_usage (GError **error, const DsCommand *command, const char *format, ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
