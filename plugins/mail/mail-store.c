#include "config.h"
#include "mail-store.h"
#include "mbox-scan.h"
#include "place.h"
#include "base/atomic-file.h"
#include "base/error.h"
#include <fcntl.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define BEGINNING 8192 /* bytes looked at to tell a format */

/* A header block of mail nearly always has one of these; a YAML file or a note that begins "Name: " has not. */
static gboolean
is_usual_field (const char *line, gsize length)
{
  static const char *const usual[] = { "From:", "To:", "Date:", "Subject:", "Message-ID:", "Received:", "Return-Path:",
                                       "Delivered-To:", "MIME-Version:", "Reply-To:", "X-Envelope-From:" };
  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    if (length >= strlen (usual[i]) && g_ascii_strncasecmp (line, usual[i], strlen (usual[i])) == 0)
      return TRUE;
  return FALSE;
}

/* RFC 5322, 2.2 and 3.6.8: printable ASCII but colon; space before the colon is obsolete and still met. */
static gboolean
is_field (const char *line, gsize length)
{
  const char *colon = memchr (line, ':', length);
  if (colon == NULL || colon == line)
    return FALSE;
  while (colon > line && (colon[-1] == ' ' || colon[-1] == '\t'))
    colon--;
  for (const char *at = line; at < colon; at++)
    if (*at <= 32 || *at >= 127)
      return FALSE;
  return colon > line;
}

gboolean
ds_mail_looks_like_header (const char *data, gsize size)
{
  gboolean usual = FALSE;
  for (gsize at = 0; at < size;)
    {
      const char *line = data + at;
      const char *end = memchr (line, '\n', size - at);
      if (end == NULL)
        return at > 0 && usual; /* the block goes on past what we were shown */
      gsize length = (gsize) (end - line);
      if (length == 0 || (length == 1 && line[0] == '\r'))
        return usual;
      gboolean folded = at > 0 && (line[0] == ' ' || line[0] == '\t');
      if (!folded && !is_field (line, length))
        return FALSE;
      usual = usual || (!folded && is_usual_field (line, length));
      at += length + 1;
    }
  return usual;
}

static gboolean
has_ending (const char *path, const char *ending)
{
  gsize length = strlen (path), own = strlen (ending);
  return length > own && g_ascii_strcasecmp (path + length - own, ending) == 0;
}

static gboolean
is_maildir (const char *path)
{
  static const char *const parts[] = { "cur", "new", "tmp" };
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *part = g_build_filename (path, parts[i], NULL);
      if (!g_file_test (part, G_FILE_TEST_IS_DIR))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_packed_mbox (int fd)
{
  int own = dup (fd);
  gzFile file = own >= 0 ? gzdopen (own, "rb") : NULL;
  if (file == NULL)
    {
      if (own >= 0)
        close (own);
      return FALSE;
    }
  char text[1024];
  int n = gzread (file, text, sizeof text);
  gzclose_r (file);
  return n > 0 && ds_mbox_is_separator (text, (gsize) n, NULL);
}

DsMailFormat
ds_mail_file_format (int fd, const char *path)
{
  char data[BEGINNING];
  gssize n = ds_read_all (fd, data, sizeof data);
  if (n < 0)
    return DS_MAIL_UNREADABLE;
  if (n == 0)
    return has_ending (path, ".mbox") || has_ending (path, ".mbx") ? DS_MAIL_MBOX : DS_MAIL_NONE;
  if (n > 2 && (guchar) data[0] == 0x1f && (guchar) data[1] == 0x8b && lseek (fd, 0, SEEK_SET) == 0)
    return is_packed_mbox (fd) ? DS_MAIL_MBOX_PACKED : DS_MAIL_NONE;
  if (ds_mbox_is_separator (data, (gsize) n, NULL))
    return DS_MAIL_MBOX;
  if (has_ending (path, ".eml") || ds_mail_looks_like_header (data, (gsize) n))
    return DS_MAIL_EML;
  return DS_MAIL_NONE;
}

DsMailFormat
ds_mail_format (const char *path)
{
  g_autofree char *resolved = ds_place_resolve (path, NULL);
  if (resolved == NULL)
    return DS_MAIL_NONE;
  if (g_file_test (resolved, G_FILE_TEST_IS_DIR))
    return is_maildir (resolved) ? DS_MAIL_MAILDIR : DS_MAIL_NONE;
  struct stat status;
  int fd = ds_place_open (AT_FDCWD, resolved, &status);
  if (fd < 0)
    return DS_MAIL_NONE;
  DsMailFormat format = ds_mail_file_format (fd, resolved);
  int kept = errno;
  close (fd);
  errno = kept;
  return format;
}

const char *
ds_mail_path (const DsStoreOptions *options, GError **error)
{
  static const char *const keys[] = { "name", "plugin", "path", "ticket_pattern", "never_read", "queues", NULL };
  const char *path = NULL;
  if (options->conf != NULL
      && (!ds_conf_known (options->conf, keys, error) || !ds_conf_string (options->conf, "path", &path, error)))
    return NULL;
  if (options->path != NULL)
    return options->path;
  if (path == NULL && options->conf != NULL)
    ds_conf_set_error (error, options->conf, "a mail store or folder needs its \"path\"");
  else if (path == NULL)
    g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE, "no path given");
  return path;
}

static gboolean
mail_is_path (const char *path)
{
  return ds_mail_format (path) != DS_MAIL_NONE;
}

/* A mailbox whose mail was all fetched is an empty file: told to be one by name only, or by the configuration. */
static gboolean
is_empty_file (const char *path)
{
  struct stat status;
  return stat (path, &status) == 0 && S_ISREG (status.st_mode) && status.st_size == 0;
}

static DsStore *
mail_open (const DsStoreOptions *options, GError **error)
{
  const char *given = ds_mail_path (options, error);
  g_autofree char *path = given != NULL ? ds_place_resolve (given, error) : NULL;
  if (path == NULL)
    return NULL;
  if (faccessat (AT_FDCWD, path, R_OK, AT_EACCESS) != 0)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s: it may not be read", given);
      return NULL;
    }
  switch (ds_mail_format (path))
    {
    case DS_MAIL_MAILDIR:
      return ds_maildir_open (options, path, error);
    case DS_MAIL_MBOX:
      return ds_mbox_open (options, path, FALSE, error);
    case DS_MAIL_MBOX_PACKED:
      return ds_mbox_open (options, path, TRUE, error);
    case DS_MAIL_EML:
      return ds_eml_open (options, path, error);
    case DS_MAIL_UNREADABLE:
      g_set_error (error, DS_ERROR, DS_ERROR_STORE, "%s: it cannot be read: %s", given, g_strerror (errno));
      return NULL;
    case DS_MAIL_NONE:
      break;
    }
  if (is_empty_file (path))
    return ds_mbox_open (options, path, FALSE, error);
  g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s: neither a Maildir (with cur, new and tmp) nor an mbox nor a mail", given);
  return NULL;
}

/* A store that was opened has the ops of its format, which fill in the rest. */
const DsStoreOps ds_mail_store_ops = {
  .name = "mail",
  .summary = "a Maildir with its subfolders, an mbox file (also .gz, read only), or a single mail",
  .is_path = mail_is_path,
  .open = mail_open,
};
