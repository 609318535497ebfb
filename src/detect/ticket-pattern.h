/* detect/ticket-pattern: the ticket's number in a subject, as the configuration's ticket_pattern says. */
#pragma once
#include "base/site-key.h"
#include "detect/matcher.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct _DsTicketPattern DsTicketPattern;

/* pattern: PCRE2; its first group is the number.  DS_ERROR_CONFIG if it is no pattern, or has no group. */
DsTicketPattern *ds_ticket_pattern_new (const char *pattern, GError **error);
void ds_ticket_pattern_free (DsTicketPattern *pattern);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsTicketPattern, ds_ticket_pattern_free)
/* The number in subject (new string), or NULL; at most 40 letters, digits, '-' and '_'. */
char *ds_ticket_pattern_find (const DsTicketPattern *pattern, const char *subject);
/* The ticket's name that a number makes (new string).  It stands in ledger and references, and a sender writes subjects: a
 * number with a word that the pattern itself does not have, or in which a rule finds something, is named by its keyed
 * digest. */
char *ds_ticket_pattern_name (const DsTicketPattern *pattern, const char *number, DsMatcher *matcher, const DsSiteKey *key);

G_END_DECLS
