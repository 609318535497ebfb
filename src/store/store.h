/* store/store: the interface between the pipeline and the places where tickets live, and the list of stores.
 *
 * A store moves bytes and judges nothing: it never parses mail, never matches, never decides.  It is used by the parent
 * process only, from one thread.  Text taken from tickets never goes into an error. */
#pragma once
#include "base/conf.h"
#include "base/site-key.h"
#include "store/spool.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct _DsStore DsStore;
typedef struct _DsStoreOps DsStoreOps;

typedef enum
{
  DS_STORE_HAS_TICKETS = 1 << 0,   /* items name their ticket; without it, run/ finds tickets by thread */
  DS_STORE_HAS_STATUS = 1 << 1,    /* items have a ticket status */
  DS_STORE_READ_ONLY = 1 << 2,     /* put is refused (an unknown schema, a compressed mailbox) */
  DS_STORE_NEEDS_IN_PLACE = 1 << 3, /* a plain folder: a change needs --in-place */
  DS_STORE_NAMED_LOCATORS = 1 << 4  /* a locator is a name or a path, which may name a person: it is not remembered */
} DsStoreFlags;

typedef enum
{
  DS_BLOB_MAIL, /* an RFC 5322 message */
  DS_BLOB_FILE, /* a file; its name and bytes tell what it is */
} DsBlobKind;

/* How a store is opened.  All borrowed; they outlive the store. */
typedef struct
{
  const char *name;      /* the first field of a REF */
  const char *path;      /* mail stores and folders: where it is */
  DsConfNode *conf;      /* the store's group in the configuration, or NULL for a bare PATH */
  const DsSiteKey *key;
  guint wait_seconds;    /* for a lock of the store's own (mbox) */
  gboolean in_place;     /* the user said --in-place */
} DsStoreOptions;

/* What to list; NULL or 0 means no restriction.  A store may give more than asked (run/ filters again), never less. */
typedef struct
{
  const char *const *queues; /* NULL-terminated */
  const char *const *statuses;
  gint64 since, until; /* Unix times, [since, until) */
} DsSelect;

/* One blob of a message. */
typedef struct
{
  DsBlobKind kind;
  char *filename;   /* DS_BLOB_FILE: its base name, UTF-8 or raw bytes as they are; else NULL */
  char *media_type; /* if the store knows it, else NULL */
  guint64 size;     /* in bytes, as far as known */
} DsBlob;

/* One message, as next gives it. */
typedef struct
{
  char *message; /* the message's key: stable while it exists, free of personal data, not percent-encoded */
  char *locator; /* where it was last seen; lets read find it at once; may be out of date; free of personal data unless
                    DS_STORE_NAMED_LOCATORS; or NULL */
  char *path;    /* below the store's, for who may see it; not remembered; NULL: the locator says it */
  char *ticket;  /* NULL unless DS_STORE_HAS_TICKETS */
  char *queue;   /* folder, queue; NULL at the top */
  char *status;
  gint64 date;      /* when it arrived, Unix time; 0 if unknown */
  GPtrArray *blobs; /* of DsBlob, at least one */
  GError *problem;  /* it exists but can't be looked at (an item error that says why); read will fail too; else NULL */
  char *hides;      /* of a folder with a problem: how the keys of the messages in it begin, "" for any; else NULL */
} DsStoreItem;

void ds_blob_free (DsBlob *blob);
DsBlob *ds_blob_new (DsBlobKind kind, const char *filename, const char *media_type, guint64 size);
/* Copies its arguments; blobs is taken over. */
DsStoreItem *ds_store_item_new (const char *message, const char *locator, const char *queue, gint64 date, GPtrArray *blobs);
void ds_store_item_free (DsStoreItem *item);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsStoreItem, ds_store_item_free)

/* One message's change: new bytes for one blob. */
typedef struct
{
  const char *message;
  const char *locator;
  guint blob;         /* index in the item's blobs */
  const char *before; /* keyed digest (purpose "content", 64 digits) that the content must have now */
  const char *after;  /* and of bytes */
  const char *action; /* the action id: names temporary files, so that recovery finds them */
  /* The new content: bytes, or, for a store that has spool, its place in one.  Neither in settle. */
  GBytes *bytes;
  const DsSpool *spool;
  guint64 place;
  /* results */
  GError *error;     /* an item error if it was not done; cleared by the caller */
  char *new_locator; /* where it stands now; freed by the caller */
  guint residual_links; /* other hard links, outside the store's reach, that still hold the old bytes */
} DsChange;

/* What became of a change whose run was interrupted. */
typedef enum
{
  DS_SETTLED_DONE,     /* the content is the one after the change */
  DS_SETTLED_NOT_DONE, /* the content is still the one before */
  DS_SETTLED_CHANGED,  /* it is neither: changed by another */
  DS_SETTLED_GONE,     /* the message is not there */
} DsSettled;

/* One line of `stores check`. */
typedef struct
{
  enum { DS_FACT_GOOD, DS_FACT_NOTE, DS_FACT_BAD } level;
  char *text;
  char *remedy; /* or NULL */
} DsStoreFact;

DsStoreFact *ds_store_fact_new (int level, char *text, char *remedy); /* takes both strings over */
void ds_store_fact_free (DsStoreFact *fact);

/* The base of every store's own struct: put it first. */
struct _DsStore
{
  const DsStoreOps *ops;
  DsStoreFlags flags;
  char *name;
};

struct _DsStoreOps
{
  const char *name;    /* "mail": the plugin key of the configuration */
  const char *summary; /* one line for `stores` */
  /* TRUE if a bare PATH is of this kind; asked in the order of the list. */
  gboolean (*is_path) (const char *path);
  /* DS_ERROR_USAGE if there is no such path, or it can't be read, or is of another kind; DS_ERROR_CONFIG for a wrong key of
   * the configuration; DS_ERROR_STORE if it fails otherwise.  All name the path. */
  DsStore *(*open) (const DsStoreOptions *options, GError **error);
  void (*close) (DsStore *store);
  /* Begins a listing in the store's stable order; an earlier listing ends.  select is copied if needed. */
  gboolean (*list) (DsStore *store, const DsSelect *select, GError **error);
  /* The next item, or NULL at the end (no error) or on an error.  Messages that vanish are passed over; what is there but
   * can't be looked at (an unreadable folder, a symbolic link that leads out) comes as an item with its problem. */
  DsStoreItem *(*next) (DsStore *store, GError **error);
  /* Finds one message by its key (locator: hint or NULL); DS_ERROR_GONE if it is not there. */
  DsStoreItem *(*find) (DsStore *store, const char *message, const char *locator, GError **error);
  /* The bytes of a blob as they are now.  DS_ERROR_LIMIT if larger than limit bytes (0: no limit); DS_ERROR_GONE. */
  GBytes *(*read) (DsStore *store, const DsStoreItem *item, guint blob, guint64 limit, GError **error);
  /* NULL but where a put costs as much as the whole store is large, so that as much as can be should go into one: a place,
   * on the store's own file system, for the new contents of all that.  DS_ERROR_STORE. */
  DsSpool *(*spool) (DsStore *store, GError **error);
  /* Before the intents of a batch are recorded: finds out what put would fail for as a whole (a lock that another program
   * has, a store that may not be written).  NULL: there is nothing to find out.  DS_ERROR_LOCKED, DS_ERROR_STORE. */
  gboolean (*prepare) (DsStore *store, DsChange **changes, guint n, GError **error);
  /* Makes the changes; each message's is atomic.  Results stand in each change; FALSE only if the store as a whole failed
   * (then changes without error and without new_locator were not done or are unknown: settle tells). */
  gboolean (*put) (DsStore *store, DsChange **changes, guint n, GError **error);
  /* After a crash: finds out how far the change came, removes temporary files, never loses another's bytes. */
  gboolean (*settle) (DsStore *store, DsChange *change, DsSettled *settled_r, GError **error);
  /* Removes what a run that was killed left and no change names: a lock file.  NULL: there is no such thing. */
  gboolean (*tidy) (DsStore *store, GError **error);
  /* Identity of server or file system object, to notice a restore or a swap; new string. */
  char *(*incarnation) (DsStore *store, GError **error);
  /* For `stores check`: GPtrArray of DsStoreFact. */
  GPtrArray *(*check) (DsStore *store);
};

/* A queue's name for people: "INBOX" at the top, where item->queue is NULL. */
const char *ds_queue_name (const char *queue);
/* For the list of a store that has no queues: DS_ERROR_USAGE if one is asked for. */
gboolean ds_store_has_one_queue (const DsStore *store, const DsSelect *select, GError **error);
/* TRUE if the queue is the one of that name, or one below it. */
gboolean ds_queue_is_within (const char *queue, const char *name);

/* The stores compiled in, NULL-terminated; store/list.c is the list. */
extern const DsStoreOps *const ds_store_list[];

/* The ops by plugin name, or by looking at a path; NULL if none. */
const DsStoreOps *ds_store_ops_by_name (const char *name);
const DsStoreOps *ds_store_ops_for_path (const char *path);

void ds_store_close (DsStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsStore, ds_store_close)

/* The new content of a change, wherever it lies; new reference.  DS_ERROR_STORE. */
GBytes *ds_change_bytes (const DsChange *change, GError **error);
/* The keyed digest of a content, as used in DsChange; new string. */
char *ds_content_digest (const DsSiteKey *key, GBytes *bytes);

G_END_DECLS
