/* run/keep-out: where results may not be written: over what deskshred keeps, and into what it looks through. */
#pragma once
#include "run/session.h"

G_BEGIN_DECLS

/* FALSE with DS_ERROR_USAGE if path is the configuration, the site key, the ledger, the state, in a folder of theirs that is
 * ours alone, or in a store: one of the configuration's, or the one that the session works on. */
gboolean ds_keep_out (const DsSession *session, const char *path, GError **error);

G_END_DECLS
