/* run/session: everything a command works with, opened in the right order: configuration, key, packs, workers, then
 * state, ledger, store.  Workers are forked before any file of ours is open. */
#pragma once
#include "ledger/ledger.h"
#include "run/configuration.h"
#include "run/locks.h"
#include "run/poison.h"
#include "state/state.h"
#include "store/store.h"
#include "worker/pool.h"

G_BEGIN_DECLS

/* The global options. */
typedef struct
{
  char *config;
  char *rules;
  char *actor;
  int jobs;
  int wait;
  gboolean quiet;
  gboolean verbose;
} DsGlobalOptions;

typedef enum
{
  DS_NEED_STATE = 1 << 0,
  DS_NEED_LEDGER = 1 << 1,      /* for appending */
  DS_NEED_WORKERS = 1 << 2,     /* packs, matcher and pool */
  DS_NEED_PACKS = 1 << 3,       /* packs and matcher only */
  DS_NEED_CHANGE = 1 << 4,      /* the store will be changed */
} DsNeeds;

typedef struct
{
  const DsGlobalOptions *options;
  DsConfiguration *configuration;
  DsSiteKey *key;
  char *system_user;
  char *run; /* random id of this run */
  GPtrArray *packs;
  DsMatcher *matcher;
  DsTicketPattern *ticket_pattern;
  DsWorkSetup setup;
  DsPool *pool;
  DsState *state;
  DsPoison *poison; /* guards the pool; NULL without state */
  DsLedger *ledger;
  GHashTable *dismissed;
  DsLock *run_lock;
  /* the store */
  DsStore *store;
  char *store_name;
  char *incarnation;
  gboolean configured; /* it has a name in the configuration */
  char **never_read;   /* borrowed, or NULL */
  char *store_path;    /* or NULL */
  guint unindexed;     /* messages that could not be read when the ticket index was last refreshed: nobody knows of what ticket */
  char *unindexed_why; /* of the first of them, or NULL */
  gboolean narrowed;   /* only some tickets were asked for: those may be of others */
  /* Told of each ticket of a plan or change, or line of a plan applied; NULL: nobody wants to know. */
  void (*progress) (guint64 done, guint64 total, gpointer data);
  gpointer progress_data;
} DsSession;

/* target: a configured store's name (with is_store), a PATH, or NULL when no store is needed. */
DsSession *ds_session_open (const DsGlobalOptions *options, DsNeeds needs, const char *target, gboolean is_store, gboolean in_place,
                            GError **error);
void ds_session_close (DsSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsSession, ds_session_close)

/* FALSE with DS_ERROR_USAGE if one of rules (NULL-terminated, or NULL) is in no pack that is loaded. */
gboolean ds_session_knows_rules (const DsSession *session, char *const *rules, GError **error);

/* The path of a store name that stands for a PATH given earlier, or NULL (new string). */
char *ds_session_path_of (const DsGlobalOptions *options, const char *store, GError **error);

void ds_session_tell (const DsSession *session, guint64 done, guint64 total);

/* Now, as the ledger writes it (new string). */
char *ds_time_text (void);

G_END_DECLS
