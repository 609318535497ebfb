/* run/records: ledger and state as those read them who change nothing: without a site key, a store or a lock, and without
 * making what is not there yet. */
#pragma once
#include "ledger/ledger.h"
#include "run/configuration.h"
#include "state/state.h"

G_BEGIN_DECLS

/* Opens the ledger for reading; *ledger_r is NULL if there is none yet.  DS_ERROR_LEDGER. */
gboolean ds_records_ledger (const DsConfiguration *configuration, DsLedger **ledger_r, GError **error);
/* The same for the state. */
gboolean ds_records_state (const DsConfiguration *configuration, DsState **state_r, GError **error);

/* FALSE with DS_ERROR_USAGE if nothing is known of a store of that name: neither the configuration, nor the ledger or the state
 * (either may be NULL).  NULL is known. */
gboolean ds_records_know_store (const DsConfiguration *configuration, DsLedger *ledger, DsState *state, const char *name, GError **error);

/* A time of the command line ("2024-01-31", "30d": so long ago) as the ledger writes times (new string); NULL stays NULL.
 * DS_ERROR_USAGE. */
gboolean ds_records_time (const char *text, char **time_r, GError **error);

G_END_DECLS
