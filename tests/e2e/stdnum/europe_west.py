"""Austria, Belgium, Luxembourg, Switzerland, Ireland, Malta and Cyprus."""

import datetime

from stdnum import ean, luhn, verhoeff
from stdnum.at import tin as at_tin, uid as at_uid, vnr
from stdnum.be import nn, vat as be_vat
from stdnum.ch import uid as ch_uid
from stdnum.cy import vat as cy_vat
from stdnum.ie import pps, vat as ie_vat
from stdnum.lu import tva as lu_tva
from stdnum.mt import vat as mt_vat

from making import DIGITS, LETTERS, THIS_YEAR, pick, rng, shaped


def is_day(year, month, day):
    """A day of the calendar in this century or the last; year has two digits."""
    for century in (1900, 2000):
        try:
            return bool(datetime.date(century + int(year), int(month), int(day)))
        except ValueError:
            pass
    return False


def at_impossible_birth(n):
    day, month, year = n[4:6], n[6:8], n[8:]
    return not is_day(year, month if int(month) not in (13, 14, 15) else '01', day)


def be_impossible_birth(n):
    """Neither a day nor, as far as month or day is 00, not known; the months of BIS numbers are 20 or 40 higher."""
    year, month, day = n[:2], int(n[2:4]), int(n[4:6])
    if month <= 52 and (month % 20 == 0 or day == 0):
        return month % 20 > 12 or day > 31
    return month > 52 or not is_day(year, month % 20, day)


def be_of_the_other_century(n):
    """The check number says a century in which the day of birth was none (29 February), or is to come."""
    return n[2:6] == '0229' or 2000 + int(n[:2]) > THIS_YEAR


def at_social_shape():
    return pick('123456789', 1) + pick(DIGITS, 3) + '%02d%02d' % (rng.randint(1, 31), rng.randint(1, 16)) + pick(DIGITS, 2)


def be_national_shape():
    month = rng.choice([rng.randint(0, 13), rng.randint(20, 33), rng.randint(40, 53)])
    return '%02d%02d%02d' % (rng.randint(0, 99), month, rng.randint(0, 31)) + pick(DIGITS, 5)


def ie_shape(behind):
    digits = pick(DIGITS, 7)
    return digits + ie_vat.calc_check_digit(digits + behind.strip('WTX')) + behind


def ie_vat_shape():
    if rng.random() < .7:
        return 'IE' + ie_shape(rng.choice(['', '', *'ABCDEFGHIL']))
    first, letter, digits = pick(DIGITS, 1), pick(LETTERS, 1), pick(DIGITS, 5)
    return 'IE' + first + letter + digits + ie_vat.calc_check_digit(digits + first)


def lu_matricule_valid(n):
    """stdnum knows both check digits, not the number."""
    month, day = (part if part != '00' else '01' for part in (n[4:6], n[6:8]))
    try:
        birth = datetime.date(int(n[:4]), int(month), int(day))
    except ValueError:
        return False
    return 1850 <= birth.year < 2100 and luhn.is_valid(n[:12]) and verhoeff.is_valid(n[:11] + n[12])


def lu_matricule_shape():
    number = '%04d%02d%02d' % (rng.randint(1840, 2010), rng.randint(0, 12), rng.randint(0, 31)) + pick(DIGITS, 3)
    return number + luhn.calc_check_digit(number) + verhoeff.calc_check_digit(number)


# Validator, reference, maker of random numbers, alphabet and count of the last characters that are tried until valid.
CASES = [
    ('at-social', vnr.is_valid, at_social_shape, DIGITS, 1),
    ('be-national', nn.is_valid, be_national_shape, DIGITS, 2),
    ('cy-tic', cy_vat.is_valid, lambda: rng.choice(['', 'CY']) + pick(DIGITS, 8) + pick(LETTERS, 1), LETTERS, 1),
    ('ie-ppsn', pps.is_valid, lambda: ie_shape(rng.choice(['', '', *'AABHHWTX'])), LETTERS, 0),
    ('ie-vat', lambda n: n[:2] == 'IE' and ie_vat.is_valid(n), ie_vat_shape, LETTERS, 0),
    ('lu-matricule', lu_matricule_valid, lu_matricule_shape, DIGITS, 0),
    ('luhn', lambda n: at_tin.calc_check_digit(n[:-1]) == n[-1], shaped((DIGITS, 9)), DIGITS, 1),  # at-tax-number
]

# The same for rules whose packs declare the sum.
DECLARED = [
    ('at-vat', lambda n: at_uid.is_valid('U' + n[3:]), shaped('ATU', (DIGITS, 8)), DIGITS, 1),
    ('be-enterprise', be_vat.is_valid, shaped((DIGITS, 10)), DIGITS, 2),
    ('be-vat', lambda n: be_vat.is_valid(n[2:]), shaped('BE', (DIGITS, 10)), DIGITS, 2),
    ('ch-ahv', ean.is_valid, shaped('756', (DIGITS, 10)), DIGITS, 1),
    ('ch-uid', lambda n: ch_uid.is_valid('CHE' + n[3:]), shaped('CHE', (DIGITS, 9)), DIGITS, 1),
    ('lu-vat', lambda n: lu_tva.is_valid(n[2:]), shaped('LU', (DIGITS, 8)), DIGITS, 2),
    ('mt-vat', lambda n: mt_vat.is_valid(n[2:]), shaped('MT', ('123456789', 1), (DIGITS, 7)), DIGITS, 2),
]

# Validator -> list of (why we differ on purpose, which numbers that explains).
JUSTIFIED = {
    'at-social': [('a birth date has a day of the calendar, or a month of 13 to 15; stdnum does not look', at_impossible_birth)],
    'be-national': [
        ('a birth date has a day of the calendar; stdnum does not look', be_impossible_birth),
        ('no serial number is 000', lambda n: n[6:9] == '000'),
        ('we do not ask the clock which years of this century have come', be_of_the_other_century),
    ],
    'ie-ppsn': [('numbers with B behind them are given out since 2024; stdnum 1.18 does not know them', lambda n: n[8:] == 'B')],
    'ie-vat': [('behind the check letter VIES has A to I, and before 2013 there was W', lambda n: n[10:] not in tuple('ABCDEFGHIW'))],
}
