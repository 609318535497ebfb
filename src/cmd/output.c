#include "config.h"
#include "cmd/output.h"
#include "base/atomic-file.h"
#include "base/error.h"
#include "base/same-path.h"
#include "run/keep-out.h"
#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct _DsOutput
{
  DsFormat format;
  DsAtomicFile *file; /* NULL: standard output */
  FILE *stream;
  DsWriter *writer;
};

static guint
terminal_columns (int fd)
{
  struct winsize size;
  if (!isatty (fd))
    return 0;
  if (ioctl (fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

static DsWriter *
writer_for (DsFormat format, FILE *stream, guint columns)
{
  gboolean colour = columns > 0 && g_getenv ("NO_COLOR") == NULL && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
  return ds_writer_new (format, stream, columns, colour);
}

DsWriter *
ds_output_messages (void)
{
  return writer_for (DS_FORMAT_TEXT, stderr, terminal_columns (STDERR_FILENO));
}

static gboolean
open_file (DsOutput *output, const char *path, GError **error)
{
  output->file = ds_atomic_file_open (path, 0600, error);
  if (output->file == NULL)
    return FALSE;
  int fd = dup (ds_atomic_file_descriptor (output->file));
  output->stream = fd >= 0 ? fdopen (fd, "w") : NULL;
  if (output->stream != NULL)
    return TRUE;
  g_set_error (error, DS_ERROR, DS_ERROR_LEDGER, "%s: cannot be written: %s", path, g_strerror (errno));
  return FALSE;
}

static gboolean
is_to_file (const DsOutputOptions *options)
{
  return options->path != NULL && !g_str_equal (options->path, "-");
}

DsOutput *
ds_output_open_beside (const DsOutputOptions *options, const char *input, const DsSession *session, GError **error)
{
  if (!is_to_file (options) || !ds_path_is (options->path, input))
    return ds_output_open (options, session, error);
  g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s: this is the plan: results are not written over it", options->path);
  return NULL;
}

DsOutput *
ds_output_open (const DsOutputOptions *options, const DsSession *session, GError **error)
{
  g_autoptr (DsOutput) output = g_new0 (DsOutput, 1);
  const char *format = options->format != NULL ? options->format : "text";
  if (!ds_format_from_name (format, &output->format))
    {
      g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "--format: there is no \"%s\"; there are text, csv, jsonl, html", format);
      return NULL;
    }
  gboolean to_file = is_to_file (options);
  if (to_file && (!ds_keep_out (session, options->path, error) || !open_file (output, options->path, error)))
    return NULL;
  output->writer = to_file ? writer_for (output->format, output->stream, 0)
                           : writer_for (output->format, stdout, terminal_columns (STDOUT_FILENO));
  return g_steal_pointer (&output);
}

DsWriter *
ds_output_writer (DsOutput *output)
{
  return output->writer;
}

DsFormat
ds_output_format (const DsOutput *output)
{
  return output->format;
}

gboolean
ds_output_close (DsOutput *output, GError **error)
{
  if (!ds_writer_end (output->writer, error))
    return FALSE;
  return output->file == NULL || ds_atomic_file_commit (output->file, error);
}

void
ds_output_free (DsOutput *output)
{
  if (output == NULL)
    return;
  ds_writer_free (output->writer);
  if (output->stream != NULL)
    fclose (output->stream);
  ds_atomic_file_free (output->file);
  g_free (output);
}
