/* report/writer: one interface to write results, whatever the format: text, CSV, JSON Lines, HTML.
 *
 * A document is a title with facts, then sections in order; a section is a table (columns, rows); figures and notes may
 * stand before and between.  Commands describe what they have and never know the format.  Rows are written as they come:
 * memory does not grow with their number in any format (HTML keeps its body in an unlinked temporary file).  What goes in
 * is already masked; a writer judges nothing, but no text of a hostile mail reaches a terminal, a spreadsheet or a
 * browser as anything but text: control and bidirectional formatting characters and invalid UTF-8 are shown as \x1B,
 * \u{202E} (JSON: escaped, invalid bytes replaced), formulas in CSV are disarmed, markup in HTML is escaped. */
#pragma once
#include <glib.h>
#include <stdio.h>

G_BEGIN_DECLS

typedef enum
{
  DS_FORMAT_TEXT,
  DS_FORMAT_CSV,
  DS_FORMAT_JSONL,
  DS_FORMAT_HTML,
} DsFormat;

/* FALSE if there is no such format. */
gboolean ds_format_from_name (const char *name, DsFormat *format_r);

typedef enum
{
  DS_COLUMN_NUMBER = 1 << 0,  /* right-aligned; a JSON number if the cell is one */
  DS_COLUMN_MACHINE = 1 << 1, /* left out of text and HTML */
  DS_COLUMN_HUMAN = 1 << 2,   /* left out of CSV and JSON Lines */
  DS_COLUMN_WIDE = 1 << 3,    /* gets the room that is left over in text, and is cut there; wraps in HTML */
  DS_COLUMN_CODE = 1 << 4,    /* an identifier or digest: monospace in HTML, and may break anywhere */
  DS_COLUMN_COUNTS = 1 << 5,  /* "email 3, phone 1": an object in JSON Lines, {"email":3,"phone":1} */
} DsColumnFlags;

typedef struct
{
  const char *key;   /* JSON key, CSV heading: "media_type" */
  const char *title; /* text and HTML heading: "Type" */
  guint width;       /* text: the usual width in characters, for tables that stream; 0: as wide as the title */
  DsColumnFlags flags;
} DsColumn;

typedef struct _DsWriter DsWriter;

/* out is borrowed.  columns: terminal width for text (0: not a terminal, nothing is cut or wrapped, the layout is the
 * same); colour: bold headings in text.  Needs setlocale first, to know whether an ellipsis can be shown. */
DsWriter *ds_writer_new (DsFormat format, FILE *out, guint columns, gboolean colour);
void ds_writer_free (DsWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsWriter, ds_writer_free)

/* The document's head; call it first and once.  title: a headline, or NULL for plain command output without one.
 * facts: NULL, or NULL-terminated pairs of key and value (const char *).  JSON Lines puts them as strings in the header
 * line {"type":"header","version":1,"title":...}; HTML and text list them under the title, where the key "ledger_head"
 * reads "Ledger head"; CSV leaves title and facts out. */
void ds_writer_begin (DsWriter *writer, const char *title, const char *const *facts);

/* Begins a table; the next section, note, figure or the end closes it.  type: the JSON "type" of its rows; title: heading
 * or NULL.  The columns are copied, their strings borrowed until the document's end.  CSV writes a heading line of keys,
 * and an empty line before every section but the first.  Where a person reads and no row came, it says "None." (text:
 * only under a title). */
void ds_writer_section (DsWriter *writer, const char *type, const char *title, const DsColumn *columns, guint n);
/* One row of the open section: n cells, as UTF-8 strings; NULL: empty (JSON: the key is left out). */
void ds_writer_row (DsWriter *writer, const char *const *cells);
/* A paragraph for people (text, HTML; in JSON Lines {"type":"note","text":...}; not in CSV).  A newline stays one. */
void ds_writer_note (DsWriter *writer, const char *text);
/* A big number with its label, for the head of a report (HTML: a tile; text: "label: number"; JSON Lines
 * {"type":"figure","key":...,"label":...,"value":...}; not in CSV). */
void ds_writer_figure (DsWriter *writer, const char *key, const char *label, const char *value);
/* FALSE if something could not be written so far: DS_ERROR_READER if the reader closed the pipe, else DS_ERROR_LEDGER.  For
 * those who would work on for long. */
gboolean ds_writer_check_output (const DsWriter *writer, GError **error);
/* Ends the document and flushes; errors as ds_writer_check_output. */
gboolean ds_writer_end (DsWriter *writer, GError **error);

G_END_DECLS
