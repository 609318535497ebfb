"""Hostile mail costs at most a worker: it is listed as not looked at, in bounded time and memory, and everything around it is
scanned; a worker that is killed costs one message; and a worker can do nothing but compute and talk to its parent."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../bench"))
import measure  # noqa: E402
from harness import CARD, DESKSHRED, NOBODY, Sandbox, Tap, chosen, mail, maildir, program_of_nobody, skip_if_sanitized  # noqa: E402

ORDINARY = 50
SECONDS = 5            # of processor time, since a test machine has other things to do
MEMORY = 256 << 20     # of all processes together; GMime alone would take 1 GB and more
tap = Tap()

HOSTILE = {
    "From: of 81 KB of groups": b"From: " + b"a:" * 40500 + b"\n\nbody\n",
    "5 MB of empty parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 1000000,
    "6 MB of header lines": b"a:\n" * 2000000 + b"\nbody\n",
    "parts in parts, 5000 deep": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(5000)) + b"\nx\n",
    "messages in messages, 5000 deep": b"Content-Type: message/rfc822\n\n" * 5000 + b"x\n",
    "1 MB of To: with numbers": b"To: " + b"+49 30 23125 123, " * 55000 + b"x@example.org\n\nbody\n",
    "150 fields of 1000 parameters": (b"Content-Disposition: attachment" + b"; a=b" * 1000 + b"\n") * 150 + b"\nbody\n",
    "a line of 8 MB of quotes": b"Content-Type: text/plain\n\n" + b">" * (8 << 20) + b"\n",
    "8 MB of open tags": b"Content-Type: text/html\n\n" + b"<a title=\"" * 800000 + b"\n",
    "4 MB of at signs": b"Content-Type: text/plain\n\n" + b"a@a." * (1 << 20) + b"\n",
    "4 MB of digits and blanks": b"Content-Type: text/plain\n\n" + b"4 1-" * (1 << 20) + b"\n",
    "900 KB of encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 70000 + b"\n\nbody\n",
}


def ordinary():
    return [mail(number, f"My card is {CARD}, number {number}.\n", subject=f"Number {number}") for number in range(1, ORDINARY + 1)]


def jsonl(text):
    return [json.loads(line) for line in text.splitlines()]


def test_hostile():
    for name, data in HOSTILE.items():
        with Sandbox() as box:
            messages = ordinary()
            messages.insert(ORDINARY // 2, data)
            maildir(box.path / "mail", messages)
            cost = measure.run([DESKSHRED, "--jobs", "2", "scan", box.path / "mail", "--format", "jsonl"], env=box.env, cwd=box.path)
            lines = jsonl(cost.stdout)
            cards = {line["ref"].split("/")[-2] for line in lines if line["type"] == "finding" and line["kind"] == "credit-card"}
            blind = [line for line in lines if line["type"] == "not-looked-at"]
            tap.ok(cost.status == 0 and len(cards) >= ORDINARY, f"{name}: all {ORDINARY} mails around it are scanned",
                   f"exit {cost.status}, {len(cards)} of {ORDINARY}\n{cost.stderr.decode()[:500]}")
            limit = max(cost.pss, 0) or cost.rss
            timed_out = any(line["reason"] == "limit: time" for line in blind)
            tap.ok(cost.cpu < SECONDS and limit < MEMORY and not timed_out, f"{name}: bounded, and not by the clock",
                   f"cpu {cost.cpu:.1f} s, {limit >> 20} MiB, stopped by the clock: {timed_out}")
            print(f"# {name}: {cost.wall:.1f} s, cpu {cost.cpu:.1f} s, {measure.mebibytes(limit)}, not looked at: "
                  f"{sorted({line['reason'] for line in blind})}")
            if name in list(HOSTILE)[1:3]:
                tap.ok(blind, f"{name}: is listed as not looked at")


def slow_mail(number):
    """Some tenths of a second of honest work, so that a worker can be met at it."""
    return mail(number, "\n".join(f"{n} Call +49 30 23125 {n % 1000:03d} or write to u{n}@example.org" for n in range(40000)) + "\n")


def status_of(pid):
    fields = {}
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            key, _, value = line.partition(":")
            fields[key] = value.strip()
    return fields


def start(box, jobs):
    return subprocess.Popen([DESKSHRED, "--jobs", str(jobs), "scan", str(box.path / "mail"), "--format", "jsonl"], env=box.env, cwd=box.path,
                            stdout=open(box.path / "out", "wb"), stderr=subprocess.PIPE)


def wait_for_workers(process, count):
    """Workers that have closed their door."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        workers = measure.children(process.pid)
        try:
            if len(workers) == count and all(status_of(pid).get("Seccomp") == "2" for pid in workers):
                return workers
        except OSError:
            pass
        time.sleep(0.005)
    return []


def test_door():
    with Sandbox() as box:
        maildir(box.path / "mail", [slow_mail(number) for number in range(1, 7)])
        process = start(box, 2)
        workers = wait_for_workers(process, 2)
        if not tap.ok(len(workers) == 2, "two workers run"):
            process.kill()
            return
        for worker in workers:
            status = status_of(worker)
            tap.equal(status["Seccomp"], "2", "a worker's system calls are filtered")
            tap.equal(status["NoNewPrivs"], "1", "it can gain no privileges")
            try:
                descriptors = sorted(int(fd) for fd in os.listdir(f"/proc/{worker}/fd"))
                names = {fd: os.readlink(f"/proc/{worker}/fd/{fd}") for fd in descriptors}
                beyond = [fd for fd in descriptors if fd > 2]
                tap.ok(len(beyond) == 1 and names[beyond[0]].startswith("socket:"), "one socket is open, and nothing else beyond 2", names)
                with open(f"/proc/{worker}/limits") as limits:
                    table = {line[:26].strip(): line[26:].split()[0] for line in limits}
                tap.equal(table["Max core file size"], "0", "no core file")
                tap.equal(table["Max file size"], "0", "no file can grow")
                tap.ok(table["Max address space"] != "unlimited", "address space is bounded", table)
                tap.ok(int(table["Max open files"]) <= beyond[0] + 1, "no descriptor can be opened", table)
            except PermissionError:
                tap.ok(True, "descriptors and limits # SKIP only root may look at an undumpable process")
            owner = os.stat(f"/proc/{worker}/environ").st_uid
            tap.ok(owner == 0, "it is not dumpable: its /proc files are root's", owner)
        tap.equal(process.wait(timeout=120), 0, "and they do their work")


def limits_of(pid):
    with open(f"/proc/{pid}/limits") as limits:
        return {line[:26].strip(): line[26:].split()[0] for line in limits}


def start_as_nobody(box, jobs):
    """To root all files in /proc belong, so root has another user run it."""
    home = box.path / "nobody"
    box.path.chmod(0o755)
    program, user = program_of_nobody(home)
    os.chown(home, NOBODY, NOBODY)
    env = dict(box.env, XDG_STATE_HOME=str(home), XDG_CACHE_HOME=str(home))
    return subprocess.Popen([*program, "--jobs", str(jobs), "scan", box.path / "mail"], cwd="/", env=env, stdout=subprocess.DEVNULL, **user)


def test_undumpable():
    with Sandbox() as box:
        maildir(box.path / "mail", [slow_mail(number) for number in range(1, 7)])
        process = start_as_nobody(box, 2) if os.geteuid() == 0 else start(box, 2)
        workers = wait_for_workers(process, 2)
        tap.equal(len(workers), 2, "two workers run")
        for what, pid in [("the program", process.pid), *(("a worker", worker) for worker in workers)]:
            tap.equal(os.stat(f"/proc/{pid}/environ").st_uid, 0, f"{what} is not dumpable: its /proc files are root's, whoever runs it")
            try:
                with open(f"/proc/{pid}/limits") as limits:
                    cores = [line.split()[4:6] for line in limits if line.startswith("Max core file size")]
                tap.equal(cores, [["0", "0"]], "and leaves no core file")
            except PermissionError:
                tap.ok(True, "and leaves no core file # SKIP only root may look at an undumpable process")
        process.kill()
        process.wait()


def test_no_cage():
    """Where the kernel has no filter to give, no mail is parsed."""
    name = "without a cage no mail is parsed"
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(1, f"My card is {CARD}.\n")])
        refuse = ["strace", "-f", "-qq", "-o", str(box.path / "trace"), "-e", "trace=seccomp", "-e", "inject=seccomp:error=EPERM"]
        if shutil.which("strace") is None or subprocess.run([*refuse, "true"], capture_output=True).returncode != 0:
            tap.ok(True, f"{name} # SKIP needs strace, and a system that lets it trace")
            return
        done = subprocess.run([*refuse, DESKSHRED, "--jobs", "1", "scan", "mail", "--format", "jsonl"], env=box.env, cwd=box.path,
                              capture_output=True, text=True)
        tap.ok(done.returncode == 3 and "a worker cannot be confined" in done.stderr and '"finding"' not in done.stdout, name,
               (done.returncode, done.stderr, done.stdout))


def test_killed():
    with Sandbox() as box:
        count = 8
        maildir(box.path / "mail", [slow_mail(number) for number in range(1, count + 1)])
        process = start(box, 1)
        workers = wait_for_workers(process, 1)
        time.sleep(0.15)
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        status = process.wait(timeout=120)
        lines = jsonl((box.path / "out").read_text())
        blind = [line for line in lines if line["type"] == "not-looked-at"]
        seen = {line["message"] for line in lines if line["type"] == "finding"}
        summary = lines[-1] if lines else {}
        tap.ok(status == 0 and summary.get("type") == "summary", "the parent survives a worker's death and ends its work", f"{status} {process.stderr.read()}")
        tap.equal([line["reason"] for line in blind], ["parser crashed"], "it cost one message, and that is listed")
        tap.equal(len(seen), count - 1, "all others are scanned")
        again = subprocess.run([DESKSHRED, "scan", str(box.path / "mail"), "--format", "jsonl"], env=box.env, capture_output=True, text=True)
        tap.equal(len({line["message"] for line in jsonl(again.stdout) if line["type"] == "finding"}), count, "the next scan looks at it again")


def test_all_killed():
    """Whoever kills every worker at once meets an end, and no endless loop."""
    with Sandbox() as box:
        maildir(box.path / "mail", [slow_mail(number) for number in range(1, 13)])
        process = start(box, 2)
        wait_for_workers(process, 2)
        ended = threading.Event()

        def hunt():
            while not ended.is_set():
                for worker in measure.children(process.pid):
                    try:
                        os.kill(worker, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
                time.sleep(0.02)
        hunter = threading.Thread(target=hunt)
        hunter.start()
        try:
            status = process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            status = None
        ended.set()
        hunter.join()
        tap.ok(status in (0, 1, 3), "a run whose workers all die ends", status)


def test_parent_killed():
    with Sandbox() as box:
        maildir(box.path / "mail", [slow_mail(number) for number in range(1, 7)])
        process = start(box, 2)
        workers = wait_for_workers(process, 2)
        for worker in workers:  # one that can move would end by itself, when nobody takes its answer
            os.kill(worker, signal.SIGSTOP)
        process.kill()
        process.wait()
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and any(pathlib.Path(f"/proc/{pid}").exists() for pid in workers):
            time.sleep(0.02)
        tap.ok(not any(pathlib.Path(f"/proc/{pid}").exists() and status_of(pid).get("State", "Z")[0] != "Z" for pid in workers),
               "no worker outlives its parent")
        for worker in workers:
            try:
                os.kill(worker, signal.SIGKILL)
            except ProcessLookupError:
                pass


if __name__ == "__main__":
    skip_if_sanitized()
    for test in chosen():
        test()
    sys.exit(tap.done())
