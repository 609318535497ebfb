#include "config.h"
#include "run/session.h"
#include "base/error.h"
#include "base/same-path.h"
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *
ds_time_text (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  return g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
}

void
ds_session_tell (const DsSession *session, guint64 done, guint64 total)
{
  if (session->progress != NULL)
    session->progress (done, total, session->progress_data);
}

static char *
system_user (void)
{
  const struct passwd *entry = getpwuid (getuid ());
  return entry != NULL ? g_strdup (entry->pw_name) : g_strdup_printf ("uid-%u", (guint) getuid ());
}

/* A program that was built and not installed uses the packs that it was built with: `make` puts a link to them beside it. */
static char *
rules_of_build_tree (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program != NULL ? g_path_get_dirname (program) : NULL;
  g_autofree char *configured = folder != NULL ? g_build_filename (folder, "config.status", NULL) : NULL;
  g_autofree char *rules = folder != NULL ? g_build_filename (folder, "rules", NULL) : NULL;
  gboolean is_build_tree = configured != NULL && g_file_test (configured, G_FILE_TEST_IS_REGULAR) && g_file_test (rules, G_FILE_TEST_IS_DIR);
  return is_build_tree ? g_steal_pointer (&rules) : NULL;
}

/* New string. */
static char *
rules_folder (const DsGlobalOptions *options)
{
  if (options->rules != NULL)
    return g_strdup (options->rules);
  char *built = rules_of_build_tree ();
  return built != NULL ? built : g_strdup (RULESDIR);
}

gboolean
ds_session_knows_rules (const DsSession *session, char *const *rules, GError **error)
{
  for (guint i = 0; rules != NULL && rules[i] != NULL; i++)
    if (ds_matcher_rule (session->matcher, rules[i]) == NULL)
      {
        g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "there is no rule \"%s\" in the packs in use; `deskshred rules list` shows them", rules[i]);
        return FALSE;
      }
  return TRUE;
}

/* A policy that names a rule which is not there would find nothing, and nobody would know. */
static gboolean
check_policies (const DsSession *session, GError **error)
{
  GPtrArray *policies = session->configuration->policies;
  for (guint i = 0; i < policies->len; i++)
    {
      const DsPolicy *policy = g_ptr_array_index (policies, i);
      if (!ds_session_knows_rules (session, policy->rules, error))
        {
          g_prefix_error (error, "%s: policy \"%s\": ", session->configuration->path, policy->name);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
open_packs (DsSession *session, GError **error)
{
  const DsConfiguration *configuration = session->configuration;
  DsOwn own = { (const char *const *) configuration->own_domains };
  g_autofree char *rules = rules_folder (session->options);
  session->packs = ds_packs_load (rules, configuration->site_rules, (const char *const *) configuration->packs, error);
  if (session->packs == NULL)
    return FALSE;
  session->matcher = ds_matcher_new (session->packs, &own, error);
  if (session->matcher == NULL || !check_policies (session, error))
    return FALSE;
#ifdef HAVE_HYPERSCAN
  g_autofree char *cache = g_build_filename (g_get_user_cache_dir (), "deskshred", NULL);
  ds_matcher_speed_up (session->matcher, cache);
#endif
  return TRUE;
}

static gboolean
open_workers (DsSession *session, const DsStoreConfiguration *store, GError **error)
{
  const DsConfiguration *configuration = session->configuration;
  if (store != NULL && store->ticket_pattern != NULL)
    {
      session->ticket_pattern = ds_ticket_pattern_new (store->ticket_pattern, error);
      if (session->ticket_pattern == NULL)
        return FALSE;
    }
  session->setup = (DsWorkSetup){ session->matcher, session->key, session->ticket_pattern, configuration->limits };
  DsCageLimits cage = { configuration->worker_memory, configuration->worker_seconds };
  guint jobs = session->options->jobs > 0 ? (guint) session->options->jobs : (guint) g_get_num_processors ();
  ds_cage_preload ();
  session->pool = ds_pool_new (&session->setup, jobs, &cage, error);
  return session->pool != NULL;
}

/* The name of a store that is only a PATH: derived, so that it is the same next time and tells nothing. */
static char *
name_of_path (const DsSession *session, const char *path)
{
  g_autofree char *digest = ds_site_key_digest (session->key, "store", path, strlen (path), 6);
  return g_strconcat ("p", digest, NULL);
}

/* Refused before anything is begun. */
static gboolean
may_change (const DsSession *session, gboolean in_place, GError **error)
{
  const char *why = NULL;
  if (session->store->flags & DS_STORE_READ_ONLY)
    why = "it can only be read (compressed, or of a form that deskshred does not know)";
  else if (session->store->flags & DS_STORE_NEEDS_IN_PLACE && !in_place)
    why = "it is a plain file or folder, no mailbox: --in-place says that its files may be changed where they are";
  if (why != NULL)
    g_set_error (error, DS_ERROR, DS_ERROR_REFUSED, "%s: not changed: %s", session->store_name, why);
  return why == NULL;
}

/* So that a reference can be used without the path.  Sealed: a path may name a person. */
static gboolean
remember_path (DsSession *session, const char *path, GError **error)
{
  g_autoptr (GError) own = NULL;
  g_autofree char *known = ds_state_path_of (session->state, session->store_name, &own);
  g_autofree char *text = known != NULL ? ds_site_key_unseal (session->key, known) : NULL;
  if (own != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&own));
      return FALSE;
    }
  if (g_strcmp0 (text, path) == 0)
    return TRUE;
  g_autofree char *sealed = ds_site_key_seal (session->key, path);
  return ds_state_remember_path (session->state, session->store_name, sealed, error);
}

/* A store of the configuration has its own rules: queues that are never read, plans, the brake, locks under its name.  None of
 * them would hold for its path. */
static gboolean
is_of_no_store (const DsSession *session, const char *target, const char *path, GError **error)
{
  const GPtrArray *stores = session->configuration->stores;
  for (guint i = 0; i < stores->len; i++)
    {
      const DsStoreConfiguration *store = g_ptr_array_index (stores, i);
      g_autofree char *own = store->path != NULL ? realpath (store->path, NULL) : NULL;
      if (own == NULL || (!ds_path_within (path, own) && !ds_path_within (own, path)))
        continue;
      g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s: this is, holds or belongs to the store \"%s\" of the configuration: use --store %s", target,
                   store->name, store->name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
open_store (DsSession *session, DsNeeds needs, const DsStoreConfiguration *configured, const char *target, gboolean in_place,
            GError **error)
{
  g_autofree char *path = NULL;
  if (configured == NULL)
    {
      path = realpath (target, NULL);
      if (path == NULL)
        {
          g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "%s: %s", target, errno == ENOENT ? "no such file or folder" : g_strerror (errno));
          return FALSE;
        }
      if (!is_of_no_store (session, target, path, error))
        return FALSE;
      session->store_name = name_of_path (session, path);
    }
  else
    session->store_name = g_strdup (configured->name);
  const DsStoreOps *ops = configured != NULL ? ds_store_ops_by_name (configured->plugin) : ds_store_ops_for_path (path);
  if (ops == NULL)
    {
      g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s: no store can read this", configured != NULL ? configured->plugin : target);
      return FALSE;
    }
  session->configured = configured != NULL;
  session->store_path = g_strdup (configured != NULL ? configured->path : path);
  session->never_read = configured != NULL ? configured->never_read : NULL;
  DsStoreOptions options = { session->store_name, configured != NULL ? configured->path : path,
                             configured != NULL ? configured->node : NULL, session->key, (guint) MAX (session->options->wait, 0), in_place };
  session->store = ops->open (&options, error);
  if (session->store == NULL)
    return FALSE;
  session->incarnation = session->store->ops->incarnation (session->store, error);
  if (session->incarnation == NULL)
    return FALSE;
  if (needs & DS_NEED_CHANGE && !may_change (session, in_place, error))
    return FALSE;
  return configured != NULL || session->state == NULL || remember_path (session, path, error);
}

/* With another key no fingerprint is the one that the record has: dismissals, what was done before and what was interrupted
 * would all be strange to us, and nobody would say so. */
static gboolean
check_key (const DsSession *session, GError **error)
{
  g_autofree char *written = NULL;
  if (!ds_ledger_key_id (session->ledger, &written, error))
    return FALSE;
  if (written == NULL || g_str_equal (written, ds_site_key_id (session->key)))
    return TRUE;
  g_set_error (error, DS_ERROR, DS_ERROR_CONFIG, "%s: not the site key that %s was written with (its id is %s, and should be %s)",
               session->configuration->key_path, session->configuration->ledger_path, ds_site_key_id (session->key), written);
  return FALSE;
}

static gboolean
open_records (DsSession *session, DsNeeds needs, GError **error)
{
  const DsConfiguration *configuration = session->configuration;
  if (needs & DS_NEED_STATE)
    {
      session->state = ds_state_open (configuration->state_path, error);
      session->dismissed = session->state != NULL ? ds_state_dismissed (session->state, error) : NULL;
      if (session->dismissed == NULL)
        return FALSE;
      if (session->pool != NULL
          && (session->poison = ds_poison_open (session->key, configuration, session->packs, session->state, session->pool, error)) == NULL)
        return FALSE;
    }
  if (needs & DS_NEED_LEDGER)
    {
      session->ledger = ds_ledger_open (configuration->ledger_path, TRUE, error);
      if (session->ledger == NULL || (session->key != NULL && !check_key (session, error)))
        return FALSE;
    }
  if (needs & DS_NEED_CHANGE)
    {
      g_autofree char *name = g_strconcat ("run-", session->run, NULL);
      session->run_lock = ds_lock_take (configuration->lock_folder, name, "this run", 0, error);
      if (session->run_lock == NULL)
        return FALSE;
    }
  return TRUE;
}

static const DsStoreConfiguration *
find_configured (const DsConfiguration *configuration, const char *name, GError **error)
{
  const DsStoreConfiguration *store = ds_configuration_store (configuration, name);
  if (store == NULL)
    g_set_error (error, DS_ERROR, DS_ERROR_USAGE, "there is no store \"%s\" in %s", name,
                 configuration->path != NULL ? configuration->path : "the configuration (there is none)");
  return store;
}

static gboolean
check_actor (const DsSession *session, const char *store, GError **error)
{
  const char *actor = session->options->actor;
  if (actor == NULL || ds_configuration_may_claim (session->configuration, store, session->system_user))
    return TRUE;
  g_set_error (error, DS_ERROR, DS_ERROR_REFUSED, "--actor: the configuration does not let the system user %s act for others",
               session->system_user);
  return FALSE;
}

/* A key is made once.  Where there is a ledger or a state already, another key would void every fingerprint in them. */
static gboolean
is_first_use (const DsConfiguration *configuration)
{
  return !g_file_test (configuration->ledger_path, G_FILE_TEST_EXISTS) && !g_file_test (configuration->state_path, G_FILE_TEST_EXISTS);
}

static gboolean
open_all (DsSession *session, DsNeeds needs, const char *target, gboolean is_store, gboolean in_place, GError **error)
{
  session->configuration = ds_configuration_load (session->options->config, error);
  if (session->configuration == NULL)
    return FALSE;
  const DsStoreConfiguration *configured = NULL;
  if (is_store && (configured = find_configured (session->configuration, target, error)) == NULL)
    return FALSE;
  if (!check_actor (session, configured != NULL ? configured->name : NULL, error))
    return FALSE;
  if (needs & (DS_NEED_STATE | DS_NEED_LEDGER | DS_NEED_WORKERS) || target != NULL)
    {
      session->key = ds_site_key_load (session->configuration->key_path, is_first_use (session->configuration), error);
      if (session->key == NULL)
        return FALSE;
    }
  if (needs & (DS_NEED_PACKS | DS_NEED_WORKERS) && !open_packs (session, error))
    return FALSE;
  if (needs & DS_NEED_WORKERS && !open_workers (session, configured, error))
    return FALSE;
  return open_records (session, needs, error) && (target == NULL || open_store (session, needs, configured, target, in_place, error));
}

DsSession *
ds_session_open (const DsGlobalOptions *options, DsNeeds needs, const char *target, gboolean is_store, gboolean in_place, GError **error)
{
  g_autoptr (DsSession) session = g_new0 (DsSession, 1);
  session->options = options;
  session->run = ds_random_id (12);
  session->system_user = system_user ();
  return open_all (session, needs, target, is_store, in_place, error) ? g_steal_pointer (&session) : NULL;
}

void
ds_session_close (DsSession *session)
{
  if (session == NULL)
    return;
  ds_pool_free (session->pool);
  ds_poison_free (session->poison);
  ds_store_close (session->store);
  ds_ledger_close (session->ledger);
  ds_state_close (session->state);
  ds_lock_free (session->run_lock);
  ds_matcher_free (session->matcher);
  ds_ticket_pattern_free (session->ticket_pattern);
  g_clear_pointer (&session->packs, g_ptr_array_unref);
  g_clear_pointer (&session->dismissed, g_hash_table_unref);
  ds_site_key_free (session->key);
  ds_configuration_free (session->configuration);
  g_free (session->system_user);
  g_free (session->run);
  g_free (session->store_name);
  g_free (session->store_path);
  g_free (session->unindexed_why);
  g_free (session->incarnation);
  g_free (session);
}

char *
ds_session_path_of (const DsGlobalOptions *options, const char *store, GError **error)
{
  g_autoptr (DsConfiguration) configuration = ds_configuration_load (options->config, error);
  g_autoptr (DsState) state = configuration != NULL ? ds_state_open (configuration->state_path, error) : NULL;
  g_autofree char *sealed = state != NULL ? ds_state_path_of (state, store, error) : NULL;
  g_autoptr (DsSiteKey) key = sealed != NULL ? ds_site_key_load (configuration->key_path, FALSE, error) : NULL;
  return key != NULL ? ds_site_key_unseal (key, sealed) : NULL;
}
