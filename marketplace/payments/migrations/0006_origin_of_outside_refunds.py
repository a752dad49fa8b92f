from django.db import migrations


def name_them(apps, schema_editor):
    """Refunds made at the provider had no cause to be followed by; from now on requests follow them."""
    Refund = apps.get_model("payments", "Refund")
    for pk, known_as in Refund.objects.filter(reason="outside", origin="").values_list("pk", "provider_refund_id"):
        Refund.objects.filter(pk=pk).update(origin=f"outside:{known_as}"[:60])


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_outside_refunds")]

    operations = [migrations.RunPython(name_them, migrations.RunPython.noop)]
