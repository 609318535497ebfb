/* report/writer-private: what the four formats implement, and what they share.  Included by src/report/ only. */
#pragma once
#include "report/writer.h"

G_BEGIN_DECLS

/* One format.  writer.c keeps the order of calls: begin; then sections, notes and figures, where section_end follows the
 * rows of each section; end.  Columns and cells that the format hides never reach it. */
typedef struct
{
  const char *name;
  DsColumnFlags hidden; /* columns with one of these flags are left out */
  gpointer (*state_new) (DsWriter *writer);
  void (*state_free) (gpointer state);
  void (*begin) (DsWriter *writer, const char *title, const char *const *facts);
  void (*section) (DsWriter *writer); /* reads writer's type, title and shown */
  void (*row) (DsWriter *writer, const char *const *cells);
  void (*section_end) (DsWriter *writer);
  void (*note) (DsWriter *writer, const char *text);
  void (*figure) (DsWriter *writer, const char *key, const char *label, const char *value);
  void (*end) (DsWriter *writer);
} DsWriterFormat;

extern const DsWriterFormat ds_writer_text, ds_writer_csv, ds_writer_jsonl, ds_writer_html;

struct _DsWriter
{
  const DsWriterFormat *format;
  FILE *out; /* borrowed */
  guint columns;
  gboolean colour;
  gpointer state; /* the format's own */

  /* the open section */
  gboolean open;
  char *type;
  char *title;
  GArray *shown;    /* DsColumn: those the format shows */
  GArray *indices;  /* guint: where each shown column's cell stands in a row */
  GPtrArray *cells; /* const char *: the shown cells of the present row */
  guint64 rows;

  int code; /* errno of the first failed write, or 0 */
};

const DsColumn *ds_writer_column (const DsWriter *writer, guint i);

/* Writes to writer->out. */
void ds_writer_put (DsWriter *writer, const GString *text);
/* Notes the first failed write on a stream, while errno still says why. */
void ds_writer_check (DsWriter *writer, FILE *stream);

/* TRUE if c could drive a terminal, or make text read otherwise than it is stored: C0 and C1 controls, DEL, the line and
 * paragraph separators, bidirectional embeddings, overrides and isolates (UAX #9). */
gboolean ds_writer_is_unsafe (gunichar c);
/* Reads the character at *at (not the final NUL) and moves on; FALSE for an invalid byte, which is then *c_r. */
gboolean ds_writer_next_character (const char **at, gunichar *c_r);
/* Appends text with unsafe characters as \xNN or \u{NNNN} and invalid bytes as \xNN.  keep: ASCII characters to append as
 * they are all the same. */
void ds_writer_append_visible (GString *out, const char *text, const char *keep);
/* Appends a fact's key as people read it: "ledger_head" as "Ledger head". */
void ds_writer_append_label (GString *out, const char *key);
/* TRUE if text is a number as RFC 8259, section 6, writes it. */
gboolean ds_writer_is_number (const char *text);

G_END_DECLS
