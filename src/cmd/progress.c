#include "config.h"
#include "cmd/progress.h"
#include <stdio.h>
#include <unistd.h>

#define EVERY (G_USEC_PER_SEC / 4)
/* Before that a rate says nothing. */
#define LEAST (G_USEC_PER_SEC / 2)

DsProgress
ds_progress_new (const DsGlobalOptions *options, const char *unit)
{
  return (DsProgress){ .wanted = isatty (STDERR_FILENO) && !options->quiet, .unit = unit, .began = g_get_monotonic_time () };
}

static void
append_time (GString *line, guint64 seconds)
{
  if (seconds >= 3600)
    g_string_append_printf (line, ", %" G_GUINT64_FORMAT " h %02u min left", seconds / 3600, (guint) (seconds / 60 % 60));
  else
    g_string_append_printf (line, ", %u:%02u min left", (guint) (seconds / 60), (guint) (seconds % 60));
}

void
ds_progress_show (DsProgress *progress, guint64 done, guint64 total, const char *more)
{
  gint64 now = progress->wanted ? g_get_monotonic_time () : 0;
  if (!progress->wanted || now - progress->last < EVERY)
    return;
  progress->last = now;
  g_autoptr (GString) line = g_string_new (NULL);
  g_string_append_printf (line, "%" G_GUINT64_FORMAT, done);
  if (total > 0)
    g_string_append_printf (line, " of %" G_GUINT64_FORMAT, total);
  g_string_append_printf (line, " %s", progress->unit);
  double rate = (double) done * G_USEC_PER_SEC / (double) MAX (now - progress->began, 1);
  if (now - progress->began >= LEAST && rate > 0)
    {
      g_string_append_printf (line, rate < 10 ? ", %.1f/s" : ", %.0f/s", rate);
      if (total >= done && total > 0)
        append_time (line, (guint64) ((double) (total - done) / rate + 0.5));
    }
  fprintf (stderr, "\r%s%s%s\033[K", line->str, more != NULL ? ", " : "", more != NULL ? more : "");
  progress->shown = TRUE;
}

void
ds_progress_hide (DsProgress *progress)
{
  if (progress->shown)
    fputs ("\r\033[K", stderr);
  progress->shown = FALSE;
}

void
ds_progress_end (DsProgress *progress)
{
  ds_progress_hide (progress);
  progress->wanted = FALSE;
}

static void
show_tickets (guint64 done, guint64 total, gpointer data)
{
  ds_progress_show (data, done, total, NULL);
}

void
ds_progress_watch (DsProgress *progress, DsSession *session)
{
  session->progress = progress->wanted ? show_tickets : NULL;
  session->progress_data = progress;
}
