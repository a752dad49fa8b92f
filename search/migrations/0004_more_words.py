"""More words that the product ships. What the site's people wrote about a word stays as they wrote it."""

import csv
from pathlib import Path

from django.db import migrations

DATA = Path(__file__).resolve().parent.parent / "data"


def load(apps, schema_editor):
    for name, model in (("synonyms.csv", "SynonymGroup"), ("words.csv", "LexiconWord")):
        with (DATA / name).open(encoding="utf-8", newline="") as file:
            rows = [apps.get_model("search", model)(**row) for row in csv.DictReader(file)]
        apps.get_model("search", model).objects.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("search", "0003_load_words")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
