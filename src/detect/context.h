/* detect/context: words near a match that raise its score, compared whole and Unicode-casefolded. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Folds (detect/fold.h) and casefolds a rule's words once; NULL-terminated, g_strfreev. */
char **ds_context_prepare (char *const *words);

/* TRUE if one of words (prepared) stands within distance characters before start or after end of the folded text. */
gboolean ds_context_near (char *const *words, guint distance, const char *folded, gsize size, gsize start, gsize end);

G_END_DECLS
