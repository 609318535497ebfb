/* plugins/mail/mbox-rewrite: the steps that a rewrite of an mbox and its repair after a crash have in common. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* "FILE.deskshred.ACTION": the new file before it is in place; new string. */
char *ds_mbox_temporary_name (const char *name, const char *action);
/* "FILE.deskshred.ACTION.old.SIZE": the old file after that, and how large it was; new string. */
char *ds_mbox_old_name (const char *name, const char *action, guint64 size);
/* The size in such a name; FALSE if it is not one of this file and action. */
gboolean ds_mbox_old_name_parse (const char *old_name, const char *name, const char *action, guint64 *size_r);

/* Copies bytes from a place in one file to the current place in another; FALSE with errno set. */
gboolean ds_mbox_copy_range (int from, guint64 offset, guint64 size, int to);

/* Waits, two seconds at most, until no program has the file open for writing.  old: open for reading only. */
void ds_mbox_wait_for_writers (int old);
/* Appends what stands after size in old to the file at fd (read and write, locked by the caller) and makes it durable;
 * does nothing if fd already ends with those bytes.  FALSE with errno set. */
gboolean ds_mbox_carry_over (int old, guint64 size, int fd);

G_END_DECLS
