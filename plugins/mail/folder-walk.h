/* plugins/mail/folder-walk: every file below a folder, in the byte order of the names, one after another.
 *
 * Memory is bounded by the names of the folders on the way down.  Symbolic links are not followed, devices, sockets and
 * pipes never opened; other file systems are entered.  What can't be read comes as an entry with a problem. */
#pragma once
#include "store/store.h"
#include <sys/stat.h>

G_BEGIN_DECLS

typedef struct
{
  char *relative;     /* path below the root */
  struct stat status; /* of a regular file */
  DsBlobKind kind;    /* DS_BLOB_MAIL for what begins as a mail does, *.eml, and messages of a Maildir */
  GError *problem;    /* it can't be looked at: an item error that names its key */
  gboolean is_folder; /* with a problem: what is in it is not known */
} DsWalkEntry;

void ds_walk_entry_free (DsWalkEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsWalkEntry, ds_walk_entry_free)

typedef struct _DsWalk DsWalk;

/* root: an open folder, and root_path its resolved path, both borrowed; only: a single name to look at, or NULL for all. */
DsWalk *ds_walk_new (const DsSiteKey *key, int root, const char *root_path, const char *only);
void ds_walk_free (DsWalk *walk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsWalk, ds_walk_free)

/* NULL at the end. */
DsWalkEntry *ds_walk_next (DsWalk *walk);

/* What a path that is known already would be as an entry's kind. */
DsBlobKind ds_walk_kind (int root, const char *relative);

G_END_DECLS
