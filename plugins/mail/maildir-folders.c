#include "config.h"
#include "maildir-folders.h"
#include "place.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define DEEPEST 32 /* of LAYOUT=fs; IMAP servers allow less */

static void
folder_free (DsMaildirFolder *folder)
{
  g_free (folder->relative);
  g_free (folder->queue);
  g_free (folder->prefix);
  g_free (folder);
}

/* ".Name.Sub" is Name/Sub; "A/.B" can't be both, so dots count in a leading-dot name only. */
static char *
queue_of (const char *relative)
{
  if (relative[0] == '\0')
    return NULL;
  if (relative[0] != '.')
    return g_strdup (relative);
  return g_strdelimit (g_strdup (relative + 1), ".", '/');
}

static void
add_folder (GPtrArray *folders, const DsSiteKey *key, const char *relative)
{
  DsMaildirFolder *folder = g_new0 (DsMaildirFolder, 1);
  g_autofree char *digest = ds_site_key_digest (key, "path", relative, strlen (relative), 8);
  folder->relative = g_strdup (relative);
  folder->queue = queue_of (relative);
  folder->prefix = relative[0] == '\0' ? g_strdup ("") : g_strconcat (digest, "/", NULL);
  g_ptr_array_add (folders, folder);
}

static gboolean
is_folder_name (const char *name, gboolean top)
{
  static const char *const own[] = { "cur", "new", "tmp", NULL };
  return !g_strv_contains (own, name) && (top || name[0] != '.');
}

static gboolean
is_maildir (int folder)
{
  struct stat status;
  return fstatat (folder, "cur", &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR (status.st_mode);
}

/* Adds what is below an open folder.  FALSE with errno set if it can't be read. */
static gboolean
add_below (GPtrArray *folders, const DsSiteKey *key, int fd, const char *relative, guint depth)
{
  g_autoptr (GPtrArray) names = ds_place_names (fd);
  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      struct stat status;
      if (!is_folder_name (name, depth == 0) || fstatat (fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0
          || !S_ISDIR (status.st_mode))
        continue;
      g_autofree char *path = ds_place_join (relative, name);
      int below = openat (fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (below < 0 ? errno != ENOENT : is_maildir (below))
        add_folder (folders, key, path); /* also one that may not be opened */
      if (below >= 0 && name[0] != '.' && depth < DEEPEST && !add_below (folders, key, below, path, depth + 1)
          && !is_maildir (below))
        add_folder (folders, key, path);
      if (below >= 0)
        close (below);
    }
  return names != NULL;
}

static int
compare_folders (gconstpointer a, gconstpointer b)
{
  const DsMaildirFolder *left = *(DsMaildirFolder *const *) a, *right = *(DsMaildirFolder *const *) b;
  int order = g_strcmp0 (left->queue, right->queue); /* NULL, the inbox, is first */
  return order != 0 ? order : strcmp (left->relative, right->relative);
}

GPtrArray *
ds_maildir_folders (int root, const DsSiteKey *key)
{
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func ((GDestroyNotify) folder_free);
  add_folder (folders, key, "");
  if (!add_below (folders, key, root, "", 0))
    return NULL;
  g_ptr_array_sort (folders, compare_folders);
  return g_steal_pointer (&folders);
}

const DsMaildirFolder *
ds_maildir_folder_of (GPtrArray *folders, const char *message)
{
  const char *slash = strchr (message, '/');
  gsize length = slash != NULL ? (gsize) (slash - message) + 1 : 0;
  for (guint i = 0; i < folders->len; i++)
    {
      const DsMaildirFolder *folder = g_ptr_array_index (folders, i);
      if (strlen (folder->prefix) == length && strncmp (folder->prefix, message, length) == 0)
        return folder;
    }
  return NULL;
}
