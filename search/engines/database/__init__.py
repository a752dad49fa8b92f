"""The built-in engine: FTS5 on SQLite, tsvector on PostgreSQL. The default, and the fallback of any other."""

from django.db import connection

from search.engines.database.engine import DatabaseEngine
from search.engines.database.postgresql import PostgreSQLEngine
from search.engines.database.sqlite import SQLiteEngine


def database_engine() -> DatabaseEngine:
    """The engine for the database that is in use."""
    return PostgreSQLEngine() if connection.vendor == "postgresql" else SQLiteEngine()


__all__ = ["DatabaseEngine", "database_engine"]
