/* run/intent: what the ledger is told of a change before it is made: who, where, what, why; never a value. */
#pragma once
#include "ledger/ledger.h"
#include "run/examine.h"

G_BEGIN_DECLS

/* What every entry of this run says. */
typedef struct
{
  const char *command; /* "redact", "apply", "shred" */
  const DsReason *reason;
  const char *case_reference; /* or NULL */
} DsWarrant;

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

/* One entry for all that is redacted in the message. */
DsEntry *ds_intent_redact (const DsIntentFacts *facts);
/* One for each part that is shredded. */
DsEntry *ds_intent_shred (const DsIntentFacts *facts, const DsPlannedShred *shred);

G_END_DECLS
