#include "config.h"
#include "content/tree-private.h"
#include "content/line-style.h"
#include "content/transfer.h"
#include <stdlib.h>
#include <string.h>

static void
part_free (DsPart *part)
{
  g_clear_pointer (&part->children, g_ptr_array_unref);
  g_clear_pointer (&part->fields, g_array_unref);
  g_clear_pointer (&part->other, g_array_unref);
  g_free (part->number);
  g_free (part->media_type);
  g_free (part->charset);
  g_free (part->boundary);
  g_free (part->filename);
  g_free (part);
}

DsPart *
ds_part_new (DsFrame *frame, DsPart *parent, DsPartRole role, gsize start, gsize end, const char *number)
{
  DsPart *part = g_new0 (DsPart, 1);
  part->role = role;
  part->frame = frame;
  part->parent = parent;
  part->start = start;
  part->end = end;
  part->number = g_strdup (number);
  if (role == DS_PART_ENTITY)
    part->children = g_ptr_array_new_with_free_func ((GDestroyNotify) part_free);
  if (parent != NULL)
    g_ptr_array_add (parent->children, part);
  return part;
}

void
ds_part_read_also (DsPart *part, gsize start, gsize end, DsEncoding encoding)
{
  if (part->other == NULL)
    part->other = g_array_new (FALSE, FALSE, sizeof (DsOtherReading));
  for (guint i = 0; i < part->other->len; i++)
    {
      const DsOtherReading *known = &g_array_index (part->other, DsOtherReading, i);
      if (known->start == start && known->end == end && known->encoding == encoding)
        return;
    }
  DsOtherReading other = { start, end, encoding };
  g_array_append_val (part->other, other);
}

static void
frame_free (DsFrame *frame)
{
  g_clear_pointer (&frame->root, part_free);
  g_bytes_unref (frame->bytes);
  g_free (frame);
}

DsFrame *
ds_frame_new (DsTree *tree, GBytes *bytes, DsPart *container)
{
  DsFrame *frame = g_new0 (DsFrame, 1);
  frame->bytes = g_bytes_ref (bytes);
  frame->data = g_bytes_get_data (bytes, &frame->size);
  frame->data = frame->data != NULL ? frame->data : ""; /* of no bytes GBytes gives no address */
  frame->container = container;
  gboolean empty = frame->size == 0, lf = !empty && memchr (frame->data, '\n', frame->size) != NULL;
  gboolean lone_cr = !empty && !lf && memchr (frame->data, '\r', frame->size) != NULL;
  frame->eol = lone_cr ? "\r" : ds_line_style (frame->data, frame->size, 0, "\n").eol;
  g_ptr_array_add (tree->frames, frame);
  return frame;
}

static void
problem_clear (gpointer problem)
{
  g_free (((DsProblem *) problem)->part);
}

static DsTree *
tree_new (GBytes *bytes, const DsLimits *limits)
{
  DsTree *tree = g_new0 (DsTree, 1);
  tree->limits = *limits;
  tree->frames = g_ptr_array_new_with_free_func ((GDestroyNotify) frame_free);
  tree->leaves = g_ptr_array_new ();
  tree->problems = g_array_new (FALSE, FALSE, sizeof (DsProblem));
  g_array_set_clear_func (tree->problems, problem_clear);
  tree->frame = ds_frame_new (tree, bytes, NULL);
  return tree;
}

void
ds_tree_free (DsTree *tree)
{
  if (tree == NULL)
    return;
  g_ptr_array_unref (tree->frames);
  g_ptr_array_unref (tree->leaves);
  g_array_unref (tree->problems);
  g_free (tree);
}

gboolean
ds_media_type_is_message (const char *media_type)
{
  return g_str_equal (media_type, "message/rfc822") || g_str_equal (media_type, "message/global")
         || g_str_equal (media_type, "message/news");
}

static gboolean
is_encoded_message (const DsPart *body)
{
  const DsPart *entity = body->parent;
  return (entity->encoding == DS_ENCODING_BASE64 || entity->encoding == DS_ENCODING_QUOTED_PRINTABLE)
         && (entity->holds_message || ds_media_type_is_message (entity->media_type)
             || g_str_equal (entity->media_type, "text/rfc822-headers"));
}

static guint
depth_of (const DsPart *part)
{
  guint depth = 0;
  for (; part != NULL; part = part->parent != NULL ? part->parent : part->frame->container)
    depth++;
  return depth;
}

/* Opens the frame inside an encoded message: a blob within a blob. */
static void
open_inner (DsTree *tree, DsPart *body)
{
  guint depth = depth_of (body);
  if (depth > tree->limits.depth)
    {
      ds_tree_add_problem (tree, body, DS_REASON_DEPTH);
      return;
    }
  const char *raw = body->frame->data + body->start;
  g_autoptr (DsTransfer) transfer = ds_transfer_decode (body->parent->encoding, raw, body->end - body->start);
  /* Messages encoded within messages are kept in memory all at once. */
  tree->frame_bytes += g_bytes_get_size (transfer->bytes);
  if (tree->frame_bytes > tree->limits.blob_bytes)
    {
      ds_tree_add_problem (tree, body, DS_REASON_SIZE);
      return;
    }
  body->inner = ds_frame_new (tree, transfer->bytes, body);
  g_autofree char *number = g_strconcat (body->number, ".0", NULL);
  ds_scan_message (tree, body->inner, number, depth);
}

static void
collect (DsTree *tree, DsPart *part)
{
  if (part->role == DS_PART_ENTITY)
    {
      for (guint i = 0; i < part->children->len; i++)
        collect (tree, g_ptr_array_index (part->children, i));
      return;
    }
  part->index = tree->leaves->len;
  g_ptr_array_add (tree->leaves, part);
  if (part->role == DS_PART_BODY && is_encoded_message (part))
    open_inner (tree, part);
  if (part->inner != NULL)
    collect (tree, part->inner->root);
}

DsTree *
ds_tree_open_mail (GBytes *bytes, const DsLimits *limits)
{
  DsTree *tree = tree_new (bytes, limits);
  ds_scan_message (tree, tree->frame, "0", 0);
  collect (tree, tree->frame->root);
  return tree;
}

const char *
ds_media_type_of_file (const char *filename)
{
  static const char *const types[][2] = {
    { "html", "text/html" },   { "htm", "text/html" },        { "csv", "text/csv" },         { "txt", "text/plain" },
    { "json", "application/json" }, { "xml", "application/xml" }, { "ics", "text/calendar" }, { "vcf", "text/vcard" },
    { "vcs", "text/x-vcalendar" },
    { "pdf", "application/pdf" },   { "png", "image/png" },       { "jpg", "image/jpeg" },    { "jpeg", "image/jpeg" },
    { "gif", "image/gif" },         { "zip", "application/zip" },
  };
  g_autofree char *extension = ds_extension (filename);
  for (guint i = 0; extension != NULL && i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (types[i][0], extension))
      return types[i][1];
  return "application/octet-stream";
}

DsTree *
ds_tree_open_file (GBytes *bytes, const char *filename, const char *media_type, const DsLimits *limits)
{
  DsTree *tree = tree_new (bytes, limits);
  DsPart *root = ds_part_new (tree->frame, NULL, DS_PART_ENTITY, 0, tree->frame->size, "0");
  tree->frame->root = root;
  tree->n_entities = 1;
  root->filename = filename != NULL ? g_utf8_make_valid (filename, -1) : NULL;
  root->media_type = g_strdup (media_type != NULL ? media_type : ds_media_type_of_file (root->filename));
  root->attachment = TRUE;
  ds_part_new (tree->frame, root, DS_PART_BODY, 0, tree->frame->size, "1");
  collect (tree, root);
  return tree;
}

DsFrame *
ds_tree_frame (DsTree *tree)
{
  return tree->frame;
}

GPtrArray *
ds_tree_leaves (DsTree *tree)
{
  return tree->leaves;
}

GArray *
ds_tree_problems (DsTree *tree)
{
  return tree->problems;
}

void
ds_tree_add_problem (DsTree *tree, const DsPart *part, const char *reason)
{
  for (guint i = 0; i < tree->problems->len; i++)
    {
      const DsProblem *known = &g_array_index (tree->problems, DsProblem, i);
      if (known->reason == reason && g_str_equal (known->part, part->number))
        return;
    }
  DsProblem problem = { g_strdup (part->number), reason };
  g_array_append_val (tree->problems, problem);
}

DsPart *
ds_part_entity (DsPart *part)
{
  return part->role == DS_PART_ENTITY ? part : part->parent;
}

const char *
ds_part_eol (const DsPart *part)
{
  return ds_line_style (part->frame->data, part->end, part->start, part->frame->eol).eol;
}

DsPart *
ds_tree_find (DsTree *tree, const char *number)
{
  DsPart *found = NULL;
  for (guint i = 0; i < tree->leaves->len; i++)
    {
      DsPart *leaf = g_ptr_array_index (tree->leaves, i);
      /* A body and the inner message's header differ in number; what is inside a multipart bears its own. */
      if (!g_str_equal (leaf->number, number))
        continue;
      if (leaf->role == DS_PART_HEADER || (leaf->role == DS_PART_BODY && found == NULL))
        found = ds_part_entity (leaf);
    }
  return found;
}

const DsField *
ds_part_field (const DsPart *entity, const char *name)
{
  const DsPart *header = entity->children->len > 0 ? g_ptr_array_index (entity->children, 0) : NULL;
  if (header == NULL || header->role != DS_PART_HEADER)
    return NULL;
  gsize length = strlen (name);
  for (guint i = 0; i < header->fields->len; i++)
    {
      const DsField *field = &g_array_index (header->fields, DsField, i);
      if (field->name_end - field->start == length
          && g_ascii_strncasecmp (header->frame->data + field->start, name, length) == 0)
        return field;
    }
  return NULL;
}

char *
ds_field_name (const DsFrame *frame, const DsField *field)
{
  return g_strndup (frame->data + field->start, field->name_end - field->start);
}

char *
ds_field_value (const DsFrame *frame, const DsField *field)
{
  GString *value = g_string_sized_new (field->value_end - field->value);
  for (gsize i = field->value; i < field->value_end; i++)
    {
      char c = frame->data[i];
      if (c != '\r' && c != '\n' && c != '\0')
        g_string_append_c (value, c);
    }
  return g_strstrip (g_string_free (value, FALSE));
}

/* Extensions that are written into ledger, plan and output.  A name's end that is none of them could be a person's. */
static const char *const extensions[] = {
  "7z", "aac", "ai", "amr", "apk", "asc", "avi", "bak", "bat", "bin", "bmp", "bz2", "c", "cer", "cfg", "conf", "crt", "css", "csv",
  "dat", "db", "dcm", "dll", "doc", "docm", "docx", "dot", "dotx", "dwg", "dxf", "eml", "emz", "eps", "exe", "flac", "gif", "gpg",
  "gpx", "gz", "h", "heic", "heif", "htm", "html", "ico", "ics", "indd", "ini", "iso", "jar", "java", "jfif", "jpe", "jpeg", "jpg",
  "js", "json", "jsonl", "key", "kml", "ldif", "lnk", "log", "lzh", "m4a", "m4v", "mbox", "md", "mdb", "mht", "mhtml", "mkv", "mov",
  "mp3", "mp4", "mpeg", "mpg", "msg", "msi", "numbers", "nws", "odg", "odp", "ods", "odt", "oga", "ogg", "one", "opus", "ost", "ots",
  "ott", "p12", "p7b", "p7c", "p7m", "p7s", "pages", "pdf", "pem", "pfx", "pgp", "php", "pl", "png", "pps", "ppsx", "ppt", "pptm",
  "pptx", "ps", "psd", "pst", "pub", "py", "rar", "rb", "rtf", "sh", "sig", "sql", "sqlite", "svg", "tar", "tex", "tgz", "tif", "tiff",
  "tmp", "tsv", "txt", "url", "uue", "vcf", "vcs", "vsd", "vsdx", "wav", "webm", "webp", "wma", "wmf", "wmv", "wps", "xht", "xhtml",
  "xla", "xls", "xlsb", "xlsm", "xlsx", "xlt", "xml", "xps", "xsl", "xz", "yaml", "yml", "zip", "zst",
};

static int
compare_names (gconstpointer key, gconstpointer entry)
{
  return strcmp (key, *(const char *const *) entry);
}

char *
ds_extension (const char *filename)
{
  const char *dot = filename != NULL ? strrchr (filename, '.') : NULL;
  if (dot == NULL || strlen (dot + 1) > 8)
    return NULL;
  g_autofree char *lower = g_ascii_strdown (dot + 1, -1);
  gboolean known = bsearch (lower, extensions, G_N_ELEMENTS (extensions), sizeof extensions[0], compare_names) != NULL;
  return known ? g_steal_pointer (&lower) : NULL;
}

gboolean
ds_part_is_followed (const DsPart *leaf)
{
  guint index = 0;
  const GPtrArray *siblings = leaf->parent->children;
  if (!g_ptr_array_find ((GPtrArray *) siblings, leaf, &index) || index + 1 >= siblings->len)
    return FALSE;
  const DsPart *next = g_ptr_array_index (siblings, index + 1);
  return next->role == DS_PART_GAP && next->start == leaf->end && next->end > next->start;
}
