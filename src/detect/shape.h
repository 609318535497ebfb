/* detect/shape: what is true of every match of a pattern: how wide it is, and which bytes it cannot do without.
 *
 * Only what a pack's pattern may contain is understood (detect/pattern.h).  What is not understood makes the answer weaker,
 * never false. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* A byte, or class of bytes, that is cheap to look for and rare in ordinary text. */
typedef enum
{
  DS_FEATURE_DIGIT, /* 0-9 */
  DS_FEATURE_AT,    /* @ */
  DS_FEATURE_COLON, /* : */
} DsFeature;
#define DS_N_FEATURES 3

#define DS_SHAPE_UNBOUNDED G_MAXUINT

typedef struct
{
  guint min, max;             /* bytes; max may be DS_SHAPE_UNBOUNDED */
  guint least[DS_N_FEATURES]; /* how many of each feature stand at least within reach of a match's start */
  guint reach;                /* bytes: max, or more if the pattern looks ahead; may be DS_SHAPE_UNBOUNDED */
} DsShape;

/* pattern: one that ds_pattern_check takes. */
DsShape ds_shape_of (const char *pattern);

/* Where the class that begins at '[' ends: the offset behind its ']'. */
gsize ds_shape_class_end (const char *pattern, gsize at);

G_END_DECLS
