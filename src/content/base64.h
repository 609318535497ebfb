/* content/base64: RFC 2045, section 6.8, as it is found in mail: with footers, junk and wrong padding. */
#pragma once
#include "base/span-map.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gsize end;    /* behind it only a footer stands; the size where nothing is base64 */
  guint good;   /* lines of base64 */
  GArray *junk; /* of DsSpan: runs of lines before end that are no base64; NULL if there are none */
} DsBase64Lines;

void ds_base64_lines (const char *raw, gsize size, DsBase64Lines *lines);
void ds_base64_lines_clear (DsBase64Lines *lines);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DsBase64Lines, ds_base64_lines_clear)

/* Whether all of it is base64 in lines as a mail program breaks them: at least three, of 40 characters or more, equal but
 * for the last.  Ordinary text is dismissed at its first line. */
gboolean ds_base64_in_plain_sight (const char *raw, gsize size);

/* Whether three lines of base64 stand at the beginning of raw, a line's start, as a mail program breaks them: of 60 characters
 * or more, all equal.  Digests in hexadecimal are none.  Ordinary text is dismissed at its first blank. */
gboolean ds_base64_block_begins (const char *raw, gsize size);

/* Line breaks and junk are passed over, as mail programs do; *damaged is set where there was junk. */
GBytes *ds_base64_decode (const char *raw, gsize size, gboolean *damaged);

/* FALSE if something that is no base64 stands between the encoded characters, or a further run of them behind a padding: who
 * encodes that anew loses it, or lets mail programs read what they stopped before. */
gboolean ds_base64_is_one_run (const char *raw, gsize size);
/* TRUE if it ends with a padding, at which most mail programs stop. */
gboolean ds_base64_is_padded (const char *raw, gsize size);

/* data in base64 with the line length and line ending of raw; eol is for raw without any.  What stands before and behind
 * the encoded lines of raw is kept. */
GBytes *ds_base64_encode (const char *raw, gsize size, const char *eol, gconstpointer data, gsize data_size);

G_END_DECLS
