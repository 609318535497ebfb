/* detect/fold: the one form in which texts are matched, with a map back (DESIGN 3.3).
 *
 * No-break, thin and other spaces become ' ' (two in a row one); Unicode dashes '-'; full-width and other decimal digits
 * and full-width letters ASCII; zero-width characters and soft hyphens go; a line break with the blanks around it and the
 * quote prefix behind it becomes one '\n', or nothing in flowed text that goes on; a label "[... removed]" becomes
 * DS_FOLDED_LABEL; %XX, \xXX and \uXXXX of printable ASCII, a line break, a letter or what is matched as ASCII become that, and
 * so do \n, \r and \t in a string in quotes.
 * All other characters keep their UTF-8 bytes. */
#pragma once
#include "base/span-map.h"
#include <glib.h>

G_BEGIN_DECLS

#define DS_FOLDED_LABEL '\x1e'

typedef struct
{
  const char *bytes; /* NUL-terminated */
  gsize size;
  DsSpanMap *map; /* folded -> text */
  const char *text; /* borrowed */
  char *owned;    /* NULL if the text needed no folding and is shared */
} DsFolded;

/* utf8 must be valid, NUL-terminated, and outlive the result. */
DsFolded *ds_fold (const char *utf8, gsize size, gboolean flowed, gboolean delsp);
void ds_folded_free (DsFolded *folded);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsFolded, ds_folded_free)

/* TRUE for a letter of a script in which a word's end is no blank: Han, kana, Thai and their kin have none (Unicode Standard
 * Annex 29, 4), and Hangul sets particles on the word. */
gboolean ds_is_unspaced (gunichar c);

G_END_DECLS
