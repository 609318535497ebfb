"""Poland, Czechia, Slovakia, Hungary, Slovenia, Croatia, Romania, Bulgaria, Greece and Portugal."""

from stdnum.bg import egn, pnf, vat as bg_vat
from stdnum.cz import dic, rc
from stdnum.gr import amka, vat as gr_vat
from stdnum.hr import oib
from stdnum.hu import anum
from stdnum.pl import nip, pesel, regon
from stdnum.pt import cc, nif
from stdnum.ro import cnp, cui
from stdnum.si import ddv, emso
from stdnum.sk import dph

from making import ALNUM, DIGITS, LETTERS, made_valid, pick, products, rng, shaped, unborn

YYMMDD = '{yy:02d}{month:02d}{day:02d}'
ELSEWHEN = 'nobody alive was born then'
BIRTH_NUMBER = 'stdnum takes birth numbers too'
COMPANY_VAT = ('stdnum has this sum for VAT numbers only, which do not begin with 9', lambda n: n[0] == '9')


def birth_month(n):
    return int(n[2:4]) % 50


def not_civil(n):
    rest = sum(products(range(9, 0, -1), n)) % 11
    return rest != 0 and (rest, n[8]) != (1, '0')


def birthday():
    """Year, month and day: now and then one that is no day, or of a time that nobody remembers."""
    year = rng.randint(1900, 2025) if rng.random() < .9 else rng.randint(1800, 2099)
    return year, rng.randint(1, 12) if rng.random() < .97 else rng.randint(0, 99), rng.randint(1, 31)


def dated(form, month_plus=lambda year: 0, serial=4):
    """A maker of numbers with a birth date: form has the fields year, yy, month and day."""
    def make():
        year, month, day = birthday()
        return form.format(year=year % 1000, yy=year % 100, month=(month + month_plus(year)) % 100, day=day) \
            + pick(DIGITS, serial)
    return make


def cnp_shape():
    year, month, day = birthday()
    first = {18: '34', 19: '12789', 20: '56789'}[year // 100]
    return rng.choice(first + '0') + '%02d%02d%02d' % (year % 100, month, day) + pick(DIGITS, 6)


def rc_month(year):
    return rng.choice([0, 50] if rng.random() < .9 else [20, 70])


RC_TEN = dated(YYMMDD, rc_month, 4)
RC_NINE = dated(YYMMDD, rc_month, 3)


def cz_vat_shape():
    return 'CZ' + rng.choice([RC_TEN, RC_NINE, shaped('6', (DIGITS, 8))])()


def hu_tax_number_shape():
    return made_valid(anum.is_valid, shaped((DIGITS, 8)), DIGITS, 1) + '-1-42'


def citizen_card_shape():
    """With a right civil number, mostly."""
    body = pick(DIGITS, 8)
    rest = sum(products(range(9, 1, -1), body)) % 11
    return body + ('00987654321'[rest] if rng.random() < .8 else pick(DIGITS, 1)) + pick(LETTERS, 2) + pick(DIGITS, 1)


# Validator, reference, maker of random numbers, alphabet and count of the last characters that are tried until valid.
CASES = [
    ('bg-egn', egn.is_valid, dated(YYMMDD, lambda year: (20, 0, 40)[year // 100 - 18]), DIGITS, 1),
    ('bg-foreigner', pnf.is_valid, shaped((DIGITS, 10)), DIGITS, 1),
    ('bg-vat', lambda n: n[:2] == 'BG' and bg_vat.is_valid(n), shaped('BG', (DIGITS, 10)), DIGITS, 1),
    ('cz-birth-number', lambda n: len(n) == 10 and rc.is_valid(n), RC_TEN, DIGITS, 1),
    ('cz-birth-number-old', lambda n: len(n) == 9 and rc.is_valid(n), RC_NINE, DIGITS, 1),
    ('cz-vat', lambda n: n[:2] == 'CZ' and dic.is_valid(n), cz_vat_shape, DIGITS, 1),
    ('gr-amka', amka.is_valid, dated('{day:02d}{month:02d}{yy:02d}', serial=5), DIGITS, 1),
    ('hr-oib', oib.is_valid, shaped((DIGITS, 11)), DIGITS, 1),
    ('jmbg', emso.is_valid, dated('{day:02d}{month:02d}{year:03d}', serial=6), DIGITS, 1),
    ('pl-pesel', pesel.is_valid, dated(YYMMDD, lambda year: (80, 0, 20)[year // 100 - 18], 5), DIGITS, 1),
    ('pt-citizen-card', cc.is_valid, citizen_card_shape, DIGITS, 1),
    ('ro-cnp', cnp.is_valid, cnp_shape, DIGITS, 1),
    ('ro-vat', lambda n: n[:2] == 'RO' and cui.is_valid(n[2:]), lambda: 'RO' + pick(DIGITS, rng.randint(2, 10)), DIGITS, 1),
]

# The same for rules whose packs declare the sum.
DECLARED = [
    ('cz-business-id', dic.is_valid, shaped((DIGITS, 8)), DIGITS, 1),
    ('gr-tax-id', gr_vat.is_valid, shaped((DIGITS, 9)), DIGITS, 1),
    ('gr-personal', lambda n: gr_vat.is_valid(n[3:]), shaped((ALNUM, 2), (LETTERS, 1), (DIGITS, 9)), DIGITS, 1),
    ('gr-vat', gr_vat.is_valid, shaped('EL', (DIGITS, 9)), DIGITS, 1),
    ('hu-tax-number', lambda n: anum.is_valid(n[:8]), hu_tax_number_shape, DIGITS, 0),
    ('hu-vat', anum.is_valid, shaped('HU', (DIGITS, 8)), DIGITS, 1),
    ('pl-nip', nip.is_valid, shaped((DIGITS, 10)), DIGITS, 1),
    ('pl-regon', regon.is_valid, shaped((DIGITS, 9)), DIGITS, 1),
    ('pl-vat', nip.is_valid, shaped('PL', (DIGITS, 10)), DIGITS, 1),
    ('pt-civil-id-checked', nif.is_valid, shaped('1', (DIGITS, 8)), DIGITS, 1),
    ('pt-tax-id', nif.is_valid, shaped(('123456789', 1), (DIGITS, 8)), DIGITS, 1),
    ('pt-vat', nif.is_valid, shaped('PT', ('123456789', 1), (DIGITS, 8)), DIGITS, 1),
    ('si-tax-id', ddv.is_valid, shaped(('123456789', 1), (DIGITS, 7)), DIGITS, 1),
    ('si-vat', ddv.is_valid, shaped('SI', ('123456789', 1), (DIGITS, 7)), DIGITS, 1),
    ('sk-business-id', dic.is_valid, shaped((DIGITS, 8)), DIGITS, 1),
    ('sk-tax-id', dph.is_valid, shaped(('123456789', 1), (DIGITS, 1), ('234789', 1), (DIGITS, 7)), DIGITS, 1),
    ('sk-vat', dph.is_valid, shaped('SK', ('123456789', 1), (DIGITS, 1), ('234789', 1), (DIGITS, 7)), DIGITS, 1),
]

# Validator -> list of (why we differ on purpose, which numbers that explains).
JUSTIFIED = {
    'bg-egn': [(ELSEWHEN, unborn(egn.get_birth_date, 1900))],
    'bg-vat': [('an EGN of one not yet born, or born before 1900', lambda n: egn.is_valid(n[2:]))],
    'cz-birth-number': [
        ('20 more in the month is since 2004, and once', lambda n: birth_month(n) > 20 and not 4 <= int(n[:2]) < 27),
        ('20 more in the month is added once', lambda n: birth_month(n) > 32),
        ('a rest of ten was written as 0 until the end of 1985', lambda n: n[:2] == '85'),
    ],
    'cz-birth-number-old': [
        (ELSEWHEN, unborn(rc.get_birth_date, 1900)),
        ('20 more in the month is since 2004', lambda n: birth_month(n) > 20),
    ],
    'cz-business-id': [COMPANY_VAT],
    'cz-vat': [
        ('20 more in the month is since 2004, and once', lambda n: birth_month(n[2:]) > 20),
        ('a rest of ten was written as 0 until the end of 1985', lambda n: len(n) == 12 and n[2:4] == '85'),
        (ELSEWHEN, unborn(lambda n: rc.get_birth_date(n[2:]), 1900)),
    ],
    'jmbg': [
        (ELSEWHEN, unborn(emso.get_birth_date, 1900)),
        ('a check digit of ten is not given out', lambda n: sum(products((7, 6, 5, 4, 3, 2) * 2, n)) % 11 == 1),
    ],
    'pl-pesel': [(ELSEWHEN, unborn(pesel.get_birth_date, 1900))],
    'pt-citizen-card': [('stdnum does not look at the check digit of the civil number', not_civil)],
    'ro-cnp': [
        (ELSEWHEN, unborn(cnp.get_birth_date, 1900)),
        ('foreigners were born in either century; stdnum takes the last', lambda n: n[0] in '789' and n[1:7] == '000229'),
    ],
    'sk-business-id': [COMPANY_VAT],
    'sk-tax-id': [(BIRTH_NUMBER, rc.is_valid)],
    'sk-vat': [(BIRTH_NUMBER, lambda n: rc.is_valid(n[2:]))],
}
