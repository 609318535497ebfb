/* cmd/report-page: the page of `deskshred report`, in its parts: report.c has its head, report-record.c what the ledger tells,
 * report-left.c what is left and was not searched for. */
#pragma once
#include "report/writer.h"
#include "run/compliance.h"
#include "run/session.h"

G_BEGIN_DECLS

#define NUMBER_TEXT(n) g_strdup_printf ("%" G_GUINT64_FORMAT, (guint64) (n))

typedef struct
{
  const DsSession *session;
  const DsComplianceScope *scope;
  DsLedger *ledger; /* NULL: there is none yet */
  DsState *state;   /* NULL: there is none yet */
  DsCompliance *figures;
  DsWriter *writer;
  gboolean for_people; /* text, HTML: an absent name is worded */
} DsReport;

gboolean ds_report_write_removals (DsReport *report, GError **error);
gboolean ds_report_write_scans (DsReport *report, GError **error);

/* The stores, of those the report is about, that were never scanned whole: of what is open there and was not looked at
 * nothing, or not all, is known.  NULL: none; else words for a note (new string). */
char *ds_report_unscanned (const DsReport *report);
void ds_report_write_open (const DsReport *report);
void ds_report_write_blind (const DsReport *report);
gboolean ds_report_write_dismissed (const DsReport *report, GError **error);
void ds_report_write_limits (const DsReport *report);

G_END_DECLS
