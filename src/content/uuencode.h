/* content/uuencode: POSIX.1 uuencode, "Historical algorithm", as a transfer encoding and in the middle of plain text. */
#pragma once
#include "base/span-map.h"
#include <glib.h>

G_BEGIN_DECLS

/* A block in plain text. */
typedef struct
{
  DsSpan begin;    /* the line "begin 644 name" */
  DsSpan filename; /* in it */
  DsSpan data;
  DsSpan end;      /* the line "end"; empty at data.end where it is missing */
} DsUuBlock;

/* Whether a block begins at at, the start of a line: a begin line, plausible data lines and an end, or at least three
 * full lines.  Time is linear in the block, or constant where there is none. */
gboolean ds_uu_block_at (const char *raw, gsize at, gsize size, DsUuBlock *block);

/* Whether a begin line stands at at with what could be data below it, quoted or not, whatever became of the rest. */
gboolean ds_uu_may_begin_at (const char *raw, gsize at, gsize size);

/* Whether every line of raw that is not empty may be of a uuencoded file. */
gboolean ds_uu_is_whole (const char *raw, gsize size);

/* Decodes the data lines of raw; lines "begin" and "end" are passed over. */
GBytes *ds_uu_decode (const char *raw, gsize size);
/* data with the line length and ending of raw, whose frame lines are kept. */
GBytes *ds_uu_encode (const char *raw, gsize size, const char *eol, const guint8 *data, gsize data_size);

G_END_DECLS
