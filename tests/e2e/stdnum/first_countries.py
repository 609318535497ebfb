"""The countries of the first packs: Germany, Spain, France, Italy, Netherlands, United Kingdom and United States."""

from stdnum.de import idnr, vat as de_vat
from stdnum.es import ccc, cif, dni, nif as es_nif
from stdnum.fr import nif as fr_nif, nir, siren, siret, tva
from stdnum.gb import nhs, utr, vat as gb_vat
from stdnum.it import codicefiscale, iva
from stdnum.nl import bsn, btw
from stdnum.us import ein, itin, rtn, ssn

from making import DIGITS, LETTERS, pick, rng, shaped, with_luhn

OMOCODIA = str.maketrans('LMNPQRSTUV', DIGITS)


def ccc_shape():
    branch, account = pick(DIGITS, 8), pick(DIGITS, 10)
    return branch + ccc.calc_check_digits(branch + '00' + account) + account


def naf_valid(n):
    province, number = int(n[:2]), int(n[2:10])
    whole = province * 10 ** (7 if number < 10 ** 7 else 8) + number
    return 1 <= province <= 66 and number > 0 and whole % 97 == int(n[10:])


def spi_valid(n):
    """Old versions of stdnum check the form only."""
    return fr_nif.is_valid(n) and int(n[:10]) % 511 == int(n[10:])


def fr_vat_shape():
    number = with_luhn(9)
    key = '%02d' % (int(number + '12') % 97) if rng.random() < .6 else pick('0123456789ABCDEFGHJKLMNPQRSTUVWXYZ', 2)
    return 'FR' + key + number


def codice_shape():
    day = rng.choice(['%02d' % rng.randint(1, 31), '%02d' % rng.randint(41, 71), pick('LMNPQRSTUV', 2)])
    return (pick(LETTERS, 6) + pick(DIGITS, 2) + rng.choice('ABCDEHLMPRST') + day + pick(LETTERS, 1)
            + pick(DIGITS, 2) + pick(DIGITS + 'LMNPQRSTUV', 1) + pick(LETTERS, 1))


def idnr_shape():
    repeated = rng.choice(DIGITS)
    times = rng.choice([2, 3])
    others = rng.sample([d for d in DIGITS if d != repeated], 10 - times)
    digits = others + [repeated] * times
    rng.shuffle(digits)
    return ''.join(digits) + pick(DIGITS, 1)


# Validator, reference, maker of random numbers, alphabet and count of the last characters that are tried until valid.
CASES = [
    ('de-tax-id', idnr.is_valid, idnr_shape, DIGITS, 1),
    ('de-vat', lambda n: n[:2] == 'DE' and de_vat.is_valid(n), shaped('DE', (DIGITS, 9)), DIGITS, 1),
    ('es-ccc', ccc.is_valid, ccc_shape, DIGITS, 0),
    ('es-cif', cif.is_valid, shaped(('ABCDEFGHJNPQRSUVWIKX', 1), (DIGITS, 7), (DIGITS + 'ABCDEFGHIJ', 1)), DIGITS + 'ABCDEFGHIJ', 1),
    ('es-dni', dni.is_valid, shaped((DIGITS, 8), (LETTERS, 1)), LETTERS, 1),
    ('es-naf', naf_valid, lambda: '%02d' % rng.randint(0, 70) + pick(DIGITS, 10), DIGITS, 2),
    ('es-nie', lambda n: n[0] in 'XYZKLM' and es_nif.is_valid(n), shaped(('XYZKLMAB', 1), (DIGITS, 7), (LETTERS, 1)), LETTERS, 1),
    ('fr-nir', nir.is_valid, lambda: pick('1234780', 1) + pick(DIGITS, 4) + rng.choice([pick(DIGITS, 2), '2A', '2B']) + pick(DIGITS, 8), DIGITS, 2),
    ('fr-siren', siren.is_valid, shaped((DIGITS, 9)), DIGITS, 1),
    ('fr-siret', siret.is_valid, lambda: with_luhn(9) + pick(DIGITS, 5), DIGITS, 1),
    ('fr-tax-id', spi_valid, shaped(('01234', 1), (DIGITS, 12)), DIGITS, 3),
    ('fr-vat', tva.is_valid, fr_vat_shape, DIGITS, 0),
    ('it-codice-fiscale', codicefiscale.is_valid, codice_shape, LETTERS, 1),
    ('it-vat', iva.is_valid, lambda: pick(DIGITS, 7) + '%03d' % rng.randint(0, 130) + pick(DIGITS, 1), DIGITS, 1),
    ('nl-bsn', bsn.is_valid, shaped((DIGITS, 9)), DIGITS, 1),
    ('nl-vat', btw.is_valid, shaped('NL', (DIGITS, 9), 'B', (DIGITS, 2)), DIGITS, 2),
    ('uk-nhs', nhs.is_valid, shaped((DIGITS, 10)), DIGITS, 1),
    ('uk-vat', gb_vat.is_valid, shaped((DIGITS, 9)), DIGITS, 2),
    ('us-ein', ein.is_valid, shaped((DIGITS, 9)), DIGITS, 0),
    ('us-itin', itin.is_valid, lambda: rng.choice('9998') + pick(DIGITS, 8), DIGITS, 0),
    ('us-ssn', ssn.is_valid, lambda: rng.choice(['000', '666', '900', '078', pick(DIGITS, 3)]) + pick(DIGITS, 6), DIGITS, 0),
]

# The same for rules whose packs declare the sum.
DECLARED = [
    ('uk-utr', utr.is_valid, shaped((DIGITS, 10)), DIGITS, 1),
    ('us-routing', rtn.is_valid, shaped((DIGITS, 9)), DIGITS, 1),
]

# Validator -> list of (why we differ on purpose, which numbers that explains).
JUSTIFIED = {
    'fr-nir': [('the first digit is 1-4, 7 or 8; others are not given out', lambda n: n[0] in '0569')],
    'it-codice-fiscale': [
        ('29 February is taken for either century; stdnum knows 1920 to 2019', lambda n: n[8] == 'B'),
        ('days end at 71; stdnum takes 72 to 99 modulo 40', lambda n: int(n[9:11].translate(OMOCODIA)) > 71),
    ],
    'us-itin': [('the IRS gives out 50-65 too since 2011', lambda n: n[0] == '9' and 50 <= int(n[3:5]) <= 65)],
}
