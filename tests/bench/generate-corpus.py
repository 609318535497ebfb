#!/usr/bin/python3
"""Makes help-desk mail of any amount: the same seed and amounts, the same bytes, on any machine.

    generate-corpus.py [--seed N] [--bytes N] [--messages N] [--mean N] [--format maildir|mbox] OUT

Six in ten messages are plain replies with quoted history, a quarter have a plain and an HTML alternative, the rest carry
attachments (tables, notes, pages, and noise as pictures and PDF are).  Sizes are log-normal.  One message in four has
personal data in it; half of all have none but addresses, so that a scan meets both.  All of it is invented: numbers have
good check digits and belong to nobody, addresses and telephone numbers are from reserved ranges.

Prints one line of JSON: messages, bytes, largest.
"""
import argparse
import base64
import html
import json
import pathlib
import quopri
import random
import sys

ENGLISH = """about account again already before button cable calendar change click close colleague confirm contract could
customer delivery desk details device document email error expect family file find folder form forward found friday help
invoice keyboard last laptop letter license login manager meeting message monday network number office open order page
password payment permission phone please possible printer problem question receive refund regards reply report request
reset restart screen send server share should slow software solved station support system table team telephone thank
ticket today tomorrow training travel update urgent user version waiting week window work wrong yesterday""".split()
GERMAN = """Anfrage Bestellung bitte danke Drucker für geändert gestern Grüße heute ist Konto Kunde können Lieferung mit
müssen nicht noch Passwort Prüfung Rechnung schon Störung Straße Überweisung und würde zurücksetzen""".split()
FRENCH = """bonjour client commande compte cordialement déjà être facture hier imprimante merci numéro pièce problème
réinitialiser réseau votre""".split()
GIVEN = "Ada Anna Bruno Chloé Erika François Greta Hans Ines José Jürgen Luca Marie Olga Pierre Sven Uma Zoë".split()
FAMILY = "Beispiel Doe Dubois Jensen Kaya Martin Muster Mustermann Müller Nowak Roe Rossi Schmidt Smith Weber".split()
DOMAINS = ("example.org", "example.com", "example.net", "mail.example.org", "desk.example.com")
LINE = 74
LARGEST = 3_000_000


def luhn_digit(digits):
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def iban(country, account):
    number = int("".join(str(int(c, 36)) for c in account + country + "00"))
    return f"{country}{98 - number % 97:02d}{account}"


def wrapped(words):
    """Words as lines of at most LINE characters."""
    lines, line = [], ""
    for word in words:
        if line and len(line) + 1 + len(word) > LINE:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return lines + [line]


class Desk:
    def __init__(self, seed, mean):
        self.random = random.Random(seed)
        self.mean = mean
        self.noise = self.random.randbytes(LARGEST)
        self.sentences = [self.sentence(i) for i in range(4000)]

    def sentence(self, number):
        words = ENGLISH if number % 10 < 7 else GERMAN if number % 10 < 9 else FRENCH
        text = " ".join(self.random.choices(words, k=self.random.randint(5, 16)))
        if number % 8 == 0:
            text += self.random.choice((" at 10:30", " #48213", " v2.4.1", " 129.90", " on 2024-03-07", " (ref 120934)"))
        return text[0].upper() + text[1:] + "."

    def digits(self, count):
        return "".join(self.random.choices("0123456789", k=count))

    def person(self):
        return f"{self.random.choice(GIVEN)} {self.random.choice(FAMILY)}"

    def address(self):
        name = f"{self.random.choice(GIVEN)}.{self.random.choice(FAMILY)}".encode("ascii", "ignore").decode().lower()
        return f"{name}{self.random.randint(1, 99)}@{self.random.choice(DOMAINS)}"

    def datum(self):
        """A piece of personal data, in words that people put around it."""
        kind = self.random.randrange(9)
        if kind == 0:
            return f"Please write to {self.address()}."
        if kind == 1:
            return f"My phone is {self.random.choice(('+49 30 23125 ' + self.digits(3), '+44 20 7946 0' + self.digits(3), '(212) 555-01' + self.digits(2)))}."
        if kind == 2:
            number = iban("DE", self.digits(18))
            return "IBAN: " + (number if self.random.random() < .5 else " ".join(number[i:i + 4] for i in range(0, len(number), 4))) + "."
        if kind == 3:
            number = self.random.choice(("4", "51")) + self.digits(14)
            number = number[:15] + luhn_digit(number[:15])
            return "Card number " + (number if self.random.random() < .4 else "-".join(number[i:i + 4] for i in range(0, 16, 4))) + "."
        if kind == 4:
            return f"Born on {self.random.randint(1, 28)}.{self.random.randint(1, 12)}.{self.random.randint(1940, 2005)}."
        if kind == 5:
            return f"It came from 192.0.2.{self.random.randint(1, 254)}."
        if kind == 6:
            number = int(self.digits(8))
            return f"DNI {number:08d}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}."
        if kind == 7:
            return f"https://portal.example.com/user?id={self.digits(6)}&token={self.digits(12)}"
        return f"Passport No. C{self.digits(8)}, {self.person()}."

    def prose(self, size, personal):
        words = []
        while size > 0:
            sentence = self.random.choice(self.sentences)
            if personal and self.random.random() < .04:
                sentence += " " + self.datum()
            size -= len(sentence) + 1
            words += sentence.split(" ")
        return wrapped(words)

    def reply(self, size, personal):
        """An answer, and below it the history, deeper and deeper quoted."""
        lines = self.prose(min(size, 300 + size // 7), personal) + ["", "-- ", self.person(), ""]
        size -= sum(map(len, lines))
        depth = 1
        while size > 0:
            lines.append("> " * (depth - 1) + f"On Mon, 4 Mar 2024 at 10:15, {self.person()} <{self.address()}> wrote:")
            quoted = ["> " * depth + line for line in self.prose(min(size, self.random.randint(400, 4000)), personal)]
            lines += quoted
            size -= sum(map(len, quoted)) + 80
            depth = min(depth + 1, 8)
        return "\n".join(lines) + "\n"

    def page(self, text):
        rows = "".join(f'<p class="MsoNormal"><span style="font-size:10.0pt;color:#1F497D">{html.escape(line) or "&nbsp;"}<o:p></o:p></span></p>\n'
                       for line in text.split("\n"))
        return ('<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><style>p.MsoNormal '
                '{margin:0cm; font-size:11.0pt; font-family:"Calibri",sans-serif;}</style></head><body lang="EN-US">\n' + rows + "</body></html>\n")

    def table(self, size, personal):
        rows, length = ["id;name;email;city;amount;note"], 0
        while length < size:
            row = ";".join((self.digits(6), self.person(), self.address() if personal else "", self.random.choice(("Berlin", "Paris", "Oslo")),
                            f"{self.random.randint(1, 9999)}.{self.digits(2)}", self.random.choice(self.sentences)[:40]))
            rows.append(row)
            length += len(row) + 2
        return "\r\n".join(rows).encode()

    def attachment(self, size, personal):
        size = min(size, LARGEST * 2 // 3)
        kind = self.random.choice(("csv", "txt", "html", "pdf", "png", "png"))
        if kind == "csv":
            media_type, data = "text/csv; charset=utf-8", self.table(size, personal)
        elif kind == "txt":
            media_type, data = "text/plain; charset=utf-8", self.reply(size, personal).encode()
        elif kind == "html":
            media_type, data = "text/html; charset=utf-8", self.page(self.reply(size // 2, personal)).encode()
        else:
            start = self.random.randrange(LARGEST - size) if size < LARGEST else 0
            media_type = "application/pdf" if kind == "pdf" else "image/png"
            data = (b"%PDF-1.4\n" if kind == "pdf" else b"\x89PNG\r\n\x1a\n") + self.noise[start:start + size]
        head = (f"Content-Type: {media_type}; name=\"file.{kind}\"\nContent-Transfer-Encoding: base64\n"
                f"Content-Disposition: attachment; filename=\"file.{kind}\"\n\n")
        return head.encode() + base64.encodebytes(data)

    def text(self, text, subtype):
        kind = self.random.random()
        charset, encoding = "utf-8", "8bit"
        if kind < .35:
            encoding = "quoted-printable"
        elif kind < .5:
            encoding = "base64"
        elif kind < .65:
            charset = "iso-8859-1"
        data = text.encode(charset, "replace")
        if encoding == "quoted-printable":
            data = quopri.encodestring(data)
        elif encoding == "base64":
            data = base64.encodebytes(data)
        return f"Content-Type: text/{subtype}; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n".encode() + data

    def header(self, number):
        lines = [f"Return-Path: <{self.address()}>"]
        for hop in range(self.random.randint(2, 5)):
            lines.append(f"Received: from mx{hop}.example.net (mx{hop}.example.net [198.51.100.{self.random.randint(1, 254)}])\n"
                         f"\tby mail.example.com (Postfix) with ESMTPS id {self.random.getrandbits(48):012X}\n"
                         f"\tfor <desk@example.com>; Mon, 4 Mar 2024 10:{self.random.randint(10, 59)}:00 +0000 (UTC)")
        if self.random.random() < .6:
            lines.append("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1;\n\tbh="
                         + base64.b64encode(self.random.randbytes(32)).decode() + ";\n\tb=" + base64.b64encode(self.random.randbytes(96)).decode())
        lines += [f"From: {self.person().encode('ascii', 'ignore').decode()} <{self.address()}>", "To: Desk <desk@example.com>",
                  f"Subject: [desk #{1000 + number // 3}] {self.random.choice(ENGLISH)} {self.random.choice(ENGLISH)}",
                  f"Date: Mon, 4 Mar 2024 {number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d} +0000",
                  f"Message-ID: <{number}.{self.random.getrandbits(64):x}@example.com>", "MIME-Version: 1.0"]
        return ("\n".join(lines) + "\n").encode()

    def message(self, number):
        personal = self.random.random() < .25
        size = int(min(LARGEST // 4, self.random.lognormvariate(0, 1.2) * self.mean * .28))
        head, kind = self.header(number), self.random.random()
        if kind < .6:
            return head + self.text(self.reply(max(200, size // 2), personal), "plain")
        boundary = f"=_{self.random.getrandbits(32):08x}_{number}"
        if kind < .85:
            reply = self.reply(max(200, size // 3), personal)
            parts = [self.text(reply, "plain"), self.text(self.page(reply), "html")]
            subtype = "alternative"
        else:
            parts = [self.text(self.reply(self.random.randint(200, 3000), personal), "plain")]
            parts += [self.attachment(max(2000, size * 3), personal) for _ in range(self.random.choice((1, 1, 1, 2)))]
            subtype = "mixed"
        delimiter = f"\n--{boundary}".encode()
        return (head + f'Content-Type: multipart/{subtype}; boundary="{boundary}"\n\nThis is a multi-part message.'.encode()
                + b"".join(delimiter + b"\n" + part for part in parts) + delimiter + b"--\n")


def messages(desk, size, count):
    written = number = 0
    while number < count and (size == 0 or written < size):
        data = desk.message(number)
        yield number, data
        written += len(data)
        number += 1


def write_maildir(out, source):
    for folder in ("cur", "new", "tmp"):
        (out / folder).mkdir(parents=True)
    for number, data in source:
        (out / "cur" / f"{1700000000 + number}.M{number:06d}P1.desk:2,S").write_bytes(data)
        yield len(data)


def write_mbox(out, source):
    with open(out, "xb") as mbox:
        for number, data in source:
            mbox.write(b"From desk@example.com Mon Mar  4 10:00:00 2024\n" + data.replace(b"\nFrom ", b"\n>From ") + b"\n")
            yield len(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bytes", type=int, default=0, help="stop when so many are written (0: no bound)")
    parser.add_argument("--messages", type=int, default=sys.maxsize, help="stop after so many")
    parser.add_argument("--mean", type=int, default=40000, help="about the mean size of a message")
    parser.add_argument("--format", choices=("maildir", "mbox"), default="maildir")
    parser.add_argument("out", type=pathlib.Path)
    args = parser.parse_args()
    if args.bytes == 0 and args.messages == sys.maxsize:
        parser.error("how much? --bytes or --messages")
    source = messages(Desk(args.seed, args.mean), args.bytes, args.messages)
    sizes = list((write_maildir if args.format == "maildir" else write_mbox)(args.out, source))
    print(json.dumps({"messages": len(sizes), "bytes": sum(sizes), "largest": max(sizes)}))


if __name__ == "__main__":
    main()
