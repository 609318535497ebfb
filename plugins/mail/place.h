/* plugins/mail/place: files beneath a root folder, reached by relative path without following any symbolic link.
 *
 * Whoever may write in a mailbox could put a link to /etc/shadow there; deskshred may run as root.  So every component
 * is opened with O_NOFOLLOW.  Reading leaves the access time alone where the kernel lets us (O_NOATIME), since a
 * mailbox's "new mail" mark is atime < mtime.  Functions that return -1 or NULL without a GError set errno. */
#pragma once
#include "store/store.h"
#include <sys/stat.h>

G_BEGIN_DECLS

/* The user's own path may go through links: resolved once.  DS_ERROR_USAGE if it is not there; new string. */
char *ds_place_resolve (const char *path, GError **error);

/* Opens a folder below root for reading; relative may be "" or ".". */
int ds_place_folder (int root, const char *relative);
/* Opens a regular file of a folder for reading.  errno ELOOP: a symbolic link; EINVAL: not a regular file. */
int ds_place_open (int folder, const char *name, struct stat *status_r);
/* The same by a path below root. */
int ds_place_open_path (int root, const char *relative, struct stat *status_r);

/* The names in a folder without "." and "..", sorted by bytes; of char *. */
GPtrArray *ds_place_names (int folder);
/* TRUE if a symbolic link leads to something outside of root (an absolute, resolved path), or inside but unseen. */
gboolean ds_place_link_leads_out (const char *root, const char *relative);

/* All bytes of an open file; limit in bytes, 0 for none.  Item errors that name the message's key. */
GBytes *ds_place_read (int fd, guint64 limit, const char *message, GError **error);

/* An item error from errno that names the message's key: DS_ERROR_GONE for ENOENT, else DS_ERROR_ITEM. */
void ds_place_set_error (GError **error, const char *message);

/* 1: a program has the file open for writing, and could still write after we looked; 0: none; -1: this file system, or not
 * being its owner, forbids to ask. */
int ds_place_has_writers (int fd);

/* FALSE with DS_ERROR_STORE if the file system is mounted read-only: then no change there is even begun. */
gboolean ds_place_may_be_written (int folder, const char *path, GError **error);

/* "sub/name", or name alone if folder is empty; new string. */
char *ds_place_join (const char *folder, const char *name);

/* "ext4", "nfs": the file system's name for messages; supports_r: 1 it has RENAME_EXCHANGE, 0 it has not, -1 unknown. */
const char *ds_place_file_system (int fd, int *supports_r);

/* For `stores check`: a fact about reading and writing at path, and about the file system's RENAME_EXCHANGE. */
void ds_place_check_access (GPtrArray *facts, const char *path);
void ds_place_check_exchange (GPtrArray *facts, const char *path);
/* Adds a note if the file at path has more than one name. */
void ds_place_check_links (GPtrArray *facts, const char *path);

G_END_DECLS
