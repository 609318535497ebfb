/* cmd/output: --format and --output of every command that shows results. */
#pragma once
#include "report/writer.h"
#include "run/session.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *format; /* text, csv, jsonl, html */
  char *path;   /* NULL or "-": standard output */
} DsOutputOptions;

#define DS_OUTPUT_ENTRIES(output)                                                                                                \
  { "format", 0, 0, G_OPTION_ARG_STRING, &(output).format, "text (default), csv, jsonl or html", "FORMAT" },                     \
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &(output).path, "write to FILE instead of standard output", "FILE" }

typedef struct _DsOutput DsOutput;

/* A writer of text for messages, on standard error. */
DsWriter *ds_output_messages (void);

/* DS_ERROR_USAGE for an unknown format or a file that is no place for results (run/keep-out), DS_ERROR_LEDGER if it cannot be
 * written. */
DsOutput *ds_output_open (const DsOutputOptions *options, const DsSession *session, GError **error);
/* The same, and not over input, a file that is being read. */
DsOutput *ds_output_open_beside (const DsOutputOptions *options, const char *input, const DsSession *session, GError **error);
DsWriter *ds_output_writer (DsOutput *output);
DsFormat ds_output_format (const DsOutput *output);
/* Ends the document; a file appears in its place only now. */
gboolean ds_output_close (DsOutput *output, GError **error);
void ds_output_free (DsOutput *output);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsOutput, ds_output_free)

G_END_DECLS
