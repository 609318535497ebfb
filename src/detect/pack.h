/* detect/pack: rule packs (DESIGN 4.3): strict loading of rules/NAME.conf.
 *
 * What is wrong in a pack is DS_ERROR_CONFIG with file and line: an unknown key, kind or validator, a pattern that PCRE2
 * refuses, that has a control character or a repeat without an end, or that could match a byte >= 0x80 it does not name,
 * a rule without examples and counterexamples, an id used twice.  Validator and checksum get the value, not the match. */
#pragma once
#include "detect/kinds.h"
#include "detect/validators.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct _DsPack DsPack;
typedef struct _DsChecksum DsChecksum; /* a declared weighted sum, detect/checksum.h */

typedef struct
{
  char *id;      /* unique over all packs: "de-tax-id" */
  DsKind kind;
  char *title;
  char *pattern; /* PCRE2, byte mode; a group named "value" marks the span that is the value, else the whole match is */
  const DsValidator *validator; /* or NULL */
  DsChecksum *checksum;         /* or NULL */
  char **context;               /* words or phrases near the match that raise its score; NULL if none */
  guint distance;               /* how near: characters of folded text, before or after the match */
  guint score;                  /* 0-100 without context */
  guint context_score;          /* with context */
  gboolean required_context;    /* without context it is no finding */
  char **exclude;               /* patterns; a value that one of them matches wholly is no finding; NULL if none */
  char *source;
  char **examples;        /* texts in which this rule must find something */
  char **counterexamples; /* and must not */
  DsPack *pack;           /* borrowed */
  char digest[9];         /* names this very rule: the first 8 hexadecimal digits of SHA-256 over its fields */
} DsRule;

struct _DsPack
{
  char *id;
  gint64 version;
  char *title;
  char *country;  /* ISO 3166-1 alpha-2, or "*" */
  char *language; /* ISO 639-1, or "*" */
  gboolean on;    /* on by default */
  GPtrArray *rules; /* of DsRule */
};

/* TRUE if the rule's match is proved by a check digit. */
gboolean ds_rule_is_proved (const DsRule *rule);

DsPack *ds_pack_load (const char *path, GError **error);
/* name: what errors call the text. */
DsPack *ds_pack_parse (const char *text, const char *name, GError **error);
void ds_pack_free (DsPack *pack);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsPack, ds_pack_free)

/* All *.conf of the folder, by file name, then those of site_folder (NULL or absent: none), whose packs replace those of
 * the same id.  names: ids to keep (NULL: those on by default).  GPtrArray of DsPack that frees them. */
GPtrArray *ds_packs_load (const char *folder, const char *site_folder, const char *const *names, GError **error);

G_END_DECLS
