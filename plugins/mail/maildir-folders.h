/* plugins/mail/maildir-folders: the folders of a Maildir.
 *
 * Both layouts in use are known, also mixed: Maildir++ (".Name.Sub" beside cur; Courier, Dovecot's default) and plain
 * subfolders ("Name/Sub"; Dovecot's LAYOUT=fs).  The folder itself is the inbox. */
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
} DsMaildirFolder;

/* All folders, the inbox first, then by queue; GPtrArray of DsMaildirFolder.  NULL with errno set if the root itself can't
 * be read; folders that can't be looked into are among the result, so that listing them fails audibly. */
GPtrArray *ds_maildir_folders (int root, const DsSiteKey *key);
/* The folder whose keys begin as the message's key does; NULL if none. */
const DsMaildirFolder *ds_maildir_folder_of (GPtrArray *folders, const char *message);

G_END_DECLS
