"""The tables of the tests: made quickly, and put back for tests that commit.

On SQLite the migrated tables of one run serve the next as well, until a migration or what it reads changes: migrating
an empty database takes most of the time of a short run. PostgreSQL, and CI, always migrate.
"""

import hashlib
import os
import shutil
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection
from wagtail.models import Page, Site

from marketplace.installation.services import set_up_site

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "var" / "test-database"
_written: dict[str, str] = {}
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
    """Remember what migrations wrote, and keep a copy of freshly migrated tables for the next run."""
    with django_db_blocker.unblock():
        _written["by migrations"] = connection.creation.serialize_db_to_string()
        if connection.vendor == "postgresql":
            _never_vacuum()
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


def _never_vacuum() -> None:
    """Tests fill tables and roll back. Autovacuum, coming by in between, would note them as empty, and a plan for empty
    tables reads all regions anew for every row: forty seconds for a basket.
    """
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"ALTER TABLE {connection.ops.quote_name(table)} SET (autovacuum_enabled = off)")


def restore() -> None:
    """Put the tables back to what migrations wrote, whatever tests that commit have left.

    Django's own way (`serialized_rollback`) fails here: content types come back with other ids after each such test,
    and the event loop of a browser gives the thread another connection, which does not know what was kept.
    """
    call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
    connection.creation.deserialize_db_from_string(_written["by migrations"])
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(statement)
    ContentType.objects.clear_cache()
    Site.clear_site_root_paths_cache()


@pytest.fixture
def migrated(db: None) -> None:
    """What migrations wrote is there, also when the test before this one committed and its tables were emptied."""
    if not Page.objects.exists():
        restore()


@pytest.fixture
def site(transactional_db: None) -> None:
    """A site as `manage.py setup_site` leaves it, committed, for journeys in a browser and for races in threads."""
    restore()
    for _step in set_up_site():
        pass
