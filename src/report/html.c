#include "config.h"
#include "report/writer-private.h"
#include <string.h>

/* The contents list stands before the sections, but what it lists is known only after them: what comes from the first
 * section on waits in an unlinked temporary file. */

#define LEAST_CONTENTS 4 /* sections that make a contents list worth while */
#define MOST_NARROW 3    /* a table of so many columns may stand beside others */
#define MOST_UPRIGHT 7   /* a table of more columns is printed on landscape pages */
#define LONG_CODE 24     /* bytes from which a word without spaces is an identifier */
#define MOST_UNBROKEN 28 /* bytes of a cell that is not broken: a time, a code */

/* Nothing may be loaded or run: a page that shows text out of hostile mail must not be able to. */
static const char head[] =
  "<!DOCTYPE html>\n"
  "<html lang=\"en\">\n"
  "<head>\n"
  "<meta charset=\"utf-8\">\n"
  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
  "<meta name=\"referrer\" content=\"no-referrer\">\n"
  "<meta name=\"robots\" content=\"noindex\">\n";

static const char screen_style[] =
  ":root {\n"
  "  color-scheme: light dark;\n"
  "  --paper: #fff; --ink: #1b1f24; --soft: #5a6370; --line: #dde1e6; --rule: #1b1f24;\n"
  "  --shade: #f5f6f8; --link: #1f4e8c;\n"
  "  --sans: system-ui, -apple-system, \"Segoe UI\", Roboto, \"Noto Sans\", \"Liberation Sans\", Arial, sans-serif;\n"
  "  --mono: ui-monospace, \"SF Mono\", \"Cascadia Mono\", \"DejaVu Sans Mono\", \"Liberation Mono\", Consolas, monospace;\n"
  "}\n"
  "@media (prefers-color-scheme: dark) {\n"
  "  :root {\n"
  "    --paper: #15181c; --ink: #e4e7eb; --soft: #9aa4b0; --line: #2d333b; --rule: #9aa4b0;\n"
  "    --shade: #1d2126; --link: #8ab4f0;\n"
  "  }\n"
  "}\n"
  "* { box-sizing: border-box; }\n"
  "html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }\n"
  "body { margin: 0 auto; max-width: 84rem; padding: 3rem 2.5rem 5rem; background: var(--paper); color: var(--ink);\n"
  "  font: 1rem/1.5 var(--sans); }\n"
  "h1 { margin: 0; font-size: 2rem; line-height: 1.2; font-weight: 650; letter-spacing: -.015em; text-wrap: balance; }\n"
  "h2 { margin: 0 0 .75rem; font-size: 1.1875rem; line-height: 1.3; font-weight: 650; }\n"
  "h1, h2, dd, p { overflow-wrap: anywhere; }\n"
  "a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: 1px; }\n"
  "a:focus-visible, .scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }\n"
  "code, .c { font-family: var(--mono); font-size: .8125em; overflow-wrap: anywhere; }\n"
  "header { border-top: 3px solid var(--rule); padding-top: 1.5rem; }\n"
  ".facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 2rem; margin: 1.5rem 0 0; }\n"
  ".facts dt { color: var(--soft); }\n"
  ".facts dd { margin: 0; }\n"
  ".figures { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 1rem; margin: 2rem 0 0; }\n"
  ".figures div { display: flex; flex-direction: column-reverse; justify-content: flex-end; gap: .25rem;\n"
  "  padding: 1rem 1.125rem; background: var(--shade); border: 1px solid var(--line); border-radius: 4px; }\n"
  ".figures dt { color: var(--soft); font-size: .875rem; line-height: 1.35; }\n"
  ".figures dd { margin: 0; font-size: 1.75rem; line-height: 1.15; font-weight: 600; font-variant-numeric: tabular-nums; }\n"
  ".note { max-width: 46rem; margin: 1.5rem 0 0; white-space: pre-line; }\n"
  "nav { margin: 2.5rem 0 0; padding: 1.25rem 0; border: solid var(--line); border-width: 1px 0; }\n"
  "nav h2 { margin: 0 0 .5rem; font-size: .875rem; color: var(--soft); }\n"
  "nav ol { margin: 0; padding: 0 0 0 1.75rem; columns: 15rem; column-gap: 2.5rem; }\n"
  "nav li { break-inside: avoid; padding: .0625rem 0 .0625rem .25rem; }\n"
  "nav li::marker { color: var(--soft); font-variant-numeric: tabular-nums; }\n"
  "nav a { text-decoration: none; }\n"
  "nav a:hover { text-decoration: underline; }\n"
  ".soft { color: var(--soft); }\n"
  "section { margin: 3rem 0 0; min-width: 0; }\n"
  "section:target { scroll-margin-top: 1rem; }\n"
  ".group { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 0 3rem; }\n"
  "table { border-collapse: collapse; width: 100%; font-size: .875rem; line-height: 1.4; }\n"
  "th, td { padding: .4375rem .75rem; text-align: left; vertical-align: baseline; overflow-wrap: break-word; }\n"
  "th:first-child, td:first-child { padding-left: .5rem; }\n"
  "th:last-child, td:last-child { padding-right: .5rem; }\n"
  "th { position: sticky; top: 0; z-index: 1; background: var(--paper); color: var(--soft); font-weight: 600;\n"
  "  vertical-align: bottom; box-shadow: inset 0 -1px 0 var(--rule); }\n"
  "td { border-bottom: 1px solid var(--line); unicode-bidi: isolate; }\n"
  "tbody tr:nth-child(even) td { background: var(--shade); }\n"
  "th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }\n"
  "td.s { white-space: nowrap; }\n"
  "td.c { font-size: .925em; }\n"
  "td.w { min-width: 12em; overflow-wrap: anywhere; }\n"
  ".dense table { font-size: .8125rem; }\n"
  ".dense th, .dense td { padding-left: .375rem; padding-right: .375rem; }\n"
  ".none { margin: 0; }\n"
  "@media (max-width: 70rem) {\n"
  "  .scroll { overflow-x: auto; }\n"
  "  th { position: static; }\n"
  "}\n"
  "@media (max-width: 40rem) {\n"
  "  body { padding: 1.5rem 1rem 3rem; }\n"
  "  h1 { font-size: 1.625rem; }\n"
  "  .facts { grid-template-columns: minmax(0, 1fr); gap: 0; }\n"
  "  .facts dd { margin: 0 0 .625rem; }\n"
  "  .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .625rem; }\n"
  "}\n";

static const char print_style[] =
  "@page { size: A4; margin: 18mm 16mm 20mm;\n"
  "  @bottom-right { content: counter(page) \" / \" counter(pages); font: 8pt sans-serif; color: #444; } }\n"
  "@page wide { size: A4 landscape; margin: 16mm; }\n"
  "@media print {\n"
  "  :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #333; --line: #bbb; --rule: #000;\n"
  "    --shade: #fff; --link: #000; }\n"
  "  body { max-width: none; padding: 0; font-size: 10pt; }\n"
  "  h1 { font-size: 20pt; }\n"
  "  h2 { font-size: 12pt; break-after: avoid; }\n"
  "  header { padding-top: 5mm; }\n"
  "  section { margin-top: 8mm; }\n"
  /* A note stays with the wide table before it, instead of filling a page of its own. */
  "  .dense, .dense + .note { page: wide; margin-top: 0; }\n"
  "  .dense + .dense, .dense + .note, .note + .dense { margin-top: 8mm; }\n"
  "  .scroll { overflow: visible; }\n"
  "  table { font-size: 8.5pt; }\n"
  "  .dense table { font-size: 7.5pt; }\n"
  "  thead { display: table-header-group; }\n"
  "  th { position: static; box-shadow: none; border-bottom: 1px solid #000; }\n"
  "  th, td { padding-top: 1mm; padding-bottom: 1mm; }\n"
  "  tr, .figures div, .group section { break-inside: avoid; }\n"
  "  .group { grid-template-columns: 1fr 1fr; gap: 0 10mm; }\n"
  "  .figures { grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 3mm; break-inside: avoid; }\n"
  "  .figures div { background: none; padding: 3mm; }\n"
  "  .figures dt { font-size: 8.5pt; }\n"
  "  .figures dd { font-size: 15pt; }\n"
  "  a { text-decoration: none; }\n"
  "}\n";

typedef struct
{
  FILE *body; /* from the first section on; NULL: straight to the output, then without a contents list */
  GString *line;
  GString *visible;
  GString *contents; /* list items */
  guint sections;    /* with a title */
  guint tables;      /* all sections: numbers their ids */
  gboolean figures;  /* a row of tiles is open */
  gboolean group;    /* a row of narrow tables is open */
} Html;

static gpointer
state_new (DsWriter *writer G_GNUC_UNUSED)
{
  Html *html = g_new0 (Html, 1);
  html->line = g_string_new (NULL);
  html->visible = g_string_new (NULL);
  html->contents = g_string_new (NULL);
  return html;
}

static void
state_free (gpointer state)
{
  Html *html = state;
  if (html->body != NULL)
    fclose (html->body);
  g_string_free (html->line, TRUE);
  g_string_free (html->visible, TRUE);
  g_string_free (html->contents, TRUE);
  g_free (html);
}

static void
append_text (Html *html, GString *out, const char *text)
{
  g_string_truncate (html->visible, 0);
  ds_writer_append_visible (html->visible, text, "\n\t");
  g_autofree char *escaped = g_markup_escape_text (html->visible->str, (gssize) html->visible->len);
  g_string_append (out, escaped);
}

static void
append_label (Html *html, GString *out, const char *key)
{
  g_autoptr (GString) label = g_string_new (NULL);
  ds_writer_append_label (label, key);
  append_text (html, out, label->str);
}

/* A value of a fact or figure; digests and the like in monospace. */
static void
append_value (Html *html, const char *value)
{
  gboolean code = strlen (value) >= LONG_CODE && strpbrk (value, " \t\n") == NULL;
  g_string_append (html->line, code ? "<code>" : "");
  append_text (html, html->line, value);
  g_string_append (html->line, code ? "</code>" : "");
}

static FILE *
stream (DsWriter *writer)
{
  Html *html = writer->state;
  return html->body != NULL ? html->body : writer->out;
}

static void
put_line (DsWriter *writer)
{
  Html *html = writer->state;
  fwrite (html->line->str, 1, html->line->len, stream (writer));
  ds_writer_check (writer, stream (writer));
  g_string_truncate (html->line, 0);
}

static void
close_figures (DsWriter *writer)
{
  Html *html = writer->state;
  if (html->figures)
    fputs ("</dl>\n", stream (writer));
  html->figures = FALSE;
}

static void
close_group (DsWriter *writer)
{
  Html *html = writer->state;
  if (html->group)
    fputs ("</div>\n", stream (writer));
  html->group = FALSE;
}

static void
append_facts (Html *html, const char *const *facts)
{
  if (facts[0] == NULL)
    return;
  g_string_append (html->line, "<dl class=\"facts\">\n");
  for (; facts[0] != NULL; facts += 2)
    {
      g_string_append (html->line, "<dt>");
      append_label (html, html->line, facts[0]);
      g_string_append (html->line, "</dt><dd>");
      append_value (html, facts[1]);
      g_string_append (html->line, "</dd>\n");
    }
  g_string_append (html->line, "</dl>\n");
}

static void
begin (DsWriter *writer, const char *title, const char *const *facts)
{
  Html *html = writer->state;
  g_string_append (html->line, head);
  g_string_append (html->line, "<title>");
  append_text (html, html->line, title != NULL ? title : "deskshred");
  g_string_append (html->line, "</title>\n<style>\n");
  g_string_append (html->line, screen_style);
  g_string_append (html->line, print_style);
  g_string_append (html->line, "</style>\n</head>\n<body>\n<header>\n");
  if (title != NULL)
    {
      g_string_append (html->line, "<h1>");
      append_text (html, html->line, title);
      g_string_append (html->line, "</h1>\n");
    }
  append_facts (html, facts);
  g_string_append (html->line, "</header>\n");
  put_line (writer);
}

static gboolean
is_narrow (const DsWriter *writer)
{
  for (guint i = 0; i < writer->shown->len; i++)
    if ((ds_writer_column (writer, i)->flags & DS_COLUMN_WIDE) != 0)
      return FALSE;
  return writer->shown->len <= MOST_NARROW;
}

static void
append_class (GString *out, DsColumnFlags flags, gboolean unbroken)
{
  gsize before = out->len;
  g_string_append (out, " class=\"");
  gsize first = out->len;
  g_string_append (out, (flags & DS_COLUMN_NUMBER) != 0 ? "n " : "");
  g_string_append (out, (flags & DS_COLUMN_CODE) != 0 ? "c " : "");
  g_string_append (out, (flags & DS_COLUMN_WIDE) != 0 ? "w " : "");
  g_string_append (out, unbroken ? "s " : "");
  if (out->len == first)
    g_string_truncate (out, before);
  else
    out->str[out->len - 1] = '"';
}

static void
section (DsWriter *writer)
{
  Html *html = writer->state;
  gboolean narrow = is_narrow (writer);
  close_figures (writer);
  if (!narrow)
    close_group (writer);
  if (html->tables == 0)
    html->body = tmpfile ();
  if (narrow && !html->group)
    g_string_append (html->line, "<div class=\"group\">\n");
  html->group = narrow;
  html->tables++;
  g_string_append_printf (html->line, "<section id=\"s%u\"%s", html->tables,
                          writer->shown->len > MOST_UPRIGHT ? " class=\"dense\"" : "");
  if (writer->title != NULL)
    {
      g_string_append_printf (html->line, " aria-labelledby=\"h%u\">\n<h2 id=\"h%u\">", html->tables, html->tables);
      append_text (html, html->line, writer->title);
      g_string_append (html->line, "</h2");
    }
  g_string_append (html->line, ">\n");
  put_line (writer);
}

/* With the first row only: an empty section has no table. */
static void
append_table_head (DsWriter *writer)
{
  Html *html = writer->state;
  g_string_append (html->line, "<div class=\"scroll\" role=\"group\" tabindex=\"0\"");
  if (writer->title != NULL)
    g_string_append_printf (html->line, " aria-labelledby=\"h%u\"><table aria-labelledby=\"h%u\">", html->tables,
                            html->tables);
  else
    g_string_append (html->line, " aria-label=\"Table\"><table>");
  g_string_append (html->line, "\n<thead><tr>");
  for (guint i = 0; i < writer->shown->len; i++)
    {
      const DsColumn *column = ds_writer_column (writer, i);
      g_string_append (html->line, "<th scope=\"col\"");
      append_class (html->line, column->flags & DS_COLUMN_NUMBER, FALSE);
      g_string_append (html->line, ">");
      append_text (html, html->line, column->title);
      g_string_append (html->line, "</th>");
    }
  g_string_append (html->line, "</tr></thead>\n<tbody>\n");
}

static void
append_cell (Html *html, DsColumnFlags flags, const char *cell)
{
  gboolean prose = (flags & DS_COLUMN_WIDE) != 0 && (flags & DS_COLUMN_CODE) == 0;
  g_string_append (html->line, "<td");
  append_class (html->line, flags, !prose && strlen (cell) <= MOST_UNBROKEN);
  g_string_append_c (html->line, '>');
  append_text (html, html->line, cell);
  g_string_append (html->line, "</td>");
}

static void
row (DsWriter *writer, const char *const *cells)
{
  Html *html = writer->state;
  if (writer->rows == 0)
    append_table_head (writer);
  g_string_append (html->line, "<tr>");
  for (guint i = 0; i < writer->shown->len; i++)
    append_cell (html, ds_writer_column (writer, i)->flags, cells[i] != NULL ? cells[i] : "");
  g_string_append (html->line, "</tr>\n");
  put_line (writer);
}

static void
section_end (DsWriter *writer)
{
  Html *html = writer->state;
  fputs (writer->rows > 0 ? "</tbody>\n</table></div>\n</section>\n" : "<p class=\"none soft\">None.</p>\n</section>\n",
         stream (writer));
  if (writer->title == NULL)
    return;
  html->sections++;
  g_string_append_printf (html->contents, "<li><a href=\"#s%u\">", html->tables);
  append_text (html, html->contents, writer->title);
  g_string_append (html->contents, writer->rows == 0 ? "</a> <span class=\"soft\">(none)</span></li>\n" : "</a></li>\n");
}

static void
note (DsWriter *writer, const char *text)
{
  Html *html = writer->state;
  close_figures (writer);
  close_group (writer);
  g_string_append (html->line, "<p class=\"note\">");
  append_text (html, html->line, text);
  g_string_append (html->line, "</p>\n");
  put_line (writer);
}

static void
figure (DsWriter *writer, const char *key G_GNUC_UNUSED, const char *label, const char *value)
{
  Html *html = writer->state;
  close_group (writer);
  g_string_append (html->line, html->figures ? "" : "<dl class=\"figures\">\n");
  html->figures = TRUE;
  g_string_append (html->line, "<div><dt>");
  append_text (html, html->line, label);
  g_string_append (html->line, "</dt><dd>");
  append_value (html, value);
  g_string_append (html->line, "</dd></div>\n");
  put_line (writer);
}

static void
put_contents (DsWriter *writer)
{
  Html *html = writer->state;
  if (html->sections < LEAST_CONTENTS)
    return;
  fputs ("<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">Contents</h2>\n<ol>\n", writer->out);
  ds_writer_put (writer, html->contents);
  fputs ("</ol>\n</nav>\n", writer->out);
}

static void
copy_body (DsWriter *writer, FILE *body)
{
  char block[65536];
  gsize n;
  rewind (body);
  while ((n = fread (block, 1, sizeof block, body)) > 0)
    fwrite (block, 1, n, writer->out);
}

static void
end (DsWriter *writer)
{
  Html *html = writer->state;
  close_figures (writer);
  close_group (writer);
  FILE *body = g_steal_pointer (&html->body);
  if (body != NULL)
    {
      put_contents (writer);
      fflush (body);
      ds_writer_check (writer, body);
      copy_body (writer, body);
      ds_writer_check (writer, body);
      fclose (body);
    }
  fputs ("</body>\n</html>\n", writer->out);
}

const DsWriterFormat ds_writer_html = {
  .name = "html",
  .hidden = DS_COLUMN_MACHINE,
  .state_new = state_new,
  .state_free = state_free,
  .begin = begin,
  .section = section,
  .row = row,
  .section_end = section_end,
  .note = note,
  .figure = figure,
  .end = end,
};
