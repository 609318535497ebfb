#include "config.h"
#include "maildir-folders.h"
#include "place.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define DEEPEST 32 /* folders in folders; IMAP servers allow less */

static void
folder_free (DsMaildirFolder *folder)
{
  g_free (folder->relative);
  g_free (folder->queue);
  g_free (folder->prefix);
  g_free (folder);
}

/* One shifted piece, "AOQ" between "&" and "-": base64 of UTF-16BE without padding, "," for "/". */
static gboolean
append_shifted (GString *out, const char *text, gsize length)
{
  g_autoptr (GString) base64 = g_string_new_len (text, (gssize) length);
  g_strdelimit (base64->str, ",", '/');
  while (base64->len % 4 != 0)
    g_string_append_c (base64, '=');
  gsize size = 0;
  g_autofree guint8 *bytes = g_base64_decode (base64->str, &size);
  g_autofree char *utf8 = size > 0 && size % 2 == 0 ? g_convert ((const char *) bytes, (gssize) size, "UTF-8", "UTF-16BE", NULL, NULL, NULL) : NULL;
  if (utf8 == NULL || strlen (utf8) == 0)
    return FALSE;
  g_string_append (out, utf8);
  return TRUE;
}

char *
ds_maildir_folder_name (const char *name)
{
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
  g_autoptr (GString) out = g_string_new (NULL);
  for (const char *at = name; *at != '\0'; at++)
    {
      gsize length = *at == '&' ? strspn (at + 1, alphabet) : 0;
      if (*at != '&')
        g_string_append_c (out, *at);
      else if (at[length + 1] != '-' || (length > 0 && !append_shifted (out, at + 1, length)))
        return g_strdup (name);
      else if (length == 0)
        g_string_append_c (out, '&');
      at += *at == '&' ? length + 1 : 0;
    }
  return g_strdup (out->str);
}

/* ".Name.Sub" is Name/Sub; "A/.B" can't be both, so dots count in a leading-dot name only. */
static char *
queue_of (const char *relative)
{
  if (relative[0] == '\0')
    return NULL;
  g_autofree char *dotless = relative[0] == '.' ? g_strdelimit (g_strdup (relative + 1), ".", '/') : g_strdup (relative);
  return ds_maildir_folder_name (dotless);
}

static void
add_folder (GPtrArray *folders, const DsSiteKey *key, const char *relative, const char *problem)
{
  DsMaildirFolder *folder = g_new0 (DsMaildirFolder, 1);
  g_autofree char *digest = ds_site_key_digest (key, "path", relative, strlen (relative), 8);
  folder->relative = g_strdup (relative);
  folder->queue = queue_of (relative);
  folder->prefix = relative[0] == '\0' ? g_strdup ("") : g_strconcat (digest, "/", NULL);
  folder->problem = problem;
  g_ptr_array_add (folders, folder);
}

static gboolean
is_kind (int folder, const char *name, mode_t kind)
{
  struct stat status;
  return fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && (status.st_mode & S_IFMT) == kind;
}

/* Mail stands in cur and new; a mail server makes both, but one is enough. */
static gboolean
is_maildir (int folder)
{
  return is_kind (folder, "cur", S_IFDIR) || is_kind (folder, "new", S_IFDIR) || is_kind (folder, "cur", S_IFLNK) || is_kind (folder, "new", S_IFLNK);
}

static const char *
problem_of_links (int folder)
{
  gboolean links = is_kind (folder, "cur", S_IFLNK) || is_kind (folder, "new", S_IFLNK);
  return links ? "its cur or new is a symbolic link, not followed" : NULL;
}

/* A link to a folder beside cur may lead to somebody's mail. */
static gboolean
is_link_to_folder (int folder, const char *name)
{
  struct stat status;
  return is_kind (folder, name, S_IFLNK) && fstatat (folder, name, &status, 0) == 0 && S_ISDIR (status.st_mode);
}

static gboolean add_below (GPtrArray *folders, const DsSiteKey *key, int fd, const char *relative, guint depth);

/* Adds one folder and what is below it. */
static void
add_tree (GPtrArray *folders, const DsSiteKey *key, int parent, const char *name, const char *path, guint depth)
{
  int fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    {
      if (errno != ENOENT)
        add_folder (folders, key, path, "it may not be opened");
      return;
    }
  if (is_maildir (fd))
    add_folder (folders, key, path, problem_of_links (fd));
  if (depth == DEEPEST)
    add_folder (folders, key, path, "folders nested too deeply below it");
  else if (!add_below (folders, key, fd, path, depth + 1))
    add_folder (folders, key, path, "what is below it may not be listed");
  close (fd);
}

/* Adds what is below an open folder.  FALSE if it can't be read. */
static gboolean
add_below (GPtrArray *folders, const DsSiteKey *key, int fd, const char *relative, guint depth)
{
  static const char *const own[] = { "cur", "new", "tmp", NULL };
  g_autoptr (GPtrArray) names = ds_place_names (fd);
  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *path = ds_place_join (relative, name);
      if (g_strv_contains (own, name))
        continue;
      if (is_link_to_folder (fd, name))
        add_folder (folders, key, path, "a symbolic link, not followed");
      else if (is_kind (fd, name, S_IFDIR))
        add_tree (folders, key, fd, name, path, depth);
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
  add_folder (folders, key, "", problem_of_links (root));
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
