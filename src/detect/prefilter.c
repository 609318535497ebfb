#include "config.h"
#include "detect/prefilter.h"
#include "detect/database-cache.h"
#include "detect/loosen.h"
#include "detect/shape.h"
#include <hs/hs.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* More windows than this, and the last one reaches to the end: a text that is made for it must not take all memory. */
#define MOST_WINDOWS 65536
/* Hyperscan counts a text's bytes in 32 bits. */
#define MOST_BYTES (1u << 30)

/* Rules that cannot do without the same bytes are looked for together, and only near those. */
typedef struct
{
  DsFeature feature;
  guint least; /* of the feature, in every match of a rule of this group */
  guint reach; /* of its rules, at most */
} GroupKind;

/* The first that fits a rule is its group: the more bytes are needed, and the nearer to each other, the less text has to be
 * looked at.  Chosen by measuring over desk mail: one database of all rules takes four times as long. */
static const GroupKind group_kinds[] = {
  { DS_FEATURE_AT, 1, 1024 },   { DS_FEATURE_DIGIT, 9, 24 },  { DS_FEATURE_DIGIT, 6, 20 },   { DS_FEATURE_DIGIT, 10, 64 },
  { DS_FEATURE_DIGIT, 7, 128 }, { DS_FEATURE_DIGIT, 3, 24 },  { DS_FEATURE_DIGIT, 3, 128 },  { DS_FEATURE_COLON, 1, 128 },
  { DS_FEATURE_DIGIT, 1, 16 },  { DS_FEATURE_DIGIT, 2, 128 }, { DS_FEATURE_DIGIT, 1, 48 },   { DS_FEATURE_DIGIT, 1, 96 },
};
#define N_NEEDY G_N_ELEMENTS (group_kinds)
#define EVERYWHERE N_NEEDY /* the group of those that need nothing cheap */
#define N_GROUPS (N_NEEDY + 1)
#define MOST_LEAST 16

typedef struct
{
  hs_database_t *database; /* NULL: no rule is in it */
  DsFeature feature;
  guint least, reach, max; /* over its rules: the fewest, and the widest */
  /* while a text is looked through */
  guint32 last[MOST_LEAST]; /* where the latest ones of the feature stood, in a ring */
  guint n;                  /* how many there have been */
  guint64 from, to;         /* the neighbourhood that is not looked at yet; empty if from == to */
} Group;

typedef struct
{
  guint group;
  DsShape shape;
  GArray *windows; /* of DsWindow */
} Needle;

struct _DsPrefilter
{
  Group groups[N_GROUPS];
  Needle *needles;
  guint n_needles;
  hs_scratch_t *scratch;
  /* while a text is looked through */
  const char *bytes;
  gsize size, offset;
};

static guint
group_of (const DsShape *shape)
{
  for (guint i = 0; i < N_NEEDY; i++)
    if (shape->least[group_kinds[i].feature] >= group_kinds[i].least && shape->reach <= group_kinds[i].reach)
      return i;
  return EVERYWHERE;
}

/* What a group asks for, by its rules: the fewest and the widest. */
static void
measure_groups (DsPrefilter *prefilter)
{
  for (guint i = 0; i < N_NEEDY; i++)
    prefilter->groups[i] = (Group){ .feature = group_kinds[i].feature, .least = MOST_LEAST };
  for (guint i = 0; i < prefilter->n_needles; i++)
    {
      const DsShape *shape = &prefilter->needles[i].shape;
      Group *group = &prefilter->groups[prefilter->needles[i].group];
      group->least = MIN (group->least, shape->least[group->feature]);
      group->reach = MAX (group->reach, shape->reach);
      group->max = MAX (group->max, shape->max);
    }
}

static gboolean
compile_group (const DsPrefilter *prefilter, char *const *patterns, guint number, hs_database_t **database_r)
{
  g_autoptr (GPtrArray) own = g_ptr_array_new ();
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (unsigned)), flags = g_array_new (FALSE, FALSE, sizeof (unsigned));
  const unsigned flag = HS_FLAG_ALLOWEMPTY;
  for (unsigned i = 0; i < prefilter->n_needles; i++)
    if (prefilter->needles[i].group == number)
      {
        g_ptr_array_add (own, patterns[i]);
        g_array_append_val (ids, i);
        g_array_append_val (flags, flag);
      }
  hs_compile_error_t *error = NULL;
  if (own->len == 0
      || hs_compile_multi ((const char *const *) own->pdata, (unsigned *) flags->data, (unsigned *) ids->data, own->len, HS_MODE_BLOCK,
                           NULL, database_r, &error) == HS_SUCCESS)
    return TRUE;
  hs_free_compile_error (error);
  return FALSE;
}

/* Names the databases: everything that they are made of. */
static char *
key_of (const DsPrefilter *prefilter, char *const *patterns)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *platform = ds_database_cache_platform ();
  g_checksum_update (checksum, (const guchar *) platform, -1);
  for (guint i = 0; i < prefilter->n_needles; i++)
    {
      g_autofree char *line = g_strdup_printf ("\n%u %s", prefilter->needles[i].group, patterns[i]);
      g_checksum_update (checksum, (const guchar *) line, -1);
    }
  return g_strdup (g_checksum_get_string (checksum));
}

static gboolean
open_databases (DsPrefilter *prefilter, char *const *patterns, const char *cache)
{
  hs_database_t *databases[N_GROUPS] = { NULL };
  g_autofree char *key = key_of (prefilter, patterns);
  gboolean kept = cache != NULL && ds_database_cache_load (cache, key, databases, N_GROUPS), good = TRUE;
  for (guint i = 0; i < N_GROUPS && good && !kept; i++)
    good = compile_group (prefilter, patterns, i, &databases[i]);
  if (good && !kept && cache != NULL)
    ds_database_cache_save (cache, key, databases, N_GROUPS);
  for (guint i = 0; i < N_GROUPS; i++)
    {
      prefilter->groups[i].database = databases[i];
      good = good && (databases[i] == NULL || hs_alloc_scratch (databases[i], &prefilter->scratch) == HS_SUCCESS);
    }
  return good;
}

static int
note_found (unsigned number G_GNUC_UNUSED, unsigned long long from G_GNUC_UNUSED, unsigned long long end, unsigned flags G_GNUC_UNUSED,
            void *data)
{
  *(gsize *) data = (gsize) end;
  return 0;
}

/* Asks the library what a known faulty one answers wrongly: a match at the end of texts of all lengths modulo 64. */
static gboolean
library_is_sound (void)
{
  static const char pattern[] = "(?:0[1-9]|1[0-2])/[2-4]\\d", date[] = "09/27";
  const gsize size = sizeof date - 1;
  hs_database_t *database = NULL;
  hs_scratch_t *scratch = NULL;
  hs_compile_error_t *error = NULL;
  gboolean sound = hs_compile (pattern, 0, HS_MODE_BLOCK, NULL, &database, &error) == HS_SUCCESS
                   && hs_alloc_scratch (database, &scratch) == HS_SUCCESS;
  for (gsize length = 64; sound && length <= 128; length++)
    {
      char text[128];
      gsize found = 0;
      memset (text, 'x', sizeof text);
      memcpy (text + length - 1 - size, date, size);
      sound = hs_scan (database, text, (unsigned) length, 0, scratch, note_found, &found) == HS_SUCCESS && found == length - 1;
    }
  hs_free_compile_error (error);
  hs_free_scratch (scratch);
  hs_free_database (database);
  return sound;
}

DsPrefilter *
ds_prefilter_new (GPtrArray *rules, const char *cache)
{
  if (hs_valid_platform () != HS_SUCCESS || !library_is_sound ())
    return NULL;
  g_autoptr (DsPrefilter) prefilter = g_new0 (DsPrefilter, 1);
  g_autoptr (GPtrArray) patterns = g_ptr_array_new_with_free_func (g_free);
  prefilter->needles = g_new0 (Needle, rules->len);
  prefilter->n_needles = rules->len;
  for (guint i = 0; i < rules->len; i++)
    {
      const char *pattern = ((const DsRule *) rules->pdata[i])->pattern;
      Needle *needle = &prefilter->needles[i];
      needle->shape = ds_shape_of (pattern);
      needle->group = group_of (&needle->shape);
      needle->windows = g_array_new (FALSE, FALSE, sizeof (DsWindow));
      g_ptr_array_add (patterns, ds_loosen (pattern));
    }
  measure_groups (prefilter);
  return open_databases (prefilter, (char *const *) patterns->pdata, cache) ? g_steal_pointer (&prefilter) : NULL;
}

void
ds_prefilter_free (DsPrefilter *prefilter)
{
  if (prefilter == NULL)
    return;
  for (guint i = 0; i < N_GROUPS; i++)
    hs_free_database (prefilter->groups[i].database);
  hs_free_scratch (prefilter->scratch);
  for (guint i = 0; i < prefilter->n_needles; i++)
    g_array_unref (prefilter->needles[i].windows);
  g_free (prefilter->needles);
  g_free (prefilter);
}

/* A loosened match of a rule ends at end. */
static int
note_end (unsigned number, unsigned long long from G_GNUC_UNUSED, unsigned long long end, unsigned flags G_GNUC_UNUSED, void *data)
{
  DsPrefilter *prefilter = data;
  const Needle *needle = &prefilter->needles[number];
  GArray *windows = needle->windows;
  guint64 to = end + prefilter->offset, span = (guint64) needle->shape.max + DS_LOOSEN_SLACK;
  DsWindow window = { (guint32) (to > span ? to - span : 0), (guint32) (to > needle->shape.min ? to - needle->shape.min : 0) };
  /* Mostly it goes on where the last one ended. */
  while (windows->len > 0)
    {
      DsWindow *before = &g_array_index (windows, DsWindow, windows->len - 1);
      if (window.first > before->last + 1 && windows->len < MOST_WINDOWS)
        break;
      window.first = MIN (window.first, before->first);
      window.last = windows->len < MOST_WINDOWS ? MAX (window.last, before->last) : (guint32) prefilter->size;
      g_array_set_size (windows, windows->len - 1);
    }
  g_array_append_val (windows, window);
  return 0;
}

static gboolean
look (DsPrefilter *prefilter, const Group *group, guint64 from, guint64 to)
{
  prefilter->offset = from;
  return hs_scan (group->database, prefilter->bytes + from, (unsigned) (to - from), 0, prefilter->scratch, note_end, prefilter)
         == HS_SUCCESS;
}

/* The feature stands at place: if enough of them stand near, so does perhaps a match. */
static inline gboolean
note_feature (DsPrefilter *prefilter, Group *group, guint32 place)
{
  group->last[group->n % MOST_LEAST] = place;
  group->n++;
  if (group->n < group->least)
    return TRUE;
  guint32 first = group->last[(group->n - group->least) % MOST_LEAST];
  if (place - first >= group->reach)
    return TRUE;
  /* A match that holds all of these begins at the first of them at the latest, and reaches as far as the last; one byte more
   * at either side, for what may not stand there. */
  guint64 from = place + 1 > group->reach ? place + 1 - group->reach : 0;
  guint64 to = MIN ((guint64) first + group->max + 1, prefilter->size);
  from -= from > 0;
  if (from > group->to)
    {
      if (group->to > group->from && !look (prefilter, group, group->from, group->to))
        return FALSE;
      group->from = from;
    }
  group->to = MAX (group->to, to);
  return TRUE;
}

/* bits: which of the bytes from place on are of the feature. */
static inline gboolean
note_features (DsPrefilter *prefilter, DsFeature feature, guint32 place, guint bits)
{
  for (; bits != 0; bits &= bits - 1)
    for (guint i = 0; i < N_NEEDY; i++)
      if (group_kinds[i].feature == feature && prefilter->groups[i].database != NULL
          && !note_feature (prefilter, &prefilter->groups[i], place + (guint32) __builtin_ctz (bits)))
        return FALSE;
  return TRUE;
}

#define BLOCK 16

/* Which of the 16 bytes at bytes are of each feature. */
static inline void
find_features (const char *bytes, guint found[DS_N_FEATURES])
{
#ifdef __SSE2__
  __m128i block = _mm_loadu_si128 ((const __m128i *) bytes);
  __m128i digit = _mm_sub_epi8 (block, _mm_set1_epi8 ('0'));
  found[DS_FEATURE_DIGIT] = (guint) _mm_movemask_epi8 (_mm_cmpeq_epi8 (_mm_min_epu8 (digit, _mm_set1_epi8 (9)), digit));
  found[DS_FEATURE_AT] = (guint) _mm_movemask_epi8 (_mm_cmpeq_epi8 (block, _mm_set1_epi8 ('@')));
  found[DS_FEATURE_COLON] = (guint) _mm_movemask_epi8 (_mm_cmpeq_epi8 (block, _mm_set1_epi8 (':')));
#else
  memset (found, 0, DS_N_FEATURES * sizeof *found);
  for (guint i = 0; i < BLOCK; i++)
    {
      found[DS_FEATURE_DIGIT] |= (guint) g_ascii_isdigit (bytes[i]) << i;
      found[DS_FEATURE_AT] |= (guint) (bytes[i] == '@') << i;
      found[DS_FEATURE_COLON] |= (guint) (bytes[i] == ':') << i;
    }
#endif
}

static gboolean
look_near_features (DsPrefilter *prefilter)
{
  guint found[DS_N_FEATURES];
  for (gsize at = 0; at < prefilter->size; at += BLOCK)
    {
      char rest[BLOCK] = { 0 };
      gboolean whole = at + BLOCK <= prefilter->size;
      if (!whole)
        memcpy (rest, prefilter->bytes + at, prefilter->size - at);
      find_features (whole ? prefilter->bytes + at : rest, found);
      for (guint i = 0; i < DS_N_FEATURES; i++)
        if (found[i] != 0 && !note_features (prefilter, (DsFeature) i, (guint32) at, found[i]))
          return FALSE;
    }
  for (guint i = 0; i < N_NEEDY; i++)
    if (prefilter->groups[i].to > prefilter->groups[i].from
        && !look (prefilter, &prefilter->groups[i], prefilter->groups[i].from, prefilter->groups[i].to))
      return FALSE;
  return TRUE;
}

gboolean
ds_prefilter_run (DsPrefilter *prefilter, const char *bytes, gsize size)
{
  if (size > MOST_BYTES)
    return FALSE;
  prefilter->bytes = bytes;
  prefilter->size = size;
  for (guint i = 0; i < prefilter->n_needles; i++)
    g_array_set_size (prefilter->needles[i].windows, 0);
  for (guint i = 0; i < N_GROUPS; i++)
    {
      prefilter->groups[i].n = 0;
      prefilter->groups[i].from = prefilter->groups[i].to = 0;
    }
  const Group *everywhere = &prefilter->groups[EVERYWHERE];
  return (everywhere->database == NULL || look (prefilter, everywhere, 0, size)) && look_near_features (prefilter);
}

const DsWindow *
ds_prefilter_windows (const DsPrefilter *prefilter, guint rule, guint *n_r)
{
  const GArray *windows = prefilter->needles[rule].windows;
  *n_r = windows->len;
  return (const DsWindow *) windows->data;
}
