/* cmd/change-options: the options that every change has: why, for which case, how it is told. */
#pragma once
#include "cmd/output.h"

G_BEGIN_DECLS

typedef struct
{
  DsOutputOptions output;
  char *reason, *case_reference;
  gboolean in_place, strict;
} DsChangeOptions;

/* why: what --help says of --reason. */
#define DS_CHANGE_ENTRIES(change, why)                                                                                           \
  { "reason", 0, 0, G_OPTION_ARG_STRING, &(change).reason, why, "CODE" },                                                        \
  { "case", 0, 0, G_OPTION_ARG_STRING, &(change).case_reference, "a short reference, such as a request's number", "TEXT" },      \
  { "strict", 0, 0, G_OPTION_ARG_NONE, &(change).strict, "exit with 1 if anything was not looked at", NULL },                    \
  { "in-place", 0, 0, G_OPTION_ARG_NONE, &(change).in_place, "change files in a folder that is no mailbox", NULL },              \
  DS_OUTPUT_ENTRIES ((change).output)

#define DS_CHANGE_WHY "why: a code of the configuration (needed)"

void ds_change_options_clear (DsChangeOptions *options);

G_END_DECLS
