"""A migration operation that makes a table append-only in the database itself, on SQLite and PostgreSQL."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def _create(table: str, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"""
            CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$;
            CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_append_only();
            """
        )
        return
    for event in ("UPDATE", "DELETE"):
        schema_editor.execute(
            f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _drop(table: str, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER {table}_append_only ON {table}; DROP FUNCTION {table}_append_only()")
        return
    for event in ("update", "delete"):
        schema_editor.execute(f"DROP TRIGGER {table}_no_{event}")


def append_only_again(table: str) -> migrations.RunPython:
    """Put the refusals back after a migration that changed `table`: SQLite makes the table anew and loses them."""

    def restore(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor == "sqlite":
            _create(table, schema_editor)

    return migrations.RunPython(restore, migrations.RunPython.noop)


def append_only(table: str) -> migrations.RunPython:
    """The operation that refuses UPDATE and DELETE on `table` from then on, whoever asks."""
    return migrations.RunPython(
        lambda apps, schema_editor: _create(table, schema_editor),
        lambda apps, schema_editor: _drop(table, schema_editor),
    )
