"""Makes and mends the environment (.venv) that every command of the product runs in.

Standard library only, and written so that even an old Python can read it far enough to say in a plain sentence
(Indonesian, then English) what is missing and what to do.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows, where make is not at home either
    fcntl = None

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
NEEDED_MEGABYTES = 1200
LOCKS = {
    "run": ["requirements.txt"],
    "dev": ["requirements-dev.txt", "requirements-stripe-schema.txt"],
}


class Trouble(Exception):
    """Something that the person at the keyboard can mend: a sentence and a cure, in both languages."""

    def __init__(self, indonesian, english):
        super().__init__(english)
        self.indonesian = indonesian
        self.english = english


def say(text=""):
    print(text, flush=True)


def explain(trouble):
    say()
    say("  ✗ " + trouble.indonesian)
    say("    " + trouble.english)
    say()


def guarded(main):
    """Call `main()` and turn everything foreseeable into a sentence and exit code 1."""
    try:
        return main()
    except Trouble as trouble:
        explain(trouble)
    except OSError as error:
        explain(trouble_of(error))
    except subprocess.CalledProcessError as error:
        explain(
            Trouble(
                "Langkah ini gagal: {}. Pesannya ada di atas.".format(name_of(error.cmd)),
                "This step failed: {}. Its message is above.".format(name_of(error.cmd)),
            )
        )
    except KeyboardInterrupt:
        say()
    return 1


def name_of(command):
    return " ".join(str(part).replace(str(ROOT) + os.sep, "") for part in command[:6])


def trouble_of(error):
    """The plain sentence for an error of the operating system."""
    where = error.filename or ROOT
    if error.errno == 28:
        return no_space(where)
    if error.errno in (1, 13, 30):
        return Trouble(
            "Folder ini tidak bisa ditulisi: {}. Salin proyek ke folder milikmu sendiri, lalu coba lagi.".format(where),
            "This folder cannot be written to: {}. Copy the project to a folder of yours and try again.".format(where),
        )
    return Trouble("Gagal: {}".format(error), "Failed: {}".format(error))


def no_space(where):
    return Trouble(
        "Ruang disk habis di {}. Kosongkan sedikitnya {} MB, lalu jalankan lagi.".format(where, NEEDED_MEGABYTES),
        "The disk is full at {}. Free at least {} MB and run it again.".format(where, NEEDED_MEGABYTES),
    )


def borrowed():
    """An environment behind a link may be somebody else's too: it is never thrown away from here."""
    where = os.path.realpath(str(VENV))
    return Trouble(
        "Lingkungan .venv belum utuh, dan di sini hanya tautan ke {}. Hapus tautannya (rm .venv), lalu ulangi: "
        "lingkungan sendiri akan dibuat.".format(where),
        "The environment .venv was left half-made, and here it is only a link to {}. Remove the link (rm .venv) and "
        "try again: an environment of its own will be made.".format(where),
    )


def digest(paths):
    """One hash for the contents of `paths`, in order."""
    sha = hashlib.sha256()
    for path in paths:
        sha.update(str(path).encode())
        sha.update(Path(path).read_bytes())
    return sha.hexdigest()


def find_python():
    """The first Python on this machine that is new enough and can make an environment."""
    names = [os.environ.get("PYTHON", ""), sys.executable, "python3"]
    names += ["python3.%d" % minor for minor in range(14, OLDEST[1] - 1, -1)]
    probe = "import sys; print(sys.version_info >= (%d, %d)); import venv, ensurepip" % OLDEST
    lacks_venv = False
    for name in names:
        path = shutil.which(name) if name else None
        if path is None:
            continue
        result = subprocess.run([path, "-c", probe], check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        new_enough = result.stdout.strip() == b"True"
        if new_enough and result.returncode == 0:
            return path
        lacks_venv = lacks_venv or new_enough
    if lacks_venv:
        raise Trouble(
            "Python-mu belum punya modul venv. Pasang (Debian/Ubuntu: sudo apt install python3-venv), lalu ulangi.",
            "Your Python lacks its module venv. Install it (Debian/Ubuntu: sudo apt install python3-venv), try again.",
        )
    raise Trouble(
        "Perlu Python 3.11 atau lebih baru; yang ada di sini {}. Pasang dari python.org atau pengelola paketmu, "
        "lalu ulangi (atau: make run PYTHON=/jalur/ke/python3.11).".format(sys.version.split()[0]),
        "Python 3.11 or newer is needed; this machine has {}. Install it from python.org or your package manager "
        "and try again (or: make run PYTHON=/path/to/python3.11).".format(sys.version.split()[0]),
    )


def works():
    """Whether .venv has a Python that starts, is new enough and has pip."""
    if not PYTHON.exists():
        return False
    probe = "import sys, pip; sys.exit(sys.version_info < (%d, %d))" % OLDEST
    return subprocess.run([str(PYTHON), "-c", probe], check=False, stderr=subprocess.DEVNULL).returncode == 0


@contextlib.contextmanager
def only_one():
    """Two commands at once must not install into the same folder: the second waits."""
    VAR.mkdir(exist_ok=True)
    with open(str(VAR / "environment.lock"), "w") as handle:
        if fcntl is not None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                say("Menunggu perintah lain selesai memasang … (another command is installing; waiting)")
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def ensure(kind):
    """Make .venv right for `kind` ("run" or "dev"); does nothing when it is already."""
    if not os.access(str(ROOT), os.W_OK):
        raise trouble_of(PermissionError(13, "", str(ROOT)))
    with only_one():
        unfinished = VENV / ".unfinished"
        wanted = digest([ROOT / name for name in LOCKS[kind]])
        stamp = VENV / (".ready-" + kind)
        if not unfinished.exists() and works() and stamp.exists() and stamp.read_text() == wanted:
            return
        if shutil.disk_usage(str(ROOT)).free < NEEDED_MEGABYTES * 1024 * 1024:
            raise no_space(ROOT)
        if VENV.exists() and (unfinished.exists() or not works()):
            if VENV.is_symlink():
                raise borrowed()
            say("Lingkungan .venv belum utuh; dibuat ulang … (the environment was left half-made; making it anew)")
            shutil.rmtree(str(VENV))
        if not VENV.exists():
            say("Membuat lingkungan .venv … (making the environment)")
            VENV.mkdir()
            unfinished.touch()
            subprocess.run([find_python(), "-m", "venv", str(VENV)], check=True)
        unfinished.touch()
        say("Memasang paket, sekali saja, 1–3 menit … (installing packages, once, 1–3 minutes)")
        install(kind)
        stamp.write_text(wanted)
        unfinished.unlink()


def install(kind):
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--require-hashes"]
    # The locks name everything, and less than the packages ask for (pyproject.toml, tool.uv): never resolve again.
    pip.append("--no-deps")
    for name in LOCKS[kind]:
        result = subprocess.run([*pip, "-r", str(ROOT / name)], check=False, stderr=subprocess.PIPE)
        if result.returncode == 0:
            continue
        message = result.stderr.decode("utf-8", "replace")
        sys.stderr.write(message)
        if "No space left" in message:
            raise no_space(ROOT)
        raise Trouble(
            "Paket dari {} tidak terpasang. Periksa sambungan internet, lalu ulangi perintah yang sama.".format(name),
            "The packages of {} were not installed. Check the network and run the same command again.".format(name),
        )


def compile_messages():
    """Translations as the site reads them (.mo), made from locale/ whenever those change; needs no gettext."""
    folders = ("locale", "umkm/verification/admin_words")
    catalogues = sorted(path for folder in folders for path in (ROOT / folder).glob("*/LC_MESSAGES/*.po"))
    stamp = VAR / "state" / "messages"
    wanted = digest(catalogues)
    complete = all(path.with_suffix(".mo").exists() for path in catalogues)
    if complete and stamp.exists() and stamp.read_text() == wanted:
        return
    if catalogues:
        for folder in folders:
            # What scripts say stands in a catalogue of its own, where there is one.
            domains = " ".join(sorted({path.stem for path in catalogues if (ROOT / folder) in path.parents}))
            command = [str(VENV / "bin" / "pybabel"), "-q", "compile", "-d", folder, "-D", domains]
            subprocess.run(command, check=True, cwd=str(ROOT))
        # A catalogue whose header is marked fuzzy is skipped without an error: the site would speak English only.
        left_out = [str(path) for path in catalogues if not path.with_suffix(".mo").exists()]
        if left_out:
            raise Trouble(
                "Terjemahan tidak bisa dikompilasi: {}.".format(", ".join(left_out)),
                "These translations were not compiled; is their header marked fuzzy?",
            )
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted)


if __name__ == "__main__":
    sys.exit(guarded(lambda: ensure(sys.argv[1] if len(sys.argv) > 1 else "dev") or 0))
