/* base/conf: strict reading of libconfig files (configuration and rule packs).  The only user of libconfig.
 *
 * Strict means: a key that nobody knows, or of the wrong type, is an error that names file and line; nothing is guessed.
 * Nodes are borrowed from their DsConf and live as long as it does.  All strings returned are borrowed too.
 * Every error is DS_ERROR_CONFIG. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _DsConf DsConf;
typedef struct config_setting_t DsConfNode;

DsConf *ds_conf_load (const char *path, GError **error);
/* text: the file's content; name: what errors call it. */
DsConf *ds_conf_parse (const char *text, const char *name, GError **error);
void ds_conf_free (DsConf *conf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsConf, ds_conf_free)

DsConfNode *ds_conf_root (const DsConf *conf);

/* keys: NULL-terminated.  FALSE with an error if the group has a key that is not among them. */
gboolean ds_conf_known (DsConfNode *group, const char *const *keys, GError **error);

/* Read one key of a group.  An absent key leaves *value_r alone and returns TRUE; a wrong type is an error. */
gboolean ds_conf_string (DsConfNode *group, const char *key, const char **value_r, GError **error);
gboolean ds_conf_int (DsConfNode *group, const char *key, gint64 *value_r, GError **error);
gboolean ds_conf_bool (DsConfNode *group, const char *key, gboolean *value_r, GError **error);
gboolean ds_conf_double (DsConfNode *group, const char *key, double *value_r, GError **error);
/* A list or array of strings; *value_r is a new NULL-terminated array (free with g_strfreev). */
gboolean ds_conf_strings (DsConfNode *group, const char *key, char ***value_r, GError **error);
/* The same for integers; *value_r is a GArray of gint64 (free with g_array_unref). */
gboolean ds_conf_ints (DsConfNode *group, const char *key, GArray **value_r, GError **error);

/* A child that must be a group, or a list of groups: NULL without an error if absent. */
gboolean ds_conf_group (DsConfNode *group, const char *key, DsConfNode **value_r, GError **error);
gboolean ds_conf_list (DsConfNode *group, const char *key, DsConfNode **value_r, GError **error);
guint ds_conf_length (DsConfNode *list);
/* The i-th entry of a list, which must be a group. */
DsConfNode *ds_conf_nth (DsConfNode *list, guint i, GError **error);

/* Sets an error whose text begins with the node's file and line. */
void ds_conf_set_error (GError **error, DsConfNode *node, const char *format, ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
