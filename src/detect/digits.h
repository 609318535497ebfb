/* detect/digits: the significant characters of a number as people write it, and the arithmetic of check digits.
 *
 * Knows no country and no document: those are validators (valid.h). */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define DS_SIGNIFICANT_MAX 64

/* Letters in upper case and digits, without their separators. */
typedef struct
{
  guint length;
  char c[DS_SIGNIFICANT_MAX + 1];
} DsSignificant;

/* Drops separators (white space - + . / _ ( ) : ,).  FALSE if the match has any other character, or is longer than
 * DS_SIGNIFICANT_MAX, or has nothing significant. */
gboolean ds_significant (const char *match, gsize size, DsSignificant *significant_r);
/* The same, and every character is a digit, and there are least to most of them. */
gboolean ds_significant_digits (const char *match, gsize size, guint least, guint most, DsSignificant *significant_r);

/* 0-9, A=10 ... Z=35, '<'=0 (ICAO 9303-3, 4.9); -1 for anything else. */
int ds_char_value (char c);
/* The decimal number in the first n characters; n is 18 or less and all are digits. */
guint64 ds_digits_number (const char *digits, guint n);
/* The decimal number in the first two: a day, a month, a year of its century. */
int ds_digits_pair (const char *digits);
/* The number that characters form when letters count as two digits (A=10), modulo modulus (ISO 7064, ISO 13616). */
guint ds_digits_modulo (const char *characters, guint n, guint modulus);
/* Sum of character value times weight. */
int ds_digits_weighted (const char *characters, guint n, const gint8 *weights);
/* The last digit is the check digit of ISO/IEC 7812-1 annex B (Luhn). */
gboolean ds_digits_luhn (const char *digits, guint n);
/* The last digit is the check digit of ISO 7064 MOD 11,10. */
gboolean ds_digits_iso7064_11_10 (const char *digits, guint n);
/* The last digit is the check digit of Verhoeff (Mathematisch Centrum, Amsterdam, 1969). */
gboolean ds_digits_verhoeff (const char *digits, guint n);
/* The check digit of ICAO 9303-3, 4.9: weights 7, 3, 1 modulo 10. */
int ds_digits_731 (const char *characters, guint n);
gboolean ds_digits_all_same (const char *digits, guint n);
/* The last digit is that of two sums modulo 11: weights 1 to 9 and again from 1; if that leaves 10, weights from 3; if
 * that does too, 0 (Lithuania: RST 1185-91; Estonia: EVS 585:2007). */
gboolean ds_digits_two_sums_11 (const char *digits, guint n);
/* TRUE if there is such a day in the Gregorian calendar. */
gboolean ds_calendar_day (int year, int month, int day);
/* The same of a year written with two digits: it is of this century or the last. */
gboolean ds_calendar_day_short (int year, int month, int day);
/* The same of a whole year that is not still to come: somebody may have been born then. */
gboolean ds_calendar_birthday (int year, int month, int day);
/* The same of somebody who may still live: in 1900 or later. */
gboolean ds_calendar_birthday_alive (int year, int month, int day);

G_END_DECLS
