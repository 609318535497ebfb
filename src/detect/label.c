#include "config.h"
#include "detect/label.h"
#include <string.h>

char *
ds_label_for_kind (DsKind kind)
{
  return g_strdup_printf ("[%s removed]", ds_kind_name (kind));
}

static gsize
label_of (const char *text, gsize size, const char *name)
{
  static const char tail[] = "removed]";
  gsize length = strlen (name);
  if (text[1] != name[0] || size < 1 + length + 1 + strlen (tail) || memcmp (text + 1, name, length) != 0)
    return 0;
  if (text[1 + length] != ' ' && text[1 + length] != '-')
    return 0;
  return memcmp (text + 2 + length, tail, strlen (tail)) == 0 ? 2 + length + strlen (tail) : 0;
}

gsize
ds_label_length (const char *text, gsize size)
{
  if (size < 2 || !g_ascii_islower (text[1])) /* mostly; and a text may be full of brackets */
    return 0;
  for (guint kind = 0; kind < DS_N_KINDS; kind++)
    {
      gsize length = label_of (text, size, ds_kind_name ((DsKind) kind));
      if (length > 0)
        return length;
    }
  return label_of (text, size, "value");
}
