/* content/encoded-word: RFC 2047. */
#pragma once
#include "base/span-map.h"
#include <glib.h>

G_BEGIN_DECLS

/* The next run of encoded words ("=?charset?Q?text?=") in raw[at, size): one word with all that follow, parted by blanks
 * only, decoded as one string (new, UTF-8, without NULs; a character may be split between words).  Sets *start_r and
 * *end_r.  NULL if there is none.  Going through raw with it takes linear time. */
char *ds_encoded_words_next (const char *raw, gsize at, gsize size, gsize *start_r, gsize *end_r);

/* Text as it is where it is printable ASCII, and for a phrase (the name in an address) of atoms; else as UTF-8 encoded
 * words of at most 75 characters, with eol and a blank between them. */
char *ds_encoded_words_encode (const char *utf8, gboolean phrase, const char *eol);

G_END_DECLS
