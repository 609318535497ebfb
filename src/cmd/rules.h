/* cmd/rules: what the files of `deskshred rules` share: rules.c lists and checks, rules-explain.c explains. */
#pragma once
#include "cmd/command.h"
#include "detect/matcher.h"

G_BEGIN_DECLS

/* A session with the packs in use, and nothing else. */
DsSession *ds_rules_open (const DsGlobalOptions *globals, GError **error);
void ds_rules_each (GPtrArray *packs, void (*visit) (const DsRule *rule, gpointer data), gpointer data);
/* The check digit's or validator's name; NULL if there is none. */
const char *ds_rules_checked_by (const DsRule *rule);
/* How far a match came, in words. */
const char *ds_rules_verdict (DsVerdict verdict);

extern const DsCommand ds_rules_explain;

G_END_DECLS
