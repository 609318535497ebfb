/* detect/rejoin: values that the end of a line parts.
 *
 * A line ends behind a mark of a value ("192.0.2." "17", "123-45-" "6789"), at one of its blanks ("AB 12" "34 56 C"), or in its midst.
 * Where that may be, the end of the line and the beginning of the next are written once more as one: with nothing between them, and,
 * where no mark stands there, with a blank.  Rules look at these too (detect/matcher.h); there they need a word of context.
 *
 * It may be where what stands on both sides looks like a part of a value: there are digits, or an address, and no word.  Where no
 * letter stands near, there is no word of context either, and nothing is written. */
#pragma once
#include "base/span-map.h"
#include <glib.h>

G_BEGIN_DECLS

#define DS_REJOIN_SEPARATOR '\x1f' /* before and behind each joined line */

typedef struct _DsRejoiner DsRejoiner;

/* text: folded (detect/fold.h); it outlives the result. */
DsRejoiner *ds_rejoiner_new (const char *text, gsize size);
void ds_rejoiner_free (DsRejoiner *rejoiner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsRejoiner, ds_rejoiner_free)

/* The next joined lines, some 64 KiB of them, with DS_REJOIN_SEPARATOR between them; borrowed until the next call.  NULL: no more.
 * In all they have at most some two times the text's bytes: in a table of numbers not all are written. */
const GString *ds_rejoiner_next (DsRejoiner *rejoiner);
/* Where in the text stands what begins at start of those and ends at end.  FALSE if the line's end is not within. */
gboolean ds_rejoiner_locate (const DsRejoiner *rejoiner, gsize start, gsize end, DsSpan *place_r);

G_END_DECLS
