/* detect/validators: functions that prove or refuse a match: check digits, calendars, ranges.
 *
 * A validator gets the folded bytes of a value (ASCII digits and letters, single spaces, '-', '.', '/', '\n' as
 * separators) and ignores separators itself.  Each names the standard or authority that defines its rule. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const char *name;     /* as packs call it */
  gboolean check_digit; /* TRUE: it proves by a check digit or checksum; FALSE: range, calendar or structure only */
  gboolean (*valid) (const char *match, gsize size);
  const char *source; /* the defining standard or authority */
} DsValidator;

/* NULL if there is none of that name. */
const DsValidator *ds_validator_by_name (const char *name);
/* The whole table, ended by an entry with a NULL name. */
extern const DsValidator ds_validators[];

G_END_DECLS
