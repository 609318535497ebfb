/* content/agreement: a second opinion on a mail's structure, GMime's.
 *
 * Mail that two parsers read differently is where things are overlooked.  Nothing is moved: where GMime sees another leaf
 * than the tree does, that part is reported (DS_REASON_DISAGREE), and its bytes are read both ways. */
#pragma once
#include "content/tree.h"

G_BEGIN_DECLS

/* To be called once, after ds_tree_open_mail and before anything is read.  Does nothing for mail that would cost GMime
 * much memory or stack, which is measured by our own scan, nor for a file.  Costs about what GMime's parsing costs, which
 * is less than decoding. */
void ds_tree_check_agreement (DsTree *tree);

G_END_DECLS
