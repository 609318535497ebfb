#include "config.h"
#include "detect/match.h"
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
