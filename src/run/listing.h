/* run/listing: the messages of a store, or of some tickets, one after the other, with their blobs read. */
#pragma once
#include "run/selection.h"
#include "run/session.h"

G_BEGIN_DECLS

/* Brings the ticket index up to date: messages not yet in it are read (headers only), vanished ones forgotten. */
gboolean ds_listing_refresh_index (DsSession *session, GError **error);

/* The form of a blob for a worker's request; borrows from item. */
DsBlobForm ds_blob_form (const DsStoreItem *item, guint blob);

/* Enters what a scan said of a message's thread; returns its ticket (new string). */
char *ds_listing_index (DsSession *session, const DsStoreItem *item, const DsScanReply *reply, GError **error);

/* What the state remembers of where an item is: nothing for plain files, whose locators are names of people's files. */
const char *ds_listing_locator (const DsSession *session, const DsStoreItem *item);
/* Why an item could not be read, as a reason for "not looked at". */
const char *ds_listing_reason (const GError *error);

/* TRUE if the item's queue may be opened. */
gboolean ds_listing_may_read (const DsSession *session, const DsStoreItem *item);

G_END_DECLS
