/* detect/finding: rule, place, span, score, masked sample, fingerprint.  The value only where it was asked for.
 *
 * A mail may have a hundred thousand: what most findings of a text have in common they share. */
#pragma once
#include "detect/kinds.h"
#include "detect/value.h"
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  DS_ORIGIN_RULE,  /* a rule found it */
  DS_ORIGIN_COPY,  /* a further copy of a value that is to be removed (closure) */
  DS_ORIGIN_GIVEN, /* a value that was given */
} DsOrigin;

typedef struct
{
  DsOrigin origin;
  guint leaf, text;   /* which text of the blob: see content/rewrite.h */
  GRefString *part;       /* number */
  GRefString *text_label; /* "visible", "header:Subject", ... */
  const char *where;      /* "body", "attachment", ...: static */
  GRefString *extension;  /* of the part's file name, or NULL */
  GRefString *media_type;
  GRefString *rule;       /* id; "value" for one that was given */
  DsKind kind;
  guint score;
  gsize start, end;   /* bytes in that UTF-8 text */
  gboolean proved;
  char *masked;
  char fingerprint[DS_FINGERPRINT_DIGITS + 1];
  char *value;          /* normalised, secret; NULL unless asked for */
  GRefString *filename; /* of the part, secret; NULL unless asked for */
  guint quoting;      /* how a label must be written there (DsQuoting) */
  gboolean fixed;     /* it has no bytes that could be changed (a file's own name) */
} DsFinding;

void ds_finding_free (DsFinding *finding);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsFinding, ds_finding_free)

/* The static string for a place, or NULL if there is none of that name. */
const char *ds_where_intern (const char *name);
/* "body", "attachment", "filename", "subject", "headers", "metadata"; NULL-terminated. */
extern const char *const ds_where_names[];

G_END_DECLS
