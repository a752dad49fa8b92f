from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def place_listings(apps, schema_editor):
    """What is on sale already stands where its shop stands."""
    vendor = apps.get_model("vendors", "Vendor").objects.filter(pk=OuterRef("vendor_id"))
    apps.get_model("catalogue", "ProductListing").objects.update(
        latitude=Subquery(vendor.values("latitude")[:1]), longitude=Subquery(vendor.values("longitude")[:1])
    )


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0005_list_indexes"), ("vendors", "0001_initial")]

    operations = [
        migrations.AddField("productlisting", "rating_average", models.FloatField(default=0.0)),
        migrations.AddField("productlisting", "rating_count", models.PositiveIntegerField(default=0)),
        migrations.AddField("productlisting", "rating_score", models.FloatField(default=0.0)),
        migrations.AddField("productlisting", "latitude", models.FloatField(null=True)),
        migrations.AddField("productlisting", "longitude", models.FloatField(null=True)),
        migrations.RunPython(place_listings, migrations.RunPython.noop),
    ]
