/* fuzz/edits: spans of a tree's texts are chosen and replaced as the program would, and what comes of it is judged from
 * outside: by reading the old tree and the new one, not by asking what the rewriting thinks it did. */
#pragma once
#include "property.h"
#include "content/rewrite.h"

typedef struct
{
  GArray *edits;           /* of DsTextEdit */
  GPtrArray *replacements; /* of DsReplacement */
} FuzzOrder;

void fuzz_order_init (FuzzOrder *order);
void fuzz_order_clear (FuzzOrder *order);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FuzzOrder, fuzz_order_clear)

/* Up to n spans in texts, none across the separator of two texts, each with the label that its place needs. */
void fuzz_order_choose_edits (FuzzOrder *order, DsTree *tree, GRand *choices, guint n);
/* One part that a person could have shredded; FALSE if none was found. */
gboolean fuzz_order_choose_part (FuzzOrder *order, DsTree *tree, GRand *choices);
/* Takes replacement over. */
void fuzz_order_add_edit (FuzzOrder *order, guint leaf, guint text, gsize start, gsize end, char *replacement);

/* Leaf by leaf the same roles, numbers, media types, encodings and names of fields. */
gboolean fuzz_same_structure (DsTree *before, DsTree *after);
/* Whether the program's own proof would take it: another structure, a body that nobody edited and that changed since it ends by a
 * guess (fuzz_may_shift), or an edited one that has other bytes than were meant, are refused.  Counts which. */
gboolean fuzz_would_be_taken (DsTree *before, const FuzzOrder *order, GHashTable *meant, DsTree *after);
/* Whether an edited leaf has junk in its base64 or behind it, or the beginning of a uuencoded file that is none: where such a body ends
 * is a guess, which an edit may change. */
gboolean fuzz_may_shift (DsTree *tree, const FuzzOrder *order);

/* after is before with the edits made: leaves that no edit is in have their bytes, edited leaves have theirs before the
 * first edit and behind the last, and each text reads as before with the labels in the places of the spans.  Both trees
 * are of one structure. */
void fuzz_require_edited (DsTree *before, const FuzzOrder *order, DsTree *after);
/* The parts are tombstones, and every byte outside them and the edits is there. */
void fuzz_require_replaced (DsTree *before, const FuzzOrder *order, DsTree *after);

/* On the error output, for whoever has to find out what went wrong. */
void fuzz_tell (const char *what, DsTree *tree);

/* How often what was checked; told at the end of the program if FUZZ_COUNT is set. */
void fuzz_count (const char *what);
