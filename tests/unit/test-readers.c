#include "config.h"
#include "content/text.h"
#include <string.h>
#include <time.h>

#define SEPARATOR "\x1f"

static GPtrArray *
read_all (DsReader read, const char *utf8, gsize size)
{
  GPtrArray *texts = g_ptr_array_new_with_free_func ((GDestroyNotify) ds_text_free);
  read (utf8, size, texts);
  return texts;
}

static DsText *
text_of (const GPtrArray *texts, DsTextKind kind)
{
  for (guint i = 0; i < texts->len; i++)
    if (((DsText *) texts->pdata[i])->kind == kind)
      return texts->pdata[i];
  return NULL;
}

static void
check (DsReader read, DsTextKind kind, const char *source, const char *expected)
{
  g_autoptr (GPtrArray) texts = read_all (read, source, strlen (source));
  const DsText *text = text_of (texts, kind);
  g_assert_cmpstr (text != NULL ? text->utf8 : NULL, ==, expected);
}

typedef struct
{
  DsReader read;
  DsTextKind kind;
  const char *source, *expected; /* NULL: no such text */
} Case;

#define SEEN ds_read_html, DS_TEXT_VISIBLE
#define ATTRIBUTE ds_read_html, DS_TEXT_ATTRIBUTE
#define COMMENT ds_read_html, DS_TEXT_COMMENT

static const Case html[] = {
  { SEEN, "41<b>11</b> 11<!-- x -->11", "4111 1111" },
  { SEEN, "41 <b> 11</b>  \n\t 11", "41 11 11" },
  { SEEN, "<p>a</p><div><p> b\n c </p></div>d", "a\nb c \nd" },
  { SEEN, "a<br>b<BR/><br />c", "a\nb\n\nc" },
  { SEEN, "<table><tr><td>a</td><td>b</td></tr>\n<tr><th>c</th>", "a\tb\nc\t" },
  { SEEN, "<pre>a\n  b</pre>\n c", "a\n  b\nc" },
  { SEEN, "<title>a &amp; <b></title>c", "a & <b>\nc" },
  { SEEN, "<textarea>\na  b</textarea>", "\na  b\n" },
  { SEEN, "<xmp>a &amp; <b></xmp>", "a &amp; <b>\n" },
  { SEEN, "a<plaintext>b</plaintext>&amp;", "a\nb</plaintext>&amp;" },
  { SEEN, "<span style='display:none'>hidden</span>", "hidden" },
  { SEEN, "a < b <3 c</ <> &", "a < b <3 c &" },
  { SEEN, "1 <", "1 <" },
  { SEEN, "x</", "x</" },
  { SEEN, "a<!-->b<!--->c<!--d--!>e<!-- --x -->f", "abcef" },
  { SEEN, "<script>if (a<b) x()</scripty></script >c", "c" },
  { SEEN, "<style>p{}</STYLE>c<script>never closed", "c" },
  { SEEN, "<![if !mso]>a<![endif]>", "a" },
  { SEEN, "&lt;&#60;&#x3C;&#x3c&LT &amp;lt; &#128;&#0;&#xD800;&#1114112;", "<<<<< &lt; \u20ac\ufffd\ufffd\ufffd" },
  { SEEN, "&copy2024 &notit; &notin; &NotEqualTilde; &bogus; &; &#; &#x; AT&T",
    "\u00a92024 \u00acit; \u2209 \u2242\u0338 &bogus; &; &#; &#x; AT&T" },
  { SEEN, "a&#32;&#10; b&nbsp;c", "a b\u00a0c" },
  { SEEN, "<a title=\"x>y\">z</a>", "z" },
  { ATTRIBUTE, "<a href='mailto:jane%40example.org' title=\"a&quot;b\" data-x=1>",
    "mailto:jane@example.org" SEPARATOR "a\"b" SEPARATOR "1" },
  { ATTRIBUTE, "<a href='?a=1&copy=2&amp;b=%C3%A9%E9%zz&c=4111+1111&t=+49'>",
    "?a=1&copy=2&b=\u00e9%E9%zz&c=4111 1111&t=+49" },
  { ATTRIBUTE, "<p title='100%41+1?a+b' data-u='https://example.org/%40'>",
    "100%41+1?a+b" SEPARATOR "https://example.org/@" },
  { ATTRIBUTE, "<a title='&copy=1 &copy; &copy &copyx &#65'>", "&copy=1 \u00a9 \u00a9 &copyx A" },
  { ATTRIBUTE, "<input value = x y='' checked>", "x" },
  { ATTRIBUTE, "<jane@example.org> </jane@example.org>", "jane@example.org" SEPARATOR "jane@example.org" },
  { ATTRIBUTE, "<card 4111 1111  1111 1111 a=b>", "4111 1111  1111 1111" SEPARATOR "b" },
  { ATTRIBUTE, "<DE89370400440532013000>", "DE89370400440532013000" },
  { ATTRIBUTE, "<a title=\"never closed <b>", "never closed <b>" },
  { SEEN, "41<iframe>x</iframe>1<template>y</template>1", "4111" },
  { SEEN, "<!--[if mso]>4<b>1</b>11<![endif]--><noframes>&#52;1<noembed>1</noembed>1</noframes>", "4111" SEPARATOR "4111" },
  { SEEN, "<template><!--[if x]>4--><iframe title=a>1<b>1</b>", "11" },
  { ATTRIBUTE, "<noframes><a title='4&#49;11'></noframes>", "4111" },
  { COMMENT, "<!DOCTYPE html><!--a--><!--[if mso]><b>x</b><![endif]--><?php x ?></ y><script>z</script>",
    "DOCTYPE html" SEPARATOR "a" SEPARATOR "[if mso]>" SEPARATOR "php x ?" SEPARATOR " y" SEPARATOR "z" },
  { COMMENT, "<!-- never closed", " never closed" },
  { COMMENT, "none", NULL },
};

#define XML_SEEN ds_read_xml, DS_TEXT_VISIBLE

static const Case xml[] = {
  { XML_SEEN, "<a><b>41</b><b>11</b></a>", "41\n11\n" },
  { XML_SEEN, "<a>x  \n&lt;&#10;<![CDATA[<b>&amp;]]></a>", "x  \n<\n<b>&amp;\n" },
  { XML_SEEN, "<\xc3\xa4>a</\xc3\xa4>", "a\n" },
  { XML_SEEN, "<script>a</script>", "a\n" },
  { ds_read_xml, DS_TEXT_ATTRIBUTE, "<a b='1' c=\"2\"/>", "1" SEPARATOR "2" },
  { ds_read_xml, DS_TEXT_COMMENT, "<?xml v?><!DOCTYPE a [<!ENTITY b \"c]>\"><!-- don't ]> -->]><!--d-->",
    "xml v" SEPARATOR "DOCTYPE a [<!ENTITY b \"c]>\"><!-- don't ]> -->]" SEPARATOR "d" },
};

#define JSON ds_read_json, DS_TEXT_VISIBLE

static const Case json[] = {
  { JSON, "{\"a\": \"\\u0041\\ud83d\\ude00\\n\\/\\\"\"}", "{\"a\": \"A\U0001f600\n/\"\"}" },
  { JSON, "[\"\\q \\ud800 \\u12\", \"\\", "[\"\\q \\ud800 \\u12\", \"\\" },
  { JSON, "{\"a\":\"broken\n{\"b\":\"\\u0042\"}", "{\"a\":\"broken\n{\"b\":\"B\"}" },
  { JSON, "// it\"s\n[\"\\u0041\"] /* \" */ [\"\\u0042\"]", "// it\"s\n[\"A\"] /* \" */ [\"B\"]" },
};

#define CALENDAR ds_read_calendar, DS_TEXT_VISIBLE

static const Case calendar[] = {
  { CALENDAR, "SUMMARY:a\\, b\\;\\nc\\\\ \\x\r\n", "SUMMARY:a, b;\nc\\ \\x\r\n" },
  { CALENDAR, "TEL:41\r\n 11\r\n\t11\nX:1", "TEL:411111\nX:1" },
  { CALENDAR, "A;B=\"c:d\":e\\\r\n ,f\r\nATTENDEE;CN=J\r\n ane:mailto:x", "A;B=\"c:d\":e,f\r\nATTENDEE;CN=Jane:mailto:x" },
  { CALENDAR, "N;ENCODING=QUOTED-PRINTABLE:M=C3=BC=\r\nller=3D J=FCrgen =C3=\r\n=A4=zz",
    "N;ENCODING=QUOTED-PRINTABLE:M\u00fcller= J\u00fcrgen \u00e4=zz" },
  { CALENDAR, "N;quoted-printable:=41\nX:=41", "N;quoted-printable:A\nX:=41" },
  { CALENDAR, "PHOTO;ENCODING=b:AAAA\r\n BBBB\r\nFN:x", "PHOTO;ENCODING=b:\r\nFN:x" },
  { CALENDAR, "B:x\r\nENCODING=b:x\r\nQUOTED-PRINTABLE:=41", "B:x\r\nENCODING=b:x\r\nQUOTED-PRINTABLE:=41" },
  { ds_read_calendar, DS_TEXT_COMMENT, "PHOTO;ENCODING=BASE64:AAAA\r\n BBBB\r\nLOGO:data:image/png;base64,QUJD",
    "AAAABBBB" SEPARATOR "data:image/png;base64,QUJD" },
  { CALENDAR, "no colon\r\n\r\n:", "no colon\r\n\r\n:" },
  { CALENDAR, "X-ALT-DESC;FMTTYPE=text/html:<p>4\\,<b>1\r\n 11</b>\r\nFN:x", "X-ALT-DESC;FMTTYPE=text/html:\r\nFN:x" },
  { ds_read_calendar, DS_TEXT_ATTRIBUTE, "X-ALT-DESC;FMTTYPE=text/html:<a title='4\\,1\r\n 11'>", "4,111" },
};

static void
check_all (const Case *cases, guint count)
{
  for (guint i = 0; i < count; i++)
    {
      g_test_message ("%s", cases[i].source);
      check (cases[i].read, cases[i].kind, cases[i].source, cases[i].expected);
    }
}

static void
test_html (void)
{
  check_all (html, G_N_ELEMENTS (html));
}

static void
test_xml (void)
{
  check_all (xml, G_N_ELEMENTS (xml));
}

static void
test_json (void)
{
  check_all (json, G_N_ELEMENTS (json));
}

static void
test_calendar (void)
{
  check_all (calendar, G_N_ELEMENTS (calendar));
}

static DsQuoting
quoting_of (DsReader read, DsTextKind kind, const char *source, const char *value)
{
  g_autoptr (GPtrArray) texts = read_all (read, source, strlen (source));
  const DsText *text = text_of (texts, kind);
  const char *at = strstr (text->utf8, value);
  g_assert_nonnull (at);
  return ds_text_quoting_at (text, (gsize) (at - text->utf8));
}

static void
test_quoting (void)
{
  static const char tag[] = "<a b=one c='two' d=\"three\" e=four>";
  g_assert_cmpint (quoting_of (ATTRIBUTE, tag, "one"), ==, DS_QUOTING_NO_SPACE);
  g_assert_cmpint (quoting_of (ATTRIBUTE, tag, "two"), ==, DS_QUOTING_NONE);
  g_assert_cmpint (quoting_of (ATTRIBUTE, tag, "three"), ==, DS_QUOTING_NONE);
  g_assert_cmpint (quoting_of (ATTRIBUTE, tag, "four"), ==, DS_QUOTING_NO_SPACE);
  static const char object[] = "{\"a\": -12.5e+3, \"b\": \"4111\", \"c\\u0041\":[5500,true]}";
  g_assert_cmpint (quoting_of (JSON, object, "-12"), ==, DS_QUOTING_STRING);
  g_assert_cmpint (quoting_of (JSON, object, "e+3"), ==, DS_QUOTING_STRING);
  g_assert_cmpint (quoting_of (JSON, object, "4111"), ==, DS_QUOTING_NONE);
  g_assert_cmpint (quoting_of (JSON, object, "5500"), ==, DS_QUOTING_STRING);
  g_assert_cmpint (quoting_of (JSON, object, "true"), ==, DS_QUOTING_NONE);
}

/* Cuts what made value out of source, piece by piece, with an 'X' for the first. */
static char *
cut (DsReader read, DsTextKind kind, const char *source, const char *value)
{
  g_autoptr (GPtrArray) texts = read_all (read, source, strlen (source));
  const DsText *text = text_of (texts, kind);
  const char *at = strstr (text->utf8, value);
  g_assert_nonnull (at);
  g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (DsSpan));
  gsize start = (gsize) (at - text->utf8);
  ds_span_map_pieces (text->map, start, start + strlen (value), pieces);
  GString *out = g_string_new (source);
  for (guint i = pieces->len; i-- > 0;)
    {
      const DsSpan *piece = &g_array_index (pieces, DsSpan, i);
      g_string_erase (out, (gssize) piece->start, (gssize) (piece->end - piece->start));
      if (i == 0)
        g_string_insert_c (out, (gssize) piece->start, 'X');
    }
  return g_string_free (out, FALSE);
}

static void
check_cut (DsReader read, DsTextKind kind, const char *source, const char *value, const char *expected)
{
  g_autofree char *got = cut (read, kind, source, value);
  g_assert_cmpstr (got, ==, expected);
}

/* No edit takes a tag, and none is left half. */
static void
test_edits (void)
{
  check_cut (SEEN, "<p>a 41<b>1&#49;</b> 11 z</p>", "4111 11", "<p>a X<b></b> z</p>");
  check_cut (SEEN, "<p>41</p><p>11</p>", "41\n11", "<p>X</p><p></p>");
  check_cut (SEEN, "41\n   11", "41 11", "X");
  check_cut (SEEN, "<iframe>4<b>1</b></iframe>", "41", "<iframe>X<b></b></iframe>");
  check_cut (ATTRIBUTE, "<a href='x%40y' b=c>", "@", "<a href='xXy' b=c>");
  check_cut (XML_SEEN, "<a>4<![CDATA[1]]></a>", "41", "<a>X<![CDATA[]]></a>");
  check_cut (JSON, "[\"a\\u0034\\u0031b\"]", "41", "[\"aXb\"]");
  check_cut (CALENDAR, "TEL:41\r\n 11\r\nX:1", "4111", "TEL:X\r\n \r\nX:1");
  check_cut (ds_read_calendar, DS_TEXT_ATTRIBUTE, "D;FMTTYPE=text/html:<a title='4\\,\n &#49;1'>", "4,1", "D;FMTTYPE=text/html:<a title='X\n 1'>");
  check_cut (CALENDAR, "N;QUOTED-PRINTABLE:=C3=\r\n=BC.", "\u00fc", "N;QUOTED-PRINTABLE:X.");
}

/* Whatever the input: valid UTF-8, a map that fits, no input outside. */
static void
assert_sound (const GPtrArray *texts, gsize input_size, guint8 *seen)
{
  for (guint i = 0; i < texts->len; i++)
    {
      const DsText *text = texts->pdata[i];
      g_assert_cmpuint (ds_span_map_output_size (text->map), ==, text->size);
      g_autofree char *visible = g_malloc (text->size + 1);
      memcpy (visible, text->utf8, text->size);
      for (gsize at = 0; at < text->size; at++)
        if (visible[at] == '\0')
          visible[at] = ' ';
      g_assert_true (g_utf8_validate_len (visible, text->size, NULL));
      g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (DsSpan));
      if (text->size > 0)
        ds_span_map_pieces (text->map, 0, text->size, pieces);
      for (guint k = 0; k < pieces->len; k++)
        {
          const DsSpan *piece = &g_array_index (pieces, DsSpan, k);
          g_assert_cmpuint (piece->start, <, piece->end);
          g_assert_cmpuint (piece->end, <=, input_size);
          memset (seen + piece->start, 1, piece->end - piece->start);
        }
    }
}

static void
test_random (void)
{
  static const char *const pieces[] = {
    "<", ">", "</", "<!--", "-->", "--!>", "<!", "<?", "?>", "<a ", "<b>", "</b>", "<br>", "<td>", "<pre>",
    "</pre>", "<script>", "</script>", "<title>", "</title>", "<textarea>", "<iframe>", "</iframe>", "<noembed>", "<!--[if x]>", "&amp;", "&#65;", "&#x", "&copy",
    "&", ";", "=", "'", "\"", " ", "\n", "\r\n ", "\t", "%41", "%C3%A9", "%", "href=", "<![CDATA[", "]]>",
    "<!DOCTYPE [", "]", "\\u0041", "\\ud83d\\ude00", "\\", "//", "/*", "*/", "-1", "{", ":", ",",
    "N;ENCODING=QUOTED-PRINTABLE:", "D;FMTTYPE=text/html:", "PHOTO;ENCODING=b:", "=C3", "=BC", "=\n", "\xc3\xa9", "\xe2\x82\xac", "x",
  };
  static const DsReader readers[] = { ds_read_html, ds_read_xml, ds_read_json, ds_read_calendar, ds_read_plain };
  for (guint round = 0; round < 5000; round++)
    {
      g_autoptr (GString) source = g_string_new (NULL);
      for (guint n = (guint) g_test_rand_int_range (0, 30); n > 0; n--)
        g_string_append (source, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
      if (g_test_rand_bit ())
        g_string_append_c (source, '\0');
      char *exact = g_malloc (source->len + (source->len == 0)); /* so that a sanitizer sees a read past the end */
      memcpy (exact, source->str, source->len);
      g_autofree guint8 *seen = g_new0 (guint8, source->len + 1);
      for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
        {
          g_autoptr (GPtrArray) texts = read_all (readers[i], exact, source->len);
          assert_sound (texts, source->len, seen);
        }
      g_free (exact);
    }
}

/* Runs of four digits, which are never part of markup, are in some text wherever they stand. */
static void
test_nothing_left_out (void)
{
  static const char *const around[] = {
    "<", ">", "</", "<!--", "-->", "--!>", "<!", "<?", "<a ", "<b>", "</b ", "<br>", "<td>", "<pre>",
    "<script>", "</script>", "<title>", "</title>", "<textarea>", "<iframe>", "<template>", "</iframe>", "<!--[if x]>", "<xmp>", "&amp;", "&", "=", "'",
    "\"", " ", "\n", "/", "%", "href=", "<![CDATA[", "]]>", "]",
  };
  for (guint round = 0; round < 5000; round++)
    {
      g_autoptr (GString) source = g_string_new (NULL);
      for (guint n = (guint) g_test_rand_int_range (1, 20); n > 0; n--)
        {
          g_string_append (source, around[g_test_rand_int_range (0, G_N_ELEMENTS (around))]);
          g_string_append (source, g_test_rand_bit () ? "4111" : "@5500");
        }
      for (guint xml_too = 0; xml_too < 2; xml_too++)
        {
          g_autofree guint8 *seen = g_new0 (guint8, source->len + 1);
          g_autoptr (GPtrArray) texts = read_all (xml_too ? ds_read_xml : ds_read_html, source->str, source->len);
          assert_sound (texts, source->len, seen);
          for (gsize i = 0; i < source->len; i++)
            if (g_ascii_isdigit (source->str[i]) && !seen[i])
              g_error ("byte %zu is in no text: %s", i, source->str);
        }
    }
}

static char *
repeated (const char *head, const char *piece, gsize count)
{
  GString *out = g_string_new (head);
  for (gsize i = 0; i < count; i++)
    g_string_append (out, piece);
  return g_string_free (out, FALSE);
}

/* Each would take hours if anything were looked for again and again. */
static void
test_hostile (void)
{
  static const struct
  {
    DsReader read;
    const char *head, *piece;
  } cases[] = {
    { ds_read_html, "", "<a " },
    { ds_read_html, "", "<!--" },
    { ds_read_html, "", "<!" },
    { ds_read_html, "", "<script>" },
    { ds_read_html, "", "<iframe><noembed>" },
    { ds_read_html, "", "<iframe></iframe>" },
    { ds_read_html, "", "<!--[if x]>" },
    { ds_read_html, "", "<!--[if x]><iframe>-->" },
    { ds_read_html, "<title>", "</" },
    { ds_read_html, "<!--", "--" },
    { ds_read_html, "", "&amp;" },
    { ds_read_html, "&#", "0" },
    { ds_read_html, "<a href=\"", "%C3%" },
    { ds_read_html, "<a href=\"?", "a+" },
    { ds_read_html, "<a ", "@  " },
    { ds_read_html, "", "<td><br></td> " },
    { ds_read_xml, "", "<!DOCTYPE [" },
    { ds_read_xml, "<!DOCTYPE [", "<!--'" },
    { ds_read_xml, "", "<![CDATA[" },
    { ds_read_json, "\"", "\\u" },
    { ds_read_json, "", "/*" },
    { ds_read_calendar, "A:\\", "\n " },
    { ds_read_calendar, "N;QUOTED-PRINTABLE:=C3", "=\n" },
    { ds_read_calendar, "", "A:data:\n" },
    { ds_read_calendar, "A;FMTTYPE=text/html:", "&amp;\n " },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *source = repeated (cases[i].head, cases[i].piece, 1000000);
      clock_t start = clock (); /* of processor time: others may be at work on this machine */
      g_autoptr (GPtrArray) texts = read_all (cases[i].read, source, strlen (source));
      g_assert_nonnull (texts);
      g_test_message ("%s%s: %ld ms", cases[i].head, cases[i].piece, (long) ((clock () - start) / (CLOCKS_PER_SEC / 1000)));
      g_assert_cmpint (clock () - start, <, 5 * CLOCKS_PER_SEC);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/readers/html", test_html);
  g_test_add_func ("/readers/xml", test_xml);
  g_test_add_func ("/readers/json", test_json);
  g_test_add_func ("/readers/calendar", test_calendar);
  g_test_add_func ("/readers/quoting", test_quoting);
  g_test_add_func ("/readers/edits", test_edits);
  g_test_add_func ("/readers/random", test_random);
  g_test_add_func ("/readers/nothing-left-out", test_nothing_left_out);
  g_test_add_func ("/readers/hostile", test_hostile);
  return g_test_run ();
}
