/* What an entity's header fields mean, asked of GMime: it has seen more wrong headers than we have. */
#include "config.h"
#include "content/tree-private.h"
#include <gmime/gmime.h>
#include <string.h>

/* Longer values are cut before GMime sees them: its parameter lists cost quadratic time, and no honest type is longer. */
#define FIELD_BYTES 16384

static char *
short_value (const DsPart *entity, const char *name)
{
  const DsField *field = ds_part_field (entity, name);
  if (field == NULL)
    return NULL;
  DsField cut = *field;
  cut.value_end = MIN (cut.value_end, cut.value + FIELD_BYTES);
  return ds_field_value (entity->frame, &cut);
}

static char *
parameter (GMimeParamList *list, const char *name)
{
  GMimeParam *param = list != NULL ? g_mime_param_list_get_parameter (list, name) : NULL;
  return param != NULL ? g_utf8_make_valid (g_mime_param_get_value (param), -1) : NULL;
}

static char *
raw_parameter (GMimeParamList *list, const char *name)
{
  GMimeParam *param = list != NULL ? g_mime_param_list_get_parameter (list, name) : NULL;
  return param != NULL ? g_strdup (g_mime_param_get_value (param)) : NULL;
}

/* What is left of a type that is not repeated: as much as the tree needs. */
static const char *
plain_type (const char *type)
{
  if (g_ascii_strncasecmp (type, "multipart/", 10) == 0)
    return "multipart/mixed";
  return g_ascii_strncasecmp (type, "text/", 5) == 0 ? "text/plain" : "application/octet-stream";
}

/* A media type goes into ledger and plan, and it is the sender's to choose: one that could carry a value is not repeated. */
static gboolean
is_plain_type (const char *type)
{
  guint digits = 0;
  for (const char *at = type; *at != '\0'; at++)
    {
      digits = g_ascii_isdigit (*at) ? digits + 1 : 0;
      if (digits > 6 || !(g_ascii_isalnum (*at) || strchr ("/.+-_", *at) != NULL))
        return FALSE;
    }
  return strlen (type) <= 100;
}

static void
read_type (DsPart *entity, const char *default_type)
{
  g_autofree char *value = short_value (entity, "Content-Type");
  entity->has_type = value != NULL;
  if (value == NULL || strchr (value, '/') == NULL)
    {
      entity->media_type = g_strdup (default_type != NULL ? default_type : "text/plain");
      return;
    }
  GMimeContentType *type = g_mime_content_type_parse (NULL, value);
  g_autofree char *mime = g_mime_content_type_get_mime_type (type);
  entity->media_type = is_plain_type (mime) ? g_ascii_strdown (mime, -1) : g_strdup (plain_type (mime));
  GMimeParamList *params = g_mime_content_type_get_parameters (type);
  entity->charset = parameter (params, "charset");
  entity->boundary = raw_parameter (params, "boundary");
  entity->filename = parameter (params, "name");
  g_autofree char *format = parameter (params, "format");
  g_autofree char *delsp = parameter (params, "delsp");
  entity->flowed = format != NULL && g_ascii_strcasecmp (format, "flowed") == 0;
  entity->delsp = delsp != NULL && g_ascii_strcasecmp (delsp, "yes") == 0;
  if (entity->boundary != NULL && *entity->boundary == '\0')
    g_clear_pointer (&entity->boundary, g_free);
  g_object_unref (type);
}

static void
read_encoding (DsPart *entity)
{
  g_autofree char *value = short_value (entity, "Content-Transfer-Encoding");
  if (value == NULL)
    return;
  g_strdelimit (value, "\"'", ' ');
  g_strstrip (value);
  value[strcspn (value, " \t;(,")] = '\0';
  static const struct
  {
    const char *name;
    DsEncoding encoding;
  } names[] = {
    { "7bit", DS_ENCODING_IDENTITY },
    { "8bit", DS_ENCODING_IDENTITY },
    { "binary", DS_ENCODING_IDENTITY },
    { "7-bit", DS_ENCODING_IDENTITY },
    { "8-bit", DS_ENCODING_IDENTITY },
    { "7bits", DS_ENCODING_IDENTITY },
    { "8bits", DS_ENCODING_IDENTITY },
    { "none", DS_ENCODING_IDENTITY },
    { "", DS_ENCODING_IDENTITY },
    { "quoted-printable", DS_ENCODING_QUOTED_PRINTABLE },
    { "quotedprintable", DS_ENCODING_QUOTED_PRINTABLE },
    { "base64", DS_ENCODING_BASE64 },
    { "base-64", DS_ENCODING_BASE64 },
    { "uuencode", DS_ENCODING_UUENCODE },
    { "x-uuencode", DS_ENCODING_UUENCODE },
    { "x-uue", DS_ENCODING_UUENCODE },
  };
  entity->unknown_encoding = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (value, names[i].name) == 0)
      {
        entity->encoding = names[i].encoding;
        entity->unknown_encoding = FALSE;
      }
}

static void
read_disposition (DsPart *entity)
{
  g_autofree char *value = short_value (entity, "Content-Disposition");
  if (value == NULL)
    return;
  GMimeContentDisposition *disposition = g_mime_content_disposition_parse (NULL, value);
  entity->attachment = g_ascii_strcasecmp (g_mime_content_disposition_get_disposition (disposition) ?: "", "attachment") == 0;
  char *filename = parameter (g_mime_content_disposition_get_parameters (disposition), "filename");
  if (filename != NULL)
    {
      g_free (entity->filename);
      entity->filename = filename;
    }
  g_object_unref (disposition);
}

void
ds_meaning_of_entity (DsPart *entity, const char *default_type)
{
  read_type (entity, default_type);
  read_encoding (entity);
  read_disposition (entity);
  entity->is_tombstone = ds_part_field (entity, "X-Deskshred") != NULL;
  if (entity->filename != NULL && !entity->is_message)
    entity->attachment = TRUE;
  if (g_str_has_prefix (entity->media_type, "message/") && !entity->is_message)
    entity->attachment = TRUE;
}
