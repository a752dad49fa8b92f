"""The synonyms and words with a rule that the product ships; from then on they belong to the people of the site."""

import csv
from pathlib import Path

from django.db import migrations

DATA = Path(__file__).resolve().parent.parent / "data"


def load(apps, schema_editor):
    with (DATA / "synonyms.csv").open(encoding="utf-8", newline="") as file:
        apps.get_model("search", "SynonymGroup").objects.bulk_create(
            [apps.get_model("search", "SynonymGroup")(**row) for row in csv.DictReader(file)], ignore_conflicts=True
        )
    with (DATA / "words.csv").open(encoding="utf-8", newline="") as file:
        apps.get_model("search", "LexiconWord").objects.bulk_create(
            [apps.get_model("search", "LexiconWord")(**row) for row in csv.DictReader(file)], ignore_conflicts=True
        )


class Migration(migrations.Migration):
    dependencies = [("search", "0002_text_index")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
