/* Values are wiped before their memory is given back, where it would lie about until something else is written there.  This program
 * looks at every block as it is freed. */
#include "config.h"
#include "base/site-key.h"
#include "detect/finding.h"
#include "detect/match.h"
#include "detect/value.h"
#include "detect/value-set.h"
#include "worker/blob-work.h"
#include <malloc.h>
#include <string.h>

/* A sanitizer has a free() of its own. */
#if defined __SANITIZE_ADDRESS__
#define LOOKS 0
#elif defined __has_feature
#define LOOKS !__has_feature (address_sanitizer)
#else
#define LOOKS 1
#endif

static const char value[] = "harriet.quillfeather@example.org";
static const void *watched; /* a block that must be wiped */
static const char *secret;  /* what must stand in no block */
static guint n_freed, n_left;

#if LOOKS
void __libc_free (void *block);

/* In the place of the C library's. */
void
free (void *block)
{
  if (block != NULL && secret != NULL)
    {
      gboolean is_watched = watched == NULL || watched == block;
      n_freed += is_watched;
      n_left += is_watched && memmem (block, malloc_usable_size (block), secret, strlen (secret)) != NULL;
    }
  __libc_free (block);
}
#endif

/* From here on block (NULL: any) is looked at, for text. */
static void
watch (const void *block, const char *text)
{
  n_freed = n_left = 0;
  watched = block;
  secret = text;
}

static void
assert_wiped (void)
{
  secret = NULL;
  g_assert_cmpuint (n_freed, >=, 1);
  g_assert_cmpuint (n_left, ==, 0);
}

/* Without this the others would prove nothing. */
static void
test_looks (void)
{
  char *text = g_strdup (value);
  watch (text, value);
  g_free (text);
  secret = NULL;
  g_assert_cmpuint (n_left, ==, 1);
}

static void
test_finding (void)
{
  DsFinding *finding = g_new0 (DsFinding, 1);
  finding->value = g_strdup (value);
  watch (NULL, value);
  ds_finding_free (finding);
  assert_wiped ();
}

static void
test_match (void)
{
  DsMatch *match = g_new0 (DsMatch, 1);
  match->value = g_strdup (value);
  watch (NULL, value);
  ds_match_free (match);
  assert_wiped ();
}

static void
test_wanted (void)
{
  DsWantedValue *wanted = g_new0 (DsWantedValue, 1);
  wanted->value = g_strdup (value);
  watch (NULL, value);
  ds_wanted_value_free (wanted);
  assert_wiped ();
}

static void
test_fingerprint (void)
{
  g_autoptr (DsSiteKey) key = ds_site_key_new_random ();
  watch (NULL, value);
  g_autofree char *fingerprint = ds_value_fingerprint (key, DS_KIND_EMAIL, value);
  g_assert_nonnull (fingerprint);
  assert_wiped ();
}

/* The key's bytes stand in the first block; what they are is not told, so a text is put over them. */
static void
test_key (void)
{
  DsSiteKey *key = ds_site_key_new_random ();
  memcpy (key, value, strlen (value));
  watch (key, value);
  ds_site_key_free (key);
  assert_wiped ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#if LOOKS
  g_test_add_func ("/wiped/looks", test_looks);
  g_test_add_func ("/wiped/finding", test_finding);
  g_test_add_func ("/wiped/match", test_match);
  g_test_add_func ("/wiped/wanted", test_wanted);
  g_test_add_func ("/wiped/fingerprint", test_fingerprint);
  g_test_add_func ("/wiped/key", test_key);
#endif
  return g_test_run ();
}
