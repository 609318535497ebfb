/* run/reference: REF, the name of a place: STORE:TICKET/MESSAGE/PART, each field percent-encoded (DESIGN 4.1). */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *store;
  char *ticket;
  char *message; /* NULL: the whole ticket */
  char *part;    /* NULL: the whole message */
} DsReference;

/* New string; message and part may be NULL. */
char *ds_reference_write (const char *store, const char *ticket, const char *message, const char *part);
/* NULL with DS_ERROR_USAGE if text is no reference. */
DsReference *ds_reference_read (const char *text, GError **error);
/* TRUE if text has the form of a reference and is no existing file. */
gboolean ds_reference_looks_like (const char *text);
void ds_reference_free (DsReference *reference);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsReference, ds_reference_free)

G_END_DECLS
