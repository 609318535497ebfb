/* content/scan-private: what the files of the scanner share. */
#pragma once
#include "content/tree-private.h"

G_BEGIN_DECLS

/* Where the present entity's content ends. */
typedef struct
{
  gsize content_end; /* start of the delimiter, with the line break that belongs to it */
  gsize line_end;    /* end of the delimiter line */
  int boundary;      /* its index in the stack; -1 at the end of the frame */
  gboolean closing;
} DsStop;

typedef struct
{
  const char *text; /* borrowed from its entity */
  gsize length;
  guint32 hash; /* of the text, so that a line is compared with few of many open boundaries */
} DsBoundary;

typedef struct
{
  DsTree *tree;
  DsFrame *frame;
  const char *data;
  gsize size;
  char eol;           /* '\n', or '\r' in a frame without a single '\n' */
  GArray *boundaries; /* of DsBoundary, outermost first */
  guint64 lengths;    /* a bit for each length modulo 64 of the boundaries opened so far */
  DsStop stop;
} DsScanner;

/* ---- scan.c: lines and delimiters ---- */

/* The end of the line at at, its line break included; never past limit. */
gsize ds_scan_line_end (const DsScanner *s, gsize at, gsize limit);
/* The line without its line break and trailing blanks. */
gsize ds_scan_trimmed_end (const DsScanner *s, gsize start, gsize end);
/* If the line [start, end) delimits an open multipart, sets s->stop and returns TRUE; from: where the content begins. */
gboolean ds_scan_stops_at (DsScanner *s, gsize from, gsize start, gsize end);

/* ---- scan-header.c ---- */

/* Scans the header block at start into a leaf; *body_r is its end.  TRUE if a delimiter cut it off (s->stop is set). */
gboolean ds_scan_header (DsScanner *s, DsPart *entity, gsize start, gsize *body_r);
/* Whether a header field begins at at; known: one that mail has, not just any "word:". */
gboolean ds_scan_is_field (const DsScanner *s, gsize at, gsize limit, gboolean known);

/* ---- scan-body.c ---- */

/* Whether the decoded body [start, end) begins as a message does. */
gboolean ds_scan_begins_message (DsScanner *s, const DsPart *entity, gsize start, gsize end);
/* The leaves of a body [start, end) that is neither multipart nor message. */
void ds_scan_leaf (DsScanner *s, DsPart *entity, gsize start, gsize end, const char *number);

G_END_DECLS
