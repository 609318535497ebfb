/* plugins/mail/mbox-scan: where the messages of an mbox begin and end.
 *
 * The format has one name and several forms (RFC 4155 and its appendix; "mboxo, mboxrd, mboxcl, mboxcl2" after Rahul
 * Dhesi).  A message begins with a line "From SENDER DATE" at the start of the file or after an empty line; a line of a
 * body that only begins so ("From here on we ...") is none, since it has no date.  A Content-Length field is believed only
 * where it leads exactly to the end of the file or to such a line; then what lies between is the body, whatever it holds
 * (not in compressed files: looking ahead and going back would unpack them over and over).
 *
 * Memory: one buffer of 1 MiB, however large the file. */
#pragma once
#include "base/site-key.h"
#include <glib.h>

G_BEGIN_DECLS

/* The bytes of an mbox, plain or compressed by gzip, at any offset (in a compressed one, forwards is cheap). */
typedef struct _DsMboxSource DsMboxSource;

/* Takes the descriptor over.  NULL with errno set. */
DsMboxSource *ds_mbox_source_new (int fd, gboolean packed);
void ds_mbox_source_free (DsMboxSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsMboxSource, ds_mbox_source_free)
int ds_mbox_source_descriptor (const DsMboxSource *source);
gboolean ds_mbox_source_is_packed (const DsMboxSource *source);
/* Forgets what was read ahead: the file may have been changed. */
void ds_mbox_source_forget (DsMboxSource *source);
/* The bytes at offset, borrowed until the next call: want of them (1 MiB at most), fewer only at the end.  NULL with
 * DS_ERROR_STORE. */
const char *ds_mbox_source_peek (DsMboxSource *source, guint64 offset, gsize want, gsize *size_r, GError **error);
/* All of [offset, offset + size); fewer if the file ends before.  size is trusted: the caller bounds it. */
GBytes *ds_mbox_source_read (DsMboxSource *source, guint64 offset, gsize size, GError **error);

/* TRUE if the bytes begin with a separator line; the date in it as Unix time (taken as UTC unless it has a numeric zone). */
gboolean ds_mbox_is_separator (const char *line, gsize size, gint64 *date_r);

/* What matters of a message's header block; offsets from its first byte. */
typedef struct
{
  gsize id, id_end;         /* value of Message-ID, folding and all; equal if there is none */
  gsize date, date_end;     /* value of Date */
  gsize digits, digits_end; /* digits of Content-Length; equal and not 0: it is there, but empty */
  guint64 length;           /* their value */
  gsize body;               /* where the body begins; size if the block has no end */
} DsMboxHeader;

void ds_mbox_header (const char *data, gsize size, DsMboxHeader *header_r);

typedef struct
{
  guint64 offset;  /* of the From_ line */
  guint64 message; /* of the first byte after it */
  guint64 end;     /* of the message, before the empty line that ends it */
  guint64 next;    /* of the next From_ line, or the end of the file */
  guint64 digest;  /* keyed digest of its Message-ID, or lacking one of the dates */
  gint64 date;     /* of the From_ line, 0 if unknown */
  gboolean counted; /* Content-Length says where it ends */
  DsMboxHeader header; /* relative to message; only of the first 256 KiB */
} DsMboxEntry;

/* The message that begins at offset.  FALSE at the end of the file (no error), if no message begins there (no error,
 * *at_end_r FALSE), or with DS_ERROR_STORE. */
gboolean ds_mbox_entry (DsMboxSource *source, const DsSiteKey *key, guint64 offset, DsMboxEntry *entry_r,
                        gboolean *at_end_r, GError **error);

/* Where in a message's bytes, which follow a From_ line, another message would begin; size if nowhere. */
gsize ds_mbox_find_separator (const char *data, gsize size);

G_END_DECLS
