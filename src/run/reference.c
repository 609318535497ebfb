#include "config.h"
#include "run/reference.h"
#include "base/error.h"
#include <string.h>

char *
ds_reference_write (const char *store, const char *ticket, const char *message, const char *part)
{
  g_autofree char *t = g_uri_escape_string (ticket, NULL, FALSE);
  g_autofree char *m = message != NULL ? g_uri_escape_string (message, NULL, FALSE) : NULL;
  g_autofree char *p = part != NULL ? g_uri_escape_string (part, NULL, FALSE) : NULL;
  if (m == NULL)
    return g_strdup_printf ("%s:%s", store, t);
  return p == NULL ? g_strdup_printf ("%s:%s/%s", store, t, m) : g_strdup_printf ("%s:%s/%s/%s", store, t, m, p);
}

static gboolean
is_store_name (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_islower (text[i]) && !g_ascii_isdigit (text[i]) && text[i] != '_' && text[i] != '-')
      return FALSE;
  return length > 0 && length <= 32;
}

gboolean
ds_reference_looks_like (const char *text)
{
  const char *colon = strchr (text, ':');
  return colon != NULL && colon[1] != '\0' && is_store_name (text, (gsize) (colon - text)) && !g_file_test (text, G_FILE_TEST_EXISTS);
}

DsReference *
ds_reference_read (const char *text, GError **error)
{
  g_autoptr (DsReference) reference = g_new0 (DsReference, 1);
  const char *colon = strchr (text, ':');
  g_auto (GStrv) fields = colon != NULL ? g_strsplit (colon + 1, "/", 4) : NULL;
  guint n = fields != NULL ? g_strv_length (fields) : 0;
  char **targets[] = { &reference->ticket, &reference->message, &reference->part };
  gboolean good = n >= 1 && n <= 3 && is_store_name (text, (gsize) (colon - text));
  for (guint i = 0; good && i < n; i++)
    {
      *targets[i] = g_uri_unescape_string (fields[i], NULL);
      good = *targets[i] != NULL && **targets[i] != '\0';
    }
  if (!good)
    {
      /* The text itself may hold anything, so it is not repeated. */
      g_set_error_literal (error, DS_ERROR, DS_ERROR_USAGE, "not a reference: it must be STORE:TICKET, STORE:TICKET/MESSAGE or STORE:TICKET/MESSAGE/PART");
      return NULL;
    }
  reference->store = g_strndup (text, (gsize) (colon - text));
  return g_steal_pointer (&reference);
}

void
ds_reference_free (DsReference *reference)
{
  if (reference == NULL)
    return;
  g_free (reference->store);
  g_free (reference->ticket);
  g_free (reference->message);
  g_free (reference->part);
  g_free (reference);
}
