"""Much of the same: many card numbers, a table of them, an mbox of many messages that hold one each."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../e2e"))
from harness import mail, maildir  # noqa: E402

FROM = b"From a@example.org Tue Nov 14 08:00:00 2023\n"


def luhn(digits):
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


def cards(count):
    """Different card numbers with good check digits."""
    return [luhn(f"4{number * 7919 % 10 ** 14:014d}") for number in range(1, count + 1)]


def tables(path, messages, values):
    """A Maildir of messages, each with the same table of so many card numbers."""
    table = "".join(f"{place};{number}\r\n" for place, number in enumerate(cards(values))).encode()
    return maildir(path, [mail(number, f"List {number}.\n", parts=[("list.csv", "text/csv", table)]) for number in range(1, messages + 1)])


def mbox(path, messages, size):
    """Messages of about so many bytes, each with a card number; how large it is then."""
    text = "Some text, and some more of it. \n" * (size // 33)
    with open(path, "wb") as out:
        for number in range(1, messages + 1):
            body = f"Card {luhn('4%014d' % number)}, number {number}.\n{text}"
            out.write(FROM + mail(number, body, subject=f"Number {number}") + b"\n")
    return path.stat().st_size
