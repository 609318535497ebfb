/* detect/database-cache: Hyperscan's compiled databases in a file, since compiling them takes a second.
 *
 * The file belongs to the user who runs this and is written by nobody else, or it is not read: a database made by another
 * could do anything.  A file that is cut short, of another version or of another processor counts as none. */
#pragma once
#include <glib.h>
#include <hs/hs.h>

G_BEGIN_DECLS

/* What the databases depend on besides their patterns: Hyperscan's version and this processor; new string. */
char *ds_database_cache_platform (void);

/* Fills in n databases (NULL where there was none); FALSE if there is no such file of that key, then all are NULL. */
gboolean ds_database_cache_load (const char *folder, const char *key, hs_database_t **databases, guint n);

/* Keeps them for the next process; removes what has not been made anew for a month.  That it fails is no error: the next one
 * compiles them again. */
void ds_database_cache_save (const char *folder, const char *key, hs_database_t *const *databases, guint n);

G_END_DECLS
