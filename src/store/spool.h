/* store/spool: new contents on their way into a store, kept until all of a batch can be put at once.
 *
 * In memory, or in a file that has no name (O_TMPFILE), mode 0600, beside what it is for: on the file system that holds the
 * old contents already, and nowhere else.  Being without a name it is gone when the process is, however that ends.  Where
 * the file system has no such files, one is made under a name that is taken away before the first byte is written. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _DsSpool DsSpool;

/* full: from how many bytes on it counts as full. */
DsSpool *ds_spool_new_memory (guint64 full);
/* name: for file systems without nameless files; what stands under it is left over, empty, and removed.  beside: the path
 * that errors name, DS_ERROR_STORE. */
DsSpool *ds_spool_new_file (int folder, const char *name, const char *beside, guint64 full, GError **error);
void ds_spool_free (DsSpool *spool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsSpool, ds_spool_free)

gboolean ds_spool_is_full (const DsSpool *spool);
/* Keeps the bytes; *place_r is what get wants.  DS_ERROR_STORE: the disk is full, or fails. */
gboolean ds_spool_add (DsSpool *spool, GBytes *bytes, guint64 *place_r, GError **error);
/* New reference.  DS_ERROR_STORE. */
GBytes *ds_spool_get (const DsSpool *spool, guint64 place, GError **error);
/* Forgets all that was added. */
void ds_spool_clear (DsSpool *spool);

G_END_DECLS
