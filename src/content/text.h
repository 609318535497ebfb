/* content/text: one UTF-8 reading of a part, with a map from its offsets to the characters it was read from.
 *
 * A part's decoded bytes become UTF-8 once (charset.h); a reader (text-plain, html, json, ...) then makes one or several
 * texts of that.  Pieces that stand apart in the source (attributes, comments) are joined by DS_TEXT_SEPARATOR, a byte
 * that no rule matches, so that nothing matches across them. */
#pragma once
#include "base/span-map.h"
#include <glib.h>

G_BEGIN_DECLS

#define DS_TEXT_SEPARATOR '\x1f'

typedef enum
{
  DS_TEXT_VISIBLE,   /* what a reader sees */
  DS_TEXT_ATTRIBUTE, /* href, alt, title, value, ... of markup */
  DS_TEXT_COMMENT,   /* comments, scripts, styles */
  DS_TEXT_HEADER,    /* a header field's value; name says which */
  DS_TEXT_FILENAME,
  DS_TEXT_METADATA,  /* preambles, epilogues, malformed lines */
} DsTextKind;

/* How a label must be written where it goes. */
typedef enum
{
  DS_QUOTING_NONE,
  DS_QUOTING_NO_SPACE, /* an unquoted attribute: spaces become &#32; */
  DS_QUOTING_STRING,   /* a bare JSON number (all of it goes), a phrase: the label needs double quotes around it */
  DS_QUOTING_ADDRESS,     /* an address header: an address must be replaced by an address */
} DsQuoting;

typedef struct
{
  DsSpan span; /* in the text */
  DsQuoting quoting;
} DsQuotedSpan;

/* A stretch of header text that was encoded as a whole (RFC 2047 words, an RFC 2231 parameter): an edit encodes it again. */
typedef struct
{
  DsSpan span;      /* in the text */
  GArray *raw;      /* of DsSpan, in the frame: the first is replaced, the others go */
  char *parameter;  /* its name, or NULL for encoded words */
} DsEncodedRun;

typedef struct
{
  DsTextKind kind;
  char *name; /* of a header field, as written; else NULL */
  const char *utf8; /* valid UTF-8, may contain NUL; also NUL-terminated */
  char *owned;      /* the same, or NULL where another's bytes are shared */
  gsize size;
  DsSpanMap *map; /* text -> the part's UTF-8 (for a header: -> the blob's raw bytes) */
  GArray *quotings; /* of DsQuotedSpan, by start; NULL if none */
  gboolean flowed;  /* RFC 3676 format=flowed: a line that ends in a space goes on in the next */
  gboolean delsp;
  gboolean base64;  /* encoded files, one behind the other */
  gboolean structural; /* what holds a message together (Message-ID): no rule looks for anything there, and none of it can be edited */
  GArray *runs; /* header texts: of DsEncodedRun, by span; NULL if none */
} DsText;

/* Takes utf8 and map over. */
DsText *ds_text_new (DsTextKind kind, const char *name, char *utf8, gsize size, DsSpanMap *map);
void ds_text_free (DsText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsText, ds_text_free)

void ds_text_add_quoting (DsText *text, gsize start, gsize end, DsQuoting quoting);
/* Takes raw and parameter over. */
void ds_text_add_run (DsText *text, gsize start, gsize end, GArray *raw, char *parameter);
/* The span that start is in, or NULL; borrowed. */
const DsQuotedSpan *ds_text_quoted_at (const DsText *text, gsize start);
DsQuoting ds_text_quoting_at (const DsText *text, gsize start);
/* "visible", "attribute", "comment", "header:Subject", "filename", "metadata"; new string. */
char *ds_text_label (const DsText *text);

/* A reader makes texts of a part's UTF-8, which is NUL-terminated and outlives them; it appends DsText to texts (GPtrArray that frees them).  Input is hostile: time
 * and memory are linear in size, whatever it holds.  Input is never refused: what is malformed is read as a browser or the
 * usual consumer would, and nothing is left out of every text. */
typedef void (*DsReader) (const char *utf8, gsize size, GPtrArray *texts);

/* The reader for a media type ("text/html"), or by a file's extension when the type says nothing; never NULL for text
 * types (plain text is the default); NULL for what is no text. */
DsReader ds_reader_for (const char *media_type, const char *extension);

void ds_read_plain (const char *utf8, gsize size, GPtrArray *texts);    /* shares utf8: a large text is there once */
void ds_read_html (const char *utf8, gsize size, GPtrArray *texts);     /* content/html.c */
void ds_read_xml (const char *utf8, gsize size, GPtrArray *texts);      /* content/html.c */
void ds_read_json (const char *utf8, gsize size, GPtrArray *texts);     /* content/json.c */
void ds_read_calendar (const char *utf8, gsize size, GPtrArray *texts); /* content/calendar.c: iCalendar and vCard */

G_END_DECLS
