/* plugins/mail/mbox: the mbox store's own struct, shared by mbox.c (reading), mbox-put.c and mbox-settle.c (changing). */
#pragma once
#include "mail-store.h"
#include "mbox-index.h"
#include "mbox-lock.h"
#include <sys/stat.h>

G_BEGIN_DECLS

/* Which state of a file something was seen in. */
typedef struct
{
  guint64 device, inode, size;
  gint64 modified, changed; /* nanoseconds */
} DsMboxStamp;

DsMboxStamp ds_mbox_stamp (const struct stat *status);

typedef struct _DsMboxDraft DsMboxDraft;

typedef struct
{
  DsStore base;
  const DsSiteKey *key;
  char *path;
  char *name; /* base name */
  int folder; /* that it is in */
  guint wait_seconds;
  gboolean packed;
  /* from prepare to put; else NULL */
  DsMboxLock *lock;
  DsMboxDraft *draft;
  /* the listing */
  DsMboxSource *listing;
  DsMboxStamp listing_stamp;
  guint64 at;
  DsMboxSeen *seen;
  gint64 since, until;
  /* the file as last opened for find and read */
  DsMboxSource *source;
  DsMboxStamp stamp;
  DsMboxIndex *index; /* of that state, made when a locator did not fit; else NULL */
} DsMbox;

/* "OFFSET:LENGTH:ORDINAL:SIZE:MTIME": where the message stands, and the file's size and time (nanoseconds) at that moment;
 * new string. */
char *ds_mbox_locator (guint64 offset, guint64 length, guint ordinal, const DsMboxStamp *stamp);
/* Finds a message; the entry is of mbox->source.  DS_ERROR_GONE, DS_ERROR_STORE. */
gboolean ds_mbox_locate (DsMbox *mbox, const char *message, const char *locator, DsMboxEntry *entry_r, guint *ordinal_r,
                         GError **error);
/* The blob of an entry (see mbox-content.h); DS_ERROR_ITEM over the limit, DS_ERROR_STORE. */
GBytes *ds_mbox_blob (DsMboxSource *source, const DsMboxEntry *entry, const char *message, guint64 limit, GError **error);

/* Undoes what prepare did, if put did not come. */
void ds_mbox_unprepare (DsMbox *mbox);

/* DsStoreOps of that name. */
DsSpool *ds_mbox_spool (DsStore *store, GError **error);
gboolean ds_mbox_prepare (DsStore *store, DsChange **changes, guint n, GError **error);
gboolean ds_mbox_put (DsStore *store, DsChange **changes, guint n, GError **error);
gboolean ds_mbox_settle (DsStore *store, DsChange *change, DsSettled *settled_r, GError **error);
gboolean ds_mbox_tidy (DsStore *store, GError **error);

G_END_DECLS
