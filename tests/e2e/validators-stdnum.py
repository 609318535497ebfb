#!/usr/bin/python3
"""Compares our check digits with those of python-stdnum, an independent implementation.

Usage: validators-stdnum.py HELPER.  HELPER (tests/unit/validate-numbers) reads "validator<TAB>number" lines and answers
1 or 0.  For each validator thousands of numbers are made from a seed: random ones, and ones whose last characters were
tried until stdnum took them, with each then changed in one place.  A sum that a pack declares is read from the pack, and
computed here, for numbers that the rule's pattern takes.  Which numbers there are, the modules in the folder stdnum say,
one per region.  Output is TAP; a disagreement that no row of JUSTIFIED explains fails the test.
"""

import collections
import functools
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# Not the folder of this file: the one there has the name of the package.
sys.path[0] = os.path.join(HERE, 'stdnum')
try:
    import europe_east
    import europe_north
    import europe_west
    import first_countries
    import international
    import world
    from making import ALNUM, DIGITS, LETTERS, made_valid, products, rng, valid_reference
except ImportError as error:
    if str(error.name).split('.')[0] != 'stdnum':
        raise
    print('1..0 # SKIP python3-stdnum is not installed, or too old')
    sys.exit(0)

COUNT = 2400
SEED = 20240917
REGIONS = [international, first_countries, europe_north, europe_west, europe_east, world]
JUSTIFIED = collections.ChainMap(*(region.JUSTIFIED for region in REGIONS))


def one_off(number):
    at = rng.randrange(len(number))
    alphabet = DIGITS if number[at].isdigit() else LETTERS if number[at].isupper() else number[at]
    return number[:at] + rng.choice(alphabet) + number[at + 1:]


def numbers_for(possible, reference, make, alphabet, tail):
    made = []
    while len(made) < COUNT:
        good = made_valid(reference, make, alphabet, tail)
        made += filter(possible, [good, one_off(good), good, make()] if len(made) % 8 == 0 else [good, one_off(good)])
    return made


class Function:
    """A validator in C, which the helper calls."""

    def __init__(self, helper, name):
        self.helper, self.name, self.title = helper, name, name

    def possible(self, number):
        return True

    def judge(self, numbers):
        text = ''.join('%s\t%s\n' % (self.name, n) for n in numbers)
        answer = subprocess.run([self.helper], input=text, capture_output=True, text=True, check=True)
        return [line == '1' for line in answer.stdout.split()]


class Declared:
    """A rule whose pack declares a sum instead of naming a function in C: detect/checksum.h in other words."""

    def __init__(self, rule):
        self.title = rule + ', declared in its pack'
        with open(os.path.join(HERE, '../../rules', rule.split('-')[0] + '.conf'), encoding='utf-8') as pack:
            text = re.search(r'\bid = "%s";.*?\n  \}' % rule, pack.read(), re.DOTALL).group(0)
        literals = re.findall(r'"((?:[^"\\]|\\.)*)"', re.search(r'\bpattern = (.*?);\n', text, re.DOTALL).group(1))
        self.pattern = re.compile(''.join(literals).replace('\\\\', '\\').replace('(?<value>', '(?P<value>'))
        group = re.search(r'\bchecksum = \{(.*?)\};', text, re.DOTALL).group(1)
        self.keys = {key: value.strip('"[]') for key, value in re.findall(r'(\w+) = ([^;]*);', group)}
        self.weights = [int(w) for w in self.keys['weights'].split(',')]

    def possible(self, number):
        return self.pattern.fullmatch(number) is not None

    def holds(self, number):
        found = self.pattern.fullmatch(number)
        value = found['value'] if 'value' in self.pattern.groupindex else number
        characters = [c for c in value.upper() if c in ALNUM]
        parts = products(self.weights, characters)
        if self.keys.get('digit_sum') == 'true':
            parts = [sum(map(int, str(part))) for part in parts]
        rest = sum(parts) % int(self.keys['modulus'])
        check = int(self.keys.get('check', -1))
        if len(characters) != max(len(self.weights), check + 1):
            return False
        return rest == int(self.keys['remainder']) if check < 0 else characters[check] == self.keys['check_map'][rest]

    def judge(self, numbers):
        return [self.holds(n) for n in numbers]


def why(validator, number):
    for reason, explains in JUSTIFIED.get(validator, []) + JUSTIFIED['*']:
        if explains(number):
            return reason
    return None


def compare(ours, validator, reference, make, alphabet, tail):
    rng.seed('%d %s' % (SEED, validator))
    numbers = numbers_for(ours.possible, reference, make, alphabet, tail)
    taken, explained, unexplained = 0, collections.Counter(), []
    for number, mine in zip(numbers, ours.judge(numbers)):
        theirs = valid_reference(reference, number)
        taken += mine
        if mine == theirs:
            continue
        reason = why(validator, number)
        if reason is None:
            unexplained.append((number, mine, theirs))
        else:
            explained[reason] += 1
    return len(numbers), taken, explained, unexplained


def main():
    helper = sys.argv[1]
    kinds = [('CASES', functools.partial(Function, helper)), ('DECLARED', Declared)]
    cases = [(kind, case) for region in REGIONS for table, kind in kinds for case in getattr(region, table)]
    failed = 0
    print('1..%d' % len(cases))
    for i, (kind, case) in enumerate(cases, 1):
        ours = kind(case[0])
        total, taken, explained, unexplained = compare(ours, *case)
        failed += bool(unexplained)
        print('%s %d - %s: %d numbers, %d taken' % ('not ok' if unexplained else 'ok', i, ours.title, total, taken))
        for reason, count in sorted(explained.items()):
            print('#   %d differ on purpose: %s' % (count, reason))
        for number, mine, theirs in unexplained[:10]:
            print('#   %s: deskshred %s, stdnum %s' % (number, mine, theirs))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
