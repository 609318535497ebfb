/* detect/match: what a rule matched in one text, and which of those that overlap stay. */
#pragma once
#include "detect/fold.h"
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

/* Sorts by place, drops matches below min_score, lets the stronger proof win where they overlap (its span then covers
 * the weaker ones', so that no residue is left), and turns the spans into offsets of the text that was folded. */
void ds_matches_settle (GPtrArray *matches, const DsFolded *folded, guint min_score);

G_END_DECLS
