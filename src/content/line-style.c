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
  const char *end = memchr (start, '\n', style.length);
  if (end == NULL)
    end = memchr (start, '\r', style.length);
  if (end == NULL)
    return style;
  style.broken = TRUE;
  style.eol = *end == '\r' ? "\r" : end > start && end[-1] == '\r' ? "\r\n" : "\n";
  style.length = (gsize) (end - start) - (strlen (style.eol) - 1);
  return style;
}
