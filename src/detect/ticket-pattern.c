#include "config.h"
#include "detect/ticket-pattern.h"
#include "base/error.h"
#include <pcre2.h>
#include <string.h>

#define NUMBER_BYTES 40
#define MATCH_LIMIT 100000
#define WORD_LETTERS 2

struct _DsTicketPattern
{
  pcre2_code *code;
  pcre2_match_data *data;
  pcre2_match_context *context;
  char *text; /* lower case */
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
  guint32 groups = 0;
  pcre2_pattern_info (compiled, PCRE2_INFO_CAPTURECOUNT, &groups);
  if (groups == 0)
    {
      pcre2_code_free (compiled);
      g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "ticket_pattern: the ticket's number is to stand in a group, as in #([0-9]+)");
      return NULL;
    }
  DsTicketPattern *result = g_new0 (DsTicketPattern, 1);
  result->code = compiled;
  result->text = g_ascii_strdown (pattern, -1);
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
  g_free (pattern->text);
  g_free (pattern);
}

char *
ds_ticket_pattern_find (const DsTicketPattern *pattern, const char *subject)
{
  int n = pcre2_match (pattern->code, (PCRE2_SPTR) subject, strlen (subject), 0, 0, pattern->data, pattern->context);
  if (n < 1)
    return NULL;
  const PCRE2_SIZE *ovector = pcre2_get_ovector_pointer (pattern->data);
  if (n < 2 || ovector[2] == PCRE2_UNSET)
    return NULL;
  gsize length = ovector[3] - ovector[2];
  const char *number = subject + ovector[2];
  if (length == 0 || length > NUMBER_BYTES)
    return NULL;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (number[i]) && number[i] != '-' && number[i] != '_')
      return NULL;
  return g_strndup (number, length);
}

/* TRUE if every word in number stands in the pattern, as "DESK" of "DESK-[0-9]+" does. */
static gboolean
has_own_words_only (const DsTicketPattern *pattern, const char *number)
{
  g_autofree char *lower = g_ascii_strdown (number, -1);
  g_auto (GStrv) words = g_strsplit_set (lower, "0123456789-_", -1);
  for (guint i = 0; words[i] != NULL; i++)
    if (strlen (words[i]) >= WORD_LETTERS && strstr (pattern->text, words[i]) == NULL)
      return FALSE;
  return TRUE;
}

/* With whatever score: beside a ticket's number no context word stands. */
static gboolean
rules_find_nothing (DsMatcher *matcher, const char *number)
{
  g_autoptr (DsFolded) folded = ds_fold (number, strlen (number), FALSE, FALSE);
  g_autoptr (GPtrArray) matches = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_match_free);
  DsMatcherLimits struck = ds_matcher_run (matcher, folded, G_MAXUINT, matches);
  return struck == 0 && matches->len == 0;
}

char *
ds_ticket_pattern_name (const DsTicketPattern *pattern, const char *number, DsMatcher *matcher, const DsSiteKey *key)
{
  if (has_own_words_only (pattern, number) && rules_find_nothing (matcher, number))
    return g_strdup (number);
  g_autofree char *digest = ds_site_key_digest (key, "ticket", number, strlen (number), 12);
  return g_strconcat ("n", digest, NULL);
}
