/* run/brake: how many tickets a policy may change in some hours (DESIGN 4.7): so that a mistake in a policy stays small. */
#pragma once
#include "run/session.h"

G_BEGIN_DECLS

typedef struct _DsBrakeCount DsBrakeCount;

/* Reads from the ledger what each policy did lately.  n_tickets: of the store. */
DsBrakeCount *ds_brake_new (DsSession *session, guint64 n_tickets, GError **error);
void ds_brake_free (DsBrakeCount *brake);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsBrakeCount, ds_brake_free)

/* TRUE, and the ticket is counted, if the policy may change one more ticket of that queue (a ticket counted already: yes). */
gboolean ds_brake_allows (DsBrakeCount *brake, const DsPolicy *policy, const char *queue, const char *ticket);

G_END_DECLS
