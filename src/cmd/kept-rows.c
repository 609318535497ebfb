#include "config.h"
#include "cmd/kept-rows.h"
#include "store/spool.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PIECE (1u << 20)

struct _DsKeptRows
{
  GString *latest; /* "REF\0REASON\0" each */
  DsSpool *spool;  /* of such pieces; NULL: there is none yet */
  GArray *places;  /* of guint64 */
};

DsKeptRows *
ds_kept_rows_new (void)
{
  DsKeptRows *rows = g_new0 (DsKeptRows, 1);
  rows->latest = g_string_new (NULL);
  rows->places = g_array_new (FALSE, FALSE, sizeof (guint64));
  return rows;
}

void
ds_kept_rows_free (DsKeptRows *rows)
{
  if (rows == NULL)
    return;
  g_string_free (rows->latest, TRUE);
  g_array_unref (rows->places);
  ds_spool_free (rows->spool);
  g_free (rows);
}

/* Where nothing can be put aside, memory has to do. */
static DsSpool *
open_spool (void)
{
  int folder = open (g_get_tmp_dir (), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autofree char *name = g_strdup_printf ("deskshred.rows.%ld", (long) getpid ());
  DsSpool *spool = folder >= 0 ? ds_spool_new_file (folder, name, g_get_tmp_dir (), G_MAXUINT64, NULL) : NULL;
  if (folder >= 0)
    close (folder);
  return spool != NULL ? spool : ds_spool_new_memory (G_MAXUINT64);
}

static gboolean
put_aside (DsKeptRows *rows, GError **error)
{
  g_autoptr (GBytes) piece = g_bytes_new (rows->latest->str, rows->latest->len);
  guint64 place = 0;
  if (rows->spool == NULL)
    rows->spool = open_spool ();
  if (!ds_spool_add (rows->spool, piece, &place, error))
    return FALSE;
  g_array_append_val (rows->places, place);
  g_string_truncate (rows->latest, 0);
  return TRUE;
}

gboolean
ds_kept_rows_add (DsKeptRows *rows, const char *ref, const char *reason, GError **error)
{
  g_string_append_len (rows->latest, ref, (gssize) strlen (ref) + 1);
  g_string_append_len (rows->latest, reason, (gssize) strlen (reason) + 1);
  return rows->latest->len < PIECE || put_aside (rows, error);
}

static void
visit_piece (const char *piece, gsize size, DsKeptRowVisit visit, gpointer data)
{
  for (const char *at = piece; at < piece + size;)
    {
      const char *reason = at + strlen (at) + 1;
      visit (at, reason, data);
      at = reason + strlen (reason) + 1;
    }
}

gboolean
ds_kept_rows_each (DsKeptRows *rows, DsKeptRowVisit visit, gpointer data, GError **error)
{
  for (guint i = 0; i < rows->places->len; i++)
    {
      g_autoptr (GBytes) piece = ds_spool_get (rows->spool, g_array_index (rows->places, guint64, i), error);
      gsize size = 0;
      if (piece == NULL)
        return FALSE;
      const char *text = g_bytes_get_data (piece, &size);
      visit_piece (text, size, visit, data);
    }
  visit_piece (rows->latest->str, rows->latest->len, visit, data);
  return TRUE;
}
