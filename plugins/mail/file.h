/* plugins/mail/file: one file as a message with one blob.  What the stores "folder" and single mail share.
 *
 * The message's key is "f" and 16 digits of the keyed digest of the file's relative path (a path may name people); the
 * locator is the relative path.  New content is written beside the file as ".deskshred.ACTION", see swap.h. */
#pragma once
#include "store/store.h"
#include <sys/stat.h>

G_BEGIN_DECLS

/* New string. */
char *ds_file_key (const DsSiteKey *key, const char *relative);
/* TRUE for the names of our own temporary files. */
gboolean ds_file_is_temporary (const char *name);

DsStoreItem *ds_file_item (const DsSiteKey *key, const char *relative, DsBlobKind kind, const struct stat *status);
/* DS_ERROR_GONE, DS_ERROR_ITEM. */
gboolean ds_file_status (int root, const char *relative, const char *message, struct stat *status_r, GError **error);
GBytes *ds_file_read (int root, const DsStoreItem *item, guint64 limit, GError **error);

/* The relative path of a change's message, new string; DS_ERROR_GONE. */
typedef char *(*DsFilePlace) (DsStore *store, const DsChange *change, GError **error);

/* As DsStoreOps.put and settle, each message found by place. */
gboolean ds_file_put (DsStore *store, const DsSiteKey *key, int root, DsFilePlace place, DsChange **changes, guint n,
                      GError **error);
gboolean ds_file_settle (DsStore *store, const DsSiteKey *key, int root, DsFilePlace place, const DsChange *change,
                         DsSettled *settled_r, GError **error);

G_END_DECLS
