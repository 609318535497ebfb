"""Denmark, Sweden, Norway, Finland, Iceland, Estonia, Latvia and Lithuania."""

from stdnum.dk import cpr, cvr
from stdnum.ee import ik, kmkr
from stdnum.fi import alv, hetu
from stdnum.is_ import kennitala
from stdnum.lt import asmens, pvm
from stdnum.lv import pvn
from stdnum.no import fodselsnummer, kontonr, orgnr
from stdnum.se import personnummer, vat as se_vat

from making import DIGITS, THIS_YEAR, UNBORN, made_valid, pick, rng, shaped, short_date, unborn, with_luhn

HETU_CHECK = '0123456789ABCDEFHJKLMNPRSTUVWXY'


def day_month():
    return '%02d%02d' % (rng.randint(1, 31), rng.randint(1, 12))


def hetu_valid(n):
    """stdnum knows the signs - A +; since 2023 ten more letters stand for the same centuries."""
    sign = n[6].translate(str.maketrans('BCDEFUVWXY', 'AAAAA-----'))
    return hetu.is_valid(n[:6] + sign + n[7:], allow_temporary=True)


def hetu_shape():
    return day_month() + pick(DIGITS, 2) + rng.choice('--AA+YXWVUBCDEFG') + pick(DIGITS, 3) + pick(HETU_CHECK, 1)


def lv_shape():
    return day_month() + pick(DIGITS, 2) + pick('0123', 1) + pick(DIGITS, 4)


def no_vat_shape():
    return made_valid(orgnr.is_valid, shaped((DIGITS, 9)), DIGITS, 1) + 'MVA'


# Validator, reference, maker of random numbers, alphabet and count of the last characters that are tried until valid.
CASES = [
    ('dk-cpr', lambda n: cpr.is_valid(n) and cpr.checksum(n) == 0, lambda: day_month() + pick(DIGITS, 6), DIGITS, 1),
    ('dk-cpr-date', cpr.is_valid, lambda: day_month() + pick(DIGITS, 6), DIGITS, 0),
    ('ee-isikukood', ik.is_valid, lambda: pick('12345678', 1) + short_date() + pick(DIGITS, 4), DIGITS, 1),
    ('fi-henkilotunnus', hetu_valid, hetu_shape, HETU_CHECK, 1),
    ('is-kennitala', kennitala.is_valid, lambda: day_month() + pick(DIGITS, 5) + pick('0989', 1), DIGITS, 2),
    ('lt-asmens-kodas', asmens.is_valid, lambda: pick('123456789', 1) + short_date() + pick(DIGITS, 4), DIGITS, 1),
    ('lt-vat', pvm.is_valid, shaped((DIGITS, 10), '1', (DIGITS, 1)), DIGITS, 1),
    ('lv-personas-kods', lambda n: n[0] in '0123' and pvn.is_valid(n), lv_shape, DIGITS, 1),
    ('no-fodselsnummer', fodselsnummer.is_valid, lambda: day_month() + pick(DIGITS, 7), DIGITS, 2),
    ('se-personnummer', personnummer.is_valid, lambda: rng.choice(['', '19', '20', '18', '17']) + short_date() + pick(DIGITS, 4), DIGITS, 1),
]

# The same for rules whose packs declare the sum.
DECLARED = [
    ('dk-cvr', cvr.is_valid, shaped(('123456789', 1), (DIGITS, 7)), DIGITS, 1),
    ('ee-vat', kmkr.is_valid, shaped('EE1', (DIGITS, 8)), DIGITS, 1),
    ('fi-vat', alv.is_valid, shaped('FI', (DIGITS, 8)), DIGITS, 1),
    ('no-bank-account', kontonr.is_valid, shaped(('123456789', 1), (DIGITS, 10)), DIGITS, 1),
    ('no-vat', lambda n: orgnr.is_valid(n[:9]), no_vat_shape, DIGITS, 0),
    ('se-vat', se_vat.is_valid, lambda: 'SE' + with_luhn(10) + '01', DIGITS, 0),
]

# Validator -> list of (why we differ on purpose, which numbers that explains).
JUSTIFIED = {
    'dk-cpr': [(UNBORN, unborn(cpr.get_birth_date))],
    'dk-cpr-date': [
        (UNBORN, unborn(cpr.get_birth_date)),
        ('a substitute has 60 added to the day', lambda n: n[0] in '6789'),
    ],
    'ee-isikukood': [(UNBORN, unborn(ik.get_birth_date))],
    'fi-henkilotunnus': [(UNBORN, lambda n: n[6] in 'ABCDEF' and 2000 + int(n[4:6]) > THIS_YEAR)],
    'is-kennitala': [
        (UNBORN, lambda n: n[9] == '0' and 2000 + int(n[4:6]) > THIS_YEAR),
        ('8 is the 19th century', lambda n: n[9] == '8'),
        ('companies (40 added to the day) are nobody', lambda n: n[0] in '4567'),
    ],
    'lt-asmens-kodas': [(UNBORN, unborn(ik.get_birth_date))],
    'lv-personas-kods': [(UNBORN, unborn(pvn.get_birth_date))],
    'no-fodselsnummer': [(UNBORN, unborn(fodselsnummer.get_birth_date))],
    'se-personnummer': [
        (UNBORN, unborn(personnummer.get_birth_date)),
        ('a coordination number has 60 added to the day', lambda n: n[-6] in '6789'),
        ('nobody who is anybody was born before 1800', lambda n: len(n) == 12 and int(n[:4]) < 1800),
    ],
}
