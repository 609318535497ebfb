/* plugins/mail/mbox-rewrite: the steps that a rewrite of an mbox and its repair after a crash have in common. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* "FILE.deskshred.ACTION": the new file before it is in place; new string. */
char *ds_mbox_temporary_name (const char *name, const char *action);
/* Copies bytes from a place in one file to the current place in another; FALSE with errno set. */
gboolean ds_mbox_copy_range (int from, guint64 offset, guint64 size, int to);

/* Waits, ten seconds at most, until no program has the file open for writing.  old: open for reading only. */
void ds_mbox_wait_for_writers (int old);

G_END_DECLS
