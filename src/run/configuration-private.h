/* run/configuration-private: what the files that read the configuration share.
 *
 * configuration.c reads the file and its small sections, {store,reason,policy}-configuration.c the lists,
 * configuration-values.c knows the forms of values. */
#pragma once
#include "run/configuration.h"

G_BEGIN_DECLS

/* A string that is not empty and has no control characters, copied; an absent key leaves *value_r alone. */
gboolean ds_configuration_read_text (DsConfNode *group, const char *key, char **value_r, GError **error);
/* The same, for a key that must be there. */
gboolean ds_configuration_need_text (DsConfNode *group, const char *key, char **value_r, GError **error);
/* A list of such strings: not empty, since nobody could say whether an empty list means none or any. */
gboolean ds_configuration_read_texts (DsConfNode *group, const char *key, char ***value_r, GError **error);
/* An absolute path: a scheduled run starts in another folder than the administrator. */
gboolean ds_configuration_read_path (DsConfNode *group, const char *key, char **value_r, GError **error);
/* A whole number in [least, most]. */
gboolean ds_configuration_read_number (DsConfNode *group, const char *key, gint64 least, gint64 most, gint64 *value_r,
                                       GError **error);
/* "12h", "30d", "6w", "2y" as seconds. */
gboolean ds_configuration_read_duration (DsConfNode *group, const char *key, gint64 *value_r, GError **error);
/* 1 to 32 of a-z, 0-9, "_" and "-": a name that needs no quoting in a REF, a file name or a report. */
gboolean ds_configuration_is_name (const char *text);

/* Calls read for each group of the list under key; an absent list is an empty one. */
typedef gboolean (*DsReadGroup) (DsConfNode *group, DsConfiguration *configuration, GError **error);
gboolean ds_configuration_each (DsConfiguration *configuration, const char *key, DsReadGroup read, GError **error);

/* store-configuration.c */
gboolean ds_configuration_read_stores (DsConfiguration *configuration, GError **error);
void ds_store_configuration_free (DsStoreConfiguration *store);

/* reason-configuration.c: the file's reasons, then the built-in ones that it does not word itself. */
gboolean ds_configuration_read_reasons (DsConfiguration *configuration, GError **error);
void ds_reason_free (DsReason *reason);

/* policy-configuration.c; after the reasons. */
gboolean ds_configuration_read_policies (DsConfiguration *configuration, GError **error);
void ds_policy_free (DsPolicy *policy);

G_END_DECLS
