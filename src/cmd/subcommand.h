/* cmd/subcommand: commands that have commands of their own, such as `ledger show`.  Each of these is a DsCommand whose name
 * is both words. */
#pragma once
#include "cmd/command.h"

G_BEGIN_DECLS

/* Runs the one that argv[1] names; --help tells them all.  subcommands: NULL-terminated.  DS_ERROR_USAGE if none is named
 * so; otherwise what it returns. */
int ds_subcommand_run (const DsCommand *command, const DsCommand *const *subcommands, const DsGlobalOptions *options, int argc,
                       char **argv, GError **error);

G_END_DECLS
