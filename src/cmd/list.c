/* The commands, in the order of --help.  A new one: a file in this folder and a line here. */
#include "config.h"
#include "cmd/command.h"

const DsCommand *const ds_commands[] = {
  &ds_command_scan,
  &ds_command_plan,
  &ds_command_apply,
  &ds_command_redact,
  &ds_command_shred,
  &ds_command_report,
  &ds_command_status,
  &ds_command_ledger,
  &ds_command_rules,
  &ds_command_dismiss,
  &ds_command_stores,
  NULL,
};
