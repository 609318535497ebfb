/* base/flat: numbers and texts one after the other in a block of bytes, for a socket between our processes or a scratch file.
 *
 * It has no types and no version: writer and reader are of one program and agree on the order.  A number takes as many
 * bytes as it needs, seven bits in each (LEB128, DWARF 5, 7.6); a text is its length + 1, its bytes and a NUL; 0 is no text.
 *
 * A reader believes nothing: what runs over the end, or is no such number or text, makes it bad, and from then on it gives
 * 0 and NULL.  So it is enough to ask once, at the end. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define DS_FLAT_MOST_BYTES 10 /* of a number */
void ds_flat_put_number (GByteArray *flat, guint64 number);
/* Writes the number into bytes, which have room for it; how many it takes. */
guint ds_flat_write_number (guint8 *bytes, guint64 number);
/* text: NUL-terminated, or NULL. */
void ds_flat_put_text (GByteArray *flat, const char *text);

typedef struct
{
  const guint8 *at, *end;
  gboolean bad;
} DsFlatReader;

/* bytes are borrowed, and must live as long as the texts that are read. */
DsFlatReader ds_flat_reader (GBytes *bytes);
guint64 ds_flat_number (DsFlatReader *reader);
/* A number of at most most; a larger one is bad. */
guint64 ds_flat_number_to (DsFlatReader *reader, guint64 most);
/* How many things follow that take at least a byte each: more than can follow is bad. */
gsize ds_flat_count (DsFlatReader *reader);
/* The text, borrowed from the bytes; NULL if there is none.  Not checked for UTF-8. */
const char *ds_flat_text (DsFlatReader *reader);
/* As before, but a missing text is bad. */
const char *ds_flat_some_text (DsFlatReader *reader);
/* TRUE if all was read, and nothing was bad. */
gboolean ds_flat_is_done (const DsFlatReader *reader);

G_END_DECLS
