/* run/queue-name: how a queue is called in ledger, state, plans and reports.  For a Maildir it is a folder: its owner may have
 * named it after a person, and a mail server may have made it of what a sender wrote behind the "+" of an address. */
#pragma once
#include "run/configuration.h"
#include "base/site-key.h"

G_BEGIN_DECLS

/* A queue that the configuration names, or of a usual name, as it is; any other as "q" and 8 digits of its keyed digest; NULL
 * for the top.  New string. */
char *ds_queue_shown (const DsConfiguration *configuration, const DsSiteKey *key, const char *queue);

/* The same for a queue that a person asks for; where the key cannot be read, as it was given. */
char *ds_queue_asked (const DsConfiguration *configuration, const char *queue);

G_END_DECLS
