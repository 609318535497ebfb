/* run/poison: blobs that ended their worker, or overran it, twice, by their own doing: they are listed as not looked at,
 * with that reason, and cost no worker any more, whoever asks for a scan of them.
 *
 * A mark names the content (a keyed digest), and what tried it: the program's version, the packs, the limits.  So another
 * version, other rules, or more time or memory in the configuration try again; and after 30 days it is tried again anyway.
 * A worker that somebody else killed, as a machine out of memory does, or that got no time, marks nothing. */
#pragma once
#include "base/site-key.h"
#include "detect/pack.h"
#include "run/configuration.h"
#include "state/state.h"
#include "worker/pool.h"

G_BEGIN_DECLS

typedef struct _DsPoison DsPoison;

/* Reads the marks, and guards the pool from now on; key, state and pool are borrowed. */
DsPoison *ds_poison_open (const DsSiteKey *key, const DsConfiguration *configuration, GPtrArray *packs, DsState *state, DsPool *pool,
                          GError **error);
/* After the pool. */
void ds_poison_free (DsPoison *poison);

G_END_DECLS
