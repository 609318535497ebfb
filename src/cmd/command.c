#include "config.h"
#include "cmd/command.h"
#include "base/error.h"
#include <stdarg.h>

gboolean
ds_command_parse (const DsCommand *command, const GOptionEntry *entries, const char *description, int *argc, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (command->arguments);
  g_autofree char *summary = g_strdup_printf ("deskshred %s: %s", command->name, command->summary);
  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, description);
  g_option_context_add_main_entries (context, entries, NULL);
  g_autofree char *program = g_strconcat ("deskshred ", command->name, NULL);
  g_set_prgname (program);
  return g_option_context_parse (context, argc, argv, error);
}

void
ds_command_usage (GError **error, const DsCommand *command, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s (see `deskshred %s --help`)", text, command->name);
}
