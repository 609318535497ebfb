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

/* Line breaks and junk are passed over, as mail programs do; *damaged is set where there was junk. */
GBytes *ds_base64_decode (const char *raw, gsize size, gboolean *damaged);

/* data in base64 with the line length and line ending of raw; eol is for raw without any.  What stands before and behind
 * the encoded lines of raw is kept. */
GBytes *ds_base64_encode (const char *raw, gsize size, const char *eol, gconstpointer data, gsize data_size);

G_END_DECLS
