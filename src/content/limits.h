/* content/limits: how much of one blob is looked at, and why there.  Each limit has a setting of the same name in the
 * configuration (limits = { ... }); where one strikes, a problem says so, and nothing is silently left out. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 blob_bytes;   /* larger blobs are not opened: few mail servers take more, and a worker's memory is four to eight times this */
  guint64 text_bytes;   /* of all texts of a blob that rules are run over: dense text costs them a third of a second a megabyte */
  guint64 header_bytes; /* of all header blocks of a blob: GMime needs some 170 times as much memory */
  guint parts;          /* MIME entities of a blob: GMime needs 250 bytes for each byte of an empty part */
  guint depth;          /* nesting of multiparts and messages: our own recursion */
  guint findings;       /* of one blob, so that an answer stays small; a long one counts as several */
} DsLimits;

/* Real mail of ten years' help desks stays under a tenth of each.  With these a message costs less than 5 seconds and 256 MiB,
 * whatever it holds. */
#define DS_LIMITS_DEFAULT { .blob_bytes = 20u << 20, .text_bytes = 12u << 20, .header_bytes = 1u << 20, .parts = 2000, .depth = 50, .findings = 112000 }

G_END_DECLS
