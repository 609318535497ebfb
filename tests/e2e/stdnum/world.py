"""Countries outside Europe."""

from stdnum.ar import cbu, cuit
from stdnum.au import abn, tfn
from stdnum.br import cnpj, cpf
from stdnum.ca import bn
from stdnum.cl import rut
from stdnum.cn import ric, uscc
from stdnum.il import idnr as il_idnr
from stdnum.in_ import aadhaar, gstin, pan
from stdnum.kr import rrn
from stdnum.mx import curp, rfc
from stdnum.nz import bankaccount, ird
from stdnum.sg import uen
from stdnum.th import pin
from stdnum.tr import tckimlik, vkn
from stdnum.tw import ubn
from stdnum.ua import rntrc
from stdnum.za import idnr as za_idnr, tin as za_tin

from making import ALNUM, DIGITS, LETTERS, pick, rng, shaped, short_date, with_luhn

CN_PROVINCES = '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83'.split()
UNPRINTABLE = 'stdnum refuses names that are no words to print'


def ar_cbu_shape():
    bank = pick(DIGITS, 7)
    return bank + cbu.calc_check_digit(bank) + pick(DIGITS, 14)


def cn_province(two):
    return two[0] == '9' or two in CN_PROVINCES


def cn_identity_valid(n):
    """stdnum's own list of places is of districts, and has not those that were merged."""
    ric.get_birth_date(n)
    return cn_province(n[:2]) and 1850 <= int(n[6:10]) <= 2099 and ric.calc_check_digit(n) == n[-1]


def cn_identity_shape():
    return pick('1234569', 1) + pick('12345', 1) + pick(DIGITS, 4) + rng.choice(['19', '20']) + short_date() + pick(DIGITS, 4)


def cn_credit_code_shape():
    province = rng.choice(['10', '11', '32', '44', '65', pick(DIGITS, 2)])
    return '91' + province + pick(DIGITS, 4) + pick(uscc._alphabet, 10)


def in_gstin_shape():
    holder = pick(LETTERS, 3) + pick('ABCFGHJLPT', 1) + pick(LETTERS, 1) + pick(DIGITS, 4) + pick(LETTERS, 1)
    return '%02d' % rng.randint(1, 39) + holder + '1Z' + pick(ALNUM, 1)


def mx_curp_shape():
    place = rng.choice(sorted(curp._valid_states) + ['XX', 'NJ'])
    return pick(LETTERS, 4) + short_date() + pick('HHMMX', 1) + place + pick(LETTERS, 3) + pick(ALNUM, 1) + pick(DIGITS, 1)


def mx_rfc_shape():
    return pick(LETTERS, 4) + short_date() + pick(ALNUM, 2) + pick(DIGITS, 1)


def nz_account_valid(n):
    """stdnum also asks whether the branch exists, and leaves banks that it does not know unchecked."""
    n = bankaccount.compact(n)
    return n[:2] in bankaccount._algorithms and n[:2] != '31' and int(n[6:13]) > 0 and bankaccount._calc_checksum(n) == 0


def nz_account_shape():
    head, account, suffix = '%02d' % rng.randint(1, 39) + pick(DIGITS, 4), pick(DIGITS, 7), pick(DIGITS, rng.choice([2, 3]))
    for digit in DIGITS * (rng.random() < .7):
        if nz_account_valid(head + account[:-1] + digit + suffix):
            return head + account[:-1] + digit + suffix
    return head + account + suffix


def tw_modulo_five(n):
    """Whether a sum modulo 5, not 10 as stdnum has it, makes the number valid; a seventh digit of 7 may add 1."""
    rest = ubn.calc_checksum(n) % 5
    return rest == 0 or n[6] == '7' and rest == 4


# Validator, reference, maker of random numbers, alphabet and count of the last characters that are tried until valid.
CASES = [
    ('ar-cbu', cbu.is_valid, ar_cbu_shape, DIGITS, 1),
    ('br-cnpj', cnpj.is_valid, shaped((DIGITS, 14)), DIGITS, 2),
    ('br-cpf', cpf.is_valid, shaped((DIGITS, 11)), DIGITS, 2),
    ('cl-rut', rut.is_valid, lambda: pick(DIGITS, rng.choice([8, 9])), DIGITS + 'K', 1),
    ('cn-credit-code', uscc.is_valid, cn_credit_code_shape, uscc._alphabet, 1),
    ('cn-identity', cn_identity_valid, cn_identity_shape, DIGITS + 'X', 1),
    ('in-aadhaar', aadhaar.is_valid, shaped((DIGITS, 12)), DIGITS, 1),
    ('in-gstin', gstin.is_valid, in_gstin_shape, ALNUM, 1),
    ('kr-resident', rrn.is_valid, lambda: short_date() + pick(DIGITS, 7), DIGITS, 1),
    ('mx-curp', curp.is_valid, mx_curp_shape, DIGITS, 1),
    ('mx-rfc', lambda n: len(n) == 13 and rfc.is_valid(n, True), mx_rfc_shape, DIGITS + 'A', 1),
    ('mx-rfc-form', lambda n: len(n) == 13 and rfc.is_valid(n), mx_rfc_shape, DIGITS, 0),
    ('nz-bank-account', nz_account_valid, nz_account_shape, DIGITS, 0),
    ('nz-ird', ird.is_valid, lambda: pick(DIGITS, rng.choice([8, 9])), DIGITS, 1),
    ('tr-identity', tckimlik.is_valid, shaped((DIGITS, 11)), DIGITS, 2),
    ('tr-tax', vkn.is_valid, shaped((DIGITS, 10)), DIGITS, 1),
    ('tw-business', ubn.is_valid, shaped((DIGITS, 8)), DIGITS, 1),
    ('za-id', za_idnr.is_valid, lambda: short_date() + pick(DIGITS, 4) + pick('0012', 1) + pick(DIGITS, 2), DIGITS, 1),
]

# The same for rules whose packs declare the sum.
DECLARED = [
    ('ar-cuit', lambda n: cuit.calc_check_digit(n[:-1]) == n[-1], shaped('2', ('0347', 1), (DIGITS, 9)), DIGITS, 1),
    ('au-abn', abn.is_valid, shaped(('123456789', 1), (DIGITS, 10)), DIGITS, 2),
    ('au-tfn', tfn.is_valid, shaped((DIGITS, 9)), DIGITS, 1),
    ('ca-business-number', lambda n: bn.is_valid(n[:9]), lambda: with_luhn(9) + 'RT' + pick(DIGITS, 4), DIGITS, 0),
    ('il-identity', il_idnr.is_valid, shaped((DIGITS, 9)), DIGITS, 1),
    ('sg-uen', lambda n: uen.calc_business_check_digit(n[:-1]) == n[-1], shaped((DIGITS, 8), (LETTERS, 1)), LETTERS, 1),
    ('th-identity', lambda n: pin.calc_check_digit(n[:-1]) == n[-1], shaped((DIGITS, 13)), DIGITS, 1),
    ('ua-tax', rntrc.is_valid, shaped((DIGITS, 10)), DIGITS, 1),
    ('za-tax', za_tin.is_valid, shaped(('01239', 1), (DIGITS, 9)), DIGITS, 1),
]

# Validator -> list of (why we differ on purpose, which numbers that explains).
JUSTIFIED = {
    'cn-credit-code': [('stdnum does not ask for the province', lambda n: not cn_province(n[2:4]))],
    'in-gstin': [
        ('Ladakh and other territory have numbers too', lambda n: n[:2] in ('38', '97')),
        ('stdnum also asks what kind of holder the PAN in it has', lambda n: not pan.is_valid(n[2:12])),
    ],
    'kr-resident': [
        ('no check digit since October 2020', lambda n: n[6] in '34' and '2009' < n[:4]),
        ('what is computed for foreigners is not published', lambda n: n[6] in '5678'),
        ('stdnum ends the places of birth at 96', lambda n: n[7:9] > '96'),
    ],
    'mx-curp': [
        ('X is a sex since 2023', lambda n: n[10] == 'X'),
        (UNPRINTABLE, lambda n: n[:4] in curp._name_blacklist),
    ],
    'mx-rfc': [
        (UNPRINTABLE, lambda n: n[:4] in rfc._name_blacklist),
        ('stdnum also asks which characters there are against homonyms', lambda n: n[10] in '0WXYZ' or n[11] == '0'),
    ],
    'mx-rfc-form': [(UNPRINTABLE, lambda n: n[:4] in rfc._name_blacklist)],
    'tw-business': [('the sum is taken modulo 5 since 2023', tw_modulo_five)],
    'za-id': [('2 is a refugee', lambda n: n[10] == '2')],
}
