#include "config.h"
#include "worker/serve.h"
#include "worker/wire.h"
#include <malloc.h>
#include <unistd.h>

/* Larger allocations go back to the kernel at once, so that one large mail does not stay in every worker's memory. */
#define MMAP_THRESHOLD (256 * 1024)

typedef struct
{
  GPtrArray *values; /* of DsWantedValue; NULL: none */
  DsValueSet *set;
} Wanted;

static void
set_values (Wanted *wanted, GVariant *variant)
{
  g_clear_pointer (&wanted->values, g_ptr_array_unref);
  g_clear_pointer (&wanted->set, ds_value_set_free);
  GVariantIter iter;
  guint32 kind;
  gboolean given, literal;
  char *value;
  g_variant_iter_init (&iter, variant);
  if (g_variant_iter_n_children (&iter) == 0)
    return;
  wanted->values = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_wanted_value_free);
  wanted->set = ds_value_set_new ();
  while (g_variant_iter_next (&iter, "(ubbs)", &kind, &given, &literal, &value))
    {
      DsWantedValue *one = g_new0 (DsWantedValue, 1);
      *one = (DsWantedValue){ kind, given, literal, value };
      g_ptr_array_add (wanted->values, one);
      ds_value_set_add (wanted->set, value, literal);
    }
  ds_value_set_build (wanted->set);
}

static gboolean
answer (int socket, const DsWorkSetup *setup, const Wanted *wanted, const DsFrameOnWire *frame)
{
  if (frame->kind == DS_WIRE_SCAN)
    {
      g_autoptr (DsScanReply) reply = ds_work_scan (setup, wanted->values, wanted->set, frame->blob, frame->variant);
      g_autoptr (GVariant) variant = g_variant_ref_sink (ds_scan_reply_write (reply));
      return ds_wire_write (socket, 0, DS_WIRE_REPLY, variant, NULL);
    }
  g_autoptr (DsRewriteReply) reply = ds_work_rewrite (setup, wanted->set, frame->blob, frame->variant);
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new (DS_REWRITE_REPLY_TYPE, reply->error, reply->part, reply->left));
  return ds_wire_write (socket, 0, DS_WIRE_REPLY, variant, reply->bytes);
}

static gboolean
greet (int socket, const DsCageLimits *limits)
{
  g_autoptr (GError) error = NULL;
  gboolean confined = ds_cage_enter (socket, limits, &error);
  g_autoptr (GVariant) hello = g_variant_ref_sink (g_variant_new ("s", confined ? "" : error->message));
  return ds_wire_write (socket, 0, DS_WIRE_HELLO, hello, NULL) && confined;
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
      gsize n_values = frame.kind == DS_WIRE_VALUES ? g_variant_n_children (frame.variant) : 0;
      ds_cage_next_task (limits, (guint) (n_values / DS_VALUES_PER_SECOND));
      if (frame.kind == DS_WIRE_VALUES)
        set_values (&wanted, frame.variant);
      else
        good = answer (socket, setup, &wanted, &frame);
      ds_wire_clear (&frame);
    }
  _exit (0);
}
