/* content/transfer: transfer encodings (RFC 2045, section 6; uuencode as in POSIX), decoded once and edited in place.
 *
 * Quoted-printable keeps a map, so that an edit changes only the touched bytes; base64 and uuencode are encoded again at
 * the line length and with the line ending that were found, and are exact in decoded bytes. */
#pragma once
#include "base/span-map.h"
#include "content/tree.h"

G_BEGIN_DECLS

typedef struct
{
  DsEncoding encoding;
  GBytes *bytes;     /* decoded */
  DsSpanMap *map;    /* decoded -> raw; NULL for base64 and uuencode */
  gboolean damaged;  /* something was no valid encoding; it was read as mail programs do */
} DsTransfer;

/* Never fails.  Identity shares raw, which must outlive the result. */
DsTransfer *ds_transfer_decode (DsEncoding encoding, const char *raw, gsize size);
void ds_transfer_free (DsTransfer *transfer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsTransfer, ds_transfer_free)

/* Turns edits of the decoded bytes (DsEdit, ascending) into edits of the raw bytes (the same raw that was decoded).  eol
 * is for new lines where raw has none: "\n", "\r\n" or "\r".  What is written is decoded once more: DS_ERROR_ITEM if that
 * does not give the edited bytes, and if base64 is not of one piece.  followed: something stands behind raw that a padding
 * keeps mail programs from reading as more of it; where an edit would take that away, the bytes get a line break more. */
GArray *ds_transfer_edits (const DsTransfer *transfer, const char *raw, gsize size, const char *eol, gboolean followed,
                           const GArray *edits, GError **error);

/* Sees to it that raw edits (DsEdit, ascending) make no line that begins with "From ", which an mbox reader would take
 * for the next message: "=46rom" in quoted-printable, else ">From".  start, end: the leaf's range in data, in which the
 * edits are; base64 and uuencode are let alone. */
void ds_transfer_guard_from (DsEncoding encoding, const char *data, gsize start, gsize end, GArray *edits);

G_END_DECLS
