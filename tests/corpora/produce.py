#!/usr/bin/python3
"""Write mails made by real mail programs and libraries into OUTDIR, for agree.py and judge.py.

    produce.py OUTDIR

Why: mails written by hand show what their author thought of.  Producers disagree
about line lengths, folding, header order, file name encodings and line ends,
and those disagreements are where ranges go wrong by one byte.

Producers: Python's email package under several policies, Perl's MIME::Entity
(libmime-tools-perl) and Email::MIME (libemail-mime-perl), and mutt with a
stand-in for sendmail that writes the message to a file.  What is not installed
is skipped, and the reason printed.  The output is TAP; the status is 1 only
where an installed producer failed.  Boundaries and dates differ between runs
for Perl and mutt.
"""
import email.encoders
import email.header
import email.message
import email.mime.application
import email.mime.message
import email.mime.multipart
import email.mime.text
import email.policy
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True     # no __pycache__ beside the tests
import plant

TEXT = ("Guten Tag,\n\nmeine Karte ist %s, das Konto %s.\nVon hier an gr\u00fc\u00dft man: \u20ac 12,50 \u2013 danke.\n"
        "From here on it is a line that looks like an mbox separator.\n.\n" % (plant.CARD, plant.IBAN)) + \
       "Eine sehr lange Zeile " * 60 + "\n> zitiert: " + plant.EMAIL + "\n-- \nErika\n"
HTML = "<html><body><p>Karte <b>4111</b>&nbsp;1111&nbsp;1111&nbsp;1111</p><a href=\"mailto:%s\">M\u00fcller</a></body></html>\n" % plant.EMAIL
CSV = "nr,karte,iban\r\n1,%s,%s\r\n" % (plant.CARD, plant.IBAN)
SUBJECT = "Re: [#4711] R\u00fcckfrage zu Karte %s und mehr, damit der Betreff gefaltet wird" % plant.CARD
FILE_NAME = "K\u00fcndigung und Kontoauszug %s.csv" % plant.CARD


# -- Python ------------------------------------------------------------------

def python_modern(policy):
    """EmailMessage with both alternatives, a related image, files and a forwarded mail."""
    msg = email.message.EmailMessage(policy=policy)
    msg["From"] = "Support \u00dc <support@example.com>"
    msg["To"] = "Erika Mustermann <%s>" % plant.EMAIL
    msg["Subject"] = SUBJECT
    msg["Date"] = "Tue, 14 Nov 2023 08:00:00 +0100"
    msg["Message-ID"] = "<4711.made@desk.example.com>"
    msg["References"] = " ".join("<4711.%d@desk.example.com>" % i for i in range(12))
    msg.set_content(TEXT)
    msg.add_alternative(HTML, subtype="html")
    msg.get_payload()[1].add_related(plant.png(), "image", "png", cid="<a1@desk.example.com>")
    msg.add_attachment(CSV, subtype="csv", filename=FILE_NAME)
    msg.add_attachment(CSV.encode("utf-16"), maintype="application", subtype="octet-stream", filename="liste.txt")
    inner = email.message.EmailMessage(policy=policy)
    inner["From"] = plant.EMAIL
    inner["Subject"] = "innen " + plant.IBAN
    inner.set_content(TEXT)
    msg.add_attachment(inner)
    return msg


def python_plain(policy, cte, charset="utf-8"):
    msg = email.message.EmailMessage(policy=policy)
    msg["From"] = "support@example.com"
    msg["Subject"] = SUBJECT
    msg.set_content(TEXT if charset != "iso-8859-1" else TEXT.replace("\u20ac", "EUR").replace("\u2013", "-"), cte=cte, charset=charset)
    return msg


def python_old():
    """The older classes: header folding and encodings of another decade, still what many systems send."""
    msg = email.mime.multipart.MIMEMultipart("mixed")
    msg["From"] = "support@example.com"
    msg["Subject"] = email.header.Header(SUBJECT, "iso-8859-1")
    msg.preamble = "This is a multi-part message in MIME format.\n"
    msg.epilogue = "Nachspann " + plant.TAX + "\n"
    msg.attach(email.mime.text.MIMEText(TEXT, "plain", "utf-8"))
    msg.attach(email.mime.text.MIMEText(HTML, "html", "utf-8"))
    part = email.mime.application.MIMEApplication(CSV.encode(), "octet-stream", email.encoders.encode_quopri)
    part.add_header("Content-Disposition", "attachment", filename=("iso-8859-1", "de", FILE_NAME))
    msg.attach(part)
    msg.attach(email.mime.message.MIMEMessage(email.mime.text.MIMEText("innen " + plant.CARD + "\n")))
    return msg


def with_python(out):
    random.seed(4711)          # boundaries
    policies = {"default": email.policy.default, "smtp": email.policy.SMTP, "smtputf8": email.policy.SMTPUTF8,
                "unfolded": email.policy.SMTP.clone(max_line_length=100000), "long": email.policy.default.clone(max_line_length=998),
                "eightbit": email.policy.default.clone(cte_type="8bit")}
    for name, policy in policies.items():
        with open(os.path.join(out, "python-%s.eml" % name), "wb") as f:
            f.write(python_modern(policy).as_bytes())
    for cte, charset in (("8bit", "utf-8"), ("quoted-printable", "utf-8"), ("base64", "utf-8"), ("quoted-printable", "iso-8859-1"),
                         ("8bit", "iso-8859-1"), ("base64", "utf-16")):
        for policy in ("default", "smtp"):
            try:
                raw = python_plain(policies[policy], cte, charset).as_bytes()
            except (ValueError, UnicodeError) as problem:
                print("# python %s %s %s: %s" % (policy, cte, charset, problem))
                continue
            with open(os.path.join(out, "python-%s-%s-%s.eml" % (policy, cte, charset)), "wb") as f:
                f.write(raw)
    with open(os.path.join(out, "python-compat32.eml"), "wb") as f:
        f.write(python_old().as_bytes())
    with open(os.path.join(out, "python-compat32-from.eml"), "wb") as f:
        f.write(python_old().as_bytes(unixfrom=True))


# -- Perl --------------------------------------------------------------------

PERL_ENTITY = r"""
use strict; use warnings; use utf8; use MIME::Entity; use Encode qw(encode);
my ($out, $card, $iban, $mail, $png) = @ARGV;
my $text = encode('UTF-8', "Grüße,\nKarte $card und Konto $iban.\nFrom hier an.\n.\n" . ("lange Zeile " x 40) . "\n> $mail\n");
sub save { my ($name, $top) = @_; open my $f, '>', "$out/perl-entity-$name.eml" or die; binmode $f; $top->print($f); close $f or die }
for my $cte ('7bit', '8bit', 'quoted-printable', 'base64', 'binary', '-SUGGEST', 'x-uuencode') {
  my $top = MIME::Entity->build(From => 'support@example.com', To => $mail, Subject => "[#4711] Karte $card",
    Type => 'text/plain', Charset => 'utf-8', Encoding => $cte eq 'x-uuencode' ? 'x-uuencode' : $cte, Data => $text);
  (my $n = $cte) =~ s/\W//g; save($n, $top);
}
my $top = MIME::Entity->build(From => 'support@example.com', Subject => "[#4711] Anlagen", Type => 'multipart/mixed',
  Preamble => ["Vorspann $card\n"], Epilogue => ["Nachspann $iban\n"]);
$top->preamble(["Vorspann $card\n"]); $top->epilogue(["Nachspann $iban\n"]);
$top->attach(Data => $text, Type => 'text/plain', Charset => 'utf-8', Encoding => '8bit');
$top->attach(Path => $png, Type => 'image/png', Encoding => 'base64', Filename => "Scan $card.png");
$top->attach(Data => "nr,karte\r\n1,$card\r\n", Type => 'text/csv', Encoding => 'quoted-printable', Filename => 'kunden.csv');
my $alt = $top->attach(Type => 'multipart/alternative');
$alt->attach(Data => $text, Type => 'text/plain', Charset => 'utf-8', Encoding => 'quoted-printable');
$alt->attach(Data => "<p>Karte <b>4111</b>&nbsp;1111&nbsp;1111&nbsp;1111</p>\n", Type => 'text/html', Encoding => '7bit');
my $in = MIME::Entity->build(From => $mail, Subject => "innen $iban", Data => $text, Type => 'text/plain', Encoding => '8bit');
$top->attach(Data => $in->stringify, Type => 'message/rfc822', Encoding => '8bit');
save('mixed', $top);
my $dig = MIME::Entity->build(From => 'support@example.com', Subject => '[#4711] digest', Type => 'multipart/digest');
$dig->attach(Data => $in->stringify, Type => 'message/rfc822', Encoding => '8bit') for 1..2;
save('digest', $dig);
my $empty = MIME::Entity->build(From => 'support@example.com', Subject => '[#4711] leer', Type => 'multipart/mixed');
$empty->attach(Data => '', Type => 'text/plain'); $empty->attach(Data => "\n", Type => 'text/plain');
save('empty', $empty);
"""

PERL_EMAIL = r"""
use strict; use warnings; use utf8; use Email::MIME;
my ($out, $card, $iban, $mail) = @ARGV;
my $text = "Grüße,\nKarte $card und Konto $iban.\nFrom hier an.\n.\n" . ("lange Zeile " x 40) . "\n> $mail\n";
sub save { my ($name, $top) = @_; open my $f, '>', "$out/perl-email-$name.eml" or die; binmode $f; print $f $top->as_string; close $f or die }
my @head = (header_str => [ From => 'support@example.com', To => $mail, Subject => "[#4711] Rückfrage $card, gefaltet, weil der Betreff sehr lang ist" ]);
for my $cte ('8bit', 'quoted-printable', 'base64') {
  for my $cs ('utf-8', 'iso-8859-1', 'utf-16') {
    next if $cs eq 'utf-16' && $cte ne 'base64';
    my $top = Email::MIME->create(@head, attributes => { content_type => 'text/plain', charset => $cs, encoding => $cte }, body_str => $text);
    (my $n = "$cte-$cs") =~ s/[^\w-]//g; save($n, $top);
  }
}
my @parts = (
  Email::MIME->create(attributes => { content_type => 'text/plain', charset => 'utf-8', encoding => 'quoted-printable' }, body_str => $text),
  Email::MIME->create(attributes => { content_type => 'text/html', charset => 'utf-8', encoding => 'base64' }, body_str => "<p>Karte $card ü</p>\n"));
my $alt = Email::MIME->create(attributes => { content_type => 'multipart/alternative' }, parts => [@parts]);
my $file = Email::MIME->create(attributes => { content_type => 'text/csv', encoding => 'base64', disposition => 'attachment',
  filename => "Kündigung $card.csv", name => 'kunden.csv' }, body => "nr,karte\r\n1,$card\r\n");
my $in = Email::MIME->create(@head, attributes => { content_type => 'text/plain', charset => 'utf-8', encoding => '8bit' }, body_str => $text);
my $fwd = Email::MIME->create(attributes => { content_type => 'message/rfc822', encoding => '8bit' }, body => $in->as_string);
my $fwd64 = Email::MIME->create(attributes => { content_type => 'message/rfc822', encoding => 'base64' }, body => $in->as_string);
save('mixed', Email::MIME->create(@head, attributes => { content_type => 'multipart/mixed' }, parts => [ $alt, $file, $fwd, $fwd64 ]));
"""


def with_perl(out, script, png):
    subprocess.run(["perl", "-e", script, out, plant.CARD, plant.IBAN, plant.EMAIL, png], check=True, stdout=subprocess.PIPE,
                   stderr=subprocess.PIPE)


def perl_has(module):
    return shutil.which("perl") and subprocess.run(["perl", "-M" + module, "-e", "1"], stderr=subprocess.DEVNULL).returncode == 0


# -- mutt --------------------------------------------------------------------

def with_mutt(out, home, png):
    """mutt in batch mode; its sendmail is a script that keeps what it is given."""
    def write(name, text, mode=0o600):
        path = os.path.join(home, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    keep = write("keep", "#!/bin/sh\ncat > \"$KEEP_TO\"\n", stat.S_IRWXU)
    csv = write("K\u00fcndigung 4111-1111-1111-1111.csv", CSV)
    inner = write("innen.eml", "From: %s\nSubject: innen %s\n\nKarte %s\n" % (plant.EMAIL, plant.IBAN, plant.CARD))
    base = "set sendmail=\"%s\"\nset sendmail_wait=0\nset copy=no\nset from=\"support@example.com\"\nset realname=\"Support\"\nset hostname=example.com\n" \
           "set use_from=yes\nset user_agent=yes\nset charset=utf-8\nset crypt_autosign=no\nset abort_noattach=no\n" % keep
    rows = [("plain", "", []), ("latin1", "set send_charset=\"us-ascii:iso-8859-15:utf-8\"\n", []), ("8bit", "set allow_8bit=yes\n", []),
            ("noallow8bit", "set allow_8bit=no\n", []), ("flowed", "set text_flowed=yes\n", []),
            ("rfc2047names", "set rfc2047_parameters=yes\n", ["-a", csv, png, "--"]),
            ("files", "", ["-a", csv, png, inner, "--"])]
    env = dict(os.environ, HOME=home, LC_ALL="C.UTF-8", TMPDIR=home, MAIL=os.path.join(home, "none"))
    for name, extra, args in rows:
        rc = write("rc-" + name, base + extra)
        env["KEEP_TO"] = os.path.join(out, "mutt-%s.eml" % name)
        subprocess.run(["mutt", "-n", "-F", rc, "-s", SUBJECT] + args + [plant.EMAIL], input=TEXT.encode(), env=env, check=True, timeout=60,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    draft = write("draft", "From: support@example.com\nTo: %s\nSubject: %s\nIn-Reply-To: <4711.1@desk.example.com>\n"
                           "X-Customer: %s\n\n%s" % (plant.EMAIL, SUBJECT, plant.CARD, TEXT))
    env["KEEP_TO"] = os.path.join(out, "mutt-draft.eml")
    subprocess.run(["mutt", "-n", "-F", write("rc-draft", base), "-H", draft], stdin=subprocess.DEVNULL, env=env, check=True, timeout=60,
                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    missing = [n for n in [r[0] for r in rows] + ["draft"] if not os.path.exists(os.path.join(out, "mutt-%s.eml" % n))]
    if missing:
        raise RuntimeError("mutt wrote nothing for " + ", ".join(missing))


def main(argv):
    if len(argv) != 2 or argv[1].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    out = os.path.abspath(argv[1])
    os.makedirs(out, exist_ok=True)
    failed = 0
    with tempfile.TemporaryDirectory() as home:
        png = os.path.join(home, "scan.png")
        with open(png, "wb") as f:
            f.write(plant.png())
        producers = [
            ("Python email", True, "", lambda: with_python(out)),
            ("Perl MIME::Entity", perl_has("MIME::Entity"), "install libmime-tools-perl", lambda: with_perl(out, PERL_ENTITY, png)),
            ("Perl Email::MIME", perl_has("Email::MIME"), "install libemail-mime-perl", lambda: with_perl(out, PERL_EMAIL, png)),
            ("mutt", shutil.which("mutt"), "install mutt", lambda: with_mutt(out, home, png))]
        for number, (name, there, why, run) in enumerate(producers, 1):
            if not there:
                print("ok %d - %s # SKIP not found: %s" % (number, name, why))
                continue
            before = len(os.listdir(out))
            try:
                run()
                print("ok %d - %s: %d messages" % (number, name, len(os.listdir(out)) - before))
            except (subprocess.SubprocessError, RuntimeError, OSError) as problem:
                failed += 1
                print("not ok %d - %s" % (number, name))
                print("  # %s %s" % (problem, getattr(problem, "stderr", b"") or ""))
    print("1..%d" % len(producers))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
