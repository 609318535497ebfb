#include "config.h"
#include "cmd/command.h"
#include "base/error.h"
#include <stdarg.h>

/* GOption leaves a "--" before a word that begins with a dash. */
static void
drop_dashes (int *argc, char **argv)
{
  int i = 1;
  while (i < *argc && !g_str_equal (argv[i], "--"))
    i++;
  if (i == *argc)
    return;
  (*argc)--;
  for (; i <= *argc; i++)
    argv[i] = argv[i + 1];
}

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
  g_autoptr (GError) wrong = NULL;
  if (!g_option_context_parse (context, argc, argv, &wrong))
    {
      if (g_error_matches (wrong, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION))
        ds_command_usage (error, command, "%s; options of all commands, such as --config, --jobs and --quiet, stand before the command's name", wrong->message);
      else
        ds_command_usage (error, command, "%s", wrong->message);
      return FALSE;
    }
  drop_dashes (argc, *argv);
  return TRUE;
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
