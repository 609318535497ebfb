/* content/reading: a leaf read: decoded once, as texts; and edits of those texts as edits of the leaf's bytes. */
#pragma once
#include "content/charset.h"
#include "content/text.h"
#include "content/transfer.h"
#include "content/tree.h"

G_BEGIN_DECLS

typedef struct
{
  DsPart *leaf;
  DsTransfer *transfer; /* NULL for a header */
  DsDecoded *decoded;   /* NULL for a header and for what is no text */
  GPtrArray *texts;     /* of DsText; empty for delimiters and opaque bodies */
} DsReading;

/* Reads one leaf; what can't be read is added to the tree's problems.  Texts are in an order that depends only on the
 * leaf's bytes.  Never NULL.  The tree must outlive it. */
DsReading *ds_reading_new (DsTree *tree, DsPart *leaf);
void ds_reading_free (DsReading *reading);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsReading, ds_reading_free)

/* Frees what only edits need, once the texts are made: a large part is then there once or twice instead of four times.
 * ds_reading_edits must not be called afterwards. */
void ds_reading_drop_bytes (DsReading *reading);

/* Where a text of this leaf stands, in the words of --where: "body", "attachment", "filename", "subject", "headers",
 * "metadata". */
const char *ds_text_where (const DsPart *leaf, const DsText *text);

/* Turns edits of one text (by its index) or of several into edits of the frame.  edits: GArray of GArray of DsEdit, one
 * for each text (NULL: none), each ascending.  Appends DsEdit to out, ascending.  DS_ERROR_ITEM if the leaf's charset
 * or encoding cannot take them. */
gboolean ds_reading_edits (const DsReading *reading, GPtrArray *edits_by_text, GArray *out, GError **error);

/* Ascending, overlaps dropped (the earlier wins). */
void ds_edits_sort (GArray *edits);

G_END_DECLS
