/* run/confirmation: which policies the administrator has confirmed (DESIGN, promise 6).
 *
 * A confirmation is an entry of the ledger (policy-confirmed) with the policy's digest in its detail, "digest=DIGEST": over
 * every field of the policy but whether it is enabled.  Its digest_after is that digest keyed with the site's key, so that
 * nobody confirms a policy by writing into the ledger's file.  Of a policy the last confirmation counts, so that one that
 * was edited must be confirmed anew, also when it is edited back after another text of it was confirmed. */
#pragma once
#include "run/session.h"

G_BEGIN_DECLS

/* What was confirmed last of one policy. */
typedef struct
{
  char *digest;
  char *time, *system_user, *actor; /* actor may be NULL */
} DsConfirmation;

/* All of the session's ledger that its key made: name of the policy -> DsConfirmation. */
GHashTable *ds_confirmations_read (const DsSession *session, GError **error);
/* TRUE if the policy, as it is written now, is the one that was confirmed. */
gboolean ds_confirmations_hold (GHashTable *confirmations, const DsPolicy *policy);

/* Enters the policy, as it is written now, as confirmed by whoever runs the program. */
gboolean ds_confirm (const DsSession *session, const DsPolicy *policy, GError **error);
/* The command that confirms it, to be told to a person (new string). */
char *ds_confirm_command (const DsSession *session, const DsPolicy *policy);

G_END_DECLS
