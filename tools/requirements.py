"""make requirements: locks the short lists (*.in) into requirements*.txt, with hashes and nothing of this machine."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("requirements", "requirements-dev", "requirements-stripe-schema")
OPTIONS = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
SILENT = ["--no-emit-index-url", "--no-emit-find-links"]


def main() -> int:
    uv = str(Path(sys.executable).parent / "uv")
    for name in NAMES:
        alone = ["--no-deps"] if name.endswith("schema") else []
        command = [uv, "pip", "compile", *OPTIONS, *SILENT, *alone, f"{name}.in", "-o", f"{name}.txt"]
        subprocess.run(command, check=True, cwd=ROOT)
        print(f"{name}.txt")
    return 0


if __name__ == "__main__":
    sys.exit(main())
