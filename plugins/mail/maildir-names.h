/* plugins/mail/maildir-names: what the file names of a Maildir say, and the messages of one of its folders.
 *
 * A name is "unique", then sizes ",S=1234,W=1260" (Courier, Dovecot: bytes, and bytes with CRLF line ends), then ":2,"
 * and flags (https://cr.yp.to/proto/maildir.html).  Flags and sizes come and go while the message stays the same one, so
 * only "unique" names it. */
#pragma once
#include "base/site-key.h"
#include <glib.h>

G_BEGIN_DECLS

/* How many bytes of a base name are the unique name. */
gsize ds_maildir_unique_length (const char *name);
/* The name with its sizes made to follow the content; new string, or NULL if it has none or they are right. */
char *ds_maildir_sized_name (const char *name, GBytes *bytes);
/* The delivery time that most names begin with, if plausible, else other. */
gint64 ds_maildir_date (const char *name, gint64 other);

/* TRUE if a base name is one that a delivering program makes: time, numbers, host, sizes, flags.  Any other (a file put there
 * by hand, a recipient's address behind the host) may name a person. */
gboolean ds_maildir_name_is_plain (const char *name);
/* The key of a message by its base name, new string: its unique name; for one that may name a person, "k" and 16 digits of
 * its keyed digest. */
char *ds_maildir_key (const DsSiteKey *key, const char *name);

/* The messages of one folder. */
typedef struct
{
  const DsSiteKey *key;
  GHashTable *keyed; /* the keys that are digests -> index of the first path, plus 1; NULL until one is looked for */
  GPtrArray *paths; /* of char *, "cur/NAME" or "new/NAME": by unique name, then cur before new, then by name */
} DsMaildirNames;

/* folder: an open Maildir; key: borrowed.  NULL with errno set. */
DsMaildirNames *ds_maildir_names_load (int folder, const DsSiteKey *key);
void ds_maildir_names_free (DsMaildirNames *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsMaildirNames, ds_maildir_names_free)

/* The key of the i-th message within its folder: as ds_maildir_key, and "~2", "~3" for further files that have the same
 * (half-finished moves leave such); new string. */
char *ds_maildir_names_key (const DsMaildirNames *names, guint i);
/* The index of the message of that key; -1 if there is none. */
gint ds_maildir_names_find (DsMaildirNames *names, const char *key);

G_END_DECLS
