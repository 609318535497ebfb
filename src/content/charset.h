/* content/charset: bytes in any charset -> UTF-8 with a map, and edits spliced back into those bytes.
 *
 * Never converts a whole text back: only the edited spans change, and in stateful charsets (ISO-2022-*, UTF-7, HZ) the
 * shift state that the rest relies on is restored. */
#pragma once
#include "base/span-map.h"
#include <glib.h>

G_BEGIN_DECLS

/* A replacement of span by bytes (labels: ASCII). */
typedef struct
{
  DsSpan span;
  char *replacement; /* owned; NUL-terminated as well */
  gsize size;
} DsEdit;

/* edits: GArray of DsEdit made by this; frees the replacements.  They are kept sorted by the callers' duty: ascending,
 * not overlapping. */
GArray *ds_edits_new (void);
void ds_edits_add (GArray *edits, gsize start, gsize end, const char *replacement);
void ds_edits_add_bytes (GArray *edits, gsize start, gsize end, const char *replacement, gsize size);
/* The bytes with each edit's span replaced. */
GBytes *ds_edits_apply (const GArray *edits, const char *bytes, gsize size);

/* Loads all converters from disk, before a worker's cage closes. */
void ds_charset_preload (void);

typedef struct
{
  char *name; /* the charset that was used */
  char *utf8; /* valid UTF-8, may contain NUL; also NUL-terminated */
  gsize size;
  DsSpanMap *map;   /* utf8 -> bytes; an identity where utf8 is the bytes as they are */
  guint invalid;    /* byte sequences that are no characters: each is U+FFFD in utf8 */
  gboolean unknown; /* no converter for the declared name: read as windows-1252 instead */
  gboolean declared; /* a charset was named, known or not */
  gboolean guessed; /* the declared name was missing or plainly wrong; not set for plain ASCII without a declaration */
} DsDecoded;

/* declared may be NULL, quoted, misspelt, or in error: a byte order mark counts for more, and so do bytes that are all
 * UTF-8 or plainly UTF-16.  html: look for a <meta charset> or an XML declaration when nothing is declared.  A byte order
 * mark is not part of utf8, nor are escape sequences.  Time is linear in size; memory is too, at most 16 bytes of map a
 * character (text of one script costs little more than itself).  Never fails. */
DsDecoded *ds_charset_decode (const char *declared, gboolean html, const char *bytes, gsize size);
void ds_decoded_free (DsDecoded *decoded);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsDecoded, ds_decoded_free)

/* Turns edits, whose spans are in decoded->utf8, into edits of bytes (the same bytes that were decoded), ascending.  A
 * replacement that the charset cannot write is DS_ERROR_ITEM. */
GArray *ds_charset_edits (const DsDecoded *decoded, const char *bytes, gsize size, const GArray *edits, GError **error);

/* Splices edits, whose spans are in decoded->utf8, into bytes (the same bytes that were decoded).  Everything from an
 * edit's first byte to its last goes; all other bytes stay, but for what is left of a base64 run of UTF-7 that an edit
 * touches.  A replacement that the charset cannot write is DS_ERROR_ITEM: ASCII can always be written, other characters
 * in Unicode and single-byte charsets. */
GBytes *ds_charset_splice (const DsDecoded *decoded, const char *bytes, gsize size, const GArray *edits, GError **error);

G_END_DECLS
