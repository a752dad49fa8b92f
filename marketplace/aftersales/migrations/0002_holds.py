from django.db import migrations

OPEN = ["asked", "escalated", "returning", "sent_back", "refunding"]


def hold_what_is_open(apps, schema_editor):
    """Until now a part knew only that it is contested; from now on by what."""
    RefundRequest = apps.get_model("aftersales", "RefundRequest")
    PartHold = apps.get_model("orders", "PartHold")
    for pk, suborder_id in RefundRequest.objects.filter(status__in=OPEN).values_list("pk", "suborder_id"):
        PartHold.objects.get_or_create(suborder_id=suborder_id, cause=f"request:{pk}")


class Migration(migrations.Migration):
    dependencies = [("aftersales", "0001_initial"), ("orders", "0007_part_holds")]

    operations = [migrations.RunPython(hold_what_is_open, migrations.RunPython.noop)]
