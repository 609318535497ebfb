#include "config.h"
#include "worker/wire.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define MAGIC 0x64536872u

/* How long the rest of a frame that was begun may take beyond the deadline. */
#define REST_SECONDS 10

typedef struct
{
  guint32 magic;
  guint32 kind;
  guint64 body_size;
  guint64 blob_size;
  guint64 has_blob;
} Head;

/* Waits until the socket is ready.  What is ready now counts even after the deadline.  1 ready, 0 broken, -1 deadline. */
static int
wait_for (int socket, short events, gint64 deadline)
{
  for (;;)
    {
      struct pollfd poller = { socket, events, 0 };
      gint64 left = deadline == 0 ? -1 : (deadline - g_get_monotonic_time () + 999) / 1000;
      int ready = poll (&poller, 1, deadline == 0 ? -1 : (int) CLAMP (left, 0, 1000000));
      if (ready > 0)
        return 1;
      if (ready < 0 && errno != EINTR)
        return 0;
      if (ready == 0 && left <= 0)
        return -1;
    }
}

static gboolean
send_all (int socket, gint64 deadline, gconstpointer bytes, gsize size)
{
  for (const char *at = bytes; size > 0;)
    {
      /* A side that reads a byte now and then is ready each time, and must not hold us for ever. */
      if (wait_for (socket, POLLOUT, deadline) != 1 || (deadline != 0 && g_get_monotonic_time () > deadline))
        return FALSE;
      ssize_t n = send (socket, at, size, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno != EINTR && errno != EAGAIN)
        return FALSE;
      if (n > 0)
        {
          at += n;
          size -= (gsize) n;
        }
    }
  return TRUE;
}

gboolean
ds_wire_write (int socket, gint64 deadline, DsWireKind kind, GBytes *body, GBytes *blob)
{
  gsize body_size = 0, blob_size = 0;
  gconstpointer body_data = g_bytes_get_data (body, &body_size);
  gconstpointer blob_data = blob != NULL ? g_bytes_get_data (blob, &blob_size) : NULL;
  Head head = { MAGIC, kind, body_size, blob_size, blob != NULL };
  return send_all (socket, deadline, &head, sizeof head) && send_all (socket, deadline, body_data, body_size)
         && send_all (socket, deadline, blob_data, blob_size);
}

/* 1 all, 0 gone, -1 deadline. */
static int
receive_all (int socket, gpointer bytes, gsize size, gint64 deadline)
{
  for (char *at = bytes; size > 0;)
    {
      int code = wait_for (socket, POLLIN, deadline);
      if (code != 1)
        return code;
      ssize_t n = recv (socket, at, size, 0);
      if (n == 0 || (n < 0 && errno != EINTR))
        return 0;
      if (n > 0)
        {
          at += n;
          size -= (gsize) n;
        }
    }
  return 1;
}

/* The size is the other side's word: too much is its failure, not ours. */
static int
receive_bytes (int socket, gint64 deadline, gsize size, GBytes **bytes_r)
{
  g_autofree char *bytes = g_try_malloc (size + 1);
  if (bytes == NULL)
    return 0;
  int code = receive_all (socket, bytes, size, deadline);
  if (code == 1)
    *bytes_r = g_bytes_new_take (g_steal_pointer (&bytes), size);
  return code;
}

int
ds_wire_read (int socket, gint64 deadline, guint64 limit, DsFrameOnWire *frame)
{
  Head head;
  memset (frame, 0, sizeof *frame);
  int code = receive_all (socket, &head, sizeof head, deadline);
  if (code != 1)
    return code;
  if (head.magic != MAGIC || head.kind > DS_WIRE_REPLY || head.has_blob > 1 || head.body_size > limit || head.blob_size > limit)
    return 0;
  frame->kind = head.kind;
  gint64 rest = deadline == 0 ? 0 : MAX (deadline, g_get_monotonic_time ()) + REST_SECONDS * G_USEC_PER_SEC;
  code = receive_bytes (socket, rest, head.body_size, &frame->body);
  if (code == 1 && head.has_blob != 0)
    code = receive_bytes (socket, rest, head.blob_size, &frame->blob);
  if (code != 1)
    ds_wire_clear (frame);
  return code;
}

void
ds_wire_clear (DsFrameOnWire *frame)
{
  g_clear_pointer (&frame->body, g_bytes_unref);
  g_clear_pointer (&frame->blob, g_bytes_unref);
}
