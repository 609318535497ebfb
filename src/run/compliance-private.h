/* run/compliance-private: what the two halves of the report's figures share: compliance.c has the ledger's, compliance-state.c
 * those of the state. */
#pragma once
#include "run/compliance.h"

G_BEGIN_DECLS

/* What is open, and what was not looked at; state may be NULL. */
gboolean ds_compliance_collect_state (DsCompliance *compliance, DsState *state, const char *store, GError **error);

G_END_DECLS
