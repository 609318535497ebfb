/* run/intent: what the ledger is told of a change before it is made: who, where, what, why; never a value. */
#pragma once
#include "ledger/ledger.h"
#include "run/examine.h"

G_BEGIN_DECLS

/* What every entry of this run says. */
typedef struct
{
  const char *command; /* "redact", "apply", "shred" */
  const DsReason *reason; /* given for all of it; NULL: what each policy gives as its own */
  const char *case_reference; /* or NULL */
} DsWarrant;

/* Why something goes: the reason given, or that of its policy (NULL: by hand).  One of both there must be. */
const DsReason *ds_warrant_reason (const DsWarrant *warrant, const DsSession *session, const DsPolicy *policy);

/* One message's change.  All borrowed. */
typedef struct
{
  const DsSession *session;
  const DsWarrant *warrant;
  const DsExaminedTicket *ticket;
  const DsExaminedBlob *blob;
  const char *action; /* its id */
  const char *before, *after; /* keyed digests */
} DsIntentFacts;

/* Adds one entry (DsEntry) for all that is redacted in the message; if several policies want it, one for each of them, by
 * name, so that each entry has one policy, one reason and one ground. */
void ds_intent_redact (const DsIntentFacts *facts, GPtrArray *entries);
/* One for each part that is shredded. */
DsEntry *ds_intent_shred (const DsIntentFacts *facts, const DsPlannedShred *shred);

G_END_DECLS
