#include "config.h"
#include "mbox-late.h"
#include "mbox-lock.h"
#include "mbox-rewrite.h"
#include "place.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Late mail is somebody's only copy: it is worth a longer wait than --wait 0. */
#define LOCK_SECONDS 60
#define PIECE (64u << 10)

/* An old file, as its name tells of it. */
typedef struct
{
  char *name;
  guint64 size;
  gboolean begun; /* at and inode are set */
  guint64 at, inode;
} Old;

static void
old_clear (Old *old)
{
  g_clear_pointer (&old->name, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Old, old_clear)

char *
ds_mbox_late_name (const char *name, const char *action, guint64 size)
{
  return g_strdup_printf ("%s.deskshred.%s.old.%" G_GUINT64_FORMAT, name, action, size);
}

static gboolean
parse (const char *found, const char *name, const char *action, Old *old_r)
{
  g_autofree char *start = g_strdup_printf ("%s.deskshred.%s.old.", name, action);
  if (!g_str_has_prefix (found, start))
    return FALSE;
  int end = -1;
  const char *figures = found + strlen (start);
  int n = sscanf (figures, "%" G_GUINT64_FORMAT ".at.%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT "%n", &old_r->size, &old_r->at,
                  &old_r->inode, &end);
  old_r->begun = n == 3 && figures[end] == '\0';
  return old_r->begun || (n == 1 && strspn (figures, "0123456789") == strlen (figures));
}

static gboolean
find_old (DsMbox *mbox, const char *action, Old *old_r)
{
  g_autoptr (GPtrArray) names = ds_place_names (mbox->folder);
  for (guint i = 0; names != NULL && i < names->len; i++)
    if (parse (g_ptr_array_index (names, i), mbox->name, action, old_r))
      {
        old_r->name = g_strdup (g_ptr_array_index (names, i));
        return TRUE;
      }
  return FALSE;
}

gboolean
ds_mbox_late_is_left (DsMbox *mbox, const char *action)
{
  g_auto (Old) old = { 0 };
  return find_old (mbox, action, &old);
}

static gboolean
set_late_error (DsMbox *mbox, GError **error)
{
  g_set_error (error, DS_ERROR, DS_ERROR_STORE, "%s: mail that was delivered during the change is not carried over yet: %s", mbox->path,
               g_strerror (errno));
  return FALSE;
}

/* The last step: what stood in it stands in the mbox. */
static gboolean
forget (DsMbox *mbox, const Old *old, GError **error)
{
  gboolean good = old->name == NULL || unlinkat (mbox->folder, old->name, 0) == 0 || errno == ENOENT;
  return (good && fsync (mbox->folder) == 0) || set_late_error (mbox, error);
}

/* ---- under the locks ---- */

/* The place in the mbox, behind all that is there, is named before it is made. */
static gboolean
name_place (DsMbox *mbox, Old *old, const struct stat *status)
{
  g_autofree char *first = old->begun ? g_strndup (old->name, (gsize) (g_strrstr (old->name, ".at.") - old->name)) : g_strdup (old->name);
  char *name = old->name == NULL ? NULL
                                 : g_strdup_printf ("%s.at.%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT, first, (guint64) status->st_size,
                                                    (guint64) status->st_ino);
  if (name != NULL && (renameat (mbox->folder, old->name, mbox->folder, name) != 0 || fsync (mbox->folder) != 0))
    {
      g_free (name);
      return FALSE;
    }
  g_free (old->name);
  old->name = name;
  old->begun = TRUE;
  old->at = (guint64) status->st_size;
  old->inode = (guint64) status->st_ino;
  return TRUE;
}

static gboolean
fill_place (int from, const Old *old, guint64 late, int fd)
{
  return lseek (fd, (off_t) old->at, SEEK_SET) >= 0 && ds_mbox_copy_range (from, old->size, late, fd) && fsync (fd) == 0;
}

static gboolean
append (DsMbox *mbox, int from, Old *old, guint64 late, int fd, GError **error)
{
  struct stat status;
  if (fstat (fd, &status) != 0 || !name_place (mbox, old, &status) || ftruncate (fd, (off_t) (old->at + late)) != 0)
    return set_late_error (mbox, error);
  if (fill_place (from, old, late, fd))
    return forget (mbox, old, error);
  set_late_error (mbox, error);
  /* Nobody can have appended behind it: the locks are ours. */
  if (ftruncate (fd, (off_t) old->at) == 0)
    fsync (fd);
  return FALSE;
}

/* TRUE if the place was made: then nothing but NUL and the late mail itself can stand there.  What another deliverer
 * appended instead differs from both. */
static gboolean
place_is_made (int from, const Old *old, guint64 late, int fd)
{
  g_autofree char *wanted = g_malloc (PIECE), *there = g_malloc (PIECE);
  for (guint64 done = 0; done < late; done += MIN (late - done, PIECE))
    {
      gsize piece = (gsize) MIN (late - done, PIECE);
      if (pread (from, wanted, piece, (off_t) (old->size + done)) != (ssize_t) piece
          || pread (fd, there, piece, (off_t) (old->at + done)) != (ssize_t) piece)
        return FALSE;
      for (gsize i = 0; i < piece; i++)
        if (there[i] != wanted[i] && there[i] != '\0')
          return FALSE;
    }
  return TRUE;
}

/* TRUE if the late mail stands anywhere in the mbox: another program rewrote that since. */
static gboolean
holds (int from, const Old *old, guint64 late, int fd, guint64 size)
{
  char *whole = size >= late ? mmap (NULL, (gsize) size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
  char *wanted = mmap (NULL, (gsize) (old->size + late), PROT_READ, MAP_SHARED, from, 0);
  gboolean found = whole != MAP_FAILED && wanted != MAP_FAILED
                   && memmem (whole, (gsize) size, wanted + old->size, (gsize) late) != NULL;
  if (whole != MAP_FAILED)
    munmap (whole, (gsize) size);
  if (wanted != MAP_FAILED)
    munmap (wanted, (gsize) (old->size + late));
  return found;
}

/* A run was killed after it had named the place. */
static gboolean
resume (DsMbox *mbox, int from, Old *old, guint64 late, int fd, GError **error)
{
  struct stat status;
  if (fstat (fd, &status) != 0)
    return set_late_error (mbox, error);
  gboolean same = (guint64) status.st_ino == old->inode;
  if (!same && holds (from, old, late, fd, (guint64) status.st_size))
    return forget (mbox, old, error);
  if (!same || !place_is_made (from, old, late, fd))
    return append (mbox, from, old, late, fd, error);
  return fill_place (from, old, late, fd) ? forget (mbox, old, error) : set_late_error (mbox, error);
}

/* ---- the whole ---- */

static gboolean
same_file (int a, int b)
{
  struct stat left, right;
  return fstat (a, &left) == 0 && fstat (b, &right) == 0 && left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

static gboolean
carry (DsMbox *mbox, int from, Old *old, GError **error)
{
  struct stat status;
  ds_mbox_wait_for_writers (from);
  if (fstat (from, &status) != 0)
    return set_late_error (mbox, error);
  guint64 late = (guint64) status.st_size > old->size ? (guint64) status.st_size - old->size : 0;
  if (late == 0)
    return forget (mbox, old, error);
  g_autoptr (DsMboxLock) lock = ds_mbox_lock_new (mbox->folder, mbox->name, mbox->path, MAX (mbox->wait_seconds, LOCK_SECONDS), error);
  if (lock == NULL)
    return FALSE;
  int fd = ds_mbox_lock_descriptor (lock);
  if (same_file (from, fd)) /* it is the mbox: a crash came before the new file's name was durable */
    return forget (mbox, old, error);
  return (old->begun ? resume : append) (mbox, from, old, late, fd, error);
}

gboolean
ds_mbox_late_carry (DsMbox *mbox, const char *action, int from, guint64 size, GError **error)
{
  g_auto (Old) old = { .name = ds_mbox_late_name (mbox->name, action, size), .size = size };
  /* File systems without hard links: it has no name. */
  if (faccessat (mbox->folder, old.name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
    g_clear_pointer (&old.name, g_free);
  return carry (mbox, from, &old, error);
}

gboolean
ds_mbox_late_settle (DsMbox *mbox, const char *action, gboolean in_place, GError **error)
{
  g_auto (Old) old = { 0 };
  struct stat status;
  if (!find_old (mbox, action, &old))
    return TRUE;
  if (!in_place)
    return forget (mbox, &old, error);
  int from = ds_place_open (mbox->folder, old.name, &status);
  if (from < 0)
    return set_late_error (mbox, error);
  gboolean good = carry (mbox, from, &old, error);
  close (from);
  return good;
}
