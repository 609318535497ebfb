#include "config.h"
#include "content/line-style.h"
#include <string.h>

DsLineStyle
ds_line_style (const char *raw, gsize size, gsize from, const char *eol)
{
  DsLineStyle style = { eol, size > from ? size - from : 0, FALSE };
  if (style.length == 0)
    return style;
  const char *start = raw + from;
  /* A stray CR in text whose lines end otherwise is no line break. */
  gboolean lone_cr = g_str_equal (eol, "\r");
  const char *end = memchr (start, lone_cr ? '\r' : '\n', style.length);
  if (end == NULL)
    return style;
  style.broken = TRUE;
  if (!lone_cr)
    style.eol = end > start && end[-1] == '\r' ? "\r\n" : "\n";
  style.length = (gsize) (end - start) - (strlen (style.eol) - 1);
  return style;
}
