/* run/perform: an order carried out over tickets: recovery first, then ticket after ticket, then the totals. */
#pragma once
#include "run/change.h"
#include "run/recovery.h"
#include "run/reference.h"
#include <stdio.h>

G_BEGIN_DECLS

/* The warrant of a change: the code must be one of the configuration's reasons, and neither it nor the case reference may
 * hold personal data.  reason NULL: the policies' own count; who needs one asks ds_warrant_check_reason.  DS_ERROR_USAGE or
 * DS_ERROR_REFUSED.  command and case_reference are borrowed. */
gboolean ds_warrant_make (DsSession *session, const char *command, const char *reason, const char *case_reference, DsWarrant *warrant,
                          GError **error);
/* FALSE with DS_ERROR_USAGE, which lists the codes, if the warrant has no reason. */
gboolean ds_warrant_check_reason (const DsSession *session, const DsWarrant *warrant, GError **error);
/* FALSE with DS_ERROR_REFUSED if the case reference or the actor holds one of the values (of DsWantedValue; NULL: none). */
gboolean ds_warrant_check_values (const DsSession *session, const DsWarrant *warrant, const GPtrArray *values, GError **error);
/* A short reference for the record: at most 80 printable characters of ASCII, without personal data.  text may be NULL.
 * DS_ERROR_USAGE or DS_ERROR_REFUSED. */
gboolean ds_case_check (DsSession *session, const char *text, GError **error);

/* The tickets (GPtrArray of char *) that references, or a selection's tickets, or the whole store come to; messages_r and
 * parts_r: sets for DsOrder (NULL where there is no restriction).  The index must be fresh.  DS_ERROR_USAGE for what is
 * not there. */
GPtrArray *ds_perform_tickets (DsSession *session, const DsSelection *selection, GPtrArray *references, GHashTable **messages_r,
                               GHashTable **parts_r, GError **error);

/* FALSE if the run had to stop; totals say what was done until then. */
gboolean ds_perform (DsSession *session, GPtrArray *tickets, const DsOrder *order, const DsWarrant *warrant, DsChangeTotals *totals,
                     GError **error);

/* The exit status that totals lead to (DESIGN 4.1).  strict: what was not looked at counts as failed. */
int ds_change_totals_status (const DsChangeTotals *totals, gboolean strict);

/* Literal values, a line each, from a stream: GPtrArray of DsWantedValue.  DS_ERROR_USAGE if there are none. */
GPtrArray *ds_values_read (FILE *stream, GError **error);

G_END_DECLS
