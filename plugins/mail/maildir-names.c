#include "config.h"
#include "maildir-names.h"
#include "place.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DIGEST_DIGITS 16

gsize
ds_maildir_unique_length (const char *name)
{
  gsize length = strcspn (name, ":");
  for (gsize i = 0; i + 3 < length; i++)
    if (name[i] == ',' && (name[i + 1] == 'S' || name[i + 1] == 'W') && name[i + 2] == '=' && g_ascii_isdigit (name[i + 3]))
      return i;
  return length;
}

/* "M12P34V0801I0ABC_0", "12345_1", "R987": numbers and letters before them; no word but of hexadecimal digits. */
static gboolean
is_plain_middle (const char *text, gsize length)
{
  gsize word = 0;
  gboolean hex = TRUE;
  for (gsize i = 0; i < length; i++)
    {
      gboolean letter = g_ascii_isalpha (text[i]);
      if (!letter && !g_ascii_isdigit (text[i]) && text[i] != '_')
        return FALSE;
      hex = letter ? (word == 0 || hex) && g_ascii_isxdigit (text[i]) : TRUE;
      word = letter ? word + 1 : 0;
      if (word > (hex ? 8 : 3))
        return FALSE;
    }
  return length > 0;
}

/* ",U=12", ",FMD5=7e33429f", ... up to the end. */
static gboolean
is_plain_tail (const char *text, gsize length)
{
  gsize at = 0;
  while (at < length && text[at] == ',')
    {
      gsize name = ++at;
      while (at < length && (g_ascii_isupper (text[at]) || g_ascii_isdigit (text[at])))
        at++;
      if (at == name || at - name > 4 || at == length || text[at++] != '=')
        return FALSE;
      while (at < length && g_ascii_isxdigit (text[at]))
        at++;
    }
  return at == length;
}

/* "1700000000.M1P2.host,U=7": what the host is called is the site's own choice. */
static gboolean
is_plain_unique (const char *name, gsize length)
{
  const char *end = name + length;
  const char *dot = name + strspn (name, "0123456789_");
  if (dot == name || dot >= end || *dot != '.')
    return FALSE;
  const char *middle = dot + 1, *host = middle;
  while (host < end && *host != '.' && *host != ',')
    host++;
  const char *tail = host;
  while (tail < end && (g_ascii_isalnum (*tail) || strchr (".-_\\", *tail) != NULL))
    tail++;
  return is_plain_middle (middle, (gsize) (host - middle)) && is_plain_tail (tail, (gsize) (end - tail));
}

gboolean
ds_maildir_name_is_plain (const char *name)
{
  gsize unique = ds_maildir_unique_length (name), end = strcspn (name, ":");
  if (!is_plain_unique (name, unique) || !is_plain_tail (name + unique, end - unique))
    return FALSE;
  if (name[end] == '\0' || g_str_equal (name + end, ":2,"))
    return TRUE;
  if (!g_str_has_prefix (name + end, ":2,"))
    return FALSE;
  /* Flags stand in the order of ASCII, each once: no word does. */
  for (const char *flag = name + end + 3; *flag != '\0'; flag++)
    if (!g_ascii_isalpha (*flag) || (flag[1] != '\0' && flag[1] <= *flag))
      return FALSE;
  return TRUE;
}

char *
ds_maildir_key (const DsSiteKey *key, const char *name)
{
  gsize length = ds_maildir_unique_length (name);
  if (is_plain_unique (name, length))
    return g_strndup (name, length);
  g_autofree char *digest = ds_site_key_digest (key, "path", name, length, DIGEST_DIGITS);
  return g_strconcat ("k", digest, NULL);
}

/* The size that the message has with every line end as CRLF, as IMAP counts (RFC 3501, RFC822.SIZE). */
static guint64
virtual_size (const char *data, gsize size)
{
  guint64 bare = 0;
  for (const char *at = data; size > 0 && (at = memchr (at, '\n', (gsize) (data + size - at))) != NULL; at++)
    bare += at == data || at[-1] != '\r';
  return size + bare;
}

char *
ds_maildir_sized_name (const char *name, GBytes *bytes)
{
  gsize size = 0, end = strcspn (name, ":");
  const char *data = g_bytes_get_data (bytes, &size);
  g_autoptr (GString) sized = g_string_new_len (name, (gssize) ds_maildir_unique_length (name));
  gsize at = sized->len;
  while (at < end)
    {
      gboolean counts = end - at > 3 && name[at] == ',' && name[at + 2] == '=' && g_ascii_isdigit (name[at + 3])
                        && (name[at + 1] == 'S' || name[at + 1] == 'W');
      if (!counts)
        {
          g_string_append_c (sized, name[at++]);
          continue;
        }
      guint64 value = name[at + 1] == 'S' ? size : virtual_size (data, size);
      g_string_append_printf (sized, ",%c=%" G_GUINT64_FORMAT, name[at + 1], value);
      at += 3 + strspn (name + at + 3, "0123456789");
    }
  g_string_append (sized, name + end);
  return g_str_equal (sized->str, name) ? NULL : g_strdup (sized->str);
}

gint64
ds_maildir_date (const char *name, gint64 other)
{
  char *end = NULL;
  gint64 date = g_ascii_strtoll (name, &end, 10);
  gboolean plausible = end != name && *end == '.' && date > 631152000 /* 1990 */ && date < (gint64) time (NULL) + 86400;
  return plausible ? date : other;
}

static int
compare_unique (const char *a, gsize a_length, const char *b, gsize b_length)
{
  int order = memcmp (a, b, MIN (a_length, b_length));
  return order != 0 ? order : a_length < b_length ? -1 : a_length > b_length;
}

/* Paths begin with "cur/" or "new/": the name is at 4. */
static int
compare_paths (gconstpointer a, gconstpointer b)
{
  const char *left = *(char *const *) a, *right = *(char *const *) b;
  int order = compare_unique (left + 4, ds_maildir_unique_length (left + 4), right + 4, ds_maildir_unique_length (right + 4));
  return order != 0 ? order : strcmp (left, right);
}

static gboolean
add_names (GPtrArray *paths, int folder, const char *part)
{
  int fd = ds_place_folder (folder, part);
  GPtrArray *names = fd >= 0 ? ds_place_names (fd) : NULL;
  int kept = errno;
  if (fd >= 0)
    close (fd);
  errno = kept;
  if (names == NULL)
    return kept == ENOENT; /* half a Maildir still holds what it holds */
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      if (name[0] != '.') /* the specification: readers skip these */
        g_ptr_array_add (paths, g_strconcat (part, "/", name, NULL));
    }
  g_ptr_array_unref (names);
  return TRUE;
}

DsMaildirNames *
ds_maildir_names_load (int folder, const DsSiteKey *key)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  /* new first: a message that a reader moves meanwhile from new to cur is then seen twice (and once it is looked for,
   * found in cur), never missed. */
  if (!add_names (paths, folder, "new") || !add_names (paths, folder, "cur"))
    return NULL;
  g_ptr_array_sort (paths, compare_paths);
  DsMaildirNames *names = g_new0 (DsMaildirNames, 1);
  names->key = key;
  names->paths = g_steal_pointer (&paths);
  return names;
}

void
ds_maildir_names_free (DsMaildirNames *names)
{
  if (names == NULL)
    return;
  g_ptr_array_unref (names->paths);
  g_clear_pointer (&names->keyed, g_hash_table_unref);
  g_free (names);
}

static gboolean
same_unique (const char *a, const char *b)
{
  return compare_unique (a, ds_maildir_unique_length (a), b, ds_maildir_unique_length (b)) == 0;
}

char *
ds_maildir_names_key (const DsMaildirNames *names, guint i)
{
  const char *name = (const char *) g_ptr_array_index (names->paths, i) + 4;
  guint ordinal = 1;
  while (ordinal <= i && same_unique ((const char *) g_ptr_array_index (names->paths, i - ordinal) + 4, name))
    ordinal++;
  g_autofree char *key = ds_maildir_key (names->key, name);
  return ordinal == 1 ? g_steal_pointer (&key) : g_strdup_printf ("%s~%u", key, ordinal);
}

/* The first path whose unique name is not below the one given. */
static guint
lower_bound (const DsMaildirNames *names, const char *unique, gsize length)
{
  guint low = 0, high = names->paths->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const char *name = (const char *) g_ptr_array_index (names->paths, middle) + 4;
      if (compare_unique (name, ds_maildir_unique_length (name), unique, length) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static gint
find_nth (const DsMaildirNames *names, const char *unique, gsize length, guint ordinal)
{
  guint i = lower_bound (names, unique, length) + ordinal - 1;
  if (i >= names->paths->len)
    return -1;
  const char *name = (const char *) g_ptr_array_index (names->paths, i) + 4;
  return compare_unique (name, ds_maildir_unique_length (name), unique, length) == 0 ? (gint) i : -1;
}

static void
index_digests (DsMaildirNames *names)
{
  names->keyed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < names->paths->len; i++)
    {
      const char *name = (const char *) g_ptr_array_index (names->paths, i) + 4;
      if (is_plain_unique (name, ds_maildir_unique_length (name)))
        continue;
      char *key = ds_maildir_key (names->key, name);
      if (g_hash_table_contains (names->keyed, key))
        g_free (key);
      else
        g_hash_table_insert (names->keyed, key, GUINT_TO_POINTER (i + 1));
    }
}

/* The file whose key is a digest; further ones of the same name follow it. */
static gint
find_digest (DsMaildirNames *names, const char *key)
{
  if (names->keyed == NULL)
    index_digests (names);
  g_autofree char *first = g_strndup (key, DIGEST_DIGITS + 1);
  guint found = GPOINTER_TO_UINT (g_hash_table_lookup (names->keyed, first));
  if (found == 0)
    return -1;
  const char *name = (const char *) g_ptr_array_index (names->paths, found - 1) + 4;
  guint64 ordinal = key[DIGEST_DIGITS + 1] == '~' ? g_ascii_strtoull (key + DIGEST_DIGITS + 2, NULL, 10) : 1;
  return ordinal < 1 || ordinal > G_MAXINT ? -1 : find_nth (names, name, ds_maildir_unique_length (name), (guint) ordinal);
}

gint
ds_maildir_names_find (DsMaildirNames *names, const char *key)
{
  if (key[0] == 'k' && strspn (key + 1, "0123456789abcdef") == DIGEST_DIGITS)
    return find_digest (names, key);
  gint found = find_nth (names, key, strlen (key), 1);
  const char *mark = strrchr (key, '~');
  guint64 ordinal = mark != NULL ? g_ascii_strtoull (mark + 1, NULL, 10) : 0;
  if (found >= 0 || ordinal < 2 || ordinal > G_MAXINT)
    return found;
  return find_nth (names, key, (gsize) (mark - key), (guint) ordinal);
}
