/* The bytes of an mbox through one buffer. */
#include "config.h"
#include "mbox-scan.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define BUFFER (1u << 20)
#define JUMP (64u << 10) /* read at first where reading does not go on: most messages are no longer */
#define BEHIND 16 /* kept before an offset: a separator is judged by the bytes before it */

struct _DsMboxSource
{
  int fd;
  gzFile packed; /* has its own descriptor; NULL for a plain file */
  guint64 start; /* of the buffer in the file */
  gsize filled;
  gboolean ended; /* the buffer reaches the end of the file */
  char *buffer;   /* 2 * BUFFER: what is still wanted, and what is read next */
};

DsMboxSource *
ds_mbox_source_new (int fd, gboolean packed)
{
  int own = packed ? fcntl (fd, F_DUPFD_CLOEXEC, 3) : -1;
  gzFile file = own >= 0 ? gzdopen (own, "rb") : NULL;
  if (packed && file == NULL)
    {
      if (own >= 0)
        close (own);
      close (fd);
      return NULL;
    }
  DsMboxSource *source = g_new0 (DsMboxSource, 1);
  source->fd = fd;
  source->packed = file;
  source->buffer = g_malloc (2 * BUFFER);
  return source;
}

void
ds_mbox_source_free (DsMboxSource *source)
{
  if (source == NULL)
    return;
  if (source->packed != NULL)
    gzclose_r (source->packed);
  close (source->fd);
  g_free (source->buffer);
  g_free (source);
}

int
ds_mbox_source_descriptor (const DsMboxSource *source)
{
  return source->fd;
}

gboolean
ds_mbox_source_is_packed (const DsMboxSource *source)
{
  return source->packed != NULL;
}

void
ds_mbox_source_forget (DsMboxSource *source)
{
  source->filled = 0;
  source->ended = FALSE;
}

static gssize
read_at (DsMboxSource *source, char *to, gsize size, guint64 offset)
{
  if (source->packed == NULL)
    return pread (source->fd, to, size, (off_t) offset);
  if (gztell (source->packed) != (z_off_t) offset && gzseek (source->packed, (z_off_t) offset, SEEK_SET) < 0)
    return 0; /* beyond the end */
  int n = gzread (source->packed, to, (unsigned) size);
  int code = Z_OK;
  const char *text = gzerror (source->packed, &code);
  if (n < 0 || (code != Z_OK && code != Z_STREAM_END))
    {
      errno = text != NULL && code == Z_ERRNO ? errno : EBADMSG;
      return -1;
    }
  return n;
}

/* Makes the buffer begin at or shortly before offset, and fills it. */
static gboolean
fill (DsMboxSource *source, guint64 offset, gsize want)
{
  guint64 from = offset >= BEHIND ? offset - BEHIND : 0;
  guint64 end = source->start + source->filled;
  gsize kept = source->filled > 0 && from >= source->start && from < end ? (gsize) (end - from) : 0;
  if (kept > 0)
    memmove (source->buffer, source->buffer + (from - source->start), kept);
  source->start = from;
  source->filled = kept;
  source->ended = FALSE;
  gsize wanted = MAX ((gsize) (offset - from) + want, kept > 0 ? BUFFER : JUMP);
  while (source->filled < wanted && !source->ended)
    {
      gssize n = read_at (source, source->buffer + source->filled, wanted - source->filled, source->start + source->filled);
      if (n < 0 && errno != EINTR)
        return FALSE;
      source->ended = n == 0;
      source->filled += n > 0 ? (gsize) n : 0;
    }
  return TRUE;
}

const char *
ds_mbox_source_peek (DsMboxSource *source, guint64 offset, gsize want, gsize *size_r, GError **error)
{
  guint64 end = source->start + source->filled;
  gboolean there = source->filled > 0 && offset >= source->start && offset <= end && (offset + want <= end || source->ended);
  if (!there && !fill (source, offset, want))
    {
      g_set_error (error, DS_ERROR, DS_ERROR_STORE, "the mailbox cannot be read: %s",
                   errno == EBADMSG ? "its compressed data is damaged" : g_strerror (errno));
      return NULL;
    }
  gsize skip = (gsize) (offset - source->start);
  *size_r = skip < source->filled ? source->filled - skip : 0;
  return source->buffer + MIN (skip, source->filled);
}

GBytes *
ds_mbox_source_read (DsMboxSource *source, guint64 offset, gsize size, GError **error)
{
  g_autofree char *data = g_try_malloc (size + 1);
  if (data == NULL)
    {
      g_set_error_literal (error, DS_ERROR, DS_ERROR_ITEM, "a message is too large for this machine's memory");
      return NULL;
    }
  gsize done = 0;
  while (done < size)
    {
      gsize n = 0;
      const char *bytes = ds_mbox_source_peek (source, offset + done, MIN (size - done, BUFFER), &n, error);
      if (bytes == NULL)
        return NULL;
      if (n == 0)
        break;
      n = MIN (n, size - done);
      memcpy (data + done, bytes, n);
      done += n;
    }
  return g_bytes_new_take (g_steal_pointer (&data), done);
}
