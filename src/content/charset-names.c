#include "config.h"
#include "content/charset-private.h"
#include <string.h>

#define SINGLE DS_FAMILY_SINGLE
#define MULTI DS_FAMILY_MULTI
#define WIDE DS_FAMILY_WIDE
#define ISO2022 DS_FAMILY_ISO2022

/* Mail declares subsets where it means their supersets: the WHATWG Encoding Standard (section 4.2) reads iso-8859-1 and
 * us-ascii as windows-1252, gb2312 as gb18030, shift_jis as windows-31j, and so do we.  ISO-IR and IBM spellings are
 * those that mail programs have been seen to write. */
static const DsCharset charsets[] = {
  { "utf-8", DS_FAMILY_UTF8, NULL,
    "utf8 unicode11utf8 unicode20utf8 xunicode20utf8 utf8unicode utf8mb4 cp65001 65001" },
  { "us-ascii", DS_FAMILY_UTF8, NULL,
    "usascii ascii ansix341968 ansix341986 iso646us iso646irv1991 iso646irv us csascii ibm367 cp367 isoir6 646 "
    "cp20127 7bit" },
  { "windows-1252", SINGLE, "CP1252",
    "iso88591 iso885911987 latin1 l1 isoir100 csisolatin1 ibm819 cp819 windows1252 cp1252 win1252 xcp1252 cp5348 "
    "xansi ansi iso8859 88591 1252 westernwindows iso88591windows30latin1" },
  { "windows-1250", SINGLE, "CP1250", "windows1250 cp1250 win1250 xcp1250 1250" },
  { "windows-1251", SINGLE, "CP1251", "windows1251 cp1251 win1251 xcp1251 1251" },
  { "windows-1253", SINGLE, "CP1253", "windows1253 cp1253 win1253 xcp1253 1253" },
  { "windows-1254", SINGLE, "CP1254",
    "windows1254 cp1254 win1254 xcp1254 1254 iso88599 iso885991989 latin5 l5 isoir148 csisolatin5 turkish" },
  { "windows-1255", SINGLE, "CP1255", "windows1255 cp1255 win1255 xcp1255 1255" },
  { "windows-1256", SINGLE, "CP1256", "windows1256 cp1256 win1256 xcp1256 1256" },
  { "windows-1257", SINGLE, "CP1257", "windows1257 cp1257 win1257 xcp1257 1257" },
  { "windows-1258", SINGLE, "CP1258", "windows1258 cp1258 win1258 xcp1258 1258" },
  { "windows-874", SINGLE, "CP874",
    "windows874 cp874 ibm874 dos874 iso885911 iso8859112001 tis620 tis6200 tis62025290 874" },
  { "iso-8859-2", SINGLE, "ISO-8859-2", "iso88592 iso885921987 latin2 l2 isoir101 csisolatin2 88592" },
  { "iso-8859-3", SINGLE, "ISO-8859-3", "iso88593 iso885931988 latin3 l3 isoir109 csisolatin3" },
  { "iso-8859-4", SINGLE, "ISO-8859-4", "iso88594 iso885941988 latin4 l4 isoir110 csisolatin4" },
  { "iso-8859-5", SINGLE, "ISO-8859-5", "iso88595 iso885951988 cyrillic isoir144 csisolatincyrillic" },
  { "iso-8859-6", SINGLE, "ISO-8859-6",
    "iso88596 iso885961987 arabic asmo708 ecma114 isoir127 csisolatinarabic iso88596e iso88596i" },
  { "iso-8859-7", SINGLE, "ISO-8859-7",
    "iso88597 iso885971987 iso885972003 greek greek8 ecma118 elot928 isoir126 csisolatingreek" },
  { "iso-8859-8", SINGLE, "ISO-8859-8",
    "iso88598 iso885981988 iso88598i iso88598e logical visual hebrew isoir138 csisolatinhebrew" },
  { "iso-8859-10", SINGLE, "ISO-8859-10", "iso885910 iso8859101992 latin6 l6 isoir157 csisolatin6" },
  { "iso-8859-13", SINGLE, "ISO-8859-13", "iso885913 latin7 l7 isoir179" },
  { "iso-8859-14", SINGLE, "ISO-8859-14", "iso885914 iso8859141998 latin8 l8 isoceltic isoir199" },
  { "iso-8859-15", SINGLE, "ISO-8859-15", "iso885915 iso8859151998 latin9 l9 isoir203 csisolatin9 885915" },
  { "iso-8859-16", SINGLE, "ISO-8859-16", "iso885916 iso8859162001 latin10 l10 isoir226" },
  { "koi8-r", SINGLE, "KOI8-R", "koi8r koi8 koi cskoi8r cp20866 20866 koi7" },
  { "koi8-u", SINGLE, "KOI8-U", "koi8u koi8ru cp21866 21866" },
  { "koi8-t", SINGLE, "KOI8-T", "koi8t" },
  { "macintosh", SINGLE, "MACINTOSH", "macintosh mac macroman xmacroman csmacintosh cp10000" },
  { "x-mac-cyrillic", SINGLE, "MAC-CYRILLIC", "xmaccyrillic maccyrillic xmacukrainian cp10007" },
  { "x-mac-ce", SINGLE, "MAC-CENTRALEUROPE", "xmacce macce maclatin2 maccentraleurope xmaccentraleurroman cp10029" },
  { "ibm437", SINGLE, "CP437", "ibm437 cp437 437 cspc8codepage437 dos437" },
  { "ibm737", SINGLE, "CP737", "ibm737 cp737 737" },
  { "ibm775", SINGLE, "CP775", "ibm775 cp775 775" },
  { "ibm850", SINGLE, "CP850", "ibm850 cp850 850 cspc850multilingual" },
  { "ibm852", SINGLE, "CP852", "ibm852 cp852 852 cspcp852" },
  { "ibm855", SINGLE, "CP855", "ibm855 cp855 855" },
  { "ibm857", SINGLE, "CP857", "ibm857 cp857 857" },
  { "ibm858", SINGLE, "CP858", "ibm858 ibm00858 cp858 cp00858 858" },
  { "ibm860", SINGLE, "CP860", "ibm860 cp860 860" },
  { "ibm861", SINGLE, "CP861", "ibm861 cp861 861" },
  { "ibm862", SINGLE, "CP862", "ibm862 cp862 862 dos862" },
  { "ibm863", SINGLE, "CP863", "ibm863 cp863 863" },
  { "ibm864", SINGLE, "CP864", "ibm864 cp864 864" },
  { "ibm865", SINGLE, "CP865", "ibm865 cp865 865" },
  { "ibm866", SINGLE, "CP866", "ibm866 cp866 866 csibm866" },
  { "ibm869", SINGLE, "CP869", "ibm869 cp869 869" },
  { "cp1125", SINGLE, "CP1125", "cp1125 ibm1125 1125" },
  { "hp-roman8", SINGLE, "HP-ROMAN8", "hproman8 roman8 r8 cshproman8" },
  { "tcvn", SINGLE, "TCVN5712-1", "tcvn tcvn5712 tcvn57121 tcvn571211993" },
  { "viscii", SINGLE, "VISCII", "viscii viscii111 csviscii" },
  { "pt154", SINGLE, "PT154", "pt154 ptcp154 cp154 csptcp154 cyrillicasian" },
  { "rk1048", SINGLE, "RK1048", "rk1048 kz1048 strk10482002" },
  { "armscii-8", SINGLE, "ARMSCII-8", "armscii8" },
  { "georgian-ps", SINGLE, "GEORGIAN-PS", "georgianps" },
  { "ibm037", SINGLE, "CP037", "ibm037 cp037 037 ebcdiccpus ebcdiccpca ebcdiccpwt ebcdiccpnl csibm037" },
  { "ibm273", SINGLE, "CP273", "ibm273 cp273 273 csibm273" },
  { "ibm500", SINGLE, "CP500", "ibm500 cp500 500 ebcdiccpbe ebcdiccpch csibm500" },
  { "ibm1047", SINGLE, "CP1047", "ibm1047 cp1047 1047" },
  { "ibm1140", SINGLE, "CP1140", "ibm1140 ibm01140 cp1140 cp01140 1140" },
  { "ibm1141", SINGLE, "CP1141", "ibm1141 ibm01141 cp1141 cp01141 1141" },
  { "shift_jis", MULTI, "CP932",
    "shiftjis sjis xsjis mskanji csshiftjis windows31j cswindows31j cp932 ms932 windows932 win932 cp943 ibm943 932 "
    "shiftjis2004 shiftjisx0213" },
  { "euc-jp", MULTI, "EUC-JP-MS",
    "eucjp xeucjp xeuc xeucjpms eucjpms cseucpkdfmtjapanese extendedunixcodepackedformatforjapanese ujis cp51932 "
    "cp20932" },
  { "euc-jis-2004", MULTI, "EUC-JISX0213", "eucjis2004 eucjisx0213" },
  { "euc-kr", MULTI, "UHC",
    "euckr cseuckr xeuckr ksc56011987 ksc5601 ksc56011989 ksc5601 isoir149 korean csksc56011987 windows949 cp949 "
    "ms949 xwindows949 uhc 949 cp51949" },
  { "johab", MULTI, "JOHAB", "johab cp1361 ms1361" },
  { "gb18030", MULTI, "GB18030",
    "gb18030 gb180302000 gb180302005 gb2312 gb23121980 gb231280 csgb2312 gb gbk xgbk cp936 ms936 windows936 936 euccn "
    "xeuccn cngb chinese csiso58gb231280 isoir58 cp54936" },
  { "big5", MULTI, "BIG5-HKSCS",
    "big5 big5hkscs big5hkscs2004 big5eten bigfive xxbig5 xbig5 cnbig5 csbig5 cp950 ms950 950 windows950 win950" },
  { "euc-tw", MULTI, "EUC-TW", "euctw xeuctw cseuctw" },
  { "utf-16le", WIDE, NULL, "utf16le unicodelittle xutf16le ucs2le utf16lebom cp1200 1200" },
  { "utf-16be", WIDE, NULL, "utf16be unicodebig xutf16be unicodefffe ucs2be cp1201 1201" },
  { "utf-16", WIDE, NULL, "utf16 unicode csunicode ucs2 iso10646ucs2 csutf16" },
  { "utf-32le", WIDE, NULL, "utf32le ucs4le xutf32le cp12000" },
  { "utf-32be", WIDE, NULL, "utf32be ucs4be xutf32be cp12001" },
  { "utf-32", WIDE, NULL, "utf32 ucs4 iso10646ucs4 csucs4" },
  { "utf-7", DS_FAMILY_UTF7, NULL, "utf7 unicode11utf7 csunicode11utf7 unicode20utf7 xunicode20utf7 cp65000 65000" },
  { "iso-2022-jp", ISO2022, NULL,
    "iso2022jp csiso2022jp jis jis7 iso2022jp1 iso2022jp2 csiso2022jp2 iso2022jp3 iso2022jp2004 iso2022jpms cp50220 "
    "cp50221 cp50222 iso2022jpext isoir87 jisencoding" },
  { "iso-2022-kr", ISO2022, NULL, "iso2022kr csiso2022kr cp50225" },
  { "iso-2022-cn", ISO2022, NULL, "iso2022cn csiso2022cn iso2022cnext cp50227 cp50229" },
  { "hz-gb-2312", ISO2022, NULL, "hzgb2312 hz hzgb cp52936" },
};

/* Lower case letters and digits of name alone: "UTF_8", "utf 8" and "\"utf-8\"" are one.  What follows ';', '*' (RFC 2231
 * language) or '/' (iconv's suffixes) is not part of the name. */
static char *
loose (const char *name)
{
  enum { LONGEST = 48 };
  GString *out = g_string_sized_new (LONGEST);
  for (; *name != '\0' && strchr (";*/,", *name) == NULL && out->len < LONGEST; name++)
    if (g_ascii_isalnum (*name))
      g_string_append_c (out, g_ascii_tolower (*name));
  if (g_str_has_prefix (out->str, "charset"))
    g_string_erase (out, 0, strlen ("charset"));
  return g_string_free (out, FALSE);
}

static gboolean
has_word (const char *words, const char *word, gsize size)
{
  for (const char *at = strstr (words, word); at != NULL; at = strstr (at + 1, word))
    if ((at == words || at[-1] == ' ') && (at[size] == ' ' || at[size] == '\0'))
      return TRUE;
  return FALSE;
}

const DsCharset *
ds_charset_find (const char *name)
{
  if (name == NULL)
    return NULL;
  g_autofree char *key = loose (name);
  gsize size = strlen (key);
  if (size == 0)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (charsets); i++)
    if (has_word (charsets[i].aliases, key, size) || g_str_equal (charsets[i].name, name))
      return ds_charset_available (&charsets[i]) ? &charsets[i] : NULL;
  return NULL;
}

gboolean
ds_charset_says_nothing (const char *name)
{
  if (name == NULL)
    return TRUE;
  g_autofree char *key = loose (name);
  return key[0] == '\0'
         || has_word ("default none null 8bit 8bits binary unknown unknown8bit xunknown xuserdefined userdefined "
                      "autodetect autodetectall undefined",
                      key, strlen (key));
}

void
ds_charset_preload (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (charsets); i++)
    ds_charset_available (&charsets[i]);
}
