/* detect/label: what stands where a span was: "[credit-card removed]".  Its length tells nothing of the original's. */
#pragma once
#include "detect/kinds.h"

G_BEGIN_DECLS

/* New string. */
char *ds_label_for_kind (DsKind kind);
/* For literal values that no rule knows: "[value removed]". */
#define DS_LABEL_VALUE "[value removed]"

/* The length of a label at text, in any of its spellings ("[email removed]", "[email-removed]"), or 0. */
gsize ds_label_length (const char *text, gsize size);

G_END_DECLS
