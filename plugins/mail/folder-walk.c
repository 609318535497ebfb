#include "config.h"
#include "folder-walk.h"
#include "file.h"
#include "mail-store.h"
#include "place.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define DEEPEST 200 /* one descriptor a level: below the usual limit of 1024, and deeper than people nest */

typedef struct
{
  int fd;
  char *relative;
  GPtrArray *names;
  guint at;
  gboolean mail; /* cur/ or new/ of a Maildir */
} Level;

struct _DsWalk
{
  const DsSiteKey *key;
  int root;
  const char *root_path;
  GPtrArray *levels; /* of Level; the last is the one being read */
  DsWalkEntry *first;  /* a problem with the root itself */
};

static void
level_free (Level *level)
{
  close (level->fd);
  g_free (level->relative);
  g_ptr_array_unref (level->names);
  g_free (level);
}

void
ds_walk_entry_free (DsWalkEntry *entry)
{
  if (entry == NULL)
    return;
  g_free (entry->relative);
  g_clear_error (&entry->problem);
  g_free (entry);
}

static gboolean
has_folder (int folder, const char *name)
{
  struct stat status;
  return fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR (status.st_mode);
}

static gboolean
is_maildir_part (int parent, const char *name)
{
  return (g_str_equal (name, "cur") || g_str_equal (name, "new")) && has_folder (parent, "cur") && has_folder (parent, "new")
         && has_folder (parent, "tmp");
}

/* One mail a file, whatever it is called: MH names them 1, 2, 3, Cyrus "1.". */
static DsBlobKind
kind_of_file (int folder, const char *name)
{
  struct stat status;
  int fd = ds_place_open (folder, name, &status);
  if (fd < 0)
    return DS_BLOB_FILE;
  DsMailFormat format = ds_mail_file_format (fd, name);
  close (fd);
  return format == DS_MAIL_EML ? DS_BLOB_MAIL : DS_BLOB_FILE;
}

DsBlobKind
ds_walk_kind (int root, const char *relative)
{
  g_autofree char *folder = g_path_get_dirname (relative), *name = g_path_get_basename (relative);
  g_autofree char *part = g_path_get_basename (folder), *above = g_path_get_dirname (folder);
  int parent = ds_place_folder (root, above), own = ds_place_folder (root, folder);
  gboolean mail = parent >= 0 && is_maildir_part (parent, part);
  DsBlobKind kind = mail ? DS_BLOB_MAIL : own >= 0 ? kind_of_file (own, name) : DS_BLOB_FILE;
  if (parent >= 0)
    close (parent);
  if (own >= 0)
    close (own);
  return kind;
}

static DsWalkEntry *
entry_new (char *relative)
{
  DsWalkEntry *entry = g_new0 (DsWalkEntry, 1);
  entry->relative = relative;
  return entry;
}

/* text NULL: errno's. */
static DsWalkEntry *
problem_new (DsWalk *walk, char *relative, const char *text)
{
  int kept = errno;
  DsWalkEntry *entry = entry_new (relative);
  entry->kind = DS_BLOB_FILE;
  g_autofree char *message = ds_file_key (walk->key, relative);
  entry->problem = g_error_new (DS_ERROR, DS_ERROR_ITEM, "message %s: %s", message, text != NULL ? text : g_strerror (kept));
  return entry;
}

static DsWalkEntry *
folder_problem_new (DsWalk *walk, char *relative, const char *text)
{
  DsWalkEntry *entry = problem_new (walk, relative, text);
  entry->is_folder = TRUE;
  return entry;
}

static DsWalkEntry *
temporary_new (DsWalk *walk, char *relative)
{
  DsWalkEntry *entry = problem_new (walk, relative, "left by a change that was interrupted, or is going on");
  entry->problem->code = DS_ERROR_CHANGED;
  return entry;
}

/* Goes down into a folder; an entry if that can't be done. */
static DsWalkEntry *
descend (DsWalk *walk, int parent, const char *name, char *relative)
{
  if (walk->levels->len >= DEEPEST)
    return folder_problem_new (walk, relative, "folders nested too deeply");
  int fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  GPtrArray *names = fd >= 0 ? ds_place_names (fd) : NULL;
  if (names == NULL)
    {
      gboolean gone = errno == ENOENT;
      DsWalkEntry *entry = gone ? NULL : folder_problem_new (walk, relative, NULL);
      if (gone)
        g_free (relative);
      if (fd >= 0)
        close (fd);
      return entry;
    }
  Level *level = g_new0 (Level, 1);
  level->fd = fd;
  level->relative = relative;
  level->names = names;
  level->mail = walk->levels->len > 0 && is_maildir_part (parent, name);
  g_ptr_array_add (walk->levels, level);
  return NULL;
}

DsWalk *
ds_walk_new (const DsSiteKey *key, int root, const char *root_path, const char *only)
{
  DsWalk *walk = g_new0 (DsWalk, 1);
  walk->key = key;
  walk->root = root;
  walk->root_path = root_path;
  walk->levels = g_ptr_array_new_with_free_func ((GDestroyNotify) level_free);
  if (only == NULL)
    {
      walk->first = descend (walk, root, ".", g_strdup (""));
      return walk;
    }
  Level *level = g_new0 (Level, 1);
  level->fd = fcntl (root, F_DUPFD_CLOEXEC, 3);
  level->relative = g_strdup ("");
  level->names = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (level->names, g_strdup (only));
  g_ptr_array_add (walk->levels, level);
  return walk;
}

void
ds_walk_free (DsWalk *walk)
{
  if (walk == NULL)
    return;
  g_ptr_array_unref (walk->levels);
  ds_walk_entry_free (walk->first);
  g_free (walk);
}

/* One name of a folder: an entry, or NULL if there is nothing to show for it (or it was a folder, now entered). */
static DsWalkEntry *
look_at (DsWalk *walk, Level *level, const char *name)
{
  struct stat status;
  g_autofree char *relative = ds_place_join (level->relative, name);
  if (ds_file_is_temporary (name))
    return temporary_new (walk, g_steal_pointer (&relative));
  if (fstatat (level->fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? NULL : problem_new (walk, g_steal_pointer (&relative), NULL);
  if (S_ISDIR (status.st_mode))
    return descend (walk, level->fd, name, g_steal_pointer (&relative));
  if (S_ISLNK (status.st_mode) && ds_place_link_leads_out (walk->root_path, relative))
    return problem_new (walk, g_steal_pointer (&relative), "a symbolic link that leads elsewhere, not followed");
  if (!S_ISREG (status.st_mode))
    return NULL;
  if (faccessat (level->fd, name, R_OK, AT_EACCESS) != 0)
    return problem_new (walk, g_steal_pointer (&relative), NULL);
  DsWalkEntry *entry = entry_new (g_steal_pointer (&relative));
  entry->status = status;
  entry->kind = level->mail ? DS_BLOB_MAIL : kind_of_file (level->fd, name);
  return entry;
}

DsWalkEntry *
ds_walk_next (DsWalk *walk)
{
  if (walk->first != NULL)
    return g_steal_pointer (&walk->first);
  while (walk->levels->len > 0)
    {
      Level *level = g_ptr_array_index (walk->levels, walk->levels->len - 1);
      if (level->at == level->names->len)
        {
          g_ptr_array_set_size (walk->levels, (int) walk->levels->len - 1);
          continue;
        }
      DsWalkEntry *entry = look_at (walk, level, g_ptr_array_index (level->names, level->at++));
      if (entry != NULL)
        return entry;
    }
  return NULL;
}
