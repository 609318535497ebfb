#include "config.h"
#include "maildir.h"
#include "place.h"
#include "swap.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEMPORARY_PREFIX "deskshred."

typedef struct
{
  DsMaildir *maildir;
  const DsMaildirFolder *folder;
  const char *message;
} Search;

/* Opens cur or new of a folder. */
static int
open_part (DsMaildir *maildir, const DsMaildirFolder *folder, const char *part, gsize length)
{
  g_autofree char *name = g_strndup (part, length);
  g_autofree char *path = ds_place_join (folder->relative, name);
  return ds_place_folder (maildir->root, path);
}

/* A mail reader changed the flags, or moved the message from new to cur. */
static gboolean
look_again (DsSwap *swap, gpointer data)
{
  Search *search = data;
  struct stat status;
  g_autofree char *path = ds_maildir_locate (search->maildir, search->folder, search->message, NULL, &status, NULL);
  int fd = path != NULL ? open_part (search->maildir, search->folder, path, 3) : -1;
  if (fd < 0)
    return FALSE;
  if (swap->folder >= 0)
    close (swap->folder);
  g_free (swap->name);
  swap->folder = fd;
  swap->name = g_strdup (path + 4);
  return TRUE;
}

/* The swap for a message; folder -1 and name NULL if the message is not there.  NULL if its Maildir is not, or where it
 * stands can't be found out. */
static DsSwap *
swap_open (Search *search, const DsChange *change, GError **error)
{
  int temporary = open_part (search->maildir, search->folder, "tmp", 3);
  if (temporary < 0)
    {
      ds_place_set_error (error, change->message);
      return NULL;
    }
  struct stat status;
  g_autoptr (GError) own = NULL;
  g_autofree char *path
      = ds_maildir_locate (search->maildir, search->folder, change->message, change->locator, &status, &own);
  if (path == NULL && !g_error_matches (own, DS_ERROR, DS_ERROR_GONE))
    {
      close (temporary);
      g_propagate_error (error, g_steal_pointer (&own));
      return NULL;
    }
  int fd = path != NULL ? open_part (search->maildir, search->folder, path, 3) : -1;
  DsSwap *swap = ds_swap_new (search->maildir->key, change->message, fd, fd >= 0 ? path + 4 : NULL, temporary,
                              TEMPORARY_PREFIX, change->action);
  swap->look_again = look_again;
  swap->data = search;
  return swap;
}

/* Sizes in the name follow the content: Dovecot takes a message whose size is not the one in its name for broken.  Where
 * the new name is taken already (it can't be, but for another's mistake) the old one stays; a message that was deleted in this
 * instant needs none. */
static gboolean
follow_size (DsSwap *swap, GBytes *bytes, GError **error)
{
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *sized = ds_maildir_sized_name (swap->name, bytes);
      if (sized == NULL)
        return TRUE;
      if (renameat2 (swap->folder, swap->name, swap->folder, sized, RENAME_NOREPLACE) == 0)
        {
          g_free (swap->name);
          swap->name = g_steal_pointer (&sized);
          return TRUE;
        }
      if (errno == EEXIST || (errno == ENOENT && !look_again (swap, swap->data)))
        return TRUE;
      if (errno != ENOENT)
        {
          g_set_error (error, DS_ERROR, DS_ERROR_STORE, "message %s: its name cannot follow its size: %s", swap->message, g_strerror (errno));
          return FALSE;
        }
    }
  return TRUE;
}

/* "cur/NAME" of where the swap left the message. */
static char *
locator_of (Search *search, const DsSwap *swap)
{
  struct stat status, cur;
  g_autofree char *path = ds_place_join (search->folder->relative, "cur");
  int fd = ds_place_folder (search->maildir->root, path);
  gboolean seen = fd >= 0 && fstat (fd, &cur) == 0 && fstat (swap->folder, &status) == 0 && status.st_ino == cur.st_ino;
  if (fd >= 0)
    close (fd);
  return g_strconcat (seen ? "cur/" : "new/", swap->name, NULL);
}

static gboolean
put_one (DsMaildir *maildir, DsChange *change, GError **error)
{
  Search search = { maildir, ds_maildir_folder (maildir, change->message, error), change->message };
  if (search.folder == NULL)
    return FALSE;
  g_autoptr (DsSwap) swap = swap_open (&search, change, error);
  if (swap == NULL)
    return FALSE;
  if (swap->folder < 0)
    {
      errno = ENOENT;
      ds_place_set_error (error, change->message);
      return FALSE;
    }
  if (!ds_swap_put (swap, change, error) || !follow_size (swap, change->bytes, error) || !ds_swap_finish (swap, error))
    return FALSE;
  change->new_locator = locator_of (&search, swap);
  return TRUE;
}

gboolean
ds_maildir_prepare (DsStore *store, DsChange **changes G_GNUC_UNUSED, guint n G_GNUC_UNUSED, GError **error)
{
  const DsMaildir *maildir = (const DsMaildir *) store;
  return ds_place_may_be_written (maildir->root, maildir->path, error);
}

gboolean
ds_maildir_put (DsStore *store, DsChange **changes, guint n, GError **error)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) own = NULL;
      if (put_one ((DsMaildir *) store, changes[i], &own))
        continue;
      if (!ds_error_is_item (own))
        {
          g_propagate_prefixed_error (error, g_steal_pointer (&own), "%s: ", ((DsMaildir *) store)->path);
          return FALSE;
        }
      changes[i]->error = g_steal_pointer (&own);
    }
  return TRUE;
}

/* The crash, or an error, may have come between the exchange and the new name. */
static gboolean
settle_size (DsSwap *swap, GError **error)
{
  struct stat status;
  int fd = ds_place_open (swap->folder, swap->name, &status);
  for (guint i = 0; fd < 0 && errno == ENOENT && i < 4; i++)
    {
      if (!look_again (swap, swap->data))
        return TRUE; /* it was deleted in this instant */
      fd = ds_place_open (swap->folder, swap->name, &status);
    }
  if (fd < 0)
    {
      ds_place_set_error (error, swap->message);
      return FALSE;
    }
  g_autoptr (GBytes) bytes = ds_place_read (fd, 0, swap->message, error);
  close (fd);
  if (bytes == NULL || !follow_size (swap, bytes, error))
    return FALSE;
  if (fsync (swap->folder) == 0)
    return TRUE;
  g_set_error (error, DS_ERROR, DS_ERROR_STORE, "message %s: its name cannot be made durable: %s", swap->message, g_strerror (errno));
  return FALSE;
}

gboolean
ds_maildir_settle (DsStore *store, DsChange *change, DsSettled *settled_r, GError **error)
{
  g_autoptr (GError) own = NULL;
  Search search = { (DsMaildir *) store, ds_maildir_folder ((DsMaildir *) store, change->message, &own), change->message };
  g_autoptr (DsSwap) swap = search.folder != NULL ? swap_open (&search, change, &own) : NULL;
  if (swap == NULL && g_error_matches (own, DS_ERROR, DS_ERROR_GONE))
    {
      *settled_r = DS_SETTLED_GONE;
      return TRUE;
    }
  if (swap == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&own));
      return FALSE;
    }
  int cur = open_part (search.maildir, search.folder, "cur", 3);
  g_autofree char *home = g_path_get_basename (change->locator != NULL ? change->locator : change->message);
  gboolean good = ds_swap_settle (swap, change, cur, home, settled_r, &own);
  if (good && *settled_r == DS_SETTLED_DONE)
    good = settle_size (swap, &own);
  if (good && swap->name != NULL && *settled_r != DS_SETTLED_GONE)
    change->new_locator = locator_of (&search, swap);
  if (cur >= 0)
    close (cur);
  if (!good)
    g_propagate_prefixed_error (error, g_steal_pointer (&own), "%s: ", search.maildir->path);
  return good;
}
