/* plugins/mail/maildir-folders: the folders of a Maildir.
 *
 * Both layouts in use are known, also mixed: Maildir++ (".Name.Sub" beside cur; Courier, Dovecot's default) and plain
 * subfolders ("Name/Sub"; Dovecot's LAYOUT=fs).  The folder itself is the inbox.  IMAP servers write other letters than
 * ASCII in modified UTF-7 (RFC 3501, 5.1.3); queues have them as people do. */
#pragma once
#include "base/site-key.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *relative; /* path below the root; "" for the inbox */
  char *queue;    /* "Name/Sub"; NULL for the inbox */
  char *prefix;   /* of the keys of its messages: "" for the inbox, else 8 digits of its keyed digest and "/", since the
                     name of a folder may name a person */
  const char *problem; /* why nothing in it can be looked at, nor anything below it: static; or NULL */
} DsMaildirFolder;

/* All folders, the inbox first, then by queue; GPtrArray of DsMaildirFolder.  NULL with errno set if the root itself can't
 * be read; what may be a folder and can't be looked into is among the result with its problem. */
GPtrArray *ds_maildir_folders (int root, const DsSiteKey *key);
/* The folder whose keys begin as the message's key does; NULL if none. */
const DsMaildirFolder *ds_maildir_folder_of (GPtrArray *folders, const char *message);

/* The name as people write it (new string): decoded if it is modified UTF-7, else as it is. */
char *ds_maildir_folder_name (const char *name);

G_END_DECLS
