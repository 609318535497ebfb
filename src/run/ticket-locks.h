/* run/ticket-locks: the tickets of a store that a run has locked against other runs.
 *
 * A ticket is one byte's place in one of a few lock files, so a run can hold any number of them without a descriptor for
 * each.  The locks are the kernel's: they are gone when the process is. */
#pragma once
#include "base/site-key.h"

G_BEGIN_DECLS

typedef struct _DsTicketLocks DsTicketLocks;

/* All borrowed. */
DsTicketLocks *ds_ticket_locks_new (const char *folder, const char *store, const DsSiteKey *key);
/* Lets go of all. */
void ds_ticket_locks_free (DsTicketLocks *locks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsTicketLocks, ds_ticket_locks_free)

/* Waits so many seconds while another run has the ticket, and lets that run know; then DS_ERROR_LOCKED, which names it by
 * what.  DS_ERROR_LEDGER if it cannot be locked at all. */
gboolean ds_ticket_locks_take (DsTicketLocks *locks, const char *ticket, const char *what, guint seconds, GError **error);
gboolean ds_ticket_locks_hold (const DsTicketLocks *locks, const char *ticket);
void ds_ticket_locks_let_go (DsTicketLocks *locks, const char *ticket);
void ds_ticket_locks_let_go_all (DsTicketLocks *locks);
/* TRUE while some run waits for a ticket of this store, ours or another's. */
gboolean ds_ticket_locks_are_wanted (const DsTicketLocks *locks);

G_END_DECLS
