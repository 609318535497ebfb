/* cmd/entry-table: ledger entries as a table: for people what happened to which place, by whom and why; for machines every
 * field, in the order of the ledger's encoding, a field that is absent being left out. */
#pragma once
#include "ledger/ledger.h"
#include "report/writer.h"

G_BEGIN_DECLS

/* type and title as for ds_writer_section. */
void ds_entry_table_begin (DsWriter *writer, const char *type, const char *title);
/* After begin, for each entry. */
void ds_entry_table_row (DsWriter *writer, const DsEntry *entry);

/* "2026-11-22T10:00:00.123Z" without the fraction of a second (new string); NULL stays NULL. */
char *ds_entry_table_time (const char *time);

G_END_DECLS
