/* detect/value-set: many literal values found in one pass, however they are written (DESIGN 3.4, closure).
 *
 * Three Aho-Corasick automata (Aho, Corasick 1975): one over the text without separators (digits and letters only), for
 * numbers and codes, whose groups little may part (a short one a blank, a dash or what it has itself); one over the text
 * with its punctuation but all blanks and line breaks as one space, and as none where a line ends behind - . @ / _, for addresses;
 * one over words, whichever mark parts them in a text, a file's name or a link, for names of several.  Characters are compared
 * decomposed and case-folded, and whole.  Time is linear in the text whatever the number of values. */
#pragma once
#include "detect/fold.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct _DsValueSet DsValueSet;

typedef struct
{
  guint value;      /* its number: the order of adding */
  gsize start, end; /* in the folded text */
} DsValueHit;

DsValueSet *ds_value_set_new (void);
void ds_value_set_free (DsValueSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsValueSet, ds_value_set_free)

/* Adds a value, whatever its spelling (UTF-8).  literal: keep its punctuation (addresses, names, passwords).  FALSE if
 * nothing of it is significant; its number is used up all the same. */
gboolean ds_value_set_add (DsValueSet *set, const char *value, gboolean literal);
/* After the last add, before the first find. */
void ds_value_set_build (DsValueSet *set);

/* Appends DsValueHit to hits: whole tokens only, the longest where several end at one place, ascending, not overlapping:
 * hits that overlap are one, under the first one's number. */
void ds_value_set_find (const DsValueSet *set, const DsFolded *folded, GArray *hits);

G_END_DECLS
