/* plugins/mail/mbox-content: a message as it stands in an mbox, and as a blob.
 *
 * The two differ in one thing.  In mboxcl files Content-Length frames the message: it belongs to the container, as the
 * From_ line does, and has to follow every change of the body.  Were it part of the blob, no change could be verified by
 * the digest of its bytes.  So a blob has the field with its digits left out ("Content-Length: "), read gives it so and
 * digests are taken so; put fills in the length of the body as it then is.  The field keeps its place among the header's
 * fields.  A message without the field is the same in both forms. */
#pragma once
#include "mbox-scan.h"

G_BEGIN_DECLS

/* Stored bytes to blob; takes stored over. */
GBytes *ds_mbox_content_from_stored (GBytes *stored);
/* Blob to stored bytes; new reference. */
GBytes *ds_mbox_content_to_stored (GBytes *blob);

/* TRUE if the stored bytes can take the place of the entry's without moving the bounds of any message: no line of them
 * would begin a message (another reader may take any "From " for one, so none may be new), and their end leaves the next
 * message's beginning recognisable.  old: the bytes that stand there.  DS_ERROR_ITEM that names the message's key. */
gboolean ds_mbox_content_fits (const DsMboxEntry *entry, gboolean last, GBytes *old, GBytes *stored, const char *message,
                               GError **error);

G_END_DECLS
