#include "config.h"
#include "base/error.h"
#include "report/writer.h"
#include <json-glib/json-glib.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* Everything that a mail could send against terminal, spreadsheet, browser or parser. */
#define HOSTILE "=1+2\033[2J\"<b>&'\\\t\r\n\x1f\x7f\xc2\x9b\u202egnp.\u2066\u2028\xff,;"

/* Nine characters that take two cells each. */
#define ONE_WIDE "\u7dcf"
#define EIGHT_WIDE "\u52d9\u7dcf\u52d9\u7dcf\u52d9\u7dcf\u52d9\u7dcf"
#define NINE_WIDE "\u7dcf\u52d9\u7dcf\u52d9\u7dcf\u52d9\u7dcf\u52d9\u7dcf"

static const DsColumn columns[] = {
  { "ticket", "Ticket", 8, DS_COLUMN_NUMBER },
  { "masked", "Masked", 20, DS_COLUMN_WIDE },
  { "digest", "Digest", 10, DS_COLUMN_MACHINE | DS_COLUMN_CODE },
  { "age", "Age", 6, DS_COLUMN_HUMAN },
};

typedef void (*Fill) (DsWriter *writer);

static char *
written (DsFormat format, guint width, gboolean colour, Fill fill)
{
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream (&text, &size);
  g_autoptr (DsWriter) writer = ds_writer_new (format, out, width, colour);
  fill (writer);
  g_autoptr (GError) error = NULL;
  g_assert_true (ds_writer_end (writer, &error));
  g_assert_no_error (error);
  fclose (out);
  g_assert_cmpuint (strlen (text), ==, size);
  return text;
}

static void
assert_has (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("\"%s\" is not in:\n%s", part, text);
}

static void
assert_lacks (const char *text, const char *part)
{
  if (strstr (text, part) != NULL)
    g_error ("\"%s\" is in:\n%s", part, text);
}

static void
fill_plain (DsWriter *writer)
{
  ds_writer_begin (writer, NULL, NULL);
  ds_writer_section (writer, "finding", NULL, columns, G_N_ELEMENTS (columns));
  ds_writer_row (writer, (const char *const[]) { "12", "\u2022\u2022\u2022 1111", "abc", "3 d" });
  ds_writer_row (writer, (const char *const[]) { "x1", NULL, NULL, NULL });
}

static void
fill_hostile (DsWriter *writer)
{
  const char *facts[] = { "ledger_head", HOSTILE, NULL };
  ds_writer_begin (writer, HOSTILE, facts);
  ds_writer_figure (writer, "open", HOSTILE, HOSTILE);
  ds_writer_note (writer, HOSTILE);
  ds_writer_section (writer, "finding", HOSTILE, columns, G_N_ELEMENTS (columns));
  ds_writer_row (writer, (const char *const[]) { HOSTILE, HOSTILE, HOSTILE, HOSTILE });
}

static void
fill_report (DsWriter *writer)
{
  const char *facts[] = { "ledger_head", "00ff", "period", "2026", NULL };
  ds_writer_begin (writer, "Report", facts);
  ds_writer_figure (writer, "removals", "Removals", "1284");
  ds_writer_figure (writer, "share", "Share", "2 %");
  ds_writer_note (writer, "From the ledger.");
  ds_writer_section (writer, "a", "First", columns, 2);
  ds_writer_row (writer, (const char *const[]) { "1", "one" });
  ds_writer_section (writer, "b", "Second", columns, 2);
  ds_writer_section (writer, "c", "Third", columns, 1);
  ds_writer_row (writer, (const char *const[]) { NULL });
  ds_writer_section (writer, "d", "Fourth", columns, 1);
  ds_writer_row (writer, (const char *const[]) { "-7.5e1" });
}

static void
test_format_names (void)
{
  DsFormat format = DS_FORMAT_TEXT;
  g_assert_true (ds_format_from_name ("jsonl", &format));
  g_assert_cmpint (format, ==, DS_FORMAT_JSONL);
  g_assert_true (ds_format_from_name ("text", &format));
  g_assert_cmpint (format, ==, DS_FORMAT_TEXT);
  g_assert_false (ds_format_from_name ("xml", &format));
  g_assert_false (ds_format_from_name ("", &format));
}

static void
test_text_plain (void)
{
  g_autofree char *text = written (DS_FORMAT_TEXT, 0, FALSE, fill_plain);
  g_assert_cmpstr (text, ==,
                   "  Ticket  Masked                Age\n"
                   "      12  \u2022\u2022\u2022 1111              3 d\n"
                   "      x1\n");
}

static void
test_text_report (void)
{
  g_autofree char *text = written (DS_FORMAT_TEXT, 80, TRUE, fill_report);
  g_assert_cmpstr (text, ==,
                   "\033[1mReport\033[0m\n======\n\n"
                   "Ledger head  00ff\nPeriod       2026\n\n"
                   "Removals: 1284\nShare: 2 %\n\n"
                   "From the ledger.\n\n"
                   "\033[1mFirst\033[0m\n-----\n\033[1m  Ticket  Masked\n\033[0m       1  one\n\n"
                   "\033[1mSecond\033[0m\n------\nNone.\n\n"
                   "\033[1mThird\033[0m\n-----\n\033[1m  Ticket\n\033[0m\n\n"
                   "\033[1mFourth\033[0m\n------\n\033[1m  Ticket\n\033[0m  -7.5e1\n");
}

static void
fill_long (DsWriter *writer)
{
  ds_writer_begin (writer, NULL, NULL);
  ds_writer_section (writer, "finding", NULL, columns, G_N_ELEMENTS (columns));
  ds_writer_row (writer, (const char *const[]) { "1", "abcdefghijklmnopqrstuvwxyz", NULL, "3 d" });
  ds_writer_row (writer, (const char *const[]) { "2", NINE_WIDE NINE_WIDE, NULL, "4 d" });
  ds_writer_row (writer, (const char *const[]) { "3", "e\u0301e\u0301", NULL, "5 d" });
  ds_writer_row (writer, (const char *const[]) { "1234567890", "abc", NULL, "6 d" });
}

static void
test_text_wrapped (void)
{
  g_autofree char *wrapped = written (DS_FORMAT_TEXT, 38, FALSE, fill_long);
  g_assert_cmpstr (wrapped, ==,
                   "  Ticket  Masked                Age\n"
                   "       1  abcdefghijklmnopqrst  3 d\n"
                   "          uvwxyz\n"
                   "       2  " NINE_WIDE ONE_WIDE "  4 d\n"
                   "          " EIGHT_WIDE "\n"
                   "       3  e\u0301e\u0301                    5 d\n"
                   "1234567890  abc                 6 d\n");
  g_autofree char *whole = written (DS_FORMAT_TEXT, 0, FALSE, fill_long);
  assert_has (whole, "       1  abcdefghijklmnopqrstuvwxyz  3 d\n");
}

static void
test_text_lanes (void)
{
  g_autofree char *text = written (DS_FORMAT_TEXT, 30, FALSE, fill_long);
  g_assert_cmpstr (text, ==,
                   "  Ticket  Masked\n"
                   "    Age\n"
                   "       1  abcdefghijklmnopqrst\n"
                   "          uvwxyz\n"
                   "    3 d\n"
                   "       2  " NINE_WIDE ONE_WIDE "\n"
                   "          " EIGHT_WIDE "\n"
                   "    4 d\n"
                   "       3  e\u0301e\u0301\n"
                   "    5 d\n"
                   "1234567890  abc\n"
                   "    6 d\n");
}

static void
test_text_hostile (void)
{
  g_autofree char *text = written (DS_FORMAT_TEXT, 0, FALSE, fill_hostile);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  assert_has (text, "=1+2\\x1B[2J\"<b>&'\\\\x09\\x0D\\x0A\\x1F\\x7F\\x9B\\u{202E}gnp.\\u{2066}\\u{2028}\\xFF,;");
  for (const char *at = text; *at != '\0'; at++)
    g_assert_true (*at == '\n' || !g_ascii_iscntrl (*at));
  assert_lacks (text, "\xc2\x9b");
  assert_lacks (text, "\u202e");
}

static void
test_csv_plain (void)
{
  g_autofree char *text = written (DS_FORMAT_CSV, 0, FALSE, fill_plain);
  g_assert_cmpstr (text, ==, "ticket,masked,digest\r\n12,\u2022\u2022\u2022 1111,abc\r\nx1,,\r\n");
}

static void
test_csv_report (void)
{
  g_autofree char *text = written (DS_FORMAT_CSV, 0, FALSE, fill_report);
  g_assert_cmpstr (text, ==,
                   "ticket,masked\r\n1,one\r\n\r\n"
                   "ticket,masked\r\n\r\n"
                   "ticket\r\n\"\"\r\n\r\n"
                   "ticket\r\n-7.5e1\r\n");
}

static void
fill_formulas (DsWriter *writer)
{
  static const char *const cells[] = { "=1",  "+1",      "-1",  "-1+1", "-",     "@a", "\ta",
                                       "\ra", "\uff1d1", "a=1", " a",   "-1.50", "" };
  ds_writer_begin (writer, NULL, NULL);
  ds_writer_section (writer, "x", NULL, columns, 1);
  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    ds_writer_row (writer, &cells[i]);
}

static void
test_csv_formulas (void)
{
  g_autofree char *text = written (DS_FORMAT_CSV, 0, FALSE, fill_formulas);
  g_assert_cmpstr (text, ==,
                   "ticket\r\n'=1\r\n'+1\r\n-1\r\n'-1+1\r\n'-\r\n'@a\r\n\"'\ta\"\r\n\"'\ra\"\r\n'\uff1d1\r\na=1\r\n\" a\"\r\n"
                   "-1.50\r\n\"\"\r\n");
}

static void
test_csv_hostile (void)
{
  static const char field[] = "\"'=1+2\\x1B[2J\"\"<b>&'\\\t\r\n\\x1F\\x7F\\x9B\\u{202E}gnp.\\u{2066}\\u{2028}\\xFF,;\"";
  g_autofree char *text = written (DS_FORMAT_CSV, 0, FALSE, fill_hostile);
  g_autofree char *expected = g_strdup_printf ("ticket,masked,digest\r\n%s,%s,%s\r\n", field, field, field);
  g_assert_cmpstr (text, ==, expected);
}

/* A second reader, where there is one: what Python's csv module takes back is what went in, made visible. */
static void
test_csv_python (void)
{
  g_autofree char *python = g_find_program_in_path ("python3");
  if (python == NULL)
    {
      g_test_skip ("no python3");
      return;
    }
  g_autofree char *text = written (DS_FORMAT_CSV, 0, FALSE, fill_hostile);
  g_setenv ("DS_TEST_CSV", text, TRUE);
  const char *const argv[] = { python, "-c",
                               "import csv, io, os\n"
                               "rows = list(csv.reader(io.StringIO(os.environ['DS_TEST_CSV'], newline=''), strict=True))\n"
                               "cell = \"'=1+2\\\\x1B[2J\\\"<b>&'\"\n"
                               "cell += \"\\\\\\t\\r\\n\\\\x1F\\\\x7F\\\\x9B\\\\u{202E}gnp.\\\\u{2066}\\\\u{2028}\\\\xFF,;\"\n"
                               "assert rows == [['ticket', 'masked', 'digest'], [cell] * 3], rows\n",
                               NULL };
  int status = -1;
  g_autoptr (GError) error = NULL;
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static void
test_jsonl_plain (void)
{
  g_autofree char *text = written (DS_FORMAT_JSONL, 0, FALSE, fill_plain);
  g_assert_cmpstr (text, ==,
                   "{\"type\":\"header\",\"version\":1}\n"
                   "{\"type\":\"finding\",\"ticket\":12,\"masked\":\"\u2022\u2022\u2022 1111\",\"digest\":\"abc\"}\n"
                   "{\"type\":\"finding\",\"ticket\":\"x1\"}\n");
}

static void
test_jsonl_report (void)
{
  g_autofree char *text = written (DS_FORMAT_JSONL, 0, FALSE, fill_report);
  g_assert_cmpstr (text, ==,
                   "{\"type\":\"header\",\"version\":1,\"title\":\"Report\",\"ledger_head\":\"00ff\",\"period\":\"2026\"}\n"
                   "{\"type\":\"figure\",\"key\":\"removals\",\"label\":\"Removals\",\"value\":1284}\n"
                   "{\"type\":\"figure\",\"key\":\"share\",\"label\":\"Share\",\"value\":\"2 %\"}\n"
                   "{\"type\":\"note\",\"text\":\"From the ledger.\"}\n"
                   "{\"type\":\"a\",\"ticket\":1,\"masked\":\"one\"}\n"
                   "{\"type\":\"c\"}\n"
                   "{\"type\":\"d\",\"ticket\":-7.5e1}\n");
}

/* json-glib reads back the very strings, an invalid byte as U+FFFD; nothing that drives a terminal stands in the file. */
static void
fill_counts (DsWriter *writer)
{
  static const DsColumn counts[] = { { "by_kind", "By kind", 10, DS_COLUMN_COUNTS } };
  static const char *const cells[] = { "email 3, no reader for this type 12", "", "nonsense, email 3" };
  ds_writer_begin (writer, NULL, NULL);
  ds_writer_section (writer, "summary", NULL, counts, G_N_ELEMENTS (counts));
  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    ds_writer_row (writer, &cells[i]);
}

static void
test_jsonl_counts (void)
{
  g_autofree char *text = written (DS_FORMAT_JSONL, 0, FALSE, fill_counts);
  g_assert_cmpstr (text, ==,
                   "{\"type\":\"header\",\"version\":1}\n"
                   "{\"type\":\"summary\",\"by_kind\":{\"email\":3,\"no reader for this type\":12}}\n"
                   "{\"type\":\"summary\",\"by_kind\":{}}\n"
                   "{\"type\":\"summary\",\"by_kind\":{\"email\":3}}\n");
}

static void
test_jsonl_hostile (void)
{
  g_autofree char *text = written (DS_FORMAT_JSONL, 0, FALSE, fill_hostile);
  for (const char *at = text; *at != '\0'; at++)
    g_assert_true (*at == '\n' || !g_ascii_iscntrl (*at));
  assert_lacks (text, "\xc2\x9b");
  assert_lacks (text, "\u202e");
  g_autofree char *expected = g_utf8_make_valid (HOSTILE, -1);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 5);
  static const char *const members[] = { "title", "value", "text", "masked" };
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = json_from_string (lines[i], &error);
      g_assert_no_error (error);
      g_assert_cmpstr (json_object_get_string_member (json_node_get_object (node), members[i]), ==, expected);
    }
}

static void
fill_numbers (DsWriter *writer)
{
  static const char *const cells[] = { "0", "-0", "10", "1.5", "1e9", "1E-2", "01", "-",
                                       "",  "1.", ".5", "1e",  "0x1", "NaN",  " 1", "1 " };
  ds_writer_begin (writer, NULL, NULL);
  ds_writer_section (writer, "n", NULL, columns, 1);
  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    ds_writer_row (writer, &cells[i]);
}

static void
test_jsonl_numbers (void)
{
  g_autofree char *text = written (DS_FORMAT_JSONL, 0, FALSE, fill_numbers);
  static const char *const values[] = { "0",       "-0",     "10",     "1.5",    "1e9",     "1E-2",    "\"01\"",  "\"-\"",
                                        "\"\"",    "\"1.\"", "\".5\"", "\"1e\"", "\"0x1\"", "\"NaN\"", "\" 1\"", "\"1 \"" };
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *line = g_strdup_printf ("{\"type\":\"n\",\"ticket\":%s}", values[i]);
      g_assert_cmpstr (lines[i + 1], ==, line);
    }
}

static void
test_html_report (void)
{
  g_autofree char *text = written (DS_FORMAT_HTML, 0, FALSE, fill_report);
  g_assert_true (g_str_has_prefix (text, "<!DOCTYPE html>\n<html lang=\"en\">\n"));
  g_assert_true (g_str_has_suffix (text, "</body>\n</html>\n"));
  assert_has (text, "content=\"default-src 'none'; style-src 'unsafe-inline'\"");
  assert_has (text, "<title>Report</title>");
  assert_has (text, "<dt>Ledger head</dt><dd>00ff</dd>");
  assert_has (text, "<div><dt>Removals</dt><dd>1284</dd></div>\n<div><dt>Share</dt><dd>2 %</dd></div>\n</dl>");
  assert_has (text, "<li><a href=\"#s2\">Second</a> <span class=\"soft\">(none)</span></li>");
  assert_has (text, "<h2 id=\"h2\">Second</h2>\n<p class=\"none soft\">None.</p>\n</section>");
  assert_has (text, "<th scope=\"col\" class=\"n\">Ticket</th><th scope=\"col\">Masked</th>");
  assert_has (text, "<td class=\"n s\">1</td><td class=\"w\">one</td>");
  g_assert_true (strstr (text, "</nav>") < strstr (text, "<section"));
  assert_lacks (text, "http:");
  assert_lacks (text, "https:");
  assert_lacks (text, "url(");
}

/* Every tag that is opened is closed, in order: GLib's own strict parser takes the body. */
static void
assert_nested (const char *html)
{
  static const GMarkupParser nothing = { 0 };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&nothing, 0, NULL, NULL);
  g_autoptr (GError) error = NULL;
  const char *body = strstr (html, "<body>");
  gsize size = (gsize) (strstr (body, "</html>") - body);
  g_markup_parse_context_parse (context, body, (gssize) size, &error);
  g_assert_no_error (error);
  g_markup_parse_context_end_parse (context, &error);
  g_assert_no_error (error);
}

static void
test_html_hostile (void)
{
  g_autofree char *text = written (DS_FORMAT_HTML, 0, FALSE, fill_hostile);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  assert_lacks (text, "<b>");
  assert_lacks (text, "\033");
  assert_lacks (text, "\u202e");
  assert_has (text, "=1+2\\x1B[2J&quot;&lt;b&gt;&amp;&apos;\\\t\\x0D\n\\x1F\\x7F\\x9B\\u{202E}gnp.");
  assert_nested (text);
}

static void
test_html_nesting (void)
{
  static const Fill fills[] = { fill_plain, fill_report, fill_long, fill_numbers };
  for (guint i = 0; i < G_N_ELEMENTS (fills); i++)
    {
      g_autofree char *text = written (DS_FORMAT_HTML, 0, FALSE, fills[i]);
      assert_nested (text);
    }
}

static void
test_full_disk (void)
{
  for (DsFormat format = DS_FORMAT_TEXT; format <= DS_FORMAT_HTML; format++)
    {
      FILE *full = fopen ("/dev/full", "w");
      g_assert_nonnull (full);
      g_autoptr (DsWriter) writer = ds_writer_new (format, full, 0, FALSE);
      fill_report (writer);
      g_autoptr (GError) error = NULL;
      g_assert_false (ds_writer_end (writer, &error));
      g_assert_error (error, DS_ERROR, DS_ERROR_LEDGER);
      g_assert_cmpstr (error->message, ==, "cannot write the output: No space left on device");
      fclose (full);
    }
}

/* Given up half-way, nothing leaks (run under a leak checker). */
static void
test_given_up (void)
{
  for (DsFormat format = DS_FORMAT_TEXT; format <= DS_FORMAT_HTML; format++)
    {
      FILE *null = fopen ("/dev/null", "w");
      g_autoptr (DsWriter) writer = ds_writer_new (format, null, 80, FALSE);
      fill_report (writer);
      fclose (null);
    }
}

int
main (int argc, char **argv)
{
  if (setlocale (LC_ALL, "C.UTF-8") == NULL)
    return 77;
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/writer/format-names", test_format_names);
  g_test_add_func ("/writer/text/plain", test_text_plain);
  g_test_add_func ("/writer/text/report", test_text_report);
  g_test_add_func ("/writer/text/wrapped", test_text_wrapped);
  g_test_add_func ("/writer/text/lanes", test_text_lanes);
  g_test_add_func ("/writer/text/hostile", test_text_hostile);
  g_test_add_func ("/writer/csv/plain", test_csv_plain);
  g_test_add_func ("/writer/csv/report", test_csv_report);
  g_test_add_func ("/writer/csv/formulas", test_csv_formulas);
  g_test_add_func ("/writer/csv/hostile", test_csv_hostile);
  g_test_add_func ("/writer/csv/python", test_csv_python);
  g_test_add_func ("/writer/jsonl/plain", test_jsonl_plain);
  g_test_add_func ("/writer/jsonl/report", test_jsonl_report);
  g_test_add_func ("/writer/jsonl/counts", test_jsonl_counts);
  g_test_add_func ("/writer/jsonl/hostile", test_jsonl_hostile);
  g_test_add_func ("/writer/jsonl/numbers", test_jsonl_numbers);
  g_test_add_func ("/writer/html/report", test_html_report);
  g_test_add_func ("/writer/html/hostile", test_html_hostile);
  g_test_add_func ("/writer/html/nesting", test_html_nesting);
  g_test_add_func ("/writer/full-disk", test_full_disk);
  g_test_add_func ("/writer/given-up", test_given_up);
  return g_test_run ();
}
