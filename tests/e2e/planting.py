"""Made-up content for the leak test: mail in which every word that a sender or a file's owner could choose is a marker.

A marker is a random word of eight letters that hardly ever stand together, so that any eight of its letters in a row can
be told from all that deskshred itself writes.  Values that must have their form (numbers) are random too.
"""
import base64
import random
import string

LETTERS = "qxzjkvwy"
MARKER = 11  # letters


class Plants:
    """Makes markers and numbers, and remembers what each was planted as."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.markers = {}  # marker -> what it was planted as
        self.numbers = {}  # ten digits or more -> the same
        self.texts = {}    # dates and the like, with their separators -> the same
        self.place = ""

    def word(self, what, length=MARKER):
        text = "".join(self.random.choice(LETTERS) for _ in range(length))
        self.markers[text] = f"{what} ({self.place})"
        return text

    def name(self, what):
        """First and last name."""
        return f"{self.word(what).capitalize()} {self.word(what).capitalize()}"

    def email(self, what, tld="org"):
        return f"{self.word(what)}.{self.word(what)}@{self.word(what)}.{tld}"

    def number(self, what, text):
        self.numbers["".join(filter(str.isdigit, text))] = f"{what} ({self.place})"
        return text

    def text(self, what, text):
        self.texts[text] = f"{what} ({self.place})"
        return text

    def digits(self, count):
        return "".join(self.random.choice(string.digits) for _ in range(count))

    def card(self):
        body = "4111" + self.digits(11)
        total = sum(sum(divmod(int(d) * 2, 10)) if i % 2 == 0 else int(d) for i, d in enumerate(body))
        text = body + str(-total % 10)
        return self.number("card", " ".join(text[i:i + 4] for i in range(0, 16, 4)))

    def iban(self):
        account = self.digits(18)
        check = 98 - int(account + "131400") % 97
        text = f"DE{check:02d}{account}"
        return self.number("iban", " ".join(text[i:i + 4] for i in range(0, 22, 4)))

    def phone(self):
        return self.number("phone", f"+49 30 {self.digits(4)} {self.digits(4)}")

    def birth(self):
        day, month, year = self.random.randint(10, 28), self.random.randint(10, 12), self.random.randint(1931, 1969)
        self.text("date of birth", f"{year}-{month}-{day}")
        return self.text("date of birth", f"{day}.{month}.{year}")

    def token(self):
        return "ghp_" + "".join(self.word("token") + self.digits(1) for _ in range(3))


def sentences(p, html=False):
    """A value of every kind, each between two markers."""
    rows = [("credit card", p.card()), ("IBAN", p.iban()), ("phone", p.phone()), ("date of birth", p.birth()), ("mail", p.email("value")),
            ("password", p.word("password") + "7!A"), ("api token", p.token()), ("username", p.word("user name")),
            ("Kontonummer", p.number("account", p.digits(10))), ("passport no.", "C0" + p.word("passport")[:7].upper()),
            ("IP address", p.text("address", "203.0.113." + str(p.random.randint(100, 254)))),
            ("MAC", p.text("mac", ":".join(f"{p.random.randint(16, 255):02x}" for _ in range(6)))),
            ("GPS", p.text("place", f"{p.random.randint(40, 55)}.{p.digits(6)}") + ", 13." + p.digits(6)),
            ("card 4111111111111111 CVV", p.digits(3)), ("Kennzeichen", f"{p.word('plate', 2).upper()}-{p.word('plate', 2).upper()} {p.digits(4)}"),
            ("Session cookie: sid=", p.word("cookie") + p.word("cookie"))]
    around = "".join(f"{p.word('before a value')} {word}: {value} {p.word('behind a value')}\n" for word, value in rows)
    if not html:
        return f"{p.name('greeting')}\n{around}-----BEGIN RSA PRIVATE KEY-----\n{p.word('key') * 5}\n-----END RSA PRIVATE KEY-----\n{p.name('signature')}\n"
    return (f"<html><!-- {p.name('comment')} --><body class={p.word('class')}><a href='mailto:{p.email('link')}' title='{p.name('title')}'>"
            f"{around}</a><img alt='{p.name('alt')}' src='cid:{p.word('cid')}'></body></html>\n")


def head(p, number, subject=None, extra=""):
    """A mail's header fields, markers wherever a sender writes."""
    subject = subject if subject is not None else p.name("subject")
    encoded = base64.b64encode(p.name("encoded subject").encode()).decode()
    return (f"Return-Path: <{p.email('return path')}>\n"
            f"Received: from {p.word('host')}.example ({p.word('host')} [203.0.113.7]) by mx.example.org; Tue, 14 Nov 2023 08:00:00 +0100\n"
            f"From: \"{p.name('display name')}\" <{p.email('From')}>\nTo: {p.name('display name')} <{p.email('To', p.word('top domain', 9))}>\n"
            f"Cc: =?utf-8?B?{base64.b64encode(p.name('encoded name').encode()).decode()}?= <{p.email('Cc')}>\n"
            f"Subject: {subject} {p.card()} =?utf-8?B?{encoded}?=\nDate: Tue, 14 Nov 2023 08:00:{number % 60:02d} +0100\n"
            f"Message-ID: <{p.word('message id')}.{number}@{p.word('message id host')}.example>\n"
            f"References: <{p.word('reference')}@{p.word('reference')}.example>\nIn-Reply-To: <{p.word('reply')}@example.org>\n"
            f"X-{p.word('header name').capitalize()}: {p.email('own header')}\n{p.word('header name').upper()}: {p.card()}\n"
            f"Organization: {p.name('organization')}\nX-Mailer: {p.name('mailer')} {p.card()}\n{extra}MIME-Version: 1.0\n")


def attachment(p, media_type, name, body):
    return (f"Content-Type: {media_type}; name=\"{name}\"; {p.word('parameter')}=\"{p.word('parameter value')}\"\n"
            f"Content-Disposition: attachment; filename=\"{name}\"\nContent-ID: <{p.word('content id')}@{p.word('content id')}.example>\n"
            f"Content-Description: {p.name('description')}\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(body).decode())


def multipart(p, parts, subtype="mixed"):
    boundary = p.word("boundary") + p.word("boundary")
    inner = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f"Content-Type: multipart/{subtype}; boundary=\"{boundary}\"\n\n{p.name('preamble')}\n{inner}--{boundary}--\n{p.name('epilogue')}\n"


def whole_mail(p, number, **kw):
    """Alternatives, attachments of chosen types and names, a nested mail."""
    text = "Content-Type: text/plain; charset=utf-8\n\n" + sentences(p)
    page = "Content-Type: text/html; charset=utf-8\n\n" + sentences(p, html=True)
    inner = "Content-Type: message/rfc822\n\n" + head(p, number) + "Content-Type: text/plain\n\n" + sentences(p)
    parts = [multipart(p, [text, page], "alternative"), inner]
    table = (p.name("column") + ";" + p.name("column") + "\n" + p.iban() + ";" + p.email("cell") + "\n").encode()
    for media_type, extension in (("text/csv", "csv"), (f"image/{p.word('media type')}", "png"), (f"text/{p.word('media type')}", "txt"), (p.word("media type"), "txt"), (f"{p.word('media type')}/{p.word('media type')}", p.word("extension", 8)),
                                  (f"application/vnd.{p.word('media type')}.{p.word('media type')}", p.word("extension", 8)), ("application/pdf", "pdf")):
        body = table if extension in ("csv", "txt") else b"\x89\0" + sentences(p).encode()
        parts.append(attachment(p, media_type, f"{p.name('file name')} {p.email('file name')} {p.card()}.{extension}", body))
    return head(p, number, **kw) + multipart(p, parts)


def broken_mails(p):
    """Values in what is broken: each must be reported without being quoted."""
    text = sentences(p)
    plain = "Content-Type: text/plain; charset=%s\nContent-Transfer-Encoding: %s\n\n%s"
    yield head(p, 1) + plain % (p.word("charset"), "8bit", text)
    yield head(p, 2) + plain % ("utf-8", p.word("transfer encoding"), text)
    yield head(p, 3) + plain % ("utf-8", "base64", text)
    yield head(p, 4) + plain % ("utf-8", "quoted-printable", text.replace("e", "=Z"))
    yield head(p, 5) + f"Content-Type: multipart/mixed; boundary=\"{p.word('boundary')}\"\n\n{text}"
    yield head(p, 6, extra=f"{p.name('malformed line')} {p.card()}\n: {p.name('malformed line')}\n") + "\n" + text
    yield head(p, 7) + f"Content-Type: multipart/encrypted; protocol=\"application/{p.word('protocol')}\"; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b--\n"
    yield head(p, 8) + f"Content-Type: text/plain; charset*0*={p.word('charset')}'{p.word('language')}'{p.word('value')}\n\n{text}\0{text}"
    yield head(p, 9) + f"Content-Type: {p.word('media type')}\nContent-Disposition: {p.word('disposition')}; filename*=utf-8''{p.word('file name')}\n\n{text}"
    yield head(p, 10) + "Content-Type: application/json\n\n{\"" + p.word("json key") + "\": \"" + p.email("json value") + "\", \"broken\": "
    yield head(p, 11) + plain % ("iso-2022-jp", "8bit", "\x1b$B" + text)
    yield head(p, 12) + "Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(text.encode("utf-16")).decode()
    yield text
    yield head(p, 13) + "".join(f"Content-Type: multipart/mixed; boundary={i}x\n\n--{i}x\n" for i in range(400)) + text
