"""The text index that hangs on search_document: FTS5 with triggers on SQLite, tsvector and trigrams on PostgreSQL."""

from django.db import migrations

SQLITE = [
    """
    CREATE VIRTUAL TABLE search_document_fts USING fts5(
        surface, stem, label, body, content='search_document', content_rowid='product_id',
        tokenize="unicode61 remove_diacritics 2", prefix='2 3'
    )
    """,
    """
    CREATE TRIGGER search_document_added AFTER INSERT ON search_document BEGIN
        INSERT INTO search_document_fts(rowid, surface, stem, label, body)
        VALUES (new.product_id, new.surface, new.stem, new.label, new.body);
    END
    """,
    """
    CREATE TRIGGER search_document_removed AFTER DELETE ON search_document BEGIN
        INSERT INTO search_document_fts(search_document_fts, rowid, surface, stem, label, body)
        VALUES ('delete', old.product_id, old.surface, old.stem, old.label, old.body);
    END
    """,
    """
    CREATE TRIGGER search_document_changed AFTER UPDATE ON search_document BEGIN
        INSERT INTO search_document_fts(search_document_fts, rowid, surface, stem, label, body)
        VALUES ('delete', old.product_id, old.surface, old.stem, old.label, old.body);
        INSERT INTO search_document_fts(rowid, surface, stem, label, body)
        VALUES (new.product_id, new.surface, new.stem, new.label, new.body);
    END
    """,
]
SQLITE_BACK = [
    "DROP TRIGGER search_document_changed",
    "DROP TRIGGER search_document_removed",
    "DROP TRIGGER search_document_added",
    "DROP TABLE search_document_fts",
]
# pg_trgm is a trusted extension: the owner of the database may create it.
POSTGRESQL = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    """
    ALTER TABLE search_document ADD COLUMN vector tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple'::regconfig, stem), 'A')
        || setweight(to_tsvector('simple'::regconfig, surface), 'B')
        || setweight(to_tsvector('simple'::regconfig, label), 'C')
        || setweight(to_tsvector('simple'::regconfig, body), 'D')
    ) STORED
    """,
    "CREATE INDEX search_document_vector ON search_document USING gin (vector)",
    "CREATE INDEX search_word_trigrams ON search_word USING gin (word gin_trgm_ops)",
]
POSTGRESQL_BACK = [
    "DROP INDEX search_word_trigrams",
    "DROP INDEX search_document_vector",
    "ALTER TABLE search_document DROP COLUMN vector",
]


def _run(postgresql, sqlite):
    def operation(apps, schema_editor):
        statements = postgresql if schema_editor.connection.vendor == "postgresql" else sqlite
        for statement in statements:
            schema_editor.execute(statement)

    return operation


class Migration(migrations.Migration):
    dependencies = [("search", "0001_documents_and_words")]

    operations = [migrations.RunPython(_run(POSTGRESQL, SQLITE), _run(POSTGRESQL_BACK, SQLITE_BACK))]
