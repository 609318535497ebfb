/* detect/matcher: all rules over one folded text.  PCRE2 alone decides every span; on the plain path it looks for every rule
 * everywhere, on the fast one only where the prefilter says that there may be something (DESIGN 5). */
#pragma once
#include "detect/match.h"
#include "detect/fold.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct _DsMatcher DsMatcher;

/* What is never reported: the site's own. */
typedef struct
{
  const char *const *own_domains; /* e-mail addresses in them (or below); NULL-terminated or NULL */
} DsOwn;

/* Compiles the rules of packs (GPtrArray of DsPack, kept alive by a reference).  own is copied. */
DsMatcher *ds_matcher_new (GPtrArray *packs, const DsOwn *own, GError **error);
void ds_matcher_free (DsMatcher *matcher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsMatcher, ds_matcher_free)

#ifdef HAVE_HYPERSCAN
/* From now on runs take the fast path, which finds the same.  cache: a folder where what Hyperscan compiles is kept for the
 * next process; NULL: nowhere, and this takes a second.  On a processor that it can't serve nothing changes. */
void ds_matcher_speed_up (DsMatcher *matcher, const char *cache);
#endif

/* The rule of that id, or NULL. */
const DsRule *ds_matcher_rule (const DsMatcher *matcher, const char *id);

/* What struck in a run: with any of them, something may be missing. */
typedef enum
{
  DS_MATCHER_EFFORT = 1 << 0,   /* the effort limit of PCRE2, for some rule */
  DS_MATCHER_TOO_MANY = 1 << 1, /* there are more matches than were allowed */
} DsMatcherLimits;

/* Appends to matches (GPtrArray of DsMatch that frees them) what the rules find, at most that many in all, before any is
 * dropped by ds_matches_settle; until then spans are in folded offsets.  0: complete. */
DsMatcherLimits ds_matcher_run (DsMatcher *matcher, const DsFolded *folded, guint most, GPtrArray *matches);

/* What one rule makes of a text, step by step, for `rules explain` and `rules check`. */
typedef enum
{
  DS_VERDICT_NO_MATCH,
  DS_VERDICT_WRAPPED,   /* crosses a line break without a check digit */
  DS_VERDICT_REGROUPED, /* is written in other groups without a check digit */
  DS_VERDICT_EXCLUDED,
  DS_VERDICT_INVALID,  /* refused by validator or checksum */
  DS_VERDICT_NO_CONTEXT,
  DS_VERDICT_OWN,
  DS_VERDICT_FOUND,
} DsVerdict;

typedef struct
{
  DsVerdict verdict; /* the best that any match of the rule came to */
  gsize start, end;  /* of that match, in folded offsets */
  guint score;
  gboolean context;
} DsExplanation;

DsExplanation ds_matcher_explain (DsMatcher *matcher, const DsRule *rule, const DsFolded *folded);

G_END_DECLS
