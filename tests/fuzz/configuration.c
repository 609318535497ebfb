/* Any text as the configuration: refused with the file's name, or loaded. */
#include "config.h"
#include "property.h"
#include "base/atomic-file.h"
#include "base/error.h"
#include "run/configuration.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static int fd = -1;
  if (fd < 0)
    fd = memfd_create ("configuration", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  if (fd < 0 || ftruncate (fd, 0) != 0 || lseek (fd, 0, SEEK_SET) != 0 || !ds_write_all (fd, data, size))
    return 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (DsConfiguration) configuration = ds_configuration_load (path, &error);
  fuzz_require ((configuration == NULL) == (error != NULL), "an error or a configuration, not both or neither");
  if (error != NULL)
    {
      fuzz_require (error->domain == DS_ERROR && error->code == DS_ERROR_CONFIG, "not an error of the configuration: %s", error->message);
      /* In this file, or in one that it includes. */
      gboolean includes = memmem (data, size, "@include", 8) != NULL;
      fuzz_require (strstr (error->message, path) != NULL || (includes && strchr (error->message, ':') != NULL), "the error does not say where: %s", error->message);
      return 0;
    }
  fuzz_require (configuration->ledger_path != NULL && configuration->reasons->len > 0, "a configuration without its defaults");
  return 0;
}
