/* detect/context: words near a match that raise its score.  They are compared whole, without case and marks on letters, and whatever
 * parts them: "Número" is "numero", "St.-Nr." is "stnr", "Personal Nummer" is "Personalnummer". */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* TRUE if a byte of text [start, end) is of a letter, or may be: each word of context has one. */
gboolean ds_context_has_letter (const char *text, gsize start, gsize end);

/* A rule's words (NULL: none; each has a letter) as they are compared: a new array of its own elements. */
GArray *ds_context_prepare (char *const *words);

/* TRUE if one of words (prepared) stands within distance characters before start or after end of the folded text. */
gboolean ds_context_near (const GArray *words, guint distance, const char *folded, gsize size, gsize start, gsize end);

G_END_DECLS
