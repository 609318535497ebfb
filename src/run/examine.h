/* run/examine: one ticket looked at for an order: what would be changed in each of its messages, copies included, and
 * what would be left (DESIGN 3.4). */
#pragma once
#include "run/listing.h"
#include "run/order.h"

G_BEGIN_DECLS

/* One edit that is to be made. */
typedef struct
{
  DsFinding *finding; /* owned */
  const DsPolicy *policy;
  guint ordinal;      /* of its value within the ticket, from 1 */
} DsPlannedEdit;

/* One part that is to be shredded. */
typedef struct
{
  DsPartInfo *part; /* owned */
  const DsPolicy *policy;
  guint kinds[DS_N_KINDS]; /* how many findings of each kind were in it */
  GHashTable *rules;       /* set: ids of the rules that found them */
} DsPlannedShred;

/* "mrz=1 passport=1" (new string). */
char *ds_planned_shred_kinds (const DsPlannedShred *shred);

/* One blob of the ticket. */
typedef struct
{
  DsStoreItem *item; /* owned */
  guint blob;
  char *digest;      /* of the content that was looked at */
  guint64 size;
  GPtrArray *edits;  /* of DsPlannedEdit */
  GPtrArray *shreds; /* of DsPlannedShred */
  GPtrArray *parts;  /* of DsPartInfo: all of the blob; NULL if it could not be looked at */
  guint spared;      /* copies within reach that the order leaves */
  guint left;        /* copies outside its reach */
  gboolean is_signed;
  char *failure;     /* it could not be looked at: why, as reports have it; or NULL */
  char *failed_how;  /* the same for a person, if more is known */
  gboolean unsure;   /* it failed, and whether its content changed is not known */
} DsExaminedBlob;

/* Adds a part to what is to be shredded, or finds it there. */
DsPlannedShred *ds_examined_blob_shred (DsExaminedBlob *blob, const DsPartInfo *part);

typedef struct
{
  char *ticket;
  GPtrArray *blobs;   /* of DsExaminedBlob */
  guint n_values;     /* distinct values that go */
  guint left_headers; /* copies left, by the reason why */
  guint left_metadata, left_elsewhere;
  guint not_looked_at; /* blobs and parts that could not be read */
  guint tombstones;    /* parts that were named to be shredded, and are tombstones already */
  guint unrewritable;  /* findings that the order wants changed, in bytes that cannot be */
  gboolean has_work;
} DsExaminedTicket;

void ds_examined_ticket_free (DsExaminedTicket *ticket);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsExaminedTicket, ds_examined_ticket_free)

/* ticket: a resolved name.  The values that go stay set in the session's pool until the next call, so that
 * ds_change can prove that none of them is left. */
DsExaminedTicket *ds_examine (DsSession *session, const char *ticket, const DsOrder *order, GError **error);

G_END_DECLS
