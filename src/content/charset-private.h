/* content/charset, inside: the list of charsets, their converters, and the decoders by family.
 *
 * No iconv state is ever kept between characters, and nothing is ever converted by iconv as a whole: the stateful
 * charsets are walked by our own code, which asks for single characters in a stateless charset of the same repertoire.
 * Single thread. */
#pragma once
#include "content/charset.h"
#include "content/text-builder.h"

G_BEGIN_DECLS

#define DS_CHARSET_NONE G_MAXUINT32 /* no character */
#define DS_CHARSET_ROOM 16          /* bytes for one character of any charset in UTF-8: at most two code points */

typedef enum
{
  DS_FAMILY_UTF8,
  DS_FAMILY_SINGLE, /* one byte a character */
  DS_FAMILY_MULTI,  /* 1 to 4 bytes; bytes < 0x80 where a character begins are ASCII */
  DS_FAMILY_WIDE,   /* UTF-16, UTF-32 */
  DS_FAMILY_UTF7,
  DS_FAMILY_ISO2022, /* and HZ: shift states and escape sequences */
} DsFamily;

typedef struct
{
  const char *name; /* as reported */
  DsFamily family;
  const char *converter; /* iconv's name; NULL where we decode ourselves */
  const char *aliases;   /* in loose spelling (only lower case letters and digits), separated by spaces */
} DsCharset;

/* charset-names.c: by a name as written in mail: quoted, misspelt, with parameters behind it.  NULL: no such charset, or
 * no converter. */
const DsCharset *ds_charset_find (const char *name);
/* The name says nothing about the charset: NULL, "8bit", "default", "unknown-8bit". */
gboolean ds_charset_says_nothing (const char *name);

/* charset-convert.c */

/* Whether the converter is there; opens it. */
gboolean ds_charset_available (const DsCharset *charset);
/* The 256 characters (DS_CHARSET_NONE where there is none) of a charset of the single family. */
const gunichar *ds_charset_single (const DsCharset *charset);
/* The first character of bytes [0, size) in the multi family: its length in bytes, at most 4; up to two code points to
 * utf8 (DS_CHARSET_ROOM bytes) with *utf8_size.  *utf8_size is 0 if these bytes are no character. */
gsize ds_charset_multi (const DsCharset *charset, const char *bytes, gsize size, char *utf8, gsize *utf8_size);

/* Decoders by family; builder->source is the input.  Each returns how many byte sequences were no characters. */
guint ds_decode_utf8 (DsTextBuilder *builder, gsize start, gsize size);
guint ds_decode_single (const DsCharset *charset, DsTextBuilder *builder, gsize size);
guint ds_decode_multi (const DsCharset *charset, DsTextBuilder *builder, gsize size);
guint ds_decode_wide (const DsCharset *charset, DsTextBuilder *builder, gsize start, gsize size);
guint ds_decode_utf7 (DsTextBuilder *builder, gsize size);            /* charset-utf7.c */
guint ds_decode_iso2022 (const DsCharset *charset, DsTextBuilder *builder, gsize size); /* charset-iso2022.c */

void ds_decode_put_invalid (DsTextBuilder *builder, gsize start, gsize end);
/* The end of the run of ASCII bytes at start. */
gsize ds_ascii_run (const char *bytes, gsize start, gsize size);
/* Whether the bytes are UTF-8, NULs allowed. */
gboolean ds_is_utf8 (const char *bytes, gsize size);

/* UTF-16 and UTF-32: size of a unit, and its order. */
guint ds_wide_unit (const DsCharset *charset);
gboolean ds_wide_is_big_endian (const DsCharset *charset);

/* charset-guess.c: which charset the bytes are really in.  *guessed: the declared one was missing or plainly wrong;
 * *bom: bytes of the byte order mark, which is no text. */
const DsCharset *ds_charset_guess (const DsCharset *declared, gboolean nothing_declared, gboolean html, const char *bytes,
                                   gsize size, gsize *bom, gboolean *guessed);
typedef enum
{
  DS_UTF8_NO,
  DS_UTF8_IF_AT_FAULT, /* if some of it is no character in the charset */
  DS_UTF8_YES,
} DsUtf8Claim;

/* Whether text declared as another charset is rather UTF-8. */
DsUtf8Claim ds_charset_utf8_claim (const DsCharset *charset, const char *bytes, gsize size);

/* Edits of bytes in the families with states; as ds_charset_edits. */
GArray *ds_edits_utf7 (const DsDecoded *decoded, const char *bytes, gsize size, const GArray *edits);
GArray *ds_edits_iso2022 (const DsCharset *charset, const DsDecoded *decoded, const char *bytes, gsize size,
                          const GArray *edits, GError **error);
/* The input of an edit: its first byte, and the byte after its last. */
DsSpan ds_splice_hull (const DsDecoded *decoded, const DsEdit *edit);

G_END_DECLS
