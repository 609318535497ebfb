/* detect/loosen: a pattern for the prefilter, which cannot look around.
 *
 * What it matches ends wherever a match of the pattern ends, or one byte behind that: it finds too much, and misses nothing.
 * Names of groups, atomic groups and possessive repeats go; so do assertions, but for a class that may not stand before or
 * behind the whole: as "the edge, or another byte" that keeps most false matches away. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* How much further behind a match's end the loosened pattern's may be, in bytes. */
#define DS_LOOSEN_SLACK 1

/* pattern: one that ds_pattern_check takes; new string. */
char *ds_loosen (const char *pattern);

G_END_DECLS
