"""The zones and rates that ship with the product; operators change them later."""

import json
from pathlib import Path

from django.db import migrations

RATES_FILE = Path(__file__).resolve().parent.parent / "data" / "rates.json"


def add_rates(apps, schema_editor):
    zones = apps.get_model("shipping", "ShippingZone")
    rates = apps.get_model("shipping", "ShippingRate")
    for row in json.loads(RATES_FILE.read_text(encoding="utf-8")):
        prices = row.pop("rates")
        zone, created = zones.objects.get_or_create(slug=row["slug"], defaults=row)
        if created:
            rates.objects.bulk_create(
                rates(zone=zone, up_to_grams=int(grams), price=price) for grams, price in prices.items()
            )


class Migration(migrations.Migration):
    dependencies = [("shipping", "0001_initial")]

    operations = [migrations.RunPython(add_rates, migrations.RunPython.noop)]
