"""make run: the whole product on this machine — environment, database, demo, web server, worker and local Stripe.

PORT moves the web server (8000), HOST opens it to other machines (127.0.0.1), DATABASE_URL takes another database.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import environment as house
from environment import PYTHON, ROOT, VAR, Trouble, say

STATE = VAR / "state"
LOGS = VAR / "log"
START_WITHIN = 90
STOP_WITHIN = 8
LOGINS = STATE / "logins.json"


class Child:
    """One of the programs that run together, its output shown with its name and kept in var/log/."""

    def __init__(self, name, arguments, environ):
        self.name = name
        self.last_lines = deque(maxlen=25)
        self.log = open(str(LOGS / (name + ".log")), "w", encoding="utf-8")  # noqa: SIM115 - closed in stop()
        # A session of its own, so that Ctrl-C reaches it only through stop(), and its reloader ends with it.
        self.process = subprocess.Popen(
            [str(PYTHON), "-u", "manage.py", *arguments],
            cwd=str(ROOT),
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for raw in self.process.stdout:
            line = raw.decode("utf-8", "replace").rstrip()
            self.last_lines.append(line)
            self.log.write(line + "\n")
            self.log.flush()
            if "--quiet" not in sys.argv:
                say("{:>6} | {}".format(self.name, line))

    def send(self, signum):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signum)

    def stop(self, deadline):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.1, deadline - time.monotonic()))
        self.send(signal.SIGKILL)
        self.process.wait()
        self.reader.join(2)
        self.log.close()


def read_port():
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise Trouble(
            "PORT harus angka 1–65535, bukan “{}”. Contoh: make run PORT=8001".format(text),
            "PORT must be a number from 1 to 65535, not “{}”. Example: make run PORT=8001".format(text),
        )
    return int(text)


def is_free(host, port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == 13:
                raise Trouble(
                    "Port {} hanya untuk administrator. Jalankan: make run PORT=8000".format(port),
                    "Port {} is reserved for the administrator. Run: make run PORT=8000".format(port),
                ) from error
            return False
    return True


def free_port(host, first):
    for port in range(first, first + 50):
        if port <= 65535 and is_free(host, port):
            return port
    raise Trouble(
        "Tidak ada port kosong setelah {}. Coba: make run PORT=18000".format(first),
        "No free port after {}. Try: make run PORT=18000".format(first),
    )


def manage(environ, *arguments, **options):
    command = [str(PYTHON), "manage.py", *arguments]
    return subprocess.run(command, cwd=str(ROOT), env=environ, check=True, **options)


def once(name, wanted, action):
    """Do `action` unless it was done for what `wanted()` says now; a run that broke off is done again."""
    stamp = STATE / name
    if stamp.exists() and stamp.read_text() == wanted():
        return
    if stamp.exists():
        stamp.unlink()
    action()
    stamp.write_text(wanted())


def prepare_database(environ):
    """Tables and demo, each only when something of theirs has changed since they were made."""
    database = VAR / "db.sqlite3"
    packages = ("marketplace", "umkm", "cms", "search")
    migrations = [path for name in packages for path in sorted((ROOT / name).glob("**/migrations/*.py"))]
    demo = [path for kind in ("py", "json") for path in sorted((ROOT / "marketplace").glob("**/demo/**/*." + kind))]
    tables = house.digest([ROOT / "requirements.txt", *migrations])

    def state(of):
        where = environ.get("DATABASE_URL") or (str(database.stat().st_ino) if database.exists() else "none")
        return where + " " + of

    def migrate():
        say("Menyiapkan basis data … (preparing the database)")
        manage(environ, "migrate", "--verbosity", "0")

    def load_demo():
        say("Memuat data contoh … (loading the demo)")
        manage(environ, "demo")
        LOGINS.write_bytes(manage(environ, "demo", "--logins", stdout=subprocess.PIPE).stdout)

    once("migrated", lambda: state(tables), migrate)
    once("demo", lambda: state(tables + house.digest(demo)), load_demo)


def children_of(environ, host, port, stripe_port):
    return [
        Child("stripe", ["stripe_sandbox", "--port", str(stripe_port)], environ),
        Child("worker", ["worker"], environ),
        Child("web", ["runserver", "--nostatic", "{}:{}".format(host, port)], environ),
    ]


def wait_until_ready(address, children, stopping):
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline and not stopping.is_set():
        check_alive(children)
        try:
            with urllib.request.urlopen(address + "/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            stopping.wait(0.2)
    if not stopping.is_set():
        raise Trouble(
            "Situs belum menjawab dalam {} detik. Lihat var/log/web.log.".format(START_WITHIN),
            "The site did not answer within {} seconds. See var/log/web.log.".format(START_WITHIN),
        )


def check_alive(children):
    for child in children:
        if child.process.poll() is not None:
            child.reader.join(2)
            if "--quiet" in sys.argv:
                say("\n".join(child.last_lines))
            raise Trouble(
                "Bagian “{0}” berhenti (kode {1}); yang lain ikut dihentikan. Pesannya ada di atas dan di "
                "var/log/{0}.log.".format(child.name, child.process.returncode),
                "The part “{0}” ended (code {1}), so the others were stopped. Its message is above and in "
                "var/log/{0}.log.".format(child.name, child.process.returncode),
            )


def welcome(address, stripe_port):
    lines = [
        "",
        "  Lapak Ngalam siap. (ready)",
        "",
        "    situs / site          {}/          English: {}/en/".format(address, address),
        "    pemilik / owners      {}/portal/".format(address),
        "    petugas / officers    {}/admin/".format(address),
        "    Stripe lokal / local  http://localhost:{}/".format(stripe_port),
        "",
    ]
    logins = json.loads(LOGINS.read_text()) if LOGINS.exists() else []
    keys = ["role", "email", "password", "totp_secret"]
    table = [["peran / role", "email", "sandi / password", "TOTP"]] + [
        [row.get(key) or "" for key in keys] for row in logins
    ]
    widths = [max(len(row[column]) for row in table) for column in range(len(keys))]
    for row in table if logins else []:
        lines.append(("    " + "   ".join(cell.ljust(width) for cell, width in zip(row, widths))).rstrip())
    if logins:
        lines += ["", "    kode TOTP saat ini / the code of now: .venv/bin/python manage.py demo --code"]
    lines += ["", "    Berhenti / stop: Ctrl-C", ""]
    say("\n".join(lines))


def main():
    started = time.monotonic()
    host = os.environ.get("HOST") or "127.0.0.1"
    port = read_port()
    if not is_free(host, port):
        raise Trouble(
            "Port {} sedang dipakai program lain. Jalankan: make run PORT={}".format(port, free_port(host, port + 1)),
            "Port {} is in use by another program. Run: make run PORT={}".format(port, free_port(host, port + 1)),
        )
    house.ensure("run")
    for folder in (STATE, LOGS):
        folder.mkdir(parents=True, exist_ok=True)
    stripe_port = free_port("127.0.0.1", port + 1)
    address = "http://localhost:{}".format(port)
    environ = dict(os.environ)
    environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings.development")
    environ.setdefault("BASE_URL", address)
    environ.setdefault("STRIPE_API_BASE", "http://localhost:{}".format(stripe_port))
    house.compile_messages()
    prepare_database(environ)

    stopping = threading.Event()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, lambda *_: stopping.set())
    children = []
    try:
        children += children_of(environ, host, port, stripe_port)
        wait_until_ready("http://{}:{}".format("127.0.0.1" if host == "0.0.0.0" else host, port), children, stopping)
        if not stopping.is_set():
            welcome(address, stripe_port)
            say("    ({:.1f} s)".format(time.monotonic() - started))
        while not stopping.wait(0.5):
            check_alive(children)
    finally:
        deadline = time.monotonic() + STOP_WITHIN
        for child in children:
            child.send(signal.SIGTERM)
        for child in children:
            child.stop(deadline)
    say("\n  Berhenti. (stopped)")
    return 0


if __name__ == "__main__":
    sys.exit(house.guarded(main))
