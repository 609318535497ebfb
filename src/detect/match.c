#include "config.h"
#include "detect/match.h"
#include <stdlib.h>
#include <string.h>

void
ds_match_free (DsMatch *match)
{
  if (match == NULL)
    return;
  if (match->value != NULL)
    explicit_bzero (match->value, strlen (match->value));
  g_free (match->value);
  g_free (match);
}

/* ---- those that overlap ---- */

/* Best first: as the rule has it, proof, score, length, place, and the rule's name so that the order is total. */
static int
by_strength (gconstpointer a, gconstpointer b)
{
  const DsMatch *one = *(DsMatch *const *) a, *two = *(DsMatch *const *) b;
  if (one->respelled != two->respelled)
    return one->respelled ? 1 : -1;
  if (one->proved != two->proved)
    return one->proved ? -1 : 1;
  if (one->score != two->score)
    return one->score > two->score ? -1 : 1;
  gsize length_one = one->end - one->start, length_two = two->end - two->start;
  if (length_one != length_two)
    return length_one > length_two ? -1 : 1;
  if (one->start != two->start)
    return one->start < two->start ? -1 : 1;
  return g_strcmp0 (one->rule != NULL ? one->rule->id : NULL, two->rule != NULL ? two->rule->id : NULL);
}

/* Where a match that starts at start would stand among the kept ones, which are apart from each other. */
static guint
place_of (const GPtrArray *kept, gsize start)
{
  guint low = 0, high = kept->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (((const DsMatch *) kept->pdata[middle])->end <= start)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* A weaker match that overlaps kept ones: what it covers beyond them goes to its neighbours, as far as the next kept one. */
static void
leave_no_residue (GPtrArray *kept, guint place, const DsMatch *loser)
{
  DsMatch *winner = kept->pdata[place];
  gsize floor = place > 0 ? ((const DsMatch *) kept->pdata[place - 1])->end : 0;
  winner->start = MIN (winner->start, MAX (floor, loser->start));
  for (; place < kept->len && ((const DsMatch *) kept->pdata[place])->start < loser->end; place++)
    {
      winner = kept->pdata[place];
      gsize ceiling = place + 1 < kept->len ? ((const DsMatch *) kept->pdata[place + 1])->start : G_MAXSIZE;
      winner->end = MAX (winner->end, MIN (ceiling, loser->end));
    }
}

/* n matches that overlap none but each other (sorted here): the strongest that are apart from each other are added to
 * settled, by place; the others are freed. */
static void
settle_cluster (DsMatch **matches, guint n, GPtrArray *settled)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  g_autoptr (GPtrArray) losers = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_match_free);
  qsort (matches, n, sizeof *matches, by_strength);
  for (guint i = 0; i < n; i++)
    {
      guint place = place_of (kept, matches[i]->start);
      gboolean free = place == kept->len || ((const DsMatch *) kept->pdata[place])->start >= matches[i]->end;
      if (free)
        g_ptr_array_insert (kept, (gint) place, matches[i]);
      else
        g_ptr_array_add (losers, matches[i]);
    }
  for (guint i = 0; i < losers->len; i++)
    {
      const DsMatch *loser = g_ptr_array_index (losers, i);
      guint place = place_of (kept, loser->start);
      /* Of what is written otherwise than its rule has it, only what won is one. */
      if (!loser->respelled && place < kept->len && ((const DsMatch *) kept->pdata[place])->start < loser->end)
        leave_no_residue (kept, place, loser);
    }
  g_ptr_array_extend (settled, kept, NULL, NULL);
}

static int
by_start (gconstpointer a, gconstpointer b)
{
  const DsMatch *one = *(DsMatch *const *) a, *two = *(DsMatch *const *) b;
  return one->start < two->start ? -1 : one->start > two->start;
}

void
ds_matches_settle (GPtrArray *matches, const DsFolded *folded, guint min_score)
{
  for (guint i = matches->len; i-- > 0;)
    if (((const DsMatch *) matches->pdata[i])->score < min_score)
      g_ptr_array_remove_index_fast (matches, i);
  g_ptr_array_sort (matches, by_start);
  gsize n = 0;
  g_autofree DsMatch **all = (DsMatch **) g_ptr_array_steal (matches, &n);
  /* Matches that overlap in a chain are settled together, and each chain for itself: a text may have very many. */
  for (gsize first = 0, end = 0; first < n; first = end)
    {
      gsize reach = all[first]->end;
      for (end = first + 1; end < n && all[end]->start < reach; end++)
        reach = MAX (reach, all[end]->end);
      settle_cluster (all + first, (guint) (end - first), matches);
    }
  for (guint i = 0; i < matches->len; i++)
    {
      DsMatch *match = matches->pdata[i];
      DsSpan span = ds_span_map_hull (folded->map, match->start, match->end);
      match->start = span.start;
      match->end = span.end;
    }
}
