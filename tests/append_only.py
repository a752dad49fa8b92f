"""Lets the suite empty append-only tables between transactional tests on SQLite.

PostgreSQL empties with TRUNCATE, which no row trigger sees. SQLite has only DELETE, so the triggers go for that moment.
"""

from typing import Any

from django.db.backends.sqlite3.base import DatabaseOperations

_sql_flush = DatabaseOperations.sql_flush


def _sql_flush_with_triggers(self: DatabaseOperations, *args: Any, **kwargs: Any) -> list[str]:
    with self.connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%append-only%'")
        triggers = cursor.fetchall()
    drops = [f"DROP TRIGGER {name}" for name, _sql in triggers]
    return [*drops, *_sql_flush(self, *args, **kwargs), *[sql for _name, sql in triggers]]


def install() -> None:
    """Patch Django's SQLite backend for this test run."""
    DatabaseOperations.sql_flush = _sql_flush_with_triggers  # type: ignore[method-assign]
