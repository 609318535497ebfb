/* run/dismissal: which values a dismissal means, and which it leaves since other tickets share them.
 *
 * A whole ticket or message that is dismissed, with no word on kinds or rules, means what is there alone: an address that
 * stands in the headers of a hundred other tickets is no false alarm for that.  A place named down to its part, a kind, a
 * rule or a fingerprint means the value wherever it stands.
 *
 * Dismissals are no entries of the ledger: that records what was done to stores, and a dismissal changes none.  The state
 * keeps who, when and for which case; a report lists them. */
#pragma once
#include "run/reference.h"
#include "state/state.h"

G_BEGIN_DECLS

/* One word of the command line. */
typedef struct
{
  char *word;
  DsReference *reference; /* its ticket under its present name; NULL: a fingerprint */
  guint found;            /* how many findings, or dismissals, it meant */
} DsDismissalTarget;

/* One value that the targets mean. */
typedef struct
{
  char *rule, *kind, *masked, *store, *ticket, *message, *part; /* of the first place */
  guint places; /* that the targets mean */
  guint places_elsewhere, tickets_elsewhere; /* in tickets that no target names */
  gboolean is_exact; /* meant wherever it stands */
  char *last_ticket; /* while it is counted */
} DsDismissable;

/* targets: GPtrArray of DsDismissalTarget, whose found is set.  rules, kinds: NULL-terminated, or NULL for any.  fingerprint ->
 * DsDismissable. */
GHashTable *ds_dismissable_find (DsState *state, GPtrArray *targets, char *const *rules, char *const *kinds, GError **error);
/* TRUE if it is to be left since other tickets share it. */
gboolean ds_dismissable_is_shared (const DsDismissable *value);

/* The dismissals that the targets mean, by their fingerprint or the place they were dismissed at; whose found is set:
 * GPtrArray of fingerprints (char *). */
GPtrArray *ds_dismissals_find (DsState *state, GPtrArray *targets, char *const *rules, char *const *kinds, GError **error);

/* word: a reference, or with is_fingerprint one of these.  Takes aliases of tickets to their present names. */
DsDismissalTarget *ds_dismissal_target_new (DsState *state, const char *word, gboolean is_fingerprint, GError **error);
void ds_dismissal_target_free (DsDismissalTarget *target);

G_END_DECLS
