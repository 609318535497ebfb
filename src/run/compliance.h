/* run/compliance: the figures of the compliance report, from ledger and state; cmd/report writes them.
 *
 * Every figure counts entries of the ledger, and can be counted again by `ledger show`.  What grows with the ledger is not
 * kept but told entry by entry, up to the head that the figures were taken at, so that an entry appended meanwhile is in
 * none of them.  Memory grows with the number of months, actors, kinds, queues, policies and reasons only. */
#pragma once
#include "ledger/ledger.h"
#include "state/state.h"

G_BEGIN_DECLS

#define DS_COMPLIANCE_SAMPLES 50     /* open findings, and places not looked at, that are shown */
#define DS_COMPLIANCE_SAMPLES_EACH 10 /* of one kind and rule, or reason, so that a frequent one leaves room for others */

/* What is reported on; NULL means no restriction. */
typedef struct
{
  const char *store;
  const char *since, *until; /* [since, until), as the ledger writes times */
  const char *head;          /* a ledger head that was kept elsewhere */
} DsComplianceScope;

typedef struct
{
  guint64 entries;     /* of the ledger */
  guint64 messages;    /* changed; one that was changed twice counts twice */
  guint64 places;      /* from which a value was removed: a value that stood in three places counts three times */
  guint64 attachments; /* removed */
} DsTally;

/* By what removals are broken down. */
typedef enum
{
  DS_BY_MONTH,
  DS_BY_ACTOR,  /* first: the claimed actor, second: the system user */
  DS_BY_KIND,
  DS_BY_QUEUE,  /* store, queue */
  DS_BY_POLICY, /* policy, command */
  DS_BY_REASON, /* reason, ground with legal basis */
  DS_N_BY
} DsBy;

typedef struct
{
  char *first, *second; /* "": the entries have none */
  DsTally tally;
  char *sequences; /* of its entries: "3-9 12 15"; cut, and ended by "...", when long */
} DsComplianceRow;

/* What is counted in the state. */
typedef struct
{
  char *first, *second; /* kind and rule; or reason and "" */
  guint64 count;
} DsStateRow;

/* One open finding, or one place that was not looked at. */
typedef struct
{
  char *ref;
  char *what;   /* kind, or reason */
  char *rule;   /* or NULL */
  char *masked; /* or NULL */
} DsStateSample;

typedef struct
{
  DsTally total;
  GPtrArray *rows[DS_N_BY]; /* of DsComplianceRow; months in order, the others by the number of entries */
  guint64 failed, abandoned, scans;
  guint64 unfinished;       /* intents without an outcome, whatever the period */
  GPtrArray *stores, *keys; /* of char *: that the period's entries name, sorted */
  char *head;               /* of the ledger, when the figures were taken */
  gint64 verified;          /* entries found good */
  GError *fault;            /* the record does not hold: why; or NULL */
  GError *unreadable;       /* and so bad that the figures are not complete; or NULL */

  /* as it is now, whatever the period */
  guint64 open, not_looked_at, dismissed; /* dismissed: values, not places */
  GPtrArray *open_rows, *not_looked_at_rows;       /* of DsStateRow */
  GPtrArray *open_samples, *not_looked_at_samples; /* of DsStateSample */
  GPtrArray *scanned; /* of char *: stores that were scanned whole; of others it is not known what is open */
} DsCompliance;

/* ledger and state may be NULL: there is none yet.  A ledger that does not hold is told by fault, not by an error.
 * DS_ERROR_USAGE for a malformed head, DS_ERROR_LEDGER. */
DsCompliance *ds_compliance_collect (DsLedger *ledger, DsState *state, const DsComplianceScope *scope, GError **error);
void ds_compliance_free (DsCompliance *compliance);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsCompliance, ds_compliance_free)

typedef enum
{
  DS_COMPLIANCE_REMOVALS, /* the entries that the figures count */
  DS_COMPLIANCE_FAILURES, /* failed and abandoned */
  DS_COMPLIANCE_SCANS,
} DsCompliancePart;

/* Shows those entries of the ledger, in order; visit as for ds_ledger_each. */
gboolean ds_compliance_each (const DsCompliance *compliance, DsLedger *ledger, const DsComplianceScope *scope,
                             DsCompliancePart part, DsEntryVisit visit, gpointer data, GError **error);

/* The number behind NAME= in a text of counts, such as an entry's kinds or detail: "messages=39 parts=62"; 0 if none. */
guint64 ds_compliance_count (const char *counts, const char *name);
/* The sum of the numbers behind all names that begin so. */
guint64 ds_compliance_sum (const char *counts, const char *prefix);

G_END_DECLS
