/* detect/match: what a rule matched in one text. */
#pragma once
#include "detect/pack.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const DsRule *rule;
  DsKind kind;
  guint score;
  gsize start, end; /* in the text: what an edit takes; includes overlapping weaker matches */
  gboolean proved;  /* by a check digit */
  gboolean respelled; /* in other groups than the rule has, or over the end of a line: weaker than any other */
  char *value;      /* normalised, see ds_value_normal; secret */
} DsMatch;

void ds_match_free (DsMatch *match);

G_END_DECLS
