/* content/header: header fields as texts with maps to their raw bytes, and edits of them.
 *
 * Folding is undone (RFC 5322, 2.2.3), encoded words are decoded (RFC 2047), parameters too (RFC 2231, and encoded words
 * in quotes, which are no standard but common).  An edit inside something encoded encodes that again; all else keeps its
 * bytes.  Those of structural fields cannot be edited. */
#pragma once
#include "content/text.h"
#include "content/tree.h"

G_BEGIN_DECLS

/* Appends the texts of a header leaf: a DS_TEXT_HEADER a field, DS_TEXT_FILENAME for file names, DS_TEXT_METADATA for
 * malformed lines. */
void ds_header_texts (const DsPart *header, GPtrArray *texts);

/* Whether the field holds addresses (From, To, ...). */
gboolean ds_header_is_address_field (const DsFrame *frame, const DsField *field);

/* Appends to out (DsEdit in the frame's bytes, in any order) what edits (DsEdit in text, ascending) come to.  A
 * folded field stays folded where it can, and one field.  (header-edit.c) */
void ds_header_edits (const DsPart *header, const DsText *text, const GArray *edits, GArray *out);

G_END_DECLS
