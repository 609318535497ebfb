/* run/brake: how many tickets a policy may change in some hours (DESIGN 4.7): so that a mistake in a policy stays small. */
#pragma once
#include "run/session.h"

G_BEGIN_DECLS

typedef struct _DsBrakeCount DsBrakeCount;

/* Reads from the ledger what each policy did lately.  n_tickets: of the store. */
DsBrakeCount *ds_brake_new (DsSession *session, guint64 n_tickets, GError **error);
void ds_brake_free (DsBrakeCount *brake);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsBrakeCount, ds_brake_free)

/* From here until the brake is freed, no other run may carry out this policy: two at once would each see what the other had
 * not done yet, and go beyond the brake together.  Then what was done meanwhile is read.  To be called before anything is
 * changed, not for a plan that is only written.  DS_ERROR_LOCKED if another run has it longer than --wait. */
gboolean ds_brake_claim (DsBrakeCount *brake, const DsPolicy *policy, GError **error);

/* queue: as the ledger has it (run/queue-name).  TRUE, and the ticket is counted, if the policy may change one more ticket of that
 * queue (a ticket counted already: yes). */
gboolean ds_brake_allows (DsBrakeCount *brake, const DsPolicy *policy, const char *queue, const char *ticket);

G_END_DECLS
