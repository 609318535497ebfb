#include "config.h"
#include "content/thread.h"
#include "content/header.h"
#include <string.h>

/* More references than this tell nothing new; a list of a million is an attack. */
#define MAX_REFERENCES 100

/* Every "<id>" of a field. */
static void
add_ids (const DsPart *root, const char *name, GPtrArray *ids, guint limit)
{
  const DsField *field = ds_part_field (root, name);
  if (field == NULL)
    return;
  g_autofree char *value = ds_field_value (root->frame, field);
  for (char *at = strchr (value, '<'); at != NULL && ids->len < limit; at = strchr (at, '<'))
    {
      char *end = strchr (++at, '>');
      if (end == NULL)
        break;
      g_ptr_array_add (ids, g_strndup (at, (gsize) (end - at)));
      at = end;
    }
}

static char *
subject_of (const DsPart *root)
{
  const DsPart *header = g_ptr_array_index (root->children, 0);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_text_free);
  ds_header_texts (header, texts);
  for (guint i = 0; i < texts->len; i++)
    {
      const DsText *text = g_ptr_array_index (texts, i);
      if (text->kind == DS_TEXT_HEADER && text->name != NULL && g_ascii_strcasecmp (text->name, "Subject") == 0)
        return g_strndup (text->utf8, text->size);
    }
  return NULL;
}

DsThreadFields *
ds_thread_fields (DsTree *tree)
{
  DsThreadFields *fields = g_new0 (DsThreadFields, 1);
  fields->references = g_ptr_array_new_with_free_func (g_free);
  const DsPart *root = ds_tree_frame (tree)->root;
  if (!root->is_message)
    return fields;
  g_autoptr (GPtrArray) own = g_ptr_array_new_with_free_func (g_free);
  add_ids (root, "Message-ID", own, 1);
  if (own->len > 0)
    fields->own = g_strdup (g_ptr_array_index (own, 0));
  add_ids (root, "References", fields->references, MAX_REFERENCES);
  add_ids (root, "In-Reply-To", fields->references, MAX_REFERENCES + 10);
  fields->subject = subject_of (root);
  return fields;
}

void
ds_thread_fields_free (DsThreadFields *fields)
{
  if (fields == NULL)
    return;
  g_free (fields->own);
  g_ptr_array_unref (fields->references);
  g_free (fields->subject);
  g_free (fields);
}
