/* The yardstick of `make bench`: what it costs only to parse mail with GMime and to decode it, without looking at it.
 *
 *   yardstick PATH     PATH: a Maildir (its folders are walked), or an mbox
 *
 * Each message is read into memory, as a scan must; every leaf's transfer encoding is undone in one step, and text becomes
 * UTF-8.  What deskshred costs is told as a multiple of this, since seconds say more about the machine than about it. */
#include <gmime/gmime.h>
#include <stdio.h>
#include <string.h>

typedef struct
{
  guint64 messages, raw, decoded, text;
} Tally;

static gsize
to_utf8 (const char *bytes, gsize size, const char *charset)
{
  if (charset == NULL || g_ascii_strcasecmp (charset, "us-ascii") == 0)
    return size;
  if (g_ascii_strcasecmp (charset, "utf-8") == 0)
    return g_utf8_validate_len (bytes, size, NULL) ? size : 0;
  gsize written = 0;
  g_autofree char *utf8 = g_convert (bytes, (gssize) size, "UTF-8", charset, NULL, &written, NULL);
  return utf8 != NULL ? written : size;
}

static void
decode_leaf (GMimePart *part, Tally *tally)
{
  GMimeDataWrapper *content = g_mime_part_get_content (part);
  if (content == NULL)
    return;
  GMimeStream *stream = g_mime_data_wrapper_get_stream (content);
  GByteArray *whole = g_mime_stream_mem_get_byte_array (GMIME_STREAM_MEM (stream));
  gsize from = (gsize) stream->bound_start;
  gsize to = stream->bound_end < 0 ? whole->len : (gsize) stream->bound_end;
  GMimeEncoding state;
  g_mime_encoding_init_decode (&state, g_mime_data_wrapper_get_encoding (content));
  g_autofree char *bytes = g_malloc (g_mime_encoding_outlen (&state, to - from) + 1);
  gsize size = g_mime_encoding_flush (&state, (const char *) whole->data + from, to - from, bytes);
  tally->decoded += size;
  GMimeContentType *type = g_mime_object_get_content_type (GMIME_OBJECT (part));
  if (g_mime_content_type_is_type (type, "text", "*"))
    tally->text += to_utf8 (bytes, size, g_mime_content_type_get_parameter (type, "charset"));
}

static void
decode_tree (GMimeObject *object, Tally *tally)
{
  if (GMIME_IS_PART (object))
    decode_leaf (GMIME_PART (object), tally);
  else if (GMIME_IS_MULTIPART (object))
    for (int i = 0; i < g_mime_multipart_get_count (GMIME_MULTIPART (object)); i++)
      decode_tree (g_mime_multipart_get_part (GMIME_MULTIPART (object), i), tally);
  else if (GMIME_IS_MESSAGE_PART (object))
    {
      GMimeMessage *inner = g_mime_message_part_get_message (GMIME_MESSAGE_PART (object));
      if (inner != NULL && g_mime_message_get_mime_part (inner) != NULL)
        decode_tree (g_mime_message_get_mime_part (inner), tally);
    }
}

static void
decode_message (const char *bytes, gsize size, Tally *tally)
{
  GMimeStream *stream = g_mime_stream_mem_new_with_buffer (bytes, size);
  GMimeParser *parser = g_mime_parser_new_with_stream (stream);
  GMimeMessage *message = g_mime_parser_construct_message (parser, NULL);
  tally->messages++;
  tally->raw += size;
  if (message != NULL && g_mime_message_get_mime_part (message) != NULL)
    decode_tree (g_mime_message_get_mime_part (message), tally);
  g_clear_object (&message);
  g_object_unref (parser);
  g_object_unref (stream);
}

/* The corpus's own separator lines, which no message contains. */
static void
decode_mbox (FILE *file, Tally *tally)
{
  g_autoptr (GByteArray) message = g_byte_array_new ();
  g_autofree char *line = NULL;
  size_t room = 0;
  gboolean begun = FALSE;
  for (ssize_t n; (n = getline (&line, &room, file)) > 0;)
    if (n > 5 && memcmp (line, "From ", 5) == 0)
      {
        if (begun)
          decode_message ((const char *) message->data, message->len, tally);
        begun = TRUE;
        g_byte_array_set_size (message, 0);
      }
    else
      g_byte_array_append (message, (const guint8 *) line, (guint) n);
  if (begun)
    decode_message ((const char *) message->data, message->len, tally);
}

static void
decode_path (const char *path, gboolean is_root, Tally *tally)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  for (const char *name; folder != NULL && (name = g_dir_read_name (folder)) != NULL;)
    {
      g_autofree char *below = g_build_filename (path, name, NULL);
      decode_path (below, FALSE, tally);
    }
  if (folder != NULL)
    return;
  if (is_root)
    {
      FILE *file = fopen (path, "re");
      if (file == NULL)
        return;
      decode_mbox (file, tally);
      fclose (file);
      return;
    }
  g_autofree char *bytes = NULL;
  gsize size = 0;
  if (g_file_get_contents (path, &bytes, &size, NULL))
    decode_message (bytes, size, tally);
}

int
main (int argc, char **argv)
{
  if (argc != 2)
    {
      fprintf (stderr, "usage: yardstick PATH\n");
      return 2;
    }
  g_mime_init ();
  Tally tally = { 0, 0, 0, 0 };
  decode_path (argv[1], TRUE, &tally);
  printf ("{\"messages\":%" G_GUINT64_FORMAT ",\"raw\":%" G_GUINT64_FORMAT ",\"decoded\":%" G_GUINT64_FORMAT ",\"text\":%" G_GUINT64_FORMAT "}\n",
          tally.messages, tally.raw, tally.decoded, tally.text);
  return tally.messages == 0;
}
