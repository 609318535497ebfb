#include "config.h"
#include "base/error.h"
#include "run/configuration.h"
#include "store/store.h"
#include <glib/gstdio.h>
#include <string.h>

/* The configuration asks only whether a plugin has that name. */
static const DsStoreOps mail_ops = { .name = "mail" }, folder_ops = { .name = "folder" };
const DsStoreOps *const ds_store_list[] = { &mail_ops, &folder_ops, NULL };

#define LEDGER "ledger = { path = \"/l/ledger.db\"; key_file = \"/l/site.key\"; };\n"
#define WHEN "when = { kinds = [ \"iban\" ]; };"
#define POLICY(text) LEDGER "policies = (\n{ name = \"p\";\n" text " } );"

static DsConfiguration *
load (const char *text, GError **error)
{
  g_autofree char *folder = g_dir_make_tmp ("test-configuration-XXXXXX", NULL);
  g_assert_nonnull (folder);
  g_autofree char *path = g_build_filename (folder, "x.conf", NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  DsConfiguration *configuration = ds_configuration_load (path, error);
  g_unlink (path);
  g_rmdir (folder);
  return configuration;
}

static DsConfiguration *
load_good (const char *text)
{
  g_autoptr (GError) error = NULL;
  DsConfiguration *configuration = load (text, &error);
  g_assert_no_error (error);
  return configuration;
}

/* The error names the file, that line (0: none), and has those words in it. */
static void
assert_refused (const char *text, guint line, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DsConfiguration) configuration = load (text, &error);
  g_autofree char *place = line > 0 ? g_strdup_printf ("x.conf:%u: ", line) : g_strdup ("x.conf:");
  if (configuration != NULL)
    g_error ("accepted: %s", text);
  g_assert_error (error, DS_ERROR, DS_ERROR_CONFIG);
  if (strstr (error->message, place) == NULL || strstr (error->message, words) == NULL)
    g_error ("not \"%s\" with \"%s\": %s", place, words, error->message);
}

static void
test_defaults (void)
{
  if (g_file_test (SYSCONFDIR "/deskshred/deskshred.conf", G_FILE_TEST_EXISTS))
    {
      g_test_skip ("this system has a configuration");
      return;
    }
  g_autoptr (GError) error = NULL;
  g_setenv ("XDG_STATE_HOME", "/state", TRUE);
  g_autoptr (DsConfiguration) configuration = ds_configuration_load (NULL, &error);
  g_assert_no_error (error);
  g_assert_null (configuration->path);
  g_assert_cmpstr (configuration->ledger_path, ==, "/state/deskshred/ledger.db");
  g_assert_cmpstr (configuration->key_path, ==, "/state/deskshred/site.key");
  g_assert_cmpstr (configuration->state_path, ==, "/state/deskshred/state.db");
  g_assert_cmpstr (configuration->lock_folder, ==, "/state/deskshred/locks");
  g_assert_cmpuint (configuration->stores->len, ==, 0);
  g_assert_cmpuint (configuration->reasons->len, ==, 7);
  g_assert_cmpuint (configuration->limits.parts, ==, 2000);
  g_assert_cmpuint (configuration->worker_seconds, ==, 30);
  g_setenv ("XDG_STATE_HOME", "relative", TRUE);
  g_autoptr (DsConfiguration) home = ds_configuration_load (NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (home->ledger_path, "/.local/state/deskshred/ledger.db"));
}

static void
test_smallest (void)
{
  g_autoptr (DsConfiguration) configuration = load_good (LEDGER);
  g_assert_cmpstr (configuration->ledger_path, ==, "/l/ledger.db");
  g_assert_cmpstr (configuration->state_path, ==, "/l/state.db");
  g_assert_cmpstr (configuration->lock_folder, ==, "/l/locks");
  g_assert_true (g_str_has_suffix (configuration->site_rules, "/rules.d"));
  g_assert_null (configuration->packs);
  g_assert_null (configuration->show_values);
  g_assert_cmpint (configuration->brake.tickets, ==, 200);
  g_assert_cmpint (configuration->brake.first, ==, 20);
  g_assert_cmpstr (ds_configuration_reason (configuration, "unlawful")->ground, ==, "GDPR 17(1)(d)");
  g_assert_cmpstr (ds_configuration_reason (configuration, "erasure-request")->ground, ==, "GDPR 17(1)");
  g_assert_null (ds_configuration_reason (configuration, "other")->ground);
  g_assert_null (ds_configuration_reason (configuration, "whim"));
  g_assert_false (ds_configuration_may_claim (configuration, NULL, "root"));
}

static void
test_sections (void)
{
  g_autoptr (DsConfiguration) configuration
    = load_good (LEDGER "state = { path = \"/s/s.db\"; };\n"
                        "packs = ( \"global\", \"de\" );\n"
                        "own = { domains = [ \"Example.ORG\" ]; };\n"
                        "show_values = [ \"dpo\" ];\n"
                        "brake = { tickets = 5; share = 0.5; };\n"
                        "limits = { blob_bytes = 68719476736L; depth = 9; worker_memory = 8589934592L; };\n"
                        "stores = ( { name = \"support\"; plugin = \"mail\"; path = \"/m\";\n"
                        "  ticket_pattern = \"#(\\\\d+)\"; never_read = [ \"Works council\" ]; },\n"
                        "  { name = \"f_1\"; plugin = \"folder\"; other = 1; } );\n"
                        "actors = { support = [ \"www-data\", \"rt\" ]; };\n");
  g_assert_cmpstr (configuration->state_path, ==, "/s/s.db");
  g_assert_cmpstr (configuration->packs[1], ==, "de");
  g_assert_cmpstr (configuration->own_domains[0], ==, "example.org");
  g_assert_cmpstr (configuration->show_values[0], ==, "dpo");
  g_assert_cmpint (configuration->brake.tickets, ==, 5);
  g_assert_cmpfloat (configuration->brake.share, ==, 0.5);
  g_assert_cmpint (configuration->brake.hours, ==, 24);
  g_assert_cmpuint (configuration->limits.blob_bytes, ==, G_GUINT64_CONSTANT (1) << 36);
  g_assert_cmpuint (configuration->limits.depth, ==, 9);
  g_assert_cmpuint (configuration->limits.findings, ==, 112000);
  g_assert_cmpuint (configuration->worker_memory, ==, G_GUINT64_CONSTANT (8) << 30);
  const DsStoreConfiguration *store = ds_configuration_store (configuration, "support");
  g_assert_cmpstr (store->ticket_pattern, ==, "#(\\d+)");
  g_assert_cmpstr (store->never_read[0], ==, "Works council");
  g_assert_nonnull (store->node);
  g_assert_null (ds_configuration_store (configuration, "f_1")->path);
  g_assert_null (ds_configuration_store (configuration, "f_2"));
  g_assert_true (ds_configuration_may_claim (configuration, "support", "rt"));
  g_assert_true (ds_configuration_may_claim (configuration, NULL, "rt"));
  g_assert_false (ds_configuration_may_claim (configuration, "f_1", "rt"));
  g_assert_false (ds_configuration_may_claim (configuration, "support", "root"));
}

static void
test_refused (void)
{
  assert_refused ("", 0, "\"ledger\" is missing");
  assert_refused ("ledger = {\n", 0, "syntax error");
  assert_refused ("ledger = { path = \"/l\"; };", 1, "needs both");
  assert_refused ("ledger = { path = \"l\"; key_file = \"/k\"; };", 1, "begin with a slash");
  assert_refused ("ledger = { path = 7; key_file = \"/k\"; };", 1, "a string");
  assert_refused (LEDGER "seal = { days = 30; };", 2, "unknown key \"seal\"");
  assert_refused (LEDGER "regions = [ \"DE\" ];", 2, "unknown key \"regions\"");
  assert_refused (LEDGER "state = {\n  file = \"/x\"; };", 3, "unknown key \"file\"");
  assert_refused (LEDGER "state = { path = \"/l/ledger.db\"; };", 0, "two files");
  assert_refused (LEDGER "packs = \"de\";", 2, "a list");
  assert_refused (LEDGER "packs = [ ];", 0, "at least one");
  assert_refused (LEDGER "packs = [ \"../x\" ];", 0, "\"packs\"");
  assert_refused (LEDGER "own = { domains = [ \"a@example.org\" ]; };", 2, "is no domain");
  assert_refused (LEDGER "show_values = [ 1 ];", 2, "a list of strings");
  assert_refused (LEDGER "actors = { nosuch = [ \"x\" ]; };", 2, "unknown key \"nosuch\"");
  assert_refused (LEDGER "brake = { share = 0.0; };", 2, "\"share\"");
  assert_refused (LEDGER "brake = { tickets = 0; };", 2, "\"tickets\" must be from 1");
  assert_refused (LEDGER "limits = { depth = 5000; };", 2, "\"depth\"");
  assert_refused (LEDGER "limits = { parts = -1; };", 2, "\"parts\"");
  assert_refused (LEDGER "limits = {\n\n  seconds = 1; };", 4, "unknown key \"seconds\"");
}

static void
test_refused_lists (void)
{
#define STORES(text) LEDGER "stores = (\n" text ");"
  assert_refused (STORES ("{ plugin = \"mail\"; }"), 3, "\"name\" is missing");
  assert_refused (STORES ("{ name = \"a\"; }"), 3, "\"plugin\" is missing");
  assert_refused (STORES ("{ name = \"A\"; plugin = \"mail\"; }"), 3, "a store's name");
  assert_refused (STORES ("{ name = \"a/b\"; plugin = \"mail\"; }"), 3, "a store's name");
  assert_refused (STORES ("{ name = \"abcdefghijabcdefghijabcdefghijabc\"; plugin = \"mail\"; }"), 3, "a store's name");
  assert_refused (STORES ("{ name = \"a\"; plugin = \"otrs\"; }"), 3, "there are: mail, folder");
  assert_refused (STORES ("{ name = \"a\"; plugin = \"mail\"; path = \"m\"; }"), 3, "slash");
  assert_refused (STORES ("{ name = \"a\"; plugin = \"mail\"; ticket_pattern = \"(\"; }"), 3, "ticket_pattern");
  assert_refused (STORES ("{ name = \"a\"; plugin = \"mail\"; },\n{ name = \"a\"; plugin = \"mail\"; }"), 4, "stands twice");
  assert_refused (STORES ("\"a\""), 3, "a group in braces");
#undef STORES
#define REASONS(text) LEDGER "reasons = (\n" text ");"
  assert_refused (REASONS ("{ code = \"x\"; }"), 3, "\"text\" is missing");
  assert_refused (REASONS ("{ code = \"X y\"; text = \"t\"; }"), 3, "the code");
  assert_refused (REASONS ("{ code = \"x\"; text = \"a\\nb\"; }"), 3, "control");
  assert_refused (REASONS ("{ code = \"x\"; text = \"t\"; basis = \"t\"; }"), 3, "unknown key \"basis\"");
  assert_refused (REASONS ("{ code = \"x\"; text = \"t\"; },\n{ code = \"x\"; text = \"u\"; }"), 4, "stands twice");
#undef REASONS
}

static void
test_reasons (void)
{
  g_autoptr (DsConfiguration) configuration
    = load_good (LEDGER "reasons = ( { code = \"verified\"; text = \"seen\"; },\n"
                        " { code = \"own-1\"; text = \"ours\"; ground = \"g\"; legal_basis = \"b\"; } );");
  g_assert_cmpuint (configuration->reasons->len, ==, 8);
  g_assert_cmpstr (ds_configuration_reason (configuration, "verified")->text, ==, "seen");
  g_assert_null (ds_configuration_reason (configuration, "verified")->ground);
  g_assert_cmpstr (ds_configuration_reason (configuration, "own-1")->legal_basis, ==, "b");
}

static void
test_policies_refused (void)
{
  assert_refused (POLICY ("do = \"shred\"; reason = \"other\";"), 3, "\"when\" is missing");
  assert_refused (POLICY (WHEN "reason = \"other\";"), 3, "\"do\" is missing");
  assert_refused (POLICY (WHEN "do = \"shred\";"), 3, "\"reason\" is missing");
  assert_refused (POLICY (WHEN "do = \"anonymise\"; reason = \"other\";"), 3, "not \"anonymise\"");
  assert_refused (POLICY (WHEN "do = \"shred\"; reason = \"whim\";"), 3, "no reason with the code \"whim\"");
  assert_refused (POLICY (WHEN "do = \"shred\"; reason = \"other\"; enabled = 1;"), 4, "true or false");
  assert_refused (POLICY (WHEN "do = \"shred\"; reason = \"other\"; until = 1;"), 4, "unknown key \"until\"");
  assert_refused (LEDGER "policies = ( { name = \"p q\"; } );", 2, "a policy's name");
  assert_refused (POLICY (WHEN "do = \"shred\"; reason = \"other\"; },\n{ name = \"p\"; " WHEN
                               "do = \"shred\"; reason = \"other\";"),
                  5, "stands twice");
#define IN_WHEN(text) POLICY ("when = { " text " };\ndo = \"redact\"; reason = \"other\";")
  assert_refused (IN_WHEN (""), 4, "at least one of");
  assert_refused (IN_WHEN ("queues = [ \"*\" ]; min_score = 5;"), 4, "at least one of");
  assert_refused (IN_WHEN ("kinds = [ ];"), 4, "at least one");
  assert_refused (IN_WHEN ("kinds = [ \"ibann\" ];"), 4, "\"ibann\" is no kind");
  assert_refused (IN_WHEN ("kinds = [ \"iban\" ]; where = [ \"bodies\" ];"), 4, "\"bodies\" is no place");
  assert_refused (IN_WHEN ("media_types = [ \"image\" ];"), 4, "\"image\" is no media type");
  assert_refused (IN_WHEN ("media_types = [ \"Image/PNG\" ];"), 4, "is no media type");
  assert_refused (IN_WHEN ("kinds = [ \"iban\" ]; min_score = 101;"), 4, "\"min_score\"");
  assert_refused (IN_WHEN ("kinds = [ \"iban\" ]; resolved_before = \"30d\";"), 4, "unknown key");
  for (const char *const *bad = (const char *const[]){ "", "30", "d", "0d", "-3d", "3m", "3 d", "1.5d", "3dd", "2000y",
                                                       "99999999999999999999d", NULL };
       *bad != NULL; bad++)
    {
      g_autofree char *text = g_strdup_printf (IN_WHEN ("older_than = \"%s\";"), *bad);
      assert_refused (text, 4, "\"older_than\"");
    }
}

static void
assert_duration (const char *text, gint64 seconds)
{
  g_autofree char *whole = g_strdup_printf (IN_WHEN ("older_than = \"%s\";"), text);
  g_autoptr (DsConfiguration) configuration = load_good (whole);
  g_assert_cmpint (ds_configuration_policy (configuration, "p")->older_than, ==, seconds);
}

static void
test_durations (void)
{
  assert_duration ("12h", 12 * 3600);
  assert_duration ("30d", 30 * 86400);
  assert_duration ("6w", 42 * 86400);
  assert_duration ("2y", 2 * 366 * 86400);
}

static char *
digest_of (const char *text)
{
  g_autoptr (DsConfiguration) configuration = load_good (text);
  const char *digest = ds_configuration_policy (configuration, "p")->digest;
  g_assert_cmpuint (strlen (digest), ==, 16);
  return g_strdup (digest);
}

#define FULL(enabled, queues, score, what, reason) \
  POLICY ("enabled = " enabled "; when = { kinds = [ \"iban\" ]; queues = [ " queues " ]; min_score = " score "; };" \
          "do = \"" what "\"; reason = \"" reason "\";")

static void
test_policy_digest (void)
{
  g_autofree char *digest = digest_of (FULL ("false", "\"a\", \"b\"", "80", "redact", "other"));
  g_autofree char *enabled = digest_of (FULL ("true", "\"a\", \"b\"", "80", "redact", "other"));
  g_assert_cmpstr (enabled, ==, digest);
  const char *const changed[] = { FULL ("false", "\"a b\"", "80", "redact", "other"),
                                  FULL ("false", "\"a\", \"b\"", "81", "redact", "other"),
                                  FULL ("false", "\"a\", \"b\"", "80", "shred", "other"),
                                  FULL ("false", "\"a\", \"b\"", "80", "redact", "mistake") };
  for (guint i = 0; i < G_N_ELEMENTS (changed); i++)
    {
      g_autofree char *other = digest_of (changed[i]);
      g_assert_cmpstr (other, !=, digest);
    }
}

static void
test_policy (void)
{
  g_autoptr (DsConfiguration) configuration = load_good (
    IN_WHEN ("kinds = [ \"mrz\" ]; rules = [ \"r\" ]; queues = [ \"*\" ]; status = [ \"resolved\" ]; where = [ \"all\" ];"
             " media_types = [ \"image/\", \"application/pdf\" ]; min_size = 10; min_score = 80;"));
  const DsPolicy *policy = ds_configuration_policy (configuration, "p");
  g_assert_false (policy->enabled);
  g_assert_cmpint (policy->what, ==, DS_DO_REDACT);
  g_assert_cmpstr (policy->rules[0], ==, "r");
  g_assert_cmpstr (policy->statuses[0], ==, "resolved");
  g_assert_cmpuint (g_strv_length (policy->where), ==, 6);
  g_assert_cmpstr (policy->media_types[1], ==, "application/pdf");
  g_assert_cmpuint (policy->min_size, ==, 10);
  g_assert_cmpuint (policy->min_score, ==, 80);
  g_assert_cmpint (policy->older_than, ==, 0);
  g_assert_null (ds_configuration_policy (configuration, "q"));
}

/* The sample, as it is and with every setting that is off turned on ("##" explains, "#" is off). */
static void
test_sample (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "..", "contrib", "deskshred.conf", NULL);
  g_autofree char *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    {
      g_test_skip ("contrib/deskshred.conf is not at hand (G_TEST_SRCDIR)");
      return;
    }
  g_autoptr (DsConfiguration) sample = load_good (text);
  g_assert_cmpuint (sample->stores->len, ==, 0);
  g_assert_cmpuint (sample->policies->len, ==, 2);
  for (guint i = 0; i < sample->policies->len; i++)
    g_assert_false (((const DsPolicy *) g_ptr_array_index (sample->policies, i))->enabled);
  DsLimits standard = DS_LIMITS_DEFAULT;
  g_assert_cmpuint (sample->limits.blob_bytes, ==, standard.blob_bytes);
  g_assert_cmpuint (sample->limits.text_bytes, ==, standard.text_bytes);
  g_assert_cmpuint (sample->limits.header_bytes, ==, standard.header_bytes);
  g_assert_cmpuint (sample->limits.parts, ==, standard.parts);
  g_assert_cmpuint (sample->limits.depth, ==, standard.depth);
  g_assert_cmpuint (sample->limits.findings, ==, standard.findings);
  g_autoptr (GRegex) off = g_regex_new ("^#(?!#)", G_REGEX_MULTILINE, 0, NULL);
  g_autofree char *on = g_regex_replace_literal (off, text, -1, 0, "", 0, NULL);
  g_autoptr (DsConfiguration) whole = load_good (on);
  g_assert_cmpuint (whole->stores->len, ==, 2);
  g_assert_cmpuint (whole->reasons->len, ==, 8);
  g_assert_true (ds_configuration_may_claim (whole, "uploads", "www-data"));
  g_assert_nonnull (ds_configuration_policy (whole, "id-documents")->rules);
  g_assert_nonnull (whole->packs);
  g_assert_nonnull (whole->own_domains);
  g_assert_nonnull (whole->show_values);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/configuration/defaults", test_defaults);
  g_test_add_func ("/configuration/smallest", test_smallest);
  g_test_add_func ("/configuration/sections", test_sections);
  g_test_add_func ("/configuration/refused", test_refused);
  g_test_add_func ("/configuration/refused-lists", test_refused_lists);
  g_test_add_func ("/configuration/reasons", test_reasons);
  g_test_add_func ("/configuration/policies-refused", test_policies_refused);
  g_test_add_func ("/configuration/durations", test_durations);
  g_test_add_func ("/configuration/policy-digest", test_policy_digest);
  g_test_add_func ("/configuration/policy", test_policy);
  g_test_add_func ("/configuration/sample", test_sample);
  return g_test_run ();
}
