/* content/line-style: how the lines of encoded text are broken, so that new ones look alike. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const char *eol; /* "\r\n", "\n" or "\r" */
  gsize length;    /* of the first line, without its break */
  gboolean broken; /* there is a line break at all */
} DsLineStyle;

/* The first line of raw[from, size); eol is for where there is no line break, and only where it is "\r" does a lone CR
 * end a line. */
DsLineStyle ds_line_style (const char *raw, gsize size, gsize from, const char *eol);

G_END_DECLS
