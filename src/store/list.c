/* The stores compiled in.  A new store: a folder in plugins/ and a line here. */
#include "config.h"
#include "store/store.h"

extern const DsStoreOps ds_mail_store_ops;
extern const DsStoreOps ds_folder_store_ops;

const DsStoreOps *const ds_store_list[] = {
  &ds_mail_store_ops,
  &ds_folder_store_ops, /* takes any path: last */
  NULL,
};
