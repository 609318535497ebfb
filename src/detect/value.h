/* detect/value: a found value: its normal form, mask, fingerprint. */
#pragma once
#include "base/site-key.h"
#include "detect/kinds.h"
#include <glib.h>

G_BEGIN_DECLS

/* The form in which values are compared and fingerprinted: letters and digits in lower case for most kinds (new string);
 * e-mail addresses, passwords and tokens keep their punctuation. */
char *ds_value_normal (DsKind kind, const char *text, gsize size);

/* TRUE if punctuation is part of values of this kind. */
gboolean ds_value_keeps_punctuation (DsKind kind);

/* Masked for people: stars, and what ds_kind_mask allows.  The number of stars tells nothing of the length. */
char *ds_value_mask (DsKind kind, const char *normal);

#define DS_FINGERPRINT_DIGITS 32

/* Keyed, and truncated to so many hexadecimal digits (new string). */
char *ds_value_fingerprint (const DsSiteKey *key, DsKind kind, const char *normal);

/* TRUE if the value is so distinctive that every copy of it is the same datum (DESIGN 3.4). */
gboolean ds_value_is_distinctive (DsKind kind, gboolean proved, const char *normal);

G_END_DECLS
