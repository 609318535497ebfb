/* plugins/mail/swap: replaces one file's content in one step, and proves afterwards that what it displaced was what the
 * caller meant to replace.  For Maildir messages, single mails and files in folders.
 *
 * The new bytes are written under the temporary name with ".part", given mode, owner, times and attributes of the old
 * file, fsynced, and renamed to the temporary name: a file of that name is always whole.  Then the two names are exchanged
 * (renameat2, RENAME_EXCHANGE), so that at no instant the file is missing; the displaced file is looked at, and either
 * removed or, when it is not the expected one, exchanged back.  There is no fallback: without RENAME_EXCHANGE a change
 * that another program makes in between would be lost, so the change is refused and the file system named.
 *
 * After a crash at any instruction of it, ds_swap_settle restores order from what the two names hold:
 *   temporary    means                                     what is done
 *   absent       not begun, or finished                    nothing
 *   new bytes    written, not yet exchanged (or taken back)  removed
 *   old bytes    exchanged                                 removed
 *   other bytes  exchanged, and it was another's version   exchanged back, or kept if the place was changed again */
#pragma once
#include "store/store.h"
#include <sys/stat.h>

G_BEGIN_DECLS

typedef struct _DsSwap DsSwap;

struct _DsSwap
{
  const DsSiteKey *key;
  const char *message;  /* its key, for errors; borrowed */
  int folder;           /* where the file stands; owned; -1 if it was not found */
  char *name;           /* owned; NULL if it was not found */
  int temporary_folder; /* where the new bytes are written, same file system; owned */
  char *temporary;      /* owned */
  /* The file was renamed by another program: sets folder and name anew; FALSE if it is not to be found.  May be NULL. */
  gboolean (*look_again) (DsSwap *swap, gpointer data);
  gpointer data;
};

/* Takes both descriptors over.  The temporary name is prefix and action id. */
DsSwap *ds_swap_new (const DsSiteKey *key, const char *message, int folder, const char *name, int temporary_folder,
                     const char *prefix, const char *action);
void ds_swap_free (DsSwap *swap);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsSwap, ds_swap_free)

/* Writes and exchanges.  After TRUE the new content stands at swap->name and the old one, checked, under the temporary
 * name: ds_swap_finish must follow.  After FALSE nothing is changed and no temporary file is left.  Sets
 * change->residual_links.  Item errors (DS_ERROR_CHANGED, DS_ERROR_GONE, DS_ERROR_ITEM); DS_ERROR_STORE if the disk is full,
 * or the file system can't exchange. */
gboolean ds_swap_put (DsSwap *swap, DsChange *change, GError **error);
/* Makes the exchange durable, then removes the old content.  DS_ERROR_STORE. */
gboolean ds_swap_finish (DsSwap *swap, GError **error);

/* As DsStoreOps.settle.  swap->name is NULL if the message was not found; home: the name under which a displaced version
 * goes back when nothing stands there now. */
gboolean ds_swap_settle (DsSwap *swap, const DsChange *change, int home_folder, const char *home, DsSettled *settled_r,
                         GError **error);

/* Gives a new file the mode, owner, extended attributes (ACLs are such) and times of the old one.  FALSE with errno set
 * if mode or owner can't be kept. */
gboolean ds_swap_copy_identity (int from, int to, const struct stat *status);

G_END_DECLS
