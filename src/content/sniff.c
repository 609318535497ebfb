#include "config.h"
#include "content/sniff.h"
#include <string.h>

/* How much of an unknown content is looked at. */
#define SNIFF_BYTES 8192

static gboolean
has_prefix (const char *data, gsize size, const char *prefix, gsize length)
{
  return size >= length && memcmp (data, prefix, length) == 0;
}

gboolean
ds_sniff_is_text (const char *data, gsize size)
{
  if (has_prefix (data, size, "\xff\xfe", 2) || has_prefix (data, size, "\xfe\xff", 2))
    return TRUE;
  if (has_prefix (data, size, "%PDF-", 5) || has_prefix (data, size, "{\\rtf", 5) || has_prefix (data, size, "%!PS", 4))
    return FALSE;
  gsize controls = 0, n = MIN (size, SNIFF_BYTES);
  for (gsize i = 0; i < n; i++)
    {
      guchar c = (guchar) data[i];
      if (c == 0)
        return FALSE;
      if ((c < 32 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 27) || c == 127)
        controls++;
    }
  return controls * 50 <= n;
}

gboolean
ds_sniff_is_known_file (const char *data, gsize size)
{
  static const struct
  {
    const char *magic;
    gsize length;
  } files[] = {
    { "%PDF-", 5 }, { "\x89PNG", 4 }, { "\xff\xd8\xff", 3 }, { "GIF8", 4 }, { "PK\x03\x04", 4 }, { "{\\rtf", 5 },
    { "\xd0\xcf\x11\xe0", 4 }, { "\x1f\x8b", 2 }, { "II*", 4 }, { "MM\0*", 4 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    if (has_prefix (data, size, files[i].magic, files[i].length))
      return TRUE;
  return FALSE;
}
