/* What a worker says, if a hostile mail took it over.  The parent takes a reply or refuses it, soon, and whatever it takes has
 * in it nothing but the small alphabets of an honest one, so that nothing of the mail gets into ledger and output.
 * Input: bytes as they come over the socket; or, with "<", a kind and a body's bytes in a frame that is well formed; or, with
 * "{", lines that take the place of an honest scan's strings, one after the other ("=": the honest one stays); or, with "[", the
 * error and the part of a rewrite. */
#include "config.h"
#include "property.h"
#include "worker/task.h"
#include "worker/wire.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAGIC 0x64536872u
/* An honest reply, or what lines make of it: each takes the place of a string.  NULL: honest. */
static DsScanReply *
reply_of (char **lines)
{
  DsScanReply *reply = g_new0 (DsScanReply, 1);
  DsFinding *f = g_new0 (DsFinding, 1);
  DsPartInfo *part = g_new0 (DsPartInfo, 1);
  DsNotLookedAt *entry = g_new0 (DsNotLookedAt, 1);
  char *where = g_strdup ("body"), *reason = g_strdup (DS_REASON_ENCRYPTED), *reference = g_strdup ("0123456789abcdef0123456789abcdef");
  char *texts[] = { g_strdup ("1.2"), g_strdup ("visible"), g_strdup ("text/plain"), g_strdup ("pdf"), g_strdup ("credit-card"),
                    g_strdup (reference) };
  *f = (DsFinding){ .kind = DS_KIND_CREDIT_CARD, .score = 90, .start = 1, .end = 20, .masked = g_strdup ("**** 1111") };
  *part = (DsPartInfo){ .number = g_strdup ("2"), .media_type = g_strdup ("image/png"), .extension = g_strdup ("png"), .size = 9 };
  *entry = (DsNotLookedAt){ g_strdup ("3"), NULL };
  reply->own = g_strdup (reference);
  reply->ticket = g_strdup ("1234");
  char **const strings[] = { &texts[0], &texts[1], &where, &texts[2], &texts[3], &texts[4], &f->masked, &texts[5],
                             &part->number, &part->media_type, &part->extension, &entry->part, &reason, &reply->own, &reply->ticket,
                             &reference };
  for (guint i = 0; i < G_N_ELEMENTS (strings) && lines != NULL && lines[i] != NULL; i++)
    if (strcmp (lines[i], "=") != 0)
      {
        g_free (*strings[i]);
        *strings[i] = g_strdup (lines[i]);
      }
  f->part = g_ref_string_new (texts[0]);
  f->text_label = g_ref_string_new (texts[1]);
  f->media_type = g_ref_string_new (texts[2]);
  f->extension = g_ref_string_new (texts[3]);
  f->rule = g_ref_string_new (texts[4]);
  g_strlcpy (f->fingerprint, texts[5], sizeof f->fingerprint);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
  /* These are static strings in honest replies: until the next one, they are here too. */
  static char *kept[2];
  g_free (kept[0]);
  g_free (kept[1]);
  f->where = kept[0] = where;
  entry->reason = kept[1] = reason;
  reply->references = g_strsplit (reference, "\n", 1);
  reply->findings = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_finding_free);
  reply->not_looked_at = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_not_looked_at_free);
  reply->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_part_info_free);
  g_ptr_array_add (reply->findings, f);
  g_ptr_array_add (reply->not_looked_at, entry);
  g_ptr_array_add (reply->parts, part);
  g_free (reference);
  return reply;
}

static void
require_honest_is_taken (void)
{
  g_autoptr (DsScanReply) honest = reply_of (NULL);
  g_autoptr (GBytes) body = ds_scan_reply_write (honest);
  g_autoptr (DsScanReply) read = ds_scan_reply_read (body);
  fuzz_require (read != NULL && read->findings->len == 1, "an honest reply is refused");
}

/* ---- what may be in a reply; written anew, not taken from the reader ---- */

static void
require_of (const char *what, const char *text, const char *alphabet, gsize most)
{
  if (text != NULL)
    fuzz_require (strlen (text) <= most && strspn (text, alphabet) == strlen (text), "%s: a reply that says \"%s\" is taken", what, text);
}

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static void
require_finding (const DsFinding *f)
{
  require_of ("part", f->part, "0123456789.", 5000);
  require_of ("text", f->text_label, ALNUM ":-", 60);
  require_of ("where", f->where, "abcdefghijklmnopqrstuvwxyz", 12);
  require_of ("extension", f->extension, ALNUM, 8);
  require_of ("media type", f->media_type, ALNUM "/.+-_", 100);
  require_of ("rule", f->rule, ALNUM "-", 64);
  require_of ("fingerprint", f->fingerprint, "0123456789abcdef", 32);
  fuzz_require (strlen (f->fingerprint) == 32 && f->kind < DS_N_KINDS && f->score <= 100 && f->start < f->end, "numbers out of range");
  fuzz_require (g_utf8_validate (f->masked, -1, NULL) && strlen (f->masked) <= 64, "a mask that is none");
  for (const char *at = f->masked; *at != '\0'; at = g_utf8_next_char (at))
    fuzz_require (!g_unichar_iscntrl (g_utf8_get_char (at)), "a mask with a control character");
}

static void
require_scan_reply (const DsScanReply *reply)
{
  for (guint i = 0; i < reply->findings->len; i++)
    require_finding (g_ptr_array_index (reply->findings, i));
  for (guint i = 0; i < reply->not_looked_at->len; i++)
    {
      const DsNotLookedAt *entry = g_ptr_array_index (reply->not_looked_at, i);
      require_of ("part", entry->part, "0123456789.", 5000);
      fuzz_require (entry->reason != NULL, "a reason that is none");
    }
  for (guint i = 0; i < reply->parts->len; i++)
    {
      const DsPartInfo *info = g_ptr_array_index (reply->parts, i);
      require_of ("part", info->number, "0123456789.", 5000);
      require_of ("media type", info->media_type, ALNUM "/.+-_", 100);
      require_of ("extension", info->extension, ALNUM, 8);
    }
  require_of ("own id", reply->own, "0123456789abcdef", 32);
  require_of ("ticket", reply->ticket, ALNUM "_-", 40);
  for (guint i = 0; reply->references[i] != NULL; i++)
    require_of ("reference", reply->references[i], "0123456789abcdef", 32);
}

static void
require_rewrite_reply (const DsRewriteReply *reply)
{
  static const char *const refusals[] = { DS_REFUSAL_PART, DS_REFUSAL_STRUCTURE, DS_REFUSAL_UNASKED, DS_REFUSAL_LEFT, NULL };
  fuzz_require ((reply->bytes == NULL) == (reply->error != NULL), "bytes or an error, not both or neither");
  fuzz_require (reply->error == NULL || g_strv_contains (refusals, reply->error), "an error in the worker's own words");
  require_of ("part", reply->part, "0123456789.", 5000);
}

/* ---- the socket ---- */

static void
read_replies (int socket)
{
  DsFrameOnWire frame;
  gint64 begun = g_get_monotonic_time ();
  while (ds_wire_read (socket, begun + G_USEC_PER_SEC, 1 << 20, &frame) == 1)
    {
      g_autoptr (DsScanReply) scan = ds_scan_reply_read (frame.body);
      g_autoptr (DsRewriteReply) rewrite = ds_rewrite_reply_read (frame.body, frame.blob);
      if (scan != NULL)
        require_scan_reply (scan);
      if (rewrite != NULL)
        require_rewrite_reply (rewrite);
      /* What was taken can be written, and is taken again. */
      g_autoptr (GBytes) again = scan != NULL ? ds_scan_reply_write (scan) : NULL;
      g_autoptr (DsScanReply) twice = again != NULL ? ds_scan_reply_read (again) : NULL;
      fuzz_require ((scan == NULL) == (twice == NULL), "an honest reply is refused");
      ds_wire_clear (&frame);
    }
  fuzz_require (g_get_monotonic_time () - begun < 15 * G_USEC_PER_SEC, "the parent waited for ever");
}

/* All of it fits into the socket's buffer: the other side is then gone, as a worker that died. */
static void
say (gconstpointer bytes, gsize size)
{
  int pair[2], room = 1 << 20;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    abort ();
  setsockopt (pair[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  if (send (pair[1], bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN)
    abort ();
  close (pair[1]);
  read_replies (pair[0]);
  close (pair[0]);
}

static void
say_body (guint32 kind, gconstpointer data, gsize size)
{
  const struct
  {
    guint32 magic, kind;
    guint64 body_size, blob_size, has_blob;
  } head = { MAGIC, kind, size, 3, size % 2 };
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_byte_array_append (out, (gconstpointer) &head, sizeof head);
  if (size > 0)
    g_byte_array_append (out, data, (guint) size);
  g_byte_array_append (out, (const guint8 *) "new", head.has_blob != 0 ? 3 : 0);
  say (out->data, out->len);
}

static void
say_strings (const char *text, gboolean is_scan)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_auto (GStrv) lines = g_strsplit (valid, "\n", 20);
  g_autoptr (DsScanReply) scan = is_scan ? reply_of (lines) : NULL;
  const DsRewriteReply rewrite = { NULL, lines[0] != NULL && *lines[0] != '\0' ? lines[0] : NULL, lines[0] != NULL ? lines[1] : NULL, 3 };
  g_autoptr (GBytes) body = is_scan ? ds_scan_reply_write (scan) : ds_rewrite_reply_write (&rewrite);
  say_body (DS_WIRE_REPLY, g_bytes_get_data (body, NULL), g_bytes_get_size (body));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static gboolean checked;
  if (!checked)
    require_honest_is_taken ();
  checked = TRUE;
  if (size == 0 || size > 65536)
    return 0;
  g_autofree char *text = g_strndup ((const char *) data, size);
  if (text[0] == '{' || text[0] == '[')
    say_strings (text + 1, text[0] == '{');
  else if (text[0] == '<' && size > 2)
    say_body (data[1] % 6, data + 2, size - 2);
  else
    say (data, size);
  return 0;
}
