/* content/tree: a blob as a tree of parts whose leaves tile it: every byte belongs to exactly one leaf.
 *
 * The scanner is ours and finds header blocks and boundaries (RFC 5322, RFC 2046); what header fields mean is asked of
 * GMime.  An encoded message/rfc822 (base64, quoted-printable) is a frame of its own: decoded bytes with their own tiles.
 * Numbers: "0" is the message itself (its header), "1", "1.2" its parts; the message inside part "2" is "2.0", its parts
 * "2.1", "2.2".  A uuencoded file in the plain text "1" is "1.1": an entity whose header leaf is the "begin" line, whose
 * gap leaf the "end" line; the text around it is several body leaves of one number. */
#pragma once
#include "content/limits.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct _DsTree DsTree;
typedef struct _DsFrame DsFrame;
typedef struct _DsPart DsPart;

typedef enum
{
  DS_PART_ENTITY,    /* a MIME entity or a message: children are its header and what follows */
  DS_PART_HEADER,    /* leaf: the header block with its empty line */
  DS_PART_BODY,      /* leaf: the content of an entity, in its transfer encoding */
  DS_PART_PREAMBLE,  /* leaf: before the first delimiter */
  DS_PART_EPILOGUE,  /* leaf: after the last */
  DS_PART_DELIMITER, /* leaf: a boundary line with the line break before it */
  DS_PART_GAP,       /* leaf: what belongs to nothing: text after an encoded body */
} DsPartRole;

typedef enum
{
  DS_ENCODING_IDENTITY, /* 7bit, 8bit, binary, none, unknown */
  DS_ENCODING_QUOTED_PRINTABLE,
  DS_ENCODING_BASE64,
  DS_ENCODING_UUENCODE,
} DsEncoding;

/* One header field: offsets in the frame. */
typedef struct
{
  gsize start, end;       /* the whole field with its line break(s) */
  gsize name_end;         /* name is [start, name_end); start == name_end for a malformed line or a leading "From " */
  gsize value, value_end; /* after the colon, without the last line break */
} DsField;

/* Bytes that are read in another way, too: found, but never edited. */
typedef struct
{
  gsize start, end; /* in the frame */
  DsEncoding encoding;
} DsOtherReading;

struct _DsPart
{
  DsPartRole role;
  DsFrame *frame;
  DsPart *parent;
  GPtrArray *children; /* of DsPart; an entity's */
  gsize start, end;    /* in the frame */
  char *number;
  guint index; /* of a leaf: its place among all leaves of the tree */
  /* of an entity */
  char *media_type; /* lower case; never NULL */
  char *charset;
  char *boundary;
  char *filename; /* decoded, UTF-8; NULL if none */
  DsEncoding encoding;
  gboolean attachment; /* Content-Disposition: attachment, or it has a file name and is not the message's own text */
  gboolean flowed, delsp;
  gboolean is_message;   /* root of a message: its header is the message's */
  gboolean holds_message; /* its file name and its first line are a message's, whatever its type */
  gboolean is_tombstone; /* exactly what this program writes in place of a file */
  gboolean has_type;     /* it has a Content-Type field */
  gboolean unknown_encoding; /* its Content-Transfer-Encoding is none that is known: read as it is */
  /* of a header leaf */
  GArray *fields; /* of DsField */
  gsize name_start, name_end; /* the file name in the "begin" line of a uuencoded file; empty otherwise */
  /* of a body leaf */
  DsFrame *inner;        /* of an encoded message */
  GArray *other;         /* of DsOtherReading; NULL if none */
};

/* Bytes in which parts have their ranges. */
struct _DsFrame
{
  GBytes *bytes;
  const char *data;
  gsize size;
  const char *eol; /* of its first line: "\r\n", "\n" or "\r" */
  DsPart *root;
  DsPart *container; /* the body leaf whose decoded content this is; NULL for the blob itself */
};

/* Something that could not be looked at. */
typedef struct
{
  char *part;
  const char *reason; /* one of DS_REASON_... */
} DsProblem;

/* First and last line of a tombstone's text: where one stands in the middle of a plain text, it is the entity that the
 * file before it was. */
#define DS_TOMBSTONE_FIRST "[An attachment was removed here.]"
#define DS_TOMBSTONE_LAST "Record: "

#define DS_REASON_ENCRYPTED "encrypted"
#define DS_REASON_OPAQUE "no reader for this type"
#define DS_REASON_CHARSET "unknown charset"
#define DS_REASON_DAMAGED_TEXT "bytes that are no characters"
#define DS_REASON_DAMAGED_ENCODING "damaged transfer encoding"
#define DS_REASON_UNKNOWN_ENCODING "unknown transfer encoding"
#define DS_REASON_STRUCTURE "broken structure"
#define DS_REASON_DISAGREE "structure can be read in two ways"
#define DS_REASON_PARTS "limit: parts"
#define DS_REASON_DEPTH "limit: depth"
#define DS_REASON_HEADERS "limit: header bytes"
#define DS_REASON_SIZE "limit: blob bytes"
#define DS_REASON_TEXT "limit: text bytes"
#define DS_REASON_FINDINGS "limit: findings"
#define DS_REASON_MATCH "limit: match effort"
#define DS_REASON_IMAGE "image: no text recognition"
#define DS_REASON_CRASHED "parser crashed"
#define DS_REASON_TIME "limit: time"
#define DS_REASON_UNREADABLE "cannot be read"
#define DS_REASON_CHANGED "changed while it was looked at"
#define DS_REASON_INTERRUPTED "a change of it was interrupted"

/* Opens a mail.  Never fails: what cannot be understood becomes a body of plain text with a problem.  bytes is kept. */
DsTree *ds_tree_open_mail (GBytes *bytes, const DsLimits *limits);
/* Opens a file: an entity "0" without header whose body is "1".  filename and media_type may be NULL. */
DsTree *ds_tree_open_file (GBytes *bytes, const char *filename, const char *media_type, const DsLimits *limits);
void ds_tree_free (DsTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsTree, ds_tree_free)

DsFrame *ds_tree_frame (DsTree *tree);
/* All leaves in order; the leaves of an inner frame follow its container.  GPtrArray of DsPart, borrowed. */
GPtrArray *ds_tree_leaves (DsTree *tree);
/* GArray of DsProblem, borrowed. */
GArray *ds_tree_problems (DsTree *tree);
void ds_tree_add_problem (DsTree *tree, const DsPart *part, const char *reason);

/* The entity of a number; a body's number finds the entity that holds it.  NULL if there is none. */
DsPart *ds_tree_find (DsTree *tree, const char *number);

/* The first field of that name (any case) in an entity's header, or NULL. */
const DsField *ds_part_field (const DsPart *entity, const char *name);
/* A field's name and its raw value unfolded (new strings). */
char *ds_field_name (const DsFrame *frame, const DsField *field);
char *ds_field_value (const DsFrame *frame, const DsField *field);

/* "pdf" of a file name, if it is a usual extension; else NULL: the end of a name could be a person's.  New string. */
char *ds_extension (const char *filename);

/* The entity a leaf belongs to. */
DsPart *ds_part_entity (DsPart *part);
/* The part's own line break, or else its frame's. */
const char *ds_part_eol (const DsPart *part);
/* TRUE if text that belongs to nothing (DS_PART_GAP) stands right behind the leaf, such as a mailing list's footer. */
gboolean ds_part_is_followed (const DsPart *leaf);

G_END_DECLS
