/* Prints how a mail is tiled, as JSON Lines, for the judge tests/corpora/agree.py. */
#include "config.h"
#include "content/agreement.h"
#include "content/transfer.h"
#include "content/reading.h"
#include "content/tree.h"
#include <gmime/gmime.h>
#include <stdio.h>

static const char *
role_name (DsPartRole role)
{
  static const char *const names[] = { "entity", "header", "body", "preamble", "epilogue", "delimiter", "gap" };
  return names[role];
}

static guint
frame_number (GPtrArray *frames, DsFrame *frame)
{
  guint index = 0;
  if (!g_ptr_array_find (frames, frame, &index))
    {
      index = frames->len;
      g_ptr_array_add (frames, frame);
    }
  return index;
}

static void
dump_leaf (DsPart *leaf, GPtrArray *frames, gboolean first)
{
  static const char *const encodings[] = { "identity", "quoted-printable", "base64", "uuencode" };
  g_autofree char *digest = NULL;
  if (leaf->role == DS_PART_BODY)
    {
      g_autoptr (DsTransfer) transfer = ds_transfer_decode (leaf->parent->encoding, leaf->frame->data + leaf->start, leaf->end - leaf->start);
      digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, transfer->bytes);
    }
  printf ("%s{\"start\":%zu,\"end\":%zu,\"role\":\"%s\",\"part\":\"%s\",\"frame\":%u,\"media_type\":\"%s\",\"encoding\":\"%s\",\"sha256\":\"%s\"}",
          first ? "" : ",", leaf->start, leaf->end, role_name (leaf->role), leaf->number, frame_number (frames, leaf->frame),
          leaf->parent->media_type, encodings[leaf->parent->encoding], digest != NULL ? digest : "");
}

int
main (int argc, char **argv)
{
  g_mime_init ();
  const DsLimits limits = DS_LIMITS_DEFAULT;
  for (int i = 1; i < argc; i++)
    {
      char *data = NULL;
      gsize size = 0;
      if (!g_file_get_contents (argv[i], &data, &size, NULL))
        return 1;
      g_autoptr (GBytes) bytes = g_bytes_new_take (data, size);
      g_autoptr (DsTree) tree = ds_tree_open_mail (bytes, &limits);
      ds_tree_check_agreement (tree);
      g_autoptr (GPtrArray) frames = g_ptr_array_new ();
      frame_number (frames, ds_tree_frame (tree));
      g_autofree char *name = g_strescape (argv[i], NULL);
      printf ("{\"file\":\"%s\",\"size\":%zu,\"leaves\":[", name, size);
      GPtrArray *leaves = ds_tree_leaves (tree);
      for (guint k = 0; k < leaves->len; k++)
        {
          dump_leaf (g_ptr_array_index (leaves, k), frames, k == 0);
          g_autoptr (DsReading) reading = ds_reading_new (tree, g_ptr_array_index (leaves, k));
          g_assert_nonnull (reading);
        }
      printf ("],\"not_looked_at\":[");
      GArray *problems = ds_tree_problems (tree);
      for (guint k = 0; k < problems->len; k++)
        {
          const DsProblem *problem = &g_array_index (problems, DsProblem, k);
          printf ("%s{\"part\":\"%s\",\"reason\":\"%s\"}", k == 0 ? "" : ",", problem->part, problem->reason);
        }
      printf ("]}\n");
    }
  return 0;
}
