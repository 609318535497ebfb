#!/usr/bin/python3
"""Write a Maildir in which known values stand in every form that mail offers.

    plant.py OUTDIR

makes OUTDIR/maildir (cur, new, tmp) and OUTDIR/manifest.json.  All messages
belong to one ticket, [#4711].  The same bytes come out every time.

Why a generator and not a folder of files: each plant is *one call*, put(),
which returns either the value in its disguise or, when asked to leave that
plant out, the label that a perfect redactor would have left there.  So the
very same code also writes the perfect answer, and the answer of a redactor
that overlooked exactly one plant.  judge.py --self-test uses both to show that
it accepts the first and refuses each of the others.

All values are published test values: they pass their check digits and belong
to nobody.
"""
import base64
import binascii
import json
import os
import quopri
import struct
import sys
import urllib.parse
import zlib

CARD = "4111 1111 1111 1111"
CARD_DIGITS = CARD.replace(" ", "")
IBAN = "DE89 3704 0044 0532 0130 00"
IBAN_PLAIN = IBAN.replace(" ", "")
EMAIL = "erika.mustermann@example.org"
TAX = "86095742719"
IDN = "erika.mustermann@b\u00fccher.example"
IDN_ASCII = "erika.mustermann@xn--bcher-kva.example"

KINDS = {"card": "credit-card", "iban": "iban", "email": "email", "tax": "tax-id", "idn": "email"}

# Every spelling after squeezing (case folded, only letters and digits left).
SQUEEZED = {
    "card": [CARD_DIGITS],
    "iban": [IBAN_PLAIN.casefold()],
    "email": ["erikamustermannexampleorg"],
    "tax": [TAX],
    "idn": ["erikamustermannb\u00fccherexample", "erikamustermannxnbcherkvaexample"],
}

# Addresses that the messages need and that are not planted: a redactor of the
# kind "email" may remove them too, and need not.
BYSTANDERS = ["support@example.com", "kunde@example.net"]

TICKET = "[#4711]"
FULLWIDTH = str.maketrans("0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19")

# What a change covers unless told otherwise.
DEFAULT_PLACES = ("body", "attachment", "filename", "subject")


def grouped(separator):
    """The card with a separator between its groups of four."""
    return CARD.replace(" ", separator)


def each(text, template):
    """Every character through a template such as '=%02X'."""
    return "".join(template % ord(c) for c in text)


def wide(text):
    """ASCII digits as full-width digits."""
    return text.translate(FULLWIDTH)


def b64(data):
    """Base64 in lines of 76, as mail programs write it."""
    return base64.encodebytes(data)


def uu(data, name):
    """A uuencoded file with its begin and end lines."""
    lines = [binascii.b2a_uu(data[i:i + 45]) for i in range(0, len(data), 45)]
    return b"begin 644 " + name + b"\n" + b"".join(lines) + b"`\nend\n"


def png(text=None):
    """A one-pixel PNG, with a text chunk when text is given."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    if text is not None:
        out += chunk(b"tEXt", b"Comment\0" + text)
    return out + chunk(b"IDAT", zlib.compress(b"\0\x40\x80\xc0", 9)) + chunk(b"IEND", b"")


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode("utf-8")


class Corpus:
    """Messages being written and the plants in them.

    keep(plant) says whether a plant gets its value; without it, it gets the
    label.  The numbering of plants does not depend on keep.
    """

    def __init__(self, keep=None):
        self.keep = keep or (lambda plant: True)
        self.messages = []          # (folder, name, bytes)
        self.plants = []
        self.pending = []

    def put(self, form, place, value, shown, label=None, reach=None):
        """One plant: returns what to write there."""
        if reach is None:
            reach = "default" if place in DEFAULT_PLACES else "all"
        plant = {"id": len(self.plants) + len(self.pending) + 1, "form": form, "place": place, "value": value,
                 "kind": KINDS[value], "reach": reach, "reachable_by_default": reach == "default"}
        self.pending.append(plant)
        if self.keep(plant):
            return shown
        if label is None:
            label = "[%s removed]" % KINDS[value]
        return label.encode("ascii") if isinstance(shown, bytes) and isinstance(label, str) else label

    def add(self, raw, folder="cur", in_ticket=True, note=None):
        """Store a finished message; the pending plants are in it."""
        number = len(self.messages) + 1
        name = "%d.M%dP1.desk" % (1700000000 + 60 * number, number)
        if folder == "cur":
            name += ":2,S" if number % 3 else ":2,RS"
        for plant in self.pending:
            plant["message"] = name
            plant["folder"] = folder
            plant["in_ticket"] = in_ticket
            if note:
                plant["note"] = note
            self.plants.append(plant)
        self.pending = []
        self.messages.append((folder, name, raw))

    def mail(self, body, mime="Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n", *,
             subject="Re: " + TICKET + " Frage zur Rechnung", extra="", crlf=False, prefix=b"", **kw):
        """A message of the ticket with the usual headers, threaded to its first."""
        number = len(self.messages) + 1
        head = b"".join([
            b"From: Support <support@example.com>\n",
            b"To: Kunde <kunde@example.net>\n",
            b"Subject: ", as_bytes(subject), b"\n",
            b"Date: Tue, 14 Nov 2023 %02d:%02d:00 +0100\n" % (8 + number // 60, number % 60),
            b"Message-ID: <4711.%d@desk.example.com>\n" % number,
            b"In-Reply-To: <4711.1@desk.example.com>\nReferences: <4711.1@desk.example.com>\n" if number > 1 else b"",
            as_bytes(extra),
            b"MIME-Version: 1.0\n" if mime else b"",
            as_bytes(mime), b"\n"])
        raw = head + as_bytes(body)
        if crlf:
            raw = raw.replace(b"\n", b"\r\n")
        self.add(prefix + raw, **kw)


def text_part(body, headers="Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"):
    return as_bytes(headers) + b"\n" + as_bytes(body)


def multi(boundary, parts, preamble=b"", epilogue=b""):
    """The body of a multipart."""
    out = preamble
    for part in parts:
        out += b"--" + boundary + b"\n" + part + b"\n"
    return out + b"--" + boundary + b"--\n" + epilogue


def mixed(boundary, subtype="mixed", extra=""):
    return 'Content-Type: multipart/%s; boundary="%s"%s\n' % (subtype, boundary, extra)


# -- the messages, by theme -------------------------------------------------

def plain_forms(c):
    """Separators, Unicode look-alikes and invisible characters in plain text."""
    p = c.put
    c.mail("Guten Tag,\n\nmeine Karte ist " + p("plain, grouped by space", "body", "card", CARD) + ".\n"
           "Zusammen: " + p("plain digits", "body", "card", CARD_DIGITS) + "\n"
           "Konto " + p("IBAN grouped", "body", "iban", IBAN) + " oder " + p("IBAN plain", "body", "iban", IBAN_PLAIN) + "\n"
           "Steuer-ID: " + p("tax id plain", "body", "tax", TAX) + " und " +
           p("tax id grouped", "body", "tax", "86 095 742 719") + "\n"
           "Adresse " + p("e-mail plain", "body", "email", EMAIL) + ", danke.\n",
           subject=TICKET + " Frage zur Rechnung")
    rows = [("dots", "."), ("dashes", "-"), ("slashes", "/"), ("no-break space", "\u00a0"), ("thin space", "\u2009"),
            ("narrow no-break space", "\u202f"), ("figure space", "\u2007"), ("two spaces", "  "), ("tab", "\t"),
            ("en dash", "\u2013"), ("em dash", "\u2014"), ("non-breaking hyphen", "\u2011"), ("minus sign", "\u2212"),
            ("ideographic space", "\u3000")]
    c.mail("".join("Karte (%d): %s;\n" % (i, p("grouped by " + name, "body", "card", grouped(s)))
                   for i, (name, s) in enumerate(rows)))
    c.mail("Breit: " + p("full-width digits", "body", "card", wide(CARD_DIGITS)) + "\n"
           "Breit, gruppiert: " + p("full-width digits, ideographic space", "body", "card", wide(grouped("\u3000"))) + "\n"
           "Null: " + p("zero-width space inside", "body", "card", grouped("\u200b")) + "\n"
           "Verbinder: " + p("zero-width joiner and non-joiner inside", "body", "card", "411\u200d11111\u200c11111111") + "\n"
           "BOM: " + p("U+FEFF inside", "body", "card", grouped("\ufeff")) + "\n"
           "Word joiner: " + p("word joiner in an IBAN", "body", "iban", IBAN_PLAIN[:9] + "\u2060" + IBAN_PLAIN[9:]) + "\n"
           "Trennzeichen: " + p("soft hyphen inside", "body", "card", "41111111\u00ad11111111") + "\n"
           "Mail: " + p("soft hyphen in an e-mail", "body", "email", "erika.muster\u00admann@example.org") + "\n"
           "Mail, breit: " + p("full-width e-mail", "body", "email", "erika.mustermann\uff20example\uff0eorg") + "\n")
    c.mail("Bitte abbuchen von Karte " + p("broken by a line wrap", "body", "card", "4111 1111\n1111 1111") + "\n"
           "oder vom Konto\n" + p("IBAN broken by a line wrap", "body", "iban", "DE89 3704 0044\n0532 0130 00") + "\n"
           "oder " + p("broken by a wrap and trailing blanks", "body", "card", "4111 1111 \n 1111 1111") + "\n")
    c.mail("Zeile\nKarte " + p("broken by a CRLF line wrap", "body", "card", "4111 1111\n1111 1111") +
           "\nKonto " + p("IBAN in CRLF mail", "body", "iban", IBAN) + "\n", crlf=True, folder="new")
    c.mail("GROSS: " + p("e-mail in upper case", "body", "email", EMAIL.upper()) + "\n"
           "gemischt: " + p("e-mail in mixed case", "body", "email", "Erika.Mustermann@Example.ORG") + "\n"
           "IBAN klein: " + p("IBAN in lower case", "body", "iban", IBAN.lower()) + "\n"
           "Umlaut: " + p("e-mail with IDN in Unicode", "body", "idn", IDN) + "\n"
           "Umlaut, kodiert: " + p("e-mail with IDN in punycode", "body", "idn", IDN_ASCII) + "\n"
           "spitz: <" + p("e-mail in angle brackets", "body", "email", EMAIL) + ">\n"
           "Verweis: mailto:" + p("mailto in plain text", "body", "email", EMAIL) + "?subject=Hallo\n"
           "Link: https://shop.example.com/?m=" + p("percent-encoded in a plain text link", "body", "email",
                                                    "erika.mustermann%40example.org") + "&x=1\n")


def quoted_forms(c):
    """Quotes at several depths, re-wrapped by the answering program, and flowed text."""
    p = c.put
    c.mail("Wie unten:\n\n> Karte " + p("quote, depth 1", "body", "card", CARD) + "\n>> Konto " +
           p("quote, depth 2", "body", "iban", IBAN) + "\n> > > Steuer " + p("quote, depth 3", "body", "tax", TAX) +
           "\n>>>>> Mail " + p("quote, depth 5", "body", "email", EMAIL) + "\n\nGruss\n")
    c.mail("Am Montag schrieb der Kunde:\n> meine Karte lautet " +
           p("quote, re-wrapped inside the value", "body", "card", "4111 1111\n> 1111 1111") + " und gilt noch\n"
           ">> das Konto ist " + p("quote depth 2, re-wrapped", "body", "iban", "DE89 3704\n>> 0044 0532 0130 00") + " dort\n"
           "> > > Karte " + p("quote depth 3 with spaces, re-wrapped", "body", "card", "4111\n> > > 1111 1111\n> > > 1111") +
           "\n| Karte " + p("quote with a bar, re-wrapped", "body", "card", "4111 1111\n| 1111 1111") + "\n")
    c.mail("Bitte die Karte " + p("format=flowed, broken at a soft break", "body", "card", "4111 1111 \n1111 1111") +
           " belasten.\n> Zitat mit Konto " +
           p("format=flowed in a quote", "body", "iban", "DE89 3704 0044 \n> 0532 0130 00") + " darin.\n",
           "Content-Type: text/plain; charset=utf-8; format=flowed\n")
    c.mail("Karte " + p("format=flowed with delsp", "body", "card", "4111 1111 \n 1111 1111") + " hier.\n",
           "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n")


def transfer_forms(c):
    """Quoted-printable, base64, uuencode, and declarations that do not fit."""
    p = c.put
    qp = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n"
    c.mail("Karte =3D " + p("quoted-printable soft break inside", "body", "card", "4111 1111=\n 1111 1111") + " gr=C3=BCn\n"
           "Kodiert: " + p("quoted-printable =XX digits", "body", "card", each(CARD_DIGITS, "=%02X")) + "\n"
           "Klein: " + p("quoted-printable =xx in lower case", "body", "email", EMAIL.replace("@", "=40").replace(".", "=2e")) + "\n"
           "Fest: " + p("quoted-printable no-break spaces", "body", "card", grouped("=C2=A0")) + "\n"
           "Weich: " + p("quoted-printable soft break with blanks", "body", "iban", "DE89 3704 0044=  \n 0532 0130 00") + "\n"
           "Doppelt: " + p("quoted-printable two soft breaks in a row", "body", "tax", "860957=\n=\n42719") + "\n"
           "> Zitat " + p("quoted-printable quote, hard break", "body", "card", "4111 1111=20\n> 1111 1111") + "\n", qp)
    c.mail(quopri.encodestring(("Gr\u00fc\u00dfe,\nKonto " + p("quoted-printable text, Windows line ends", "body", "iban", IBAN)
                                + " f\u00fcr die R\u00fcckzahlung\n").encode()), qp, crlf=True)
    c.mail(b64(("Sehr geehrte Damen und Herren,\nKarte " + p("base64 body", "body", "card", CARD) + "\nund Konto " +
                p("base64 body, IBAN", "body", "iban", IBAN) + "\n> und " +
                p("base64 body, wrapped in a quote", "body", "card", "4111 1111\n> 1111 1111") + "\n").encode()),
           "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n")
    raw = base64.b64encode(("Karte " + p("base64 in short lines", "body", "card", CARD) + " Ende\n").encode())
    c.mail(b"".join(raw[i:i + 40] + b"\n" for i in range(0, len(raw), 40)),
           "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: BASE64\n", crlf=True)
    c.mail(b"Anbei die Datei.\n\n" + uu(("Liste\nKarte " + p("uuencode in a plain body", "attachment", "card", CARD) +
                                         "\nEnde\n").encode(), b"liste.txt") + b"\nGruss\n")
    c.mail(uu(("Karte " + p("uuencode as transfer encoding", "attachment", "card", CARD) + " Ende\n").encode(), b"karte.txt"),
           "Content-Type: text/plain; charset=utf-8; name=karte.txt\nContent-Transfer-Encoding: x-uuencode\n")
    c.mail("Karte " + p("unknown transfer encoding", "body", "card", CARD) + "\n",
           "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: x-rot-none\n")
    c.mail("Karte: " + p("base64 declared, text is plain", "body", "card", CARD) + " (so steht es da!)\n",
           "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n")
    c.mail(b"vorher\0\0 Karte " + p("after a NUL byte", "body", "card", CARD.encode()) + b" nachher\n")
    c.mail(b"Zeile eins\rKarte " + p("lone CR line ends, wrapped", "body", "card", b"4111 1111\r1111 1111") + b"\rKonto " +
           p("lone CR line ends", "body", "iban", IBAN.encode()) + b"\rEnde\r")


def charset_forms(c):
    """Character sets, each with a disguise that only decoding takes away."""
    p = c.put
    rows = [("iso-8859-1", "8bit", "Gr\u00fc\u00dfe: %s Ende\n", grouped("\u00a0")),
            ("iso-8859-1", "8bit", "Gr\u00fc\u00dfe, weich: %s Ende\n", "41111111\u00ad11111111"),
            ("windows-1252", "8bit", "\u201eKarte\u201c %s \u20ac\n", grouped("\u2013")),
            ("koi8-r", "8bit", "\u041a\u0430\u0440\u0442\u0430 %s \u0442\u0443\u0442\n", grouped("\u00a0")),
            ("iso-2022-jp", "7bit", "\u30ab\u30fc\u30c9 %s \u3067\u3059\n", wide(CARD_DIGITS)),
            ("shift_jis", "8bit", "\u30ab\u30fc\u30c9\u8868 %s \u3067\u3059\n", wide(CARD_DIGITS)),
            ("euc-jp", "8bit", "\u30ab\u30fc\u30c9 %s \u3067\u3059\n", wide(CARD_DIGITS)),
            ("gb18030", "8bit", "\u5361\u53f7 %s \u8c22\u8c22\n", wide(CARD_DIGITS)),
            ("big5", "8bit", "\u5361\u865f %s \u8b1d\u8b1d\n", wide(CARD_DIGITS)),
            ("utf-7", "7bit", "Gr\u00fc\u00dfe %s Ende\n", wide(CARD_DIGITS)),
            ("utf-7", "7bit", "Gr\u00fc\u00dfe %s Ende\n", EMAIL)]
    for charset, cte, text, shown in rows:
        what = "e-mail" if "@" in shown else {"\uff14": "full-width"}.get(shown[0], "disguised")
        value = "email" if "@" in shown else "card"
        body = (text % p("charset %s, %s" % (charset, what), "body", value, shown)).encode(charset)
        c.mail(body, "Content-Type: text/plain; charset=%s\nContent-Transfer-Encoding: %s\n" % (charset, cte))
    parts = []
    for charset, codec, bom in [("utf-16", "utf-16-le", b"\xff\xfe"), ("utf-16", "utf-16-be", b"\xfe\xff"),
                                ("utf-32", "utf-32-le", b"\xff\xfe\0\0"), ("utf-16le", "utf-16-le", b"")]:
        body = ("Gr\u00fc\u00dfe, Karte " + p("charset %s (%s%s)" % (charset, codec, ", BOM" if bom else ", no BOM"), "body",
                                              "card", CARD) + " Ende\r\n").encode(codec)
        parts.append(text_part(b64(bom + body), "Content-Type: text/plain; charset=%s\nContent-Transfer-Encoding: base64\n" % charset))
    c.mail(multi(b"cs16", parts), mixed("cs16"))
    c.mail("Gr\u00fc\u00dfe " + p("undeclared UTF-8", "body", "card", grouped("\u2009")) + "\n", "")
    c.mail("Gr\u00fc\u00dfe " + p("UTF-8 declared as us-ascii", "body", "card", wide(CARD_DIGITS)) + "\n",
           "Content-Type: text/plain; charset=us-ascii\n")
    c.mail(("Gr\u00fc\u00dfe " + p("latin-1 declared as UTF-8", "body", "card", grouped("\u00a0")) + "\n").encode("latin-1"),
           "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n")
    c.mail("Karte " + p("unknown charset", "body", "card", CARD) + "\n", "Content-Type: text/plain; charset=x-desk-1\n")
    c.mail("Karte " + p("UTF-8 declared as latin-1", "body", "iban", IBAN.replace(" ", "\u00a0")) + "\n",
           "Content-Type: text/plain; charset=iso-8859-1\n")


def html_forms(c):
    """HTML: entities, tags in the way, attributes, and what the reader does not see."""
    p = c.put
    html = "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    c.mail("<html><head><title>Antwort</title><style>p { color: red } /* " + p("style", "body", "card", CARD) + " */</style>\n"
           "<meta name=\"author\" content=\"" + p("meta content", "body", "email", EMAIL) + "\"></head><body>\n"
           "<p>dezimal " + p("decimal entities", "body", "card", each(CARD_DIGITS, "&#%d;")) + "</p>\n"
           "<p>hex " + p("hexadecimal entities", "body", "card", each(CARD_DIGITS, "&#x%X;")) + "</p>\n"
           "<p>ohne Strichpunkt " + p("decimal entities without semicolon", "body", "tax", each(TAX, "&#%d")) + "</p>\n"
           "<p>benannt " + p("named entities between groups", "body", "card", grouped("&nbsp;")) + "</p>\n"
           "<p>Mail " + p("named entities in an e-mail", "body", "email", "erika&period;mustermann&commat;example&period;org") + "</p>\n"
           "<p>weich " + p("shy and zwnj entities", "body", "card", "4111&shy;1111&zwnj;1111&#8203;1111") + "</p>\n"
           "<p>fett " + p("tags inside the number", "body", "card", "4111 <b>1111</b> <i>1111</i> 1111") + "</p>\n"
           "<p>Stufen " + p("spans with styles inside", "body", "iban",
                            "DE89&nbsp;<span style=\"color:#123\">3704</span>&nbsp;0044 0532 0130 00") + "</p>\n"
           "<p>Umbruch " + p("wbr and br inside", "body", "card", "4111<wbr>1111<br>1111<wbr/>1111") + "</p>\n"
           "<p>Kommentar darin " + p("comment inside the number", "body", "card", "4111 1111<!-- x --> 1111 1111") + "</p>\n"
           "<p>Zeile " + p("broken by a line end in the source", "body", "card", "4111 1111\n      1111 1111") + "</p>\n"
           "</body></html>\n", html)
    c.mail("<html><body><a href=\"mailto:" + p("attribute mailto", "body", "email", EMAIL) + "\">schreiben</a>\n"
           "<a href='tel:" + p("attribute tel, single quotes", "body", "card", CARD_DIGITS) + "'>rufen</a>\n"
           "<img src=\"cid:a1\" alt=\"Karte " + p("attribute alt", "body", "card", CARD) + "\" title=\"" +
           p("attribute title", "body", "iban", IBAN) + "\">\n"
           "<input type=hidden value=\"" + p("attribute value of a hidden input", "body", "card", CARD) + "\">\n"
           "<input name=c value=" + p("unquoted attribute", "body", "card", CARD_DIGITS, '"[credit-card removed]"') + ">\n"
           "<div data-card=\"" + p("data attribute with entities", "body", "card", each(CARD_DIGITS, "&#%d;")) + "\"></div>\n"
           "<a href=\"https://shop.example.com/pay?card=" +
           p("percent-encoded href", "body", "card", urllib.parse.quote(CARD), "%5Bcredit-card%20removed%5D") + "&amp;x=1\">zahlen</a>\n"
           "<a href=\"https://shop.example.com/m/" +
           p("fully percent-encoded href", "body", "email", each(EMAIL, "%%%02X"), "%5Bemail%20removed%5D") + "\">Konto</a>\n"
           "<!-- intern: " + p("comment", "body", "card", CARD) + " -->\n"
           "<!--[if mso]><p>" + p("conditional comment", "body", "card", CARD) + "</p><![endif]-->\n"
           "<div style=\"display:none\">" + p("hidden text", "body", "card", CARD) + "</div>\n"
           "<span style=\"font-size:0\">" + p("text of size zero", "body", "email", EMAIL) + "</span>\n"
           "<script>var card = \"" + p("script", "body", "card", CARD_DIGITS) + "\"; var m = '" +
           p("script with \\x escapes", "body", "email", EMAIL.replace("@", "\\x40")) + "';</script>\n"
           "<noscript>" + p("noscript", "body", "tax", TAX) + "</noscript>\n"
           "<textarea>" + p("textarea", "body", "card", CARD) + "</textarea></body></html>\n", html)
    c.mail(("<html><head><meta charset=\"windows-1252\"></head><body>\u201eKarte\u201c " +
            p("HTML, charset in a meta element only", "body", "card", grouped("\u2013")) + "</body></html>\n").encode("windows-1252"),
           "Content-Type: text/html\nContent-Transfer-Encoding: 8bit\n")
    qp_html = "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n"
    c.mail(multi(b"alt1", [
        text_part("Karte " + p("alternative, plain side", "body", "card", CARD) + "\n"),
        text_part("<p>Karte <b>" + p("alternative, HTML side in quoted-printable", "body", "card",
                                     "4111&nbsp;1111=\n&nbsp;1111<span style=3D\"x\">&nbsp;</span>1111") + "</b></p>\n", qp_html)]),
        mixed("alt1", "alternative"))
    c.mail(multi(b"rel0", [
        text_part(multi(b"alt2", [
            text_part(b64(("> Konto " + p("related/alternative, plain side in base64", "body", "iban", IBAN) + "\n").encode()),
                      "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n"),
            text_part(b64(("<blockquote>Konto " + p("related/alternative, HTML side in base64", "body", "iban",
                                                    IBAN.replace(" ", "&#160;")) + "</blockquote>\n").encode()),
                      "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n")]),
                  mixed("alt2", "alternative")),
        text_part(b64(png()), "Content-Type: image/png\nContent-ID: <a1@desk.example.com>\nContent-Transfer-Encoding: base64\n")]),
        mixed("rel0", "related"))


def attachment_forms(c):
    """Files in which customer data travels, and file names."""
    p = c.put

    def file(kind, name, data, cte="base64"):
        body = b64(as_bytes(data)) if cte == "base64" else as_bytes(data)
        return text_part(body, 'Content-Type: %s; name="%s"\nContent-Disposition: attachment; filename="%s"\n'
                               'Content-Transfer-Encoding: %s\n' % (kind, name, name, cte))

    hello = text_part("Anbei.\n")
    c.mail(multi(b"att1", [
        hello,
        file("text/csv; charset=utf-8", "kunden.csv", "nr,karte,mail\r\n1,\"" + p("CSV, quoted field", "attachment", "card", CARD) +
             "\"," + p("CSV, bare field", "attachment", "email", EMAIL) + "\r\n2,\"" +
             p("CSV, line end inside a quoted field", "attachment", "iban", "DE89 3704 0044\r\n0532 0130 00") + "\",x\r\n"),
        file("text/vcard; charset=utf-8", "a.vcf", "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:E\r\nNOTE:Karte " +
             p("vCard, folded line", "attachment", "card", "4111 1111\r\n  1111 1111") + " alt\r\nEMAIL:" +
             p("vCard, folded inside a word", "attachment", "email", "erika.muster\r\n mann@example.org") + "\r\nEND:VCARD\r\n", "8bit"),
        file("text/x-vcard; charset=utf-8", "b.vcf", "BEGIN:VCARD\r\nVERSION:2.1\r\nNOTE;ENCODING=QUOTED-PRINTABLE:Karte " +
             p("vCard 2.1, quoted-printable", "attachment", "card", each(CARD, "=%02X")) + "\r\nEND:VCARD\r\n"),
        file("text/calendar; charset=utf-8", "c.ics", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDESCRIPTION:Konto " +
             p("iCalendar, folded line", "attachment", "iban", "DE89 3704 0044 05\r\n 32 0130 00") + "\\nEnde\r\nATTENDEE;CN=E:mailto:" +
             p("iCalendar attendee", "attachment", "email", EMAIL) + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")]), mixed("att1"))
    c.mail(multi(b"att2", [
        hello,
        file("application/xml", "d.xml", "<?xml version=\"1.0\"?>\n<kunde karte=\"" + p("XML attribute", "attachment", "card", CARD) +
             "\"><notiz><![CDATA[" + p("XML CDATA", "attachment", "card", CARD) + "]]></notiz><iban>" +
             p("XML text with character references", "attachment", "iban", each(IBAN_PLAIN, "&#x%x;")) + "</iban></kunde>\n"),
        file("application/json", "e.json", "{\"karte\": " +
             p("JSON bare number", "attachment", "card", CARD_DIGITS, '"[credit-card removed]"') + ", \"text\": \"" +
             p("JSON \\u escapes", "attachment", "card", each(CARD, "\\u%04x")) + "\", \"mail\": \"" +
             p("JSON string", "attachment", "email", EMAIL) + "\"}\n"),
        file("application/octet-stream", "f.txt", b"\xff\xfe" +
             ("Karte " + p("octet-stream holding UTF-16 text", "attachment", "card", CARD) + "\r\n").encode("utf-16-le")),
        file("text/plain", "g.log", "2023-11-14 user=" + p("text file in 7bit", "attachment", "email", EMAIL) +
             " login ok\n", "7bit")]), mixed("att2"))

    def named(headers, data=None):
        return text_part(b64(png() if data is None else data), headers + "Content-Transfer-Encoding: base64\n")

    c.mail(multi(b"fn1", [
        hello,
        named("Content-Type: image/png\nContent-Disposition: attachment; filename=\"Karte " +
              p("file name plain, image opaque", "filename", "card", CARD) + ".png\"\n"),
        named("Content-Type: application/octet-stream\nContent-Disposition: attachment;\n " +
              p("file name RFC 2231, continued, with charset", "filename", "card",
                "filename*0*=utf-8''Kart%C3%A9%204111%20;\n filename*1*=1111%201111;\n filename*2=\" 1111.bin\"",
                "filename*=utf-8''Kart%C3%A9%20%5Bcredit-card%20removed%5D.bin") + "\n"),
        named("Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"" +
              p("file name RFC 2047 in quotes", "filename", "iban",
                "=?utf-8?B?" + base64.b64encode(("K\u00f6nto " + IBAN + ".bin").encode()).decode() + "?=",
                "=?utf-8?B?" + base64.b64encode(("K\u00f6nto [iban removed].bin").encode()).decode() + "?=") + "\"\n"),
        named("Content-Type: application/octet-stream; name=\"" + p("Content-Type name", "filename", "email", EMAIL) + ".bin\"\n"),
        named("Content-Type: application/octet-stream; name=" +
              p("Content-Type name, unquoted token", "filename", "tax", TAX + ".bin", '"[tax-id removed].bin"') + "\n"),
        named("Content-Type: application/octet-stream\nContent-Description: Scan " +
              p("Content-Description", "headers", "card", CARD) + "\n"),
        named("Content-Type: image/png; name=x.png\n", png(p("PNG text chunk", "metadata", "card", CARD.encode(), reach="opaque")))]),
        mixed("fn1"))
    c.mail(b"Anbei.\n\n" + uu(b"nichts\n", as_bytes(p("uuencode begin line", "filename", "card", grouped("-"))) + b".txt"))


def nested_forms(c):
    """Messages in messages, in each transfer encoding, and other message types."""
    p = c.put
    for cte in ("7bit", "base64", "quoted-printable"):
        parts = [text_part("Weitergeleitet.\n")]
        for depth in range(1, 6):
            raw = text_part("Tiefe %d: Karte " % depth + p("message/rfc822 in %s, depth %d" % (cte, depth), "attachment", "card",
                                                           CARD) + " Ende\n",
                            "From: <support@example.com>\nSubject: innen\nMessage-ID: <in.%d@desk.example.com>\n"
                            "Content-Type: text/plain; charset=utf-8\n" % depth)
            for level in range(depth):
                body = {"7bit": lambda d: d, "base64": b64, "quoted-printable": quopri.encodestring}[cte](raw)
                head = "Content-Type: message/rfc822\nContent-Transfer-Encoding: %s\n" % cte
                if level < depth - 1:
                    head = "From: <support@example.com>\nSubject: Fwd\nMIME-Version: 1.0\n" + head
                raw = text_part(body, head)
            parts.append(raw)
        c.mail(multi(b"nest-" + cte[:1].encode(), parts), mixed("nest-" + cte[:1]))
    inner = ("From: <" + p("nested message From", "headers", "email", EMAIL, "removed-1@redacted.invalid") + ">\nSubject: Karte " +
             p("nested message Subject", "subject", "card", CARD) + "\nX-Note: " +
             p("nested message other header", "headers", "iban", IBAN) + "\n")
    c.mail(multi(b"fwd", [text_part("Siehe unten.\n"), text_part(
        text_part(multi(b"innen-2", [text_part("Innen: " + p("nested multipart", "attachment", "card", CARD) + "\n")]),
                  inner + "MIME-Version: 1.0\n" + mixed("innen-2")), "Content-Type: message/rfc822\n")]), mixed("fwd"))
    c.mail(multi(b"dig", [
        b"\nFrom: <support@example.com>\nSubject: eins\n\nKarte " + as_bytes(p("digest, default type", "attachment", "card", CARD)) + b"\n",
        b"\nFrom: <support@example.com>\nSubject: zwei\n\nMail " + as_bytes(p("digest, second message", "attachment", "email", EMAIL)) + b"\n"]),
        mixed("dig", "digest"))
    c.mail(multi(b"dsn", [
        text_part("Ihre Nachricht an " + p("delivery report, text", "body", "email", EMAIL) + " kam nicht an.\n"),
        text_part("Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; " +
                  p("delivery-status recipient", "attachment", "email", EMAIL, "removed-1@redacted.invalid") +
                  "\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 <" +
                  p("delivery-status diagnostic", "attachment", "email", EMAIL, "removed-1@redacted.invalid") + "> unknown\n",
                  "Content-Type: message/delivery-status\n"),
        text_part("From: <support@example.com>\nTo: <" +
                  p("text/rfc822-headers address", "attachment", "email", EMAIL, "removed-1@redacted.invalid") + ">\nSubject: Karte " +
                  p("text/rfc822-headers subject", "attachment", "card", CARD) + "\n",
                  "Content-Type: text/rfc822-headers\n")]),
        mixed("dsn", "report", "; report-type=delivery-status"))


def structure_forms(c):
    """Bytes that belong to no part, structure that is wrong, signed and encrypted mail."""
    p = c.put
    c.mail(multi(b"pre", [text_part("Hallo.\n")],
                 as_bytes("Vorspann " + p("preamble", "body", "card", CARD) + "\n"),
                 as_bytes("Nachspann " + p("epilogue", "body", "iban", IBAN) + "\n")), mixed("pre"))
    c.mail("--echt\nContent-Type: text/plain\n\nKarte " + p("boundary declared wrong", "body", "card", CARD) + "\n--echt--\n",
           mixed("falsch"))
    c.mail("--echt\nContent-Type: text/plain\n\nKarte " + p("boundary not declared", "body", "card", CARD) + "\n--echt--\n",
           "Content-Type: multipart/mixed\n")
    c.mail("--offen\nContent-Type: text/plain\n\nKarte " + p("closing boundary missing", "body", "card", CARD) + "\n",
           mixed("offen"))
    c.mail(multi(b"b64a", [text_part("Karte " + p("multipart declares base64, is plain", "body", "card", CARD) + "\n")]),
           mixed("b64a") + "Content-Transfer-Encoding: base64\n")
    c.mail(b64(multi(b"b64b", [text_part("Karte " + p("multipart really in base64", "body", "card", CARD) + "\n")])),
           mixed("b64b") + "Content-Transfer-Encoding: base64\n")
    c.mail(multi(b"dup", [b"Content-Type: text/plain\nContent-Type: text/html\n\nKarte " +
                          as_bytes(p("two Content-Type headers", "body", "card", CARD)) + b"\n",
                          b"\nKarte " + as_bytes(p("part without headers", "body", "iban", IBAN)) + b"\n"]), mixed("dup"))
    c.mail("Hallo.\n", prefix=b"From support@example.com Tue Nov 14 08:00:00 2023\n",
           subject="Re: " + TICKET + " Karte " + p("Subject after a leading From line", "subject", "card", CARD))
    c.mail("Karte " + p("body after a leading From line", "body", "card", CARD) + "\n>From hier an zitiert " +
           p("after a >From line", "body", "iban", IBAN) + "\n", prefix=b"From support@example.com Tue Nov 14 08:00:00 2023\n")
    c.add(as_bytes("Nur Text, keine Kopfzeilen, Karte " + p("message without headers", "body", "card", CARD) + "\nEnde\n"),
          in_ticket=False, note="no Subject and no References: belongs to no ticket")
    c.add(as_bytes("From: Support <support@example.com>\nSubject: " + TICKET + " nur Kopf, Karte " +
                   p("message with only headers", "subject", "card", CARD) + "\nMessage-ID: <4711.head@desk.example.com>\n"
                   "References: <4711.1@desk.example.com>\n"))
    signed = text_part("Unterschrieben: Karte " + p("multipart/signed", "body", "card", CARD) + "\n")
    c.mail(multi(b"sig", [signed, text_part("-----BEGIN PGP SIGNATURE-----\n\niQEzBAABCAAdFiEEnotarealsignature\n=abcd\n"
                                            "-----END PGP SIGNATURE-----\n", "Content-Type: application/pgp-signature\n")]),
           mixed("sig", "signed", "; micalg=pgp-sha256; protocol=\"application/pgp-signature\""))
    c.mail(multi(b"enc", [text_part("Version: 1\n", "Content-Type: application/pgp-encrypted\n"),
                          text_part("-----BEGIN PGP MESSAGE-----\n\nhQEMA0PlantedNothingReadableHere\n=abcd\n"
                                    "-----END PGP MESSAGE-----\n", "Content-Type: application/octet-stream; name=\"" +
                                    p("encrypted mail, file name", "filename", "card", grouped("_")) + ".asc\"\n")]),
           mixed("enc", "encrypted", "; protocol=\"application/pgp-encrypted\""))


def header_forms(c):
    """Subjects, other headers, and header lines that are none."""
    p = c.put

    def word(text, how, charset="utf-8"):
        if how == "B":
            return "=?%s?B?%s?=" % (charset, base64.b64encode(text.encode(charset)).decode())
        return "=?%s?Q?%s?=" % (charset, "".join("_" if x == 32 else chr(x) if chr(x).isalnum() and x < 128 else "=%02X" % x
                                                   for x in text.encode(charset)))

    def subject(form, value, shown, label=None):
        c.mail("Siehe Betreff.\n", subject="Re: " + TICKET + " " + p(form, "subject", value, shown, label))

    subject("Subject plain", "card", CARD)
    subject("Subject plain, e-mail", "email", EMAIL)
    subject("Subject folded inside", "card", "4111 1111\n 1111 1111")
    subject("Subject RFC 2047 Q", "card", word("K\u00e4rte " + CARD, "Q"), word("K\u00e4rte [credit-card removed]", "Q"))
    subject("Subject RFC 2047 B", "iban", word("K\u00f6nto " + IBAN, "B"), word("K\u00f6nto [iban removed]", "B"))
    subject("Subject split over two encoded words", "card", word("K\u00e4rte 4111 11", "B") + "\n " + word("11 1111 1111 neu", "B"),
            word("K\u00e4rte ", "B") + "\n " + word("[credit-card removed] neu", "B"))
    subject("Subject split over Q and B words, two charsets", "card", word("K\u00e4rte 4111 1111", "Q") + "\n " +
            word(" 1111 1111", "B", "iso-8859-1"), word("K\u00e4rte [credit-card removed]", "Q"))
    subject("Subject raw 8-bit UTF-8", "card", "R\u00fcckfrage " + wide(CARD_DIGITS), "R\u00fcckfrage [credit-card removed]"
            .encode().decode("utf-8"))
    subject("Subject encoded word in iso-2022-jp", "card", word(wide(CARD_DIGITS), "B", "iso-2022-jp"),
            "[credit-card removed]")
    subject("Subject half in encoded words, half plain", "card", "=?iso-8859-1?Q?R=FCckfrage_?=\n =?iso-8859-1?Q?Karte_411?= "
            "=?iso-8859-1?Q?1?= 1111 1111\n 1111 und mehr", "=?iso-8859-1?Q?R=FCckfrage_?=\n =?iso-8859-1?Q?Karte_?= "
            "[credit-card removed] und mehr")
    c.mail("Siehe Kopf.\n", extra=(
        "Received: from mx.example.net by mx.example.com\n for <" +
        p("Received for", "headers", "email", EMAIL, "removed-1@redacted.invalid") + ">; Tue, 14 Nov 2023 08:00:00 +0100\n"
        "Delivered-To: " + p("Delivered-To", "headers", "email", EMAIL, "removed-1@redacted.invalid") + "\n"
        "List-Unsubscribe: <https://list.example.com/u?m=" + p("List-Unsubscribe, percent-encoded", "headers", "email",
                                                               EMAIL.replace("@", "%40"), "%5Bemail%20removed%5D") + ">\n"))
    c.mail("Siehe Kopf.\n", extra=(
        "X-Customer: " + p("X-Customer", "headers", "card", CARD) + "\n"
        "Comments: Konto " + p("Comments", "headers", "iban", IBAN) + "\n"
        "Reply-To: \"Konto " + p("Reply-To display name", "headers", "iban", IBAN) + "\" <support@example.com>\n"
        "Keywords: a,\n " + p("folded header", "headers", "card", "4111 1111\n 1111 1111") + ",\n b\n"
        "X-Encoded: " + p("other header in an encoded word", "headers", "card", word("K\u00e4rte " + CARD, "B"),
                          word("K\u00e4rte [credit-card removed]", "B")) + "\n"
        "Cc: Erika <" + p("Cc address", "headers", "email", EMAIL, "removed-1@redacted.invalid") + ">\n"
        "Reply-To: " + p("second Reply-To address", "headers", "email", EMAIL, "removed-1@redacted.invalid") + "\n"
        "X-Original-To: " + p("X-Original-To", "headers", "email", EMAIL.upper(), "removed-1@redacted.invalid") + "\n"))
    c.mail("Siehe Kopf.\n", extra=("X-Vorher: ja\nDiese Zeile hat keinen Doppelpunkt, Karte " +
                                   p("malformed header line", "headers", "card", CARD) + "\nX-Nachher: ja\n"))
    c.mail("Siehe Kopf.\n", extra=("X-Kunde: M\u00fcller " .encode("latin-1") +
                                   as_bytes(p("raw 8-bit header", "headers", "card", CARD)) + b"\n"))
    c.add(as_bytes("From: Erika Mustermann <" + p("From address", "headers", "email", EMAIL, "removed-1@redacted.invalid") +
                   ">\nTo: \"" + p("To display name", "headers", "email", EMAIL, "removed-1@redacted.invalid") + "\" <" +
                   p("To address", "headers", "email", EMAIL, "removed-1@redacted.invalid") +
                   ">\nSubject: " + TICKET + " Absender\nDate: Tue, 14 Nov 2023 12:00:00 +0100\n"
                   "Message-ID: <4711.from@desk.example.com>\nReferences: <4711.1@desk.example.com>\n\nMail: " +
                   p("e-mail in body and headers", "body", "email", EMAIL) + "\n"))
    c.mail("Nichts Besonderes in dieser Nachricht; sie muss unver\u00e4ndert bleiben.\n"
           "Bestellung 4111-1111 und 1234 5678 sind keine Karten.\n")


def build(keep=None):
    """The whole corpus, in a fixed order."""
    c = Corpus(keep)
    for theme in (plain_forms, quoted_forms, transfer_forms, charset_forms, html_forms, attachment_forms, nested_forms,
                  structure_forms, header_forms):
        theme(c)
    return c


def write_maildir(corpus, root):
    """The messages as a Maildir with fixed modes and times, so that a change of either shows."""
    for folder in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(root, folder), exist_ok=True)
    for number, (folder, name, raw) in enumerate(corpus.messages, 1):
        path = os.path.join(root, folder, name)
        with open(path, "wb") as out:
            out.write(raw)
        os.chmod(path, 0o640 if number % 4 == 0 else 0o600)
        os.utime(path, (1700000000 + 60 * number, 1700000000 + 60 * number))


def main(argv):
    if len(argv) != 2 or argv[1].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    out = argv[1]
    corpus = build()
    write_maildir(corpus, os.path.join(out, "maildir"))
    manifest = {"ticket": "4711", "values": {"card": CARD, "iban": IBAN, "email": EMAIL, "tax": TAX, "idn": IDN},
                "messages": len(corpus.messages), "plants": corpus.plants}
    with open(os.path.join(out, "manifest.json"), "w", encoding="utf-8") as f:
        json.dump(manifest, f, indent=1, ensure_ascii=True)
        f.write("\n")
    places = {}
    for plant in corpus.plants:
        places[plant["place"]] = places.get(plant["place"], 0) + 1
    print("%d messages, %d plants, %d forms: %s" % (len(corpus.messages), len(corpus.plants), len({x["form"] for x in corpus.plants}),
                                          ", ".join("%d %s" % (n, k) for k, n in sorted(places.items()))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
