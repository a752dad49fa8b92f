"""SQLite only: the migrated tables of one test run serve the next as well, until a migration or what it reads changes.

Migrating an empty database takes most of the time of a short run. PostgreSQL, and CI, always migrate.
"""

import hashlib
import os
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "var" / "test-database"
PACKAGES = ("marketplace", "umkm", "cms", "search")


def _kept_copy() -> Path:
    sha = hashlib.sha256()
    patterns = ("**/migrations/*.py", "**/data/*.csv", "**/data/*.json")
    paths = [ROOT / "requirements.txt", ROOT / "marketplace" / "settings" / "base.py"]
    paths += [path for name in PACKAGES for pattern in patterns for path in sorted((ROOT / name).glob(pattern))]
    for path in paths:
        sha.update(path.name.encode() + path.read_bytes())
    return KEPT / f"{sha.hexdigest()[:24]}.sqlite3"


def _is_used() -> bool:
    return settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") and os.environ.get("CI") != "true"


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """Put the kept copy where Django will look for its test database, and let it use that."""
    kept = _kept_copy()
    if not (_is_used() and kept.exists()):
        return False
    shutil.copy(kept, settings.DATABASES["default"]["TEST"]["NAME"])
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_keepdb: bool, django_db_blocker) -> None:
    """Keep a copy of freshly migrated tables for the next run."""
    if not _is_used() or django_db_keepdb:
        return
    kept = _kept_copy()
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    KEPT.mkdir(parents=True, exist_ok=True)
    partial = kept.with_suffix(f".{os.getpid()}")
    shutil.copy(settings.DATABASES["default"]["TEST"]["NAME"], partial)
    partial.replace(kept)
    for outdated in KEPT.glob("*.sqlite3"):
        if outdated != kept:
            outdated.unlink(missing_ok=True)
