"""make lint: every check of the code itself, as one table; the same checks run as tests in tests/architecture/.

Prints what each failing check said and writes var/lint/lint.json.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
OUT = ROOT / "var" / "lint"
PACKAGES = ["marketplace", "umkm", "cms", "search"]
# What `check --deploy` needs to see: the shape of a real site's environment, with nothing real in it.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "marketplace.settings.production",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-=_",
    "SALT_KEY": "a-long-salt-for-the-check-only",
    "ALLOWED_HOSTS": "lapak.example",
    "BASE_URL": "https://lapak.example",
    "DATABASE_URL": "postgres://lapak:secret@127.0.0.1:5432/lapak",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "STRIPE_SECRET_KEY": "sk_live_not_a_real_one",
    "STRIPE_WEBHOOK_SECRET": "whsec_not_a_real_one",
}
NOT_CHECKED = "NOT CHECKED"
# What a check exits with when the service that it asks cannot be reached: said, and no failure of the code.
OUT_OF_REACH = 75


@dataclass(frozen=True)
class Check:
    """One command that is right when it exits with 0."""

    name: str
    command: list[str]
    environ: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    name: str
    status: str
    seconds: float
    output: str

    @property
    def is_failure(self) -> bool:
        return self.status == "FAIL"


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


CHECKS = [
    Check("ruff check", [str(BIN / "ruff"), "check", "."]),
    Check("ruff format", [str(BIN / "ruff"), "format", "--check", "."]),
    Check("mypy", [str(BIN / "mypy")], {"DJANGO_SETTINGS_MODULE": "marketplace.settings.test"}),
    Check("import-linter", [str(BIN / "lint-imports"), "--no-cache"]),
    Check("bandit", [str(BIN / "bandit"), "-q", "-c", "pyproject.toml", "-r", *PACKAGES]),
    Check("templates", python("tools/template_lint.py")),
    Check("migrations", python("manage.py", "makemigrations", "--check", "--dry-run")),
    Check("check", python("manage.py", "check", "--fail-level", "WARNING")),
    Check("check --deploy", python("manage.py", "check", "--deploy", "--fail-level", "WARNING"), PRODUCTION),
    Check("translations", python("tools/translations.py")),
    Check("pip-audit", python("tools/audit.py")),
]


def run_check(check: Check) -> Result:
    """Run one check from the top of the tree."""
    started = time.monotonic()
    done = subprocess.run(
        check.command,
        check=False,
        cwd=ROOT,
        # Tests in a browser switch this on in their own process; a site never does.
        env={k: v for k, v in os.environ.items() if k != "DJANGO_ALLOW_ASYNC_UNSAFE"} | check.environ,
        capture_output=True,
        text=True,
        timeout=900,
    )
    output = (done.stdout + done.stderr).strip()
    status = {0: "ok", OUT_OF_REACH: NOT_CHECKED}.get(done.returncode, "FAIL")
    return Result(check.name, status, round(time.monotonic() - started, 1), output)


def main() -> int:
    results = []
    for check in CHECKS:
        result = run_check(check)
        results.append(result)
        print(f"{result.name:<16} {result.status:<12} {result.seconds:>6.1f} s", flush=True)
        if result.is_failure:
            print(result.output)
        elif result.status == NOT_CHECKED:
            print("  " + result.output)
    OUT.mkdir(parents=True, exist_ok=True)
    rows = [{"check": r.name, "status": r.status, "seconds": r.seconds, "output": r.output} for r in results]
    (OUT / "lint.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False))
    return int(any(result.is_failure for result in results))


if __name__ == "__main__":
    sys.exit(main())
