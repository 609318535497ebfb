/* detect/regroup: numbers in other groups than their rule has.
 *
 * People part a number as they like ("428.573.914.63"), write it in lower case, and a line ends in its midst ("1635.", "89.197").
 * No rule can name all ways.  So each stretch of digits and letters that may be one number is written once more as one word in
 * upper case, and rules look at these words too (detect/matcher.h); there they need a word of context.  Where blanks and marks
 * part it ("190678 - 329U"), it is also written without the blanks alone.
 *
 * A number begins and ends where its stretch does, at a line's end, where blanks stand around a mark, or at a word; not at a blank
 * between two numbers, which may be one within it.  Dates, years, prices, addresses of machines, and numbers that begin with a year
 * ("2024/0017") are not written so, nor what goes over two line ends, nor what begins with a plus sign, nor what has no word near.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define DS_REGROUP_SEPARATOR '\x1f' /* before and behind each word */

typedef struct _DsRegrouper DsRegrouper;

typedef struct
{
  gsize at;         /* of the word in the words */
  gsize start, end; /* of the number in the text */
} DsRegroupedNumber;

/* text: folded (detect/fold.h); it outlives the result. */
DsRegrouper *ds_regrouper_new (const char *text, gsize size);
void ds_regrouper_free (DsRegrouper *regrouper);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsRegrouper, ds_regrouper_free)

/* The next words, some 64 KiB of them, with DS_REGROUP_SEPARATOR between them; borrowed until the next call.  NULL: no more.
 * In all they have at most some four times the text's bytes: in a table of numbers not every way to join them is written. */
const GString *ds_regrouper_next (DsRegrouper *regrouper);
/* The number whose word begins at start of those words and ends at end, or NULL: what is only a piece of one is none. */
const DsRegroupedNumber *ds_regrouper_number (const DsRegrouper *regrouper, gsize start, gsize end);

G_END_DECLS
