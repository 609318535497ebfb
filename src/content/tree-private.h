/* content/tree-private: what the scanner, the meaning of header fields and the tree share. */
#pragma once
#include "content/tree.h"

struct _DsTree
{
  DsLimits limits;
  DsFrame *frame;
  GPtrArray *frames;   /* all, owned */
  GPtrArray *leaves;   /* of DsPart, borrowed */
  GArray *problems;    /* of DsProblem */
  guint n_entities;
  guint64 header_bytes;
  gboolean header_cut;   /* the limit of header bytes struck: behind it is header that is read as text */
  guint64 frame_bytes; /* of all inner frames */
};

/* scan.c: tiles a frame as one message (or, below, as one entity). */
void ds_scan_message (DsTree *tree, DsFrame *frame, const char *number, guint depth);

/* meaning.c: reads media type, encoding, file name and so on out of an entity's header; default_type when it has none. */
/* Returns a reason, DS_REASON_..., why another program may understand the header differently, or NULL. */
const char *ds_meaning_of_entity (DsPart *entity, const char *default_type);
/* A leaf whose file name says that it is a message. */
gboolean ds_media_is_message_file (const DsPart *entity);

DsPart *ds_part_new (DsFrame *frame, DsPart *parent, DsPartRole role, gsize start, gsize end, const char *number);
void ds_part_read_also (DsPart *part, gsize start, gsize end, DsEncoding encoding);
/* message/rfc822 and its like: a header with a body. */
gboolean ds_media_type_is_message (const char *media_type);
/* By a file name's extension. */
const char *ds_media_type_of_file (const char *filename);
DsFrame *ds_frame_new (DsTree *tree, GBytes *bytes, DsPart *container);
