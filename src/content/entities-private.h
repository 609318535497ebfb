/* content/entities, inside: the table of names. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char name[32]; /* without '&' and ';'; arrays, so that the table needs no relocations */
  char utf8[7];
  char legacy; /* counts without its semicolon too */
} DsEntity;

extern const DsEntity ds_entities[]; /* entities-table.c */
extern const guint ds_n_entities;

G_END_DECLS
