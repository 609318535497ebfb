/* content/quoted-printable: RFC 2045, section 6.7, decoded with a map and edited in place. */
#pragma once
#include "content/charset.h"

G_BEGIN_DECLS

/* *map_r: decoded -> raw.  *damaged is set where a '=' introduces nothing; it is kept as it is. */
GBytes *ds_qp_decode (const char *raw, gsize size, DsSpanMap **map_r, gboolean *damaged);

/* Edits of the decoded bytes (ascending; an empty span is an insertion) as edits of raw: only the hull of each changes.  No line gets longer than 76
 * characters that was not so before; eol is for soft line breaks. */
GArray *ds_qp_edits (const DsSpanMap *map, const char *raw, gsize size, const char *eol, const GArray *edits);

G_END_DECLS
