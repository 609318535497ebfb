/* content/unread: what a text holds that is not read as what it is: files within markup, calendars and plain text. */
#pragma once
#include "content/charset.h"
#include "content/tree.h"

G_BEGIN_DECLS

/* Adds a problem of the leaf for whatever its texts (of DsText, made of decoded) hold that nothing was found in. */
void ds_unread_note (DsTree *tree, const DsPart *leaf, const DsDecoded *decoded, const GPtrArray *texts);

G_END_DECLS
