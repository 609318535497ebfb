/* What an entity's header fields mean, asked of GMime: it has seen more wrong headers than we have. */
#include "config.h"
#include "content/tree-private.h"
#include <gmime/gmime.h>
#include <string.h>

/* Longer values are cut before GMime sees them: its parameter lists cost quadratic time, and no honest type is longer.  What
 * is behind the cut may say otherwise, so it is reported. */
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

static const char *const known_types[] = {
  "application/csv", "application/epub+zip", "application/font-woff", "application/gzip", "application/ics",
  "application/java-archive", "application/javascript", "application/json", "application/ld+json", "application/mac-binhex40",
  "application/mbox", "application/msword", "application/octet-stream", "application/ogg", "application/pdf",
  "application/pgp-encrypted", "application/pgp-keys", "application/pgp-signature", "application/pkcs10",
  "application/pkcs7-mime", "application/pkcs7-signature", "application/pkix-cert", "application/postscript",
  "application/rtf", "application/sql", "application/vnd.apple.pkpass", "application/vnd.ms-excel",
  "application/vnd.ms-excel.sheet.macroenabled.12", "application/vnd.ms-outlook", "application/vnd.ms-powerpoint",
  "application/vnd.ms-tnef", "application/vnd.ms-word.document.macroenabled.12", "application/vnd.ms-xpsdocument",
  "application/vnd.oasis.opendocument.presentation", "application/vnd.oasis.opendocument.spreadsheet",
  "application/vnd.oasis.opendocument.text", "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/vnd.rar",
  "application/vnd.visio", "application/x-7z-compressed", "application/x-bzip2", "application/x-compressed",
  "application/x-download", "application/x-gzip", "application/x-msdownload", "application/x-ms-excel",
  "application/x-ndjson", "application/x-pdf", "application/x-pkcs12", "application/x-pkcs7-mime",
  "application/x-pkcs7-signature", "application/x-rar-compressed", "application/x-sh", "application/x-shockwave-flash",
  "application/x-sqlite3", "application/x-tar", "application/x-tex", "application/x-x509-ca-cert", "application/x-xz",
  "application/x-zip", "application/x-zip-compressed", "application/force-download", "application/download",
  "application/xhtml+xml", "application/xml", "application/yaml", "application/zip", "application/applefile",
  "application/ms-tnef", "application/emergencycalldata.comment+xml",
  "audio/aac", "audio/amr", "audio/basic", "audio/flac", "audio/midi", "audio/mp3", "audio/mp4", "audio/mpeg", "audio/ogg",
  "audio/wav", "audio/webm", "audio/x-ms-wma", "audio/x-wav", "font/otf", "font/ttf", "font/woff", "font/woff2",
  "image/avif", "image/bmp", "image/gif", "image/heic", "image/heif", "image/jpeg", "image/jpg", "image/pjpeg", "image/png",
  "image/svg+xml", "image/tiff", "image/vnd.microsoft.icon", "image/webp", "image/x-icon", "image/x-ms-bmp", "image/x-png",
  "message/delivery-status", "message/disposition-notification", "message/external-body", "message/feedback-report",
  "message/global", "message/global-delivery-status", "message/global-disposition-notification", "message/global-headers",
  "message/http", "message/news", "message/partial", "message/rfc822", "message/rfc822-headers",
  "multipart/alternative", "multipart/appledouble", "multipart/byteranges", "multipart/digest", "multipart/encrypted",
  "multipart/form-data", "multipart/mixed", "multipart/parallel", "multipart/related", "multipart/report",
  "multipart/signed", "multipart/voice-message",
  "text/calendar", "text/css", "text/csv", "text/directory", "text/enriched", "text/html", "text/javascript",
  "text/markdown", "text/plain", "text/richtext", "text/rfc822-headers", "text/rtf", "text/tab-separated-values",
  "text/vcard", "text/watch-html", "text/x-amp-html", "text/x-c", "text/x-csrc", "text/x-csv", "text/x-diff", "text/x-log",
  "text/x-mail", "text/x-markdown", "text/x-patch", "text/x-python", "text/x-sh", "text/x-vcalendar", "text/x-vcard", "text/x-watch-html",
  "text/xml",
  "video/3gpp", "video/avi", "video/mp4", "video/mpeg", "video/ogg", "video/quicktime", "video/webm", "video/x-ms-wmv",
  "video/x-msvideo",
};

/* A media type goes into ledger and plan, and it is the sender's to choose: "application/anna.blum" would be kept there for
 * ever.  Of an unknown one so much is left as the tree, the readers and the policies need.  New string. */
static char *
safe_type (const char *mime)
{
  g_autofree char *type = g_ascii_strdown (mime, -1);
  for (guint i = 0; i < G_N_ELEMENTS (known_types); i++)
    if (g_str_equal (known_types[i], type))
      return g_steal_pointer (&type);
  static const char *const tops[][2] = {
    { "multipart/", "multipart/mixed" }, { "text/", "text/plain" }, { "image/", "image/other" }, { "audio/", "audio/other" },
    { "video/", "video/other" }, { "font/", "font/other" }, { "model/", "model/other" }, { "message/", "message/other" },
  };
  if (g_str_has_suffix (type, "+xml") && !g_str_has_prefix (type, "multipart/") && !g_str_has_prefix (type, "image/"))
    return g_strdup ("application/xml");
  if (g_str_has_suffix (type, "+json"))
    return g_strdup ("application/json");
  for (guint i = 0; i < G_N_ELEMENTS (tops); i++)
    if (g_str_has_prefix (type, tops[i][0]))
      return g_strdup (tops[i][1]);
  return g_strdup ("application/octet-stream");
}

/* "multipart/; boundary=b" is text to GMime, and a multipart to others.  New string, or NULL where the type is no such. */
static char *
with_subtype (const char *value)
{
  static const char top[] = "multipart/";
  const char *rest = value + strlen (top);
  if (g_ascii_strncasecmp (value, top, strlen (top)) != 0 || (rest[strspn (rest, " \t")] != ';' && rest[strspn (rest, " \t")] != '\0'))
    return NULL;
  return g_strconcat ("multipart/mixed", rest, NULL);
}

/* FALSE where it is said in a way that not all mail programs understand. */
static gboolean
read_type (DsPart *entity, const char *default_type)
{
  g_autofree char *value = short_value (entity, "Content-Type");
  g_autofree char *mended = value != NULL ? with_subtype (value) : NULL;
  entity->has_type = value != NULL;
  if (value == NULL || strchr (value, '/') == NULL)
    {
      entity->media_type = g_strdup (default_type != NULL ? default_type : "text/plain");
      return TRUE;
    }
  GMimeContentType *type = g_mime_content_type_parse (NULL, mended != NULL ? mended : value);
  g_autofree char *mime = g_mime_content_type_get_mime_type (type);
  entity->media_type = safe_type (mime);
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
  return mended == NULL;
}

/* RFC 822 comments, which may stand anywhere, become blanks. */
static void
blank_comments (char *value)
{
  guint depth = 0;
  for (char *at = value; *at != '\0'; at++)
    {
      gboolean opens = *at == '(', closes = *at == ')' && depth > 0;
      depth += opens;
      if (depth > 0)
        *at = ' ';
      depth -= closes;
    }
}

static void
read_encoding (DsPart *entity)
{
  g_autofree char *value = short_value (entity, "Content-Transfer-Encoding");
  if (value == NULL)
    return;
  blank_comments (value);
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

/* ---- what can be read in two ways ---- */

static gboolean
is_named (const DsPart *entity, const DsField *field, const char *name)
{
  gsize length = strlen (name);
  return field->name_end - field->start == length
         && g_ascii_strncasecmp (entity->frame->data + field->start, name, length) == 0;
}

static const char *
problem_of (const DsPart *entity)
{
  static const char *const names[] = { "Content-Type", "Content-Transfer-Encoding", "Content-Disposition" };
  const DsPart *header = entity->children->len > 0 ? g_ptr_array_index (entity->children, 0) : NULL;
  if (header == NULL || header->role != DS_PART_HEADER)
    return NULL;
  const DsField *first[G_N_ELEMENTS (names)] = { NULL };
  for (guint i = 0; i < header->fields->len; i++)
    for (guint k = 0; k < G_N_ELEMENTS (names); k++)
      {
        const DsField *field = &g_array_index (header->fields, DsField, i);
        if (!is_named (entity, field, names[k]))
          continue;
        if (field->value_end - field->value > FIELD_BYTES)
          return DS_REASON_STRUCTURE;
        if (first[k] == NULL)
          {
            first[k] = field;
            continue;
          }
        g_autofree char *one = ds_field_value (entity->frame, first[k]), *two = ds_field_value (entity->frame, field);
        if (g_ascii_strcasecmp (one, two) != 0)
          return DS_REASON_DISAGREE;
      }
  return NULL;
}

/* "v=1; id=...; type=...; size=N; time=...; reason=...", and nothing else. */
static gboolean
has_tombstone_field (const DsPart *entity)
{
  g_autofree char *value = short_value (entity, "X-Deskshred");
  if (value == NULL || !g_str_equal (entity->media_type, "text/plain"))
    return FALSE;
  return g_regex_match_simple ("\\Av=1; id=[A-Za-z0-9_-]{8,64}; type=[a-z0-9/.+_-]{3,100}; size=[0-9]{1,20};"
                               " time=[0-9TZ:.+-]{8,40}; reason=[A-Za-z0-9_.-]{1,64}\\z",
                               value, G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT);
}

const char *
ds_meaning_of_entity (DsPart *entity, const char *default_type)
{
  gboolean understood = read_type (entity, default_type);
  read_encoding (entity);
  read_disposition (entity);
  entity->is_tombstone = has_tombstone_field (entity); /* if its text is one as well: ds_scan_leaf */
  if (entity->filename != NULL && !entity->is_message)
    entity->attachment = TRUE;
  if (g_str_has_prefix (entity->media_type, "message/") && !entity->is_message)
    entity->attachment = TRUE;
  const char *problem = problem_of (entity);
  return problem == NULL && !understood ? DS_REASON_STRUCTURE : problem;
}

gboolean
ds_media_is_message_file (const DsPart *entity)
{
  static const char *const extensions[] = { "eml", "mht", "mhtml", "nws", NULL };
  if (entity->is_message || g_str_has_prefix (entity->media_type, "multipart/") || ds_media_type_is_message (entity->media_type))
    return FALSE;
  g_autofree char *extension = ds_extension (entity->filename);
  return extension != NULL && g_strv_contains (extensions, extension);
}
