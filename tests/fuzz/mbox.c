/* Any bytes as an mbox, which the parent splits itself: the messages follow one another without overlap, from the first
 * byte to the last, and each ends where the next begins. */
#include "config.h"
#include "property.h"
#include "base/atomic-file.h"
#include "mail/mbox-scan.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void
walk (DsMboxSource *source, const DsSiteKey *key, guint64 size)
{
  guint64 offset = 0;
  for (gboolean at_end = FALSE; !at_end;)
    {
      DsMboxEntry entry;
      g_autoptr (GError) error = NULL;
      if (!ds_mbox_entry (source, key, offset, &entry, &at_end, &error))
        {
          fuzz_require (error == NULL || ds_mbox_source_is_packed (source), "a file in memory cannot be read: %s", error->message);
          return;
        }
      fuzz_require (entry.offset == offset && entry.message > offset && entry.end >= entry.message && entry.next >= entry.end
                    && entry.next > offset && entry.next <= size,
                    "message at %" G_GUINT64_FORMAT ": from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT ", next at %" G_GUINT64_FORMAT,
                    offset, entry.message, entry.end, entry.next);
      if (entry.end - entry.message > 1 << 20)
        return; /* a small packed file may hold much */
      g_autoptr (GBytes) bytes = ds_mbox_source_read (source, entry.message, (gsize) (entry.end - entry.message), &error);
      if (bytes == NULL && ds_mbox_source_is_packed (source))
        return;
      fuzz_require (bytes != NULL && g_bytes_get_size (bytes) == entry.end - entry.message, "a message is shorter than it was");
      gsize length = 0;
      const char *message = g_bytes_get_data (bytes, &length);
      gsize separator = ds_mbox_find_separator (message, length);
      fuzz_require (separator <= length && (entry.counted || separator == length), "a message begins inside another, at %zu", separator);
      offset = entry.next;
      at_end = offset == size;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static DsSiteKey *key;
  if (key == NULL)
    key = ds_site_key_new_random ();
  for (guint packed = 0; packed < 2; packed++)
    {
      int fd = memfd_create ("mbox", MFD_CLOEXEC);
      if (fd < 0 || !ds_write_all (fd, data, size) || lseek (fd, 0, SEEK_SET) != 0)
        abort ();
      g_autoptr (DsMboxSource) source = ds_mbox_source_new (fd, packed == 1);
      if (source != NULL)
        walk (source, key, packed == 1 ? G_MAXUINT64 : size);
    }
  return 0;
}
