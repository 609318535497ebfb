/* worker/task: what the parent asks of a worker and what comes back, as GVariant over a socket.
 *
 * A worker parses hostile mail, so what it says is not believed blindly: a reply that is not in normal form, or has a
 * string that no honest worker sends there, counts as a crash of that worker.  So nothing but these small alphabets gets
 * from it into ledger and output. */
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

typedef struct
{
  GBytes *bytes;  /* the new content, or NULL with error */
  char *error;    /* why not; free of content */
  char *part;     /* the part at fault, or NULL */
  guint left;     /* how many copies of the set values are still in it, outside the places asked for */
} DsRewriteReply;

void ds_rewrite_reply_free (DsRewriteReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsRewriteReply, ds_rewrite_reply_free)

/* Requests as variants (floating). */
GVariant *ds_task_scan_request (const DsBlobForm *form, DsScanFlags flags, guint min_score);
/* edits: GArray of DsTextEdit; replacements: GPtrArray of DsReplacement; where: the places in which nothing of the set
 * values may be left (NULL-terminated), but for spared copies that were left on purpose. */
GVariant *ds_task_rewrite_request (const DsBlobForm *form, GArray *edits, GPtrArray *replacements, const char *const *where,
                                   guint spared);

/* Replies to and from variants; from: NULL if it is malformed. */
GVariant *ds_scan_reply_write (const DsScanReply *reply);
DsScanReply *ds_scan_reply_read (GVariant *variant);

/* What a reply may say as a media type, and as a masked value.  A worker asks, too, before it sends one. */
gboolean ds_task_is_media_type (const char *type);
gboolean ds_task_is_masked (const char *masked);

void ds_part_info_free (DsPartInfo *info);
void ds_not_looked_at_free (DsNotLookedAt *entry);

#define DS_SCAN_REQUEST_TYPE "(bmsmsuu)"
#define DS_REWRITE_REQUEST_TYPE "(bmsmsa(uutts)a(sss)asu)"
#define DS_REWRITE_REPLY_TYPE "(msmsu)"

G_END_DECLS
