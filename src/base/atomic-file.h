/* base/atomic-file: files that are there whole, or not at all.  The only module that writes files by name.
 *
 * A new file is written without a name (where the file system has no such files, beside its place), fsynced, put in its
 * place, and its folder is fsynced: after TRUE it survives a power cut.  Errors are DS_ERROR_LEDGER and name the path. */
#pragma once
#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* Writes the file; missing folders are made with mode 0700.  An existing file is left alone and TRUE returned (another
 * process was first). */
gboolean ds_atomic_file_create (const char *path, mode_t mode, gconstpointer bytes, gsize size, GError **error);

/* A file written piece by piece: open, write any number of times, commit.  Freed without commit, nothing stays.  Its folder
 * must be there.  A device or pipe of that name is written as it comes, and a symbolic link is refused unless it leads to one. */
typedef struct _DsAtomicFile DsAtomicFile;
DsAtomicFile *ds_atomic_file_open (const char *path, mode_t mode, GError **error);
gboolean ds_atomic_file_write (DsAtomicFile *file, gconstpointer bytes, gsize size, GError **error);
/* The descriptor, for fchown, copying and the like; owned by file. */
int ds_atomic_file_descriptor (DsAtomicFile *file);
gboolean ds_atomic_file_commit (DsAtomicFile *file, GError **error);
void ds_atomic_file_free (DsAtomicFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsAtomicFile, ds_atomic_file_free)

/* write(2) until all is written; FALSE with errno set. */
gboolean ds_write_all (int fd, gconstpointer bytes, gsize size);
/* read(2) until size bytes or the end: how many were read, or -1 with errno set. */
gssize ds_read_all (int fd, gpointer bytes, gsize size);
/* fsync of a folder, so that names in it survive a power cut; FALSE with errno set. */
gboolean ds_sync_folder (const char *path);
/* The same for a folder and all those above it, which may have been made just now.  One that can't be opened was not. */
void ds_sync_folders (const char *path);

G_END_DECLS
