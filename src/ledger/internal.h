/* ledger/internal: what the files of this folder share.  Nobody else includes it (a test of the encoding does).
 *
 * schema.c knows the tables, entry.c one entry and its row, encoding.c its hash, ledger.c opens and appends, reader.c
 * reads, verify.c checks. */
#pragma once
#include "base/database.h"
#include "ledger/ledger.h"

G_BEGIN_DECLS

/* The previous hash of entry 1. */
#define DS_LEDGER_FIRST_HASH "0000000000000000000000000000000000000000000000000000000000000000"

struct _DsLedger
{
  sqlite3 *database;
};

/* Sets "PATH: entry SEQUENCE: ..."; always FALSE. */
gboolean ds_ledger_set_fault (GError **error, sqlite3 *database, gint64 sequence, const char *format, ...)
  G_GNUC_PRINTF (4, 5);

/* -- schema.c -- */

typedef enum
{
  DS_SCHEMA_UNKNOWN, /* with an error: another's file, or a ledger of another version */
  DS_SCHEMA_BLANK,   /* an empty database, such as a crash leaves between making the file and filling it */
  DS_SCHEMA_OURS,
} DsSchema;

DsSchema ds_schema_identify (sqlite3 *database, GError **error);
/* Makes the tables in a blank database; in a ledger does nothing (another process was first). */
gboolean ds_schema_create (sqlite3 *database, GError **error);
/* Every table, index, trigger and view is exactly ours, and none is missing or added. */
gboolean ds_schema_check (sqlite3 *database, GError **error);

/* -- entry.c -- */

/* The columns as ds_entry_from_row and ds_entry_bind have them: "sequence, version, state, size, time, ..." (new string). */
char *ds_entry_columns (void);
/* Refuses what could not be kept or read back as it is. */
gboolean ds_entry_check (const DsEntry *entry, GError **error);
/* Parameters 1, 2, ... in the order of ds_entry_columns, borrowed: the entry must outlive the step. */
gboolean ds_entry_bind (const DsEntry *entry, sqlite3_stmt *statement, GError **error);
/* Reads strictly: a column of another type than append gives it is an error that names the entry. */
DsEntry *ds_entry_from_row (sqlite3_stmt *statement, GError **error);

/* -- encoding.c -- */

/* The hash that follows from the entry's fields (all but hash) and the hash of the entry before (new string). */
char *ds_entry_hash (const DsEntry *entry, const char *previous);

G_END_DECLS
