#include "config.h"
#include "run/duration.h"

#define HOUR G_GINT64_CONSTANT (3600)
#define LONGEST (1000 * 366 * 24 * HOUR)

gint64
ds_duration_parse (const char *text)
{
  /* A year has 366 days here: what is kept for a while may be kept a day too long, but goes never a day too early.  Months
   * and minutes are left out, as nobody knows which an "m" is. */
  static const struct
  {
    char unit;
    gint64 seconds;
  } units[] = { { 'h', HOUR }, { 'd', 24 * HOUR }, { 'w', 7 * 24 * HOUR }, { 'y', 366 * 24 * HOUR } };
  if (!g_ascii_isdigit (*text))
    return 0;
  char *end = NULL;
  gint64 count = g_ascii_strtoll (text, &end, 10);
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (end[0] == units[i].unit && end[1] == '\0' && count <= LONGEST / units[i].seconds)
      return count * units[i].seconds;
  return 0;
}
