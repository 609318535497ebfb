/* detect/prefilter: where in a text a rule may match at all.
 *
 * Hyperscan looks for all rules at once, in loosened form (detect/loosen.h), and only in the neighbourhood of the bytes
 * that a group of rules cannot do without (detect/shape.h).  It decides nothing: what it says is where PCRE2 has to look,
 * always too much and never too little.  Without it every rule looks everywhere, and finds the same.
 *
 * Vectorscan has the same interface, but what Debian 12 has of it (5.4.9) misses matches near the end of a text where the
 * processor has AVX-512; a library that does so is found out and not used. */
#pragma once
#include "detect/pack.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct _DsPrefilter DsPrefilter;

/* The first and the last offset at which a match may begin. */
typedef struct
{
  guint32 first, last;
} DsWindow;

/* rules: GPtrArray of DsRule, whose places in it are their numbers here; only read.  cache: the folder where compiled databases are
 * kept; NULL: none.  NULL if Hyperscan can't serve on this machine, or can't be trusted. */
DsPrefilter *ds_prefilter_new (GPtrArray *rules, const char *cache);
void ds_prefilter_free (DsPrefilter *prefilter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsPrefilter, ds_prefilter_free)

/* Looks through a folded text.  FALSE: nothing can be said about this one. */
gboolean ds_prefilter_run (DsPrefilter *prefilter, const char *bytes, gsize size);
/* What that run says of a rule: windows in ascending order that do not overlap, borrowed until the next run. */
const DsWindow *ds_prefilter_windows (const DsPrefilter *prefilter, guint rule, guint *n_r);

G_END_DECLS
