/* worker/wire: frames on the socket between parent and worker: a kind, a body (base/flat), and a blob. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  DS_WIRE_HELLO,  /* worker, once, before all else: a text, why it cannot be confined; none: it is */
  DS_WIRE_VALUES, /* parent: the wanted values from now on; no answer */
  DS_WIRE_SCAN,
  DS_WIRE_REWRITE,
  DS_WIRE_REPLY,
} DsWireKind;

typedef struct
{
  DsWireKind kind;
  GBytes *body; /* owned */
  GBytes *blob; /* owned; NULL if there is none */
} DsFrameOnWire;

/* Writes one frame whole.  deadline: g_get_monotonic_time at which to give up, or 0.  FALSE if the other side is gone, or
 * does not read. */
gboolean ds_wire_write (int socket, gint64 deadline, DsWireKind kind, GBytes *body, GBytes *blob);
/* Reads one frame whole.  deadline: when it must have begun to arrive, or 0; a frame that is there already is read even if
 * the deadline has passed (the reader may be late, too), but all of it must come within ten seconds more.  limit: bytes
 * that a frame may have.  1: read; 0: the other side is gone or sent nonsense; -1: the deadline passed. */
int ds_wire_read (int socket, gint64 deadline, guint64 limit, DsFrameOnWire *frame);
void ds_wire_clear (DsFrameOnWire *frame);

G_END_DECLS
