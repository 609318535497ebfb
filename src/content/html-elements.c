#include "config.h"
#include "content/html-private.h"
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NAME = 15, LONGEST_PLAIN_NAME = 40, MOST_DIGITS = 3 };

typedef struct
{
  const char *name;
  ElementKind kind;
} Element;

/* By name.  Which are blocks: the user agent style sheet (WHATWG HTML, 15.3). */
static const Element elements[] = {
  { "address", ELEMENT_BLOCK },
  { "article", ELEMENT_BLOCK },
  { "aside", ELEMENT_BLOCK },
  { "blockquote", ELEMENT_BLOCK },
  { "body", ELEMENT_BLOCK },
  { "br", ELEMENT_BREAK },
  { "caption", ELEMENT_BLOCK },
  { "center", ELEMENT_BLOCK },
  { "dd", ELEMENT_BLOCK },
  { "details", ELEMENT_BLOCK },
  { "dialog", ELEMENT_BLOCK },
  { "dir", ELEMENT_BLOCK },
  { "div", ELEMENT_BLOCK },
  { "dl", ELEMENT_BLOCK },
  { "dt", ELEMENT_BLOCK },
  { "fieldset", ELEMENT_BLOCK },
  { "figcaption", ELEMENT_BLOCK },
  { "figure", ELEMENT_BLOCK },
  { "footer", ELEMENT_BLOCK },
  { "form", ELEMENT_BLOCK },
  { "h1", ELEMENT_BLOCK },
  { "h2", ELEMENT_BLOCK },
  { "h3", ELEMENT_BLOCK },
  { "h4", ELEMENT_BLOCK },
  { "h5", ELEMENT_BLOCK },
  { "h6", ELEMENT_BLOCK },
  { "head", ELEMENT_BLOCK },
  { "header", ELEMENT_BLOCK },
  { "hgroup", ELEMENT_BLOCK },
  { "hr", ELEMENT_BLOCK },
  { "html", ELEMENT_BLOCK },
  { "iframe", ELEMENT_FALLBACK },
  { "legend", ELEMENT_BLOCK },
  { "li", ELEMENT_BLOCK },
  { "listing", ELEMENT_PREFORMATTED },
  { "main", ELEMENT_BLOCK },
  { "menu", ELEMENT_BLOCK },
  { "nav", ELEMENT_BLOCK },
  { "noembed", ELEMENT_FALLBACK },
  { "noframes", ELEMENT_FALLBACK },
  { "ol", ELEMENT_BLOCK },
  { "optgroup", ELEMENT_BLOCK },
  { "option", ELEMENT_BLOCK },
  { "p", ELEMENT_BLOCK },
  { "plaintext", ELEMENT_PLAINTEXT },
  { "pre", ELEMENT_PREFORMATTED },
  { "script", ELEMENT_HIDDEN },
  { "search", ELEMENT_BLOCK },
  { "section", ELEMENT_BLOCK },
  { "select", ELEMENT_BLOCK },
  { "style", ELEMENT_HIDDEN },
  { "summary", ELEMENT_BLOCK },
  { "table", ELEMENT_BLOCK },
  { "tbody", ELEMENT_BLOCK },
  { "td", ELEMENT_CELL },
  { "template", ELEMENT_FALLBACK },
  { "textarea", ELEMENT_TEXTAREA },
  { "tfoot", ELEMENT_BLOCK },
  { "th", ELEMENT_CELL },
  { "thead", ELEMENT_BLOCK },
  { "title", ELEMENT_TITLE },
  { "tr", ELEMENT_BLOCK },
  { "ul", ELEMENT_BLOCK },
  { "xmp", ELEMENT_LITERAL },
};

static const char *const url_attributes[] = {
  "action",  "archive", "background", "cite", "classid", "codebase", "data",       "formaction", "href",
  "icon",    "itemid",  "longdesc",   "manifest", "ping", "poster",  "profile",    "src",        "srcset",
  "usemap",  "xlink:href",
};

static int
compare_element (const void *name, const void *element)
{
  return strcmp (name, ((const Element *) element)->name);
}

static gboolean
lower (const char *name, gsize size, char out[LONGEST_NAME + 1])
{
  if (size > LONGEST_NAME)
    return FALSE;
  for (gsize i = 0; i < size; i++)
    out[i] = g_ascii_tolower (name[i]);
  out[size] = '\0';
  return TRUE;
}

ElementKind
ds_html_element (const char *name, gsize size)
{
  char key[LONGEST_NAME + 1];
  if (!lower (name, size, key))
    return ELEMENT_INLINE;
  const Element *found = bsearch (key, elements, G_N_ELEMENTS (elements), sizeof *elements, compare_element);
  return found != NULL ? found->kind : ELEMENT_INLINE;
}

gboolean
ds_html_is_url_attribute (const char *name, gsize size)
{
  char key[LONGEST_NAME + 1];
  if (!lower (name, size, key))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (url_attributes); i++)
    if (g_str_equal (key, url_attributes[i]))
      return TRUE;
  return FALSE;
}

gboolean
ds_html_is_plain_name (const char *name, gsize size)
{
  guint digits = 0;
  if (size > LONGEST_PLAIN_NAME)
    return FALSE;
  for (gsize i = 0; i < size; i++)
    {
      digits += g_ascii_isdigit (name[i]);
      if (!g_ascii_isalpha (name[i]) && (i == 0 || (!g_ascii_isdigit (name[i]) && strchr (":._-", name[i]) == NULL)))
        return FALSE;
    }
  return digits <= MOST_DIGITS;
}
