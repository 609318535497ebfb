#include "config.h"
#include "run/poison.h"
#include "content/tree.h"
#include <string.h>

/* By chance a worker may fail once. */
#define MOST_TRIES 2

#define NAME_DIGITS 32

typedef struct
{
  const char *reason; /* static */
  guint tries;
} Mark;

struct _DsPoison
{
  const DsSiteKey *key;
  DsState *state;
  char *program;
  GHashTable *marks; /* name -> Mark */
  GHashTable *sizes; /* of what is marked, so that nothing else need be digested */
  DsPoolGuard guard;
};

static const char *
static_reason (const char *reason)
{
  return g_strcmp0 (reason, DS_REASON_TIME) == 0 ? DS_REASON_TIME : DS_REASON_CRASHED;
}

static void
mark (DsPoison *poison, const char *name, guint64 size, const char *reason, guint tries)
{
  Mark *known = g_hash_table_lookup (poison->marks, name);
  if (known == NULL)
    {
      known = g_new0 (Mark, 1);
      g_hash_table_insert (poison->marks, g_strdup (name), known);
    }
  known->reason = static_reason (reason);
  known->tries += tries;
  g_hash_table_add (poison->sizes, GSIZE_TO_POINTER ((gsize) size));
}

static void
take_mark (const char *digest, guint64 size, const char *reason, guint tries, gpointer poison)
{
  mark (poison, digest, size, reason, tries);
}

static char *
name_of (GBytes *blob, gpointer data)
{
  const DsPoison *poison = data;
  gsize size = 0;
  gconstpointer bytes = g_bytes_get_data (blob, &size);
  return ds_site_key_digest (poison->key, "poison", bytes, size, NAME_DIGITS);
}

static const char *
refuse (GBytes *blob, gpointer data)
{
  const DsPoison *poison = data;
  if (!g_hash_table_contains (poison->sizes, GSIZE_TO_POINTER (g_bytes_get_size (blob))))
    return NULL;
  g_autofree char *name = name_of (blob, data);
  const Mark *known = g_hash_table_lookup (poison->marks, name);
  return known != NULL && known->tries >= MOST_TRIES ? known->reason : NULL;
}

/* What is not remembered costs a worker once more: no reason to end a run that has nothing else to complain of. */
static void
blame (const char *name, gsize size, const char *reason, gpointer data)
{
  DsPoison *poison = data;
  mark (poison, name, size, reason, 1);
  ds_state_add_poison (poison->state, name, size, poison->program, reason, NULL);
}

/* All that decides on what becomes of a blob in a worker, as one name. */
static char *
program_name (const DsSiteKey *key, const DsConfiguration *configuration, GPtrArray *packs)
{
  const DsLimits *l = &configuration->limits;
  g_autoptr (GString) text = g_string_new (PACKAGE_VERSION);
  g_string_append_printf (text, " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %u %u %u %u %" G_GUINT64_FORMAT,
                          l->blob_bytes, l->text_bytes, l->header_bytes, l->parts, l->depth, l->findings, configuration->worker_seconds,
                          configuration->worker_memory);
  for (guint i = 0; i < packs->len; i++)
    {
      const DsPack *pack = g_ptr_array_index (packs, i);
      for (guint k = 0; k < pack->rules->len; k++)
        g_string_append_printf (text, " %s", ((const DsRule *) g_ptr_array_index (pack->rules, k))->digest);
    }
  return ds_site_key_digest (key, "program", text->str, text->len, NAME_DIGITS);
}

DsPoison *
ds_poison_open (const DsSiteKey *key, const DsConfiguration *configuration, GPtrArray *packs, DsState *state, DsPool *pool,
                GError **error)
{
  DsPoison *poison = g_new0 (DsPoison, 1);
  poison->key = key;
  poison->state = state;
  poison->program = program_name (key, configuration, packs);
  poison->marks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  poison->sizes = g_hash_table_new (NULL, NULL);
  poison->guard = (DsPoolGuard){ refuse, name_of, blame, poison };
  if (!ds_state_each_poison (state, poison->program, take_mark, poison, error))
    {
      ds_poison_free (poison);
      return NULL;
    }
  ds_pool_set_guard (pool, &poison->guard);
  return poison;
}

void
ds_poison_free (DsPoison *poison)
{
  if (poison == NULL)
    return;
  g_free (poison->program);
  g_hash_table_unref (poison->marks);
  g_hash_table_unref (poison->sizes);
  g_free (poison);
}
