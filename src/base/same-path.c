#include "config.h"
#include "base/same-path.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static gboolean
is_same (const char *path, const struct stat *wanted)
{
  struct stat status;
  return stat (path, &status) == 0 && status.st_dev == wanted->st_dev && status.st_ino == wanted->st_ino;
}

gboolean
ds_path_is (const char *path, const char *other)
{
  struct stat wanted;
  if (stat (other, &wanted) == 0)
    return is_same (path, &wanted);
  g_autofree char *name = g_path_get_basename (path), *other_name = g_path_get_basename (other);
  g_autofree char *folder = g_path_get_dirname (path), *other_folder = g_path_get_dirname (other);
  return g_str_equal (name, other_name) && stat (other_folder, &wanted) == 0 && is_same (folder, &wanted);
}

/* Without links; of what does not exist yet, that of its folder. */
static char *
resolved (const char *path)
{
  char *real = realpath (path, NULL);
  if (real != NULL)
    return real;
  g_autofree char *folder = g_path_get_dirname (path);
  return realpath (folder, NULL);
}

gboolean
ds_path_within (const char *path, const char *folder)
{
  struct stat wanted;
  if (stat (folder, &wanted) != 0)
    return FALSE;
  if (is_same (path, &wanted))
    return TRUE;
  for (g_autofree char *at = resolved (path); at != NULL;)
    {
      if (is_same (at, &wanted))
        return TRUE;
      if (g_str_equal (at, "/"))
        return FALSE;
      char *parent = g_path_get_dirname (at);
      free (at);
      at = parent;
    }
  return FALSE;
}
