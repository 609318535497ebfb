/* run/order: what is to be done, and to which findings and parts: an action from the command line, policies, or the
 * lines of a plan. */
#pragma once
#include "run/configuration.h"
#include "run/selection.h"
#include "worker/blob-work.h"
#include "worker/task.h"

G_BEGIN_DECLS

typedef enum
{
  DS_ORDER_COMMAND,  /* one action over a selection */
  DS_ORDER_POLICIES, /* what the policies say */
  DS_ORDER_LINES,    /* the lines of a plan, and nothing else */
} DsOrderKind;

typedef struct
{
  DsOrderKind kind;
  /* DS_ORDER_COMMAND */
  DsDo what;
  const DsSelection *selection;
  GPtrArray *values;     /* of DsWantedValue: given ones; NULL if none */
  GHashTable *given_found; /* set: fingerprints of those of which there was a copy; ds_examine adds to it; or NULL */
  gboolean only_values;  /* no rules, the given values alone */
  gboolean by_name;      /* only the named parts: no findings are asked */
  GHashTable *messages;  /* set of message keys to which the command is limited (REFs); NULL: all of the ticket */
  GHashTable *parts;     /* set of "MESSAGE PART" to shred or redact; NULL: all */
  /* DS_ORDER_POLICIES */
  GPtrArray *policies;   /* of DsPolicy, borrowed */
  char **reach;          /* the places that any of them reaches: ds_order_reach */
  gint64 now;
  /* DS_ORDER_LINES */
  GHashTable *fingerprints; /* set: the values that lines name */
  guint min_score;       /* with which the plan was made */
  GHashTable *lines;     /* key (ds_order_edit_key, ds_order_shred_key) -> DsOrderLine */
  GHashTable *present;   /* message -> digest of the content that ds_examine looked at, NULL if it could not; it fills this */
} DsOrder;

/* One line of a plan, as far as it decides. */
typedef struct
{
  char *message;
  char *digest;           /* of the content it was made for */
  char *place;            /* "PART TEXT START-END" of an edit, the part of a shred: as the ledger's spans and parts have it */
  char *fingerprint;      /* of the value; NULL for a shred */
  const DsPolicy *policy; /* or NULL */
  gboolean used;          /* it still fits what is there */
} DsOrderLine;

void ds_order_line_free (DsOrderLine *line);

/* The least score that counts for the order. */
guint ds_order_min_score (const DsOrder *order);
/* Attachments, and bodies that are no text, may become tombstones; a message's own text may not. */
gboolean ds_order_may_shred (const DsPartInfo *part);

/* All places that one of the policies may change (new, NULL-terminated). */
char **ds_order_reach (GPtrArray *policies);

/* What the order makes of one finding or part. */
typedef struct
{
  gboolean chosen;
  gboolean beyond; /* not chosen, for the place alone: a setting leaves it where it is */
  DsDo what;
  const DsPolicy *policy; /* or NULL */
} DsDecision;

/* The name of one edit or one shredded part within a message, as a plan's line says it (new strings). */
char *ds_order_edit_key (const char *message, const DsFinding *finding);
char *ds_order_shred_key (const char *message, const char *part);

/* The message's circumstances, for policies. */
typedef struct
{
  const char *message;
  const char *digest; /* of the content that was looked at */
  const char *queue;
  const char *status;
  gint64 date;
} DsCircumstances;

DsDecision ds_order_decide (const DsOrder *order, const DsCircumstances *message, const DsFinding *finding, const DsPartInfo *part);
/* TRUE if the part is to be shredded by its own name (REF, or a plan's line). */
gboolean ds_order_shreds_part (const DsOrder *order, const DsCircumstances *message, const DsPartInfo *part, const DsPolicy **policy_r);
/* TRUE if the order names that very part by a reference. */
gboolean ds_order_names_part (const DsOrder *order, const DsCircumstances *message, const DsPartInfo *part);
/* TRUE if copies of removed values are to be removed at that place too.  A plan's line says for which policy:
 * *policy_r is left alone otherwise. */
gboolean ds_order_reaches (const DsOrder *order, const DsCircumstances *message, const DsFinding *copy, const DsPolicy **policy_r);
/* The places in which nothing of a removed value may be left. */
const char *const *ds_order_where (const DsOrder *order);

G_END_DECLS
