#include "config.h"
#include "content/preload.h"
#include "content/charset.h"
#include <gmime/gmime.h>

void
ds_content_preload (void)
{
  g_mime_init ();
  ds_charset_preload ();
}
