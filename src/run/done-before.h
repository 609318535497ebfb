/* run/done-before: lines of a plan that no longer fit since they were carried out before, by an earlier run of the same plan
 * or by another change of ours.  The ledger knows: from the content that the line was made for, a chain of `done` leads to
 * the content that is there now, and one of them removed what the line names. */
#pragma once
#include "run/order.h"
#include "run/session.h"

G_BEGIN_DECLS

typedef struct
{
  guint done;  /* lines that were carried out before */
  guint other; /* lines that were not: somebody else changed the message, or we did in another way */
} DsDoneBefore;

/* Judges the unused lines of an order of one ticket, which was examined (order->present).  Lines of a message that could not
 * be looked at are neither: that is told as what it is.  ticket: its present name; named: the name it had in the plan. */
gboolean ds_done_before (DsSession *session, const DsOrder *order, const char *ticket, const char *named, DsDoneBefore *judged_r,
                         GError **error);

G_END_DECLS
