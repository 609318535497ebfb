/* run/plan-line: one line of a plan, written and read. */
#pragma once
#include "base/site-key.h"
#include "run/examine.h"
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A line as it stands in the file, with its MAC and newline (new strings). */
char *ds_plan_line_header (const DsSession *session, guint min_score);
char *ds_plan_line_edit (const DsSession *session, const DsExaminedTicket *ticket, const DsExaminedBlob *blob, const DsPlannedEdit *edit);
char *ds_plan_line_shred (const DsSession *session, const DsExaminedTicket *ticket, const DsExaminedBlob *blob, const DsPlannedShred *shred);

typedef struct
{
  gboolean is_header;
  guint64 number; /* in its file, from 1 */
  char *plan; /* the run that wrote it: the same in all lines of a plan */
  char *store, *incarnation; /* of the header */
  guint min_score;
  char *time;                /* of the header: when the plan was made */
  char *ticket, *message, *part, *queue;
  char *policy, *policy_digest, *reason; /* NULL: by hand */
  gboolean shred;
  char *key;   /* ds_order_edit_key or ds_order_shred_key */
  char *place; /* as DsOrderLine has it */
  char *digest, *fingerprint;
  guint64 bytes; /* of the message */
  /* what a person reads; each may be NULL */
  char *ref, *kinds, *masked, *where, *rule, *extension;
} DsPlanLine;

/* text: without newline.  key NULL: the MAC is not checked (only the header's store is wanted).  DS_ERROR_CONFIG with place. */
DsPlanLine *ds_plan_line_read (const char *text, const DsSiteKey *key, const char *path, guint64 number, GError **error);
void ds_plan_line_free (DsPlanLine *line);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsPlanLine, ds_plan_line_free)

G_END_DECLS
