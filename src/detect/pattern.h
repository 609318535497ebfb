/* detect/pattern: what a pack's pattern may contain.
 *
 * Patterns run in byte mode over UTF-8 (DESIGN 3.3), by PCRE2 and by Hyperscan, over text of any size.  So refused is
 * what the two read differently, what could split a character or take a label or hard separator (bytes 0x1e, 0x1f), and
 * what has no bound. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* DS_ERROR_CONFIG, with the offset in the pattern, if the pattern breaks a rule or PCRE2 refuses it. */
gboolean ds_pattern_check (const char *pattern, GError **error);

G_END_DECLS
