#include "config.h"
#include "worker/serve.h"
#include "base/flat.h"
#include "worker/wire.h"
#include <malloc.h>
#include <unistd.h>

/* Larger allocations go back to the kernel at once, so that one large mail does not stay in every worker's memory. */
#define MMAP_THRESHOLD (256 * 1024)
/* Behind a blob of this size small pieces are given back, too. */
#define TRIM_BYTES (4u << 20)

typedef struct
{
  GPtrArray *values; /* of DsWantedValue; NULL: none */
  DsValueSet *set;
} Wanted;

static void
set_values (Wanted *wanted, GPtrArray *values)
{
  g_clear_pointer (&wanted->values, g_ptr_array_unref);
  g_clear_pointer (&wanted->set, ds_value_set_free);
  if (values == NULL)
    return;
  wanted->values = values;
  wanted->set = ds_value_set_new ();
  for (guint i = 0; i < values->len; i++)
    {
      const DsWantedValue *value = g_ptr_array_index (values, i);
      ds_value_set_add (wanted->set, value->value, value->literal);
    }
  ds_value_set_build (wanted->set);
}

static GBytes *
scan (const DsWorkSetup *setup, const Wanted *wanted, const DsFrameOnWire *frame)
{
  const DsScanRequest request = ds_scan_request_read (frame->body);
  g_autoptr (DsScanReply) reply = ds_work_scan (setup, wanted->values, wanted->set, frame->blob, &request);
  return ds_scan_reply_write (reply);
}

static DsRewriteReply *
rewrite (const DsWorkSetup *setup, const Wanted *wanted, const DsFrameOnWire *frame)
{
  DsRewriteRequest request;
  ds_rewrite_request_read (frame->body, &request);
  DsRewriteReply *reply = ds_work_rewrite (setup, wanted->set, frame->blob, &request);
  ds_rewrite_request_clear (&request);
  return reply;
}

static gboolean
answer (int socket, const DsWorkSetup *setup, const Wanted *wanted, const DsFrameOnWire *frame)
{
  g_autoptr (DsRewriteReply) rewritten = frame->kind == DS_WIRE_REWRITE ? rewrite (setup, wanted, frame) : NULL;
  g_autoptr (GBytes) body = rewritten != NULL ? ds_rewrite_reply_write (rewritten) : scan (setup, wanted, frame);
  return ds_wire_write (socket, 0, DS_WIRE_REPLY, body, rewritten != NULL ? rewritten->bytes : NULL);
}

static gboolean
greet (int socket, const DsCageLimits *limits)
{
  g_autoptr (GError) error = NULL;
  gboolean confined = ds_cage_enter (socket, limits, &error);
  GByteArray *hello = g_byte_array_new ();
  ds_flat_put_text (hello, confined ? NULL : error->message);
  g_autoptr (GBytes) body = g_byte_array_free_to_bytes (hello);
  return ds_wire_write (socket, 0, DS_WIRE_HELLO, body, NULL) && confined;
}

void
ds_serve (int socket, const DsWorkSetup *setup, const DsCageLimits *limits)
{
  mallopt (M_MMAP_THRESHOLD, MMAP_THRESHOLD);
  if (!greet (socket, limits))
    _exit (1);
  Wanted wanted = { NULL, NULL };
  DsFrameOnWire frame;
  gboolean good = TRUE;
  while (good && ds_wire_read (socket, 0, G_MAXUINT64 / 4, &frame) == 1)
    {
      GPtrArray *values = frame.kind == DS_WIRE_VALUES ? ds_values_request_read (frame.body) : NULL;
      ds_cage_next_task (limits, values != NULL ? values->len / DS_VALUES_PER_SECOND : 0);
      if (frame.kind == DS_WIRE_VALUES)
        set_values (&wanted, values);
      else
        good = answer (socket, setup, &wanted, &frame);
      gboolean large = frame.blob != NULL && g_bytes_get_size (frame.blob) >= TRIM_BYTES;
      ds_wire_clear (&frame);
      if (large)
        malloc_trim (0);
    }
  _exit (0);
}
