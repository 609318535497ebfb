/* content/thread: what a message says of its thread (RFC 5322, 3.6.4) and of its subject. */
#pragma once
#include "content/tree.h"

G_BEGIN_DECLS

typedef struct
{
  char *own;             /* its Message-ID without angle brackets, or NULL */
  GPtrArray *references; /* of char *: References, then In-Reply-To */
  char *subject;         /* decoded, or NULL */
} DsThreadFields;

DsThreadFields *ds_thread_fields (DsTree *tree);
void ds_thread_fields_free (DsThreadFields *fields);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DsThreadFields, ds_thread_fields_free)

G_END_DECLS
