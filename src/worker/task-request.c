#include "config.h"
#include "action/replacement.h"
#include "base/flat.h"
#include "worker/task.h"
#include <string.h>

void
ds_wanted_value_free (DsWantedValue *value)
{
  explicit_bzero (value->value, strlen (value->value));
  g_free (value->value);
  g_free (value);
}

GBytes *
ds_values_request_write (GPtrArray *values)
{
  GByteArray *body = g_byte_array_new ();
  ds_flat_put_number (body, values != NULL ? values->len : 0);
  for (guint i = 0; values != NULL && i < values->len; i++)
    {
      const DsWantedValue *value = g_ptr_array_index (values, i);
      ds_flat_put_number (body, value->kind);
      ds_flat_put_number (body, value->given);
      ds_flat_put_number (body, value->literal);
      ds_flat_put_text (body, value->value);
    }
  return g_byte_array_free_to_bytes (body);
}

GPtrArray *
ds_values_request_read (GBytes *body)
{
  DsFlatReader reader = ds_flat_reader (body);
  gsize n = ds_flat_count (&reader);
  GPtrArray *values = n > 0 ? g_ptr_array_new_full ((guint) n, (GDestroyNotify) ds_wanted_value_free) : NULL;
  for (gsize i = 0; i < n; i++)
    {
      DsWantedValue *value = g_new0 (DsWantedValue, 1);
      value->kind = (DsKind) ds_flat_number (&reader);
      value->given = ds_flat_number (&reader) != 0;
      value->literal = ds_flat_number (&reader) != 0;
      value->value = g_strdup (ds_flat_some_text (&reader));
      g_ptr_array_add (values, value);
    }
  return values;
}

static void
put_form (GByteArray *body, const DsBlobForm *form)
{
  ds_flat_put_number (body, form->is_file);
  ds_flat_put_text (body, form->filename);
  ds_flat_put_text (body, form->media_type);
}

static DsBlobForm
read_form (DsFlatReader *reader)
{
  DsBlobForm form;
  form.is_file = ds_flat_number (reader) != 0;
  form.filename = ds_flat_text (reader);
  form.media_type = ds_flat_text (reader);
  return form;
}

GBytes *
ds_scan_request_write (const DsScanRequest *request)
{
  GByteArray *body = g_byte_array_new ();
  put_form (body, &request->form);
  ds_flat_put_number (body, request->flags);
  ds_flat_put_number (body, request->min_score);
  return g_byte_array_free_to_bytes (body);
}

DsScanRequest
ds_scan_request_read (GBytes *body)
{
  DsFlatReader reader = ds_flat_reader (body);
  DsScanRequest request;
  request.form = read_form (&reader);
  request.flags = (DsScanFlags) ds_flat_number (&reader);
  request.min_score = (guint) ds_flat_number (&reader);
  return request;
}

GBytes *
ds_rewrite_request_write (const DsRewriteRequest *request)
{
  GByteArray *body = g_byte_array_new ();
  put_form (body, &request->form);
  ds_flat_put_number (body, request->edits->len);
  for (guint i = 0; i < request->edits->len; i++)
    {
      const DsTextEdit *edit = &g_array_index (request->edits, DsTextEdit, i);
      ds_flat_put_number (body, edit->leaf);
      ds_flat_put_number (body, edit->text);
      ds_flat_put_number (body, edit->span.start);
      ds_flat_put_number (body, edit->span.end);
      ds_flat_put_text (body, edit->replacement);
    }
  ds_flat_put_number (body, request->replacements->len);
  for (guint i = 0; i < request->replacements->len; i++)
    {
      const DsReplacement *replacement = g_ptr_array_index (request->replacements, i);
      ds_flat_put_text (body, replacement->number);
      ds_flat_put_text (body, replacement->fields);
      ds_flat_put_text (body, replacement->text);
    }
  for (guint i = 0; request->where[i] != NULL; i++)
    ds_flat_put_text (body, request->where[i]);
  ds_flat_put_text (body, NULL);
  ds_flat_put_number (body, request->spared);
  return g_byte_array_free_to_bytes (body);
}

static GArray *
read_edits (DsFlatReader *reader)
{
  gsize n = ds_flat_count (reader);
  GArray *edits = g_array_sized_new (FALSE, FALSE, sizeof (DsTextEdit), (guint) n);
  for (gsize i = 0; i < n; i++)
    {
      DsTextEdit edit;
      edit.leaf = (guint) ds_flat_number (reader);
      edit.text = (guint) ds_flat_number (reader);
      edit.span.start = ds_flat_number (reader);
      edit.span.end = ds_flat_number (reader);
      edit.replacement = ds_flat_some_text (reader);
      g_array_append_val (edits, edit);
    }
  return edits;
}

static GPtrArray *
read_replacements (DsFlatReader *reader)
{
  gsize n = ds_flat_count (reader);
  GPtrArray *replacements = g_ptr_array_new_full ((guint) n, (GDestroyNotify) ds_replacement_free);
  for (gsize i = 0; i < n; i++)
    {
      DsReplacement *replacement = g_new0 (DsReplacement, 1);
      replacement->number = g_strdup (ds_flat_some_text (reader));
      replacement->fields = g_strdup (ds_flat_some_text (reader));
      replacement->text = g_strdup (ds_flat_some_text (reader));
      g_ptr_array_add (replacements, replacement);
    }
  return replacements;
}

void
ds_rewrite_request_read (GBytes *body, DsRewriteRequest *request)
{
  DsFlatReader reader = ds_flat_reader (body);
  GPtrArray *where = g_ptr_array_new ();
  request->form = read_form (&reader);
  request->edits = read_edits (&reader);
  request->replacements = read_replacements (&reader);
  const char *place;
  while ((place = ds_flat_text (&reader)) != NULL)
    g_ptr_array_add (where, (gpointer) place);
  g_ptr_array_add (where, NULL);
  request->where = (const char **) g_ptr_array_free (where, FALSE);
  request->spared = (guint) ds_flat_number (&reader);
}

void
ds_rewrite_request_clear (DsRewriteRequest *request)
{
  g_clear_pointer (&request->edits, g_array_unref);
  g_clear_pointer (&request->replacements, g_ptr_array_unref);
  g_clear_pointer (&request->where, g_free);
}
