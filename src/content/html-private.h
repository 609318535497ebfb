/* content/html, inside: what the reader knows about elements and attributes, and the reader's state.
 *
 * html.c is the tokenizer (WHATWG HTML, 13.2.5), html-tag.c reads tags and attributes, html-elements.c knows names. */
#pragma once
#include "content/text-builder.h"

G_BEGIN_DECLS

typedef enum
{
  ELEMENT_INLINE, /* and what is unknown: its tags are as good as not there */
  ELEMENT_BLOCK,
  ELEMENT_CELL,
  ELEMENT_BREAK,
  ELEMENT_PREFORMATTED, /* a block in which white space counts */
  ELEMENT_TITLE,        /* text without tags */
  ELEMENT_TEXTAREA,     /* the same, and white space counts */
  ELEMENT_HIDDEN,       /* script, style: what is inside is neither text nor markup */
  ELEMENT_FALLBACK,     /* noframes, template, ...: markup that some programs show */
  ELEMENT_LITERAL,      /* xmp: all is text up to its end tag */
  ELEMENT_PLAINTEXT,    /* all is text to the end */
} ElementKind;

/* html-elements.c; names in any case. */
ElementKind ds_html_element (const char *name, gsize size);
gboolean ds_html_is_url_attribute (const char *name, gsize size);
/* A tag's or attribute's name as people give them, unlike the address in <jane@example.org>. */
gboolean ds_html_is_plain_name (const char *name, gsize size);

typedef struct _HtmlReader HtmlReader;

struct _HtmlReader
{
  const char *text;
  gsize size;
  gsize at;
  gboolean xml;
  HtmlReader *fallback; /* reads what stands apart from the rest; in itself, that is no more apart.  NULL: none yet */
  gboolean is_fallback;
  guint preformatted; /* how many such elements are open */
  DsTextBuilder visible;
  DsTextBuilder attribute;
  DsTextBuilder comment;
  GArray *quotings; /* of DsQuotedSpan, in attribute's text */
  gsize odd_end;    /* where the last name that was kept as text ends; 0 if none */
};

typedef struct
{
  gsize name; /* span of the name */
  gsize name_end;
  gboolean is_end;
} HtmlTag;

static inline gboolean
ds_html_is_space (char byte)
{
  return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
}

/* html-tag.c: reads the tag whose '<' or "</" ends at reader->at, attributes and '>' included. */
HtmlTag ds_html_read_tag (HtmlReader *reader, gboolean is_end);

G_END_DECLS
