/* content/sniff: what bytes look like, whatever their media type says. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Text has hardly any control characters but blanks and line breaks, or begins with the byte order mark of UTF-16; PDF,
 * RTF and PostScript look like text and are none.  Looks at the first 8 KiB. */
gboolean ds_sniff_is_text (const char *data, gsize size);
/* Whether it begins as one of the file formats that are sent as attachments. */
gboolean ds_sniff_is_known_file (const char *data, gsize size);

G_END_DECLS
