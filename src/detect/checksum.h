/* detect/checksum: a check digit declared in a pack as a weighted sum, so that a new national number needs no C.
 *
 * The characters of the match (digits; letters count A=10 ... Z=35, as in ISO 7064 and ICAO 9303) are multiplied by the
 * weights and added up; the sum modulo modulus must be the remainder, or, with check_map, the character check_map[sum %
 * modulus] must stand at position check (from 0; give that position the weight 0, or no weight if it is the last).  A
 * character of check_map that no number can have, such as "?", says that no number has that sum.  With digit_sum each
 * product counts as the sum of its digits (Luhn).  The match must have exactly as many characters as there are weights,
 * or check + 1 if that is more. */
#pragma once
#include "base/conf.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct _DsChecksum DsChecksum;

/* node: group { weights = [..]; modulus = N; remainder = N; | check = INDEX; check_map = "..."; digit_sum = bool; } */
DsChecksum *ds_checksum_parse (DsConfNode *node, GError **error);
/* The sum written out, for digests of rules (new string); NULL for NULL. */
char *ds_checksum_describe (const DsChecksum *checksum);
void ds_checksum_free (DsChecksum *checksum);
gboolean ds_checksum_valid (const DsChecksum *checksum, const char *match, gsize size);

G_END_DECLS
