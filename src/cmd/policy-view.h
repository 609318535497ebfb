/* cmd/policy-view: a policy as it is written in the configuration, shown to who confirms it. */
#pragma once
#include "report/writer.h"
#include "run/configuration.h"

G_BEGIN_DECLS

/* A table of its fields, its digest among them. */
void ds_policy_view (DsWriter *writer, const DsConfiguration *configuration, const DsPolicy *policy);

G_END_DECLS
