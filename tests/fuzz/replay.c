/* Runs one fuzz program over files and folders of inputs, without a fuzzer: what `make check` does with the seeds. */
#include "config.h"
#include "property.h"
#include <stdio.h>
#include <string.h>

static guint inputs;

static int
by_name (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(char *const *) a, *(char *const *) b);
}

static gboolean
replay (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  if (folder == NULL)
    {
      g_autofree char *data = NULL;
      gsize size = 0;
      if (!g_file_get_contents (path, &data, &size, NULL))
        return FALSE;
      /* Of exactly its size, so that a sanitizer sees a read behind the end. */
      g_autofree uint8_t *exact = g_malloc (MAX (size, 1));
      memcpy (exact, data, size);
      fprintf (stderr, "%s\n", path);
      LLVMFuzzerTestOneInput (exact, size);
      inputs++;
      return TRUE;
    }
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  for (const char *name; (name = g_dir_read_name (folder)) != NULL;)
    g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_ptr_array_sort (names, by_name);
  gboolean good = TRUE;
  for (guint i = 0; i < names->len; i++)
    good &= replay (g_ptr_array_index (names, i));
  return good;
}

int
main (int argc, char **argv)
{
  gboolean good = TRUE;
  for (int i = 1; i < argc; i++)
    good &= replay (argv[i]);
  printf ("%u inputs\n", inputs);
  return good && inputs > 0 ? 0 : 1;
}
