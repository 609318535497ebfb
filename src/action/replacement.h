/* action/replacement: what is written where something was: labels, removed addresses, tombstones. */
#pragma once
#include "content/rewrite.h"
#include "content/text.h"
#include "detect/kinds.h"

G_BEGIN_DECLS

/* The label for a finding of that kind, written as the place needs it (new string).  given: a value that no rule knows.
 * In an address header an address becomes a valid one, removed-ORDINAL@redacted.invalid (RFC 6761). */
char *ds_replacement_for_span (DsKind kind, gboolean given, DsQuoting quoting, guint ordinal);

/* What a tombstone tells. */
typedef struct
{
  const char *action_id;
  const char *extension;  /* of the file that was there, or NULL */
  const char *media_type;
  guint64 size;           /* decoded bytes */
  const char *time;       /* UTC */
  const char *role;       /* who, so that the requestor may read it: "the help desk" */
  const char *reason;     /* code */
  const char *case_reference; /* or NULL */
} DsTombstone;

/* The replacement of the part (free with ds_replacement_free). */
DsReplacement *ds_tombstone_write (const char *part, const DsTombstone *tombstone);
void ds_replacement_free (DsReplacement *replacement);

G_END_DECLS
