/* detect/ticket-pattern: the ticket's number in a subject, as the configuration's ticket_pattern says. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _DsTicketPattern DsTicketPattern;

/* pattern: PCRE2; its first group (or the whole match) is the number.  DS_ERROR_CONFIG if it is no pattern. */
DsTicketPattern *ds_ticket_pattern_new (const char *pattern, GError **error);
void ds_ticket_pattern_free (DsTicketPattern *pattern);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsTicketPattern, ds_ticket_pattern_free)
/* The number in subject (new string), or NULL; at most 40 letters, digits, '-' and '_'. */
char *ds_ticket_pattern_find (const DsTicketPattern *pattern, const char *subject);

G_END_DECLS
