/* run/configuration: /etc/deskshred/deskshred.conf read once and checked (DESIGN 4.7).  Every error is DS_ERROR_CONFIG
 * with file and line.  Without a file: the defaults for a bare PATH, under $XDG_STATE_HOME/deskshred.
 *
 * Not checked here, since only others know: a store's own keys (its open does), whether packs and rules of these names
 * exist (who loads the packs does). */
#pragma once
#include "base/conf.h"
#include "content/limits.h"
#include "detect/kinds.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *name;
  char *plugin;
  char *path;           /* absolute; or NULL */
  char *ticket_pattern; /* compiles; or NULL */
  char **never_read;    /* queues; or NULL */
  char **queues;        /* those whose names may be kept and shown; or NULL */
  DsConfNode *node;     /* borrowed from the file */
} DsStoreConfiguration;

typedef struct
{
  char *code;
  char *text;
  char *ground;      /* or NULL */
  char *legal_basis; /* or NULL */
} DsReason;

typedef enum
{
  DS_DO_REDACT,
  DS_DO_SHRED,
} DsDo;

typedef struct
{
  char *name;
  gboolean enabled;
  /* when */
  char **kinds;       /* names of kinds, checked; or NULL: any */
  char **rules;       /* or NULL */
  char **queues;      /* or NULL: any; "*" is any */
  char **statuses;    /* or NULL */
  char **media_types; /* "image/" matches all of it; or NULL */
  gint64 older_than;  /* seconds since the message arrived; 0: any ("12h", "30d", "6w", "2y" in the file) */
  guint64 min_size;   /* of the part, bytes; 0: any */
  guint min_score;    /* 0 to 100 */
  char **where;       /* names of --where ("all" is written out); or NULL: the default */
  /* do */
  DsDo what;
  char *reason; /* a code that exists */
  /* 16 hexadecimal digits of SHA-256 over all of the above but enabled: what a confirmation confirms, so that a policy may
   * be confirmed first and enabled later, and switched off and on again. */
  char *digest;
} DsPolicy;

typedef struct
{
  gint64 tickets; /* at most so many tickets in `hours` */
  double share;   /* and at most this share of the store's tickets */
  gint64 hours;
  gint64 first; /* tickets of a policy's first run */
} DsBrake;

typedef struct
{
  DsConf *file;        /* NULL for the defaults */
  char *path;          /* of the file; NULL for the defaults */
  GPtrArray *stores;   /* of DsStoreConfiguration */
  char *ledger_path;
  char *key_path;
  char *state_path;    /* beside the ledger */
  char *lock_folder;
  char **packs;        /* names fit for a file name, or NULL: those on by default */
  char *site_rules;    /* /etc/deskshred/rules.d, or rules.d beside the file; may not exist */
  char **own_domains;  /* lower case; or NULL */
  GHashTable *actors;  /* store name -> char ** of system users */
  char **show_values;  /* system users that may use --show-values; or NULL: nobody */
  GPtrArray *reasons;  /* of DsReason: the file's and the built-in ones */
  GPtrArray *policies; /* of DsPolicy */
  DsBrake brake;
  DsLimits limits;
  guint worker_seconds;   /* wall and CPU time for one blob (30) */
  guint64 worker_memory;  /* address space of one worker beyond its start (1 GiB) */
} DsConfiguration;

/* path: a file, or NULL: /etc/deskshred/deskshred.conf if it exists, else the defaults.  Nothing is made on the disk. */
DsConfiguration *ds_configuration_load (const char *path, GError **error);
void ds_configuration_free (DsConfiguration *configuration);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsConfiguration, ds_configuration_free)

/* Each gives NULL if there is none of that name. */
const DsStoreConfiguration *ds_configuration_store (const DsConfiguration *configuration, const char *name);
const DsReason *ds_configuration_reason (const DsConfiguration *configuration, const char *code);
const DsPolicy *ds_configuration_policy (const DsConfiguration *configuration, const char *name);
/* TRUE if that system user may claim actors (for the store, or any when store is NULL). */
gboolean ds_configuration_may_claim (const DsConfiguration *configuration, const char *store, const char *user);

G_END_DECLS
