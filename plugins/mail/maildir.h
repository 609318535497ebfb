/* plugins/mail/maildir: the Maildir store's own struct, shared by maildir.c (reading) and maildir-put.c (changing). */
#pragma once
#include "mail-store.h"
#include "maildir-folders.h"
#include "maildir-names.h"
#include <sys/stat.h>

G_BEGIN_DECLS

typedef struct
{
  DsStore base;
  const DsSiteKey *key;
  char *path;
  int root;
  char **never_read; /* queues; or NULL */
  GPtrArray *folders; /* of DsMaildirFolder, as last seen */
  /* the listing */
  GPtrArray *wanted; /* of DsMaildirFolder, owned by listed */
  GPtrArray *listed; /* a snapshot of folders, so that a search may renew its own */
  guint folder;
  DsMaildirNames *names;
  guint at;
  gint64 since, until;
  /* the last folder that was searched by unique name: a hint */
  DsMaildirNames *searched;
  char *searched_folder;
} DsMaildir;

/* The folder of a message, looked for anew if it is not known; borrowed until the next call.  DS_ERROR_GONE;
 * DS_ERROR_REFUSED for a queue that is never read. */
const DsMaildirFolder *ds_maildir_folder (DsMaildir *maildir, const char *message, GError **error);
/* Where the message stands now: "cur/NAME" or "new/NAME" in its folder, new string; the hint is a locator or NULL.
 * DS_ERROR_GONE. */
char *ds_maildir_locate (DsMaildir *maildir, const DsMaildirFolder *folder, const char *message, const char *locator,
                         struct stat *status_r, GError **error);

/* DsStoreOps of that name. */
gboolean ds_maildir_prepare (DsStore *store, DsChange **changes, guint n, GError **error);
gboolean ds_maildir_put (DsStore *store, DsChange **changes, guint n, GError **error);
gboolean ds_maildir_settle (DsStore *store, DsChange *change, DsSettled *settled_r, GError **error);

G_END_DECLS
