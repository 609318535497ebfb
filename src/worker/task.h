/* worker/task: what the parent asks of a worker and what comes back, as bodies of frames on a socket.
 *
 * A worker parses hostile mail, so what it says is not believed blindly: a reply that is malformed, or has a string that no
 * honest worker sends there, counts as a crash of that worker.  So nothing but these small alphabets gets from it into
 * ledger and output.  What the parent says is believed. */
#pragma once
#include "content/rewrite.h"
#include "detect/finding.h"
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  DS_TASK_SCAN,    /* find */
  DS_TASK_REWRITE, /* make new bytes */
} DsTaskKind;

/* What to look for in a scan. */
typedef enum
{
  DS_SCAN_RULES = 1 << 0,
  DS_SCAN_VALUES = 1 << 1,      /* the values set by ds_pool_set_values */
  DS_SCAN_KEEP_VALUES = 1 << 2, /* put the values into the findings (secret) */
  DS_SCAN_THREAD_ONLY = 1 << 3, /* read the header for the ticket index, and nothing else */
} DsScanFlags;

/* The blob of a task. */
typedef struct
{
  gboolean is_file;       /* else a mail */
  const char *filename;   /* or NULL */
  const char *media_type; /* or NULL */
} DsBlobForm;

/* A part that could be shredded. */
typedef struct
{
  char *number;
  char *media_type;
  char *extension; /* or NULL */
  guint64 size;    /* decoded bytes */
  gboolean attachment;
  gboolean tombstone;
} DsPartInfo;

typedef struct
{
  char *part;
  const char *reason; /* one of DS_REASON_...: static */
} DsNotLookedAt;

typedef struct
{
  char *own;         /* keyed digest of the Message-ID, or NULL */
  char **references; /* keyed digests */
  char *ticket;      /* by ticket_pattern, or NULL */
  GPtrArray *findings;      /* of DsFinding */
  GPtrArray *not_looked_at; /* of DsNotLookedAt */
  GPtrArray *parts;         /* of DsPartInfo */
  guint64 text_bytes;
  guint n_texts;
  gboolean is_signed; /* a change breaks a signature */
} DsScanReply;

void ds_scan_reply_free (DsScanReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsScanReply, ds_scan_reply_free)

/* Why a worker made no new bytes. */
#define DS_REFUSAL_PART "a part cannot be rewritten"
#define DS_REFUSAL_STRUCTURE "the new message would have another structure"
#define DS_REFUSAL_UNASKED "a part that nobody asked to change would change"
#define DS_REFUSAL_UNMEANT "an edited part would not be read as it was meant"
#define DS_REFUSAL_LEFT "a targeted value would be left"

typedef struct
{
  GBytes *bytes;     /* the new content, or NULL with error */
  const char *error; /* why not: one of DS_REFUSAL_...: static */
  char *part;        /* the part at fault, or NULL */
  guint left;     /* how many copies of the set values are still in it, outside the places asked for */
} DsRewriteReply;

void ds_rewrite_reply_free (DsRewriteReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsRewriteReply, ds_rewrite_reply_free)

/* A value that was set: what to look for, and what a finding of it says. */
typedef struct
{
  DsKind kind;
  gboolean given;   /* no rule knows it */
  gboolean literal; /* punctuation counts */
  char *value;
} DsWantedValue;

void ds_wanted_value_free (DsWantedValue *value);

typedef struct
{
  DsBlobForm form; /* its texts are borrowed */
  DsScanFlags flags;
  guint min_score;
} DsScanRequest;

typedef struct
{
  DsBlobForm form;         /* its texts are borrowed */
  GArray *edits;           /* of DsTextEdit */
  GPtrArray *replacements; /* of DsReplacement */
  const char **where;      /* the places in which nothing of the set values may be left (NULL-terminated), */
  guint spared;            /* but for so many copies that were left on purpose */
} DsRewriteRequest;

/* Bodies of requests.  What is read borrows its texts from the body; only the containers are new. */
GBytes *ds_values_request_write (GPtrArray *values); /* of DsWantedValue */
GPtrArray *ds_values_request_read (GBytes *body);    /* copies; NULL if there are none */
GBytes *ds_scan_request_write (const DsScanRequest *request);
DsScanRequest ds_scan_request_read (GBytes *body);
GBytes *ds_rewrite_request_write (const DsRewriteRequest *request);
void ds_rewrite_request_read (GBytes *body, DsRewriteRequest *request);
/* What reading made. */
void ds_rewrite_request_clear (DsRewriteRequest *request);

/* Bodies of replies; NULL where one is not to be believed. */
GBytes *ds_scan_reply_write (const DsScanReply *reply);
DsScanReply *ds_scan_reply_read (GBytes *body);
GBytes *ds_rewrite_reply_write (const DsRewriteReply *reply); /* without its bytes */
/* bytes: those that came with it, or NULL. */
DsRewriteReply *ds_rewrite_reply_read (GBytes *body, GBytes *bytes);

/* What a reply may say as a media type, and as a masked value.  A worker asks, too, before it sends one. */
gboolean ds_task_is_media_type (const char *type);
gboolean ds_task_is_masked (const char *masked);

void ds_part_info_free (DsPartInfo *info);
void ds_not_looked_at_free (DsNotLookedAt *entry);

G_END_DECLS
