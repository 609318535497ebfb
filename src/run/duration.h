/* run/duration: how long, or how long ago, as people write it: "12h", "30d", "6w", "2y". */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Seconds, of at most a thousand years; 0 if the text is no duration. */
gint64 ds_duration_parse (const char *text);

G_END_DECLS
