/* plugins/mail/mbox-draft: the new file of an mbox, whole and durable, before it takes the place of the old one.
 *
 * It may be made while others write to the mbox: then it is good only as long as the mbox is what it was made of.  It has no
 * name until it is given one, so nothing of it is left if we are killed. */
#pragma once
#include "mbox.h"

G_BEGIN_DECLS

struct _DsMboxDraft
{
  int old;            /* the mbox that it was made of, open for reading only */
  struct stat status; /* of that */
  int fd;             /* the new file, open for reading and writing; -1: no change could be made */
  GArray *splices;    /* what was replaced, in file order */
  char *name;         /* NULL: it has none yet */
};

/* DS_ERROR_STORE from errno: the mbox cannot be rewritten.  FALSE. */
gboolean ds_mbox_set_write_error (DsMbox *mbox, GError **error);

/* Every message is found and its digest compared, and the file is copied with the new messages in place of the old.  What is
 * wrong with a single message stands in its change.  name: its name from the start; NULL: none yet, which not every file
 * system can do.  DS_ERROR_STORE. */
DsMboxDraft *ds_mbox_draft_new (DsMbox *mbox, DsChange **changes, guint n, const char *name, GError **error);
/* Removes the file, if it has a name. */
void ds_mbox_draft_drop (DsMbox *mbox, DsMboxDraft *draft);
/* The file, if it has a name, stays. */
void ds_mbox_draft_free (DsMboxDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsMboxDraft, ds_mbox_draft_free)

/* TRUE if the mbox is still what the draft was made of: to be asked under its locks. */
gboolean ds_mbox_draft_is_current (DsMbox *mbox, const DsMboxDraft *draft);
/* Gives it its name; FALSE with errno set if the file system can't. */
gboolean ds_mbox_draft_give_name (DsMbox *mbox, DsMboxDraft *draft, const char *name);
/* The results of the changes, once the new file is in place. */
void ds_mbox_draft_set_results (const DsMboxDraft *draft);

G_END_DECLS
