/* Replaces every copy of a value in a mail: tree-edit FILE VALUE LABEL [PARTS].  For tests/e2e/header-edits.py. */
#include "config.h"
#include "tree-fixture.h"
#include <stdio.h>

int
main (int argc, char **argv)
{
  g_autofree char *data = NULL;
  gsize size = 0;
  g_mime_init ();
  if (argc < 4 || !g_file_get_contents (argv[1], &data, &size, NULL))
    return 2;
  g_autoptr (DsTree) tree = open_bytes (data, size);
  g_autoptr (GBytes) bytes = rewritten (tree, argv[2], argv[3], argc > 4 ? argv[4] : "");
  fwrite (g_bytes_get_data (bytes, NULL), 1, g_bytes_get_size (bytes), stdout);
  return 0;
}
