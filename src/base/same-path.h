/* base/same-path: whether two paths are one place on disk, whatever they are called: links, "..", bind mounts. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* TRUE if both exist and are one file or folder, or neither need exist but both have one name in one folder. */
gboolean ds_path_is (const char *path, const char *other);
/* TRUE if path is folder (or that file), or lies below it.  path need not exist; its folder does. */
gboolean ds_path_within (const char *path, const char *folder);

G_END_DECLS
