#include "config.h"
#include "detect/ticket-pattern.h"
#include "base/error.h"
#include <pcre2.h>
#include <string.h>

#define NUMBER_BYTES 40
#define MATCH_LIMIT 100000

struct _DsTicketPattern
{
  pcre2_code *code;
  pcre2_match_data *data;
  pcre2_match_context *context;
};

DsTicketPattern *
ds_ticket_pattern_new (const char *pattern, GError **error)
{
  int code = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code *compiled = pcre2_compile ((PCRE2_SPTR) pattern, PCRE2_ZERO_TERMINATED, 0, &code, &offset, NULL);
  if (compiled == NULL)
    {
      PCRE2_UCHAR message[256];
      pcre2_get_error_message (code, message, sizeof message);
      g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "ticket_pattern: %s at offset %zu", (char *) message, offset);
      return NULL;
    }
  DsTicketPattern *result = g_new0 (DsTicketPattern, 1);
  result->code = compiled;
  result->data = pcre2_match_data_create_from_pattern (compiled, NULL);
  result->context = pcre2_match_context_create (NULL);
  pcre2_set_match_limit (result->context, MATCH_LIMIT);
  return result;
}

void
ds_ticket_pattern_free (DsTicketPattern *pattern)
{
  if (pattern == NULL)
    return;
  pcre2_code_free (pattern->code);
  pcre2_match_data_free (pattern->data);
  pcre2_match_context_free (pattern->context);
  g_free (pattern);
}

char *
ds_ticket_pattern_find (const DsTicketPattern *pattern, const char *subject)
{
  int n = pcre2_match (pattern->code, (PCRE2_SPTR) subject, strlen (subject), 0, 0, pattern->data, pattern->context);
  if (n < 1)
    return NULL;
  const PCRE2_SIZE *ovector = pcre2_get_ovector_pointer (pattern->data);
  guint group = n > 1 && ovector[2] != PCRE2_UNSET ? 1 : 0;
  gsize length = ovector[2 * group + 1] - ovector[2 * group];
  const char *number = subject + ovector[2 * group];
  if (length == 0 || length > NUMBER_BYTES)
    return NULL;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (number[i]) && number[i] != '-' && number[i] != '_')
      return NULL;
  return g_strndup (number, length);
}
