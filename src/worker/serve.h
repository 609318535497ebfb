/* worker/serve: the worker's side: enters the cage, then answers task after task until the parent closes the socket. */
#pragma once
#include "worker/blob-work.h"
#include "worker/cage.h"

G_BEGIN_DECLS

/* Building the automaton of so many wanted values takes at most a second. */
#define DS_VALUES_PER_SECOND 100000

/* Says first whether it could be confined (DS_WIRE_HELLO).  Never returns. */
G_NORETURN void ds_serve (int socket, const DsWorkSetup *setup, const DsCageLimits *limits);

G_END_DECLS
