/* run/selection: SELECT of the command line: which messages, which findings (DESIGN 4.1). */
#pragma once
#include "detect/finding.h"
#include "store/store.h"

G_BEGIN_DECLS

typedef struct
{
  char **tickets;   /* or NULL: any */
  char **queues;
  char **statuses;
  gint64 since, until; /* Unix times; 0: open */
  guint64 kinds;       /* bits of DsKind; 0: all */
  char **rules;
  char **where;        /* NULL: all, or for a change the default places */
  guint min_score;
  guint64 limit;       /* messages; 0: all */
  guint64 sample;      /* only so many messages, spread evenly over the store; 0: all */
} DsSelection;

#define DS_MIN_SCORE_DEFAULT 50

/* The places a change may touch unless told otherwise: a ticket must stay answerable. */
extern const char *const ds_change_where[];

DsSelection *ds_selection_new (void);
void ds_selection_free (DsSelection *selection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsSelection, ds_selection_free)

/* Options as written: a kind's name, a place's name or "all", "2024-01-31", "30d" (so long ago).  DS_ERROR_USAGE. */
gboolean ds_selection_add_kind (DsSelection *selection, const char *name, GError **error);
gboolean ds_selection_set_where (DsSelection *selection, const char *list, GError **error);
gboolean ds_selection_parse_time (const char *text, gint64 now, gint64 *time_r, GError **error);

/* Is name in a list (NULL-terminated)?  All are where there is no list, or "*" is in it. */
gboolean ds_selection_lists (char *const *list, const char *name);
gboolean ds_selection_wants_item (const DsSelection *selection, const DsStoreItem *item);
gboolean ds_selection_wants_finding (const DsSelection *selection, const DsFinding *finding);

G_END_DECLS
