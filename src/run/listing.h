/* run/listing: the messages of a store, or of some tickets, one after the other, with their blobs read. */
#pragma once
#include "run/selection.h"
#include "run/session.h"

G_BEGIN_DECLS

/* Brings the ticket index up to date: messages not yet in it are read (headers only), vanished ones forgotten. */
gboolean ds_listing_refresh_index (DsSession *session, GError **error);

/* Begins a listing of what the selection names.  DS_ERROR_USAGE for a queue or status that the store does not have. */
gboolean ds_listing_begin (DsSession *session, const DsSelection *selection, GError **error);
/* While the store is listed: the item is still there (ds_state_seen), and so is what it hides. */
gboolean ds_listing_still_there (DsSession *session, const DsStoreItem *item, gboolean *known_r, GError **error);

/* The form of a blob for a worker's request; borrows from item. */
DsBlobForm ds_blob_form (const DsStoreItem *item, guint blob);

/* Enters what a scan said of a message's thread; returns its ticket (new string). */
char *ds_listing_index (DsSession *session, const DsStoreItem *item, const DsScanReply *reply, GError **error);

/* What the state remembers of where an item is: nothing for plain files, whose locators are names of people's files. */
const char *ds_listing_locator (const DsSession *session, const DsStoreItem *item);
/* Why an item could not be read, as a reason for "not looked at". */
const char *ds_listing_reason (const GError *error);

/* The item of a message that is there and can't be looked at; problem is taken over. */
DsStoreItem *ds_listing_lost_item (const char *message, GError *problem);

/* TRUE if the item's queue may be opened. */
gboolean ds_listing_may_read (const DsSession *session, const DsStoreItem *item);

/* The messages of a ticket (GPtrArray of DsIndexed, empty if there is none) and its present name (new string), by a name of
 * it: as shown, or the number that stands in its subjects. */
GPtrArray *ds_listing_messages (DsSession *session, const char *name, char **ticket_r, GError **error);

G_END_DECLS
