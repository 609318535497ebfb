#include "config.h"
#include "action/replacement.h"
#include "detect/label.h"

char *
ds_replacement_for_span (DsKind kind, gboolean given, DsQuoting quoting, guint ordinal)
{
  g_autofree char *label = given ? g_strdup (DS_LABEL_VALUE) : ds_label_for_kind (kind);
  switch (quoting)
    {
    case DS_QUOTING_ADDRESS:
      return g_strdup_printf ("removed-%u@redacted.invalid", ordinal);
    case DS_QUOTING_NO_SPACE:
      {
        /* A blank would end the attribute: it is written as a character reference. */
        g_auto (GStrv) words = g_strsplit (label, " ", -1);
        return g_strjoinv ("&#32;", words);
      }
    case DS_QUOTING_STRING:
      return g_strdup_printf ("\"%s\"", label);
    case DS_QUOTING_NONE:
      break;
    }
  return g_steal_pointer (&label);
}

DsReplacement *
ds_tombstone_write (const char *part, const DsTombstone *t)
{
  DsReplacement *replacement = g_new0 (DsReplacement, 1);
  replacement->number = g_strdup (part);
  replacement->fields = g_strdup_printf ("Content-Type: text/plain; charset=utf-8\n"
                                         "Content-Transfer-Encoding: 7bit\n"
                                         "Content-Disposition: inline\n"
                                         "X-Deskshred: v=1; id=%s; type=%s; size=%" G_GUINT64_FORMAT "; time=%s; reason=%s\n",
                                         t->action_id, t->media_type, t->size, t->time, t->reason);
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, DS_TOMBSTONE_FIRST "\n\nWhat it was: %s%s%s, %" G_GUINT64_FORMAT " bytes\n",
                          t->extension != NULL ? "." : "", t->extension != NULL ? t->extension : "",
                          t->extension != NULL ? " file" : "a file", t->size);
  g_string_append_printf (text, "Type: %s\nRemoved: %s by %s\nReason: %s\n", t->media_type, t->time, t->role, t->reason);
  if (t->case_reference != NULL)
    g_string_append_printf (text, "Case: %s\n", t->case_reference);
  g_string_append_printf (text, DS_TOMBSTONE_LAST "%s\n", t->action_id);
  replacement->text = g_string_free (text, FALSE);
  return replacement;
}

void
ds_replacement_free (DsReplacement *replacement)
{
  if (replacement == NULL)
    return;
  g_free (replacement->number);
  g_free (replacement->fields);
  g_free (replacement->text);
  g_free (replacement);
}
