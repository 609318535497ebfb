/* content/parameter: parameters of Content-Type and Content-Disposition with their places (RFC 2045, 2183, 2231). */
#pragma once
#include "base/span-map.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *name;      /* lower case, without section and star */
  char *value;     /* decoded, UTF-8 */
  GArray *pieces;  /* of DsSpan: each "name*0*=value" as it stands, by section */
  DsSpan plain;    /* where the value stands as it is; empty if it is encoded, escaped or unquoted */
} DsParameter;

/* All parameters of a field's value raw[start, end), offsets as given.  GPtrArray of DsParameter that frees them.  "name"
 * and "name*", which mail programs write side by side, are two parameters.  rest: GArray of DsSpan, to which is appended
 * what belongs to no parameter, such as the media type, comments, and text without a name. */
GPtrArray *ds_parameters_parse (const char *raw, gsize start, gsize end, GArray *rest);

/* A parameter as text: name="value", or RFC 2231 where it is not printable ASCII or long, in pieces with eol and a blank
 * between them; new string. */
char *ds_parameter_write (const char *name, const char *value, const char *eol);

G_END_DECLS
