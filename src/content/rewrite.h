/* content/rewrite: edits that climb: from texts through charset and transfer encoding into the blob's bytes. */
#pragma once
#include "content/charset.h"
#include "content/tree.h"

G_BEGIN_DECLS

/* One edit of a text: which leaf, which of its texts, which span of it. */
typedef struct
{
  guint leaf; /* index in ds_tree_leaves */
  guint text; /* index in its reading's texts */
  DsSpan span;
  const char *replacement; /* ASCII; borrowed */
} DsTextEdit;

/* An entity whose content is replaced by a text: it keeps its place and its other header fields, which can be edited in
 * the same call.  A uuencoded file in plain text, which has no header, is replaced by the text alone. */
typedef struct
{
  char *number; /* of the part */
  char *fields; /* header fields to add, each ended by "\n" (written with the header's own line ending) */
  char *text;   /* the new content, ASCII, "\n" line ends */
} DsReplacement;

/* The blob's new bytes.  text_edits: GArray of DsTextEdit in any order; overlaps are joined.  replacements: GPtrArray of
 * DsReplacement; edits of what they replace, and replacements inside them, are dropped.  *meant_r (new; may be NULL if nobody
 * asks): for each leaf of the tree (DsPart) but headers in which something was edited, the digest (ds_rewrite_digest) of the bytes that it
 * has now to have.  DS_ERROR_ITEM names the part that could not be rewritten in *failed_r (new string, or NULL). */
GBytes *ds_tree_rewrite (DsTree *tree, GArray *text_edits, GPtrArray *replacements, GHashTable **meant_r, char **failed_r,
                         GError **error);

/* New string. */
char *ds_rewrite_digest (const char *bytes, gsize size);

G_END_DECLS
