#include "config.h"
#include "mbox-content.h"
#include "base/error.h"
#include <string.h>

GBytes *
ds_mbox_content_from_stored (GBytes *stored)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (stored, &size);
  DsMboxHeader header;
  ds_mbox_header (data, size, &header);
  if (header.digits == header.digits_end)
    return stored;
  char *blank = g_malloc (size + 1);
  memcpy (blank, data, header.digits);
  memcpy (blank + header.digits, data + header.digits_end, size - header.digits_end);
  gsize left = size - (header.digits_end - header.digits);
  g_bytes_unref (stored);
  return g_bytes_new_take (blank, left);
}

GBytes *
ds_mbox_content_to_stored (GBytes *blob)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (blob, &size);
  DsMboxHeader header;
  ds_mbox_header (data, size, &header);
  if (header.digits_end == 0)
    return g_bytes_ref (blob);
  GString *text = g_string_sized_new (size + 24);
  g_string_append_len (text, data, (gssize) header.digits);
  g_string_append_printf (text, "%" G_GSIZE_FORMAT, size - header.body);
  g_string_append_len (text, data + header.digits_end, (gssize) (size - header.digits_end));
  return g_string_free_to_bytes (text);
}

static guint
count_from_lines (const char *data, gsize size)
{
  guint n = size >= 5 && memcmp (data, "From ", 5) == 0;
  for (const char *at = data; (at = memmem (at, size - (gsize) (at - data), "\nFrom ", 6)) != NULL; at++)
    n++;
  return n;
}

static gboolean
ends_with (const char *data, gsize size, const char *ending)
{
  gsize length = strlen (ending);
  return size >= length && memcmp (data + size - length, ending, length) == 0;
}

static gboolean
ends_empty (const char *data, gsize size)
{
  return ends_with (data, size, "\n\n") || ends_with (data, size, "\n\r\n");
}

static gboolean
end_fits (const DsMboxEntry *entry, gboolean last, const char *was, gsize was_size, const char *is, gsize is_size)
{
  /* The empty line before the next message is counted as this one's, if there is one. */
  if (!last && entry->next == entry->end)
    return ends_empty (was, was_size) ? ends_empty (is, is_size) : ends_with (is, is_size, "\n");
  return is_size == 0 || was_size == 0 || ends_with (is, is_size, "\n") || !ends_with (was, was_size, "\n");
}

gboolean
ds_mbox_content_fits (const DsMboxEntry *entry, gboolean last, GBytes *old, GBytes *stored, const char *message, GError **error)
{
  gsize was_size = 0, is_size = 0;
  const char *was = g_bytes_get_data (old, &was_size), *is = g_bytes_get_data (stored, &is_size);
  DsMboxHeader header;
  ds_mbox_header (is, is_size, &header);
  gboolean counted = header.digits_end > header.digits;
  gboolean bounds = counted || (ds_mbox_find_separator (is, is_size) == is_size
                                && count_from_lines (is, is_size) <= count_from_lines (was, was_size));
  if (bounds && end_fits (entry, last, was, was_size, is, is_size))
    return TRUE;
  g_set_error (error, DS_ERROR, DS_ERROR_ITEM, "message %s: its new content would shift the bounds of messages in this mbox (%s)",
               message, bounds ? "it lacks its last line end" : "a line begins with \"From \"");
  return FALSE;
}
