#include "config.h"
#include "run/queue-name.h"
#include <string.h>

#define QUEUE_DIGITS 8

/* What mail programs call the folders that all have (RFC 6154), and their like. */
static const char *const usual_queues[] = { "Archive", "Archives", "Drafts", "INBOX",         "Inbox", "Junk",  "Outbox", "Sent",
                                            "Sent Items", "Sent Messages", "Spam",  "Templates", "Trash", NULL };

static gboolean
is_named (char *const *queues, const char *queue)
{
  return queues != NULL && g_strv_contains ((const char *const *) queues, queue);
}

static gboolean
is_known_queue (const DsConfiguration *configuration, const char *queue)
{
  if (is_named ((char *const *) usual_queues, queue))
    return TRUE;
  for (guint i = 0; i < configuration->stores->len; i++)
    {
      const DsStoreConfiguration *store = g_ptr_array_index (configuration->stores, i);
      if (is_named (store->queues, queue) || is_named (store->never_read, queue))
        return TRUE;
    }
  for (guint i = 0; i < configuration->policies->len; i++)
    if (is_named (((const DsPolicy *) g_ptr_array_index (configuration->policies, i))->queues, queue))
      return TRUE;
  return FALSE;
}

char *
ds_queue_shown (const DsConfiguration *configuration, const DsSiteKey *key, const char *queue)
{
  if (queue == NULL || is_known_queue (configuration, queue))
    return g_strdup (queue);
  g_autofree char *digest = ds_site_key_digest (key, "queue", queue, strlen (queue), QUEUE_DIGITS);
  return g_strconcat ("q", digest, NULL);
}

char *
ds_queue_asked (const DsConfiguration *configuration, const char *queue)
{
  if (queue == NULL || is_known_queue (configuration, queue))
    return g_strdup (queue);
  gboolean digest = queue[0] == 'q' && strspn (queue + 1, "0123456789abcdef") == QUEUE_DIGITS && queue[1 + QUEUE_DIGITS] == '\0';
  g_autoptr (DsSiteKey) key = digest ? NULL : ds_site_key_load (configuration->key_path, FALSE, NULL);
  return key != NULL ? ds_queue_shown (configuration, key, queue) : g_strdup (queue);
}
