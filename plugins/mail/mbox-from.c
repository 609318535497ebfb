/* The From_ line: what is one and what only looks like one. */
#include "config.h"
#include "mbox-scan.h"
#include <string.h>
#include <time.h>

#define LONGEST 1000 /* of a From_ line: longer ones are text */
#define WORDS 32

typedef struct
{
  char *words[WORDS];
  guint n, at;
} Words;

static int
index_of (const char *word, const char *const *list, int n)
{
  for (int i = 0; i < n; i++)
    if (g_ascii_strncasecmp (word, list[i], 3) == 0)
      return i;
  return -1;
}

/* "Tue", also "Tuesday" and "Tue,". */
static gboolean
is_weekday (const char *word)
{
  static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
  return strlen (word) >= 3 && index_of (word, days, G_N_ELEMENTS (days)) >= 0;
}

static gboolean
take_month (Words *words, int *month_r)
{
  static const char *const months[]
      = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
  *month_r = words->at < words->n && strlen (words->words[words->at]) >= 3
                 ? index_of (words->words[words->at], months, G_N_ELEMENTS (months))
                 : -1;
  words->at += *month_r >= 0;
  return *month_r >= 0;
}

static gboolean
take_number (Words *words, int low, int high, int *value_r)
{
  if (words->at >= words->n)
    return FALSE;
  const char *word = words->words[words->at];
  gsize digits = strspn (word, "0123456789");
  if (digits == 0 || digits > 4 || (word[digits] != '\0' && !g_str_equal (word + digits, ",")))
    return FALSE;
  *value_r = (int) g_ascii_strtoll (word, NULL, 10);
  words->at++;
  return *value_r >= low && *value_r <= high;
}

static gboolean
take_time (Words *words, struct tm *when)
{
  if (words->at >= words->n)
    return FALSE;
  const char *word = words->words[words->at];
  int fields[3] = { 0, 0, 0 };
  guint n = 0;
  for (const char *at = word; n < 3; n++)
    {
      gsize digits = strspn (at, "0123456789");
      if (digits < 1 || digits > 2)
        return FALSE;
      fields[n] = (int) g_ascii_strtoll (at, NULL, 10);
      at += digits;
      if (*at == '\0')
        break;
      if (*at++ != ':')
        return FALSE;
    }
  if (n == 0 || n == 3 || fields[0] > 23 || fields[1] > 59 || fields[2] > 60)
    return FALSE;
  when->tm_hour = fields[0];
  when->tm_min = fields[1];
  when->tm_sec = fields[2];
  words->at++;
  return TRUE;
}

/* "CEST", "+0200", "GMT+1", "(CET)": short, in capitals, and not a year. */
static gboolean
take_zone (Words *words, int *seconds_r)
{
  if (words->at >= words->n)
    return FALSE;
  const char *word = words->words[words->at];
  gsize length = strlen (word);
  gboolean numeric = (word[0] == '+' || word[0] == '-') && length == 5 && strspn (word + 1, "0123456789") == 4;
  if (numeric)
    {
      int value = (int) g_ascii_strtoll (word + 1, NULL, 10);
      *seconds_r = (value / 100 * 3600 + value % 100 * 60) * (word[0] == '-' ? -1 : 1);
    }
  else if (length < 2 || length > 8 || (!g_ascii_isupper (word[0]) && word[0] != '(') || !g_ascii_isupper (word[1]))
    return FALSE;
  words->at++;
  return TRUE;
}

/* asctime's "Sep  3 12:00:00 2024" with time zones before or after the year, or RFC 5322's "3 Sep 2024 12:00:00 +0200";
 * UUCP may have added "remote from HOST". */
static gboolean
take_date (Words *words, struct tm *when, int *zone_r)
{
  int year = 0;
  guint start = words->at;
  gboolean good = take_month (words, &when->tm_mon) && take_number (words, 1, 31, &when->tm_mday) && take_time (words, when);
  if (good)
    {
      for (guint i = 0; i < 2 && !take_number (words, 1970, 2199, &year); i++)
        if (!take_zone (words, zone_r))
          break;
    }
  else
    {
      words->at = start;
      good = take_number (words, 1, 31, &when->tm_mday) && take_month (words, &when->tm_mon)
             && take_number (words, 1970, 2199, &year) && take_time (words, when);
    }
  if (good && year == 0)
    take_number (words, 1970, 2199, &year);
  while (good && words->at < words->n && !g_str_equal (words->words[words->at], "remote") && take_zone (words, zone_r))
    continue;
  when->tm_year = year - 1900;
  gboolean remote = words->at + 3 == words->n && g_str_equal (words->words[words->at], "remote");
  return good && year > 0 && (words->at == words->n || remote);
}

static void
split (Words *words, char *text)
{
  char *save = NULL;
  for (char *word = strtok_r (text, " \t\r", &save); word != NULL && words->n < WORDS; word = strtok_r (NULL, " \t\r", &save))
    words->words[words->n++] = word;
}

/* The sender is one word, or none, or has an @ or quotes ("John Doe"@example.org). */
static gboolean
is_sender (const Words *words, guint n)
{
  if (n <= 1)
    return TRUE;
  gboolean quoted = words->words[0][0] == '"';
  for (guint i = 0; i < n; i++)
    quoted = quoted || strchr (words->words[i], '@') != NULL;
  return quoted;
}

gboolean
ds_mbox_is_separator (const char *line, gsize size, gint64 *date_r)
{
  if (size < 5 || memcmp (line, "From ", 5) != 0)
    return FALSE;
  const char *end = memchr (line, '\n', MIN (size, LONGEST));
  if (end == NULL && size >= LONGEST)
    return FALSE;
  g_autofree char *text = g_strndup (line + 5, (gsize) ((end != NULL ? end : line + size) - line) - 5);
  Words words = { .n = 0 };
  split (&words, text);
  for (guint i = 0; i < words.n; i++)
    {
      struct tm when = { 0 };
      int zone = 0;
      words.at = i + 1;
      if (!is_weekday (words.words[i]) || !is_sender (&words, i) || !take_date (&words, &when, &zone))
        continue;
      if (date_r != NULL)
        *date_r = (gint64) timegm (&when) - zone;
      return TRUE;
    }
  return FALSE;
}
