/* cmd/kept-rows: rows for a table that comes further down, kept in bounded memory however many they are.
 *
 * A row is a reference and a reason, neither of which is personal data.  Beyond a megabyte they go into a file without a name
 * in the folder for temporary files. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _DsKeptRows DsKeptRows;

DsKeptRows *ds_kept_rows_new (void);
void ds_kept_rows_free (DsKeptRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsKeptRows, ds_kept_rows_free)

gboolean ds_kept_rows_add (DsKeptRows *rows, const char *ref, const char *reason, GError **error);
/* In the order in which they were added. */
typedef void (*DsKeptRowVisit) (const char *ref, const char *reason, gpointer data);
gboolean ds_kept_rows_each (DsKeptRows *rows, DsKeptRowVisit visit, gpointer data, GError **error);

G_END_DECLS
