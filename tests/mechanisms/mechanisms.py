"""What each promise rests on, how it is taken out of the program, and the tests of which one must fail then.

An entry: a name; the promise; what is taken out, in words; the edits, each (file, text, what it becomes), the text standing in the
file exactly once; and the tests: variables, a file below tests/, arguments.  Where two guards watch over the same, either would
hide that the other is gone: then both are taken out, and the words say so.

The promises, in short (README.md, "Why dare to use it"):
"""
import collections

PROMISES = {
    "record first": "an intent is on the disk before anything is changed; done is what is so in the store; a run may be killed at any instant",
    "only that": "what is not removed keeps its bytes, modes and times; what others write meanwhile is theirs",
    "history intact": "no message vanishes, moves, or changes its thread",
    "no second leak": "no value in ledger, state, plans, reports, errors, core files; masked samples, keyed fingerprints, extensions",
    "never clean by blindness": "what could not be read is listed as not looked at, with the reason",
    "off until enabled": "a change needs an explicit command with a reason, or a policy that was enabled and confirmed",
    "once, everywhere": "a value that goes, goes from every copy in reach",
    "bounded": "hostile mail is confined, costs a bounded time and memory, and nothing else is lost for it",
}
Mechanism = collections.namedtuple("Mechanism", "name promise what edits tests")
MECHANISMS = []


def guards(promise, name, what, *edits, tests):
    assert promise in PROMISES, promise
    assert name not in [known.name for known in MECHANISMS], name
    MECHANISMS.append(Mechanism(name, promise, what, edits, tests))


POWER = "POWER_CUTS=25 SCENARIOS=%s e2e/power-cut.py"
MBOX_POWER = "POWER_CUTS=12 SCENARIOS=mbox e2e/power-cut.py"

# ---- record first ----

guards("record first", "intent-before-put", "the intents are recorded after the change",
       ("src/run/batch.c", """      || !append_intents (batch, error))
    return FALSE;
  gboolean ok = store->ops->put (store, (DsChange **) changes->pdata, changes->len, &put_error);""",
        """     )
    return FALSE;
  gboolean ok = store->ops->put (store, (DsChange **) changes->pdata, changes->len, &put_error);
  if (!append_intents (batch, error))
    return FALSE;"""),
       tests=[POWER % "folder"])
READS = "FAULTS=1 SCENARIOS=%s e2e/fault.py"
guards("record first", "unread-change-open", "a change that cannot be read back is recorded as failed",
       ("src/run/batch.c", "if (made && pending->change.error != NULL && ds_error_is_unsure (pending->change.error))", "if (FALSE)"),
       tests=[READS % "maildir"])
guards("record first", "unread-is-not-changed", "what a plan names and cannot be read is told as changed since",
       ("src/run/examine.c", "(blob->unsure || (blob->digest", "((blob->digest"),
       tests=[READS % "apply"])
guards("record first", "size-in-name", "a name that cannot follow its size is not told",
       ("plugins/mail/maildir-put.c", "if (!ds_swap_put (swap, change, error) || !follow_size (swap, change->bytes, error) || !ds_swap_finish",
        "if (!ds_swap_put (swap, change, error) || (follow_size (swap, change->bytes, NULL), FALSE) || !ds_swap_finish"),
       tests=[READS % "subfolders"])
guards("record first", "ledger-durable", "the ledger does not wait for the disk (synchronous=NORMAL)",
       ("src/base/database.c", "PRAGMA synchronous=FULL;", "PRAGMA synchronous=NORMAL;"),
       tests=[POWER % "eml"])
guards("record first", "new-file-durable", "the new file of a message is not synced",
       ("plugins/mail/swap.c", "ds_swap_copy_identity (from, fd, status) && fsync (fd) == 0;", "ds_swap_copy_identity (from, fd, status);"),
       tests=[POWER % "eml"])
guards("record first", "message-name-durable", "the folder of a message is not synced before the old bytes go",
       ("plugins/mail/swap.c", "if (fsync (swap->folder) == 0 && (unlinkat", "if ((unlinkat"),
       tests=[POWER % "maildir"])
guards("record first", "new-mbox-durable", "the new mbox is not synced",
       ("plugins/mail/mbox-draft.c", "&draft->status) && fsync (draft->fd) == 0)", "&draft->status))"),
       tests=[MBOX_POWER])
guards("record first", "mbox-rename-durable", "the folder is not synced after the new mbox was renamed over the old one",
       ("plugins/mail/mbox-put.c", "if (good && fsync (mbox->folder) == 0)", "if (good)"),
       tests=[MBOX_POWER])
guards("record first", "plan-durable", "neither the bytes nor the name of a plan or key are synced",
       ("src/base/atomic-file.c", "if (fchmod (file->fd, file->mode) != 0 || fsync (file->fd) != 0)", "if (fchmod (file->fd, file->mode) != 0)"),
       ("src/base/atomic-file.c", "return ds_sync_folder (folder) || set_error (folder, \"synced\", error);", "return TRUE;"),
       tests=[POWER % "apply"])
guards("record first", "read-back", "what the store holds after a change is not compared with what was intended",
       ("src/run/batch.c", "if (g_str_equal (digest, pending->after))", "if (digest != NULL)"),
       tests=["e2e/accidents.py stopped"])
guards("record first", "recovery", "what an interrupted run left is not settled",
       ("src/run/recovery.c", "return lock != NULL && recover (session, recovered, error) && tidy", "return lock != NULL && tidy"),
       tests=["e2e/runs.py recovery", POWER % "folder"])
guards("record first", "run-lock", "recovery takes every other run for dead",
       ("src/run/recovery.c", "return ds_lock_is_free (session->configuration->lock_folder, name);", "return TRUE;"),
       tests=["e2e/runs.py recovery"])
guards("record first", "recovery-lock", "two runs may settle the same change",
       ("src/run/recovery.c", "return lock != NULL && recover", "ds_lock_free (g_steal_pointer (&lock));\n  return recover"),
       tests=["e2e/accidents.py stopped"])
guards("record first", "chain-verified", "verification does not compute an entry's hash",
       ("src/ledger/verify.c", "if (g_strcmp0 (hash, entry->hash) != 0)", "if (hash == NULL)"),
       tests=["e2e/forged-ledger.test"])
guards("record first", "head-verified", "verification passes over a head that was kept elsewhere",
       ("src/ledger/verify.c", "if (wanted == walk->head_sequence && g_strcmp0 (hash, walk->head_hash) != 0)", "if (hash == NULL)"),
       ("src/ledger/verify.c", "if (walk->head_hash == NULL)\n    return TRUE;", "if (walk != NULL)\n    return TRUE;"),
       tests=["e2e/forged-ledger.test"])
guards("record first", "schema-verified", "verification does not look at tables and triggers",
       ("src/ledger/verify.c", " || !ds_schema_check (ledger->database, error)", ""),
       tests=["e2e/forged-ledger.test"])
guards("record first", "no-entry-changed", "no trigger refuses to change an entry",
       ("src/ledger/schema.c", "SELECT RAISE (ABORT, 'the ledger is append-only: no entry is changed');", "SELECT 1;"),
       tests=["unit/test-ledger -p /ledger/triggers"])
guards("record first", "no-entry-deleted", "no trigger refuses to delete an entry",
       ("src/ledger/schema.c", "SELECT RAISE (ABORT, 'the ledger is append-only: no entry is deleted');", "SELECT 1;"),
       tests=["unit/test-ledger -p /ledger/triggers"])
guards("record first", "no-entry-between", "no trigger refuses an entry out of sequence",
       ("src/ledger/schema.c", "SELECT RAISE (ABORT, 'the ledger is append-only: an entry follows the last one');", "SELECT 1;"),
       tests=["unit/test-ledger -p /ledger/triggers"])
guards("record first", "chain-under-lock", "the ledger's head is read before the lock is had, so that two entries may follow one",
       ("src/ledger/ledger.c", 'if (!ds_database_exec (ledger->database, "BEGIN IMMEDIATE", error))',
        'if (!ds_database_exec (ledger->database, "BEGIN", error))'),
       tests=["unit/test-ledger -p /ledger/two-processes"])

# ---- only that ----

guards("only that", "ticket-lock", "two runs may change one ticket at the same time",
       ("src/run/ticket-locks.c", "if (!set_lock (fd, F_WRLCK, place))", "if (fd < 0)"),
       tests=["e2e/runs.py hook"])
guards("only that", "content-expected", "a message is written over, whatever it holds by now (both looks at it, before and after the exchange)",
       ("plugins/mail/swap.c", "(digest_is (swap->key, present, change->before) || set_changed (swap, error))", "present != NULL"),
       ("plugins/mail/swap.c", "if (!written && side_of (swap, swap->temporary_folder, swap->temporary, change, &why) == SIDE_BEFORE)", "if (!written)"),
       tests=["unit/test-maildir -p /mail/maildir/races"])
guards("only that", "swapped-out-checked", "the bytes that were exchanged for the new ones are not looked at",
       ("plugins/mail/swap.c", "if (!written && side_of (swap, swap->temporary_folder, swap->temporary, change, &why) == SIDE_BEFORE)", "if (!written)"),
       tests=["e2e/accidents.py stopped"])
guards("only that", "open-writer", "a message that another program has open for writing is thrown away with what is still to come",
       ("plugins/mail/swap.c", "ds_place_has_writers (fd) == 1", "FALSE"),
       tests=["unit/test-maildir -p /mail/maildir/open-writer"])
guards("only that", "mbox-content-expected", "a message in an mbox is written over, whatever it holds by now",
       ("plugins/mail/mbox-draft.c", "if (!g_str_equal (digest, change->before))", "if (digest == NULL)"),
       tests=["unit/test-mbox -p /mail/mbox", "e2e/accidents.py stopped", "e2e/policies.py changed-after"])
guards("only that", "mbox-draft-current", "an mbox that was made ahead is put in place though the old one has changed since",
       ("plugins/mail/mbox-put.c", " || (mbox->draft != NULL && !ds_mbox_draft_is_current (mbox, mbox->draft))", ""),
       tests=["e2e/accidents.py stopped"])
guards("only that", "mbox-fcntl-lock", "an mbox is changed without its fcntl lock",
       ("plugins/mail/mbox-lock.c", "if (!ds_mbox_lock_descriptor_now (lock->fd))", "if (lock->fd < 0)"),
       tests=["unit/test-mbox -p /mail/mbox/locked"])
guards("only that", "mbox-dot-lock", "an mbox is changed without FILE.lock",
       ("plugins/mail/mbox-lock.c", "int made = make_lock_file (lock->folder, lock_name);", "int made = 1;"),
       tests=["unit/test-mbox -p /mail/mbox/locked"])
guards("history intact", "late-mail", "mail that is delivered to the old mbox after the change is not carried over",
       ("plugins/mail/mbox-put.c", "return ds_mbox_late_carry (mbox, action, draft->old, size, error);", "return TRUE;"),
       tests=["unit/test-mbox -p /mail/mbox/late-delivery"])
guards("history intact", "late-mail-after-kill", "late mail is not carried over when an interrupted change is settled",
       ("plugins/mail/mbox-late.c", "gboolean good = carry (mbox, from, &old, error);", "gboolean good = forget (mbox, &old, error);"),
       tests=["unit/test-mbox -p /mail/mbox/settle-late"])
guards("only that", "proof-same-tree", "new bytes are accepted though they have other parts or fields than the old ones",
       ("src/worker/rewrite-work.c", "if (before->len != after->len)\n    return DS_REFUSAL_STRUCTURE;",
        "if (before->len != after->len)\n    return NULL;"),
       ("src/worker/rewrite-work.c", "(touched_here && !same_fields (one, two)))\n        return DS_REFUSAL_STRUCTURE;",
        "(touched_here && !same_fields (one, two)))\n        return NULL;"),
       tests=["unit/test-reply"])
guards("only that", "proof-rest-untouched", "new bytes are accepted though parts differ in which nothing was to be changed",
       ("src/worker/rewrite-work.c", "if (!touched_here && !same_bytes (one, two))", "if (!touched_here && one == two)"),
       tests=["unit/test-reply"])
guards("only that", "proof-as-meant", "new bytes are accepted though an edited body has not the bytes that were meant for it",
       ("src/worker/rewrite-work.c", "if (!as_meant (r, one, two))", "if (!as_meant (r, one, two) && before->len == 0)"),
       tests=["unit/test-reply -p /reply/unmeant"])
guards("only that", "base64-of-one-piece", "base64 with something else in it is encoded anew as if it were all base64",
       ("src/content/transfer.c", "transfer->encoding == DS_ENCODING_BASE64 && !ds_base64_is_one_run (raw, size)", "FALSE && raw == NULL"),
       tests=["unit/test-rewrite -p /rewrite/pieces-of-base64"])
guards("only that", "padding-before-footer", "an edit takes away the padding at which mail programs stop before a footer",
       ("src/content/transfer.c", "!followed || new_size % 3 != 0", "TRUE || new_size % 3 != 0"),
       tests=["unit/test-rewrite -p /rewrite/footers"])
guards("only that", "longer-address", "a given address is taken out of a longer one that ends with it",
       ("src/detect/value-set.c", "return !is_within_address (stream->folded, hit) && is_one_literal", "return is_one_literal"),
       tests=["e2e/attack.py longer-addresses"])
guards("only that", "own-groups", "a given date takes another day with the same digits",
       ("src/detect/value-set.c", "return parting->groups == GROUPS_ANY ||", "return TRUE ||"),
       tests=["e2e/attack.py digits-of-others"])
guards("only that", "cells-apart", "a given number is put together from two cells of a table",
       ("src/detect/value-set.c", "if (apart && is_tab (folded, i))", "if (FALSE && is_tab (folded, i))"),
       tests=["e2e/attack.py cells"])
guards("no second leak", "value-in-case", "a given value may stand in the case reference, which is recorded for ever",
       ("src/cmd/redact.c", " || !ds_warrant_check_values (session, &warrant, values, error)", ""),
       tests=["e2e/bad-input.py"])
guards("record first", "settled-size-followed", "a message that gets another name while it is settled is taken for one that is gone",
       ("plugins/mail/maildir-put.c", "      if (!look_again (swap, swap->data))\n        return TRUE; /* it was deleted in this instant */", "      return TRUE;"),
       tests=["e2e/accidents.py stopped"])
guards("record first", "results-keep-out", "results may be written over the ledger, the key, a store",
       ("src/cmd/output.c", "(!ds_keep_out (session, options->path, error) || !open_file", "(!open_file"),
       tests=["e2e/output.py places-for-results"])
guards("once, everywhere", "copies-by-rule", "a value that is not sought everywhere stays where a rule found it as well",
       ("src/run/examine.c", "  take_others (e);\n", "  (void) take_others;\n"),
       tests=["e2e/change.py common-values"])
guards("once, everywhere", "proof-nothing-left", "new bytes are accepted though a value that was to go is left in them",
       ("src/worker/rewrite-work.c", "if (inside > r->request->spared)", "if (inside == G_MAXUINT)"),
       tests=["unit/test-reply"])
guards("only that", "mode-kept", "a changed file does not keep its mode",
       ("plugins/mail/swap.c", "return fchmod (to, status->st_mode & 07777) == 0 && copy", "return copy"),
       tests=["unit/test-maildir -p /mail/maildir/put", "e2e/change.py mbox"])
guards("only that", "times-kept", "a changed file does not keep its times",
       ("plugins/mail/swap.c", " && futimens (to, times) == 0;", " && times[0].tv_nsec >= 0;"),
       tests=["unit/test-maildir -p /mail/maildir/put"])
guards("history intact", "structural-headers", "fields that hold tree and thread together are searched by rules and edited",
       ("src/content/header.c", "if (g_strv_contains (structural, lower))\n    {", "if (FALSE)\n    {"),
       tests=["unit/test-header"])
guards("only that", "structural-parameters", "parameters that say how a part is read are searched and edited",
       ("src/content/header.c", "if (length == 0 || g_strv_contains (structural_parameters, parameter->name))", "if (length == 0)"),
       tests=["unit/test-header"])
guards("only that", "links-in-maildir", "a symbolic link in a Maildir is followed (three guards: the listing's status, and both of opening)",
       ("plugins/mail/maildir.c", "int code = fstatat (fd, path + 4, status_r, AT_SYMLINK_NOFOLLOW);",
        "int code = fstatat (fd, path + 4, status_r, 0);"),
       ("plugins/mail/place.c", "if (fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)", "if (fstatat (folder, name, &status, 0) != 0)"),
       ("plugins/mail/place.c", "open_quietly (folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK",
        "open_quietly (folder, name, O_RDONLY | O_NONBLOCK"),
       tests=["unit/test-maildir -p /mail/maildir/links", "e2e/bad-input.py forms"])
guards("only that", "links-in-folder", "a symbolic link in a folder of files is followed (the walk's guard, and both of opening)",
       ("plugins/mail/folder-walk.c", "if (fstatat (level->fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0)",
        "if (fstatat (level->fd, name, &status, 0) != 0)"),
       ("plugins/mail/place.c", "if (fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)", "if (fstatat (folder, name, &status, 0) != 0)"),
       ("plugins/mail/place.c", "open_quietly (folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK",
        "open_quietly (folder, name, O_RDONLY | O_NONBLOCK"),
       tests=["unit/test-folder -p /mail/folder"])
guards("only that", "labels-known", "a label of ours is searched like any text, so that a second run may change it",
       ("src/detect/label.c", "return label_of (text, size, \"value\");", "return 0;"),
       ("src/detect/label.c", "      if (length > 0)\n        return length;", "      if (length > G_MAXINT)\n        return length;"),
       tests=["e2e/change.py second-run"])
guards("only that", "tombstones-known", "a tombstone is taken for an attachment, so that a second run shreds it again",
       ("src/worker/scan-work.c", "info->tombstone = entity->is_tombstone;", "info->tombstone = FALSE;"),
       tests=["e2e/change.py shred"])

# ---- once, everywhere ----

guards("once, everywhere", "closure", "a value that goes is not looked for in the rest of its ticket",
       ("src/run/examine.c", "if (any && !pass (e, DS_SCAN_VALUES, 0, take_copies, error))", "if (any && error == NULL)"),
       tests=["e2e/policies.py copies"])

# ---- off until enabled ----

guards("off until enabled", "plan-line-mac", "a line of a plan is carried out though it was edited",
       ("src/run/plan-line.c", "if (key != NULL && !mac_is_good (text, key))", "if (key != NULL && text == NULL)"),
       tests=["e2e/change.py plan-and-apply"])
guards("off until enabled", "plan-of-this-store", "a plan made for another store, or an earlier state of it, is carried out",
       ("src/run/plan.c", "else if (g_strcmp0 (header->incarnation, session->incarnation) != 0)", "else if (header->incarnation == NULL)"),
       tests=["e2e/change.py restored"])
guards("off until enabled", "policy-enabled", "a policy that is not enabled is carried out",
       ("src/run/plan.c", "else if (!policy->enabled)", "else if (policy->digest == NULL)"),
       tests=["e2e/policies.py edited-policy"])
guards("off until enabled", "policy-confirmed", "a policy is carried out that nobody confirmed as it is written",
       ("src/run/plan.c", "if (policy != NULL && !ds_confirmations_hold (conditions->confirmations, policy))",
        "if (policy != NULL && policy->digest == NULL)"),
       tests=["e2e/policies.py confirmation"])
guards("off until enabled", "confirmation-keyed", "a confirmation that was written into the ledger without the site's key counts",
       ("src/run/confirmation.c", "if (g_strcmp0 (proof, entry->digest_after) != 0)", "if (proof == NULL)"),
       tests=["e2e/policies.py forged-confirmation"])
guards("off until enabled", "brake", "a policy may change as many tickets as it likes",
       ("src/run/plan.c", "else if (!ds_brake_allows (conditions->brake, policy, line->queue, line->ticket))", "else if (line->ticket == NULL)"),
       tests=["e2e/runs.py brake"])
guards("off until enabled", "brake-lock", "two runs of one policy count by themselves",
       ("src/run/plan.c", "else if (!ds_brake_claim (conditions->brake, policy, error))", "else if (line->ticket == NULL)"),
       tests=["e2e/runs.py brake"])
guards("off until enabled", "reason-needed", "a change needs no reason",
       ("src/run/perform.c", "return warrant->reason != NULL || refuse_reason (session, \"a change needs --reason CODE\", error);", "return TRUE;"),
       tests=["e2e/policies.py reason-given", "e2e/bad-input.py usage"])
guards("off until enabled", "actor-allowed", "anybody may act for others",
       ("src/run/session.c", "if (actor == NULL || ds_configuration_may_claim", "if (actor == NULL || *actor != '\\0' || ds_configuration_may_claim"),
       tests=["e2e/bad-input.py usage"])
guards("off until enabled", "in-place-needed", "files that are no mailbox are changed without --in-place (both guards: the run's and the store's)",
       ("src/run/session.c", "else if (session->store->flags & DS_STORE_NEEDS_IN_PLACE && !in_place)", "else if (session->store == NULL)"),
       ("plugins/mail/folder.c", "if (folder->in_place && ds_file_put", "if (ds_file_put"),
       tests=["e2e/change.py folder"])
guards("off until enabled", "never-read", "queues that the configuration excludes are read (both guards: the run's and the store's)",
       ("src/run/listing.c", "    if (ds_queue_is_within (item->queue, session->never_read[i]))\n      return FALSE;", "    ;"),
       ("plugins/mail/maildir.c", "    if (ds_queue_is_within (folder->queue, maildir->never_read[i]))\n      return TRUE;", "    ;"),
       tests=["e2e/output.py never-read"])

# ---- no second leak ----

guards("no second leak", "masking", "samples show the whole value",
       ("src/detect/value.c", "  switch (ds_kind_mask (kind))\n    {",
        "  if (normal != NULL)\n    return g_strdup (normal);\n  switch (ds_kind_mask (kind))\n    {"),
       tests=["e2e/change.py plan-and-apply"])
guards("no second leak", "fingerprints-keyed", "fingerprints are plain digests, which anybody can compute of all card numbers",
       ("src/detect/value.c", 'char *digest = ds_site_key_digest (key, "value", text, strlen (text), 32);',
        "char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);\n  digest[key != NULL ? 32 : 0] = '\\0';"),
       tests=["e2e/leak.py keyed"])
guards("no second leak", "digests-keyed", "all digests of content, paths and identifiers are made without the site's key",
       ("src/base/site-key.c", "crypto_auth_hmacsha256_init (&key->keyed, bytes, KEY_BYTES);",
        'crypto_auth_hmacsha256_init (&key->keyed, (const guint8 *) "", 0);'),
       tests=["e2e/leak.py keyed"])
guards("no second leak", "extensions-only", "the end of a file's name is shown though it is no known extension",
       ("src/content/tree.c", "return known ? g_steal_pointer (&lower) : NULL;", "return known || !known ? g_steal_pointer (&lower) : NULL;"),
       tests=["e2e/attack.py types"])
guards("no second leak", "media-types-known", "a media type is repeated though it is none of the known ones",
       ("src/content/meaning.c", "    if (g_str_equal (known_types[i], type))", "    if (known_types[i] != type)"),
       tests=["e2e/attack.py types"])
guards("no second leak", "case-scanned", "a case that holds personal data is recorded",
       ("src/run/perform.c", "return matches->len > 0;", "return matches->len > G_MAXINT;"),
       tests=["e2e/change.py refusals"])
guards("no second leak", "show-values-permitted", "anybody may have values shown",
       ("src/cmd/scan.c", "if (users != NULL && g_strv_contains", "if (users == NULL || g_strv_contains"),
       tests=["e2e/bad-input.py usage"])
guards("no second leak", "no-core-file", "the program leaves a core file, and its memory can be looked into (both guards)",
       ("src/main.c", "  setrlimit (RLIMIT_CORE, &none);\n  prctl (PR_SET_DUMPABLE, 0);\n", "  getrlimit (RLIMIT_CORE, &none);\n"),
       tests=["e2e/cage.py undumpable"])
guards("no second leak", "replies-checked", "what a worker says of findings is believed",
       ("src/worker/task-reply.c", "if (reader->bad || !is_honest (f, before))", "if (f == NULL || (FALSE && !is_honest (f, before)))"),
       tests=["unit/test-reply"])
guards("no second leak", "rewrite-replies-checked", "what a worker says of a rewrite is believed",
       ("src/worker/task-reply.c", "return honest ? g_steal_pointer (&reply) : NULL;", "return honest || !honest ? g_steal_pointer (&reply) : NULL;"),
       tests=["unit/test-reply"])
guards("no second leak", "freed-pages-wiped", "SQLite leaves what was deleted in the pages that it freed",
       ("src/base/database.c", "PRAGMA secure_delete=ON;", "PRAGMA secure_delete=OFF;"),
       tests=["e2e/leak.py removed"])
guards("no second leak", "findings-wiped", "a finding's value stays in memory that was given back",
       ("src/detect/finding.c", "    explicit_bzero (finding->value, strlen (finding->value));", "    g_assert (finding->value != NULL);"),
       tests=["unit/test-wiped"])
guards("no second leak", "matches-wiped", "a match's value stays in memory that was given back",
       ("src/detect/match.c", "    explicit_bzero (match->value, strlen (match->value));", "    g_assert (match->value != NULL);"),
       tests=["unit/test-wiped"])
guards("no second leak", "wanted-values-wiped", "a value that was looked for stays in memory that was given back",
       ("src/worker/task-request.c", "  explicit_bzero (value->value, strlen (value->value));\n", ""),
       tests=["unit/test-wiped"])
guards("no second leak", "fingerprinted-wiped", "the text that a fingerprint is made of stays in memory that was given back",
       ("src/detect/value.c", "  explicit_bzero (text, strlen (text));\n", ""),
       tests=["unit/test-wiped"])
guards("no second leak", "key-wiped", "the site's key stays in memory that was given back",
       ("src/base/site-key.c", "  explicit_bzero (key, sizeof *key);\n", ""),
       tests=["unit/test-wiped"])
guards("no second leak", "workers-mute", "what a library prints in a worker gets into the program's output",
       ("src/worker/cage.c", "  if (!mute (error))\n    return FALSE;\n", ""),
       tests=["unit/test-cage"])
guards("no second leak", "files-private", "what is written is readable by others",
       ("src/base/database.c", "int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);",
        "int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);"),
       tests=["unit/test-ledger -p /ledger/modes"])
guards("no second leak", "key-private", "a key that others may read is used",
       ("src/base/site-key.c", "if ((status.st_mode & 077) != 0)", "if ((status.st_mode & 0) != 0)"),
       tests=["e2e/bad-input.py state"])

# ---- never clean by blindness ----

guards("never clean by blindness", "listed", "what was not looked at is not listed",
       ("src/worker/scan-work.c", "  copy_problems (&scan);\n", ""),
       tests=["e2e/attack.py told"])
guards("never clean by blindness", "encrypted-listed", "encrypted parts are passed over silently",
       ("src/content/reading.c", "    {\n      ds_tree_add_problem (tree, leaf, DS_REASON_ENCRYPTED);\n      return NULL;",
        "    {\n      return NULL;"),
       tests=["e2e/attack.py told"])
guards("never clean by blindness", "unknown-types-listed", "parts of a type that nothing reads are passed over silently",
       ("src/content/reading.c", "  ds_tree_add_problem (tree, leaf, image ? DS_REASON_IMAGE : DS_REASON_OPAQUE);\n", "  (void) image;\n"),
       tests=["e2e/attack.py told"])
guards("never clean by blindness", "unknown-charset-listed", "text in an unknown charset is passed over silently",
       ("src/content/reading.c", "    ds_tree_add_problem (tree, reading->leaf, DS_REASON_CHARSET);", "    (void) tree;"),
       tests=["e2e/attack.py told"])
guards("never clean by blindness", "match-limit-listed", "a pattern that was given up is taken for one that does not match",
       ("src/detect/matcher.c", "  if (code < 0)\n    return -1;\n  const PCRE2_SIZE", "  if (code < 0)\n    return 0;\n  const PCRE2_SIZE"),
       tests=["e2e/attack.py effort"])
guards("never clean by blindness", "agreement", "our reading of a mail is not compared with GMime's",
       ("src/worker/scan-work.c", "  ds_tree_check_agreement (tree);\n", ""),
       tests=["e2e/attack.py told"])
guards("never clean by blindness", "crash-listed", "a message that ended its worker is passed over silently",
       ("src/run/scan.c", 'result->failure != NULL ? show_blind (scan, item, ticket, "0", result->failure, error)',
        "result->failure != NULL ? TRUE"),
       tests=["e2e/poison.py memory"])


# ---- bounded ----

guards("bounded", "seccomp", "the workers' system calls are not filtered",
       ("src/worker/cage.c", "    code = seccomp_load (filter);", "    code = 0;"),
       tests=["unit/test-cage"])
guards("bounded", "cage-or-nothing", "mail is parsed though the worker could not be confined",
       ("src/worker/serve.c", "ds_flat_put_text (hello, confined ? NULL : error->message);", "ds_flat_put_text (hello, NULL);"),
       ("src/worker/serve.c", "DS_WIRE_HELLO, body, NULL) && confined;", "DS_WIRE_HELLO, body, NULL);"),
       tests=["e2e/cage.py no-cage"])
guards("bounded", "no-socket", "workers may open sockets",
       ("src/worker/cage.c", "SCMP_SYS (lseek),", "SCMP_SYS (lseek), SCMP_SYS (socket), SCMP_SYS (connect),"),
       tests=["unit/test-cage"])
guards("bounded", "no-program", "workers may start programs",
       ("src/worker/cage.c", "SCMP_SYS (lseek),",
        "SCMP_SYS (lseek), SCMP_SYS (execve), SCMP_SYS (execveat), SCMP_SYS (clone), SCMP_SYS (fork), SCMP_SYS (vfork),"),
       tests=["unit/test-cage"])
guards("bounded", "no-file", "workers may open files (both guards: the filter and the limit of descriptors)",
       ("src/worker/cage.c", "SCMP_SYS (open), SCMP_SYS (openat), SCMP_SYS (access)", "SCMP_SYS (access)"),
       ("src/worker/cage.c", "SCMP_SYS (lseek),", "SCMP_SYS (lseek), SCMP_SYS (open), SCMP_SYS (openat),"),
       ("src/worker/cage.c", "  set_limit (RLIMIT_NOFILE, (rlim_t) socket + 1, (rlim_t) socket + 1);\n", ""),
       tests=["unit/test-cage"])
guards("bounded", "no-descriptor", "workers inherit descriptors of the program",
       ("src/worker/cage.c", "if (socket > 3 && close_range (3, (unsigned) socket - 1, 0) != 0)", "if (socket < 0)"),
       ("src/worker/cage.c", "if (close_range ((unsigned) socket + 1, ~0u, 0) != 0)", "if (socket < 0)"),
       tests=["unit/test-cage"])
guards("bounded", "workers-not-dumpable", "another process of the same user may look into a worker",
       ("src/worker/cage.c", "if (prctl (PR_SET_DUMPABLE, 0) != 0 || prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)",
        "if (prctl (PR_SET_DUMPABLE, 1) != 0 || prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)"),
       tests=["e2e/cage.py undumpable"])
guards("bounded", "worker-memory", "a worker may take any memory",
       ("src/worker/cage.c", "if (!ds_cage_is_loose () && !set_limit (RLIMIT_AS,", "if (ds_cage_is_loose () && !set_limit (RLIMIT_AS,"),
       tests=["unit/test-cage"])
guards("bounded", "worker-cpu-time", "a worker has no limit of processor time",
       ("src/worker/cage.c", "  set_limit (RLIMIT_CPU, used + limits->seconds + extra + 1, RLIM_INFINITY);\n",
        "  (void) used;\n  (void) limits;\n  (void) extra;\n"),
       tests=["unit/test-cage"])
guards("bounded", "worker-ends-with-parent", "a worker outlives the program",
       ("src/worker/pool.c", "  prctl (PR_SET_PDEATHSIG, SIGKILL);\n", ""),
       tests=["e2e/cage.py parent-killed"])
guards("bounded", "worker-replaced", "what a worker's death costs is the run",
       ("src/worker/pool.c", "  return worker_start (pool, worker, error);\n}\n\n/* The blob was sent", "  return FALSE;\n}\n\n/* The blob was sent"),
       tests=["e2e/poison.py memory"])
guards("bounded", "poison-memory", "mail that ended its worker twice is tried again and again",
       ("src/run/poison.c", "return known != NULL && known->tries >= MOST_TRIES ? known->reason : NULL;",
        "return known != NULL && known->tries >= G_MAXUINT ? known->reason : NULL;"),
       tests=["e2e/poison.py memory"])
guards("bounded", "limit-of-parts", "a message may have any number of parts",
       ("src/content/scan.c", "if (s->tree->n_entities > s->tree->limits.parts)", "if (s->tree->n_entities > G_MAXUINT - 1)"),
       ("src/content/scan.c", "|| s->tree->n_entities >= s->tree->limits.parts)", "|| s->tree->n_entities >= G_MAXUINT - 1)"),
       tests=["unit/test-tree -p /tree/limits"])
guards("bounded", "limit-of-depth", "parts may stand in parts to any depth",
       ("src/content/scan.c", "if (depth >= s->tree->limits.depth || s->tree", "if (s->tree"),
       tests=["unit/test-tree -p /tree/limits"])
guards("bounded", "limit-of-headers", "a header may have any size",
       ("src/content/scan-header.c", "if (end - header->start + s->tree->header_bytes <= s->tree->limits.header_bytes)", "if (end >= header->start)"),
       tests=["unit/test-tree -p /tree/limits"])
guards("bounded", "harmless-for-gmime", "GMime gets what ends or exhausts it",
       ("src/content/agreement.c", "  if (tree->header_cut || tree->header_bytes > MAX_HEADER_BYTES",
        "  if (tree != NULL)\n    return TRUE;\n  if (tree->header_cut || tree->header_bytes > MAX_HEADER_BYTES"),
       tests=["'DESKSHRED_HOSTILE=addresses:From: a:a:a: of 81 KB' e2e/hostile-cost.py"])
guards("bounded", "worker-wall-time", "a worker that stands still is waited for",
       ("src/worker/pool.c", "if (!answers && worker->task != NULL && now >= worker->deadline && !worker_replace",
        "if (!answers && worker->task != NULL && now < 0 && !worker_replace"),
       tests=["e2e/poison.py others"])
