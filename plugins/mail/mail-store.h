/* plugins/mail/mail-store: what the mail formats share.  "mail" looks at the path and opens it as one of them; the store
 * that comes back has the format's own ops.  Private to this folder. */
#pragma once
#include "store/store.h"

G_BEGIN_DECLS

typedef enum
{
  DS_MAIL_NONE,
  DS_MAIL_MAILDIR,     /* https://cr.yp.to/proto/maildir.html, with Maildir++ or file system subfolders */
  DS_MAIL_MBOX,        /* RFC 4155, and its relatives mboxo, mboxrd, mboxcl, mboxcl2 */
  DS_MAIL_MBOX_PACKED, /* the same, compressed by gzip: read only */
  DS_MAIL_EML,         /* one message in a file */
  DS_MAIL_UNREADABLE,  /* errno says why */
} DsMailFormat;

/* What stands at path, judged by structure and the first bytes. */
DsMailFormat ds_mail_format (const char *path);
/* The same of an open regular file; path: its name, for what is empty or says nothing. */
DsMailFormat ds_mail_file_format (int fd, const char *path);
/* TRUE if the bytes are the beginning of an RFC 5322 header block that has one of the usual mail fields. */
gboolean ds_mail_looks_like_header (const char *data, gsize size);

/* path is resolved and of the right format.  Errors as DsStoreOps.open. */
DsStore *ds_maildir_open (const DsStoreOptions *options, const char *path, GError **error);
DsStore *ds_mbox_open (const DsStoreOptions *options, const char *path, gboolean packed, GError **error);
DsStore *ds_eml_open (const DsStoreOptions *options, const char *path, GError **error);

extern const DsStoreOps ds_mail_store_ops, ds_folder_store_ops;

/* The path of a store from its options or its configuration, after a check of the keys; borrowed. */
const char *ds_mail_path (const DsStoreOptions *options, GError **error);

G_END_DECLS
