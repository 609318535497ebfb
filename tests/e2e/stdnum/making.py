"""How numbers are made for the tables of all regions: of random pieces, until stdnum takes them; and who is not born yet."""

import datetime
import random

from stdnum import luhn

DIGITS = '0123456789'
LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
ALNUM = DIGITS + LETTERS
THIS_YEAR = datetime.date.today().year
UNBORN = 'nobody is born in a year to come; which day of this year it is we do not ask'
rng = random.Random()  # seeded anew for each validator


def pick(alphabet, n):
    return ''.join(rng.choice(alphabet) for _ in range(n))


def shaped(*pieces):
    """A maker of random numbers: pieces are (alphabet, length) or literal strings."""
    def make():
        return ''.join(p if isinstance(p, str) else pick(*p) for p in pieces)
    return make


def short_date():
    """YYMMDD, mostly of a real day."""
    return '%02d%02d%02d' % (rng.randint(0, 99), rng.randint(1, 12), rng.randint(1, 31))


def with_luhn(n):
    """n digits, of which the last is that of Luhn."""
    body = pick(DIGITS, n - 1)
    return body + luhn.calc_check_digit(body)


def products(weights, number):
    return [w * int(c, 36) for w, c in zip(weights, number)]


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


def unborn(birth_date, since=1):
    """Whether a number's birthday, by the function of stdnum that tells it, is to come, or was before the year since."""
    def is_unborn(number):
        try:
            day = birth_date(number)
            return day.year < since or day > datetime.date.today()
        except Exception:  # it tells none
            return False
    return is_unborn
