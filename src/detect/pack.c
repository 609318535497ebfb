#include "config.h"
#include "base/conf.h"
#include "base/error.h"
#include "detect/checksum.h"
#include "detect/context.h"
#include "detect/pack.h"
#include "detect/pattern.h"
#include <string.h>

#define DISTANCE_DEFAULT 60
#define DISTANCE_MAX 500

static void
rule_free (DsRule *rule)
{
  g_free (rule->id);
  g_free (rule->title);
  g_free (rule->pattern);
  ds_checksum_free (rule->checksum);
  g_strfreev (rule->context);
  g_strfreev (rule->exclude);
  g_free (rule->source);
  g_strfreev (rule->examples);
  g_strfreev (rule->counterexamples);
  g_free (rule);
}

void
ds_pack_free (DsPack *pack)
{
  if (pack == NULL)
    return;
  g_free (pack->id);
  g_free (pack->title);
  g_free (pack->country);
  g_free (pack->language);
  g_clear_pointer (&pack->rules, g_ptr_array_unref);
  g_free (pack);
}

gboolean
ds_rule_is_proved (const DsRule *rule)
{
  return rule->checksum != NULL || (rule->validator != NULL && rule->validator->check_digit);
}

static gboolean
refuse (DsConfNode *node, const char *id, GError **error, const char *why)
{
  if (id == NULL)
    ds_conf_set_error (error, node, "%s", why);
  else
    ds_conf_set_error (error, node, "rule \"%s\": %s", id, why);
  return FALSE;
}

/* A string that must be there and not be empty. */
static gboolean
read_text (DsConfNode *group, const char *id, const char *key, char **text_r, GError **error)
{
  const char *text = NULL;
  if (!ds_conf_string (group, key, &text, error))
    return FALSE;
  if (text == NULL || *text == '\0')
    {
      g_autofree char *why = g_strdup_printf ("\"%s\" is missing", key);
      return refuse (group, id, error, why);
    }
  *text_r = g_strdup (text);
  return TRUE;
}

/* Identifiers stand in findings, reports and options. */
static gboolean
is_identifier (const char *id)
{
  return g_ascii_islower (id[0]) && strspn (id, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen (id) && strlen (id) <= 64;
}

static gboolean
read_pattern (DsConfNode *group, DsRule *rule, GError **error)
{
  g_autoptr (GError) wrong = NULL;
  if (!read_text (group, rule->id, "pattern", &rule->pattern, error))
    return FALSE;
  if (ds_pattern_check (rule->pattern, &wrong))
    return TRUE;
  g_autofree char *why = g_strdup_printf ("pattern: %s", wrong->message);
  return refuse (group, rule->id, error, why);
}

static gboolean
read_exclude (DsConfNode *group, DsRule *rule, GError **error)
{
  if (!ds_conf_strings (group, "exclude", &rule->exclude, error))
    return FALSE;
  for (guint i = 0; rule->exclude != NULL && rule->exclude[i] != NULL; i++)
    {
      g_autoptr (GError) wrong = NULL;
      if (ds_pattern_check (rule->exclude[i], &wrong))
        continue;
      g_autofree char *why = g_strdup_printf ("exclude: %s", wrong->message);
      return refuse (group, rule->id, error, why);
    }
  return TRUE;
}

static gboolean
read_kind (DsConfNode *group, DsRule *rule, GError **error)
{
  g_autofree char *name = NULL;
  if (!read_text (group, rule->id, "kind", &name, error))
    return FALSE;
  if (ds_kind_from_name (name, &rule->kind))
    return TRUE;
  g_autofree char *why = g_strdup_printf ("no kind is called \"%s\"", name);
  return refuse (group, rule->id, error, why);
}

static gboolean
read_proof (DsConfNode *group, DsRule *rule, GError **error)
{
  const char *name = NULL;
  DsConfNode *checksum = NULL;
  if (!ds_conf_string (group, "validator", &name, error) || !ds_conf_group (group, "checksum", &checksum, error))
    return FALSE;
  if (name != NULL && (rule->validator = ds_validator_by_name (name)) == NULL)
    {
      g_autofree char *why = g_strdup_printf ("no validator is called \"%s\"", name);
      return refuse (group, rule->id, error, why);
    }
  if (checksum == NULL)
    return TRUE;
  rule->checksum = ds_checksum_parse (checksum, error);
  return rule->checksum != NULL;
}

static gboolean
read_number (DsConfNode *group, const char *id, const char *key, gint64 least, gint64 most, gint64 *value_r, GError **error)
{
  if (!ds_conf_int (group, key, value_r, error))
    return FALSE;
  if (*value_r >= least && *value_r <= most)
    return TRUE;
  g_autofree char *why = g_strdup_printf ("\"%s\" must be there and be %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, key,
                                           least, most);
  return refuse (group, id, error, why);
}

static gboolean
are_texts (char **texts)
{
  for (guint i = 0; texts[i] != NULL; i++)
    if (texts[i][0] == '\0' || !g_utf8_validate (texts[i], -1, NULL))
      return FALSE;
  return TRUE;
}

static gboolean
have_letters (char **texts)
{
  for (guint i = 0; texts[i] != NULL; i++)
    if (!ds_context_has_letter (texts[i], 0, strlen (texts[i])))
      return FALSE;
  return TRUE;
}

static gboolean
read_context (DsConfNode *group, DsRule *rule, GError **error)
{
  gint64 distance = DISTANCE_DEFAULT;
  if (!ds_conf_strings (group, "context", &rule->context, error)
      || !ds_conf_bool (group, "required_context", &rule->required_context, error)
      || !read_number (group, rule->id, "distance", 1, DISTANCE_MAX, &distance, error))
    return FALSE;
  rule->distance = (guint) distance;
  if (rule->context != NULL && rule->context[0] == NULL)
    g_clear_pointer (&rule->context, g_strfreev);
  if (rule->required_context && rule->context == NULL)
    return refuse (group, rule->id, error, "\"required_context\" without \"context\"");
  if (rule->context != NULL && !are_texts (rule->context))
    return refuse (group, rule->id, error, "\"context\" has an entry that is empty or not UTF-8");
  if (rule->context != NULL && !have_letters (rule->context))
    return refuse (group, rule->id, error, "\"context\" has an entry without a letter: no word");
  return TRUE;
}

static gboolean
read_scores (DsConfNode *group, DsRule *rule, GError **error)
{
  gint64 score = -1;
  if (!read_number (group, rule->id, "score", 0, 100, &score, error))
    return FALSE;
  gint64 context_score = score;
  if (!read_number (group, rule->id, "context_score", 0, 100, &context_score, error))
    return FALSE;
  rule->score = (guint) score;
  rule->context_score = (guint) context_score;
  return TRUE;
}

static gboolean
read_examples (DsConfNode *group, DsRule *rule, GError **error)
{
  if (!ds_conf_strings (group, "examples", &rule->examples, error)
      || !ds_conf_strings (group, "counterexamples", &rule->counterexamples, error))
    return FALSE;
  if (rule->examples == NULL || rule->examples[0] == NULL)
    return refuse (group, rule->id, error, "\"examples\" are missing: a rule must show what it finds");
  if (rule->counterexamples == NULL || rule->counterexamples[0] == NULL)
    return refuse (group, rule->id, error, "\"counterexamples\" are missing: a rule must show what it leaves alone");
  if (!are_texts (rule->examples) || !are_texts (rule->counterexamples))
    return refuse (group, rule->id, error, "an example is empty or not UTF-8");
  return TRUE;
}

/* Fields are kept apart by their lengths, so that no two rules run together into the same bytes. */
static void
digest_text (GChecksum *digest, const char *text)
{
  g_autofree char *size = text != NULL ? g_strdup_printf ("%" G_GSIZE_FORMAT ":", strlen (text)) : g_strdup ("-");
  g_checksum_update (digest, (const guchar *) size, -1);
  if (text != NULL)
    g_checksum_update (digest, (const guchar *) text, -1);
}

static void
digest_texts (GChecksum *digest, char **texts)
{
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    digest_text (digest, texts[i]);
  digest_text (digest, NULL);
}

static void
digest_rule (DsRule *rule)
{
  g_autoptr (GChecksum) digest = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *numbers = g_strdup_printf ("%u %u %u %d", rule->distance, rule->score, rule->context_score,
                                               rule->required_context);
  g_autofree char *checksum = ds_checksum_describe (rule->checksum);
  const char *texts[] = { rule->id, ds_kind_name (rule->kind), rule->pattern, numbers, checksum,
                          rule->validator != NULL ? rule->validator->name : NULL };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    digest_text (digest, texts[i]);
  digest_texts (digest, rule->context);
  digest_texts (digest, rule->exclude);
  g_strlcpy (rule->digest, g_checksum_get_string (digest), sizeof rule->digest);
}

static const char *const rule_keys[]
    = { "id", "kind", "title", "pattern", "validator", "checksum", "context", "distance", "score", "context_score",
        "required_context", "exclude", "source", "examples", "counterexamples", NULL };

static gboolean
fill_rule (DsConfNode *group, DsRule *rule, GError **error)
{
  if (!ds_conf_known (group, rule_keys, error) || !read_text (group, NULL, "id", &rule->id, error))
    return FALSE;
  if (!is_identifier (rule->id))
    return refuse (group, rule->id, error, "an \"id\" is made of lower-case letters, digits and '-'");
  if (!read_kind (group, rule, error) || !read_text (group, rule->id, "title", &rule->title, error)
      || !read_text (group, rule->id, "source", &rule->source, error) || !read_pattern (group, rule, error)
      || !read_proof (group, rule, error) || !read_context (group, rule, error) || !read_scores (group, rule, error)
      || !read_exclude (group, rule, error) || !read_examples (group, rule, error))
    return FALSE;
  digest_rule (rule);
  return TRUE;
}

static DsRule *
rule_by_id (const DsPack *pack, const char *id)
{
  for (guint i = 0; i < pack->rules->len; i++)
    if (g_str_equal (((DsRule *) pack->rules->pdata[i])->id, id))
      return pack->rules->pdata[i];
  return NULL;
}

static gboolean
read_rule (DsConfNode *group, DsPack *pack, GError **error)
{
  DsRule *rule = g_new0 (DsRule, 1);
  rule->pack = pack;
  gboolean ok = fill_rule (group, rule, error)
                && (rule_by_id (pack, rule->id) == NULL || refuse (group, rule->id, error, "this id is used twice"));
  if (ok)
    g_ptr_array_add (pack->rules, rule);
  else
    rule_free (rule);
  return ok;
}

static gboolean
read_rules (DsConfNode *root, DsPack *pack, GError **error)
{
  DsConfNode *list = NULL;
  if (!ds_conf_list (root, "rules", &list, error))
    return FALSE;
  if (ds_conf_length (list) == 0)
    return refuse (root, NULL, error, "\"rules\" are missing");
  for (guint i = 0; i < ds_conf_length (list); i++)
    {
      DsConfNode *group = ds_conf_nth (list, i, error);
      if (group == NULL || !read_rule (group, pack, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
fill_pack (DsConfNode *root, DsPack *pack, GError **error)
{
  static const char *const keys[] = { "id", "version", "title", "country", "language", "on", "rules", NULL };
  if (!ds_conf_known (root, keys, error) || !read_text (root, NULL, "id", &pack->id, error))
    return FALSE;
  if (!is_identifier (pack->id))
    return refuse (root, NULL, error, "a pack's \"id\" is made of lower-case letters, digits and '-'");
  pack->on = TRUE;
  return read_text (root, NULL, "title", &pack->title, error)
         && read_number (root, NULL, "version", 1, G_MAXINT32, &pack->version, error)
         && read_text (root, NULL, "country", &pack->country, error)
         && read_text (root, NULL, "language", &pack->language, error)
         && ds_conf_bool (root, "on", &pack->on, error) && read_rules (root, pack, error);
}

/* Takes conf. */
static DsPack *
pack_from_conf (DsConf *conf, GError **error)
{
  if (conf == NULL)
    return NULL;
  g_autoptr (DsConf) held = conf;
  g_autoptr (DsPack) pack = g_new0 (DsPack, 1);
  pack->rules = g_ptr_array_new_with_free_func ((GDestroyNotify) rule_free);
  return fill_pack (ds_conf_root (held), pack, error) ? g_steal_pointer (&pack) : NULL;
}

DsPack *
ds_pack_load (const char *path, GError **error)
{
  return pack_from_conf (ds_conf_load (path, error), error);
}

DsPack *
ds_pack_parse (const char *text, const char *name, GError **error)
{
  return pack_from_conf (ds_conf_parse (text, name, error), error);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Paths of the folder's *.conf, in a stable order. */
static GPtrArray *
list_packs (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) why = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &why);
  if (dir == NULL)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s: %s", folder, why->message);
      return NULL;
    }
  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir))
    if (g_str_has_suffix (name, ".conf") && name[0] != '.')
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (paths, compare_names);
  return g_steal_pointer (&paths);
}

static gint
pack_index (const GPtrArray *packs, const char *id)
{
  for (guint i = 0; i < packs->len; i++)
    if (g_str_equal (((DsPack *) packs->pdata[i])->id, id))
      return (gint) i;
  return -1;
}

/* Adds the folder's packs; one of the same id is replaced if it came from another folder (place < own), else refused. */
static gboolean
add_folder (GPtrArray *packs, const char *folder, GError **error)
{
  guint own = packs->len;
  g_autoptr (GPtrArray) paths = list_packs (folder, error);
  for (guint i = 0; paths != NULL && i < paths->len; i++)
    {
      g_autoptr (DsPack) pack = ds_pack_load (paths->pdata[i], error);
      if (pack == NULL)
        return FALSE;
      gint same = pack_index (packs, pack->id);
      if (same >= (gint) own)
        {
          g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s: pack id \"%s\" is used twice",
                       (char *) paths->pdata[i], pack->id);
          return FALSE;
        }
      if (same < 0)
        g_ptr_array_add (packs, g_steal_pointer (&pack));
      else
        {
          ds_pack_free (packs->pdata[same]);
          packs->pdata[same] = g_steal_pointer (&pack);
        }
    }
  return paths != NULL;
}

static gboolean
all_ids_differ (const GPtrArray *packs, GError **error)
{
  g_autoptr (GHashTable) owners = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint p = 0; p < packs->len; p++)
    {
      const DsPack *pack = packs->pdata[p];
      for (guint r = 0; r < pack->rules->len; r++)
        {
          DsRule *rule = pack->rules->pdata[r];
          const DsRule *other = g_hash_table_lookup (owners, rule->id);
          if (other != NULL)
            {
              g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "rule \"%s\": this id is used twice, in packs \"%s\" and \"%s\"",
                           rule->id, other->pack->id, pack->id);
              return FALSE;
            }
          g_hash_table_insert (owners, rule->id, rule);
        }
    }
  return TRUE;
}

/* Drops the packs that were not asked for; a name that no pack has is an error. */
static gboolean
keep_named (GPtrArray *packs, const char *const *names, GError **error)
{
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (pack_index (packs, names[i]) < 0)
      {
        g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "\"packs\": no rule pack is called \"%s\"", names[i]);
        return FALSE;
      }
  for (guint i = packs->len; i > 0; i--)
    {
      const DsPack *pack = packs->pdata[i - 1];
      if (names != NULL ? !g_strv_contains (names, pack->id) : !pack->on)
        g_ptr_array_remove_index (packs, i - 1);
    }
  return TRUE;
}

GPtrArray *
ds_packs_load (const char *folder, const char *site_folder, const char *const *names, GError **error)
{
  g_autoptr (GPtrArray) packs = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_pack_free);
  if (!add_folder (packs, folder, error))
    return NULL;
  if (site_folder != NULL && g_file_test (site_folder, G_FILE_TEST_IS_DIR) && !add_folder (packs, site_folder, error))
    return NULL;
  if (!all_ids_differ (packs, error) || !keep_named (packs, names, error))
    return NULL;
  return g_steal_pointer (&packs);
}
