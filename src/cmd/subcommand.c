#include "config.h"
#include "cmd/subcommand.h"
#include <string.h>

/* "show" of "ledger show". */
static const char *
last_word (const DsCommand *subcommand)
{
  return strrchr (subcommand->name, ' ') + 1;
}

static const DsCommand *
find (const DsCommand *const *subcommands, const char *word)
{
  for (guint i = 0; subcommands[i] != NULL; i++)
    if (g_str_equal (last_word (subcommands[i]), word))
      return subcommands[i];
  return NULL;
}

static char *
list (const DsCommand *command, const DsCommand *const *subcommands)
{
  GString *text = g_string_new ("Commands:\n");
  for (guint i = 0; subcommands[i] != NULL; i++)
    g_string_append_printf (text, "  %-8s %s\n", last_word (subcommands[i]), subcommands[i]->summary);
  g_string_append_printf (text, "\n`deskshred %s COMMAND --help` tells a command's options.", command->name);
  return g_string_free (text, FALSE);
}

static char *
words (const DsCommand *const *subcommands)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; subcommands[i] != NULL; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", last_word (subcommands[i]));
  return g_string_free (text, FALSE);
}

int
ds_subcommand_run (const DsCommand *command, const DsCommand *const *subcommands, const DsGlobalOptions *options, int argc,
                   char **argv, GError **error)
{
  static const GOptionEntry none[] = { G_OPTION_ENTRY_NULL };
  const DsCommand *subcommand = argc > 1 ? find (subcommands, argv[1]) : NULL;
  if (subcommand != NULL)
    return subcommand->run (options, argc - 1, argv + 1, error);
  g_autofree char *description = list (command, subcommands);
  if (!ds_command_parse (command, none, description, &argc, &argv, error))
    return -1;
  g_autofree char *known = words (subcommands);
  if (argc > 1)
    ds_command_usage (error, command, "there is no command \"%s %s\"; there are: %s", command->name, argv[1], known);
  else
    ds_command_usage (error, command, "which of %s?", known);
  return -1;
}
