/* plugins/mail/mbox-index: the digests of the messages of an mbox, to number those that have the same. */
#pragma once
#include "mbox-scan.h"

G_BEGIN_DECLS

/* The digests met so far in a listing: a table of 8 bytes each (some 16 with the room that it needs). */
typedef struct _DsMboxSeen DsMboxSeen;

DsMboxSeen *ds_mbox_seen_new (void);
void ds_mbox_seen_free (DsMboxSeen *seen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsMboxSeen, ds_mbox_seen_free)
/* How many times the digest has been met, this time included. */
guint ds_mbox_seen_add (DsMboxSeen *seen, guint64 digest);

/* All messages of a file, 16 bytes each: for finding many of them after their places have shifted. */
typedef struct _DsMboxIndex DsMboxIndex;

/* One pass over the file.  DS_ERROR_STORE. */
DsMboxIndex *ds_mbox_index_new (DsMboxSource *source, const DsSiteKey *key, GError **error);
void ds_mbox_index_free (DsMboxIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsMboxIndex, ds_mbox_index_free)
/* Where the ordinal-th (from 1) message of that digest begins; FALSE if there is none. */
gboolean ds_mbox_index_find (const DsMboxIndex *index, guint64 digest, guint ordinal, guint64 *offset_r);

/* The key of a message, "m" and 16 digits, with ".2", ".3" for later ones of the same digest; new string. */
char *ds_mbox_key (guint64 digest, guint ordinal);
gboolean ds_mbox_key_parse (const char *message, guint64 *digest_r, guint *ordinal_r);

G_END_DECLS
