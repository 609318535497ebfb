/* cmd/select: SELECT, as several commands take it: --store NAME or a PATH, and what narrows it. */
#pragma once
#include "run/selection.h"
#include "run/session.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *store;
  char **tickets, **queues, **statuses, **kinds, **rules;
  char *since, *until, *where;
  int min_score, limit;
} DsSelectOptions;

#define DS_SELECT_ENTRIES(select)                                                                                                 \
  { "store", 0, 0, G_OPTION_ARG_STRING, &(select).store, "a store of the configuration, instead of a PATH", "NAME" },             \
  { "ticket", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(select).tickets, "only this ticket (again: and that one)", "TICKET" },           \
  { "queue", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(select).queues, "only this queue or folder", "QUEUE" },                           \
  { "status", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(select).statuses, "only tickets of this status", "STATUS" },                     \
  { "since", 0, 0, G_OPTION_ARG_STRING, &(select).since, "only messages from then on: 2024-01-31, or 30d for so long ago", "TIME" }, \
  { "until", 0, 0, G_OPTION_ARG_STRING, &(select).until, "only messages before", "TIME" },                                        \
  { "kind", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(select).kinds, "only findings of this kind", "KIND" },                             \
  { "rule", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(select).rules, "only findings of this rule", "RULE" },                             \
  { "where", 0, 0, G_OPTION_ARG_STRING, &(select).where, "body,attachment,filename,subject,headers,metadata, or all", "PLACES" }, \
  { "min-score", 0, 0, G_OPTION_ARG_INT, &(select).min_score, "only findings of at least this score (50)", "N" },                 \
  { "limit", 0, 0, G_OPTION_ARG_INT, &(select).limit, "look at no more than so many messages (a change: tickets)", "N" }

/* The options as a selection; DS_ERROR_USAGE names the option at fault. */
DsSelection *ds_select_selection (const DsSelectOptions *options, GError **error);

/* What a command works on: --store, or one PATH, or references of one store.  *is_store_r tells which. */
typedef struct
{
  char *target;
  gboolean is_store;
  GPtrArray *references; /* of DsReference; NULL if a store or PATH was given */
} DsTarget;

/* words: the command's arguments, NULL-terminated.  DS_ERROR_USAGE. */
DsTarget *ds_select_target (const DsGlobalOptions *globals, const DsSelectOptions *options, char **words, GError **error);
void ds_target_free (DsTarget *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsTarget, ds_target_free)

void ds_select_options_clear (DsSelectOptions *options);

G_END_DECLS
