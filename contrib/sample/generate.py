#!/usr/bin/python3
"""Write the sample help-desk Maildir of the quick start.

    generate.py [OUTDIR]        (default: the folder of this script)

makes OUTDIR/Maildir/{cur,new,tmp}: thirty invented tickets in English, German
and French, numbered [#1001] and on, as a small company's support address would
receive them.  The same bytes come out every time, so that a change of a sample
is a change of this script and can be read as one.

Nobody is in here.  Card numbers, IBANs and national numbers are those that
their issuers publish for tests; telephone numbers are from the ranges reserved
for drama; addresses end in example.org, example.com or example.net; network
addresses are those of documentation; the names and streets are made up.
"""
import base64
import io
import os
import quopri
import struct
import sys
import time
import zipfile
import zlib

DESK = "Kestrel Support <support@example.com>"
START = 1714550400              # Wed, 1 May 2024 08:00 UTC; an hour between mails


def date(stamp):
    """RFC 5322 date without the locale's help."""
    t = time.gmtime(stamp)
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    return "%s, %d %s %d %02d:%02d:%02d +0000" % ("Mon Tue Wed Thu Fri Sat Sun".split()[t.tm_wday], t.tm_mday,
                                                  months[t.tm_mon - 1], t.tm_year, t.tm_hour, t.tm_min, t.tm_sec)


# -- parts -------------------------------------------------------------------

def text(body, subtype="plain", charset="utf-8", cte="8bit"):
    """A text part: (header lines, bytes)."""
    data = body.encode(charset)
    if cte == "base64":
        data = base64.encodebytes(data)
    elif cte == "quoted-printable":
        data = quopri.encodestring(data)
    return ["Content-Type: text/%s; charset=%s" % (subtype, charset), "Content-Transfer-Encoding: " + cte], data


def file(kind, name, data, inline=False):
    """An attached file in base64."""
    return ['Content-Type: %s; name="%s"' % (kind, name),
            'Content-Disposition: %s; filename="%s"' % ("inline" if inline else "attachment", name),
            "Content-Transfer-Encoding: base64"], base64.encodebytes(data)


def multi(subtype, boundary, *parts, extra=""):
    """A multipart around parts."""
    body = b"This is a multi-part message in MIME format.\n" if subtype == "mixed" else b""
    for head, data in parts:
        body += ("--%s\n%s\n\n" % (boundary, "\n".join(head))).encode() + data + b"\n"
    return ['Content-Type: multipart/%s; boundary="%s"%s' % (subtype, boundary, extra)], body + ("--%s--\n" % boundary).encode()


def both(plain, html, boundary="=_alt"):
    """The two alternatives of a text."""
    return multi("alternative", boundary, text(plain, cte="quoted-printable"), text(html, "html", cte="quoted-printable"))


def word(s, charset="utf-8"):
    """RFC 2047, base64, when needed."""
    if s.isascii():
        return s
    return "=?%s?B?%s?=" % (charset, base64.b64encode(s.encode(charset)).decode())


def quote(body, who, depth=1):
    """Quoted history, as an answering program adds it."""
    return who + "\n" + "".join(">" * depth + " " + line + "\n" for line in body.rstrip("\n").split("\n"))


# -- small files -------------------------------------------------------------

def png(seed, width=48, height=30):
    """A small picture that could be a scan: a frame, a darker square for the portrait, lines for the text."""
    rows = b""
    for y in range(height):
        rows += b"\0"
        for x in range(width):
            edge = x in (0, width - 1) or y in (0, height - 1)
            face = 3 < x < 16 and 5 < y < 22
            line = x > 20 and y % 5 == 3 and (x * 7 + seed) % 11 > 2
            rows += bytes((60, 60, 70)) if edge else bytes((150, 130, 110)) if face else bytes((40, 40, 40)) if line else bytes((225, 232, 240))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + \
        chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def pdf(lines):
    """One page of plain text in Helvetica, with a correct cross-reference table."""
    show = "BT /F1 11 Tf 50 780 Td 16 TL " + " ".join("(%s) Tj T*" % s.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
                                                       for s in lines) + " ET"
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
               "<< /Length %d >>\nstream\n%s\nendstream" % (len(show.encode("latin-1")), show),
               "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body.encode("latin-1") + b"\nendobj\n"
    xref = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % o for o in offsets)
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, xref)


def zipped(name, data):
    """A zip archive with a fixed date in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo(name, (2024, 5, 1, 8, 0, 0))
        info.compress_type = zipfile.ZIP_STORED
        archive.writestr(info, data)
    return out.getvalue()


# -- the box -----------------------------------------------------------------

class Box:
    """The Maildir being filled: tickets in the order of their numbers, a message an hour."""

    def __init__(self):
        self.asked = []                 # (ticket, arguments), in the order of the script
        self.mails = []                 # (folder, name, bytes, time)

    def mail(self, ticket, subject, sender, part, to=DESK, folder="cur"):
        """Ask for a message of a ticket; the second and later ones answer the one before."""
        self.asked.append((ticket, subject, sender, part, to, folder))

    def tickets(self):
        return {mail[0] for mail in self.asked}

    def finish(self):
        """Number, date and thread what was asked for."""
        counts = {}
        for ticket, subject, sender, part, to, folder in sorted(self.asked, key=lambda mail: mail[0]):
            counts[ticket] = count = counts.get(ticket, 0) + 1
            number = len(self.mails) + 1
            stamp = START + 3600 * number
            head = ["Return-Path: <%s>" % sender.split("<")[-1].rstrip(">"),
                    "Received: from mail.example.net (mail.example.net [192.0.2.25])\n\tby desk.example.com with ESMTPS id 4V%04d; %s" %
                    (number, date(stamp)),
                    "From: " + sender, "To: " + to,
                    "Subject: %s[#%d] %s" % ("Re: " if count > 1 else "", ticket, word(subject)), "Date: " + date(stamp - 60),
                    "Message-ID: <%d.%d@desk.example.com>" % (ticket, count)]
            if count > 1:
                ids = ["<%d.%d@desk.example.com>" % (ticket, i) for i in range(1, count)]
                head += ["In-Reply-To: " + ids[-1], "References: " + " ".join(ids)]
            data = "\n".join(head + ["MIME-Version: 1.0"] + part[0]).encode("utf-8") + b"\n\n" + part[1]
            name = "%d.M%06dP%d.desk" % (stamp, 1000 * number, 4000 + number)
            flags = (":2,RS" if sender != DESK else ":2,S") if folder == "cur" else ""
            self.mails.append((folder, name + flags, data, stamp))


def identity(b):
    """Scans of identity documents, and what is typed from them."""
    b.mail(1001, "Name change on my account", "Harriet Quillfeather <harriet.quillfeather@example.org>", multi(
        "mixed", "=_id1", text("Hello,\n\nI married in April. Attached are a scan of my passport and the form.\n\n"
                               "Date of birth: 12 August 1974\nPhone: 020 7946 0123\n\nKind regards\nHarriet Quillfeather\n"),
        file("image/png", "passport scan.png", png(1)),
        file("application/pdf", "Passport Quillfeather.pdf", pdf([
            "UTOPIA  PASSPORT / PASSEPORT", "Surname: ERIKSSON", "Given names: ANNA MARIA", "Passport No. L898902C3",
            "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]))))
    b.mail(1001, "Name change on my account", DESK, text(
        "Dear Harriet,\n\nthank you, the name is changed. We no longer need the copy of the passport.\n\nMartin\nKestrel Support\n\n" +
        quote("I married in April. Attached are a scan of my passport and the form.\n\nDate of birth: 12 August 1974\n"
              "Phone: 020 7946 0123", "On Wed, 1 May 2024, Harriet Quillfeather wrote:")),
        "Harriet Quillfeather <harriet.quillfeather@example.org>")
    b.mail(1012, "Altersnachweis", "Jost Bergkamp <jost.bergkamp@example.net>", multi(
        "mixed", "=_id2", text("Guten Tag,\n\nanbei mein Personalausweis, Vorder- und R\u00fcckseite.\n"
                               "Ausweisnummer T220001293, geboren am 12.08.1983.\n\nViele Gr\u00fc\u00dfe\nJost Bergkamp\n"),
        file("image/png", "Ausweis vorne.png", png(2)), file("image/png", "Ausweis hinten.png", png(3))))
    b.mail(1013, "Justificatif d'identit\u00e9", "Celestine Aubrac <celestine.aubrac@example.org>", multi(
        "mixed", "=_id3", text("Bonjour,\n\nvoici ma carte d'identit\u00e9. Je suis n\u00e9e le 14 juillet 1985 \u00e0 Rennes.\n"
                               "T\u00e9l. 06 39 98 12 34\n\nCordialement\nC\u00e9lestine Aubrac\n", charset="iso-8859-1", cte="quoted-printable"),
        file("image/png", "CNI recto.png", png(4))))


def payment(b):
    """Cards and accounts, in answers, quotes, both alternatives, subjects and names of files."""
    card = "4111 1111 1111 1111"
    ask = "My order 20240501-77 was charged twice. Can you check?\n\nThanks, Owen Thackeray\n"
    b.mail(1002, "Charged twice", "Owen Thackeray <owen.thackeray@example.net>", both(ask, "<p>My order 20240501-77 was charged twice. Can you check?</p><p>Thanks, Owen Thackeray</p>\n"))
    reply = "Which card did you use?\n\nMartin, Kestrel Support\n"
    b.mail(1002, "Charged twice", DESK, both(reply + "\n" + quote(ask, "Owen Thackeray wrote:"),
           "<p>Which card did you use?</p><blockquote>" + ask + "</blockquote>\n"), "Owen Thackeray <owen.thackeray@example.net>")
    answer = "It is the Visa %s, exp 12/29, CVV 123.\n\nOwen\n" % card
    b.mail(1002, "Charged twice", "Owen Thackeray <owen.thackeray@example.net>", both(
        answer + "\n" + quote(reply, "Kestrel Support wrote:"),
        "<p>It is the Visa <b>4111</b> 1111 1111 1111, exp 12/29, CVV 123.</p><blockquote>" + reply + "</blockquote>\n"))
    b.mail(1002, "Charged twice", DESK, both(
        "Please never send a whole card number by mail. The second charge is cancelled.\n\n" +
        quote("It is the Visa 4111 1111 1111\n1111, exp 12/29, CVV 123.", "Owen Thackeray wrote:"),
        "<p>Please never send a whole card number by mail. The second charge is cancelled.</p><blockquote><p>It is the Visa "
        "4111&nbsp;1111&nbsp;1111&nbsp;1111, exp 12/29, CVV 123.</p></blockquote>\n"), "Owen Thackeray <owen.thackeray@example.net>")
    b.mail(1003, "Erstattung R\u00fccksendung", "Frieda Lohmann <frieda.lohmann@example.org>", text(
        "Guten Tag,\n\nbitte \u00fcberweisen Sie die 48,90 \u20ac auf mein Konto\nIBAN DE89 3704 0044 0532 0130 00 (Frieda Lohmann).\n"
        "Telefonisch erreichen Sie mich unter 030 23125 014.\n\nMit freundlichen Gr\u00fc\u00dfen\nFrieda Lohmann\nAhornweg 3, 12345 Musterstadt\n",
        cte="quoted-printable"))
    b.mail(1003, "Erstattung R\u00fccksendung", DESK, text(
        "Guten Tag Frau Lohmann,\n\ndie Erstattung ist unterwegs.\n\nKestrel Support\n\n" +
        quote("bitte \u00fcberweisen Sie die 48,90 \u20ac auf mein Konto\nIBAN DE89 3704 0044\n0532 0130 00 (Frieda Lohmann).",
              "Am 02.05.2024 schrieb Frieda Lohmann:"), cte="base64"), "Frieda Lohmann <frieda.lohmann@example.org>")
    b.mail(1004, "Remboursement commande 8841", "Armand Vasseur <armand.vasseur@example.org>", text(
        "Bonjour,\n\nmerci de rembourser sur le compte FR14 2004 1010 0505 0001 3M02 606.\nTel. 01 99 00 14 25\n\n"
        "Bien \u00e0 vous\nArmand Vasseur\n12 rue des Tilleuls, 35000 Rennes\n"))
    b.mail(1004, "Remboursement commande 8841", DESK, text(
        "Bonjour,\n\nle remboursement est en cours.\n\n" + quote("merci de rembourser sur le compte FR14 2004 1010 0505 0001 3M02 606.",
                                                                  "Armand Vasseur a \u00e9crit :")), "Armand Vasseur <armand.vasseur@example.org>")
    b.mail(1019, "Karte 5555 5555 5555 4444 abgelehnt", "Nele Sandvoss <nele.sandvoss@example.net>", text(
        "Hallo,\n\nmeine Mastercard wird abgelehnt, siehe Betreff. Auch 5555-5555-5555-4444 mit Strichen geht nicht.\n\nNele Sandvoss\n"))
    b.mail(1020, "Receipt as asked", "Isolde Farrow <isolde.farrow@example.org>", multi(
        "mixed", "=_pay1", text("Hi, the receipt is attached.\n\nIsolde\n"),
        file("text/plain; charset=utf-16", "receipt 4012888888881881.txt",
             b"\xff\xfe" + "Receipt no. 5521\r\nCard 4012 8888 8888 1881\r\nTotal \u00a319.99\r\n".encode("utf-16-le"))))
    b.mail(1021, "\u00c4nderung der Bankverbindung", "Ottokar Wiesner <ottokar.wiesner@example.org>", text(
        "<html><body><p>Neue Bankverbindung:</p><table><tr><td>IBAN</td><td>AT61&nbsp;1904&nbsp;3002&nbsp;3457&nbsp;3201</td></tr></table>"
        "<p><a href=\"mailto:ottokar.wiesner@example.org\">Ottokar Wiesner</a>, <a href=\"tel:+493023125077\">030 23125 077</a></p></body></html>\n",
        "html", cte="base64"))
    b.mail(1022, "Paiement refus\u00e9", "Maylis Cordier <maylis.cordier@example.net>", text(
        "Bonjour,\n\nma carte a \u00e9t\u00e9 refus\u00e9e hier soir, pourtant elle est valable. Voici le num\u00e9ro : 4242 4242\n4242 4242, "
        "expiration 04/28.\n\nMaylis Cordier\n", charset="iso-8859-1", cte="quoted-printable"))


def secrets(b):
    """Passwords, tokens and traces of devices."""
    b.mail(1005, "Cannot log in", "Barnaby Oakes <barnaby.oakes@example.org>", text(
        "Hi,\n\nthe reset link does not work for me. My user name is barnaby.oakes@example.org.\n\nBarnaby\n"))
    b.mail(1005, "Cannot log in", DESK, text(
        "Hi Barnaby,\n\nI have set a new password for you:\n\nUsername: barnaby.oakes\nPassword: Tr0ub4dor&3-kestrel\n\n"
        "Please change it after the first login.\n\nMartin\n"), "Barnaby Oakes <barnaby.oakes@example.org>")
    b.mail(1005, "Cannot log in", "Barnaby Oakes <barnaby.oakes@example.org>", text(
        "That worked, thank you!\n\n" + quote("Username: barnaby.oakes\nPassword: Tr0ub4dor&3-kestrel", "Kestrel Support wrote:")))
    b.mail(1014, "API answers 403", "Linus Harrow <dev@example.net>", text(
        "Hello,\n\nour nightly export fails. This is what we send:\n\n"
        "    aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n    aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n\nLinus\n"))
    b.mail(1018, "VPN drops every hour", "Petra Wexford <petra.wexford@example.org>", multi(
        "mixed", "=_log", text("Hi,\n\nthe log of my laptop is attached. Call me on 07700 900461.\n\nPetra\n"),
        file("text/plain; charset=utf-8", "vpn.log", b"".join(
            b"2024-05-02T0%d:00:07Z client=198.51.100.%d v6=2001:db8:17::%x mac=00:00:5E:00:53:%02X user=petra.wexford@example.org drop\n"
            % (h, 20 + h, 40 + h, 160 + h) for h in range(6)))))


def files(b):
    """Lists and cards of customers, as they travel in attachments."""
    people = [("Agathe Moosbach", "agathe.moosbach@example.org", "030 23125 101", "DE89 3704 0044 0532 0130 00"),
              ("Ruben Castell", "ruben.castell@example.com", "030 23125 102", "GB82 WEST 1234 5698 7654 32"),
              ("Signe Dahl", "signe.dahl@example.net", "030 23125 103", "NL91 ABNA 0417 1643 00"),
              ("Tibor Kand", "tibor.kand@example.org", "030 23125 104", "CH93 0076 2011 6238 5295 7")]
    csv = "Kunde;E-Mail;Telefon;IBAN\r\n" + "".join(";".join(p) + "\r\n" for p in people)
    b.mail(1007, "Kundenliste zum Abgleich", "Hanno Rehbein <hanno.rehbein@example.net>", multi(
        "mixed", "=_csv", text("Hallo,\n\nbitte mit eurem Bestand abgleichen.\n\nHanno Rehbein\n"),
        file("text/csv; charset=utf-8", "kunden.csv", csv.encode())))
    b.mail(1007, "Kundenliste zum Abgleich", "Hanno Rehbein <hanno.rehbein@example.net>", multi(
        "mixed", "=_zip", text("Und noch einmal gepackt, falls die erste Mail h\u00e4ngen blieb.\n"),
        file("application/zip", "kunden.zip", zipped("kunden.csv", csv.encode()))))
    b.mail(1008, "Nouvelle interlocutrice", "Odilon Perrin <odilon.perrin@example.org>", multi(
        "mixed", "=_vcf", text("Bonjour,\n\nles coordonn\u00e9es de ma coll\u00e8gue sont jointes.\n\nOdilon Perrin\n"),
        file("text/vcard; charset=utf-8", "contact.vcf", (
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Blandine Lascaux\r\nN:Lascaux;Blandine;;;\r\nEMAIL;TYPE=work:blandine.las\r\n caux@example.org\r\n"
            "TEL;TYPE=cell:06 39 98 45 67\r\nBDAY:1979-03-21\r\nADR:;;4 place du March\u00e9;Nantes;;44000;France\r\nEND:VCARD\r\n").encode())))
    b.mail(1025, "Engineer visit", "Kestrel Field <field@example.com>", multi(
        "mixed", "=_ics", text("The appointment is attached.\n"),
        file("text/calendar; charset=utf-8", "visit.ics", (
            b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1025@example.com\r\nDTSTART:20240507T090000Z\r\nSUMMARY:Router swap\r\n"
            b"DESCRIPTION:Customer Delphine Ashworth\\, door code 4477\\, phone 020 794\r\n 6 0888\r\n"
            b"ATTENDEE;CN=Delphine Ashworth:mailto:delphine.ashworth@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"))))
    b.mail(1026, "Export de compte", "Robot <noreply@example.net>", multi(
        "mixed", "=_json", text("L'export demand\u00e9 est joint.\n"),
        file("application/json", "export.json", (b'{"client": {"nom": "Th\\u00e9odora Millet", "courriel": "theodora.millet\\u0040example.org", '
                                                 b'"carte": 5105105105105100, "telephone": "01 99 00 55 12"}}\n'))))


def numbers(b):
    """National numbers and what belongs to no help desk at all."""
    b.mail(1015, "Rechnung braucht Steuer-ID", "Gerlinde Auerhahn <gerlinde.auerhahn@example.org>", text(
        "Guten Tag,\n\nmeine steuerliche Identifikationsnummer lautet 86 095 742 719.\n\nGerlinde Auerhahn\n"))
    b.mail(1016, "Tax form W-9", "Wendell Prather <wendell.prather@example.com>", text(
        "Hello,\n\nmy social security number is 987-65-4320. Call me at (212) 555-0142 with questions.\n\nWendell Prather\n"))
    b.mail(1017, "Num\u00e9ro de s\u00e9curit\u00e9 sociale", "Apolline Verger <apolline.verger@example.net>", text(
        "Bonjour,\n\nmon num\u00e9ro de s\u00e9curit\u00e9 sociale : 2 55 08 14 168 025 38.\n\nApolline Verger\n", cte="quoted-printable"))
    b.mail(1024, "Absage Schulung", "Wilm Tackmann <wilm.tackmann@example.org>", text(
        "Guten Tag,\n\nich muss die Schulung absagen: Bandscheibenvorfall, krankgeschrieben bis zum 31.05.2024.\n"
        "Versicherungsnummer 65 170839 J 003.\n\nWilm Tackmann\n"))


def odd(b):
    """Forwards, reports, signed, encrypted and broken mail."""
    inner = ("From: Rosalind Vane <rosalind.vane@example.org>\nTo: sales@example.com\nSubject: My card\n"
             "Date: Tue, 30 Apr 2024 18:02:11 +0000\nMessage-ID: <vane.1@example.org>\nMIME-Version: 1.0\n"
             "Content-Type: text/plain; charset=utf-8\n\nPlease use my Amex 3782 822463 10005 from now on, expiry 08/27.\n\nRosalind Vane\n").encode()
    b.mail(1006, "Fwd: My card", "Kestrel Sales <sales@example.com>", multi(
        "mixed", "=_fwd", text("This one is for you, I think.\n\nSales\n"), (["Content-Type: message/rfc822", "Content-Disposition: inline"], inner)))
    b.mail(1010, "Vertraulich", "Mathilde Osterkamp <mathilde.osterkamp@example.org>", multi(
        "encrypted", "=_pgp", (["Content-Type: application/pgp-encrypted"], b"Version: 1\n"),
        (['Content-Type: application/octet-stream; name="encrypted.asc"'],
         b"-----BEGIN PGP MESSAGE-----\n\n" + base64.encodebytes(bytes((i * 73 + 41) % 256 for i in range(300))) + b"=Kst1\n-----END PGP MESSAGE-----\n"),
        extra='; protocol="application/pgp-encrypted"'))
    broken = multi("mixed", "=_broken", text("The scan you asked for; my number is 020 7946 0990.\n"), file("image/png", "scan.png", png(5)))
    b.mail(1011, "Scan", "Gideon Marsh <gideon.marsh@example.net>",
           (["Content-Type: multipart/mixed; boundary=\"=_brokn\"", "This line is no header"], broken[1][:-400]))
    b.mail(1027, "Undelivered mail returned to sender", "Mail Delivery System <mailer-daemon@example.com>", multi(
        "report", "=_dsn", text("The mail to <leopold.brandt@example.org> could not be delivered.\n"),
        (["Content-Type: message/delivery-status"], b"Reporting-MTA: dns; mail.example.com\n\nFinal-Recipient: rfc822; leopold.brandt@example.org\n"
                                                    b"Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\n"),
        (["Content-Type: text/rfc822-headers"], b"From: support@example.com\nTo: leopold.brandt@example.org\nSubject: [#1027] Your card ending 1111\n"),
        extra="; report-type=delivery-status"))
    b.mail(1023, "Change of phone number", "Cordelia Finch <cordelia.finch@example.org>", multi(
        "signed", "=_sig", text("Hello,\n\nmy new number is 020 7946 0345.\n\nCordelia Finch\n", cte="7bit"),
        (['Content-Type: application/pgp-signature; name="signature.asc"'],
         b"-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCgAdFiEEinventedsignature\n=Kst2\n-----END PGP SIGNATURE-----\n"),
        extra='; micalg=pgp-sha256; protocol="application/pgp-signature"'))


def clean(b):
    """Tickets without personal data in their text, among them numbers that only look like it; three are unread."""
    b.mail(1009, "Printer offline", "Front Office <frontoffice@example.com>", text(
        "The printer on the second floor says PC LOAD LETTER. Could somebody have a look?\n"))
    b.mail(1028, "Lieferung fehlt", "Einkauf <einkauf@example.com>", text(
        "Bestellung 2024-0501-7781, Sendung 00340434161094015902, Artikel 978-3-16-148410-0, Charge 4111-1111.\nBitte pr\u00fcfen.\n"),
        folder="new")
    b.mail(1029, "Opening hours", "Front Office <frontoffice@example.com>", text("Are you open on 9 May 2024?\n"), folder="new")
    b.mail(1030, "Merci", "Accueil <accueil@example.com>", text("Tout fonctionne de nouveau, merci \u00e0 l'\u00e9quipe.\n"), folder="new")


def main(argv):
    if len(argv) > 2 or len(argv) == 2 and argv[1].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    root = os.path.join(argv[1] if len(argv) == 2 else os.path.dirname(os.path.abspath(__file__)), "Maildir")
    box = Box()
    for theme in (identity, payment, secrets, files, numbers, odd, clean):
        theme(box)
    box.finish()
    for folder in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(root, folder), exist_ok=True)
    for folder, name, data, stamp in box.mails:
        path = os.path.join(root, folder, name)
        with open(path, "wb") as f:
            f.write(data)
        os.utime(path, (stamp, stamp))
    # git keeps no empty folder, and no Maildir reader takes a name with a leading dot for mail
    with open(os.path.join(root, "tmp", ".gitkeep"), "wb"):
        pass
    print("%d tickets, %d messages, %d bytes" % (len(box.tickets()), len(box.mails), sum(len(m[2]) for m in box.mails)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
