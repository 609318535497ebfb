/* Encoded words (RFC 2047) and parameters (RFC 2231): going through any bytes ends, what is decoded is valid, what is
 * written can be read again. */
#include "config.h"
#include "property.h"
#include "content/charset.h"
#include "content/encoded-word.h"
#include "content/parameter.h"
#include <stdlib.h>
#include <string.h>

/* Text with escape sequences is taken for ISO-2022, whatever its charset says, and a byte order mark is no text. */
static gboolean
has_escapes (const char *text)
{
  return strchr (text, 0x1b) != NULL || strstr (text, "\357\273\277") != NULL;
}

static void
write_words (const char *text)
{
  if (has_escapes (text))
    return;
  g_autofree char *encoded = ds_encoded_words_encode (text, FALSE, "\n");
  gsize start = 0, end = 0, size = strlen (encoded);
  g_autofree char *again = ds_encoded_words_next (encoded, 0, size, &start, &end);
  if (again != NULL)
    fuzz_require (start == 0 && end == size && g_str_equal (again, text), "\"%s\" became \"%s\"", text, again);
  else
    fuzz_require (g_str_equal (encoded, text), "\"%s\" is not encoded, but \"%s\"", text, encoded);
}

static void
read_words (const char *raw, gsize size)
{
  gsize at = 0, start = 0, end = 0;
  for (char *text; (text = ds_encoded_words_next (raw, at, size, &start, &end)) != NULL; g_free (text), at = end)
    {
      fuzz_require (start >= at && end > start && end <= size, "[%zu, %zu) after %zu", start, end, at);
      fuzz_require_utf8 (text, strlen (text));
      write_words (text);
    }
}

/* Parameters are written by us with names as they are read only. */
static gboolean
is_token (const char *name)
{
  for (const char *at = name; *at != '\0'; at++)
    if (!g_ascii_isgraph (*at) || strchr ("()<>@,;:\\\"/[]?=*'%", *at) != NULL)
      return FALSE;
  return *name != '\0' && strlen (name) < 40;
}

static void
write_parameter (const DsParameter *parameter)
{
  if (!is_token (parameter->name) || strstr (parameter->value, "=?") != NULL || has_escapes (parameter->value))
    return; /* a value that looks like encoded words is read as such */
  g_autofree char *written = ds_parameter_write (parameter->name, parameter->value, "\n");
  g_autofree char *field = g_strconcat ("attachment; ", written, NULL);
  g_autoptr (GArray) rest = g_array_new (FALSE, FALSE, sizeof (DsSpan));
  g_autoptr (GPtrArray) again = ds_parameters_parse (field, 0, strlen (field), rest);
  fuzz_require (again->len == 1, "%s is %u parameters", written, again->len);
  const DsParameter *one = g_ptr_array_index (again, 0);
  fuzz_require (g_str_equal (one->name, parameter->name) && g_str_equal (one->value, parameter->value),
                "%s=\"%s\" became %s=\"%s\" by %s", parameter->name, parameter->value, one->name, one->value, written);
}

static void
read_parameters (const char *raw, gsize size)
{
  g_autoptr (GArray) rest = g_array_new (FALSE, FALSE, sizeof (DsSpan));
  g_autoptr (GPtrArray) parameters = ds_parameters_parse (raw, 0, size, rest);
  for (guint i = 0; i < rest->len; i++)
    {
      const DsSpan *span = &g_array_index (rest, DsSpan, i);
      fuzz_require (span->start <= span->end && span->end <= size, "a rest beyond the field");
    }
  for (guint i = 0; i < parameters->len; i++)
    {
      const DsParameter *parameter = g_ptr_array_index (parameters, i);
      fuzz_require_utf8 (parameter->value, strlen (parameter->value));
      fuzz_require (parameter->plain.start <= parameter->plain.end && parameter->plain.end <= size, "a value beyond the field");
      for (guint k = 0; k < parameter->pieces->len; k++)
        {
          const DsSpan *span = &g_array_index (parameter->pieces, DsSpan, k);
          fuzz_require (span->start < span->end && span->end <= size, "a piece beyond the field");
        }
      write_parameter (parameter);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static gsize ready;
  if (g_once_init_enter (&ready))
    {
      ds_charset_preload ();
      g_once_init_leave (&ready, 1);
    }
  g_autofree char *raw = g_malloc (size + 1);
  memcpy (raw, data, size);
  raw[size] = '\0';
  read_words (raw, size);
  read_parameters (raw, size);
  g_autofree char *valid = g_utf8_make_valid (raw, -1);
  write_words (valid);
  return 0;
}
