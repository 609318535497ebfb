#include "config.h"
#include "content/charset-private.h"
#include <string.h>

static guint
decode_into (const DsCharset *charset, DsTextBuilder *builder, gsize bom, gsize size)
{
  switch (charset->family)
    {
    case DS_FAMILY_UTF8:
      return ds_decode_utf8 (builder, bom, size);
    case DS_FAMILY_SINGLE:
      return ds_decode_single (charset, builder, size);
    case DS_FAMILY_MULTI:
      return ds_decode_multi (charset, builder, size);
    case DS_FAMILY_WIDE:
      return ds_decode_wide (charset, builder, bom, size);
    case DS_FAMILY_UTF7:
      return ds_decode_utf7 (builder, size);
    case DS_FAMILY_ISO2022:
      return ds_decode_iso2022 (charset, builder, size);
    }
  g_return_val_if_reached (0);
}

static void
decode_as (DsDecoded *decoded, const DsCharset *charset, gsize bom, const char *bytes, gsize size)
{
  g_auto (DsTextBuilder) builder;
  ds_text_builder_init (&builder, bytes, size + size / 8);
  decoded->name = g_strdup (charset->name);
  decoded->invalid = decode_into (charset, &builder, bom, size);
  decoded->size = builder.utf8->len;
  decoded->utf8 = g_string_free (g_steal_pointer (&builder.utf8), FALSE);
  decoded->map = g_steal_pointer (&builder.map);
}

static void
clear (DsDecoded *decoded)
{
  g_clear_pointer (&decoded->name, g_free);
  g_clear_pointer (&decoded->utf8, g_free);
  g_clear_pointer (&decoded->map, ds_span_map_free);
}

/* What most mail is: UTF-8 or ASCII throughout. */
static void
decode_as_it_is (DsDecoded *decoded, const DsCharset *charset, const char *bytes, gsize size)
{
  decoded->name = g_strdup (charset->name);
  decoded->utf8 = g_malloc (size + 1);
  memcpy (decoded->utf8, bytes, size);
  decoded->utf8[size] = '\0';
  decoded->size = size;
  decoded->map = ds_span_map_new_identity (size);
}

DsDecoded *
ds_charset_decode (const char *declared, gboolean html, const char *bytes, gsize size)
{
  DsDecoded *decoded = g_new0 (DsDecoded, 1);
  gboolean nothing = ds_charset_says_nothing (declared);
  const DsCharset *named = nothing ? NULL : ds_charset_find (declared);
  decoded->declared = !nothing;
  decoded->unknown = !nothing && named == NULL;
  if (size == 0)
    bytes = "";

  gsize bom;
  const DsCharset *charset = ds_charset_guess (named, nothing, html, bytes, size, &bom, &decoded->guessed);
  DsUtf8Claim claim = ds_charset_utf8_claim (charset, bytes, size);
  if (claim == DS_UTF8_YES)
    {
      charset = ds_charset_find ("utf-8");
      decoded->guessed = TRUE;
    }
  if (charset->family == DS_FAMILY_UTF8 && bom == 0 && ds_is_utf8 (bytes, size))
    {
      decode_as_it_is (decoded, charset, bytes, size);
      return decoded;
    }
  decode_as (decoded, charset, bom, bytes, size);
  if (claim == DS_UTF8_IF_AT_FAULT && decoded->invalid > 0)
    {
      clear (decoded);
      decoded->invalid = 0;
      decoded->guessed = TRUE;
      decode_as_it_is (decoded, ds_charset_find ("utf-8"), bytes, size);
    }
  return decoded;
}

void
ds_decoded_free (DsDecoded *decoded)
{
  if (decoded == NULL)
    return;
  clear (decoded);
  g_free (decoded);
}
