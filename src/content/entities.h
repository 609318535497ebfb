/* content/entities: character references of HTML and XML (WHATWG HTML, 13.2.5.72 to .80). */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define DS_ENTITY_ROOM 8

/* Reads the reference that begins with the '&' at text[0].  attribute: inside an attribute's value, where "&copy=1" is no
 * reference.  The characters go to utf8 (DS_ENTITY_ROOM bytes), their size to *utf8_size.  Returns the reference's length
 * in text, 0 if there is none and the '&' stands for itself.  Never looks further than the reference. */
gsize ds_entity_read (const char *text, gsize size, gboolean attribute, char *utf8, gsize *utf8_size);

G_END_DECLS
