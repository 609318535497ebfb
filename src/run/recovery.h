/* run/recovery: what an interrupted run left behind is settled before a new change begins (DESIGN 3.5). */
#pragma once
#include "run/session.h"

G_BEGIN_DECLS

typedef struct
{
  guint finished, abandoned, changed;
} DsRecovered;

/* Looks at the open intents of the session's store whose run is over, asks the store how far each came, and appends done,
 * abandoned or failed. */
gboolean ds_recover (DsSession *session, DsRecovered *recovered, GError **error);

G_END_DECLS
