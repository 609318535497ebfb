/* run/plan: the list of what would be done, as JSON Lines: a header, then an action a line (DESIGN 4.2).
 *
 * Each line ends in a MAC of its own with the site's key, so that a person may read it and delete lines, and nobody can
 * edit one.  It holds no value: a place, a masked sample, a fingerprint. */
#pragma once
#include "run/change.h"
#include "run/plan-line.h"
#include <stdio.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 tickets, messages, edits, shreds, copies;
  guint64 by_kind[DS_N_KINDS]; /* edits */
  GHashTable *by_policy;       /* name ("": none) -> number of actions (gsize in the pointer) */
  guint64 message_bytes;       /* of the messages that would be written anew */
  guint64 left_headers, left_metadata, left_elsewhere, not_looked_at;
  guint64 braked; /* tickets that the brake held back */
} DsPlanTotals;

void ds_plan_totals_init (DsPlanTotals *totals);
void ds_plan_totals_clear (DsPlanTotals *totals);
/* Counts one action: a shred, or an edit of that kind; policy may be NULL. */
void ds_plan_totals_add (DsPlanTotals *totals, gboolean shred, DsKind kind, const char *policy);

/* Examines tickets (GPtrArray of char *) and writes what the order comes to. */
gboolean ds_plan_write (DsSession *session, GPtrArray *tickets, const DsOrder *order, FILE *out, DsPlanTotals *totals, GError **error);

/* The store a plan was made for (new string): needed before the session can be opened.  DS_ERROR_CONFIG. */
char *ds_plan_store (FILE *in, const char *path, GError **error);

/* Calls visit for each action of a plan, in the order of the file; the line is borrowed.  DS_ERROR_CONFIG names the line that
 * is malformed or was edited.  *time_r (or NULL): when the plan was made (new string). */
typedef gboolean (*DsPlanVisit) (const DsPlanLine *line, gpointer data, GError **error);
gboolean ds_plan_each (FILE *in, const DsSiteKey *key, const char *path, DsPlanVisit visit, gpointer data, char **time_r, GError **error);

/* Carries out the plan's lines.  DS_ERROR_CONFIG names the line that is malformed or was edited; DS_ERROR_USAGE one that has
 * no reason, when the warrant has none either; DS_ERROR_REFUSED if the store is another, or was restored, or a policy is not
 * enabled or not confirmed, or the brake holds.  Nothing is done before all lines were checked. */
gboolean ds_plan_apply (DsSession *session, FILE *in, const char *path, const DsWarrant *warrant, DsChangeTotals *totals, GError **error);

G_END_DECLS
