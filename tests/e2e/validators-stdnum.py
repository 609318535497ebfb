#!/usr/bin/python3
"""Compares our check digits with those of python-stdnum, an independent implementation.

Usage: validators-stdnum.py HELPER.  HELPER (tests/unit/validate-numbers) reads "validator<TAB>number" lines and answers
1 or 0.  For each validator thousands of numbers are made from a seed: random ones, and ones whose last characters were
tried until stdnum took them, with each then changed in one place.  Output is TAP; a disagreement that no row of JUSTIFIED
explains fails the test.
"""

import random
import subprocess
import sys

try:
    from stdnum import bic, bitcoin, iban, imei, luhn, mac
    from stdnum.de import idnr, vat as de_vat
    from stdnum.es import ccc, cif, dni, nie, nif as es_nif
    from stdnum.fr import nif, nir, siren, siret, tva
    from stdnum.gb import nhs, vat as gb_vat
    from stdnum.it import codicefiscale, iva
    from stdnum.nl import bsn, btw
    from stdnum.us import ein, itin, rtn, ssn
except ImportError:
    print('1..0 # SKIP python3-stdnum is not installed')
    sys.exit(0)

COUNT = 2400
SEED = 20240917
DIGITS = '0123456789'
LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
ALNUM = DIGITS + LETTERS
BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
rng = random.Random(SEED)
OMOCODIA = str.maketrans('LMNPQRSTUV', DIGITS)


def read_countries():
    with open('/usr/share/zoneinfo/iso3166.tab', encoding='utf-8') as table:
        return {line[:2] for line in table if line[0] != '#'} | {'XK'}


COUNTRIES = read_countries()


def all_same(number):
    digits = [c for c in number if c.isdigit()]
    return len(digits) > 7 and len(set(digits)) == 1


# validator -> list of (why we differ on purpose, which numbers that explains).
JUSTIFIED = {
    '*': [('all digits the same is a filler, nobody\'s number', all_same)],
    'bic': [('stdnum does not ask whether the country exists', lambda n: n[4:6] not in COUNTRIES)],
    'us-itin': [('the IRS gives out 50-65 too since 2011', lambda n: n[0] == '9' and 50 <= int(n[3:5]) <= 65)],
    'fr-nir': [('the first digit is 1-4, 7 or 8; others are not given out', lambda n: n[0] in '0569')],
    'it-codice-fiscale': [
        ('29 February is taken for either century; stdnum knows 1920 to 2019', lambda n: n[8] == 'B'),
        ('days end at 71; stdnum takes 72 to 99 modulo 40', lambda n: int(n[9:11].translate(OMOCODIA)) > 71),
    ],
    'mac': [('a group address is no device\'s', lambda n: int(n[1], 16) % 2 == 1)],
}


def pick(alphabet, n):
    return ''.join(rng.choice(alphabet) for _ in range(n))


def shaped(*pieces):
    """A maker of random numbers: pieces are (alphabet, length) or literal strings."""
    def make():
        return ''.join(p if isinstance(p, str) else pick(*p) for p in pieces)
    return make


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


def naf_valid(n):
    province, number = int(n[:2]), int(n[2:10])
    whole = province * 10 ** (7 if number < 10 ** 7 else 8) + number
    return 1 <= province <= 66 and number > 0 and whole % 97 == int(n[10:])


def spi_valid(n):
    """Old versions of stdnum check the form only."""
    return nif.is_valid(n) and int(n[:10]) % 511 == int(n[10:])


def card_digits():
    prefix = rng.choice(['4', '51', '2221', '37', '36', '6011', '3530', '62', '99', '1'])
    n = {'37': 15, '36': 14}.get(prefix, 16)
    return prefix + pick(DIGITS, n - len(prefix))


def card_valid(n):
    brand = n[0] in '4' or n[:2] in ('51', '37', '36', '62') or n[:4] in ('2221', '6011', '3530')
    return brand and luhn.is_valid(n)


def fr_vat_shape():
    body = pick(DIGITS, 8)
    number = body + luhn.calc_check_digit(body)
    key = '%02d' % (int(number + '12') % 97) if rng.random() < .6 else pick('0123456789ABCDEFGHJKLMNPQRSTUVWXYZ', 2)
    return 'FR' + key + number


def siret_shape():
    body = pick(DIGITS, 8)
    return body + luhn.calc_check_digit(body) + pick(DIGITS, 5)


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


def btw_shape():
    return 'NL' + pick(DIGITS, 9) + 'B' + pick(DIGITS, 2)


def bitcoin_shape():
    """A valid address of random bytes; changing one character later breaks it."""
    import hashlib
    raw = bytes([rng.choice([0, 5])]) + bytes(rng.getrandbits(8) for _ in range(20))
    raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    number, text = int.from_bytes(raw, 'big'), ''
    while number:
        number, rest = divmod(number, 58)
        text = BASE58[rest] + text
    return '1' * (len(raw) - len(raw.lstrip(b'\0'))) + text


# validator, reference, maker of random numbers, alphabet and count of the last characters that are tried until valid.
CASES = [
    ('bic', bic.is_valid, shaped((LETTERS, 4), (LETTERS, 2), (ALNUM, 2)), ALNUM, 1),
    ('bitcoin', bitcoin.is_valid, bitcoin_shape, BASE58, 0),
    ('card', card_valid, card_digits, DIGITS, 1),
    ('de-tax-id', idnr.is_valid, idnr_shape, DIGITS, 1),
    ('de-vat', lambda n: n[:2] == 'DE' and de_vat.is_valid(n), shaped('DE', (DIGITS, 9)), DIGITS, 1),
    ('es-ccc', ccc.is_valid, lambda: (lambda b, a: b + ccc.calc_check_digits(b + '00' + a) + a)(pick(DIGITS, 8), pick(DIGITS, 10)), DIGITS, 0),
    ('es-cif', cif.is_valid, shaped(('ABCDEFGHJNPQRSUVWIKX', 1), (DIGITS, 7), (DIGITS + 'ABCDEFGHIJ', 1)), DIGITS + 'ABCDEFGHIJ', 1),
    ('es-dni', dni.is_valid, shaped((DIGITS, 8), (LETTERS, 1)), LETTERS, 1),
    ('es-naf', naf_valid, lambda: '%02d' % rng.randint(0, 70) + pick(DIGITS, 10), DIGITS, 2),
    ('es-nie', lambda n: n[0] in 'XYZKLM' and es_nif.is_valid(n), shaped(('XYZKLMAB', 1), (DIGITS, 7), (LETTERS, 1)), LETTERS, 1),
    ('fr-nir', nir.is_valid, lambda: pick('1234780', 1) + pick(DIGITS, 4) + rng.choice([pick(DIGITS, 2), '2A', '2B']) + pick(DIGITS, 8), DIGITS, 2),
    ('fr-siren', siren.is_valid, shaped((DIGITS, 9)), DIGITS, 1),
    ('fr-siret', siret.is_valid, siret_shape, DIGITS, 1),
    ('fr-tax-id', spi_valid, shaped(('01234', 1), (DIGITS, 12)), DIGITS, 3),
    ('fr-vat', tva.is_valid, fr_vat_shape, DIGITS, 0),
    ('iban', lambda n: iban.is_valid(n, check_country=False), iban_shape, DIGITS, 0),
    ('imei', lambda n: len(n) == 15 and imei.is_valid(n), shaped((DIGITS, 15)), DIGITS, 1),
    ('it-codice-fiscale', codicefiscale.is_valid, codice_shape, LETTERS, 1),
    ('it-vat', iva.is_valid, lambda: pick(DIGITS, 7) + '%03d' % rng.randint(0, 130) + pick(DIGITS, 1), DIGITS, 1),
    ('luhn', luhn.is_valid, shaped((DIGITS, 12)), DIGITS, 1),
    ('mac', lambda n: mac.is_valid(n, validate_manufacturer=False), lambda: ':'.join(pick('0123456789abcdefg', 2) for _ in range(6)), DIGITS, 0),
    ('nl-bsn', bsn.is_valid, shaped((DIGITS, 9)), DIGITS, 1),
    ('nl-vat', btw.is_valid, btw_shape, DIGITS, 2),
    ('uk-nhs', nhs.is_valid, shaped((DIGITS, 10)), DIGITS, 1),
    ('uk-vat', gb_vat.is_valid, shaped((DIGITS, 9)), DIGITS, 2),
    ('us-ein', ein.is_valid, shaped((DIGITS, 9)), DIGITS, 0),
    ('us-itin', itin.is_valid, lambda: rng.choice('9998') + pick(DIGITS, 8), DIGITS, 0),
    ('us-ssn', ssn.is_valid, lambda: rng.choice(['000', '666', '900', '078', pick(DIGITS, 3)]) + pick(DIGITS, 6), DIGITS, 0),
]


def valid_reference(reference, number):
    try:
        return bool(reference(number))
    except Exception:  # stdnum fails on some malformed input with other than its own errors
        return False


def made_valid(reference, make, alphabet, tail):
    """A number that stdnum takes, or a random one where chance finds none."""
    for _ in range(40):
        number = make()
        if tail == 0:
            return number
        for _ in range(300):
            candidate = number[:-tail] + pick(alphabet, tail)
            if valid_reference(reference, candidate):
                return candidate
    return number


def one_off(number):
    at = rng.randrange(len(number))
    alphabet = DIGITS if number[at].isdigit() else LETTERS if number[at].isupper() else number[at]
    return number[:at] + rng.choice(alphabet) + number[at + 1:]


def numbers_for(reference, make, alphabet, tail):
    made = []
    while len(made) < COUNT:
        good = made_valid(reference, make, alphabet, tail)
        made += [good, one_off(good), good, make()] if len(made) % 8 == 0 else [good, one_off(good)]
    return made


def ask(helper, validator, numbers):
    text = ''.join('%s\t%s\n' % (validator, n) for n in numbers)
    answer = subprocess.run([helper], input=text, capture_output=True, text=True, check=True)
    return [line == '1' for line in answer.stdout.split()]


def why(validator, number):
    for reason, explains in JUSTIFIED.get(validator, []) + JUSTIFIED['*']:
        if explains(number):
            return reason
    return None


def compare(helper, validator, reference, make, alphabet, tail):
    numbers = numbers_for(reference, make, alphabet, tail)
    ours = ask(helper, validator, numbers)
    taken, explained, unexplained = 0, {}, []
    for number, mine in zip(numbers, ours):
        theirs = valid_reference(reference, number)
        taken += mine
        if mine == theirs:
            continue
        reason = why(validator, number)
        if reason is None:
            unexplained.append((number, mine, theirs))
        else:
            explained[reason] = explained.get(reason, 0) + 1
    return len(numbers), taken, explained, unexplained


def check_declared_sums():
    """The sums that packs declare instead of naming a C function, against stdnum: the same arithmetic, done here."""
    from stdnum.gb import utr
    for _ in range(COUNT):
        n = pick(DIGITS, 9)
        if (sum(w * int(d) for w, d in zip((3, 7, 1) * 3, n)) % 10 == 0) != rtn.is_valid(n):
            return False
        n = pick(DIGITS, 10)
        total = sum(w * int(d) for w, d in zip((0, 6, 7, 8, 9, 10, 5, 4, 3, 2), n)) % 11
        if ('21987654321'[total] == n[0]) != utr.is_valid(n):
            return False
    return True


def main():
    helper = sys.argv[1]
    failed = 0
    print('1..%d' % (len(CASES) + 1))
    for i, (validator, reference, make, alphabet, tail) in enumerate(CASES, 1):
        total, taken, explained, unexplained = compare(helper, validator, reference, make, alphabet, tail)
        failed += bool(unexplained)
        print('%s %d - %s: %d numbers, %d taken' % ('not ok' if unexplained else 'ok', i, validator, total, taken))
        for reason, count in sorted(explained.items()):
            print('#   %d differ on purpose: %s' % (count, reason))
        for number, mine, theirs in unexplained[:10]:
            print('#   %s: deskshred %s, stdnum %s' % (number, mine, theirs))
    ok = check_declared_sums()
    print('%s %d - sums declared in packs' % ('ok' if ok else 'not ok', len(CASES) + 1))
    return 1 if failed or not ok else 0


if __name__ == '__main__':
    sys.exit(main())
