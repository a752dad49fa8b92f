"""New documents go into the text index at once, instead of into a list that waits for the next vacuum.

A statement reads that list whole beside the index: after a mass of new products the planner rather reads the table.
"""

from django.db import migrations

INDEXES = ("search_document_vector", "search_word_trigrams")


def _set(setting, is_emptied):
    def operation(apps, schema_editor):
        if schema_editor.connection.vendor != "postgresql":
            return
        for index in INDEXES:
            schema_editor.execute(f"ALTER INDEX {index} {setting}")
            if is_emptied:
                schema_editor.execute("SELECT gin_clean_pending_list(%s::regclass)", [index])

    return operation


class Migration(migrations.Migration):
    dependencies = [("search", "0004_more_words")]

    operations = [
        migrations.RunPython(_set("SET (fastupdate = off)", is_emptied=True), _set("RESET (fastupdate)", is_emptied=False)),
    ]
