#include "config.h"
#include "cmd/output.h"
#include "base/atomic-file.h"
#include "base/error.h"
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
terminal_columns (void)
{
  struct winsize size;
  if (!isatty (STDOUT_FILENO))
    return 0;
  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
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

DsOutput *
ds_output_open (const DsOutputOptions *options, GError **error)
{
  g_autoptr (DsOutput) output = g_new0 (DsOutput, 1);
  const char *format = options->format != NULL ? options->format : "text";
  if (!ds_format_from_name (format, &output->format))
    {
      g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "--format: there is no \"%s\"; there are text, csv, jsonl, html", format);
      return NULL;
    }
  gboolean to_file = options->path != NULL && !g_str_equal (options->path, "-");
  if (to_file && !open_file (output, options->path, error))
    return NULL;
  guint columns = to_file ? 0 : terminal_columns ();
  gboolean colour = columns > 0 && g_getenv ("NO_COLOR") == NULL && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
  output->writer = ds_writer_new (output->format, to_file ? output->stream : stdout, columns, colour);
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
