"""Numbers of no country, or of all."""

import hashlib

from stdnum import bic, bitcoin, iban, imei, luhn, mac

from making import ALNUM, DIGITS, LETTERS, pick, rng, shaped

BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'


def read_countries():
    with open('/usr/share/zoneinfo/iso3166.tab', encoding='utf-8') as table:
        return {line[:2] for line in table if line[0] != '#'} | {'XK'}


COUNTRIES = read_countries()


def all_same(number):
    digits = [c for c in number if c.isdigit()]
    return len(digits) > 7 and len(set(digits)) == 1


def iban_shape():
    structures = {
        'DE': [(DIGITS, 18)], 'GB': [(LETTERS, 4), (DIGITS, 14)], 'FR': [(DIGITS, 10), (ALNUM, 11), (DIGITS, 2)],
        'NL': [(LETTERS, 4), (DIGITS, 10)], 'AT': [(DIGITS, 16)], 'CH': [(DIGITS, 5), (ALNUM, 12)], 'PL': [(DIGITS, 24)],
        'MT': [(LETTERS, 4), (DIGITS, 5), (ALNUM, 18)], 'SE': [(DIGITS, 20)], 'ES': [(DIGITS, 20)], 'IT': [(LETTERS, 1), (DIGITS, 10), (ALNUM, 12)],
        'PT': [(DIGITS, 21)], 'TR': [(DIGITS, 6), (ALNUM, 16)], 'AE': [(DIGITS, 19)], 'BR': [(DIGITS, 23), (LETTERS, 1), (ALNUM, 1)],
    }
    country = rng.choice(sorted(structures))
    bban = ''.join(pick(*p) for p in structures[country])
    return country + iban.calc_check_digits(country + '00' + bban) + bban


def card_digits():
    prefix = rng.choice(['4', '51', '2221', '37', '36', '6011', '3530', '62', '99', '1'])
    n = {'37': 15, '36': 14}.get(prefix, 16)
    return prefix + pick(DIGITS, n - len(prefix))


def card_valid(n):
    brand = n[0] in '4' or n[:2] in ('51', '37', '36', '62') or n[:4] in ('2221', '6011', '3530')
    return brand and luhn.is_valid(n)


def bitcoin_shape():
    """A valid address of random bytes; changing one character later breaks it."""
    raw = bytes([rng.choice([0, 5])]) + bytes(rng.getrandbits(8) for _ in range(20))
    raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    number, text = int.from_bytes(raw, 'big'), ''
    while number:
        number, rest = divmod(number, 58)
        text = BASE58[rest] + text
    return '1' * (len(raw) - len(raw.lstrip(b'\0'))) + text


# Validator, reference, maker of random numbers, alphabet and count of the last characters that are tried until valid.
CASES = [
    ('bic', bic.is_valid, shaped((LETTERS, 4), (LETTERS, 2), (ALNUM, 2)), ALNUM, 1),
    ('bitcoin', bitcoin.is_valid, bitcoin_shape, BASE58, 0),
    ('card', card_valid, card_digits, DIGITS, 1),
    ('iban', lambda n: iban.is_valid(n, check_country=False), iban_shape, DIGITS, 0),
    ('imei', lambda n: len(n) == 15 and imei.is_valid(n), shaped((DIGITS, 15)), DIGITS, 1),
    ('luhn', luhn.is_valid, shaped((DIGITS, 12)), DIGITS, 1),
    ('mac', lambda n: mac.is_valid(n, validate_manufacturer=False), lambda: ':'.join(pick('0123456789abcdefg', 2) for _ in range(6)), DIGITS, 0),
]

DECLARED = []

# Validator -> list of (why we differ on purpose, which numbers that explains).
JUSTIFIED = {
    '*': [('all digits the same is a filler, nobody\'s number', all_same)],
    'bic': [('stdnum does not ask whether the country exists', lambda n: n[4:6] not in COUNTRIES)],
    'mac': [('a group address is no device\'s', lambda n: int(n[1], 16) % 2 == 1)],
}
