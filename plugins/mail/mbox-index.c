#include "config.h"
#include "mbox-index.h"
#include <stdlib.h>
#include <string.h>

/* Open addressing, since a GHashTable needs some 40 bytes an entry.  The digest is keyed, so nobody can make it collide;
 * 0 means a free place, and a digest of 0 is counted as 1. */
struct _DsMboxSeen
{
  guint64 *slots;
  guint64 mask, used;
  GHashTable *repeats; /* digest -> times met, for the few that come again */
};

DsMboxSeen *
ds_mbox_seen_new (void)
{
  DsMboxSeen *seen = g_new0 (DsMboxSeen, 1);
  seen->mask = 1023;
  seen->slots = g_new0 (guint64, seen->mask + 1);
  seen->repeats = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  return seen;
}

void
ds_mbox_seen_free (DsMboxSeen *seen)
{
  if (seen == NULL)
    return;
  g_hash_table_unref (seen->repeats);
  g_free (seen->slots);
  g_free (seen);
}

static guint64 *
slot_of (DsMboxSeen *seen, guint64 digest)
{
  guint64 i = digest & seen->mask;
  while (seen->slots[i] != 0 && seen->slots[i] != digest)
    i = (i + 1) & seen->mask;
  return &seen->slots[i];
}

static void
grow (DsMboxSeen *seen)
{
  g_autofree guint64 *old = seen->slots;
  guint64 n = seen->mask + 1;
  seen->mask = 2 * n - 1;
  seen->slots = g_new0 (guint64, 2 * n);
  for (guint64 i = 0; i < n; i++)
    if (old[i] != 0)
      *slot_of (seen, old[i]) = old[i];
}

guint
ds_mbox_seen_add (DsMboxSeen *seen, guint64 digest)
{
  digest = digest != 0 ? digest : 1;
  guint64 *slot = slot_of (seen, digest);
  if (*slot == 0)
    {
      *slot = digest;
      if (++seen->used * 4 > (seen->mask + 1) * 3)
        grow (seen);
      return 1;
    }
  guint times = MAX (1, GPOINTER_TO_UINT (g_hash_table_lookup (seen->repeats, &digest))) + 1;
  g_hash_table_replace (seen->repeats, g_memdup2 (&digest, sizeof digest), GUINT_TO_POINTER (times));
  return times;
}

typedef struct
{
  guint64 digest, offset;
} Place;

struct _DsMboxIndex
{
  GArray *places; /* by digest, then by offset */
};

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const Place *left = a, *right = b;
  if (left->digest != right->digest)
    return left->digest < right->digest ? -1 : 1;
  return left->offset < right->offset ? -1 : left->offset > right->offset;
}

DsMboxIndex *
ds_mbox_index_new (DsMboxSource *source, const DsSiteKey *key, GError **error)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (Place));
  g_autoptr (GError) own = NULL;
  DsMboxEntry entry = { .next = 0 };
  gboolean at_end = FALSE;
  while (ds_mbox_entry (source, key, entry.next, &entry, &at_end, &own))
    {
      Place place = { entry.digest, entry.offset };
      g_array_append_val (places, place);
    }
  if (own != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&own));
      return NULL;
    }
  g_array_sort (places, compare_places);
  DsMboxIndex *index = g_new0 (DsMboxIndex, 1);
  index->places = g_steal_pointer (&places);
  return index;
}

void
ds_mbox_index_free (DsMboxIndex *index)
{
  if (index == NULL)
    return;
  g_array_unref (index->places);
  g_free (index);
}

gboolean
ds_mbox_index_find (const DsMboxIndex *index, guint64 digest, guint ordinal, guint64 *offset_r)
{
  guint low = 0, high = index->places->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (g_array_index (index->places, Place, middle).digest < digest)
        low = middle + 1;
      else
        high = middle;
    }
  guint64 i = (guint64) low + ordinal - 1;
  if (i >= index->places->len || g_array_index (index->places, Place, i).digest != digest)
    return FALSE;
  *offset_r = g_array_index (index->places, Place, i).offset;
  return TRUE;
}

char *
ds_mbox_key (guint64 digest, guint ordinal)
{
  g_autofree char *first = g_strdup_printf ("m%016" G_GINT64_MODIFIER "x", digest);
  return ordinal == 1 ? g_steal_pointer (&first) : g_strdup_printf ("%s.%u", first, ordinal);
}

gboolean
ds_mbox_key_parse (const char *message, guint64 *digest_r, guint *ordinal_r)
{
  if (message[0] != 'm' || strspn (message + 1, "0123456789abcdef") != 16)
    return FALSE;
  char *end = NULL;
  *digest_r = g_ascii_strtoull (message + 1, &end, 16);
  *ordinal_r = 1;
  if (*end == '\0')
    return TRUE;
  guint64 ordinal = *end == '.' && g_ascii_isdigit (end[1]) ? g_ascii_strtoull (end + 1, &end, 10) : 0;
  *ordinal_r = (guint) ordinal;
  return ordinal >= 2 && ordinal <= G_MAXINT && *end == '\0';
}
