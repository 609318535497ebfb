/* content/limits: how much of one blob is looked at, and why there.  Each limit has a setting of the same name in the
 * configuration (limits = { ... }); where one strikes, a problem says so, and nothing is silently left out. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 blob_bytes;   /* larger blobs are not opened: a worker's memory is about four times this */
  guint64 header_bytes; /* of all header blocks of a blob: GMime needs some 170 times as much memory */
  guint parts;          /* MIME entities of a blob: GMime needs 250 bytes for each byte of an empty part */
  guint depth;          /* nesting of multiparts and messages: our own recursion */
  guint findings;       /* of one blob, so that an answer stays small */
} DsLimits;

/* Real mail of ten years' help desks stays under a tenth of each. */
#define DS_LIMITS_DEFAULT { 256u << 20, 1u << 20, 2000, 50, 200000 }

G_END_DECLS
