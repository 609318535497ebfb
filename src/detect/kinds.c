#include "config.h"
#include "detect/kinds.h"

static const struct
{
  const char *name;
  const char *title;
  DsMask mask;
  gboolean distinctive;
} kinds[] = {
#define X(code, name, title, mask, distinctive) { name, title, DS_MASK_##mask, distinctive },
  DS_KINDS (X)
#undef X
};

const char *
ds_kind_name (DsKind kind)
{
  return kinds[kind].name;
}

const char *
ds_kind_title (DsKind kind)
{
  return kinds[kind].title;
}

DsMask
ds_kind_mask (DsKind kind)
{
  return kinds[kind].mask;
}

gboolean
ds_kind_is_distinctive (DsKind kind)
{
  return kinds[kind].distinctive;
}

gboolean
ds_kind_from_name (const char *name, DsKind *kind_r)
{
  for (guint i = 0; i < DS_N_KINDS; i++)
    if (g_str_equal (kinds[i].name, name))
      {
        *kind_r = (DsKind) i;
        return TRUE;
      }
  return FALSE;
}
