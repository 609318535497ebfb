#!/usr/bin/python3
"""Random personal identifiers: valid ones, ones with one character off, and how people spell them.

    number = identifiers.TYPES["pl_pesel"].valid(random.Random(1))   # canonical form
    identifiers.TYPES["pl_pesel"].invalid(rng)     # one character off, so that the check fails; None: there is no check
    identifiers.TYPES["pl_pesel"].spell("official", number)          # spellings: their names
    identifiers.TYPES["cz_rc"].alt(rng)            # where present: a real form that the check does not cover, else None

Run as main it asserts 500 numbers of each type and prints what verified them.  Sources: README.md.
"""
import sys
import datetime
import importlib
import random as _random
import re
import unicodedata

try:
    import stdnum                                            # noqa: F401
except ImportError:                                          # pyenv python without the Debian package
    sys.path.append('/usr/lib/python3/dist-packages')

D = '0123456789'
AZ = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
ZWSP, NBSP, NNBSP = '\u200b', '\u00a0', '\u202f'


# ---------------------------------------------------------------- helpers
def dig(r, n):
    return ''.join(r.choice(D) for _ in range(n))


def dig1(r, n):
    return r.choice(D[1:]) + dig(r, n - 1)


def let(r, n, alphabet=AZ):
    return ''.join(r.choice(alphabet) for _ in range(n))


def date(r, lo=1935, hi=2007):
    a = datetime.date(lo, 1, 1).toordinal()
    return datetime.date.fromordinal(r.randint(a, datetime.date(hi, 12, 31).toordinal()))


def isdate(y, m, d):
    try:
        return datetime.date(y, m, d) <= datetime.date.today()
    except ValueError:
        return False


def wsum(s, weights):
    return sum(int(a) * w for a, w in zip(s, weights))


def luhn_ok(s):
    t = 0
    for i, c in enumerate(reversed(s)):
        n = int(c) * (2 if i % 2 else 1)
        t += n - 9 if n > 9 else n
    return t % 10 == 0


def luhn_cd(s):
    return next(c for c in D if luhn_ok(s + c))


def val36(c):
    return int(c, 36)


def mrz(s, weights=(7, 3, 1)):
    return sum(val36(c) * weights[i % len(weights)] for i, c in enumerate(s)) % 10


def digsum(n):
    return n // 10 + n % 10


_VD = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
       [3, 4, 0, 1, 2, 8, 9, 5, 6, 7], [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
       [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3], [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
       [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]]
_VP = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4], [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
       [8, 9, 1, 6, 0, 4, 3, 5, 2, 7], [9, 4, 5, 3, 1, 2, 6, 8, 7, 0], [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
       [2, 7, 9, 3, 8, 0, 6, 4, 1, 5], [7, 0, 4, 6, 9, 1, 3, 2, 5, 8]]


def verhoeff_ok(s):
    c = 0
    for i, ch in enumerate(reversed(s)):
        c = _VD[c][_VP[i % 8][int(ch)]]
    return c == 0


def mod11_10_ok(s):
    c = 5
    for ch in s:
        c = (((c or 10) * 2) % 11 + int(ch)) % 10
    return c == 1


# ---------------------------------------------------------------- spelling
def group(s, n, sep=' '):
    return sep.join(s[i:i + n] for i in range(0, len(s), n))


def alnum(s):
    return ''.join(c for c in s if c.isalnum())


def mask(m):
    """'#' takes the next character of the canonical form, the rest is literal."""
    def f(s):
        out, it = [], iter(s)
        for c in m:
            out.append(next(it, '') if c == '#' else c)
        return ''.join(out) + ''.join(it)
    return f


_FW = str.maketrans(D, '０１２３４５６７８９')


def _middle(s):
    return len(s) // 2


def wrap(s, nl='\n'):
    seps = [i for i, c in enumerate(s) if c in ' -./' and 0 < i < len(s) - 1]
    if not seps:
        return s[:_middle(s)] + nl + s[_middle(s):]
    i = min(seps, key=lambda i: abs(i - _middle(s)))
    return s[:i].rstrip() + nl + s[i + 1:] if s[i] == ' ' else s[:i + 1] + nl + s[i + 1:]


TYPES = {}


class Type:
    def __init__(self, name, gen, shape, check, stdnum=None, std=None, official=None, styles='',
                 extra=None, alt=None, source='', note='', keep=False):
        """gen(r) -> canonical; shape(c): form and date; check(c) or None; stdnum: module(s) verifying;
        std(c): how to call it; official: mask or function; styles: names of generic spellings."""
        self.name, self.gen, self.shape, self.check = name, gen, shape, check
        self.stdnum, self._std, self._alt = stdnum, std, alt
        self.source, self.note = source, note
        self.table = {'compact': (lambda s: s) if keep else alnum}
        off = mask(official) if isinstance(official, str) else official
        if off:
            self.table['official'] = off
        base = off or (lambda s: s)
        for st in styles.split():
            kind, n = re.fullmatch(r'([a-z]+)(\d*)', st).groups()
            sep = {'spaces': ' ', 'dots': '.', 'dashes': '-', 'slashes': '/'}[kind]
            self.table[st] = lambda s, n=int(n), sep=sep: group(alnum(s), n, sep)
        for k, v in (extra or {}).items():
            self.table[k] = mask(v) if isinstance(v, str) else v
        comp = self.table['compact']
        sample = comp(gen(_random.Random(1)))
        if any(c.isalpha() for c in sample):
            self.table['lower'] = lambda s: base(s).lower()
        self.table['fullwidth'] = lambda s: comp(s).translate(_FW)
        spaced = next((f for k, f in self.table.items()
                       if k != 'compact' and k != 'lower' and ' ' in f(gen(_random.Random(1)))), None)
        if spaced:
            self.table['nbsp'] = lambda s: spaced(s).replace(' ', NBSP)
            self.table['nnbsp'] = lambda s: spaced(s).replace(' ', NNBSP)
        self.table['zwsp'] = lambda s: (lambda x: x[:_middle(x)] + ZWSP + x[_middle(x):])(comp(s))
        self.table['wrap'] = lambda s: wrap(base(s))
        self.table['wrapquoted'] = lambda s: wrap(base(s), '\n> ')
        self.spellings = list(self.table)
        TYPES[name] = self

    def ok(self, c):
        return bool(self.shape(c)) and (self.check is None or bool(self.check(c)))

    def std_ok(self, c):
        if self._std:
            return bool(self._std(c))
        return all(importlib.import_module('stdnum.' + m).is_valid(c) for m in self.stdnum.split())

    def valid(self, random):
        while True:
            c = self.gen(random)
            if c and self.ok(c):
                return c

    def invalid(self, random):
        """One character of a valid number replaced by one of its class: form (and birth date) still
        fine, check digit wrong. None for types without a check digit."""
        if self.check is None:
            return None
        for _ in range(5000):
            c = self.valid(random)
            i = random.randrange(len(c))
            pool = D if c[i].isdigit() else AZ if c[i].isupper() else ''
            if not pool:
                continue
            x = c[:i] + random.choice([p for p in pool if p != c[i]]) + c[i + 1:]
            if self.shape(x) and not self.check(x):
                return x
        raise RuntimeError(self.name)

    def alt(self, random):
        return self._alt(random) if self._alt else None

    def spell(self, name, canonical):
        return self.table[name.split('.')[-1]](canonical)


def valid(type_name, random):
    return TYPES[type_name].valid(random)


def invalid(type_name, random):
    return TYPES[type_name].invalid(random)


def spell(name, canonical):
    """name is qualified, as in sentences.json: "pl_nip.official"."""
    t, n = name.split('.')
    return TYPES[t].spell(n, canonical)


def rx(p):
    p = re.compile(p + r'\Z')
    return lambda c: p.match(c)


def fill(make, check, alphabet=D):
    """Append the check character (last place) that makes check() true."""
    def gen(r):
        b = make(r)
        return next((b + c for c in alphabet if check(b + c)), None)
    return gen


# ================================================================ AT
def _at_tax(c):
    return (10 - sum(int('0246813579'[int(n)]) if i % 2 else int(n) for i, n in enumerate(c[:8]))) % 10 == int(c[8])
_AT_FA = '03 04 06 07 08 09 10 12 15 16 18 22 23 29 33 38 41 46 51 52 53 54 57 59 61 65 67 68 69 71 72 81 82 83 84 90 91 93 97 98'.split()
Type('at_tax', fill(lambda r: r.choice(_AT_FA) + dig(r, 6), _at_tax), lambda c: rx(r'\d{9}')(c) and c[:2] in _AT_FA, _at_tax,
     'at.tin', official='##-###/####', styles='spaces3', extra={'spaced': '## ###/####', 'slash': '#####/####', 'dashes': '##-###-####'})


def _at_svnr(c):
    return wsum(c, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11 == int(c[3])
def _g(r):
    d = date(r)
    s = str(r.randint(100, 999))
    return next((s + k + d.strftime('%d%m%y') for k in D if _at_svnr(s + k + d.strftime('%d%m%y'))), None)
Type('at_svnr', _g, lambda c: rx(r'[1-9]\d{9}')(c) and isdate(1900 + int(c[8:]), int(c[6:8]), int(c[4:6])), _at_svnr,
     'at.vnr', official='#### ######', extra={'dash': '####-######', 'slash': '####/######', 'date_spaced': '#### ## ## ##', 'date_dots': '#### ##.##.##'})


# ================================================================ BE
def _be_nrn(c):
    a = 97 - int(c[:9]) % 97 == int(c[9:])
    b = int(c[:2]) <= 25 and 97 - int('2' + c[:9]) % 97 == int(c[9:])
    return a or b
def _g(r):
    d = date(r)
    s = d.strftime('%y%m%d') + '%03d' % r.randint(1, 997)
    return s + '%02d' % (97 - int(('2' if d.year >= 2000 else '') + s) % 97)
Type('be_nrn', _g, lambda c: rx(r'\d{11}')(c) and isdate(1900 + int(c[:2]), int(c[2:4]), int(c[4:6])), _be_nrn,
     'be.nn', official='##.##.##-###.##', extra={'dash': '######-###-##', 'spaces': '## ## ## ### ##', 'half': '######-#####', 'space_mid': '##.##.## ###.##', 'dash_end': '##.##.##-###-##'})
Type('be_eid', lambda r: (lambda s: s + '%02d' % (int(s) % 97 or 97))('59' + dig(r, 8)), rx(r'\d{12}'),
     lambda c: (int(c[:10]) % 97 or 97) == int(c[10:]), official='###-#######-##',
     extra={'spaces': '### ####### ##', 'spaces4': '#### #### ####'}, source='eID card number: first ten digits modulo 97 (0 -> 97)')


# ================================================================ BG
def _bg_egn(c):
    return wsum(c, (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10 == int(c[9])
def _bgdate(c):
    y, m, d = int(c[:2]), int(c[2:4]), int(c[4:6])
    return isdate(2000 + y, m - 40, d) if m > 40 else isdate(1900 + y, m, d)
def _b(r):
    d = date(r)
    return '%02d%02d%02d' % (d.year % 100, d.month + (40 if d.year >= 2000 else 0), d.day) + dig(r, 3)
Type('bg_egn', fill(_b, _bg_egn), lambda c: rx(r'\d{10}')(c) and _bgdate(c), _bg_egn, 'bg.egn', official='######-####',
     extra={'space': '###### ####', 'spaces2': '## ## ## ## ##'})


# ================================================================ HR
Type('hr_oib', fill(lambda r: dig1(r, 10), mod11_10_ok), rx(r'\d{11}'), mod11_10_ok, 'hr.oib', styles='spaces3 spaces4',
     extra={'prefix': 'HR###########', 'dashes': '###-###-###-##'})


# ================================================================ CY
def _cy(c):
    t = {'0': 1, '1': 0, '2': 5, '3': 7, '4': 9, '5': 13, '6': 15, '7': 17, '8': 19, '9': 21}
    return AZ[(sum(t[n] for n in c[0:8:2]) + sum(int(n) for n in c[1:8:2])) % 26] == c[8]
Type('cy_tin', fill(lambda r: '0' + r.choice('0123') + dig(r, 6), _cy, AZ), rx(r'(?!12)\d{8}[A-Z]'), _cy, 'cy.vat',
     official='########-#', styles='spaces3', extra={'space': '######## #', 'prefix': 'CY#########'})


# ================================================================ CZ / SK
def _rc(c):
    y = int(c[:2])
    y += 1900 if y >= 54 else 2000
    k = int(c[:9]) % 11
    return (k % 10 if y < 1985 else k) == int(c[9])
def _rcdate(c):
    y, m = int(c[:2]), int(c[2:4])
    y += 1900 if y >= 54 else 2000
    return m % 50 <= 12 and isdate(y, m % 50, int(c[4:6]))
def _b(r):
    d = date(r, 1954, 2007)
    return '%02d%02d%02d' % (d.year % 100, d.month + r.choice((0, 50)), d.day) + dig(r, 3)
_rc9 = lambda r: (lambda d: '%02d%02d%02d' % (d.year % 100, d.month + r.choice((0, 50)), d.day) + dig(r, 3))(date(r, 1930, 1953))
for _n in ('cz', 'sk'):
    Type(_n + '_rc', fill(_b, _rc), lambda c: rx(r'\d{10}')(c) and _rcdate(c), _rc, _n + '.rc', official='######/####', alt=_rc9,
         extra={'space': '###### ####', 'dash': '######-####', 'slash_spaced': '###### / ####', 'spaces2': '## ## ## / ####'},
         note='alt: nine digits without check digit (born before 1954)')


# ================================================================ DK
_DKW = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
def _g(r):
    d = date(r, 1937, 2007)
    s = d.strftime('%d%m%y') + (r.choice('0123') if d.year < 2000 else r.choice('4567' if d.year < 2037 else '4')) + dig(r, 2)
    return next((s + k for k in D if wsum(s + k, _DKW) % 11 == 0), None)
def _dkdate(c):
    y = int(c[4:6])
    y += 1900 if c[6] in '0123' or (c[6] in '49' and y >= 37) else 1800 if c[6] in '5678' and y >= 58 else 2000
    return isdate(y, int(c[2:4]), int(c[:2]))
Type('dk_cpr', _g, lambda c: rx(r'\d{10}')(c) and _dkdate(c), None, 'dk.cpr', official='######-####',
     alt=lambda r: r.choice(('010160', '010165', '010166', '010170', '010180', '010182', '010184', '010185', '010186', '010187', '010188', '010189', '010190', '010191')) + r.choice('0123') + dig(r, 3),
     extra={'space': '###### ####', 'spaces2': '## ## ## ####', 'slash': '######/####', 'dots': '##.##.##-####', 'dash_spaced': '###### - ####'},
     note='valid numbers satisfy modulus 11 but it is not binding since 2007: invalid() is None; alt may fail modulus 11')


# ================================================================ EE / LT
def _eelt(c):
    k = wsum(c, (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if k == 10:
        k = wsum(c, (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    return k == int(c[10])
def _eeltdate(c):
    return c[0] in '3456' and isdate({'3': 1900, '4': 1900, '5': 2000, '6': 2000}[c[0]] + int(c[1:3]), int(c[3:5]), int(c[5:7]))
def _b(r):
    d = date(r)
    return r.choice('34' if d.year < 2000 else '56') + d.strftime('%y%m%d') + dig(r, 3)
Type('ee_ik', fill(_b, _eelt), lambda c: rx(r'\d{11}')(c) and _eeltdate(c), _eelt, 'ee.ik',
     extra={'space': '####### ####', 'dash': '#######-####', 'spaced': '# ###### ####', 'spaces2': '# ## ## ## ####'})
Type('lt_ak', fill(_b, _eelt), lambda c: rx(r'\d{11}')(c) and _eeltdate(c), _eelt, 'lt.asmens',
     extra={'space': '####### ####', 'dash': '#######-####', 'spaced': '# ###### ####', 'spaces3': '### #### ####'})


# ================================================================ FI
_HETU = '0123456789ABCDEFHJKLMNPRSTUVWXY'
def _hetu(c):
    return c[10] == _HETU[int(c[:6] + c[7:10]) % 31]
def _g(r):
    d = date(r)
    return (lambda s, n, x: s + x + n + _HETU[int(s + n) % 31])(d.strftime('%d%m%y'), '%03d' % r.randint(2, 899), '-' if d.year < 2000 else 'A')
_fi_alt = lambda r: (lambda d, n: d.strftime('%d%m%y') + r.choice('YXWVU' if d.year < 2000 else 'BCDEF') + n + _HETU[int(d.strftime('%d%m%y') + n) % 31])(date(r), '%03d' % r.randint(2, 899))
Type('fi_hetu', _g, lambda c: rx(r'\d{6}[-A](?!00[01]|9)\d{3}[0-9A-Y]')(c) and c[10] in _HETU and isdate((1900 if c[6] == '-' else 2000) + int(c[4:6]), int(c[2:4]), int(c[:2])),
     _hetu, 'fi.hetu', keep=True, alt=_fi_alt, extra={'dash_spaced': lambda s: s[:6] + ' ' + s[6] + ' ' + s[7:], 'endash': lambda s: s.replace('-', '\u2013'), 'space_after': lambda s: s[:7] + ' ' + s[7:], 'tail_spaced': lambda s: s[:10] + ' ' + s[10:]},
     note='alt: the century marks added in 2023 (Y X W V U, B C D E F); python-stdnum 1.18 does not know them')


# ================================================================ FR
def _nirnum(c):
    return int(c[:13].replace('2A', '19').replace('2B', '18') if c[5:7] in ('2A', '2B') else c[:13])
def _g(r):
    d = date(r)
    dep = r.choice(['%02d' % n for n in range(1, 96) if n != 20] + ['2A', '2B'])
    s = r.choice('12') + d.strftime('%y%m') + dep + '%03d' % r.randint(1, 899) + '%03d' % r.randint(1, 998)
    n = int(s[:5] + {'2A': '19', '2B': '18'}.get(dep, dep) + s[7:])
    return s + '%02d' % (97 - n % 97)
def _nir(c):
    n = int(c[:5] + {'2A': '19', '2B': '18'}.get(c[5:7], c[5:7]) + c[7:13])
    return 97 - n % 97 == int(c[13:])
Type('fr_nir', _g, lambda c: rx(r'[12]\d\d(0[1-9]|1[0-2])(\d\d|2[AB])\d{8}')(c) and c[5:7] != '00', _nir, 'fr.nir',
     official='# ## ## ## ### ### ##', extra={'key_apart': '############# ##', 'slash_key': '# ## ## ## ### ### / ##', 'dots': '#.##.##.##.###.###.##', 'dashes': '#-##-##-##-###-###-##', 'no_key': lambda s: mask('# ## ## ## ### ###')(s[:13])})
Type('fr_spi', lambda r: (lambda s: s + '%03d' % (int(s) % 511))(r.choice('0123') + dig(r, 9)), rx(r'[0-3]\d{12}'),
     lambda c: int(c[:10]) % 511 == int(c[10:]), 'fr.nif', official='## ## ### ### ###', extra={'spaced': '# ### ### ### ###', 'space10': '########## ###', 'dots': '##.##.###.###.###'},
     source='European Commission TIN algorithms (first ten digits modulo 511); stdnum 1.18 checks the form only')
Type('fr_passport', lambda r: dig(r, 2) + let(r, 2) + dig(r, 5), rx(r'\d\d[A-Z]{2}\d{5}'), None, official='## ## #####', extra={'dash': '##-##-#####'})


# ================================================================ DE
def _idnr(c):
    return mod11_10_ok(c)
def _idnr_shape(c):
    k = sorted(c[:10].count(x) for x in D)
    return rx(r'[1-9]\d{10}')(c) and k in ([0, 1, 1, 1, 1, 1, 1, 1, 1, 2], [0, 0, 1, 1, 1, 1, 1, 1, 1, 3]) and not any(x * 3 in c[:10] for x in D)
def _b(r):
    ds = list(D)
    r.shuffle(ds)
    if r.random() < .7:
        ds[9] = ds[r.randrange(9)]
    else:
        ds[8] = ds[9] = ds[r.randrange(8)]
    r.shuffle(ds)
    return ''.join(ds)
Type('de_idnr', fill(_b, _idnr), _idnr_shape, _idnr, 'de.idnr', official='## ### ### ###', styles='spaces3 spaces2 slashes3 dots3', extra={'dashes': '##-###-###-###', 'slashes': '##/###/###/###'})


def _rvnr(c):
    s = c[:8] + '%02d' % (AZ.index(c[8]) + 1) + c[9:11]
    return sum(digsum(int(a) * w) for a, w in zip(s, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1))) % 10 == int(c[11])
_BER = '02 03 04 08 09 10 11 12 13 14 15 16 17 18 19 20 21 23 24 25 26 28 29 38 39 40 42 43 44 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 80 81 82 89'.split()
Type('de_rvnr', fill(lambda r: r.choice(_BER) + date(r).strftime('%d%m%y') + let(r, 1) + '%02d' % r.randint(0, 99), _rvnr),
     lambda c: rx(r'\d{8}[A-Z]\d{3}')(c) and c[:2] in _BER and isdate(1900 + int(c[6:8]), int(c[4:6]), int(c[2:4])), _rvnr,
     official='## ###### # ###', extra={'date_spaced': '## ## ## ## # ###', 'spaces4': '#### #### ####', 'dashes': '##-######-#-###', 'slashes': '##/######/#/###'},
     source='VKVV section 2 / Wikipedia Versicherungsnummer (weights 2 1 2 5 7 1 2 1 2 1 2 1, digit sums)')
_DEA = 'CFGHJKLMNPRTVWXYZ0123456789'
def _de_doc(first):
    return dict(gen=fill(lambda r: (lambda s: s if not s[1:].isalpha() else None)(r.choice(first) + let(r, 8, _DEA)) or r.choice(first) + dig(r, 8), lambda c: mrz(c[:9]) == int(c[9])),
                shape=lambda c: rx(r'[%s][CFGHJ-NPRTV-Z0-9]{8}\d' % first)(c) and sum(x.isdigit() for x in c[:9]) >= 3, check=lambda c: mrz(c[:9]) == int(c[9]))
_p9 = lambda s: s[:9]
_x = {'printed9': _p9, 'spaces3': lambda s: group(s[:9], 3), 'check_apart': '######### #', 'mrz_d': lambda s: s + ('D' if s[0] in 'LMNPRTVWXYZ' else 'D<<')}
Type('de_perso', official='##########', extra=_x, source='ICAO 9303 part 3 check digit (7 3 1)', note='the check digit is the tenth character; printed9 (as on the front of the card) has none', **_de_doc('LMNPRTVWXYZ'))
Type('de_reisepass', official='##########', extra=_x, source='ICAO 9303 part 3 check digit (7 3 1)', note='as de_perso', **_de_doc('CFGHJK'))


def _kvnr(c):
    s = '%02d' % (AZ.index(c[0]) + 1) + c[1:9]
    return sum(digsum(int(a) * (1, 2)[i % 2]) for i, a in enumerate(s)) % 10 == int(c[9])
Type('de_kvnr', fill(lambda r: let(r, 1) + dig(r, 8), _kvnr), rx(r'[A-Z]\d{9}'), _kvnr, official='#### ### ###', extra={'letter_apart': '# #########', 'spaces': '# ### ### ###', 'spaces2': '# ######## #'},
     source='SGB V section 290 annex / GKV-Spitzenverband: A=01.., weights 1 2, digit sums, modulo 10')
def _g(r):
    return r.choice((r.choice(('93', '18', '27', '13', '34', '47', '70')) + dig(r, 8), '1' + dig(r, 10), '5' + dig(r, 12)[:0] + dig(r, 10), r.choice(('133', '201', '218', '305')) + dig(r, 8), '2893' + '0' + dig(r, 8), '5133' + '0' + dig(r, 8)))
def _stnr(s):
    if len(s) == 13:
        return s
    if len(s) == 10:
        return mask('##/###/#####')(s)
    return mask('###/####/####')(s) if s[:1] in '5' or s[:3] in ('133', '201', '218', '305') else mask('###/###/#####')(s)
Type('de_stnr', _g, rx(r'\d{10,11}|\d{13}'), None, official=_stnr, extra={'spaces': lambda s: _stnr(s).replace('/', ' '), 'dots': lambda s: _stnr(s).replace('/', '.'), 'dashes': lambda s: _stnr(s).replace('/', '-'), 'slashes_spaced': lambda s: _stnr(s).replace('/', ' / ')},
     note='each Land has its own check procedure and they cannot be told apart from the number alone: treated as without check digit')
def _fsn(c):
    k = sum(val36(a) * w for a, w in zip(c, (9, 8, 7, 6, 5, 4, 3, 2, 1))) % 11
    return c[9] == ('X' if k == 10 else str(k))
def _g(r):
    s = let(r, 1, 'ABCDEFGHJKLMNPRSTUVW') + dig(r, 2) + let(r, 1, D + 'ABCDEF')[:1]
    s = s[:3] + r.choice(D) + let(r, 5, D + 'ABCDEFGHIJKLMNPRSTUVWXYZ')
    k = sum(val36(a) * w for a, w in zip(s, (9, 8, 7, 6, 5, 4, 3, 2, 1))) % 11
    return s + ('X' if k == 10 else str(k)) + r.choice('1123')
Type('de_fuehrerschein', _g, rx(r'[A-Z]\d{3}[0-9A-Z]{5}[0-9X]\d'), _fsn, official='###########', extra={'spaces': '#### ##### # #', 'spaces4': '#### #### ###', 'check_apart': '######### ##'},
     source='Wikipedia Fuehrerscheinnummer (weights 9..1, modulo 11, X), checked against B072RRE2I55')
Type('de_ustid', fill(lambda r: 'DE' + dig1(r, 8), lambda c: mod11_10_ok(c[2:])), rx(r'DE[1-9]\d{8}'), lambda c: mod11_10_ok(c[2:]), 'de.vat', official='## ### ### ###', extra={'prefix_apart': '## #########', 'number_only': lambda s: s[2:], 'dash': '##-#########'})


# ================================================================ GR
def _afm(c):
    return sum(int(a) * 2 ** (8 - i) for i, a in enumerate(c[:8])) % 11 % 10 == int(c[8])
Type('gr_afm', fill(lambda r: r.choice('01234') + dig(r, 7), _afm), rx(r'(?!0{9})\d{9}'), _afm, 'gr.vat', styles='spaces3 dots3', extra={'prefix': 'EL#########', 'dashes': '###-###-###'})
Type('gr_amka', fill(lambda r: date(r).strftime('%d%m%y') + dig(r, 4), luhn_ok), lambda c: rx(r'\d{11}')(c) and isdate(1900 + int(c[4:6]), int(c[2:4]), int(c[:2])), luhn_ok, 'gr.amka',
     extra={'space': '###### #####', 'dash': '######-#####', 'spaces2': '## ## ## #####'})
_GRL = 'ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ'
_g2l = str.maketrans(_GRL, 'ABEZHIKMNOPTYX')
Type('gr_adt', lambda r: let(r, 2, _GRL) + dig(r, 6), rx('[%s]{2}\\d{6}' % _GRL), None, official='## ######', extra={'dash': '##-######', 'latin': lambda s: s.translate(_g2l), 'latin_space': lambda s: mask('## ######')(s.translate(_g2l))}, note='letters are Greek capitals that have a Latin look-alike; latin is the same number typed on a Latin keyboard')


# ================================================================ HU
def _huado(c):
    return wsum(c, range(1, 10)) % 11 == int(c[9])
Type('hu_adoazon', fill(lambda r: '8' + '%05d' % (date(r) - datetime.date(1867, 1, 1)).days + dig(r, 3), _huado), rx(r'8[2-5]\d{8}'), _huado,
     official='########## '.strip(), styles='', extra={'spaces': '# ##### ####', 'spaces3': '### ### ####', 'spaces_std': '#### ### ###', 'dashes': '###-###-####', 'dash': '#########-#'}, source='Act on tax procedure (Art.) annex: weights 1..9, modulo 11')
def _hutaj(c):
    return wsum(c, (3, 7, 3, 7, 3, 7, 3, 7)) % 10 == int(c[8])
Type('hu_taj', fill(lambda r: r.choice('01') + dig(r, 7), _hutaj), rx(r'\d{9}'), _hutaj, official='### ### ###', styles='dashes3 dots3', source='1996. XX. tv. annex: weights 3 7, modulo 10')
def _husz(c):
    y97 = c[0] in '34' or int(c[1:3]) >= 97
    return wsum(c, range(10, 0, -1) if y97 else range(1, 11)) % 11 == int(c[10])
def _b(r):
    d = date(r)
    return r.choice('12' if d.year < 2000 else '34') + d.strftime('%y%m%d') + dig(r, 3)
Type('hu_szemelyi', fill(_b, _husz), lambda c: rx(r'[1-4]\d{10}')(c) and isdate((1900 if c[0] in '12' else 2000) + int(c[1:3]), int(c[3:5]), int(c[5:7])), _husz,
     official='#-######-####', extra={'spaces': '# ###### ####', 'space': '####### ####'}, source='1996. XX. tv. annex: weights 1..10 (born before 1997) or 10..1, modulo 11')


# ================================================================ IE
def _pps(c):
    return 'WABCDEFGHIJKLMNOPQRSTUV'[(wsum(c, range(8, 1, -1)) + (9 * (0 if c[8:] in ('', 'W') else AZ.index(c[8]) + 1))) % 23] == c[7]
def _g(r):
    s, e = dig1(r, 7), r.choice(('', '', 'A', 'A', 'W'))
    return next(s + k + e for k in AZ if _pps(s + k + e)) 
Type('ie_pps', _g, rx(r'\d{7}[A-W][AW]?'), _pps, 'ie.pps', official=lambda s: s[:7] + ' ' + s[7:], styles='spaces3', extra={'letters_spaced': lambda s: s[:7] + ' ' + ' '.join(s[7:]), 'dash': lambda s: s[:7] + '-' + s[7:]})


# ================================================================ IT
_CFO = dict(zip(D + AZ, (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)))
def _cin(s):
    return AZ[sum(_CFO[c] if i % 2 == 0 else (int(c) if c.isdigit() else AZ.index(c)) for i, c in enumerate(s)) % 26]
_CONS, _VOW = 'BCDFGLMNPRSTVZ', 'AEIOU'
def _g(r):
    d = date(r)
    sn = let(r, 3, _CONS) if r.random() < .7 else let(r, 2, _CONS) + let(r, 1, _VOW)
    nm = let(r, 3, _CONS) if r.random() < .6 else let(r, 2, _CONS) + let(r, 1, _VOW)
    s = sn + nm + '%02d' % (d.year % 100) + 'ABCDEHLMPRST'[d.month - 1] + '%02d' % (d.day + r.choice((0, 40))) + r.choice('ABCDEFGHIL') + '%03d' % r.randint(1, 899)
    return s + _cin(s)
def _cfshape(c):
    if not re.match(r'[A-Z]{6}\d\d[ABCDEHLMPRST]\d\d[A-Z]\d{3}[A-Z]\Z', c):
        return False
    return isdate(1900 + int(c[6:8]), 'ABCDEHLMPRST'.index(c[8]) + 1, int(c[9:11]) % 40)
Type('it_cf', _g, _cfshape, lambda c: _cin(c[:15]) == c[15], 'it.codicefiscale', official='### ### ##### #####', extra={'spaces4': lambda s: group(s, 4), 'dashes': '###-###-#####-#####', 'spaces_fine': '### ### ## # ## ####  #'.replace('  ', ' ')})
Type('it_piva', fill(lambda r: '0' + dig(r, 6) + '%03d' % r.randint(1, 99), luhn_ok), lambda c: rx(r'\d{11}')(c) and c[:7] != '0000000' and '001' <= c[7:10] <= '100', luhn_ok, 'it.iva', styles='spaces3 dots3', extra={'prefix': 'IT###########', 'prefix_space': 'IT ###########'})
Type('it_cie', lambda r: 'C' + let(r, 1) + dig(r, 5) + let(r, 2), rx(r'C[A-Z]\d{5}[A-Z]{2}'), None, official='## ##### ##', alt=lambda r: 'A' + let(r, 1) + dig(r, 7), note='electronic identity card; alt: paper card AA1234567')


# ================================================================ LV / LU / MT
def _lv(c):
    return (1 + wsum(c, (10, 5, 8, 4, 2, 1, 6, 3, 7, 9))) % 11 % 10 == int(c[10])
def _b(r):
    d = date(r)
    return d.strftime('%d%m%y') + ('1' if d.year < 2000 else '2') + dig(r, 3)
Type('lv_pk', fill(_b, _lv), lambda c: rx(r'\d{6}[12]\d{4}')(c) and isdate(1800 + 100 * int(c[6]) + int(c[4:6]), int(c[2:4]), int(c[:2])), _lv, 'lv.pvn', official='######-#####', alt=lambda r: '32' + dig(r, 9),
     extra={'space': '###### #####', 'endash': '######\u2013#####', 'dash_spaced': '###### - #####'}, note='alt: codes issued since July 2017 start with 32 and carry no birth date')
def _g(r):
    s = date(r).strftime('%Y%m%d') + dig(r, 3)
    return s + luhn_cd(s) + next(k for k in D if verhoeff_ok(s + k))
Type('lu_matricule', _g, lambda c: rx(r'(19|20)\d{11}')(c) and isdate(int(c[:4]), int(c[4:6]), int(c[6:8])), lambda c: luhn_ok(c[:12]) and verhoeff_ok(c[:11] + c[12]),
     'luhn verhoeff', std=lambda c: importlib.import_module('stdnum.luhn').is_valid(c[:12]) and importlib.import_module('stdnum.verhoeff').is_valid(c[:11] + c[12]), official='#### ## ## ### ##', extra={'half': '######## #####', 'dash': '########-#####', 'dots': '####.##.##.###.##', 'spaced': '#### #### #####'},
     source='European Commission TIN algorithms (Luhn and Verhoeff over the first eleven digits); stdnum.luhn and stdnum.verhoeff')
Type('mt_id', lambda r: '%05d' % r.randint(1, 9999) + '%02d' % (date(r).year % 100) + r.choice('MMMMGAPL'), rx(r'\d{7}[MGAPLHBZ]'), None, official='#######(#)', extra={'space': '####### #', 'short_zero': lambda s: s.lstrip('0')})


# ================================================================ NL
def _bsn(c):
    return (wsum(c[:8], range(9, 1, -1)) - int(c[8])) % 11 == 0
Type('nl_bsn', fill(lambda r: dig1(r, 8), _bsn), rx(r'(?!0{9})\d{9}'), _bsn, 'nl.bsn', official='####.##.###', styles='spaces3 dots3', extra={'spaces4': '#### ## ###', 'dashes': '####-##-###'})
def _btw(c):
    return int(''.join(str(val36(x)) for x in c)) % 97 == 1
def _g(r):
    s = 'NL' + dig1(r, 9) + 'B'
    return next((s + '%02d' % k for k in range(2, 99) if _btw(s + '%02d' % k)), None)
Type('nl_btw', _g, rx(r'NL\d{9}B\d\d'), lambda c: _btw(c) or _bsn(c[2:11]), 'nl.btw', official='##.####.##.###.#.##', extra={'spaced': '## ######### # ##', 'spaces4': '## #### ##### ###', 'dots': '##.#########.###', 'no_prefix': lambda s: s[2:]}, source='Belastingdienst btw-id 2020 (ISO 7064 mod 97-10)')


# ================================================================ PL
def _pesel(c):
    return (10 - wsum(c, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3))) % 10 == int(c[10])
def _b(r):
    d = date(r)
    return '%02d%02d%02d' % (d.year % 100, d.month + (20 if d.year >= 2000 else 0), d.day) + dig(r, 4)
Type('pl_pesel', fill(_b, _pesel), lambda c: rx(r'\d{11}')(c) and isdate((2000 if int(c[2]) > 1 else 1900) + int(c[:2]), int(c[2:4]) - (20 if int(c[2]) > 1 else 0), int(c[4:6])), _pesel, 'pl.pesel',
     extra={'space': '###### #####', 'spaces3': '### ### ### ##', 'dash': '######-#####', 'spaces4': '#### #### ###'})
def _nip(c):
    return wsum(c, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == int(c[9])
Type('pl_nip', fill(lambda r: dig1(r, 9), _nip), rx(r'[1-9]\d{9}'), _nip, 'pl.nip', official='###-###-##-##', extra={'dashes2': '###-##-##-###', 'spaces': '### ### ## ##', 'prefix': 'PL##########'})
def _pldo(c):
    return sum(val36(a) * w for a, w in zip(c, (7, 3, 1, 9, 7, 3, 1, 7, 3))) % 10 == 0
def _g(r):
    a, b = r.choice('AC') + let(r, 2, AZ.replace('O', '').replace('Q', '')), dig(r, 5)
    return next((a + k + b for k in D if _pldo(a + k + b)), None)
Type('pl_dowod', _g, rx(r'[A-Z]{3}\d{6}'), _pldo, official='### ######', extra={'spaces3': '### ### ###', 'dash': '###-######', 'spaced': '### # #####'}, source='Polish identity card: ICAO-like weights 7 3 1 9 7 3 1 7 3, letters A=10, modulo 10 (Wikipedia Dowod osobisty)')
def _plpa(c):
    return sum(val36(a) * w for a, w in zip(c, (7, 3, 9, 1, 7, 3, 1, 7, 3))) % 10 == 0
def _g(r):
    a, b = r.choice('AE') + let(r, 1), dig(r, 6)
    return next((a + k + b for k in D if _plpa(a + k + b)), None)
Type('pl_paszport', _g, rx(r'[A-Z]{2}\d{7}'), _plpa, official='## #######', extra={'spaces': '## ### ####', 'dash': '##-#######'}, source='Polish passport: weights 7 3 9 1 7 3 1 7 3, modulo 10')


# ================================================================ PT
def _ptnif(c):
    k = (11 - wsum(c, range(9, 1, -1)) % 11) % 11 % 10
    return k == int(c[8])
Type('pt_nif', fill(lambda r: r.choice('123') + dig(r, 7), _ptnif), rx(r'[123]\d{8}'), _ptnif, 'pt.nif', official='### ### ###', styles='dots3', extra={'prefix': 'PT#########', 'dashes': '###-###-###'})
def _ptcc(c):
    t = 0
    for i, x in enumerate(reversed(c)):
        v = val36(x) * (2 if i % 2 else 1)
        t += v - 9 if v > 9 and i % 2 else (v if i % 2 == 0 else v)
    return t % 10 == 0
def _g(r):
    n = '%08d' % r.randint(1000000, 31999999)
    k = (11 - wsum(n, range(9, 1, -1)) % 11) % 11 % 10
    s = n + str(k) + let(r, 1) + r.choice(AZ + D)
    return next((s + x for x in D if _ptcc(s + x)), None)
Type('pt_cc', _g, rx(r'\d{9}[A-Z][A-Z0-9]\d'), _ptcc, 'pt.cc', official='######## # ###', extra={'dash': '########-#-###', 'dots': '##.###.### # ###', 'tail_split': '######## # ## #'})
def _niss(c):
    return 9 - wsum(c, (29, 23, 19, 17, 13, 11, 7, 5, 3, 2)) % 10 == int(c[10])
Type('pt_niss', fill(lambda r: '1' + r.choice('12') + dig(r, 8), _niss), rx(r'1\d{10}'), _niss, styles='spaces3', extra={'spaces4': '#### #### ###', 'dots': '###.###.###.##'}, source='Seguranca Social: prime weights 29..2, 9 - sum mod 10')


# ================================================================ RO
def _cnp(c):
    k = wsum(c, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return (1 if k == 10 else k) == int(c[12])
def _b(r):
    d = date(r)
    return r.choice('12' if d.year < 2000 else '56') + d.strftime('%y%m%d') + '%02d' % r.randint(1, 46) + '%03d' % r.randint(1, 999)
Type('ro_cnp', fill(_b, _cnp), lambda c: rx(r'[1256]\d{12}')(c) and 1 <= int(c[7:9]) <= 46 and c[9:12] != '000' and isdate((1900 if c[0] in '12' else 2000) + int(c[1:3]), int(c[3:5]), int(c[5:7])), _cnp, 'ro.cnp',
     extra={'spaced': '# ###### ######', 'spaces2': '# ## ## ## ## ### #', 'space': '####### ######', 'dashes': '#-######-##-###-#'})
_ROS = 'AR AS AX BC BN BR BV CJ CL CS CT DD DP DR DX DZ EP FP GG GL GZ HD HR IF IS IX KL KT KS KX MH MM MP MS MX MZ NT OT PH PX RD RK RR RT RX RZ SB SM SP SV SX SZ TC TM TR TZ VN VR VS VX XB XC XD XH XM XR XT XV XZ ZC ZH ZL ZS ZV'.split()
Type('ro_ci', lambda r: r.choice(_ROS) + dig1(r, 6), rx(r'[A-Z]{2}\d{6}'), None, official='## ######', extra={'seria_nr': lambda s: 'seria %s nr. %s' % (s[:2], s[2:]), 'nr': lambda s: '%s nr %s' % (s[:2], s[2:]), 'dash': '##-######'})


# ================================================================ SI
def _emso(c):
    return -wsum(c, (7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11 % 10 == int(c[12])
def _b0(r):
    d = date(r)
    return d.strftime('%d%m') + '%03d' % (d.year % 1000) + '50' + dig(r, 3)
Type('si_emso', fill(lambda r: next(s for s in iter(lambda: _b0(r), '') if -wsum(s, (7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11 != 10), _emso), lambda c: rx(r'\d{7}50\d{4}')(c) and isdate((1000 if int(c[4:7]) > 800 else 2000) + int(c[4:7]), int(c[2:4]), int(c[:2])), _emso, 'si.emso', extra={'space': '####### ######', 'spaces3': '#### ### ## ### #', 'dash': '#######-######'})
def _ddv(c):
    k = 11 - wsum(c, range(8, 1, -1)) % 11
    return (0 if k == 10 else k) == int(c[7]) and k != 11
Type('si_davcna', fill(lambda r: dig1(r, 7), _ddv), rx(r'[1-9]\d{7}'), _ddv, 'si.ddv', styles='spaces4 spaces2', extra={'prefix': 'SI########', 'spaces3': '## ### ###'})


# ================================================================ ES
_DNI = 'TRWAGMYFPDXBNJZSQVHLCKE'
Type('es_dni', lambda r: (lambda n: n + _DNI[int(n) % 23])('%08d' % r.randint(1000000, 79999999)), rx(r'\d{8}[A-Z]'), lambda c: _DNI[int(c[:8]) % 23] == c[8], 'es.dni', official='########-#', extra={'space': '######## #', 'dots': '##.###.###-#', 'dots_plain': '##.###.####', 'spaces3': '## ### ### #'})
def _nie(c):
    return _DNI[int('XYZ'.index(c[0]).__str__() + c[1:8]) % 23] == c[8]
Type('es_nie', fill(lambda r: r.choice('XYZ') + dig(r, 7), _nie, AZ), rx(r'[XYZ]\d{7}[A-Z]'), _nie, 'es.nie', official='#-#######-#', extra={'spaces': '# ####### #', 'tail_dash': '########-#', 'dots': '#-#.###.###-#'})
def _nss(c):
    p, n = c[:2], c[2:10]
    x = int(p) * 10 ** 7 + int(n) if int(n) < 10 ** 7 else int(p + n)
    return x % 97 == int(c[10:])
def _g(r):
    s = '%02d' % r.randint(1, 50) + dig(r, 8)
    return next((s + '%02d' % k for k in range(97) if _nss(s + '%02d' % k)), None)
Type('es_nss', _g, lambda c: rx(r'\d{12}')(c) and 1 <= int(c[:2]) <= 53, _nss, official='##/########/##', extra={'spaces': '## ######## ##', 'slash_end': '##/##########', 'dashes': '##-########-##', 'spaces4': '#### #### ####'}, source='TGSS numero de afiliacion: province and number modulo 97')


# ================================================================ SE / NO / IS
def _se(c):
    return luhn_ok(c[2:])
Type('se_personnummer', fill(lambda r: date(r).strftime('%Y%m%d') + dig(r, 3), _se), lambda c: rx(r'(19|20)\d{10}')(c) and isdate(int(c[:4]), int(c[4:6]), int(c[6:8])), _se, 'se.personnummer', std=lambda c: importlib.import_module('stdnum.se.personnummer').is_valid(c[2:8] + '-' + c[8:]),
     official='########-####', extra={'ten': lambda s: s[2:], 'ten_dash': lambda s: mask('######-####')(s[2:]), 'space': '######## ####', 'ten_space': lambda s: mask('###### ####')(s[2:]), 'date_dashes': '####-##-##-####', 'spaced': '#### ## ## ####'})
def _fnr(c):
    a = -wsum(c, (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11
    return a == int(c[9]) and -wsum(c, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11 == int(c[10])
def _fnrgen(dplus):
    def g(r):
        d = date(r, 1940, 2007)
        s = '%02d' % (d.day + dplus) + d.strftime('%m%y') + ('%03d' % r.randint(0, 499) if d.year < 2000 else '%03d' % r.randint(500, 999))
        return next((s + '%02d' % k for k in range(100) if _fnr(s + '%02d' % k)), None)
    return g
def _fnrshape(dplus):
    def f(c):
        if not re.match(r'\d{11}\Z', c):
            return False
        y, n = int(c[4:6]), int(c[6:9])
        y += 1900 if n < 500 or (n >= 900 and y >= 40) else 2000
        return (1940 <= y <= 2020) and isdate(y, int(c[2:4]), int(c[:2]) - dplus) and not (500 <= n < 750 and int(c[4:6]) >= 54)
    return f
_x = {'spaces3': '### ### #####', 'spaces2': '## ## ## #####', 'dash': '######-#####', 'date_dots': '##.##.## #####', 'spaces_fine': '###### ### ##'}
Type('no_fnr', _fnrgen(0), _fnrshape(0), _fnr, 'no.fodselsnummer', official='###### #####', extra=_x)
Type('no_dnr', _fnrgen(40), _fnrshape(40), _fnr, 'no.fodselsnummer', official='###### #####', extra=_x)
def _kt(c):
    return wsum(c, (3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0
def _g(r):
    d = date(r)
    s = d.strftime('%d%m%y') + '%02d' % r.randint(20, 99)
    return next((s + k + ('9' if d.year < 2000 else '0') for k in D if _kt(s + k)), None)
Type('is_kennitala', _g, lambda c: rx(r'[0-3]\d{8}[09]')(c) and isdate((1900 if c[9] == '9' else 2000) + int(c[4:6]), int(c[2:4]), int(c[:2])), _kt, 'is_.kennitala', official='######-####', extra={'space': '###### ####', 'endash': '######\u2013####', 'spaces2': '## ## ## ####'})


# ================================================================ LI / CH
Type('li_peid', lambda r: dig1(r, r.choice((6, 7, 8))), rx(r'[1-9]\d{3,11}'), None, 'li.peid', official=lambda s: s.zfill(12), extra={'spaces3': lambda s: group(s.zfill(12), 3), 'zeros': lambda s: s.zfill(10)})
def _ean(c):
    return (10 - sum(int(a) * (1, 3)[i % 2] for i, a in enumerate(c[:12]))) % 10 == int(c[12])
Type('ch_ahv', fill(lambda r: '756' + dig(r, 9), _ean), rx(r'756\d{10}'), _ean, 'ch.ssn', official='###.####.####.##', extra={'spaces': '### #### #### ##', 'dashes': '###-####-####-##', 'half': '###.########.##'})
def _chuid(c):
    return (11 - wsum(c[3:], (5, 4, 3, 2, 7, 6, 5, 4)) % 11) % 11 == int(c[11])
Type('ch_uid', fill(lambda r: 'CHE' + dig1(r, 8), _chuid), rx(r'CHE\d{9}'), _chuid, 'ch.uid', official='###-###.###.###', extra={'mwst': lambda s: mask('###-###.###.###')(s) + ' MWST', 'spaces': '### ### ### ###', 'dash': '###-#########'})


# ================================================================ UK
_N1 = 'ABCEGHJKLMNOPRSTWXYZ'
Type('uk_nino', lambda r: (lambda a: a + dig(r, 6) + r.choice('ABCD'))(next(x for x in iter(lambda: r.choice(_N1) + r.choice(_N1.replace('O', '')), '') if x not in ('BG', 'GB', 'KN', 'NK', 'NT', 'TN', 'ZZ'))),
     rx(r'(?!BG|GB|KN|NK|NT|TN|ZZ)[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z]\d{6}[A-D]'), None, official='## ## ## ## #', extra={'spaces': '## ###### #', 'dashes': '##-##-##-##-#'})
def _nhs(c):
    k = (11 - wsum(c, range(10, 1, -1)) % 11) % 11
    return k == int(c[9])
Type('uk_nhs', fill(lambda r: r.choice('4679') + dig(r, 8), _nhs), rx(r'[1-9]\d{9}'), _nhs, 'gb.nhs', official='### ### ####', extra={'dashes': '###-###-####', 'dots': '###.###.####', 'half': '##### #####'})
def _utr(c):
    return '21987654321'[wsum(c[1:], (6, 7, 8, 9, 10, 5, 4, 3, 2)) % 11] == c[0]
Type('uk_utr', lambda r: (lambda s: next((k + s for k in D if _utr(k + s)), None))(dig(r, 9)), rx(r'[1-9]\d{9}'), _utr, 'gb.utr', official='##### #####', extra={'k': '##########K', 'spaces3': '### ### ####'})
def _g(r):
    d = date(r)
    sn = r.choice(('SMITH', 'JONES', 'BROWN', 'TAYLO', 'WILLI', 'EVANS', 'THOMA', 'KHAN9', 'COLE9', 'LEE99', 'MCDON', 'PATEL', 'HUGHE', 'WALKE', 'FOX99', 'BEGUM'))
    return sn + str(d.year % 100 // 10) + '%02d' % (d.month + r.choice((0, 50))) + '%02d' % d.day + str(d.year % 10) + r.choice(AZ) + r.choice(AZ + '999999') + '9' + let(r, 2)
Type('uk_driving', _g, rx(r'[A-Z9]{5}\d[0156]\d[0-3]\d\d[A-Z][A-Z9]\d[A-Z]{2}'), None, official='##### ###### ## ###', extra={'spaces': '##### ###### #####', 'issue': lambda s: s + ' 34'}, note='the last two characters are check characters but DVLA publishes no algorithm')
Type('uk_passport', lambda r: dig1(r, 9), rx(r'\d{9}'), None, styles='spaces3', official='### ### ###')


# ================================================================ US / CA
def _g(r):
    a = r.choice([n for n in range(1, 900) if n != 666])
    return '%03d%02d%04d' % (a, r.randint(1, 99), r.randint(1, 9999))
Type('us_ssn', _g, rx(r'(?!000|666|9)\d{3}(?!00)\d\d(?!0000)\d{4}'), None, 'us.ssn', official='###-##-####', extra={'spaces': '### ## ####', 'dots': '###.##.####', 'endash': '###\u2013##\u2013####'})
Type('us_itin', lambda r: '9' + dig(r, 2) + str(r.choice([n for n in range(70, 100) if n not in (89, 93)])) + dig(r, 4), rx(r'9\d\d[789]\d{5}'), None, 'us.itin', official='###-##-####', extra={'spaces': '### ## ####'})
_ML = 'ACDEFGHJKMNPQRTUVWXY'
Type('us_mbi', lambda r: r.choice(D[1:]) + let(r, 1, _ML) + let(r, 1, _ML + D) + dig(r, 1) + let(r, 1, _ML) + let(r, 1, _ML + D) + dig(r, 1) + let(r, 2, _ML) + dig(r, 2), rx(r'[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[AC-HJKMNP-RT-Y]{2}\d\d'), None, official='####-###-####', extra={'spaces': '#### ### ####'})
Type('us_passport', lambda r: r.choice((dig1(r, 9), 'A' + dig(r, 8))), rx(r'[A\d]\d{8}'), None, official='#########', styles='spaces3')
Type('ca_sin', fill(lambda r: r.choice('1234567') + dig(r, 7), luhn_ok), rx(r'[1-79]\d{8}'), luhn_ok, 'ca.sin', official='###-###-###', styles='spaces3 dots3')
Type('ca_ohip', fill(lambda r: dig1(r, 9), luhn_ok), rx(r'[1-9]\d{9}'), luhn_ok, 'luhn', official='####-###-###', extra={'spaces': '#### ### ###', 'version': lambda s: mask('#### ### ###')(s) + ' ' + 'ABCDEFGHJK'[int(s[4])] + 'LMNPRSTVWX'[int(s[6])], 'version_dash': lambda s: mask('####-###-###')(s) + '-' + 'ABCDEFGHJK'[int(s[4])] + 'LMNPRSTVWX'[int(s[6])]}, source='Ontario health number: Luhn')
def _phn(c):
    return 11 - sum(int(a) * w % 11 for a, w in zip(c[1:9], (2, 4, 8, 5, 10, 9, 7, 3))) % 11 == int(c[9])
Type('ca_bc_phn', fill(lambda r: '9' + dig(r, 8), _phn), rx(r'9\d{9}'), _phn, official='#### ### ###', extra={'dashes': '####-###-###', 'spaces3': '### ### ####'}, source='BC Ministry of Health PHN: weights 2 4 8 5 10 9 7 3, modulo 11')


# ================================================================ AU / NZ
def _tfn(c):
    return wsum(c, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0
Type('au_tfn', fill(lambda r: dig1(r, 8), _tfn), rx(r'[1-9]\d{8}'), _tfn, 'au.tfn', official='### ### ###', styles='dashes3')
def _amc(c):
    return wsum(c, (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(c[8])
Type('au_medicare', lambda r: (lambda s: s + str(wsum(s, (1, 3, 7, 9, 1, 3, 7, 9)) % 10) + r.choice('123456'))(r.choice('23456') + dig(r, 7)), rx(r'[2-6]\d{8}[1-9]'), _amc, official='#### ##### #', extra={'dashes': '####-#####-#', 'irn': lambda s: mask('#### ##### #')(s) + ' / 2', 'irn_dash': lambda s: s + '-1'}, source='Services Australia: weights 1 3 7 9, modulo 10, ninth digit; the tenth is the issue number and not covered')
def _ird(c):
    c = c.zfill(9)
    k = -wsum(c, (3, 2, 7, 6, 5, 4, 3, 2)) % 11
    if k == 10:
        k = -wsum(c, (7, 4, 3, 2, 5, 2, 7, 6)) % 11
    return k == int(c[8])
Type('nz_ird', fill(lambda r: str(r.randint(1000000, 14999999)), _ird), lambda c: rx(r'\d{8,9}')(c) and 10000000 < int(c) < 150000000, _ird, 'nz.ird', official=lambda s: mask('##-###-###')(s) if len(s) == 8 else mask('###-###-###')(s), extra={'spaces': lambda s: (mask('## ### ###') if len(s) == 8 else mask('### ### ###'))(s), 'zero': lambda s: s.zfill(9)})
_NHL = 'ABCDEFGHJKLMNPQRSTUVWXYZ'
def _nhi(c):
    t = sum((_NHL.index(a) + 1 if a.isalpha() else int(a)) * w for a, w in zip(c, range(7, 1, -1))) % 11
    return t != 0 and (11 - t) % 10 == int(c[6])
Type('nz_nhi', fill(lambda r: let(r, 3, _NHL) + dig(r, 3), _nhi), rx(r'[A-HJ-NP-Z]{3}\d{4}'), _nhi, official='#######', extra={'space': '### ####', 'dash': '###-####'}, source='HISO 10046 (old format AAANNNC, modulo 11); the AAANNAX format is not generated')


# ================================================================ global
def _g(r):
    p, n = r.choice((('4', 16), ('4', 16), (str(r.randint(51, 55)), 16), (str(r.randint(2221, 2720)), 16), ('34', 15), ('37', 15), ('6011', 16), ('67', 16), ('36', 14), ('35' + str(r.randint(28, 89)), 16)))
    s = p + dig(r, n - 1 - len(p))
    return s + luhn_cd(s)
def _cc(s):
    return mask('#### ###### #####')(s) if len(s) == 15 else mask('#### ###### ####')(s) if len(s) == 14 else group(s, 4)
Type('credit_card', _g, rx(r'(4|5[1-5]|2[2-7]|3[4-7]|6)\d{12,15}'), luhn_ok, 'luhn', official=_cc, extra={'dashes': lambda s: _cc(s).replace(' ', '-'), 'dots': lambda s: _cc(s).replace(' ', '.'), 'double_spaces': lambda s: _cc(s).replace(' ', '  '), 'slashes': lambda s: _cc(s).replace(' ', '/')}, source='ISO/IEC 7812 (Luhn)')


def _iban(cc, bban):
    return cc + '%02d' % (98 - int(''.join(str(val36(c)) for c in bban + cc + '00')) % 97) + bban
def _es_bban(r):
    a, b = dig(r, 8), dig(r, 10)
    f = lambda s: (lambda k: '1' if k == 10 else '0' if k == 11 else str(k))(11 - wsum(s, (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11)
    return a + f('00' + a) + f(b) + b
def _g(r):
    cc = r.choice('DE FR NL PL IT ES BE AT CH GB IE LU DK SE NO PT CZ FI LT'.split())
    if cc == 'DE': b = dig(r, 18)
    elif cc == 'FR':
        b = dig(r, 21)
        b += '%02d' % (97 - int(b + '00') % 97)
    elif cc == 'NL':
        n = next(x for x in iter(lambda: dig(r, 10), '') if wsum(x, range(10, 0, -1)) % 11 == 0)
        b = r.choice(('ABNA', 'INGB', 'RABO', 'BUNQ', 'TRIO')) + n
    elif cc == 'PL':
        s = dig1(r, 7)
        b = s + str(-wsum(s, (3, 9, 7, 1, 3, 9, 7)) % 10) + dig(r, 16)
    elif cc == 'IT':
        s = dig(r, 10) + dig(r, 12)
        b = _cin(s) + s
    elif cc == 'ES': b = _es_bban(r)
    elif cc == 'BE':
        s = '0' + dig(r, 9)
        b = s + '%02d' % (int(s) % 97 or 97)
    elif cc == 'AT': b = dig(r, 16)
    elif cc == 'CH': b = '0' + dig(r, 16)
    elif cc == 'GB': b = r.choice(('BARC', 'NWBK', 'LOYD', 'MONZ', 'HBUK')) + dig(r, 14)
    elif cc == 'IE': b = r.choice(('AIBK', 'BOFI', 'REVO')) + dig(r, 14)
    elif cc == 'LU': b = dig(r, 16)
    elif cc == 'DK': b = dig(r, 14)
    elif cc == 'SE': b = dig(r, 20)
    elif cc == 'NO':
        s = dig1(r, 10)
        k = -wsum(s, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
        if k == 10: return None
        b = s + str(k)
    elif cc == 'PT':
        s = dig(r, 19)
        b = s + '%02d' % (98 - int(s + '00') % 97)
    elif cc == 'CZ':
        mk = lambda n, w: next(x for x in iter(lambda: dig(r, n), '') if wsum(x, w) % 11 == 0)
        b = r.choice(('0100', '0300', '0800', '2010', '5500')) + mk(6, (10, 5, 8, 4, 2, 1)) + mk(10, (6, 3, 7, 9, 10, 5, 8, 4, 2, 1))
    elif cc == 'FI':
        s = dig(r, 13)
        b = s + luhn_cd(s)
    else: b = r.choice(('73000', '70440', '32500')) + dig(r, 11)
    return _iban(cc, b)
_IBL = dict(DE=22, FR=27, NL=18, PL=28, IT=27, ES=24, BE=16, AT=20, CH=21, GB=22, IE=22, LU=20, DK=18, SE=24, NO=15, PT=25, CZ=24, FI=18, LT=20)
_IBR = dict(NL=r'..\d\d[A-Z]{4}\d{10}', IT=r'..\d\d[A-Z]\d{22}', GB=r'..\d\d[A-Z]{4}\d{14}', IE=r'..\d\d[A-Z]{4}\d{14}')
Type('iban', _g, lambda c: len(c) == _IBL.get(c[:2]) and re.match(_IBR.get(c[:2], r'..\d+') + r'\Z', c), lambda c: int(''.join(str(val36(x)) for x in c[4:] + c[:4])) % 97 == 1, 'iban', official=lambda s: group(s, 4),
     extra={'dashes': lambda s: group(s, 4, '-'), 'dots': lambda s: group(s, 4, '.'), 'head_apart': lambda s: s[:4] + ' ' + s[4:], 'labelled': lambda s: 'IBAN ' + group(s, 4), 'odd_space': lambda s: s[:2] + ' ' + group(s[2:], 4)}, source='ISO 13616 (mod 97-10); national check digits inside the BBAN for BE CZ ES FI FR IT NL NO PL PT')

_PH = {  # cc: (maker of national significant number, trunk prefix, mask of the national form with trunk, mask of the international form)
    '49': [(lambda r: '17139200' + dig(r, 2), '0', '#### #######', '+## ### #######'), (lambda r: '3023125' + dig(r, 3), '0', '(###) ##### ###', '+## ## ##### ###')],
    '33': [(lambda r: '63998' + dig(r, 4), '0', '## ## ## ## ##', '+## # ## ## ## ##'), (lambda r: '19900' + dig(r, 4), '0', '##.##.##.##.##', '+## # ## ## ## ##')],
    '44': [(lambda r: '7700900' + dig(r, 3), '0', '##### ######', '+## #### ######'), (lambda r: '2079460' + dig(r, 3), '0', '### #### ####', '+## ## #### ####')],
    '1': [(lambda r: r.choice(('212', '415', '613', '416')) + '55501' + dig(r, 2), '', '(###) ###-####', '+# ###-###-####')],
    '61': [(lambda r: '491570' + r.choice(('006', '156', '157', '158', '159', '110', '313', '737')), '0', '#### ### ###', '+## ### ### ###')],
    '46': [(lambda r: '701740' + str(r.randint(605, 699)), '0', '###-### ## ##', '+## ## ### ## ##')],
    '48': [(lambda r: r.choice(('501', '600', '692', '788')) + dig(r, 6), '', '### ### ###', '+## ### ### ###')],
    '34': [(lambda r: '6' + dig(r, 8), '', '### ## ## ##', '+## ### ## ## ##')],
    '39': [(lambda r: '3' + r.choice('2348') + dig(r, 8), '', '### #######', '+## ### #######')],
    '31': [(lambda r: '6' + r.choice('12345') + dig(r, 7), '0', '##-########', '+## # ########')],
    '43': [(lambda r: '664' + dig(r, 7), '0', '#### #######', '+## ### #######')],
    '41': [(lambda r: '79' + dig(r, 7), '0', '### ### ## ##', '+## ## ### ## ##')],
    '32': [(lambda r: '47' + dig(r, 7), '0', '#### ## ## ##', '+## ### ## ## ##')],
    '45': [(lambda r: r.choice('23456') + dig(r, 7), '', '## ## ## ##', '+## ## ## ## ##')],
    '353': [(lambda r: '87' + dig(r, 7), '0', '### ### ####', '+### ## ### ####')],
    '420': [(lambda r: '60' + dig(r, 7), '', '### ### ###', '+### ### ### ###')],
    '351': [(lambda r: '91' + dig(r, 7), '', '### ### ###', '+### ### ### ###')],
    '36': [(lambda r: '30' + dig(r, 7), '06', '## ## ### ####', '+## ## ### ####')],
    '30': [(lambda r: '69' + dig(r, 8), '', '### ### ####', '+## ### ### ####')],
}
def _g(r):
    cc = r.choice(list(_PH))
    return '+' + cc + r.choice(_PH[cc])[0](r)
def _phsplit(s):
    for n in (1, 2, 3):
        cc = s[1:1 + n]
        if cc in _PH:
            nsn = s[1 + n:]
            row = next((x for x in _PH[cc] if x[3].count('#') == len(s) - 1 and x[0](_random.Random(0))[:2] == nsn[:2]), _PH[cc][0])
            return cc, nsn, row
def _phnat(s):
    cc, nsn, row = _phsplit(s)
    return mask(row[2])(row[1] + nsn)
def _phint(s):
    return mask(_phsplit(s)[2][3])(s[1:])
Type('phone', _g, rx(r'\+\d{8,14}'), None, keep=True, official=_phint, extra={'national': _phnat, 'national_compact': lambda s: alnum(_phnat(s)), 'zerozero': lambda s: '00' + s[1:], 'zerozero_spaced': lambda s: '00' + _phint(s)[1:], 'dots': lambda s: _phint(s).replace(' ', '.').replace('-', '.'), 'dashes': lambda s: _phint(s).replace(' ', '-'), 'national_dashes': lambda s: re.sub(r'\D+', '-', _phnat(s)).strip('-'), 'national_slash': lambda s: (lambda x: x[0] + '/' + ''.join(x[1:]))(re.split(r'\D+', _phnat(s).strip('('))), 'trunk_brackets': lambda s: (lambda p: '+%s (0)%s' % (p[0], p[1]) if p[2][1] == '0' else _phint(s))(_phsplit(s)), 'cc_brackets': lambda s: (lambda p: '(+%s) %s' % (p[0], p[1]))(_phsplit(s))},
     note='numbers reserved for fiction where a regulator reserves some (DE FR GB US/CA AU SE), else random mobile numbers')


_FN = 'anna maria jan piotr luca giulia pierre sophie hans-peter karin lars maja tomas zofia niamh sean joao ines eleni nikos ivan petra'.split()
_SN = 'kowalska mueller rossi dupont garcia.lopez jansen svensson novak oconnor papadopoulou ferreira horvat virtanen kask berzina smith nguyen'.split()
_DOM = 'example.com example.org example.net mail.example.com mail.example.org kontor.example.net post.example.com web.example.org'.split()
def _g(r):
    f, s = r.choice(_FN), r.choice(_SN)
    return r.choice((f + '.' + s, f[0] + '.' + s, f + '_' + s.replace('.', ''), s + str(r.randint(50, 99)), f + str(r.randint(1, 2024)), f + '+' + r.choice(('shop', 'news', 'test')), s + '-' + f, f[0] + s.split('.')[0])) + '@' + r.choice(_DOM)
Type('email', _g, rx(r'[a-z0-9.+_-]+@[a-z.]+'), None, keep=True, extra={'upper': str.upper, 'title': lambda s: '@'.join((s.split('@')[0].title(), s.split('@')[1])), 'angle': lambda s: '<' + s + '>', 'mailto': lambda s: 'mailto:' + s, 'at_brackets': lambda s: s.replace('@', ' (at) '), 'at_square': lambda s: s.replace('@', '[at]').replace('.com', '[dot]com'), 'spaces_at': lambda s: s.replace('@', ' @ '), 'fullwidth_at': lambda s: s.replace('@', '\uff20')}, note='domains under example.com/org/net')
Type('ipv4', lambda r: '%d.%d.%d.%d' % (r.choice([n for n in range(2, 224) if n not in (10, 127, 169, 172, 192, 198, 203)]), r.randint(0, 255), r.randint(0, 255), r.randint(1, 254)), lambda c: rx(r'\d{1,3}(\.\d{1,3}){3}')(c) and all(int(x) < 256 for x in c.split('.')), None, keep=True,
     extra={'port': lambda s: s + ':443', 'brackets': lambda s: '[' + s + ']', 'cidr': lambda s: s + '/32', 'defanged': lambda s: s.replace('.', '[.]'), 'padded': lambda s: '.'.join('%03d' % int(x) for x in s.split('.'))}, note='random public unicast addresses')
def _g(r):
    return ':'.join(['%02x' % (r.randint(0, 255) & 0xfe | 2)] + ['%02x' % r.randint(0, 255) for _ in range(5)])
Type('mac', _g, rx(r'[0-9a-f]{2}(:[0-9a-f]{2}){5}'), None, 'mac', keep=True, extra={'upper': str.upper, 'dashes': lambda s: s.replace(':', '-').upper(), 'cisco': lambda s: group(alnum(s), 4, '.'), 'bare12': lambda s: alnum(s).upper(), 'spaces': lambda s: s.replace(':', ' ').upper()}, note='locally administered unicast addresses (as the random addresses of phones)')
Type('imei', fill(lambda r: '35' + dig(r, 12), luhn_ok), rx(r'\d{15}'), luhn_ok, 'imei', official='##-######-######-#', extra={'spaces': '## ###### ###### #', 'spaces3': lambda s: group(s, 3), 'slash': '######/##/######/#'})
_VT = dict(zip('ABCDEFGHJKLMNPRSTUVWXYZ' + D, (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)))
def _vin(c):
    k = sum(_VT[a] * w for a, w in zip(c, (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2))) % 11
    return c[8] == ('X' if k == 10 else str(k))
def _g(r):
    a = r.choice(('WVW', 'WBA', 'WDB', 'VF3', 'VF1', 'ZFA', 'TMB', '1HG', '1FA', '2T1', '5YJ', 'YV1', 'VSS', 'SAL', 'JTD')) + let(r, 5, 'ABCDEFGHJKLMNPRSTUVWXYZ' + D)
    b = r.choice('ABCDEFGHJKLMNPRSTVWXY123456789') + let(r, 1, 'ABCDEFGHJKLMNPRSTUVWXYZ') + dig(r, 6)
    return next((a + k + b for k in D + 'X' if _vin(a + k + b)), None)
Type('vin', _g, rx(r'[A-HJ-NPR-Z0-9]{8}[0-9X][A-HJ-NPR-Z0-9]{8}'), _vin, official='### ###### ########', extra={'spaces4': lambda s: group(s, 4), 'dashes': '###-######-########'}, source='49 CFR 565 / ISO 3779 (ninth character); European makers need not fill it')


# ---------------------------------------------------------------- self test
# Spellings that add or drop characters on purpose; all the others must give back the canonical form.
CHANGES = {'no_key', 'printed9', 'mrz_d', 'prefix', 'prefix_space', 'number_only', 'no_prefix', 'latin', 'latin_space', 'seria_nr',
           'nr', 'ten', 'ten_dash', 'ten_space', 'zeros', 'zero', 'short_zero', 'mwst', 'k', 'issue', 'version', 'version_dash', 'irn',
           'irn_dash', 'labelled', 'national', 'national_compact', 'zerozero', 'zerozero_spaced', 'national_dashes', 'national_slash',
           'trunk_brackets', 'mailto', 'at_brackets', 'at_square', 'port', 'cidr', 'padded'}


# Published examples for the algorithms python-stdnum 1.18 does not have.
KNOWN = {'be_eid': '591191706458', 'fr_spi': '3023217600053', 'de_rvnr': '15070649C103', 'de_perso': 'L01X00T471', 'de_reisepass': 'C01X00T478',
         'de_kvnr': 'A123456780', 'de_fuehrerschein': 'B072RRE2I55', 'hu_adoazon': '8071592153', 'hu_taj': '111111110', 'pl_dowod': 'ABA300000',
         'pl_paszport': 'ZS0000177', 'pt_niss': '12345678910', 'es_nss': '281234567840', 'ca_bc_phn': '9698658215', 'au_medicare': '2123456701',
         'nz_nhi': 'ZAC5361', 'vin': '1M8GDM9AXKP042788', 'lu_matricule': '1893120105732'}


def reduce(s):
    return alnum(unicodedata.normalize('NFKC', s)).upper()


def main(n=500):
    by = {}
    for name, c in KNOWN.items():
        assert TYPES[name].check(c), (name, c)
    for name, t in TYPES.items():
        r = _random.Random('seed-' + name)
        for _ in range(n):
            c = t.valid(r)
            assert t.ok(c), (name, c)
            if t.stdnum:
                assert t.std_ok(c), (name, c, 'stdnum rejects')
            x = t.invalid(r)
            if t.check is None:
                assert x is None
            else:
                assert not t.check(x) and t.shape(x), (name, x)
                if t.stdnum and name != 'fr_spi':
                    assert not t.std_ok(x), (name, x, 'stdnum accepts')
            a = t.alt(r)
            for s in t.spellings:
                v = t.spell(s, c)
                assert v and v == spell(name + '.' + s, c), (name, s)
                if s not in CHANGES and not (s in ('nbsp', 'nnbsp', 'wrap', 'wrapquoted', 'official', 'spaces3') and name in ('li_peid', 'ch_uid', 'email', 'phone', 'de_perso', 'de_reisepass')):
                    assert reduce(v) == reduce(c), (name, s, c, v)
                if a:
                    t.spell(s, a)
        how = ('python-stdnum (%s)' % t.stdnum if t.stdnum else '') + (' form only' if name == 'fr_spi' else '')
        own = 'own algorithm' if t.check else 'own form check'
        by.setdefault('stdnum and own algorithm' if t.stdnum and t.check and name != 'fr_spi' else
                      'stdnum form, no binding check digit' if t.stdnum and not t.check else
                      'own algorithm only' if t.check else 'own form check only, no check digit', []).append(name)
        if '-v' in sys.argv:
            r = _random.Random(7)
            c = t.valid(r)
            print('%-17s %-24s %s' % (name, c, ' | '.join('%s=%r' % (s, t.spell(s, c)) for s in t.spellings)))
    print('%d types, %d numbers each, all assertions hold; %d published examples hold' % (len(TYPES), n, len(KNOWN)))
    for k, v in sorted(by.items()):
        print('%3d  %s: %s' % (len(v), k, ' '.join(v)))


if __name__ == '__main__':
    main()
